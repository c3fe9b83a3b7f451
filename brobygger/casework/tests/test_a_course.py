"""A course begins, is written in, is read by who has it, and ends."""

from uuid import uuid4

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.casework import finding, notes, queries, record, services
from brobygger.privacy import keyring
from brobygger.privacy.models import AuditEntry, BlindToken, DataKey, Erasure

from .families import AGREED, CHILD, MOTHER, begin

pytestmark = pytest.mark.django_db


def test_a_course_is_begun_and_read(furnished, alma, bo, finn, clara):
    course = begin(alma)

    opened = record.look(course=course, by=alma)

    assert [(each.role, each.called) for each in opened.people] == [
        ("mother", "Mette"),
        ("father", "Jens"),
        ("child", "Liv"),
    ]
    assert opened.known("agreement")["how"] == "present"
    assert queries.get_course(bo, course.pk) is None
    with pytest.raises(NotAllowed):
        record.look(course=course, by=bo)
    assert queries.get_course(finn, course.pk).sight == queries.rules.Sight(contact=True, arrange=True)
    assert queries.get_course(clara, course.pk).sight == queries.rules.Sight(arrange=True)


def test_once_begun_is_begun_once(furnished, alma, finn):
    once = uuid4()
    made = [services.open_course(people=[CHILD], agreed=AGREED, by=alma, worker=alma, once=once) for _ in range(2)]

    assert made[0] == made[1]
    with pytest.raises(NotAllowed):
        services.open_course(people=[CHILD], agreed=AGREED, by=finn, once=uuid4())


def test_two_write_the_same_part(furnished, alma):
    course = begin(alma)

    record.write_part(course=course, kind="living", body={"with": "mother"}, seen=0, by=alma)
    with pytest.raises(record.SomethingNew):
        record.write_part(course=course, kind="living", body={"with": "father"}, seen=0, by=alma)
    record.write_part(course=course, kind="living", body={"with": "shared"}, seen=1, by=alma)

    history = record.look_at_history(course=course, kind="living", by=alma)
    assert [each.body["with"] for each in history] == ["mother", "shared"]


def test_a_note_is_corrected_and_still_stands(furnished, alma):
    course = begin(alma)
    child = course.members.get(position=2)

    first = notes.write(member=child, text="Liv er otte.", by=alma, once=uuid4())
    notes.write(member=child, text="Liv er syv.", by=alma, once=uuid4(), corrects=first.pk)

    seen = notes.look_at_notes(member=child, by=alma)
    assert [(each.text, [one.text for one in each.corrections]) for each in seen] == [("Liv er otte.", ["Liv er syv."])]


def test_people_are_found_by_digests_alone(furnished, alma, bo, finn, clara):
    course = begin(alma)

    for kind, text in [
        ("name", "hansen mette"),
        ("name", "Ågård"),
        ("phone", "24230300"),
        ("nickname", course.nickname),
    ]:
        assert [row.ident for row in finding.look_for(kind=kind, text=text, by=alma).rows] == [course.pk], text
        assert finding.look_for(kind=kind, text=text, by=bo).rows == []
    assert [row.ident for row in finding.look_for(kind="name", text="Jens", by=finn).rows] == [course.pk]
    with pytest.raises(ValueError):
        finding.look_for(kind="name", text="Jens", by=clara)


def test_what_is_erased_opens_no_more(furnished, alma):
    course = begin(alma)
    keys = services._keys(list(course.members.all())) | {course.key}
    sealed = course.parts.filter(kind="agreement").get()

    ref = services.erase_course(course=course, why="wish", by=alma)

    assert not DataKey.objects.filter(pk__in=keys).exists()
    assert not BlindToken.objects.exists()
    assert set(Erasure.objects.get(ref=ref).keys) == {str(key) for key in keys}
    with pytest.raises(keyring.Shredded):
        keyring.open_sealed(course.key, bytes(sealed.sealed), context=record.place("part", sealed.pk))
    assert not AuditEntry.objects.filter(reason__contains=MOTHER["name"]).exists()
