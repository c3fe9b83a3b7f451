"""Days, hours and keys in words."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brobygger.ground import rules

NIGHT = datetime(2026, 11, 29, 22, 40)  # a Sunday


@pytest.mark.parametrize(
    ("moment", "da", "en"),
    [
        (datetime(2026, 11, 29, 23, 5), "i dag kl.\u00a023.05", "today at 23:05"),
        (datetime(2026, 11, 30, 14, 5), "i morgen, mandag, kl.\u00a014.05", "tomorrow, Monday, at 14:05"),
        (datetime(2026, 12, 3, 9, 0), "torsdag den 3. december kl.\u00a09.00", "Thursday 3 December at 9:00"),
        (datetime(2027, 1, 4, 9, 30), "mandag den 4. januar 2027 kl.\u00a09.30", "Monday 4 January 2027 at 9:30"),
        (datetime(2026, 11, 28, 8, 0), "i går kl.\u00a08.00", "yesterday at 8:00"),
    ],
)
def test_a_moment_is_said_as_people_do(moment: datetime, da: str, en: str) -> None:
    assert rules.say_when(moment, NIGHT, "da") == da
    assert rules.say_when(moment, NIGHT, "en") == en


def test_a_promise_says_before_when() -> None:
    noon = datetime(2026, 11, 30, 14, 5)
    assert rules.say_by(noon, NIGHT, "da") == "i morgen, mandag, inden kl.\u00a014.05"
    assert rules.say_by(noon, NIGHT, "en") == "tomorrow, Monday, before 14:05"
    assert rules.say_by(noon, noon.replace(hour=1), "da") == "i dag inden kl.\u00a014.05"


def test_a_day_alone_ends_without_a_comma() -> None:
    today = NIGHT.date()
    assert rules.say_day(today, today, "da") == "i dag"
    assert rules.say_day(today + timedelta(days=1), today, "da") == "i morgen, mandag"
    assert rules.say_day(date(2026, 12, 3), today, "en") == "Thursday 3 December"


def test_a_language_we_have_no_words_for_still_gets_its_own_day_names() -> None:
    assert rules.say_when(datetime(2026, 12, 3, 9, 5), NIGHT, "uk").startswith("четвер, 3 грудня 2026")
    assert rules.say_when(datetime(2026, 12, 3, 9, 5), NIGHT, "xx").endswith("9:05")


@pytest.mark.parametrize(
    ("span", "da", "en"),
    [
        (timedelta(hours=3, minutes=20), "3 t 20 min", "3 h 20 min"),
        (timedelta(hours=9), "9 t", "9 h"),
        (timedelta(minutes=5, seconds=59), "5 min", "5 min"),
        (timedelta(seconds=20), "under 1 min", "under 1 min"),
        (timedelta(hours=52), "2 dage 4 t", "2 days 4 h"),
        (timedelta(minutes=-40), "40 min over", "40 min late"),
        (timedelta(hours=-2, minutes=-5), "2 t 5 min over", "2 h 5 min late"),
    ],
)
def test_what_is_left_is_said_with_two_units_at_most(span: timedelta, da: str, en: str) -> None:
    assert rules.say_left(span, "da") == da
    assert rules.say_left(span, "en") == en


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=60)))
def test_what_is_left_never_promises_more_than_there_is(span: timedelta) -> None:
    units = {"t": 3600, "min": 60, "dage": 86400}
    words = rules.say_left(span, "da").removeprefix("under 1 min").split()
    said = sum(int(count) * units[unit] for count, unit in zip(words[::2], words[1::2], strict=True))
    assert said <= span.total_seconds() < said + 3600


def test_a_text_of_the_house_is_picked_by_language() -> None:
    text = {"da": "Velkommen", "en": "Welcome"}
    assert rules.pick(text, "en") == "Welcome"
    assert rules.pick(text, "en-gb") == "Welcome"
    assert rules.pick(text, "uk") == "Velkommen"
    assert rules.pick({"en": "Welcome", "da": ""}, "da") == "Welcome"
    assert rules.pick("Dit Rum", "en") == "Dit Rum"
    assert rules.pick(None, "da") == rules.pick({}, "da") == ""


def test_a_key_is_cut_in_groups_however_it_was_written() -> None:
    assert rules.groups("X49B2QPH13R1M027") == ["X49B", "2QPH", "13R1", "M027"]
    assert rules.groups("x49b-2qph 13r1.m027") == ["x49b", "2qph", "13r1", "m027"]
