"""The words that leave the house say nothing of it; the hours are kind."""

import re
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from brobygger.outbox import rules, words
from brobygger.outbox.models import Notice

HOUSES = sorted((Path(__file__).resolve().parents[3] / "houses").glob("*.toml"))
AT = {"starts_at": "2026-09-30T13:15:00+00:00"}
#: Words that would tell somebody who looks over a shoulder what kind of house writes.
TELLING = (
    "dit rum|familiesupporten|rum|hus|huset|house|terapeut|familieterapeut|therapist|psykolog|psychologist|familie|"
    "family|kommune|municipality|alkohol|alcohol|misbrug|abuse|drik|drink|rus|stof|behandling|treatment|barn|børn|"
    "child|children|forælder|parent|anonym|anonymous|brev|letter|samtale|talk|hjælp|help|rådgivning|counselling|"
    "nøgle|key|boks|box|sag|case|underretning|link|http|https|www"
)


def texts() -> list[tuple[str, str]]:
    """Every text that can leave the house, in every language it speaks."""
    kinds = [kind for kind in Notice.Kind]
    return [(language, words.text(kind, AT, language)) for language in ("da", "en") for kind in kinds]


def telling(text: str, names: list[str]) -> list[str]:
    """Find what a text gives away: the house's name, its themes, its staff, a way back."""
    found = re.findall(rf"\b(?:{TELLING})\b", text, re.IGNORECASE)
    found += [name for name in names if name.casefold() in text.casefold()]
    return found + re.findall(r"\w+\.(?:dk|com|org|net|example)\b", text)


def names_of(house: Path) -> list[str]:
    """Every name a house's file gives: itself, its offers, its themes, its partners and places."""
    furnished: Any = tomllib.loads(house.read_text())
    found: list[str] = []
    for table in furnished.values():
        for row in table if isinstance(table, list) else [table]:
            for name in ("name", "label", "title") if isinstance(row, dict) else ():
                said = row.get(name)
                found += [said] if isinstance(said, str) else list((said or {}).values())
    return [name for name in found if len(name) > 3]


@pytest.mark.promise(
    "M1",
    da="En besked fra os siger ikke, hvem vi er, eller hvad det handler om.",
    en="A message from us does not say who we are, or what it is about.",
)
@pytest.mark.parametrize("house", HOUSES, ids=lambda path: path.stem)
def test_no_text_says_who_writes_or_what_about(house: Path) -> None:
    names = names_of(house)
    assert len(names) > 10
    given_away = {text: found for _language, text in texts() if (found := telling(text, names))}
    assert given_away == {}


@pytest.mark.parametrize(
    "planted",
    [
        "Der er nyt til dig fra Dit Rum.",
        "Din familieterapeut har svaret.",
        "Læs mere på ditrum.dk",
        "Se mere med din nøgle.",
        "There is help for your child.",
    ],
)
def test_a_text_that_tells_is_seen(planted: str) -> None:
    assert telling(planted, []) != []


def test_every_text_is_one_message_on_an_old_telephone() -> None:
    for _language, text in texts():
        assert rules.signs(text) is not None, text
        assert rules.fits(text), text
        assert "\u00a0" not in text and "%" not in text


def test_every_text_has_its_danish() -> None:
    said = dict.fromkeys(Notice.Kind, "")
    for kind in said:
        assert words.text(kind, AT, "da") != words.text(kind, AT, "en")


def test_a_time_is_said_by_its_date_and_the_danish_clock() -> None:
    assert words.text("reminder", AT, "da") == "Husk din aftale onsdag den 30. september kl. 15.15."
    assert words.text("reminder", AT, "en") == "Remember your appointment on Wednesday 30 September at 15:15."


@pytest.mark.parametrize(("language", "chosen"), [("da", "da"), ("en", "en"), ("uk", "da"), ("", "da"), (None, "da")])
def test_a_language_we_do_not_speak_is_danish(language: Any, chosen: str) -> None:
    assert words.language_of({"language": language}) == chosen


def test_the_telephone_alphabet_counts_some_signs_twice() -> None:
    assert rules.signs("æøå ÆØÅ é") == 9
    assert rules.signs("[3 €]") == 8
    assert rules.signs("smil 🙂") is None
    assert rules.signs("č") is None
    assert rules.fits("a" * 160) and not rules.fits("a" * 161)


WISHED = some.sampled_from(["any", "morning", "afternoon", "evening", "odd"])


@given(some.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)), WISHED)
def test_no_message_is_ever_sent_at_night(local: datetime, when: str) -> None:
    now = local.replace(tzinfo=rules.TZ)
    at = rules.next_moment(now, when)
    first, last = rules.PARTS_OF_DAY.get(when, rules.AWAKE)
    assert first <= at.astimezone(rules.TZ).time() < last
    assert now <= at <= now + timedelta(hours=25)
    assert rules.AWAKE[0] <= at.astimezone(rules.TZ).time() < rules.AWAKE[1]


def test_it_is_tried_six_times_over_fourteen_hours_and_a_half() -> None:
    waits = [rules.again_after(attempt) for attempt in range(1, 8)]
    assert waits[:5] == list(rules.BACK_OFF)
    assert waits[5:] == [None, None]
    assert sum(rules.BACK_OFF, timedelta()) == timedelta(hours=14, minutes=36)


@pytest.mark.parametrize(
    ("address", "shown"),
    [("+4524230300", "+45 24•• ••00"), ("ea@post.example", "e••••@p••••"), ("+116111", "••••"), ("", "••••")],
)
def test_an_address_is_masked(address: str, shown: str) -> None:
    assert rules.masked(address) == shown
