"""What is written stays as it was written: a correction stands beside it, and no word is lost."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import Error, connection, transaction

from brobygger.access.guards import NotAllowed
from brobygger.casework import notes, queries, record, rules, services
from brobygger.casework.models import Course, Draft, IdentityCard, Member, Note, Part
from brobygger.consents import queries as consents
from brobygger.ground import clock
from brobygger.privacy.models import AuditEntry

from .families import AGREED, CHILD, MOTHER, begin, person

pytestmark = pytest.mark.django_db
OWN = "own_talks"


# ---- Parts ----


def test_every_part_is_kept_where_it_belongs_and_nowhere_else(alma: Any) -> None:
    course = begin(alma)
    for kind, whose in rules.PARTS.items():
        right, wrong = (None, person(course)) if whose == "course" else (person(course), None)
        seen = 1 if kind in {"agreement", "person"} else 0
        with pytest.raises(ValueError):
            record.write_part(course=course, member=wrong, kind=kind, body={"words": "æøå"}, seen=seen, by=alma)
        record.write_part(course=course, member=right, kind=kind, body={"words": "æøå"}, seen=seen, by=alma)

    opened = record.look(course=course, by=alma)
    known = {**opened.parts, **opened.people[0].parts}
    assert {kind: version.body["words"] for kind, version in known.items()} == dict.fromkeys(rules.PARTS, "æøå")
    with pytest.raises(KeyError):
        record.write_part(course=course, kind="secrets", body={}, seen=0, by=alma)


def test_a_person_of_another_family_is_not_written_about_here(alma: Any, bo: Any) -> None:
    mine, theirs = begin(alma), begin(bo)

    for kind in ("person", "care"):
        with pytest.raises(ValueError):
            record.write_part(course=mine, member=person(theirs), kind=kind, body={}, seen=0, by=alma)
    assert Part.objects.filter(about=person(theirs).pk).count() == 1


def test_what_stood_before_is_read_with_who_wrote_it_and_when(alma: Any, bo: Any, at: Any) -> None:
    at("2026-03-02T09:00")
    course = begin(alma)
    services.assign(course=course, to=bo, by=alma)
    member = person(course, 1)
    for hour, (who, holder) in enumerate([(alma, "yes"), (bo, "shared"), (alma, "no")]):
        at(f"2026-03-0{3 + hour}T10:00")
        record.write_part(course=course, member=member, kind="custody", body={"holder": holder}, seen=hour, by=who)

    history = record.look_at_history(course=course, member=member, kind="custody", by=bo)

    assert [(each.number, each.by, each.body["holder"], clock.local(each.at).day) for each in history] == [
        (1, "Alma", "yes", 3),
        (2, "Bo", "shared", 4),
        (3, "Alma", "no", 5),
    ]
    assert record.look(course=course, by=bo).people[1].known("custody") == {"holder": "no"}


def test_running_help_is_written_down_on_a_consent_that_stands(alma: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    course, given, over = begin(alma), uuid4(), uuid4()
    plain = course
    body = {"help": [{"who": "Sundhedsplejen", "words": "", "consent": str(given)}]}
    with pytest.raises(record.NoConsent):
        record.write_part(course=course, kind="coordination", body=body, seen=0, by=alma)

    course = SimpleNamespace(pk=course.pk, key=course.key, thread=SimpleNamespace())
    stand = [SimpleNamespace(consent=SimpleNamespace(pk=pk), standing=pk == given) for pk in (given, over)]
    monkeypatch.setattr(consents, "consents", lambda _thread: stand)
    for refused in (str(over), str(uuid4()), "", None):
        wrong = {"help": [*body["help"], {"who": "Skolen", "consent": refused}]}
        with pytest.raises(record.NoConsent):
            record.write_part(course=course, kind="coordination", body=wrong, seen=0, by=alma)
    assert not Part.objects.filter(kind="coordination").exists()
    record._on_consents(course, body)
    record.write_part(course=plain, kind="coordination", body={"help": []}, seen=0, by=alma)


# ---- People ----


def test_a_course_has_room_for_thirty_people_and_says_so(alma: Any) -> None:
    with pytest.raises(services.TooManyPeople):
        begin(alma, people=[CHILD] * (rules.MOST_MEMBERS + 1))
    assert not Course.objects.exists() and not AuditEntry.objects.filter(action__startswith="casework").exists()

    course = begin(alma, people=[{}] * rules.MOST_MEMBERS)
    with pytest.raises(services.TooManyPeople):
        services.add_member(course=course, person=CHILD, by=alma)
    assert course.members.count() == rules.MOST_MEMBERS
    services.erase_member(member=person(course, 4), why="wish", by=alma)
    assert services.add_member(course=course, person=CHILD, by=alma).position == rules.MOST_MEMBERS


def test_pressed_twice_somebody_is_written_down_once(alma: Any) -> None:
    course, once = begin(alma), uuid4()

    added = {services.add_member(course=course, person=CHILD, by=alma, once=once).pk for _press in range(2)}

    assert added == {once} and course.members.count() == 4
    assert AuditEntry.objects.filter(action="casework.person_added").count() == 1


def test_people_stand_in_the_order_they_were_written_down(alma: Any) -> None:
    course = begin(alma)
    services.add_member(course=course, person={"role": "grandparent", "called": "Farmor"}, by=alma)

    opened = record.look(course=course, by=alma)

    assert [(each.member.position, each.called, each.has_card) for each in opened.people] == [
        (0, "Mette", True), (1, "Jens", True), (2, "Liv", True), (3, "Farmor", False),
    ]  # fmt: skip


def test_nicknames_do_not_run_out(alma: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    what = [f"Ræv{chr(97 + at)}" for at in range(26)]
    monkeypatch.setattr(rules, "_drawn_from", lambda: (["Blå"], what))
    Course.objects.bulk_create(Course(key=uuid4(), nickname=f"Blå {each}") for each in what)

    names = [begin(alma, people=[{}]).nickname for _each in range(30)]

    assert len(set(names)) == 30
    assert all(name.split()[1] in what and name.split()[2].isdigit() for name in names)


def test_nothing_in_a_nickname_is_about_the_family(alma: Any) -> None:
    said = {word for each in (MOTHER, CHILD) for word in rules.words(each["name"])}
    assert not said & {word for line in rules._drawn_from() for each in line for word in rules.words(each)}


# ---- Who somebody is ----


def test_a_new_card_takes_the_place_of_the_old(alma: Any) -> None:
    course = begin(alma)
    mother = person(course)
    old = IdentityCard.objects.get(member=mother)

    record.give_identity(member=mother, said={"name": "Mette Holm", "phone": "30 30 30 30"}, by=alma)

    seen = record.look_at_identity(member=mother, reason="ring", by=alma)
    assert seen == {"name": "Mette Holm", "phone": "30 30 30 30"}
    assert IdentityCard.objects.filter(member=mother).count() == 1
    assert IdentityCard.objects.get(member=mother).key != old.key
    nobody = services.add_member(course=course, person={}, by=alma)
    assert record.look_at_identity(member=nobody, reason="ring", by=alma) is None


# ---- Notes ----


def test_a_note_sent_twice_is_one_and_other_words_from_the_same_page_are_not_lost(alma: Any, bo: Any) -> None:
    course, once = begin(alma), uuid4()
    member = person(course)

    for _press in range(2):
        notes.write(member=member, text="Hun ringede.", by=alma, once=once)
    with pytest.raises(notes.SentBefore):
        notes.write(member=member, text="Hun kom.", by=alma, once=once)

    assert [each.text for each in notes.look_at_notes(member=member, by=alma)] == ["Hun ringede."]
    services.assign(course=course, to=bo, by=alma)
    with pytest.raises(NotAllowed):
        notes.write(member=member, text="Hun ringede.", by=bo, once=once)
    with pytest.raises(NotAllowed):
        notes.write(member=person(course, 1), text="Hun ringede.", by=alma, once=once)
    assert Note.objects.count() == 1


def test_a_note_needs_words(alma: Any) -> None:
    course = begin(alma)
    for text in ("", "  \n\t"):
        with pytest.raises(notes.NothingWritten):
            notes.write(member=person(course), text=text, by=alma, once=uuid4())
    assert not Note.objects.exists()


def test_a_correction_stands_beside_what_it_corrects_and_nowhere_else(alma: Any, bo: Any) -> None:
    course = begin(alma)
    mother, child = person(course), person(course, 2)
    services.assign(course=course, to=bo, by=alma)
    first = notes.write(member=child, text="Otte.", by=alma, once=uuid4())
    second = notes.write(member=child, text="Syv.", by=bo, once=uuid4(), corrects=first.pk)
    notes.write(member=child, text="Syv og et halvt.", by=alma, once=uuid4(), corrects=second.pk)

    (seen,) = notes.look_at_notes(member=child, by=bo)

    assert [(each.text, each.by, each.mine) for each in (seen, *seen.corrections)] == [
        ("Otte.", "Alma", False),
        ("Syv.", "Bo", True),
        ("Syv og et halvt.", "Alma", False),
    ]
    for wrong in (uuid4(), notes.write(member=mother, text="Om mor.", by=alma, once=uuid4()).pk):
        with pytest.raises(NotAllowed):
            notes.write(member=child, text="Retter.", by=alma, once=uuid4(), corrects=wrong)
    with pytest.raises(NotAllowed):
        notes.write(member=child, text="Retter.", by=alma, once=uuid4(), corrects=first.pk, compartment=OWN)


def test_a_note_is_under_the_rule_its_writer_was_under_that_day(alma: Any) -> None:
    from brobygger.access import services as access

    course = begin(alma)
    notes.write(member=person(course), text="Før.", by=alma, once=uuid4())
    access.set_profession(user=alma, profession="psychologist", by="keeper")
    notes.write(member=person(course), text="Efter.", by=alma, once=uuid4())

    assert [each.profession for each in Note.objects.all()] == ["other", "psychologist"]
    assert queries.professions(course) == {"other", "psychologist"}


def test_a_childs_own_talks_lie_under_a_key_of_their_own(alma: Any) -> None:
    course = begin(alma)
    child = person(course, 2)
    assert child.own_key is None and not queries.has_own_talks(child)

    notes.write(member=child, text="Hemmeligt.", by=alma, once=uuid4(), compartment=OWN)

    child = person(course, 2)
    note = Note.objects.get()
    assert child.own_key not in {None, child.key} and queries.has_own_talks(child)
    assert notes.opened([note], child.key) == [None]
    assert notes.opened([note], child.own_key)[0]["text"] == "Hemmeligt."


# ---- Drafts ----


def test_a_draft_is_kept_found_by_its_writer_alone_and_becomes_the_note(alma: Any, bo: Any, at: Any) -> None:
    at("2026-03-02T09:00")
    course, once = begin(alma), uuid4()
    member = person(course)
    services.assign(course=course, to=bo, by=alma)

    assert notes.keep_draft(member=member, text="Hun", by=alma, once=once)
    assert notes.keep_draft(member=member, text="Hun ringede", by=alma, once=once)
    assert [(each.once, each.text) for each in notes.my_drafts(member=member, by=alma)] == [(once, "Hun ringede")]
    assert notes.my_drafts(member=member, by=bo) == []
    with pytest.raises(NotAllowed):
        notes.keep_draft(member=member, text="Bo skriver", by=bo, once=once)
    with pytest.raises(NotAllowed):
        notes.keep_draft(member=person(course, 1), text="Hun", by=alma, once=once)
    with pytest.raises(NotAllowed):
        notes.keep_draft(member=member, text="Hun", by=alma, once=once, compartment=OWN)
    notes.drop_draft(once=once, by=bo)
    assert notes.my_drafts(member=member, by=alma)[0].text == "Hun ringede"

    notes.write(member=member, text="Hun ringede.", by=alma, once=once)
    assert notes.my_drafts(member=member, by=alma) == []
    assert not notes.keep_draft(member=member, text="Hun ringede.", by=alma, once=once), "it does not come back"
    assert not Draft.objects.exists()


def test_a_draft_goes_when_it_is_emptied_thrown_away_or_a_month_old(alma: Any, at: Any) -> None:
    now = at("2026-03-02T09:00")
    member = person(begin(alma))
    ways = {"emptied": uuid4(), "dropped": uuid4(), "old": uuid4()}
    for once in ways.values():
        assert notes.keep_draft(member=member, text="Hun", by=alma, once=once)

    assert not notes.keep_draft(member=member, text=" ", by=alma, once=ways["emptied"])
    notes.drop_draft(once=ways["dropped"], by=alma)
    assert [each.once for each in notes.my_drafts(member=member, by=alma)] == [ways["old"]]
    assert services.sweep(now + timedelta(days=30)) == 0
    assert services.sweep(now + timedelta(days=30, seconds=1)) == 1
    assert not Draft.objects.exists()


def test_nobody_elses_draft_goes_with_a_note(alma: Any, bo: Any) -> None:
    course, once = begin(alma), uuid4()
    services.assign(course=course, to=bo, by=alma)
    notes.keep_draft(member=person(course), text="Bos ord", by=bo, once=once)

    notes.write(member=person(course), text="Almas ord", by=alma, once=once)

    assert Draft.objects.get().user_id == bo.pk


# ---- What the database itself refuses ----


def refused(statement: str, *values: Any, why: str = "what_was_written_stays") -> bool:
    """Tell whether the database refuses a statement, and leaves everything as it was."""
    with pytest.raises(Error, match=why), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return True


@pytest.mark.parametrize("table", ["casework_note", "casework_part"])
def test_the_database_lets_nobody_change_or_delete_what_was_written(alma: Any, table: str) -> None:
    course = begin(alma)
    notes.write(member=person(course), text="Står.", by=alma, once=uuid4())
    before = [Note.objects.count(), Part.objects.count()]

    assert refused(f"DELETE FROM {table}")
    assert refused(f"UPDATE {table} SET sealed = %s", b"andet")
    assert refused(f"UPDATE {table} SET written_at = %s", clock.now())
    assert refused(f"UPDATE {table} SET member_id = %s", person(course, 1).pk.hex)
    model = {"casework_note": Note, "casework_part": Part}[table]
    for deed in (model.objects.all().delete, lambda: model.objects.update(sealed=b""), model.objects.all()[0].save):
        with transaction.atomic(), pytest.raises(Error, match="what_was_written_stays"), transaction.atomic():
            deed()
    assert [Note.objects.count(), Part.objects.count()] == before
    if connection.vendor == "sqlite":
        # Neither by putting another in its place; and the trail is kept the same way.
        assert refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        trail = AuditEntry._meta.db_table
        assert refused(f"INSERT OR REPLACE INTO {trail} SELECT * FROM {trail}", why="append-only")
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert refused(f"TRUNCATE {table} CASCADE")


def test_rows_go_with_a_person_or_a_course_that_is_being_erased_and_with_no_other(alma: Any) -> None:
    one, other = begin(alma), begin(alma)
    for course in (one, other):
        for position in (0, 1):
            notes.write(member=person(course, position), text="Står.", by=alma, once=uuid4())
    for deed in (one.delete, person(one).delete):
        with transaction.atomic(), pytest.raises(Error, match="what_was_written_stays"), transaction.atomic():
            deed()

    Member.objects.filter(pk=person(one).pk).update(erasing=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM casework_note WHERE member_id = %s", [_raw(person(one).pk)])
        assert cursor.rowcount == 1
    assert refused("DELETE FROM casework_note WHERE member_id = %s", _raw(person(one, 1).pk))
    Course.objects.filter(pk=one.pk).update(state="erasing")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM casework_note WHERE course_id = %s", [_raw(one.pk)])
        assert cursor.rowcount == 1
    assert refused("DELETE FROM casework_note WHERE course_id = %s", _raw(other.pk))
    assert Note.objects.filter(course=other).count() == 2


def _raw(ident: Any) -> Any:
    return ident if connection.vendor == "postgresql" else ident.hex


def test_pressed_twice_one_course_begins(alma: Any) -> None:
    once = uuid4()
    first = services.open_course(people=[CHILD], agreed=AGREED, by=alma, worker=alma, once=once)
    again = services.open_course(people=[MOTHER], agreed=AGREED, by=alma, worker=alma, once=once)

    assert first == again and Course.objects.count() == 1 and Member.objects.count() == 1
