"""A family says who they are: a course begins, and the conversation goes on behind the same key."""

from collections.abc import Callable
from typing import Any

import pytest

from brobygger.casework import naming, notes, queries, record
from brobygger.casework.models import Course, Member, Note
from brobygger.consents.tests import families as referred
from brobygger.ground import clock
from brobygger.intake import queries as intake_queries
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry, Tally
from brobygger.privacy.models import BlindToken, DataKey
from brobygger.threads import opening
from brobygger.threads import queries as threads_queries
from brobygger.threads import services as threads
from brobygger.threads.models import ContactCard, Message, Thread
from tests.letters import Visitor, keeper

pytestmark = pytest.mark.django_db
PEOPLE = [{"role": "mother", "name": "Mette Holm", "called": "Mette", "birth": "", "phone": ""}]


@pytest.fixture(autouse=True)
def _house(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from brobygger.door import family

    monkeypatch.setattr(family, "PATIENCE", 0.0)
    at("2026-11-24T09:20")


@pytest.fixture
def ea() -> Visitor:
    """Somebody at the door."""
    return Visitor()


@pytest.fixture
def key(ea: Visitor) -> str:
    """The key Ea holds; her letter is opened."""
    written = ea.write("Min mand drikker.", theme="drikker-nu").key
    keeper()
    return written


def thread(key: str) -> Thread:
    """The thread that lives behind a key."""
    return Thread.objects.get(number=key[:4], ending="")


def taken(key: str, by: Any) -> Enquiry:
    """Have somebody take the letter behind a key."""
    return intake.take(enquiry=Enquiry.objects.get(thread=thread(key)), by=by)


def say_who(ea: Visitor, key: str, **more: Any) -> Course:
    """Say who one is with a key, and give the course that comes of it."""
    sent = ea.say_who(ea.ask_who(ea.come_back(key)), **more)
    assert sent.status == 200, sent.words[:1000]
    keeper()
    return Course.objects.get(thread=thread(key))


def said(one: Thread) -> list[tuple[str, str]]:
    """What people have said in a thread."""
    return [(each.kind, each.text) for each in threads.look(thread=one, by="keeper") if each.text]


# ---- The course ----


def test_who_has_the_letter_has_the_course(ea: Visitor, key: str, alma: Any, bo: Any) -> None:
    taken(key, alma)

    children = {"child1_name": "Ida", "child1_month": "4", "child1_year": "2019", "child3_name": "Storm"}
    course = say_who(ea, key, phone="20 30 40 50", called="Musse", **children)

    opened = record.look(course=course, by=alma)
    people = [(each.role, each.called, each.known("person")["birth"]) for each in opened.people]
    assert people == [("mother", "Musse", ""), ("child", "Ida", "2019-04"), ("child", "Storm", "")]
    card = record.look_at_identity(member=opened.people[0].member, reason="Ringer.", by=alma)
    assert card == {"name": "Mette Holm", "phone": "+4520304050"}
    agreed = opened.known("agreement")
    assert agreed["how"] == "key" and agreed["carried"] is False and "Når du siger, hvem I er" in agreed["text"]
    assert queries.get_course(bo, course.pk) is None


def test_a_letter_nobody_has_makes_a_course_that_waits_to_be_given_to_somebody(
    ea: Visitor, key: str, alma: Any, clara: Any
) -> None:
    course = say_who(ea, key)

    assert [each.ident for each in queries.unassigned(clara)] == [course.pk]
    assert queries.get_course(alma, course.pk) is None
    assert "Du hører snart, hvem du skal tale med" in ea.come_back(key).words


def test_one_who_may_have_no_courses_does_not_get_one(ea: Visitor, key: str, alma: Any, clara: Any, finn: Any) -> None:
    taken(key, alma)
    Enquiry.objects.update(taken_by=finn)

    course = say_who(ea, key)

    assert [each.ident for each in queries.unassigned(clara)] == [course.pk]


def test_a_child_says_who_it_is_and_its_page_says_no_name(ea: Visitor, alma: Any) -> None:
    key = ea.write("Min far råber.", door="child").key
    keeper()
    taken(key, alma)

    course = say_who(ea, key, name="Ida Holm", own_month="4", own_year="2014", carry="on")

    (child,) = record.look(course=course, by=alma).people
    assert (child.role, child.called, child.known("person")["birth"]) == ("child", "Ida", "2014-04")
    page = ea.come_back(key)
    assert "Vi ved, hvem du er" in page.words and "Ida" not in page.words
    assert Note.objects.get().compartment == "own_talks", "what a child wrote to us alone lies for itself"


def test_a_young_one_is_asked_as_a_child_is(ea: Visitor) -> None:
    key = ea.write("Min bror drikker.", door="young").key
    keeper()
    asked = ea.ask_who(ea.come_back(key))

    assert "Det, du siger til os alene, ligger for sig selv" in asked.words and "name-role" not in asked.text
    assert say_who(ea, key, name="Bo Lund").members.count() == 1


# ---- What follows, and what does not ----


def test_the_family_keeps_its_key_and_its_number(ea: Visitor, key: str) -> None:
    course = say_who(ea, key)

    assert course.thread and course.thread.number == key[:4]
    assert "Vi har kendt dig som Mette siden tirsdag den 24. november 2026" in ea.come_back(key).words
    ea.act(ea.come_back(key), "text", text="Tak for i går.")
    keeper()
    assert ("text", "Tak for i går.") in said(thread(key))


def test_a_letter_nobody_has_answered_comes_along_and_is_waited_for(ea: Visitor, key: str, alma: Any) -> None:
    before = Enquiry.objects.get(thread=thread(key))
    taken(key, alma)

    say_who(ea, key)

    after = Enquiry.objects.get(thread=thread(key))
    assert (after.due_at, after.arrived_at) == tuple(map(clock.to_the_hour, (before.due_at, before.arrived_at)))
    assert after.due_at and after.taken_by == alma
    assert said(thread(key)) == [("text", "Min mand drikker.")]
    assert not Enquiry.objects.filter(pk=before.pk).exists()


def test_words_that_were_answered_are_gone_unless_they_are_taken_along(ea: Visitor, key: str, alma: Any) -> None:
    intake.answer(enquiry=taken(key, alma), text="Kom og drik en kop kaffe.", by=alma)

    course = say_who(ea, key)

    assert said(thread(key)) == []
    assert not Note.objects.exists()
    assert Enquiry.objects.get(thread=course.thread).due_at is None


def test_words_that_are_taken_along_are_one_note(ea: Visitor, key: str, alma: Any) -> None:
    intake.answer(enquiry=taken(key, alma), text="Kom og drik en kop kaffe.", by=alma)

    course = say_who(ea, key, carry="on")

    (note,) = notes.look_at_notes(member=Member.objects.get(course=course), by=alma)
    assert note.text.index("Min mand drikker.") < note.text.index("Kom og drik en kop kaffe.")
    assert "Alma" in note.text and note.text.startswith("Taget med efter familiens ønske")
    assert said(thread(key)) == []
    assert record.look(course=course, by=alma).known("agreement")["carried"] is True


def test_words_nobody_could_keep_as_a_note_come_along_as_they_stood(
    ea: Visitor, key: str, alma: Any, finn: Any
) -> None:
    intake.answer(enquiry=taken(key, alma), text="Kom og drik en kop kaffe.", by=alma)
    Enquiry.objects.update(taken_by=finn)

    say_who(ea, key, carry="on")

    assert said(thread(key)) == [("text", "Min mand drikker."), ("answer", "Kom og drik en kop kaffe.")]


def test_what_was_asked_and_not_done_yet_is_done_in_the_new_thread(ea: Visitor, key: str) -> None:
    """A letter and a name in the same round: the words reach people under the promise they were given."""
    other = ea.write("Vi har brug for hjælp.").key
    page = ea.come_back(other) if Thread.objects.filter(number=other[:4]).exists() else None
    assert page is None, "nothing has been opened yet"
    keeper()
    ea.act(ea.come_back(other), "text", text="Og én ting til.")
    sent = ea.say_who(ea.ask_who(ea.come_back(other)))
    assert sent.status == 200
    keeper()

    assert [text for _kind, text in said(thread(other))] == ["Vi har brug for hjælp.", "Og én ting til."]
    assert Enquiry.objects.get(thread=thread(other)).due_at is not None


def test_a_number_given_before_comes_along_under_another_key(ea: Visitor, key: str) -> None:
    ea.act(ea.come_back(key), "reach", phone="20 30 40 50", when="any")
    keeper()
    before = ContactCard.objects.get()

    say_who(ea, key)

    after = ContactCard.objects.get()
    assert after.thread == thread(key) and after.key != before.key and after.pk != before.pk
    held = threads.look_at_card(thread=thread(key), reason="Ringer.", by="keeper")
    assert held and held["phone"] == "+4520304050"


def test_a_thread_that_is_left_is_counted_once_as_a_course(ea: Visitor, key: str) -> None:
    say_who(ea, key)

    (counted,) = Tally.objects.filter(count__gt=0)
    assert (counted.outcome, counted.theme, counted.count, counted.promise) == ("course", "drikker-nu", 1, "none")
    facts = threads_queries.facts([thread(key)])[thread(key).pk] or {}
    assert not facts.get("theme") and not facts.get("age_band"), "what is counted does not follow the family"
    ea.burn(key)
    keeper()
    assert sum(Tally.objects.values_list("count", flat=True)) == 1


def test_a_promise_that_was_kept_is_counted_with_what_is_left(ea: Visitor, key: str, alma: Any) -> None:
    intake.answer(enquiry=taken(key, alma), text="Kom og drik en kop kaffe.", by=alma)

    say_who(ea, key)

    assert Tally.objects.get(count__gt=0).promise == "kept"
    assert Enquiry.objects.get(thread=thread(key)).promise_kept is None
    assert sum(of for _kept, of in intake_queries.promises([Tally.objects.get(count__gt=0).week]).values()) == 1


def test_a_promise_broken_before_the_name_is_counted_once(ea: Visitor, key: str, at: Any, alma: Any) -> None:
    at("2026-11-26T15:00")

    say_who(ea, key)
    week = thread(key).week

    assert intake_queries.promises([week]) == {week: (0, 1)}, "late, and still waited for"
    intake.answer(enquiry=taken(key, alma), text="Undskyld, det tog så længe.", by=alma)
    assert intake_queries.promises([week]) == {week: (0, 1)}


def test_a_referral_follows_its_family_and_its_referrer_is_told_as_before(ea: Visitor, finn: Any) -> None:
    from brobygger.consents import services as consents

    sent = referred.refer(share="ladder", phone="+4520304050")
    lent = sent.family.shown
    key = ea.first_use(lent).key
    keeper()
    card = ContactCard.objects.get()

    course = say_who(ea, key)

    assert sent.referral.thread == course.thread and sent.referral.thread.counted
    assert ContactCard.objects.get().consent == card.consent
    consents.move(referral=sent.referral, to="trying", by=finn)
    keeper()
    assert set(sent.ladder) == {"received", "trying"}
    page = ea.come_back(key)
    pressed = ea.act(page, "withdraw", consent=page.all("consent")[0])
    assert pressed.status == 200
    keeper()
    assert not ContactCard.objects.exists(), "taken back in the new thread, the number is gone"
    assert threads_queries.held(course.thread)


# ---- Twice, late, and refused ----


def test_the_page_sent_twice_makes_one_course(ea: Visitor, key: str) -> None:
    page = ea.ask_who(ea.come_back(key))
    ea.say_who(page)
    ea.say_who(page)
    keeper()
    ea.say_who(page)
    keeper()

    assert Course.objects.count() == 1 and Member.objects.count() == 1


def test_a_second_page_overwrites_nothing_and_reaches_people_as_words(ea: Visitor, key: str, alma: Any) -> None:
    taken(key, alma)
    before = ea.ask_who(ea.come_back(key))
    course = say_who(ea, key)

    sent = ea.say_who(before, name="En Anden", child1_name="Vera")
    assert sent.status == 200
    keeper()

    assert [each.called for each in record.look(course=course, by=alma).people] == ["Mette"]
    assert any("Vera" in text for _kind, text in said(thread(key)))
    assert "Vi ved allerede, hvem du er" in ea.come_back(key).words
    assert Enquiry.objects.get(thread=thread(key)).due_at is not None


def test_a_name_that_comes_after_the_end_begins_nothing(ea: Visitor, key: str, alma: Any) -> None:
    page = ea.ask_who(ea.come_back(key))
    intake.end(enquiry=taken(key, alma), outcome="helped", text="Pas godt på jer.", by=alma)

    ea.say_who(page)
    keeper()

    assert not Course.objects.exists() and not Thread.objects.exists()
    assert "name-name" not in ea.come_back(key).text and "Sig, hvem I er" not in ea.come_back(key).words


def test_a_professionals_own_conversation_becomes_no_course(ea: Visitor) -> None:
    key = ea.write("En dreng på seks.", door="professional", wish="sparring", profession="teacher", where="write").key
    keeper()
    page = ea.come_back(key)

    assert "say-who" not in page.text
    assert ea.ask_who(page).status == 404


def test_one_that_fails_keeps_nobody_elses_name_back_and_is_tried_again(
    ea: Visitor, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or not at all: the family that could not be led across stands where it stood, with its letter and key."""
    other = ea.write("En anden familie.").key
    keeper()
    stumbles = thread(key).pk
    for one in (key, other):
        ea.say_who(ea.ask_who(ea.come_back(one)))
    sound: Callable[..., None] = intake.cross

    def cross(**more: Any) -> None:
        if more["of"].pk == stumbles:
            raise RuntimeError("planted")
        sound(**more)

    monkeypatch.setattr(intake, "cross", cross)
    keeper()
    assert Course.objects.get().thread == thread(other)
    left = thread(key)
    assert left.pk == stumbles and said(left) == [("text", "Min mand drikker.")]
    assert Message.objects.filter(thread=left, kind="name", handled=False).exists()

    monkeypatch.setattr(intake, "cross", sound)
    keeper()
    assert Course.objects.count() == 2 and said(thread(key)) == [("text", "Min mand drikker.")]


def test_one_that_fails_every_round_leaves_no_key_and_no_word_to_be_found_by(
    ea: Visitor, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ea.say_who(ea.ask_who(ea.come_back(key)))
    before = DataKey.objects.count()

    def broken(**more: Any) -> None:
        raise RuntimeError("planted")

    with monkeypatch.context() as failing:
        # The last thing that is done, when everything else has been written.
        failing.setattr(threads, "tell", broken)
        opening.open_letters()
        for _round in range(3):
            assert naming.keep_up() == 0
    assert DataKey.objects.count() == before and not BlindToken.objects.exists()

    assert naming.keep_up() == 1
    assert Course.objects.count() == 1 and BlindToken.objects.exists()
