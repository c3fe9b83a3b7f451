"""When a receipt ought to have come, by hand-counted calendars; and the files of municipalities and of the law."""

from datetime import date
from pathlib import Path

import holidays
import pytest

from brobygger.content import queries, rules

PUBLIC = frozenset(holidays.country_holidays("DK", years=range(2025, 2029)))
REGIONS = {"Hovedstaden": 29, "Sjælland": 17, "Syddanmark": 22, "Midtjylland": 19, "Nordjylland": 11}


@pytest.fixture
def own_files(tmp_path, settings):
    """Lend a house a folder of its own files, and forget what was read before and after."""

    def write(**files: str) -> None:
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        forget()

    def forget() -> None:
        for read in (queries.law, queries._municipalities, queries._successions):
            read.cache_clear()

    settings.GUIDE = str(tmp_path)
    yield write
    settings.GUIDE = ""
    forget()


@pytest.mark.parametrize(
    ("sent", "with_saturdays", "without"),
    [
        # A plain week: Monday 2 March 2026. The Saturday makes the difference of a day.
        ("2026-03-02", "2026-03-09", "2026-03-10"),
        # Sent on a Saturday: Monday is the first day in both.
        ("2026-03-07", "2026-03-14", "2026-03-16"),
        # Easter 2026: Thursday 2, Friday 3, Sunday 5 and Monday 6 April are holidays; Saturday 4 April is a hverdag.
        ("2026-03-31", "2026-04-10", "2026-04-13"),
        # Christmas 2026: 25 and 26 December and 1 January; 24 and 31 December are no public holidays.
        ("2026-12-23", "2027-01-02", "2027-01-04"),
        # General Prayer Day is abolished: Friday 24 April 2026 counts.
        ("2026-04-20", "2026-04-27", "2026-04-28"),
    ],
)
def test_six_days_are_counted_in_both_ways_and_the_later_is_shown(sent, with_saturdays, without):
    day = date.fromisoformat(sent)

    assert rules.readings(day, 6, PUBLIC) == {
        "hverdag": date.fromisoformat(with_saturdays),
        "arbejdsdag": date.fromisoformat(without),
    }
    assert rules.receipt_by(day, 6, PUBLIC) == date.fromisoformat(without)
    assert rules.receipt_by(day, 6, PUBLIC, "hverdag") == date.fromisoformat(with_saturdays)
    assert queries.receipt_by(day) == date.fromisoformat(without), "the page and the rules agree"


def test_the_reading_without_saturdays_is_never_the_earlier():
    for ahead in range(800):
        both = rules.readings(date.fromordinal(date(2026, 1, 1).toordinal() + ahead), 6, PUBLIC)
        assert both["arbejdsdag"] >= both["hverdag"]
        assert both["arbejdsdag"].weekday() < 5 and both["hverdag"].weekday() < 6
        assert not PUBLIC & set(both.values())


def test_there_are_98_municipalities_with_codes_of_four_digits_none_twice():
    every = [each for found in queries.municipalities().values() for each in found]

    assert len(every) == 98
    assert len({each.code for each in every}) == len({each.name for each in every}) == 98
    assert all(isinstance(each.code, str) and len(each.code) == 4 and each.code.isdigit() for each in every)
    assert {name: sum(each.region == f"Region {name}" for each in every) for name in REGIONS} == REGIONS
    assert [each.name for each in queries.municipalities()["R"]][-1] == "Rødovre", "ø stands after z"
    assert list(queries.municipalities())[-2:] == ["V", "Æ"]


@pytest.mark.parametrize(
    ("code", "day", "region"),
    [
        ("0161", date(2026, 12, 31), "Region Hovedstaden"),
        ("0161", date(2027, 1, 1), "Region Østdanmark"),
        ("0400", date(2027, 1, 1), "Region Østdanmark"),
        ("0259", date(2026, 12, 31), "Region Sjælland"),
        ("0259", date(2027, 1, 1), "Region Østdanmark"),
        ("0851", date(2027, 1, 1), "Region Nordjylland"),
    ],
)
def test_two_regions_become_one_in_the_new_year_of_2027(code, day, region):
    assert queries.region(code, day) == region


def test_every_reference_has_a_mark_a_day_and_mostly_a_source():
    references = queries.law()["references"]

    assert {each["mark"] for each in references} == {"V", "P", "U"}
    assert all(each["host"] for each in references if each["mark"] != "U")
    assert all(set(each["says"]) == {"da", "en"} for each in references)


def test_no_number_of_the_law_stands_in_the_code():
    """Six days, 24 hours and the paragraphs are data with a source."""
    room = Path(queries.__file__).parent
    pages = [path for path in room.glob("templates/**/*.html")] + [room / "rules.py", room / "public.py"]

    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert "§" not in text and "24 hours" not in text and "six working" not in text, path


def test_a_house_lays_its_own_numbers_and_its_own_reading(own_files):
    law = (queries.OURS / "law.toml").read_text(encoding="utf-8").replace('reading = "later"', 'reading = "hverdag"')
    own_files(law_toml=law, contacts_csv="code,phone,duty,link,checked_on\n0161,43 23 60 00,,,2026-03-02\n")

    (glostrup,) = [each for each in queries.municipalities()["G"] if each.code == "0161"]

    assert queries.receipt_by(date(2026, 3, 2)) == date(2026, 3, 9)
    assert glostrup.contact == rules.Contact("0161", "43 23 60 00", "", "", date(2026, 3, 2))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("161,1,,,2026-03-02", "161 is no municipality"),
        ("0161,ring mig,,,2026-03-02", "no telephone number"),
        ("0161,,,http://glostrup.dk,2026-03-02", "begin with https://"),
        ("0161,43236000,,,", "checked_on must be a date"),
        ("0161,43236000,,,2.3.2026", "checked_on must be a date"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_in_words(own_files, line, says):
    own_files(contacts_csv=f"code,phone,duty,link,checked_on\n{line}\n")

    with pytest.raises(rules.WrongFile, match=says):
        queries.check()


@pytest.mark.parametrize(
    ("ours", "theirs", "says"),
    [
        ('reading = "later"', 'reading = "soon"', "receipt.reading must be one of"),
        ("days = 6", "days = 0", "receipt.days"),
        ('mark = "P"', 'mark = "X"', "needs a mark"),
        ('source = "https://handleguide.dk/underretning"', 'source = ""', "names no source"),
    ],
)
def test_a_law_file_that_cannot_be_is_refused_in_words(own_files, ours, theirs, says):
    law = (queries.OURS / "law.toml").read_text(encoding="utf-8")
    assert ours in law
    own_files(law_toml=law.replace(ours, theirs))

    with pytest.raises(rules.WrongFile, match=says):
        queries.check()
