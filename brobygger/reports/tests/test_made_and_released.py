"""A report is frozen as it was made, small numbers gone; it goes out only when nobody can work one out."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.privacy import queries as trail
from brobygger.reports import queries, rules, services
from brobygger.reports.models import Report
from brobygger.reports.tests import houses

YEAR = rules.year(2026)


@pytest.fixture
def house(furnished: Any, alma: Any, at: Any) -> None:
    """Twelve courses that began in 2026; nine ended, seven of them completed and two stopped."""
    at(houses.JANUARY)
    for number in range(12):
        ended = date(2026, 9, 1) if number < 9 else None
        reason = "completed" if number < 7 else "family_stopped"
        living = {"with": "mother" if number < 6 else "father"}
        houses.family(alma, opened=date(2026, 2, 1), ended=ended, reason=reason, living=living)


def cell(report: Report, table: str, row: str, column: str) -> Any:
    """Read one cell of a report's frozen figures."""
    kept = report.figures["tables"][table]
    return kept["cells"][kept["rows"].index(row)][kept["columns"].index(column)]


def test_small_numbers_are_gone_before_anything_is_kept(house: None, clara: Any) -> None:
    made = services.make(period=YEAR, template="year", by=clara)

    # Two stopped: hidden, and with it what would give it away (seven of nine).
    assert cell(made, "S1.courses", "courses", "stopped") == {"hidden": True}
    assert cell(made, "S7.reason", "family_stopped", "n") == {"hidden": True}
    told = made.figures["told"]["counts"]
    assert all(count is None or count == 0 or count >= 5 for count in told.values()) and any(told.values())


def test_the_same_house_gives_the_same_bytes(house: None, clara: Any) -> None:
    one = services.make(period=YEAR, template="year", by=clara)
    two = services.make(period=YEAR, template="year", by=clara)

    assert rules.packed(one.figures) == rules.packed(two.figures)
    assert (one.inputs, one.code) == (two.inputs, two.code)
    kept = Report.objects.get(pk=one.pk)
    assert rules.packed(kept.figures) == rules.packed(one.figures)


def test_one_answer_more_or_another_is_another_state_of_what_went_in(house: None, clara: Any, alma: Any) -> None:
    for score in (40, 52):
        child = houses.family(alma, opened=date(2026, 2, 1))
        houses.asked(child, date(2026, 2, 1), "start", score)
    got = queries.gather(clara, YEAR)
    other = replace(got.answers[0], score=got.answers[0].score - 4)
    states = {queries.inputs(each) for each in (got, replace(got, answers=[other, *got.answers[1:]]))}

    assert queries.inputs(queries.gather(clara, YEAR)) in states
    assert len(states | {queries.inputs(replace(got, answers=got.answers[1:]))}) == 3


def test_figures_stand_though_the_house_goes_on(house: None, clara: Any, alma: Any) -> None:
    made = services.make(period=YEAR, template="year", by=clara)
    before = rules.packed(made.figures)
    for _each in range(6):
        houses.family(alma, opened=date(2026, 3, 1))

    assert rules.packed(Report.objects.get(pk=made.pk).figures) == before
    assert cell(services.make(period=YEAR, template="year", by=clara), "S1.courses", "courses", "started") == {"n": 18}
    assert trail.trail(made) == [("clara", "reports.asked"), ("clara", "reports.made")]


def test_every_figure_carries_its_definition_and_its_day(house: None, clara: Any) -> None:
    made = services.make(period=YEAR, template="year", by=clara)

    for key, table in made.figures["tables"].items():
        told = made.figures["definitions"][key]
        assert told["version"] >= 1
        assert date.fromisoformat(told["since"])
        assert told["text"]["da"]
        assert "of" in table


def test_a_period_that_is_not_over_is_not_counted(house: None, clara: Any) -> None:
    with pytest.raises(services.NotOverYet):
        services.make(period=rules.year(2027), template="year", by=clara)
    assert not Report.objects.exists()


def test_only_who_leads_makes_and_releases(house: None, clara: Any, alma: Any, dan: Any) -> None:
    made = services.make(period=YEAR, template="year", by=clara)
    for stranger in (alma, dan):
        with pytest.raises(NotAllowed):
            services.make(period=YEAR, template="year", by=stranger)
        with pytest.raises(NotAllowed):
            services.release(report=made, by=stranger)
    assert queries.gather(alma, YEAR).courses == []


def test_words_are_written_until_it_goes_out(house: None, clara: Any) -> None:
    made = services.make(period=YEAR, template="year", by=clara)
    services.write(report=made, words={"deviations": " Vi åbnede en måned senere. ", "else": "x"}, by=clara)
    made.refresh_from_db()
    assert made.words == {"deviations": "Vi åbnede en måned senere."}

    services.release(report=made, by=clara)
    with pytest.raises(services.AlreadyReleased):
        services.write(report=made, words={}, by=clara)
    with pytest.raises(services.AlreadyReleased):
        services.discard(report=made, by=clara)
    assert trail.trail(made)[-1] == ("clara", "reports.released")


def test_one_child_more_than_last_time_does_not_go_out(house: None, clara: Any, alma: Any, at: Any) -> None:
    for template in ("year", "fonden"):  # the same day, the same figures
        services.release(report=services.make(period=YEAR, template=template, by=clara), by=clara)
    at("2027-02-01T09:00")
    houses.family(alma, opened=date(2026, 3, 1), living={"with": "mother"})
    third = services.make(period=YEAR, template="year", by=clara)

    # Thirteen where twelve stood before: the one who came would be told of. So it is not shown.
    assert cell(third, "S1.courses", "courses", "started") == {"hidden": True}
    services.release(report=third, by=clara)


def test_a_report_made_before_another_went_out_is_held_against_it(house: None, clara: Any, alma: Any, at: Any) -> None:
    first = services.make(period=YEAR, template="year", by=clara)
    at("2027-02-01T09:00")
    houses.family(alma, opened=date(2026, 3, 1), living={"with": "mother"})
    second = services.make(period=YEAR, template="year", by=clara)
    services.release(report=first, by=clara)

    with pytest.raises(services.Newer):
        services.release(report=second, by=clara)
    second.refresh_from_db()
    assert second.released_on is None


def test_the_pages_of_a_report(house: None, clara: Any, staff_client: Any) -> None:
    client = staff_client(clara)
    sent = client.post(reverse("reports:start"), {"year": "2026", "template": "year", "partner": ""})
    assert sent.url == reverse("reports:report", args=[Report.objects.get().pk])
    assert services.keep_up() == 1
    made = Report.objects.get()

    page = client.get(sent.url).content.decode()
    silent = page.count("Der er intet at fortælle om denne periode.")
    assert page.count("<caption") == len(made.figures["tables"]) - silent > 0
    assert 'scope="col"' in page and 'scope="row"' in page
    figure = reverse("reports:figure", args=[made.pk, "S1.courses", 0, 0])
    assert figure in page
    told = client.get(figure).content.decode()
    assert made.figures["definitions"]["S1.courses"]["text"]["da"] in told
    assert client.get(reverse("reports:figure", args=[made.pk, "S1.courses", 9, 0])).status_code == 404
    for kind in ("csv", "json"):
        assert client.get(reverse("reports:data", args=[made.pk, kind])).status_code == 200
    kept = json.loads(client.get(reverse("reports:data", args=[made.pk, "json"])).content)
    assert "told" not in kept
    assert kept["tables"] == made.figures["tables"]


def test_the_paper_is_the_same_bytes_each_time(house: None, clara: Any, staff_client: Any) -> None:
    made = services.make(period=YEAR, template="year", by=clara)
    client, address = staff_client(clara), reverse("reports:pdf", args=[made.pk])
    one, two = client.get(address).content, client.get(address).content

    assert one.startswith(b"%PDF")
    assert one == two


def test_nobody_else_finds_the_pages(
    house: None, clara: Any, alma: Any, finn: Any, dan: Any, staff_client: Any
) -> None:
    made = services.make(period=YEAR, template="year", by=clara)
    services.release(report=made, by=clara)
    pages = [reverse("reports:start"), reverse("reports:report", args=[made.pk]), reverse("reports:agreements")]
    for stranger in (alma, finn, dan):
        assert [staff_client(stranger).get(page).status_code for page in pages] == [404, 404, 404]
    assert staff_client(dan).get(reverse("reports:pdf", args=[made.pk])).status_code == 404


def test_a_coordinator_sees_their_own_partners_released_sheet_and_no_other(
    house: None, clara: Any, dan: Any, staff_client: Any
) -> None:
    ours = services.make(period=YEAR, template="partner", partner="glostrup", by=clara)
    theirs = services.make(period=YEAR, template="partner", partner="hvidovre", by=clara)
    client = staff_client(dan)
    assert client.get(reverse("reports:partner")).status_code == 200
    assert client.get(reverse("reports:sheet", args=[ours.pk])).status_code == 404  # no agreement

    services.agree(user=dan, partner="glostrup", until=date(2027, 7, 1), by=clara)
    assert client.get(reverse("reports:sheet", args=[ours.pk])).status_code == 404  # not released
    services.release(report=ours, by=clara)
    services.release(report=theirs, by=clara)
    assert client.get(reverse("reports:sheet", args=[ours.pk])).status_code == 200
    assert client.get(reverse("reports:pdf", args=[ours.pk])).status_code == 200
    assert client.get(reverse("reports:sheet", args=[theirs.pk])).status_code == 404


def test_an_agreement_ends_by_itself(house: None, clara: Any, dan: Any, at: Any, staff_client: Any) -> None:
    sheet = services.make(period=YEAR, template="partner", partner="glostrup", by=clara)
    services.release(report=sheet, by=clara)
    services.agree(user=dan, partner="glostrup", until=date(2027, 2, 1), by=clara)
    assert staff_client(dan).get(reverse("reports:sheet", args=[sheet.pk])).status_code == 200

    at("2027-02-01T09:00")
    assert staff_client(dan).get(reverse("reports:sheet", args=[sheet.pk])).status_code == 404
