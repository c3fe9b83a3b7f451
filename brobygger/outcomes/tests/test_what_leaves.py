"""What leaves the house, and what comes in late: links and reminders as they are sent, letters at midnight."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Length

from brobygger.door.models import Letter
from brobygger.ground import clock
from brobygger.groups.tests.test_seats_by_key import known
from brobygger.outbox import services as outbox
from brobygger.outbox.models import Notice
from brobygger.outcomes import asking, letters, rules, services
from brobygger.outcomes.models import Round, Sheet
from brobygger.privacy import queries as trail
from brobygger.threads import services as threads
from brobygger.threads.writing import card
from tests.letters import Visitor, keeper

from .asked import of
from .test_asking import course, end
from .test_letters import _codes, _sent, link, mette, opened, the_mothers, walked
from .test_letters import _said_a_second_later as _said_a_second_later

__all__ = ["course", "link", "mette"]
pytestmark = pytest.mark.django_db
ADDRESS = "https://svar.example/svar/abcd/"


@pytest.fixture
def wire(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A wire for text messages that keeps what it was given."""
    from brobygger.outbox import channels

    sent: list[str] = []
    settings.OUTBOX_CHANNELS = {"sms": "brobygger.outbox.channels.Console"}
    monkeypatch.setattr(channels.Console, "send", lambda _self, *, text, **_more: sent.append(text))
    return sent


def reach(course: Any, **more: Any) -> None:
    """Let the family have given a number that may be written to."""
    said = {"channel": "sms", "phone": "+4524230300", "when": "any", "remind": True} | more
    card(course.thread, said, by="family")


def send() -> None:
    """Let the outbox send what is due."""
    while outbox.send_due():
        pass


def reminded(at: Any, course: Any, moment: str = "2026-12-01T10:00") -> None:
    """Come to the day somebody is reminded, and write the word."""
    at(moment)
    asking.sweep(clock.now())
    assert Notice.objects.filter(kind="again").count() == 1


def only_again(wire: list[str]) -> list[str]:
    """Give the reminders among what was sent."""
    return [text for text in wire if "stadig" in text]


# ---- Links ----


def test_two_links_to_one_family_both_leave_in_the_morning_and_both_open(mette, alma, at, wire) -> None:
    _key, course = mette
    reach(course)
    at("2026-11-23T21:15")
    for place in (0, 1):
        services.send_link(round=of(course, place), address=ADDRESS, by=alma)
    send()
    assert wire == []
    at("2026-11-24T08:01")
    send()
    assert len(wire) == 2 and all(ADDRESS in text for text in wire)
    for row, text in zip((of(course, 0), of(course, 1)), wire, strict=True):
        _sent(f"/svar/{_codes(row)}/{text[text.index(ADDRESS) + len(ADDRESS) :][:26]}/", *["3"] * 6)
    keeper()
    assert not Round.objects.filter(state="due").exists()


def test_a_link_nobody_needs_any_more_does_not_leave(mette, alma, at, wire) -> None:
    _key, course = mette
    reach(course)
    at("2026-11-23T21:15")
    for place in (0, 1):
        services.send_link(round=of(course, place), address=ADDRESS, by=alma)
    services.send_link(round=of(course, 1), address=ADDRESS, by=alma)
    services.skip(round=of(course, 0), why="declined", by=alma)
    at("2026-11-24T08:01")
    send()
    assert len(wire) == 1, "neither the one of who would rather not, nor the one that was made anew"


@pytest.mark.parametrize("way", ["none", "rung", "mail"])
def test_where_nothing_can_leave_nobody_is_told_that_it_has(mette, alma, wire, way) -> None:
    _key, course = mette
    if way == "rung":
        reach(course, channel="phone")
    if way == "mail":
        reach(course, channel="mail", mail="m@example.org")
    with pytest.raises(services.NoWay):
        services.send_link(round=of(course, 0), address=ADDRESS, by=alma)
    assert of(course, 0).token is None and not Notice.objects.filter(kind="asked").exists()
    assert "outcomes.link_sent" not in {line for _by, line in trail.trail(of(course, 0).member)}


# ---- Reminders ----


def test_a_reminder_that_waits_through_a_night_is_asked_about_again_when_it_leaves(mette, alma, at, wire) -> None:
    _key, course = mette
    reach(course)
    reminded(at, course)
    send()
    assert len(only_again(wire)) == 1, "what is to be stopped below does leave otherwise"


@pytest.mark.parametrize("stopped", ["answered", "ended", "burned", "remind"])
def test_a_reminder_does_not_leave_when_it_is_over_by_then(mette, alma, at, wire, stopped) -> None:
    _key, course = mette
    reach(course)
    reminded(at, course, "2026-11-30T22:00")
    if stopped == "answered":
        Round.objects.filter(state="due").update(state="missed", why_not="not_reached")
    if stopped == "ended":
        Round.objects.filter(moment="start").update(told_on="2026-11-23")
        end(course, alma)
        Round.objects.filter(moment="end").update(told_on=None)
    if stopped == "burned":
        threads.mark_ending(thread=course.thread, how="burned", by="family")
    if stopped == "remind":
        reach(course, remind=False)
    at("2026-12-01T09:00")
    send()
    assert only_again(wire) == []


def test_a_worker_that_stood_still_all_day_sends_nothing_in_the_quiet_hours(mette, at, wire) -> None:
    _key, course = mette
    reach(course)
    reminded(at, course)
    at("2026-12-01T20:30")
    send()
    assert only_again(wire) == []
    at("2026-12-02T08:01")
    send()
    assert len(only_again(wire)) == 1


def test_a_child_who_has_the_key_is_left_in_peace_in_its_lessons(furnished, alma, at, wire) -> None:
    at("2026-11-23T10:00")
    _key, course = known(alma, door="young", name="Noah Holm", own_month="3", own_year="2013")
    letters.sweep(clock.now())
    keeper()
    reach(course)
    at("2026-12-01T10:00")
    asking.sweep(clock.now())
    send()
    assert only_again(wire) == []
    at("2026-12-01T15:01")
    send()
    assert len(only_again(wire)) == 1


def test_lessons_and_quiet_hours_leave_some_moment_to_everybody() -> None:
    from brobygger.outbox.rules import in_peace

    def when(now: str, part: str = "any", **hours: Any) -> str:
        from datetime import datetime
        from zoneinfo import ZoneInfo

        there = ZoneInfo("Europe/Copenhagen")
        return (
            in_peace(datetime.fromisoformat(now).replace(tzinfo=there), part, hours).astimezone(there).isoformat()[:16]
        )

    school = {"quiet": (20, 8), "lessons": True}
    assert when("2026-12-01T07:00", **school) == "2026-12-01T15:00"
    assert when("2026-12-01T16:30", **school) == "2026-12-01T16:30"
    assert when("2026-12-04T20:10", **school) == "2026-12-05T08:00", "a Saturday"
    assert when("2026-12-01T09:00", "morning", **school) == "2026-12-05T08:00", "in the morning is the weekend"
    assert when("2026-12-01T20:30", "evening", **school) == "2026-12-02T16:00"
    assert when("2026-12-01T09:00", "morning", quiet=(12, 12)) == "2026-12-01T09:00"
    assert when("2026-12-01T09:00", "evening", quiet=(13, 10)) == "2026-12-01T10:00", "what the family chose gives way"


def test_a_family_is_reminded_of_all_that_waits_once_a_week_and_twice_in_all(mette, alma, at, wire) -> None:
    _key, course = mette
    reach(course)
    told: list[date] = []
    for day in range(40):
        moment = at((date(2026, 11, 24) + timedelta(day)).isoformat() + "T10:00")
        asking.sweep(moment)
        send()
        told += [clock.today()] * (len(only_again(wire)) - len(told))
    assert told == [date(2026, 11, 30), date(2026, 12, 7)]


# ---- Late ----


def test_what_was_sent_on_the_last_evening_is_kept_under_that_day(link, alma, at) -> None:
    row, _path = link
    at("2026-03-30T23:58")
    path = f"/svar/{_codes(row)}/{services.make_link(round=row, by=alma)}/"
    page = Visitor().get(path)
    walked(page, "5", "4", "4", "3", "2", "7", path=path)
    at("2026-03-31T00:10")
    asking.sweep(clock.now())
    keeper()
    assert set(Sheet.objects.values_list("answered_on", flat=True)) == {date(2026, 3, 30)}


def test_who_was_typing_as_the_last_day_went_by_is_not_thrown_out(link, alma, at) -> None:
    row, _path = link
    at("2026-03-30T23:58")
    path = f"/svar/{_codes(row)}/{services.make_link(round=row, by=alma)}/"
    page = walked(Visitor().get(path), "back", path=path)
    at("2026-03-31T00:04")
    walked(page, "5", "4", "4", "3", "2", "7", path=path)
    asking.sweep(clock.now())
    keeper()
    assert Sheet.objects.count() == 2 and of(row.member.course).state == "done"


def test_a_letter_that_lay_while_the_worker_was_out_is_kept_though_its_round_was_missed_meanwhile(mette, at) -> None:
    key, course = mette
    at("2026-12-21T20:00")
    walked(opened(key, at=the_mothers(course)), *["3"] * 5)
    at("2026-12-28T08:00")
    asking.sweep(clock.now())
    assert of(course, 0).state == "missed"
    keeper()
    assert of(course, 0).state == "done"
    assert Sheet.objects.get(instrument="mastery").answered_on == date(2026, 12, 21)


def test_who_has_just_answered_is_not_told_that_something_was_over(mette, at) -> None:
    key, course = mette
    walked(opened(key, at=the_mothers(course)), *["3"] * 5)
    keeper()
    at("2026-11-23T12:00")
    letters.sweep(clock.now())
    keeper()
    assert "A few questions were over." not in Visitor(language="en").come_back(key).words
    assert not Round.objects.exclude(state="due").exclude(told_on=None).exists()


def test_who_would_rather_not_answer_the_rest_of_what_a_colleague_typed_is_asked_no_more(mette, alma) -> None:
    _key, course = mette
    row = of(course, 1)
    services.keep_answer(round=row, instrument="goal", answers={"reached": 2}, mode="paper", by=alma)
    out = {"smallchild": dict.fromkeys(("glad", "sleep", "play", "comfort", "others"), "skipped")}
    services.keep_all(round=row, answers=out, mode="key", by="family", once=uuid4())
    assert of(course, 1).state == "done"


# ---- Nobody sees which letter is which ----


def test_every_letter_is_of_one_size_and_shape(link) -> None:
    _row, path = link
    Visitor().write("Kære hus. " * 20)
    _sent(path, "5", "4", "4", "3", "2", "7")
    _sent(path, "skip", "skip", "skip", "skip", "skip", "skip")
    sizes = set(Letter.objects.annotate(size=Length("sealed")).values_list("size", flat=True))
    assert Letter.objects.count() == 3 and len(sizes) == 1
    columns = {field.name for field in Letter._meta.get_fields()}
    assert columns == {"id", "week", "sealed"}


def test_a_thousand_wrong_links_change_nothing_and_are_forgotten(link, at) -> None:
    from brobygger.door import services as door
    from brobygger.threads.models import OpenedLetter

    row, _path = link
    now = clock.now().isoformat()
    said = {"answers": {"who5": dict.fromkeys("12345", 0)}, "language": "da"}
    base = {"kind": "sheet_by_link", "door": "parent", "written_at": now, "answer_by": now}
    for number in range(30):
        door.receive_letter(letter=uuid4(), payload=base | {"sheet": said | {"token": f"{number:026d}"}}, by="family")
    before = trail.entries(until=clock.now()).count()
    keeper()
    assert not Sheet.objects.exists() and of(row.member.course).state == "due"
    assert trail.entries(until=clock.now()).count() == before, "and the trail is not filled with them"
    assert OpenedLetter.objects.filter(box=None).count() >= 30
    at("2026-03-06T10:00")
    threads.sweep(clock.now())
    assert not OpenedLetter.objects.filter(box=None).exists()


def test_links_are_long_enough_that_nobody_comes_upon_one() -> None:
    secret = services.secrets.choice(services._LETTERS)
    assert len(set(services._LETTERS)) == 32 and secret in services._LETTERS
    assert 32**26 > 2**128 and timedelta(days=14) == rules.LINK_LIVES
