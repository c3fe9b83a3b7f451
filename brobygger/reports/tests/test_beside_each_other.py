"""Reports that share days: a third of a year, a sheet, the year. What one showed, the other cannot take apart."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from brobygger.reports import queries, releasing, rules, services
from brobygger.reports.models import Report
from brobygger.reports.tests import houses
from brobygger.statistics import attack, published

YEAR = rules.year(2026)
SPRING, SUMMER, AUTUMN = (rules.third(2026, which) for which in (1, 2, 3))


@pytest.fixture
def house(furnished: Any, alma: Any, at: Any) -> Any:
    """Give who fills a house: so many courses that began on a day, and how many of them a child lives with a father."""

    def fill(began: date, number: int, fathers: int = 0, ended: date | None = None, stopped: int = 0) -> None:
        for each in range(number):
            reason = "family_stopped" if each < stopped else "completed"
            living = {"with": "father" if each < fathers else "mother"}
            houses.family(alma, opened=began, ended=ended, reason=reason, living=living)

    at(houses.JANUARY)
    return fill


def cell(report: Report, table: str, row: str, column: str) -> Any:
    """Read one cell of a report's frozen figures."""
    kept = report.figures["tables"][table]
    return kept["cells"][kept["rows"].index(row)][kept["columns"].index(column)]


def out(by: Any, period: rules.Period, template: str = "year") -> Report:
    """Count a period and let it out."""
    made = services.make(period=period, template=template, by=by)
    services.release(report=made, by=by)
    made.refresh_from_db()
    return made


def test_a_year_goes_out_after_its_thirds(house: Any, clara: Any) -> None:
    house(date(2026, 2, 1), 12)
    house(date(2026, 6, 1), 9)
    house(date(2026, 10, 1), 7)
    thirds = [out(clara, each) for each in (SPRING, SUMMER, AUTUMN)]
    year = out(clara, YEAR)

    began = [cell(each, "S1.courses", "courses", "started") for each in (*thirds, year)]
    assert began == [{"n": 12}, {"n": 9}, {"n": 7}, {"n": 28}]


def test_what_is_left_of_a_year_beside_its_spring_is_a_small_number_too(house: Any, clara: Any) -> None:
    house(date(2026, 2, 1), 12)
    house(date(2026, 10, 1), 2)
    out(clara, SPRING)
    year = out(clara, YEAR)

    # Fourteen less twelve is two: so the year does not say fourteen.
    assert cell(year, "S1.courses", "courses", "started") == {"hidden": True}


def test_what_a_third_hid_is_not_what_the_year_and_the_others_leave(house: Any, clara: Any) -> None:
    house(date(2026, 2, 1), 20, fathers=3)  # three: hidden in spring
    house(date(2026, 6, 1), 20, fathers=8)
    house(date(2026, 10, 1), 20, fathers=9)
    thirds = [out(clara, each) for each in (SPRING, SUMMER, AUTUMN)]
    year = out(clara, YEAR)

    told = [cell(each, "S2.living", "total", "father") for each in (*thirds, year)]
    assert told[0] == {"hidden": True}
    # Both others shown, and the year as well, would leave three for the spring.
    assert {"hidden": True} in told[1:]
    assert cell(year, "S1.courses", "courses", "started") == {"n": 60}


def test_a_third_goes_out_after_the_year_it_lies_in(house: Any, clara: Any) -> None:
    house(date(2026, 2, 1), 12)
    house(date(2026, 10, 1), 3)
    year = out(clara, YEAR)
    spring = out(clara, SPRING)

    assert cell(year, "S1.courses", "courses", "started") == {"n": 15}
    # Fifteen less twelve is three.
    assert cell(spring, "S1.courses", "courses", "started") == {"hidden": True}


def test_days_that_cross_a_report_are_refused_before_anything_is_counted(house: Any, clara: Any) -> None:
    house(date(2026, 2, 1), 12)
    spring = out(clara, SPRING)
    crosses = rules.Period(date(2026, 3, 1), date(2026, 8, 31))

    with pytest.raises(releasing.Crosses) as why:
        services.ask(period=crosses, template="year", by=clara)
    assert why.value.with_whom == [spring]
    assert Report.objects.count() == 1


def test_one_counted_before_another_went_out_is_counted_again(house: Any, clara: Any) -> None:
    house(date(2026, 2, 1), 12)
    house(date(2026, 10, 1), 2)
    year = services.make(period=YEAR, template="year", by=clara)
    services.write(report=year, words={"intro": "Et år."}, by=clara)
    spring = out(clara, SPRING)

    with pytest.raises(services.Newer) as why:
        services.release(report=year, by=clara)
    assert why.value.with_whom == [spring]
    anew = services.again(report=year, by=clara)
    services.keep_up()
    anew.refresh_from_db()
    assert not Report.objects.filter(pk=year.pk).exists()
    assert anew.words == {"intro": "Et år."}
    assert cell(anew, "S1.courses", "courses", "started") == {"hidden": True}
    services.release(report=anew, by=clara)


def test_nobody_works_a_small_number_out_of_all_that_went_out(house: Any, clara: Any, alma: Any, at: Any) -> None:
    house(date(2026, 2, 1), 12, fathers=5, ended=date(2026, 4, 1), stopped=2)
    house(date(2026, 6, 1), 11, fathers=4, ended=date(2026, 8, 1), stopped=5)
    house(date(2026, 10, 1), 13, fathers=2, ended=date(2026, 12, 1), stopped=1)
    for period in (SPRING, SUMMER, YEAR):
        out(clara, period)
    out(clara, YEAR, "fonden")
    out(clara, AUTUMN)

    releases = [published.restored(each.figures["told"]) for each in queries.released()]
    now = _as_if_of_one_day(releases)
    assert attack.attack(now) == ()


def _as_if_of_one_day(releases: list[published.Release]) -> published.Release:
    """Read everything that went out as a reader does who takes it that nothing was corrected between."""
    counts: dict[str, int | None] = {}
    for each in releases:
        for name, count in each.counts.items():
            known: Mapping[str, int | None] = counts
            counts[name] = count if known.get(name) is None else known[name]
    sums = tuple(dict.fromkeys(each for one in releases for each in one.sums))
    shares = tuple(dict.fromkeys(each for one in releases for each in one.shares))
    slack, maybe = (frozenset().union(*(getattr(each, of) for each in releases)) for of in ("slack", "maybe"))
    whole = published.Release("all", "one day", counts, sums, shares, rules=releases[-1].rules)
    return replace(whole, slack=slack, maybe=maybe)
