"""The pages of rights: who may open them, and that each step can be taken with a plain form."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import resolve, reverse

from brobygger.privacy.models import Erasure
from brobygger.rights import services
from brobygger.rights.models import HandOver, SubjectRequest

from . import people

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def family(furnished: Any, alma: Any) -> Any:
    return people.course(alma)


def url(name: str, **where: Any) -> str:
    return reverse(f"rights:{name}", kwargs=where)


def test_a_therapist_takes_a_request_from_first_word_to_paper(family: Any, alma: Any, staff_client: Any) -> None:
    client, mother = staff_client(alma), people.person(family, 0)
    people.note(mother, "Mette sover dårligt. Lars sagde noget grimt om hende.", alma)
    assert "Mette" in client.get(url("register", course=family.pk)).content.decode()
    page = client.get(url("register", course=family.pk))
    sent = {
        "once": page.context["form"]["once"].value(), "about": str(mother.pk), "kind": "access", "right": "self",
        "way": "present", "asked_on": "2026-01-01", "who": "", "words": "Jeg vil se det hele.",
    }  # fmt: skip
    answer = client.post(url("register", course=family.pk), sent)
    assert answer.status_code == 302
    request = SubjectRequest.objects.get()
    assert client.post(url("register", course=family.pk), sent).status_code == 302
    assert SubjectRequest.objects.count() == 1
    page = client.get(answer["Location"])
    assert "Jeg vil se det hele." in page.content.decode()
    where = url("item", request_id=request.pk, item=page.context["opened"].waiting[0].ident)
    while resolve(where).url_name == "item":
        sentences = client.get(where).context["entry"].sentences
        held = [str(n) for n, said in enumerate(sentences) if "Lars" in said]
        where = client.post(where, {"held": held, "why": "third_person" if held else "", "words": ""})["Location"]
    assert client.post(url("ready", request_id=request.pk)).status_code == 302
    assert "grimt" not in client.get(url("paper", request_id=request.pk)).content.decode()
    out = client.post(url("hand_out", request_id=request.pk), {"how": "page"}).content.decode()
    assert "Mette sover dårligt." in out and "grimt" not in out
    pdf = client.post(url("hand_out", request_id=request.pk), {"how": "pdf"})
    assert pdf["Content-Type"] == "application/pdf" and "sover dårligt" in people.printed(pdf.content)
    page = client.get(url("request", request_id=request.pk)).content.decode()
    assert page.count("<li>") >= 2
    for name in ("waiting",):
        assert client.get(url(name)).status_code == 200
    assert client.get(url("course", course=family.pk)).status_code == 200
    assert client.get(url("hand_over", course=family.pk)).status_code == 200


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("alma", True),
        ("clara", True),
        ("bo", False),
        ("finn", False),
        ("gro", False),
        ("dan", False),
        ("operator", False),
    ],
)
def test_a_request_exists_for_who_has_the_course_and_who_leads(
    family: Any, alma: Any, staff_client: Any, request: pytest.FixtureRequest, who: str, may: bool
) -> None:
    """One setup, one question each: everybody else gets the page that says there is no such page."""
    asked = people.ready(people.asked(people.person(family, 0), alma), alma)
    client = staff_client(request.getfixturevalue(who))
    for name, where in (
        ("course", {"course": family.pk}),
        ("register", {"course": family.pk}),
        ("request", {"request_id": asked.pk}),
        ("paper", {"request_id": asked.pk}),
    ):
        assert client.get(url(name, **where)).status_code == (200 if may else 404), (who, name)
    given = client.post(url("hand_out", request_id=asked.pk), {"how": "json"})
    assert given.status_code == (200 if may else 404)
    assert client.post(url("hand_out", request_id=asked.pk), {"how": "mail"}).status_code == 404


def test_the_leader_sees_no_content(family: Any, alma: Any, clara: Any, staff_client: Any) -> None:
    """Not the words, not the people, not what is looked through; and cannot decide what is held back."""
    mother = people.person(family, 0)
    people.note(mother, "Kanariesætning.", alma)
    asked = services.register(member=mother, kind="access", right="self", way="phone", by=alma, words="Hemmelige ord")
    client = staff_client(clara)
    for name, where in (
        ("waiting", {}),
        ("course", {"course": family.pk}),
        ("register", {"course": family.pk}),
        ("request", {"request_id": asked.pk}),
    ):
        page = client.get(url(name, **where)).content.decode()
        assert not any(word in page for word in ("Kanariesætning", "Hemmelige ord", "Mette", "Lars")), name
    entry = services.look(request=asked, by=alma).entries[0].ident
    assert client.get(url("item", request_id=asked.pk, item=entry)).status_code == 404
    assert client.get(url("paper", request_id=asked.pk)).status_code == 404
    assert client.post(url("ready", request_id=asked.pk)).status_code == 404
    assert client.post(url("own_talks", request_id=asked.pk), {"given": "yes", "why": "x"}).status_code == 404
    assert client.post(url("person", request_id=asked.pk), {"about": ""}).status_code == 404
    assert client.get(url("hand_over", course=family.pk)).status_code == 404
    assert people.again(asked).state == "received"


def test_who_asks_for_somebody_else_is_written_down(family: Any, alma: Any, staff_client: Any) -> None:
    """Bad input gets a sentence, and loses nothing."""
    client = staff_client(alma)
    sent = {
        "once": str(uuid4()), "about": str(people.person(family, 2).pk), "kind": "access", "right": "custody",
        "way": "phone", "asked_on": "2026-01-01", "who": "", "words": "Det jeg skrev",
    }  # fmt: skip
    page = client.post(url("register", course=family.pk), sent)
    assert page.status_code == 422 and "Det jeg skrev" in page.content.decode()
    assert client.post(url("register", course=family.pk), sent | {"asked_on": "2999-01-01"}).status_code == 422
    assert not SubjectRequest.objects.exists()
    assert client.post(url("register", course=family.pk), sent | {"who": "Faren"}).status_code == 302
    assert SubjectRequest.objects.get().member.position == 2


def test_a_person_is_erased_on_a_page_that_asks_twice(family: Any, alma: Any, staff_client: Any) -> None:
    client, asked = staff_client(alma), people.asked(people.person(family, 1), alma, kind="erasure")
    sent = {"whole": "person", "why": "der er ingen grund til at gemme"}
    assert client.post(url("erase", request_id=asked.pk), sent).status_code == 422
    page = client.post(url("erase", request_id=asked.pk), sent | {"sure": "on"})
    assert page.status_code == 200 and Erasure.objects.get().ref in page.content.decode()
    assert client.post(url("erase", request_id=asked.pk), sent | {"sure": "on"}).status_code == 404


def test_a_law_or_a_hold_is_said_on_the_page(family: Any, alma: Any, staff_client: Any) -> None:
    people.become(alma, "psychologist")
    mother = people.person(family, 0)
    people.note(mother, "Ord.", alma)
    client, asked = staff_client(alma), people.asked(mother, alma, kind="erasure")
    assert "Psykologloven" in client.get(url("request", request_id=asked.pk)).content.decode()
    sent = {"whole": "person", "why": "hun vil det", "sure": "on"}
    assert client.post(url("erase", request_id=asked.pk), sent).status_code == 422
    assert client.post(url("answer", request_id=asked.pk, how="refuse"), {"words": " "}).status_code == 422
    assert client.post(url("answer", request_id=asked.pk, how="refuse"), {"words": "Loven § 14"}).status_code == 302
    page = client.get(url("request", request_id=asked.pk)).content.decode()
    assert "Loven § 14" in page and "Datatilsynet" in page


def test_a_course_is_handed_over_on_a_page(family: Any, alma: Any, staff_client: Any) -> None:
    client = staff_client(alma)
    page = client.get(url("hand_over", course=family.pk))
    form = page.context["form"]
    sent = {
        "once": form["once"].value(), "municipality": "0161", "kle": form.fields["kle"].choices[1][0], "ground": "law",
        "law": "", "people": [form.fields["people"].choices[0][0]], "parts": ["person", "notes"],
    }  # fmt: skip
    assert client.post(url("hand_over", course=family.pk), sent).status_code == 422
    assert client.post(url("hand_over", course=family.pk), sent | {"ground": "consent"}).status_code == 422
    given = client.post(url("hand_over", course=family.pk), sent | {"law": "Barnets lov § 15, kommunen følger op"})
    assert given["Content-Type"] == "application/zip" and given["Cache-Control"].find("no-store") >= 0
    again = client.post(url("hand_over", course=family.pk), sent | {"law": "Barnets lov § 15, kommunen følger op"})
    assert again.status_code == 302
    page = client.get(url("course", course=family.pk)).content.decode()
    assert HandOver.objects.get().digest in page and "Glostrup" in page
    assert client.post(url("hand_over_again", course=family.pk)).content == given.content
