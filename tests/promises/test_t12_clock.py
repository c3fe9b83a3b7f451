"""T12: the hour on the page is the hour we are held to, over weekends, holidays and the nights the clocks change."""

from datetime import datetime
from typing import Any

import pytest
from django.utils.translation import override

from brobygger.ground import clock
from brobygger.ground.templatetags.house import say_by
from brobygger.intake import queries
from tests.letters import Visitor, keeper

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.promise(
        "T12",
        da="Det tidspunkt, du ser, før du skriver, er det, vi bliver målt på. Også hen over weekender, helligdage og "
        "når uret bliver stillet.",
        en="The hour you see before you write is the hour we are held to. Across weekends, holidays and clock changes "
        "too.",
    ),
]
#: When somebody writes, and the hour that is promised: 2 o'clock in the afternoon of the next day the house opens.
HOURS = {
    "a Monday night": ("2026-11-23T02:10", "2026-11-23T14:00"),
    "a Tuesday forenoon": ("2026-11-24T10:00", "2026-11-25T14:00"),
    "a Friday evening": ("2026-11-27T20:00", "2026-11-30T14:00"),
    "a Saturday": ("2026-11-28T12:00", "2026-11-30T14:00"),
    "the evening before Maundy Thursday": ("2026-04-01T20:00", "2026-04-07T14:00"),
    "Easter Sunday": ("2026-04-05T12:00", "2026-04-07T14:00"),
    "the evening before Ascension Day": ("2026-05-13T21:00", "2026-05-15T14:00"),
    "Whit Sunday": ("2026-05-24T10:00", "2026-05-26T14:00"),
    "the night the clocks go back, before": ("2026-10-25T01:30", "2026-10-26T14:00"),
    "the evening before the clocks go forward": ("2027-03-27T23:30", "2027-03-30T14:00"),
    "New Year's Eve at midnight": ("2026-12-31T23:59", "2027-01-04T14:00"),
}


def promise_in_words(due: datetime, language: str = "da") -> str:
    """Say an hour as pages do."""
    with override(language):
        return " ".join(str(say_by(due)).split())


@pytest.mark.parametrize("when", HOURS)
def test_the_hour_on_the_page_is_the_hour_on_the_worklist(when: str, furnished: Any, alma: Any, at: Any) -> None:
    written, _promised = HOURS[when]
    at(written)
    ea = Visitor()
    page = ea.door()
    sent = ea.send(page.hidden("token"), "Kære hus")
    keeper()
    (line,) = queries.waiting(alma)
    due = line.enquiry.due_at

    assert due > clock.now()
    for shown in (page, sent, ea.come_back(sent.key)):
        assert promise_in_words(due) in shown.words
    assert promise_in_words(due, "en") in Visitor("", "en").door().words
    at(due.astimezone(clock.TZ).strftime("%Y-%m-%dT%H:%M"))
    (late,) = queries.waiting(alma)
    assert late.alarm == 100 and late.left is not None and not late.left.total_seconds()


@pytest.mark.parametrize("when", HOURS)
def test_the_promised_hour_is_the_one_a_person_would_count(when: str, furnished: Any, alma: Any, at: Any) -> None:
    """Counted by hand from the house's own opening hours; the rule itself is tested in brobygger/catalogue."""
    written, promised = HOURS[when]
    at(written)
    Visitor().write()
    keeper()
    (line,) = queries.waiting(alma)

    assert clock.local(line.enquiry.due_at).strftime("%Y-%m-%dT%H:%M") == promised


def test_who_writes_slowly_keeps_the_hour_they_saw(furnished: Any, alma: Any, at: Any) -> None:
    """The page was opened just before the house opened; the letter came just after, and the promise holds."""
    at("2026-11-23T07:50")
    ea = Visitor()
    page = ea.door()
    at("2026-11-23T09:20")

    sent = ea.send(page.hidden("token"), "Kære hus")
    keeper()
    (line,) = queries.waiting(alma)

    assert clock.local(line.enquiry.due_at).strftime("%dT%H") == "23T14"
    assert promise_in_words(line.enquiry.due_at) in page.words
    assert promise_in_words(line.enquiry.due_at) in sent.words


def test_a_page_left_open_past_its_hour_gets_a_new_one(furnished: Any, alma: Any, at: Any) -> None:
    at("2026-11-23T13:00")
    ea = Visitor()
    page = ea.door()
    at("2026-11-24T14:30")

    refused = ea.send(page.hidden("token"), "Kære hus")
    assert refused.status == 409 and refused.typed("text") == "Kære hus"
    ea.send(refused.hidden("token"), "Kære hus")
    keeper()
    (line,) = queries.waiting(alma)

    assert clock.local(line.enquiry.due_at).strftime("%dT%H") == "25T14"
    assert promise_in_words(line.enquiry.due_at) in refused.words


def test_a_letter_that_waited_for_a_stopped_keeper_keeps_its_hour(furnished: Any, alma: Any, at: Any) -> None:
    at("2026-11-23T02:10")
    Visitor().write()
    at("2026-11-23T09:00")
    keeper()
    (line,) = queries.waiting(alma)

    assert clock.local(line.enquiry.due_at).strftime("%dT%H") == "23T14"
    assert clock.local(line.enquiry.arrived_at).strftime("%H:%M") == "02:10"
