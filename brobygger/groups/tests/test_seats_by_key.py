"""What a family sees of a seat behind its key, and what it answers there: yes, no, not on Wednesday, we stop."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from brobygger.casework import record
from brobygger.casework import services as courses
from brobygger.casework.models import Course
from brobygger.door import family as door_family
from brobygger.door import queries as boxes
from brobygger.door import rules as door_rules
from brobygger.ground import clock
from brobygger.groups import answers, seats
from brobygger.groups.models import Attendance, Group, Meeting, Seat
from brobygger.groups.tests import rows
from brobygger.groups.tests.test_seats import MONDAY, made, nth
from brobygger.outbox.models import Notice
from brobygger.privacy import queries as audit
from brobygger.privacy import seal
from brobygger.threads import keeper as letters
from brobygger.threads import rules as thread_rules
from brobygger.threads import services as threads
from tests.house.lix import lix, running_text
from tests.letters import Page, Visitor, keeper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the house's own hands go round while a page waits; and let what is said last be said a second later."""
    waits, told = boxes.receipt_within, threads.tell
    seconds = count()

    def later(*, body: dict[str, Any], **more: Any) -> None:
        said = {"at": (clock.now() + timedelta(seconds=next(seconds))).isoformat(), **body}
        told(body=said, **more)

    monkeypatch.setattr(threads, "tell", later)

    def within(seconds: float, letter: Any, key: bytes) -> Any:
        keeper()
        return waits(0.1, letter, key)

    monkeypatch.setattr(door_family.queries, "receipt_within", within)


@pytest.fixture
def group(furnished: Any, at: Any) -> Group:
    at(MONDAY)
    return made(name="Stjernerne")


def known(by: Any, door: str = "parent", **more: Any) -> tuple[str, Course]:
    """A family that wrote, said who it is, and has a course; its key, and the course."""
    ea = Visitor()
    key = ea.write("Min mand drikker.", door=door).key
    keeper()
    sent = ea.say_who(ea.ask_who(ea.come_back(key)), **more)
    assert sent.status == 200, sent.words[:1500]
    keeper()
    course = Course.objects.get(thread__number=key[:4])
    courses.assign(course=course, to=by, by=by) if course.assignments.exists() else give(course, by)
    return key, course


def give(course: Course, to: Any) -> None:
    from brobygger.casework.models import Assignment

    Assignment.objects.create(course=course, user=to)


CHILD = {"child1_name": "Liv", "child1_month": "5", "child1_year": "2018"}


@pytest.fixture
def mette(group: Group, alma: Any) -> tuple[str, Course]:
    """Mette with her key, and the course of her and Liv."""
    return known(alma, **CHILD)


def liv(course: Course) -> Any:
    return course.members.get(position=1)


def page(key: str) -> Page:
    keeper()
    return Visitor().come_back(key)


def test_the_offer_lies_behind_the_key_with_what_where_when_and_until_when(group, mette, alma) -> None:
    key, course = mette
    seats.offer_seat(group=group, member=liv(course), by=alma)

    shown = page(key)

    assert "Stjernerne" in shown.words and "Liv" in shown.words
    for said in ("Hillerød", "onsdag den 25. november kl. 15.00", "i morgen, tirsdag"):
        assert said in shown.words.replace("\xa0", " "), (said, shown.words)
    assert shown.text.count('name="seat-what" value="take"') == shown.text.count('value="decline"') == 1
    told = [line for line in audit.trail(course.thread) if "seat" in line[1]]
    assert told == [("alma", "threads.told_seat_offered")]


def test_what_the_first_time_is_like_is_told_with_the_offer(group, alma) -> None:
    key, course = known(alma, **CHILD)
    group = made(name="Babyer", offer="babygruppe", kind="pair", months_from=0)
    mother = course.members.get(position=0)
    seats.offer_seat(group=group, member=liv(course), beside=mother, by=alma)

    shown = page(key)

    assert "Baby må græde" in shown.words and "Én plads er til jer to" in shown.words


def test_yes_please_takes_the_seat_and_the_coming_meetings_stand_there(group, mette, alma) -> None:
    key, course = mette
    seat = seats.offer_seat(group=group, member=liv(course), by=alma)

    done = Visitor().seat(page(key), "take")

    assert done.status == 200 and "Pladsen er jeres" in done.words
    seat.refresh_from_db()
    assert seat.state == "taken"
    shown = page(key)
    assert shown.text.count('value="away"') == 4 and 'value="take"' not in shown.text
    assert "groups.seat_taken" in {action for _by, action in audit.trail(seat.member)}
    again = Visitor().seat(page(key), "leave")
    assert "givet videre" in again.words
    seat.refresh_from_db()
    assert (seat.state, seat.reason) == ("left", "own_wish")
    assert "Stjernerne" not in page(key).words


def test_no_thank_you_is_quite_all_right_and_the_seat_is_free(group, mette, alma) -> None:
    key, course = mette
    seat = seats.offer_seat(group=group, member=liv(course), by=alma)
    done = Visitor().seat(page(key), "decline")
    assert "helt i orden" in done.words
    seat.refresh_from_db()
    assert (seat.state, seat.chair) == ("declined", None)


def test_pressed_on_a_page_that_lay_open_too_long_nothing_happens_and_it_is_said(group, mette, alma, at) -> None:
    key, course = mette
    seat = seats.offer_seat(group=group, member=liv(course), by=alma)
    old = page(key)
    seats.withdraw_offer(seat=seat, by=alma)
    done = Visitor().seat(old, "take")
    assert "ikke længere" in done.words
    seat.refresh_from_db()
    assert seat.state == "withdrawn"
    at("2026-11-23T11:00")
    late = Visitor().seat(old, "take")
    assert late.status == 409 and late.hidden("seat-what") == "take"


def test_not_on_wednesday_and_after_all(group, mette, alma) -> None:
    key, course = mette
    rows.seat(group, liv(course))
    seats.pause_seat(seat=Seat.objects.get(), until=nth(group, 2).planned_on, by=alma)
    done = Visitor().seat(page(key), "away", meeting=1)
    assert "Tak for beskeden" in done.words
    assert list(Attendance.objects.values_list("meeting__number", "mark")) == [(3, "said_no")]
    assert "I har sagt, at I ikke kan komme" in page(key).words
    done = Visitor().seat(page(key), "come", meeting=1)
    assert "dejligt" in done.words.lower() and not Attendance.objects.exists()


def test_a_meeting_that_is_called_off_says_so_and_has_no_button(group, mette, alma) -> None:
    key, course = mette
    Meeting.objects.filter(group=group, number=2).update(state="cancelled")
    seats.take_seat(seat=seats.offer_seat(group=group, member=liv(course), by=alma), by=alma)
    Meeting.objects.filter(group=group, number=3).update(state="cancelled")
    seats.resume_seat(seat=Seat.objects.get(), by=alma)
    seats.pause_seat(seat=Seat.objects.get(), until=nth(group, 3).planned_on, by=alma)
    shown = page(key)
    assert "Vi mødes ikke den dag" in shown.words and shown.text.count('value="away"') == 3


def test_another_familys_key_answers_nothing(group, mette, alma) -> None:
    _key, course = mette
    seat = seats.offer_seat(group=group, member=liv(course), by=alma)
    other, theirs = known(alma, **CHILD)
    mine = seats.offer_seat(group=group, member=liv(theirs), by=alma)
    shown = page(other)
    sent = {"ticket": shown.hidden("ticket"), "seat-seat": str(seat.pk), "seat-what": "take"}
    done = Visitor().post(Visitor().at("door:act", action="seat"), sent)
    assert done.status == 200 and "ikke længere" in done.words
    seat.refresh_from_db()
    assert seat.state == "offered"
    meeting = nth(group, 3)
    named = {"seat-meeting": str(meeting.pk), "seat-on": meeting.starts_at.isoformat()}
    sent |= {"seat-seat": str(mine.pk), "seat-what": "away", **named}
    assert "ikke længere" in Visitor().post(Visitor().at("door:act", action="seat"), sent).words
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("wrong", [{"seat-what": "buy"}, {"seat-seat": "x"}, {"seat-on": "x"}, {"seat-seat": ""}])
def test_a_button_nobody_made_sends_nothing(wrong, group, mette, alma) -> None:
    key, course = mette
    seat = seats.offer_seat(group=group, member=liv(course), by=alma)
    sent = {"ticket": page(key).hidden("ticket"), "seat-seat": str(seat.pk), "seat-what": "take"}
    assert Visitor().post(Visitor().at("door:act", action="seat"), sent | wrong).status == 422
    keeper()
    seat.refresh_from_db()
    assert seat.state == "offered"


WHOLE = {
    "kind": "seat",
    "seat": {"seat": "5d4c8a38-7e0e-4d34-9d60-0b5c2c5c2f11", "what": "take", "meeting": "", "on": ""},
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "buy"},
        {"seat": ""},
        {"seat": "x"},
        {"seat": None},
        {"meeting": WHOLE["seat"]["seat"]},  # type: ignore[index]
        {"what": "away"},
        {"what": "away", "meeting": WHOLE["seat"]["seat"]},  # type: ignore[index]
        {"what": "away", "meeting": WHOLE["seat"]["seat"], "on": "2026-11-25T15:00:00"},  # type: ignore[index]
        {"what": "away", "meeting": WHOLE["seat"]["seat"], "on": "on Wednesday"},  # type: ignore[index]
        {"on": "2026-11-25T15:00:00+01:00"},
        {"more": "x"},
    ],
)
def test_a_letter_our_door_does_not_write_is_noise(wrong, at) -> None:
    now = at(MONDAY).isoformat()
    plain = {"written_at": now, "answer_by": now, "door": "parent"}
    letters.sound({**WHOLE, **plain})
    with pytest.raises((seal.Unreadable, ValueError, AttributeError, TypeError)):
        letters.sound({**WHOLE, **plain, "seat": {**WHOLE["seat"], **wrong}})  # type: ignore[dict-item]


def test_the_door_and_the_keeper_have_the_same_words() -> None:
    assert door_rules.SEAT == thread_rules.SEAT == tuple(answers.ASKED)


# ---- Whose seats a box speaks of ----


def test_where_the_other_parent_can_be_found_is_not_said_behind_the_key(group, mette, alma) -> None:
    key, course = mette
    father = courses.add_member(course=course, person={"role": "father", "called": "Jens"}, by=alma)
    fathers = made(name="Fædrene", kind="parent")
    seat = seats.offer_seat(group=fathers, member=father, by=alma)
    assert "Fædrene" not in page(key).words and seat.told_on is None
    seats.take_seat(seat=seat, by=alma)
    assert "Fædrene" not in page(key).words


def test_a_child_whose_address_is_kept_from_who_has_the_key_is_not_found_there(group, mette, alma) -> None:
    key, course = mette
    record.give_identity(member=liv(course), said={"name": "Liv Holm", "protected": True}, by=alma)
    seats.offer_seat(group=group, member=liv(course), by=alma)
    assert "Stjernerne" not in page(key).words
    record.give_identity(member=course.members.get(position=0), said={"name": "Mette", "protected": True}, by=alma)
    seats.withdraw_offer(seat=Seat.objects.get(), by=alma)
    seats.offer_seat(group=group, member=liv(course), by=alma)
    assert "Stjernerne" in page(key).words, "both are protected together"


def test_a_child_with_its_own_key_reads_its_own_seat_and_not_its_mothers(group, alma) -> None:
    key, course = known(alma, door="child", name="Liv", own_month="5", own_year="2018", role=None)
    mother = courses.add_member(course=course, person={"role": "mother", "called": "Mette"}, by=alma)
    seats.offer_seat(group=made(name="Mødrene", kind="parent"), member=mother, by=alma)
    seats.offer_seat(group=group, member=course.members.get(position=0), by=alma)
    shown = page(key)
    assert "Mødrene" not in shown.words and "En plads til dig" in shown.words


def test_the_telephone_is_told_that_something_lies_there_and_nothing_else(group, mette, alma, settings) -> None:
    key, course = mette
    settings.OUTBOX_CHANNELS = ["sms"]
    Visitor().act(page(key), "reach", channel="sms", phone="20304050", when="any")
    keeper()
    seats.offer_seat(group=group, member=liv(course), by=alma)
    (notice,) = Notice.objects.all()
    assert (notice.kind, notice.params) == ("answer", None)


def test_the_dates_are_told_anew_before_what_lies_there_goes_by_itself(group, mette, alma, at) -> None:
    key, course = mette
    seats.take_seat(seat=seats.offer_seat(group=group, member=liv(course), by=alma), by=alma)
    assert answers.sweep(at("2027-01-04T03:00")) == 0
    assert answers.sweep(at("2027-01-05T03:00")) == 1
    assert answers.sweep(at("2027-01-05T04:00")) == 0
    assert "Her er de næste datoer" in page(key).words


def test_a_tired_parent_and_a_child_can_read_it(group, mette, alma) -> None:
    key, course = mette
    seats.offer_seat(group=group, member=liv(course), by=alma)
    assert lix(running_text(page(key).text)) <= 34
    assert lix(running_text(Visitor().seat(page(key), "take").text)) <= 34
    own, course = known(alma, door="child", name="Bjørn", own_month="5", own_year="2018", role=None)
    seats.offer_seat(group=group, member=course.members.get(position=0), by=alma)
    assert lix(running_text(page(own).text)) <= 24
    assert lix(running_text(Visitor().seat(page(own), "take").text)) <= 24
