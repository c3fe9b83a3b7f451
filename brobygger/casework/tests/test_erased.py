"""What is erased opens no more and is found by nothing, whatever stopped half way; the others stay as they were."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from brobygger.access.guards import NotAllowed
from brobygger.casework import finding, notes, queries, record, services
from brobygger.casework.models import Assignment, Course, Draft, IdentityCard, Member, Note, Part
from brobygger.ground import clock
from brobygger.ground import models as kept
from brobygger.privacy import blind, keyring
from brobygger.privacy import queries as privacy
from brobygger.privacy.models import AuditEntry, BlindToken, DataKey, Erasure

from .families import FATHER, MOTHER, begin, person

pytestmark = pytest.mark.django_db
OWN = "own_talks"
ROWS = (Assignment, Course, Draft, IdentityCard, Member, Note, Part)


def filled(by: Any) -> Any:
    """Begin a course with something of everything in it."""
    course = begin(by)
    for each in course.members.all():
        notes.write(member=each, text="Et ord.", by=by, once=uuid4())
        notes.keep_draft(member=each, text="Et halvt ord", by=by, once=uuid4())
        record.write_part(course=course, member=each, kind="care", body={"remember": "Medicin"}, seen=0, by=by)
    notes.write(member=person(course, 2), text="Hemmeligt.", by=by, once=uuid4(), compartment=OWN)
    record.write_part(course=course, kind="tags", body={"tags": ["skole"]}, seen=0, by=by)
    return course


def keys_of(course: Any) -> set[Any]:
    """Name every key of a course."""
    people = list(course.members.all())
    held = {each.key for each in people} | {each.own_key for each in people if each.own_key} | {course.key}
    return held | set(IdentityCard.objects.filter(member__in=people).values_list("key", flat=True))


def sealed_in(course: Any) -> list[tuple[Any, bytes, str]]:
    """Keep what lies sealed in a course aside, as an old copy does."""
    found = []
    for row in Part.objects.filter(course=course).select_related("member"):
        found.append((row.member.key if row.member else course.key, bytes(row.sealed), record.place("part", row.pk)))
    for row in Note.objects.filter(course=course).select_related("member"):
        key = row.member.own_key if row.compartment == OWN else row.member.key
        found.append((key, bytes(row.sealed), record.place("note", row.pk)))
    for row in Draft.objects.filter(member__course=course).select_related("member"):
        found.append((row.member.key, bytes(row.sealed), record.place("draft", row.once)))
    for row in IdentityCard.objects.filter(member__course=course):
        found.append((row.key, bytes(row.sealed), record.place("identity", row.pk)))
    return found


# ---- A course, a person ----


def test_an_erased_course_leaves_its_receipt_and_nothing_else(alma: Any) -> None:
    course, other = filled(alma), filled(alma)
    keys, copy, theirs = keys_of(course), sealed_in(course), sealed_in(other)
    assert None not in keyring.open_many(copy) and len(copy) == 2 + 3 * 5 + 1

    ref = services.erase_course(course=course, why="wish", by=alma)

    assert keyring.open_many(copy) == [None] * len(copy)
    assert not DataKey.objects.filter(pk__in=keys).exists() and privacy.buried(keys) == keys
    receipt = privacy.erasure(ref)
    assert (set(receipt.keys), receipt.about, receipt.on) == (set(map(str, keys)), f"course:{course.pk}", clock.today())
    assert {each.course for each in BlindToken.objects.all()} == {other.pk}
    assert Course.objects.get() == other
    for model in ROWS:
        assert all(getattr(each, "course_id", other.pk) == other.pk for each in model.objects.all()), model
    assert None not in keyring.open_many(theirs)
    assert queries.get_course(alma, course.pk) is None
    assert [each.ident for each in finding.look_for(kind="name", text="Mette Hansen", by=alma).rows] == [other.pk]


def test_an_erased_person_leaves_the_others_readable(alma: Any, bo: Any) -> None:
    course = filled(alma)
    child, mother = person(course, 2), person(course)
    gone = [each for each in sealed_in(course) if each[0] in {child.key, child.own_key, child.card.key}]
    stay = [each for each in sealed_in(course) if each not in gone]

    ref = services.erase_member(member=child, why="wish", by=alma)

    assert keyring.open_many(gone) == [None] * len(gone) and len(gone) == 6
    assert None not in keyring.open_many(stay)
    assert set(privacy.erasure(ref).keys) == {str(each) for each in (child.key, child.own_key, child.card.key)}
    opened = record.look(course=course, by=alma)
    assert [each.called for each in opened.people] == ["Mette", "Jens"]
    assert [each.text for each in notes.look_at_notes(member=mother, by=alma)] == ["Et ord."]
    assert finding.look_for(kind="name", text="Liv", by=alma).rows == []
    assert len(finding.look_for(kind="name", text="Mette", by=alma).rows) == 1
    assert queries.get_member(alma, course.pk, child.pk) is None
    with pytest.raises(NotAllowed):
        notes.write(member=child, text="Mere.", by=alma, once=uuid4())
    with pytest.raises(NotAllowed):
        record.give_identity(member=child, said=MOTHER, by=alma)


def test_erased_twice_is_erased_once(alma: Any) -> None:
    course = filled(alma)
    child = person(course, 2)

    assert services.erase_member(member=child, why="wish", by=alma) == services.erase_member(
        member=child, why="wish", by=alma
    )
    assert services.erase_course(course=course, why="wish", by=alma) == services.erase_course(
        course=course, why="period", by=alma
    )
    assert Erasure.objects.count() == 2
    assert AuditEntry.objects.filter(action__endswith="_erased").count() == 2
    with pytest.raises(Erasure.DoesNotExist):
        services.erase_course(course=Course(id=uuid4()), why="wish", by=alma)


def test_a_course_that_is_held_is_not_erased_nor_anybody_in_it(alma: Any) -> None:
    course = filled(alma)
    copy = sealed_in(course)
    held = [
        ("held_back", "UPDATE", "casework_course", "NEW.state = 'erasing'"),
        ("held_back", "UPDATE", "casework_member", "NEW.erasing"),
    ]
    kept.put_in_place(connection, held)
    try:
        for deed in (
            lambda: services.erase_course(course=course, why="wish", by=alma),
            lambda: services.erase_member(member=person(course), why="wish", by=alma),
        ):
            with pytest.raises(services.IsHeld):
                deed()
    finally:
        kept.take_away(connection, held)
    assert None not in keyring.open_many(copy) and not Erasure.objects.exists()
    assert not AuditEntry.objects.filter(action__endswith="_erased").exists()
    assert len(record.look(course=course, by=alma).people) == 3


# ---- Who somebody is, alone ----


def test_a_forgotten_identity_leaves_nothing_to_find_and_the_course_goes_on(alma: Any, finn: Any) -> None:
    course = filled(alma)
    mother = person(course)
    card = IdentityCard.objects.get(member=mother)
    copy = (card.key, bytes(card.sealed), record.place("identity", card.pk))

    record.forget_identity(member=mother, by=alma)

    assert keyring.open_many([copy]) == [None] and privacy.buried([card.key]) == {card.key}
    assert not blind.is_known(card.pk) and not blind.is_known(mother.pk)
    for kind, text in [("name", "Mette"), ("name", "Mette Aagaard Hansen"), ("phone", "24230300")]:
        assert finding.look_for(kind=kind, text=text, by=finn).rows == []
    assert record.look_at_identity(member=mother, reason="ring", by=alma) is None
    opened = record.look(course=course, by=alma)
    assert (opened.people[0].called, opened.people[0].has_card) == ("Mette", False)
    record.forget_identity(member=mother, by=alma)


def test_a_card_that_is_replaced_is_destroyed_and_does_not_come_back_with_an_old_copy(alma: Any, finn: Any) -> None:
    course = begin(alma)
    mother = person(course)
    cards, tokens = [], []
    for name in ("Mette Holm", "Mette Lund"):
        card = IdentityCard.objects.get(member=mother)
        cards.append((card.key, bytes(card.sealed), record.place("identity", card.pk)))
        tokens += BlindToken.objects.filter(about=card.pk)
        record.give_identity(member=mother, said={"name": name}, by=alma)

    assert keyring.open_many(cards) == [None, None]
    buried = privacy.buried()
    assert {key for key, *_ in cards} <= buried
    assert {each.about for each in tokens} <= buried, "a copy of the index still knows the old name"
    for name, there in [("Mette Aagaard", 0), ("Mette Holm", 0), ("Mette Lund", 1)]:
        assert len(finding.look_for(kind="name", text=name, by=finn).rows) == there


# ---- Stopped half way ----


class Stop(BaseException):
    """The power goes."""


def stopping(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, before: bool) -> None:
    """Let the power go at a function, before it has done anything or just after."""
    real = getattr(owner, name)

    def stop(*args: Any, **more: Any) -> Any:
        if not before:
            real(*args, **more)
        raise Stop

    monkeypatch.setattr(owner, name, stop)


STOPS = [
    (blind, "retire", True),
    (blind, "retire", False),
    (blind, "forget", True),
    (blind, "forget", False),
    (keyring, "shred", True),
    (Course, "delete", True),
]


@pytest.mark.parametrize("owner, name, before", STOPS, ids=lambda each: getattr(each, "__name__", str(each)))
def test_an_erasure_that_stopped_half_way_is_finished_by_night(
    alma: Any, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, before: bool
) -> None:
    course, other = filled(alma), filled(alma)
    copy, keys = sealed_in(course), keys_of(course)
    with monkeypatch.context() as power:
        stopping(power, owner, name, before=before)
        with pytest.raises(Stop):
            services.erase_course(course=course, why="wish", by=alma)
    assert queries.get_course(alma, course.pk) is None, "from the first moment on nobody sees it"
    with pytest.raises((NotAllowed, record.CourseIsClosed)):
        record.write_part(course=course, kind="living", body={}, seen=0, by=alma)

    assert services.sweep(clock.now()) == 1

    assert keyring.open_many(copy) == [None] * len(copy) and privacy.buried(keys) == keys
    assert not Course.objects.filter(pk=course.pk).exists()
    assert {each.course for each in BlindToken.objects.all()} == {other.pk}
    assert Erasure.objects.count() == 1
    assert services.sweep(clock.now()) == 0
    assert len(record.look(course=other, by=alma).people) == 3


@pytest.mark.parametrize("name, before", [("retire", True), ("forget", True), ("forget", False)])
def test_a_person_half_erased_is_gone_by_night(
    alma: Any, monkeypatch: pytest.MonkeyPatch, name: str, before: bool
) -> None:
    course = filled(alma)
    child = person(course, 2)
    copy = [each for each in sealed_in(course) if each[0] in {child.key, child.own_key, child.card.key}]
    with monkeypatch.context() as power:
        stopping(power, blind, name, before=before)
        with pytest.raises(Stop):
            services.erase_member(member=child, why="wish", by=alma)
    assert [each.called for each in record.look(course=course, by=alma).people] == ["Mette", "Jens"]
    with pytest.raises(NotAllowed):
        notes.write(member=child, text="Mere.", by=alma, once=uuid4())

    assert services.sweep(clock.now()) == 1

    assert keyring.open_many(copy) == [None] * len(copy)
    assert not Member.objects.filter(pk=child.pk).exists()
    assert finding.look_for(kind="name", text="Liv", by=alma).rows == []


def test_one_that_cannot_be_finished_keeps_no_other_from_it(alma: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    courses = [filled(alma) for _each in range(3)]
    Course.objects.update(state="erasing")
    real, stuck = blind.forget, min(each.pk for each in courses)

    def forget(*, about: Any, **more: Any) -> None:
        if stuck in about:
            raise RuntimeError
        real(about=about, **more)

    with monkeypatch.context() as power:
        power.setattr(blind, "forget", forget)
        assert services.sweep(clock.now()) == 2

    assert [each.pk for each in Course.objects.all()] == [stuck]
    assert services.sweep(clock.now()) == 1 and not Course.objects.exists()


def test_an_identity_half_forgotten_opens_no_more_and_goes_by_night(
    alma: Any, finn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = filled(alma)
    mother = person(course)
    card = IdentityCard.objects.get(member=mother)
    with monkeypatch.context() as power:
        stopping(power, blind, "forget", before=False)
        with pytest.raises(Stop):
            record.forget_identity(member=mother, by=alma)
    assert IdentityCard.objects.filter(pk=card.pk).exists(), "the row came back, and only the row"
    assert record.look_at_identity(member=mother, reason="ring", by=alma) is None
    assert finding.look_for(kind="name", text="Mette", by=finn).rows == []

    assert services.sweep(clock.now()) == 1

    assert not IdentityCard.objects.filter(pk=card.pk).exists()
    assert IdentityCard.objects.count() == 2 and services.sweep(clock.now()) == 0
    assert AuditEntry.objects.filter(action="casework.identity_destroyed", by="keeper").count() == 1


def test_words_about_somebody_who_never_came_to_be_are_gone_by_night(
    alma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = filled(alma)
    known = blind.everything()
    with monkeypatch.context() as power:
        stopping(power, services.audit, "record", before=True)
        with pytest.raises(Stop):
            begin(alma)
        with pytest.raises(Stop):
            services.add_member(course=other, person=FATHER, by=alma)
    assert Course.objects.count() == 1 and person(other, 2) and len(blind.everything() - known) == 5

    assert services.sweep(clock.now()) == 5

    assert blind.everything() == known and not privacy.buried(known)
    assert services.sweep(clock.now()) == 0


def test_an_index_that_belongs_to_another_house_is_left_alone(alma: Any) -> None:
    for _each in range(130):
        blind.put(about=uuid4(), course=uuid4(), entries=[("name", "mette")], by="keeper")

    assert services.sweep(clock.now()) == 0
    assert len(blind.everything()) == 130


def test_nothing_of_a_course_is_left_when_beginning_it_failed(alma: Any) -> None:
    before = [model.objects.count() for model in ROWS]
    with pytest.raises(TypeError):
        services.open_course(people=[MOTHER], agreed={"how": "present", "text": object}, by=alma)

    assert [model.objects.count() for model in ROWS] == before
    assert not AuditEntry.objects.filter(action__startswith="casework").exists()


def test_a_page_pressed_again_after_the_erasure_begins_anew_under_other_keys(alma: Any) -> None:
    once = uuid4()
    first = services.open_course(people=[MOTHER], agreed={"how": "present"}, by=alma, worker=alma, once=once)
    keys = keys_of(first)
    services.erase_course(course=first, why="wish", by=alma)

    second = services.open_course(people=[MOTHER], agreed={"how": "present"}, by=alma, worker=alma, once=once)

    assert second.pk == first.pk and not keys & keys_of(second)
    assert len(record.look(course=second, by=alma).people) == 1
    services.erase_course(course=second, why="wish", by=alma)
    assert Erasure.objects.filter(about=f"course:{once}").count() == 2 and not BlindToken.objects.exists()
