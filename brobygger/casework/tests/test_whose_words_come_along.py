"""What comes along when a course begins is what was said, in the place it belongs, whoever presses at that moment."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from brobygger.casework import naming, notes, record
from brobygger.casework.models import Course, Member, Note
from brobygger.consents.tests import families as referred
from brobygger.ground import clock
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from brobygger.privacy.models import AuditEntry
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads
from brobygger.threads import writing
from brobygger.threads.models import Thread
from tests.letters import Visitor, address, keeper

pytestmark = pytest.mark.django_db
DIGEST = "0" * 64


@pytest.fixture(autouse=True)
def _house(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from brobygger.door import family

    monkeypatch.setattr(family, "PATIENCE", 0.0)
    at("2026-11-24T09:20")


def answered(door: str, words: str, by: Any) -> tuple[str, Thread]:
    """Somebody has written at a door and has been answered."""
    key = Visitor().write(words, door=door).key
    keeper()
    thread = Thread.objects.get(number=key[:4], ending="")
    intake.answer(enquiry=intake.take(enquiry=Enquiry.objects.get(thread=thread), by=by), text="Godt, du skrev.", by=by)
    return key, thread


def begun(thread: Thread, role: str, by: Any) -> Course:
    """A colleague begins a course from a thread, with one person, and takes along what was written."""
    person = {"role": role, "called": "Ida", "name": "Ida Holm"}
    agreed = {"agreed_how": "phone", "words": "Vi skriver ned.", "digest": DIGEST}
    return naming.begin_here(thread=thread, people=[person], by=by, carry=True, once=uuid4(), **agreed)


def said(course: Course) -> list[str]:
    assert course.thread
    return [each.text for each in threads.look(thread=course.thread, by="keeper") if each.text]


@pytest.mark.parametrize(("door", "role"), [("parent", "child"), ("parent", "sibling"), ("child", "mother")])
def test_a_course_begins_with_who_wrote(door: str, role: str, alma: Any) -> None:
    """A mother's words would be a child's own, or a child's be handed to its mother when she asks for hers."""
    _key, thread = answered(door, "Ingen må vide det.", alma)

    with pytest.raises(naming.NotTheWriter):
        begun(thread, role, alma)

    assert not Course.objects.exists() and not Note.objects.exists()
    assert Thread.objects.get(pk=thread.pk).ending == ""


@pytest.mark.parametrize(
    ("door", "role", "compartment"),
    [("parent", "grandparent", "record"), ("child", "child", "own_talks"), ("young", "sibling", "own_talks")],
)
def test_what_is_taken_along_lies_where_its_writer_is(door: str, role: str, compartment: str, alma: Any) -> None:
    _key, thread = answered(door, "Ingen må vide det.", alma)

    course = begun(thread, role, alma)

    (note,) = notes.look_at_notes(member=Member.objects.get(course=course), by=alma, compartment=compartment)
    assert "Ingen må vide det." in note.text and Note.objects.count() == 1


def test_the_page_says_whom_to_begin_with_and_keeps_what_was_typed(staff_client: Any, alma: Any) -> None:
    _key, thread = answered("parent", "Ingen må vide det.", alma)
    typed = {"how": "phone", "role": "child", "called": "Ida", "name": "Ida Holm", "once": str(uuid4())}

    page = staff_client(alma).post(address("casework:begin", thread=str(thread.pk)), typed)

    assert page.status_code == 422 and 'value="Ida Holm"' in page.content.decode()
    assert "Begynd med den, der har skrevet her." in page.content.decode()


def test_years_of_letters_are_taken_along_too(alma: Any) -> None:
    """More than goes under one seal: the family is led across all the same, and every word with it."""
    _key, thread = answered("parent", "Det første brev.", alma)
    long = {"at": clock.now().isoformat(), "text": "å" * 9_990}
    for _each in range(110):
        writing.say(thread, "text", long)

    course = begun(thread, "mother", alma)

    found = notes.look_at_notes(member=Member.objects.get(course=course), by=alma)
    assert sum(each.text.count("å" * 9_990) for each in found) == 110
    assert sum("Det første brev." in each.text for each in found) == 1


# ---- In the same moment ----


def test_a_letter_that_says_more_than_our_door_says_begins_a_course_like_any_other(
    alma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written by somebody who took the door over: it must not be stumbled over at every round."""
    from brobygger.door import services as door

    ea = Visitor()
    key = ea.write("Min mand drikker.").key
    keeper()
    intake.take(enquiry=Enquiry.objects.get(), by=alma)
    sound = door.receive_letter

    def forged(*, payload: dict[str, Any], **more: Any) -> None:
        consent = payload["consent"] | {"how": "not a way", "carried": "x" * 900}
        sound(payload=payload | {"consent": consent}, **more)

    monkeypatch.setattr(door, "receive_letter", forged)
    assert ea.say_who(ea.ask_who(ea.come_back(key))).status == 200
    keeper()

    agreed = record.look(course=Course.objects.get(), by=alma).known("agreement")
    assert agreed["how"] == "key" and agreed["carried"] is False


def test_nobody_waits_in_what_was_left_behind(alma: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The round has fetched a letter to put on the worklist, and a colleague begins the course before it does."""
    key, one = answered("parent", "Min mand drikker.", alma)
    ea = Visitor()
    ea.act(ea.come_back(key), "text", text="Og én ting til.")
    ask, asked = thread_queries.requests, []

    def and_then_they_went(kinds: Any) -> Any:
        found = ask(kinds)
        if kinds == ("text",) and found and not asked:
            asked.append(begun(one, "mother", alma))
        return found

    monkeypatch.setattr(thread_queries, "requests", and_then_they_went)
    keeper()

    (row,) = Enquiry.objects.all()
    assert row.thread == asked[0].thread and row.due_at, "the words were put on the worklist where the family is now"
    assert "Og én ting til." in said(asked[0])
    assert AuditEntry.objects.filter(about=f"thread:{one.pk}", action="intake.arrived").count() == 1, "the first letter"


def test_what_is_said_once_more_is_said_in_words_people_use(alma: Any) -> None:
    ea = Visitor()
    key = ea.write("Min mand drikker.").key
    keeper()
    pages = [ea.ask_who(ea.come_back(key)) for _each in range(2)]
    for page in pages:
        ea.say_who(page, child1_name="Vera")
        keeper()

    again = said(Course.objects.get())[-1]
    assert "Mor, Mette Holm" in again and "Barn, Vera" in again


# ---- The hour it came ----


def minutes(row: Any, *names: str) -> set[tuple[int, int, int]]:
    """The minutes, seconds and less of some moments of a row."""
    return {(each.minute, each.second, each.microsecond) for name in names if (each := getattr(row, name))}


def test_the_minute_a_letter_came_does_not_lead_back_to_it(at: Any) -> None:
    """The trail says to the second when the letter without a name was opened."""
    at("2026-11-24T10:42:17.123456")
    sent = referred.refer(share="ladder")
    one, due = sent.thread, Enquiry.objects.get().due_at
    key = Visitor().first_use(sent.family.shown).key
    keeper()
    at("2026-11-24T11:30")
    assert minutes(sent.referral, "talk_by", "talk_latest") != {(0, 0, 0)}

    ea = Visitor()
    ea.say_who(ea.ask_who(ea.come_back(key)))
    keeper()

    row = Enquiry.objects.get(thread=Course.objects.get().thread)
    assert not Enquiry.objects.filter(thread=one).exists()
    assert minutes(row, "arrived_at", "due_at") | minutes(sent.referral, "talk_by", "talk_latest") == {(0, 0, 0)}
    assert due and row.due_at and timedelta(0) <= due - row.due_at < timedelta(hours=1), "kept, and never put off"


def test_a_promise_is_not_broken_by_forgetting_its_minute(at: Any) -> None:
    now = at("2026-11-24T10:20")
    soon, later = now + timedelta(minutes=25), now + timedelta(minutes=45)

    assert clock.to_the_hour(soon) == soon, "its hour began before now"
    assert clock.to_the_hour(later) == later - timedelta(minutes=5)
    assert clock.to_the_hour(None) is None
