"""What is asked with the key, what is set right, what is refused, and what is erased."""

from typing import Any
from uuid import uuid4

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.casework import services as courses
from brobygger.casework.models import Course, Member, Note
from brobygger.door import queries as door_queries
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.privacy import keyring, seal
from brobygger.privacy import queries as trail
from brobygger.privacy.models import Erasure
from brobygger.rights import queries, rules, services
from brobygger.rights.models import LegalHold, SubjectRequest
from tests.letters import keeper

from . import people

pytestmark = pytest.mark.django_db(databases="__all__")


def letter(key: seal.ReturnKey, what: str, words: str = "") -> None:
    """Ask something with a key, as the door does."""
    opened, now = door_queries.open_box(key), clock.now().isoformat()
    payload = {
        "kind": "rights", "to": str(opened.box), "number": opened.number, "post": opened.post.hex(),
        "door": "parent", "wish": "write", "language": "da", "written_at": now, "answer_by": now,
        "rights": {"what": what, "words": words}, "receipt": seal.new_receipt_key().hex(),
    }  # fmt: skip
    door.receive_letter(letter=uuid4(), payload=payload, by="family")
    keeper()


@pytest.fixture
def with_key(at: Any, furnished: Any, alma: Any) -> seal.ReturnKey:
    at("2026-03-02T22:40")
    return people.key_of(alma)


def test_a_mother_asks_with_her_key_and_is_told_the_day(with_key: seal.ReturnKey, alma: Any) -> None:
    letter(with_key, "access", "Jeg vil gerne se det hele.")
    request = SubjectRequest.objects.get()
    assert request.member.position == 0 and request.kind == "access" and str(request.due_on) == "2026-04-02"
    assert queries.said(request)["words"] == "Jeg vil gerne se det hele." and queries.said(request)["way"] == "key"
    told = [dict(each) for each in door_queries.open_box(with_key).answers]
    assert any(each.get("news") == "rights_asked" and each["due"] == "2026-04-02" for each in told)
    assert services.keep_up() == 0, "asked once, taken in once"
    assert [each.request.pk for each in queries.waiting(alma)] == [request.pk]


def test_a_wish_from_a_box_without_a_course_makes_no_request(furnished: Any, alma: Any) -> None:
    from tests.letters import Visitor

    page = Visitor().write("Hej")
    keeper()
    letter(people.unlocked(page.key), "erasure")
    assert not SubjectRequest.objects.exists()


def test_a_wish_of_one_who_is_erased_is_nobody_elses_and_waits_for_a_person(
    with_key: seal.ReturnKey, alma: Any
) -> None:
    """A stop came in the middle of it: she is being erased, and her conversation still stands."""
    Member.objects.filter(position=0).update(erasing=True)

    letter(with_key, "access", "Jeg vil gerne se det hele.")

    assert not SubjectRequest.objects.exists()
    assert Course.objects.get().thread.enquiry.due_at is not None


def test_a_request_is_about_somebody_else_when_a_professional_says_so(
    with_key: seal.ReturnKey, alma: Any, bo: Any
) -> None:
    letter(with_key, "access", "Om mit barn")
    request, child = SubjectRequest.objects.get(), people.person(Course.objects.get(), 2)
    with pytest.raises(NotAllowed):
        services.move(request=request, member=child, right="custody", who="Moren", by=bo)
    services.move(request=request, member=child, right="custody", who="Moren", by=alma)
    request = people.again(request)
    assert request.member_id == child.pk and queries.said(request)["words"] == "Om mit barn"
    people.weigh_as(request, alma)
    with pytest.raises(NotAllowed):
        services.move(request=request, member=people.person(Course.objects.get(), 0), right="self", by=alma)


def test_what_is_right_stands_beside_what_was_written(furnished: Any, alma: Any, bo: Any) -> None:
    mother = people.person(people.course(alma), 0)
    wrong = people.note(mother, "Hun har tre børn.", alma)
    request = people.asked(mother, alma, kind="correction")
    with pytest.raises(NotAllowed):
        services.correct(request=request, text="To.", corrects=wrong, words="Rettet.", by=bo, once=uuid4())
    services.correct(request=request, text="Hun har to børn.", corrects=wrong, words="Rettet.", by=alma, once=uuid4())
    (note,) = services.notes.look_at_notes(member=mother, by=alma)
    assert note.text == "Hun har tre børn." and note.corrections[0].text == "Hun har to børn."
    assert people.again(request).state == "done"
    with pytest.raises(rules.AlreadyAnswered):
        services.correct(request=request, text="Fire.", corrects=wrong, words="Igen.", by=alma, once=uuid4())
    assert Note.objects.count() == 2, "what came too late is not written either"


def test_a_person_is_erased_and_the_receipt_proves_it(furnished: Any, alma: Any) -> None:
    course = people.course(alma)
    father, mother = people.person(course, 1), people.person(course, 0)
    people.note(father, "Fars ord.", alma)
    people.note(mother, "Mors ord.", alma)
    request = people.asked(father, alma, kind="erasure")
    ref = services.erase(request=request, whole=False, why="der er ingen grund til at gemme", by=alma)
    assert Erasure.objects.get(ref=ref).about == f"member:{father.pk}"
    with pytest.raises(keyring.Shredded):
        keyring.seal(father.key, {}, context="x")
    assert not Member.objects.filter(pk=father.pk).exists() and Note.objects.count() == 1
    assert ("alma", "rights.erasure_decided") in trail.trail(f"member:{father.pk}")
    assert queries.waiting(alma) == []


def test_a_whole_course_is_erased(furnished: Any, alma: Any, clara: Any) -> None:
    course = people.course(alma)
    request = people.asked(people.person(course, 0), clara, kind="erasure")
    services.erase(request=request, whole=True, why="der er ingen grund til at gemme", by=clara)
    assert not Course.objects.exists()


@pytest.mark.parametrize("whole", [False, True])
def test_a_psychologists_record_is_not_erased(furnished: Any, alma: Any, clara: Any, whole: bool, at: Any) -> None:
    """Full deletion is not allowed before its years are over; who the person is can go."""
    at("2026-03-02T09:00")
    people.become(alma, "psychologist")
    mother = people.person(people.course(alma), 0)
    people.note(mother, "Psykologens ord.", alma)
    request = people.asked(mother, clara, kind="erasure")
    for by in (alma, clara):
        with pytest.raises(services.MustBeKept):
            services.erase(request=request, whole=whole, why="hun vil det", by=by)
    stays = queries.must_stay(mother.course, mother)
    assert stays is not None and "Psykologloven" in stays.law["da"] and str(stays.until) == "2031-03-02"
    services.forget_identity(request=request, words="Dit navn er væk.", by=alma)
    assert not hasattr(Member.objects.get(pk=mother.pk), "card") and Note.objects.count() == 1
    assert people.again(request).state == "done"


def test_a_father_is_erased_though_a_psychologist_wrote_about_the_mother(furnished: Any, alma: Any) -> None:
    people.become(alma, "psychologist")
    course = people.course(alma)
    people.note(people.person(course, 0), "Psykologens ord.", alma)
    assert queries.must_stay(course) is not None
    request = people.asked(people.person(course, 1), alma, kind="erasure")
    services.erase(request=request, whole=False, why="der står intet om ham", by=alma)
    assert course.members.count() == 2


def test_what_is_held_is_not_erased(furnished: Any, alma: Any) -> None:
    course = people.course(alma)
    ident = uuid4()
    sealed = keyring.seal(course.key, {"words": "klage"}, context=keyring.place("legalhold", ident, "sealed"))
    LegalHold.objects.create(id=ident, course=course, reason="complaint", sealed=sealed, placed_by=alma)
    request = people.asked(people.person(course, 1), alma, kind="erasure")
    for whole in (False, True):
        with pytest.raises(courses.IsHeld):
            services.erase(request=request, whole=whole, why="fordi", by=alma)
    assert people.again(request).state == "received" and course.members.count() == 3
    lines = [*trail.trail(course), *trail.trail(request.member)]
    assert ("alma", "rights.erasure_decided") not in lines, "nobody has decided what could not be done"


def test_nobody_erases_what_was_not_asked_for(furnished: Any, alma: Any, bo: Any, finn: Any) -> None:
    course = people.course(alma)
    with pytest.raises(ValueError):
        services.erase(request=people.asked(people.person(course, 0), alma), whole=True, why="x", by=alma)
    request = people.asked(people.person(course, 0), alma, kind="erasure")
    for other in (bo, finn):
        with pytest.raises(NotAllowed):
            services.erase(request=request, whole=True, why="fordi", by=other)
        with pytest.raises(NotAllowed):
            services.refuse(request=request, words="nej", by=other)
        with pytest.raises(NotAllowed):
            people.asked(people.person(course, 0), other)
    assert Course.objects.exists()
