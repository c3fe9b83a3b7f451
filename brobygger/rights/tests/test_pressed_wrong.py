"""Pressed twice, too early, by the wrong person or about the wrong one: nothing is destroyed, handed out or lost."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from brobygger.casework import queries as casework
from brobygger.casework import services as courses
from brobygger.casework.models import Course, Member, Note
from brobygger.ground import clock
from brobygger.rights import document, queries, services
from brobygger.rights.models import SubjectRequest

from . import people

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def family(furnished: Any, alma: Any) -> Any:
    return people.course(alma)


def url(name: str, **where: Any) -> str:
    return reverse(f"rights:{name}", kwargs=where)


def rung(client: Any, course: Course, kind: str = "access", **more: str) -> SubjectRequest:
    """Write down as the leader, who does not know the people, that somebody rings."""
    sent = {"once": str(uuid4()), "kind": kind, "right": "self", "who": "Faren", "way": "phone", "words": ""}
    sent |= {"asked_on": clock.today().isoformat(), **more}
    assert client.post(url("register", course=course.pk), sent).status_code == 302
    return SubjectRequest.objects.get(pk=sent["once"])


def test_what_the_leader_writes_down_is_about_nobody_yet(family: Any, alma: Any, clara: Any, staff_client: Any) -> None:
    """The father rings the leader: the mother, who happens to stand first, is neither handed out nor erased by it."""
    leader, therapist = staff_client(clara), staff_client(alma)
    erasure, access = rung(leader, family, "erasure"), rung(leader, family)
    page = leader.post(url("erase", request_id=erasure.pk), {"whole": "person", "why": "han vil det", "sure": "on"})
    assert page.status_code == 422 and family.members.count() == 3
    services.appoint(request=access, weighs=alma, by=clara)
    assert not services.look(request=people.again(access), by=alma).entries, "nobody is opened yet"
    with pytest.raises(services.rules.AboutWhom):
        services.make_ready(request=people.again(access), names=False, language="da", by=alma)
    assert str(people.person(family, 0).pk) not in str(
        therapist.get(url("request", request_id=access.pk)).context["person"]["about"].value()
    )
    about = {"about": str(people.person(family, 1).pk), "right": "self", "who": ""}
    for request in (erasure, access):
        assert therapist.post(url("person", request_id=request.pk), about | {"about": "x"}).status_code == 422
        assert therapist.post(url("person", request_id=request.pk), about | {"right": "custody"}).status_code == 422
        assert therapist.post(url("person", request_id=request.pk), about).status_code == 302
    assert people.again(access).member.position == 1
    people.weigh(people.again(access), alma)
    services.refuse(request=people.again(access), words="Nej.", by=alma)
    page = leader.post(url("erase", request_id=erasure.pk), {"whole": "person", "why": "han vil det", "sure": "on"})
    assert page.status_code == 200 and [each.position for each in family.members.all()] == [0, 2]


def test_nothing_is_erased_that_somebody_else_waits_to_see(family: Any, alma: Any, staff_client: Any) -> None:
    """The father asks to be erased, and somebody ticks the whole course: the mother has asked to see hers."""
    mother, father = people.person(family, 0), people.person(family, 1)
    seen, gone = people.asked(mother, alma), people.asked(father, alma, kind="erasure")
    sent = {"whole": "course", "why": "han vil det", "sure": "on"}
    page = staff_client(alma).post(url("erase", request_id=gone.pk), sent)
    assert page.status_code == 422 and Course.objects.exists() and "han vil det" in page.content.decode()
    services.refuse(request=seen, words="Nej.", by=alma)
    assert staff_client(alma).post(url("erase", request_id=gone.pk), sent).status_code == 200
    assert not Course.objects.exists()


def test_a_card_is_not_destroyed_by_a_wish_that_was_answered_or_was_another(
    family: Any, alma: Any, staff_client: Any
) -> None:
    mother, client = people.person(family, 0), staff_client(alma)
    access, erasure = people.asked(mother, alma), people.asked(mother, alma, kind="erasure")
    services.refuse(request=erasure, words="Nej.", by=alma)
    for request in (access, erasure):
        client.post(url("answer", request_id=request.pk, how="forget"), {"words": "Væk."})
        assert hasattr(Member.objects.get(pk=mother.pk), "card")
    assert client.post(url("answer", request_id=access.pk, how="answer"), {"words": "Her."}).status_code == 404
    assert people.again(access).state == "received"


def test_a_paper_that_cannot_be_drawn_was_not_handed_out(
    family: Any, alma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = people.ready(people.asked(people.person(family, 0), alma), alma)

    def broken(made: Any) -> bytes:
        raise document.paper.PaperFailed("no")

    monkeypatch.setattr(document, "pdf", broken)
    with pytest.raises(document.paper.PaperFailed):
        services.hand_out(request=request, how="pdf", by=alma)
    assert people.again(request).state == "ready" and not Note.objects.exists()


def test_any_writing_can_be_printed(family: Any, alma: Any) -> None:
    """A hundred signs no font of ours can draw are each named, and the paper comes all the same."""
    mother = people.person(family, 0)
    people.note(mother, "".join(chr(0x4E00 + 7 * n) for n in range(100)) + " 🏡👩‍👧 نور #let x = [", alma)
    request = people.ready(people.asked(mother, alma), alma)
    said = people.printed(services.hand_out(request=request, how="pdf", by=alma)[1])
    assert "house with garden" in said and "let x = [" in said


def test_who_may_not_read_a_childs_talks_is_told_who_hands_them_out(
    family: Any, alma: Any, bo: Any, clara: Any, staff_client: Any
) -> None:
    """A colleague with the course gets a sentence, and not a fault; the leader can hand it out."""
    child = people.person(family, 2)
    people.note(child, "Hemmeligt.", alma, compartment="own_talks")
    request = people.asked(child, alma, right="young")
    services.decide_own_talks(request=request, given=True, why="hun vil", by=alma)
    people.ready(request, alma)
    courses.assign(course=family, to=bo, by=alma)
    client = staff_client(bo)
    assert client.get(url("paper", request_id=request.pk)).status_code == 302
    for how in ("page", "pdf", "json"):
        assert client.post(url("hand_out", request_id=request.pk), {"how": how}).status_code == 302
    assert people.again(request).state == "ready"
    assert staff_client(clara).post(url("hand_out", request_id=request.pk), {"how": "json"}).status_code == 200


def test_a_course_that_ended_years_ago_can_still_be_answered_for(
    family: Any, alma: Any, bo: Any, clara: Any, finn: Any, staff_client: Any, at: Any
) -> None:
    """The record is kept five years, and so are the rights: the leader gives it to somebody, who looks it through."""
    people.note(people.person(family, 2), "Hemmeligt.", alma, compartment="own_talks")
    courses.end_course(course=family, reason="completed", words="", seen=0, by=alma)
    at((clock.now() + timedelta(days=400)).isoformat())
    leader = staff_client(clara)
    request = rung(leader, family)
    where = reverse("casework:assignments", kwargs={"course": family.pk})
    assert where in leader.get(url("request", request_id=request.pk)).content.decode()
    page = leader.get(where)
    assert 'value="give"' in page.content.decode() and 'value="tonight"' not in page.content.decode()
    given = {"do": "give", "give-to": "bo", "give-valid_from": clock.today().isoformat(), "give-own_talks": "on"}
    assert leader.post(where, given).status_code == 302
    assert queries.who_may_weigh(queries.get_place(clara, family.pk)) == [bo]
    held = casework.get_course(bo, family.pk)
    assert held is not None and held.sight.own_talks, "nobody at work heard them any more"
    row = casework.assignments(held)[0]
    assert row.valid_to == clock.today() + timedelta(days=30)


def test_a_course_with_nobody_left_in_it_has_a_page(family: Any, alma: Any, staff_client: Any) -> None:
    for member in family.members.all():
        courses.erase_member(member=member, why="wish", by=alma)
    client = staff_client(alma)
    assert client.get(url("register", course=family.pk)).status_code == 200
    sent = {"once": str(uuid4()), "kind": "access", "right": "self", "way": "phone", "asked_on": "2026-01-01"}
    assert client.post(url("register", course=family.pk), sent).status_code in (404, 422)


def test_the_page_says_whom_it_erases(family: Any, alma: Any, clara: Any, staff_client: Any) -> None:
    """Whoever has the course reads the name beside the button; who leads is told none."""
    request = people.asked(people.person(family, 1), alma, kind="erasure")
    page = staff_client(alma).get(url("request", request_id=request.pk)).content.decode()
    assert "Slet: Lars, Far" in page
    assert "Lars" not in staff_client(clara).get(url("request", request_id=request.pk)).content.decode()
