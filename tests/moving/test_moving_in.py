"""A house moves in with its old list: all of it or nothing, once, and with the list's own days."""

from datetime import date
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import CommandError
from django.db import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brobygger.casework import finding, notes, queries, record, services
from brobygger.casework.models import Assignment, Course, IdentityCard, Member, Note, Part
from brobygger.privacy import keyring
from brobygger.privacy.models import AuditEntry, BlindToken, DataKey, Tombstone
from config import moving, moving_sheets
from tests.moving.lists import HEADINGS, LIST, a_day, family, take, text, write

pytestmark = pytest.mark.django_db


def counted() -> list[int]:
    """Count every row a list could leave."""
    return [
        model.objects.count() for model in (Course, Member, Part, IdentityCard, Note, Assignment, BlindToken, DataKey)
    ]


def called(name: str) -> Member:
    """Find the person who is called so in the only course there is with one."""
    for course in Course.objects.all():
        for person in record._opened(course, list(Part.objects.filter(course=course))).people:
            if person.called == name:
                return person.member
    raise LookupError(name)


def test_nothing_is_written_until_somebody_says_so(house):
    before = counted()

    assert "Alt er rigtigt: 3 forløb, 6 mennesker. Intet er skrevet endnu." in take(LIST)

    assert counted() == before and not AuditEntry.objects.filter(action="casework.imported").exists()


def test_a_whole_list_moves_in(house, alma, bo):
    assert "Hentet ind: 3 forløb, 6 mennesker." in take(LIST, write=True, by="alma")

    mine = [short.ident for short in queries.mine(alma)]
    (course,) = Course.objects.filter(pk__in=mine)
    opened = record.look(course=course, by=alma)
    assert [(each.role, each.called) for each in opened.people] == [
        ("mother", "Mette"),
        ("father", "Jens"),
        ("child", "Liv"),
    ]
    mother, father, child = opened.people
    assert mother.known("use") == {"uses": [{"substance": "alkohol", "when": "past"}]}
    assert father.known("use")["uses"][1] == {"substance": "hash", "when": "past"}
    assert child.known("person")["birth"] == "2018-04" and child.known("care")["allergies"] == "nødder"
    assert opened.known("problems")["keys"] == ["vold"] and opened.known("tags") == {"tags": ["ny-gruppe"]}
    assert opened.known("offers")["offers"][0]["key"] == "samtaler"
    assert opened.known("agreement")["how"] == "present" and opened.known("agreement")["on"] == "2025-09-24"
    card = record.look_at_identity(member=father.member, reason="", by=alma)
    assert card == {"name": "Jens Hansen", "phone": "+45 24230301", "protected": True}
    (note,) = notes.look_at_notes(member=mother.member, by=alma)
    assert note.text.startswith("Fra den liste, vi havde før:") and "Hun vil gerne have, at Liv" in note.text
    assert note.by == "Alma" and note.at.date() == date(2025, 10, 15)
    assert queries.get_course(bo, course.pk) is None


def test_whoever_moved_in_is_found_by_name_number_and_mark(house, alma):
    take(LIST, write=True, by="alma")
    ident = queries.mine(alma)[0].ident

    for kind, said in [("name", "hansen jens"), ("name", "Ågård"), ("phone", "24 23 03 01"), ("tag", "ny-gruppe")]:
        assert [row.ident for row in finding.look_for(kind=kind, text=said, by=alma).rows] == [ident], said


def test_periods_run_from_the_lists_own_days_and_never_from_today(house, bo):
    take(LIST, write=True, by="alma")

    days = {(row.state, row.opened_on, row.ended_on, row.last_entry_on) for row in Course.objects.all()}
    assert days == {
        ("open", a_day("2025-09-24"), None, a_day("2025-10-15")),
        ("ended", a_day("2024-02-01"), a_day("2025-06-30"), a_day("2025-06-30")),
        ("open", a_day("2026-03-03"), None, a_day("2026-03-03")),
    }
    ended = Assignment.objects.get(user=bo)
    assert ended.valid_to == a_day("2025-07-30") and ended.course.parts.filter(kind="end").exists()


def test_every_course_and_nobody_else_stands_in_the_trail(house, operator):
    take(LIST, write=True, by="operator")

    lines = AuditEntry.objects.filter(action="casework.imported")
    assert {line.about for line in lines} == {f"course:{course.pk}" for course in Course.objects.all()}
    assert {line.by for line in lines} == {"operator"} and {line.reason for line in lines} == {""}


def test_the_same_list_again_adds_nothing(house, tmp_path):
    take(LIST, write=True, by="alma")
    before = counted()
    renamed = tmp_path / "en-anden.csv"
    renamed.write_bytes(LIST.read_bytes())

    said = take(renamed, write=True, by="alma")

    assert "3 forløb er her allerede." in said and "Intet er skrevet." in said
    assert counted() == before


def test_added_rows_alone_are_added(house, tmp_path):
    take(write(tmp_path / "a.csv", family()), write=True, by="alma")
    rows = [*family("18"), *family(), family()[0] | {"rolle": "far", "navn": "Jens Hansen"}]

    said = take(write(tmp_path / "b.csv", rows), write=True, by="alma")

    assert "Hentet ind: 1 forløb, 3 mennesker." in said and "1 forløb er her allerede." in said
    assert sorted(course.members.count() for course in Course.objects.all()) == [2, 3]
    assert list(called("Liv").course.members.values_list("position", flat=True)) in ([0, 1], [0, 1, 2])
    assert "Intet er skrevet." in take(tmp_path / "b.csv", write=True, by="alma")


def test_a_changed_row_is_told_and_not_written_over(house, alma, tmp_path):
    take(write(tmp_path / "a.csv", family(behandler="alma", telefon="24230300")), write=True, by="alma")
    before = counted()

    said = take(write(tmp_path / "a.csv", family(behandler="alma", telefon="24230399")), write=True, by="alma")

    assert "Række 2: er her allerede, men med noget andet." in said and "Række 3" not in said
    assert counted() == before
    mother = Member.objects.get(position=0)
    assert record.look_at_identity(member=mother, reason="", by=alma)["phone"] == "24230300"


def test_nobody_is_taken_into_a_course_that_has_ended(house, tmp_path):
    ended = {"sluttet": "01-03-2026", "slutårsag": "andet"}
    take(write(tmp_path / "a.csv", family(**ended)), write=True, by="alma")

    said = take(write(tmp_path / "a.csv", [*family(**ended), family()[0] | {"rolle": "far"}]), write=True, by="alma")

    assert "Række 4: Forløbet er her allerede, og det er sluttet" in said and Member.objects.count() == 2


def test_two_lists_may_use_the_same_numbers(house, tmp_path):
    take(write(tmp_path / "a.csv", family()), write=True, by="alma")

    take(write(tmp_path / "b.csv", family(navn="Karen Holm")), write=True, by="alma", list="Hvidovre")

    assert Course.objects.count() == 2


def test_what_was_erased_here_does_not_come_back(house, alma, tmp_path):
    rows = [*family(), *family("18")]
    take(write(tmp_path / "a.csv", rows), write=True, by="alma")
    first, second = Course.objects.all()
    services.erase_course(course=first, why="wish", by=alma)
    services.erase_member(member=second.members.get(position=1), why="wish", by=alma)
    before = counted()

    said = take(tmp_path / "a.csv", write=True, by="alma")

    assert said.count("Forløbet er slettet her. Det kommer ikke med igen") == 1
    assert counted() == before
    assert not BlindToken.objects.exclude(course=second.pk).exists()


def test_an_erasure_leaves_no_word_of_the_list(house, alma, tmp_path):
    take(write(tmp_path / "a.csv", family()), write=True, by="alma")
    (course,) = Course.objects.all()

    services.erase_course(course=course, why="wish", by=alma)

    assert not BlindToken.objects.exists() and not DataKey.objects.exists()
    assert Tombstone.objects.exists()


def test_when_the_last_step_fails_nothing_is_left(house, tmp_path, monkeypatch):
    before = counted()

    def fails(**_said):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(services.audit, "record_many", fails)
    with pytest.raises(DatabaseError):
        take(LIST, write=True, by="alma")
    assert counted() == before

    monkeypatch.undo()
    take(LIST, write=True, by="alma")
    assert Course.objects.count() == 3


def test_a_stop_between_the_two_databases_is_healed_by_running_it_again(house, tmp_path):
    take(write(tmp_path / "a.csv", family()), write=True, by="alma")
    # As a power cut would leave it: the database of the keys has it, the other never heard of it.
    stray = set(BlindToken.objects.values_list("pk", flat=True))
    Course.objects.update(state="erasing")
    Course.objects.all().delete()

    assert "Hentet ind: 1 forløb" in take(tmp_path / "a.csv", write=True, by="alma")

    assert not BlindToken.objects.filter(pk__in=stray).exists()
    assert set(BlindToken.objects.values_list("course", flat=True)) == {Course.objects.get().pk}


def test_two_who_take_in_the_same_list_at_once_take_it_in_once(house, alma):
    made = moving.plan(moving_sheets.read(LIST))
    again = moving.plan(moving_sheets.read(LIST))
    services.move_in(arrivals=made.arrivals, by=alma)
    before = counted()

    with pytest.raises(services.AlreadyHere):
        services.move_in(arrivals=again.arrivals, by=alma)
    assert counted() == before


@pytest.mark.parametrize("by", ["", "finn", "nobody"])
def test_who_may_begin_no_course_takes_in_nothing(by, house, finn):
    with pytest.raises(CommandError, match="Intet er skrevet"):
        take(LIST, write=True, by=by)
    assert not Course.objects.exists()


def everything() -> bytes:
    """Read every row of the rooms that know of courses, as bytes."""
    rooms = [model for room in ("casework", "privacy", "rights") for model in apps.get_app_config(room).get_models()]
    cells = [cell for model in rooms for row in model.objects.values_list() for cell in row]
    return b"\n".join(bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in cells)


def test_no_word_of_the_list_stands_in_clear(house):
    take(LIST, write=True, by="alma")

    kept = everything()
    assert b"casework.imported" in kept
    for word in ("Mette", "Aagaard", "24230301", "Bakkevej", "nødder", "F-101", "sommeren"):
        assert word.encode() not in kept and word.lower().encode() not in kept, word


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_in_whatever_order_and_however_often_each_row_comes_in_once(data, house, alma):
    rows = [line for number in ("1", "2", "3") for line in family(number, behandler="alma")]
    label = str(uuid4())
    before = Course.objects.count(), Member.objects.count()
    for _turn in range(3):
        some = data.draw(st.lists(st.sampled_from(["1", "2", "3"]), unique=True, min_size=1))
        order = data.draw(st.permutations([row for row in rows if row["forløbsnummer"] in some]))
        names = data.draw(st.permutations(["behandler", "kaldes", "født", "navn", *HEADINGS]))
        _take_in(text(order, names=[*names]), label, alma)
    _take_in(text(data.draw(st.permutations(rows))), label, alma)

    assert (Course.objects.count(), Member.objects.count()) == (before[0] + 3, before[1] + 6)


def _take_in(said: str, label: str, by) -> None:
    lines = list(moving_sheets._csv(said.encode()))
    made = moving.plan([line for line in lines if not line.empty], label=label)
    assert not made.problems and not made.notices, [*made.problems, *made.notices]
    services.move_in(arrivals=made.arrivals, by=by)


def test_keys_of_a_failed_run_open_nothing(house, alma, monkeypatch):
    seen = []
    monkeypatch.setattr(services.audit, "record_many", lambda **_said: seen.extend(_first_parts()) or 1 / 0)
    made = moving.plan(moving_sheets.read(LIST))

    with pytest.raises(ZeroDivisionError):
        services.move_in(arrivals=made.arrivals, by=alma)

    assert seen
    for key, sealed, context in seen:
        with pytest.raises(keyring.Shredded):
            keyring.open_sealed(key, sealed, context=context)


def _first_parts():
    rows = Part.objects.filter(member__isnull=True).select_related("course")
    return [(row.course.key, bytes(row.sealed), record.place("part", row.pk)) for row in rows]
