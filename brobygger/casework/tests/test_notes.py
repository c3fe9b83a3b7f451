"""Notes on the page: written once, corrected beside, drafts that survive, a child's own talks apart."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.access import services as access
from brobygger.access.guards import NotAllowed
from brobygger.casework import notes, record, services
from brobygger.casework.models import Course, Draft, Member, Note
from brobygger.privacy import queries as privacy
from brobygger.privacy.models import AuditEntry, DataKey

from .families import begin

pytestmark = pytest.mark.django_db
WORDS = "Liv lo for første gang i dag.\nHun vil gerne tegne igen."


@pytest.fixture
def course(furnished: Any, alma: Any) -> Course:
    """Mette, Jens and Liv, whom Alma has."""
    return begin(alma)


@pytest.fixture
def liv(course: Course) -> Member:
    """The child."""
    return course.members.get(position=2)


@pytest.fixture
def mette(course: Course) -> Member:
    """The mother."""
    return course.members.get(position=0)


def page(member: Member, name: str = "notes") -> str:
    """Where somebody's notes are."""
    return reverse(f"casework:{name}", kwargs={"course": member.course_id, "member": member.pk})


def drafts(member: Member, kind: str = "record") -> str:
    """Where a draft is sent to."""
    return reverse("casework:draft", kwargs={"course": member.course_id, "member": member.pk, "kind": kind})


def sheet(client: Client, member: Member, name: str = "notes", **asked: str) -> dict[str, str]:
    """What the form on the page sends besides the words."""
    form = client.get(page(member, name), asked).context["form"]
    return {each: str(form[each].value() or "") for each in ("text", "once", "corrects", "page", "seen")}


def keep(client: Client, member: Member, sent: dict[str, str], kind: str = "record", **more: str) -> str:
    """Let the page keep a draft as it does by itself, and give what it says then."""
    answer = client.post(drafts(member, kind), {**sent, **more}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_note_stands_on_top_with_who_wrote_it(liv: Member, alma: Any, staff_client: Any, at: Any) -> None:
    at("2026-11-23T14:05")
    client = staff_client(alma)
    notes.write(member=liv, text="Den første.", by=alma, once=uuid4())
    at("2026-11-24T09:30")
    sent = sheet(client, liv) | {"text": WORDS.replace("\n", "\r\n")}

    assert client.post(page(liv), sent).url == page(liv)
    shown = client.get(page(liv)).content.decode()

    assert shown.index("Liv lo for første gang") < shown.index("Den første.")
    assert "Alma, familieterapeut" in shown and "24. november 2026" in shown and "9.30" in shown
    assert "Skriv kun om Liv" in shown
    assert notes.look_at_notes(member=liv, by=alma)[0].text == WORDS


def test_sent_twice_it_is_one_and_other_words_are_not_lost(liv: Member, alma: Any, staff_client: Any) -> None:
    client = staff_client(alma)
    sent = sheet(client, liv) | {"text": WORDS}

    for _each in range(2):
        assert client.post(page(liv), sent).status_code == 302
    again = client.post(page(liv), sent | {"text": WORDS + " Og sang."})

    assert Note.objects.count() == 1
    assert again.status_code == 422 and "Og sang." in again.content.decode()
    fresh = again.context["form"]["once"].value()
    assert fresh != sent["once"]
    assert client.post(page(liv), sent | {"once": fresh, "text": "Og sang."}).status_code == 302
    assert Note.objects.count() == 2


def test_two_write_at_once_and_both_stand(liv: Member, course: Course, alma: Any, bo: Any, staff_client: Any) -> None:
    services.assign(course=course, to=bo, by=alma)
    one, other = staff_client(alma), staff_client(bo)
    hers, his = sheet(one, liv), sheet(other, liv)

    keep(one, liv, hers, text="Almas ord")
    keep(other, liv, his, text="Bos ord")
    other.post(page(liv), his | {"text": "Bos ord"})
    one.post(page(liv), hers | {"text": "Almas ord"})

    assert [(each.by, each.text) for each in notes.look_at_notes(member=liv, by=bo)] == [
        ("Alma", "Almas ord"),
        ("Bo", "Bos ord"),
    ]
    assert not Draft.objects.exists()


def test_a_correction_stands_beside_what_it_corrects(
    liv: Member, course: Course, alma: Any, bo: Any, staff_client: Any
) -> None:
    services.assign(course=course, to=bo, by=alma)
    first = notes.write(member=liv, text="Liv er otte.", by=alma, once=uuid4())
    client = staff_client(bo)
    sent = sheet(client, liv, correct=str(first.pk))

    assert sent["text"] == "Liv er otte." and sent["corrects"] == str(first.pk)
    client.post(page(liv), sent | {"text": "Liv er syv."})
    shown = client.get(page(liv)).content.decode()

    assert shown.index("Liv er otte.") < shown.index("Rettelse") < shown.index("Liv er syv.")
    assert "Bo, familieterapeut" in shown and "Alma, familieterapeut" in shown
    assert sheet(client, liv, correct=str(first.pk))["text"] == "Liv er syv.", "the next begins where it stands now"


@pytest.mark.parametrize("correct", ["no", str(uuid4()), "\0"])
def test_what_is_no_note_is_not_corrected(liv: Member, alma: Any, staff_client: Any, correct: str) -> None:
    client = staff_client(alma)
    sent = sheet(client, liv, correct=correct)
    assert sent["corrects"] == ""

    answer = client.post(page(liv), sent | {"text": WORDS, "corrects": correct})
    assert answer.status_code in (404, 422) and not Note.objects.exists()


def test_nothing_is_no_note_and_too_much_keeps_every_word(liv: Member, alma: Any, staff_client: Any) -> None:
    client = staff_client(alma)
    sent = sheet(client, liv)

    assert "Skriv et par ord først" in client.post(page(liv), sent | {"text": " \n "}).content.decode()
    long = client.post(page(liv), sent | {"text": "ord " * 6000})
    assert long.status_code == 422 and long.content.decode().count("ord ord ord") and not Note.objects.exists()
    assert "Ikke gemt" in keep(client, liv, sent, text="ord " * 6000)


def test_a_draft_is_kept_sealed_and_comes_back(liv: Member, alma: Any, staff_client: Any, at: Any) -> None:
    at("2026-11-24T14:05")
    client = staff_client(alma)
    sent = sheet(client, liv)

    assert "Kladde gemt 14.05" in keep(client, liv, sent, text="Liv lo")
    keep(client, liv, sent, text=WORDS)

    assert b"lo for" not in bytes(Draft.objects.get().sealed)
    assert not AuditEntry.objects.filter(action__startswith="casework.note_").exists()
    again = sheet(client, liv)
    assert again["text"] == WORDS and again["once"] == sent["once"] and again["page"] != sent["page"]
    client.post(page(liv), again)
    assert not Draft.objects.exists() and sheet(client, liv)["text"] == ""
    keep(client, liv, sent, text=WORDS)
    assert sheet(client, liv)["text"] == "", "one that has become a note is not brought back"


def test_a_draft_that_was_being_kept_while_its_note_was_sent_is_that_note(
    liv: Member, alma: Any, staff_client: Any
) -> None:
    client = staff_client(alma)
    sent = sheet(client, liv)
    keep(client, liv, sent, text=WORDS)
    late = Draft.objects.get()
    client.post(page(liv), sent | {"text": WORDS})
    late.save(force_insert=True)

    again = sheet(client, liv)
    assert (again["text"], again["once"] != sent["once"]) == ("", True)


def test_a_draft_written_further_elsewhere_is_not_written_over(liv: Member, alma: Any, staff_client: Any) -> None:
    desk, phone = staff_client(alma), staff_client(alma)
    first = sheet(desk, liv)
    keep(desk, liv, first, text="Ved bordet")
    second = sheet(phone, liv)
    keep(phone, liv, second, text="Ved bordet, og på telefonen")

    said = keep(desk, liv, first, text="Ved bordet igen")

    assert "Ikke gemt" in said and "data-kept" not in said
    assert sheet(phone, liv)["text"] == "Ved bordet, og på telefonen"
    assert "Kladde gemt" in keep(phone, liv, second, text="Ved bordet, på telefonen, og videre")


def test_a_draft_is_its_writers_alone(liv: Member, course: Course, alma: Any, bo: Any, staff_client: Any) -> None:
    services.assign(course=course, to=bo, by=alma)
    sent = sheet(staff_client(alma), liv)
    keep(staff_client(alma), liv, sent, text=WORDS)

    other = staff_client(bo)
    assert sheet(other, liv)["text"] == "" and WORDS[:10] not in other.get(page(liv)).content.decode()
    assert other.post(drafts(liv), sent | {"text": "Bo skriver"}).status_code == 404
    other.post(drafts(liv), sent | {"drop": "1"})
    assert sheet(staff_client(alma), liv)["text"] == WORDS

    staff_client(alma).post(drafts(liv), sent | {"drop": "1"})
    assert not Draft.objects.exists()


def test_a_draft_of_one_person_is_not_another_persons(liv: Member, mette: Member, alma: Any, staff_client: Any) -> None:
    client = staff_client(alma)
    sent = sheet(client, liv)
    keep(client, liv, sent, text=WORDS)

    assert sheet(client, mette)["text"] == ""
    assert client.post(drafts(mette), sent | {"text": "Om Mette"}).status_code == 404
    assert sheet(client, liv)["text"] == WORDS


def test_a_draft_sent_too_late_comes_back_after_the_sign_in(
    liv: Member, alma: Any, staff_client: Any, settings: Any
) -> None:
    """What the sign-in page kept is sent on as an ordinary form: it lies on the page of notes, sent to nobody."""
    client = staff_client(alma)
    sent = sheet(client, liv) | {"text": WORDS}
    session = client.session
    session["seen"] -= settings.SESSION_IDLE + 1
    session.save()

    late = client.post(drafts(liv), sent, headers={"HX-Request": "true"})
    assert "next=" in late["HX-Redirect"] and not Draft.objects.exists()

    answer = staff_client(alma).post(drafts(liv), sent)
    assert answer.url == f"{page(liv)}?draft={sent['once']}"
    assert not Note.objects.exists() and sheet(staff_client(alma), liv)["text"] == WORDS


def test_the_course_ends_meanwhile_and_the_words_are_still_there(
    liv: Member, course: Course, alma: Any, staff_client: Any
) -> None:
    client = staff_client(alma)
    sent = sheet(client, liv) | {"text": WORDS}
    keep(client, liv, sent)
    seen = record.look(course=course, by=alma).number("end")
    services.end_course(course=course, reason="completed", words="", seen=seen, by=alma)

    answer = client.post(page(liv), sent)
    assert answer.status_code == 422 and "Liv lo for" in answer.content.decode() and not Note.objects.exists()
    assert "afsluttet" in keep(client, liv, sent)
    assert 'id="write"' not in client.get(page(liv)).content.decode()


def test_own_talks_stand_apart_from_the_childs_notes(
    liv: Member, course: Course, alma: Any, bo: Any, staff_client: Any
) -> None:
    services.assign(course=course, to=bo, by=alma)
    client = staff_client(alma)
    assert page(liv, "own_talks") in client.get(page(liv)).content.decode()
    client.post(page(liv, "own_talks"), sheet(client, liv, "own_talks") | {"text": "Det siger jeg kun her."})

    liv.refresh_from_db()
    assert liv.own_key and DataKey.objects.filter(pk=liv.own_key).exists()
    assert "kun her" in client.get(page(liv, "own_talks")).content.decode()
    assert "kun her" not in client.get(page(liv)).content.decode()
    assert ("alma", "casework.own_talks_looked") in privacy.trail(f"member:{liv.pk}")
    his = staff_client(bo)
    assert page(liv, "own_talks") not in his.get(page(liv)).content.decode()
    for method in (his.get, his.post):
        assert method(page(liv, "own_talks")).status_code == 404
    sent = {"text": "x", "once": str(uuid4())}
    assert his.post(drafts(liv, "own_talks"), sent).status_code == 404 and not Draft.objects.exists()


def test_a_grown_up_has_no_own_talks(mette: Member, alma: Any, staff_client: Any) -> None:
    client = staff_client(alma)

    sent = {"text": WORDS, "once": str(uuid4())}
    assert client.get(page(mette, "own_talks")).status_code == 404
    assert client.post(page(mette, "own_talks"), sent).status_code == 404
    assert client.post(drafts(mette, "own_talks"), sent).status_code == 404
    assert not Note.objects.exists() and not Draft.objects.exists()
    assert page(mette, "own_talks") not in client.get(page(mette)).content.decode()


def test_notes_exist_for_nobody_else(
    liv: Member, course: Course, alma: Any, bo: Any, finn: Any, clara: Any, dan: Any, gro: Any, staff_client: Any
) -> None:
    notes.write(member=liv, text=WORDS, by=alma, once=uuid4())
    services.assign(course=course, to=bo, by=alma, scope="evening")
    before = AuditEntry.objects.filter(action="casework.notes_looked").count()

    for person in (bo, finn, clara, dan, gro):
        client, sent = staff_client(person), {"text": "Nej", "once": str(uuid4())}
        for answer in (client.get(page(liv)), client.post(page(liv), sent), client.post(drafts(liv), sent)):
            assert answer.status_code == 404, person
        with pytest.raises(NotAllowed):
            notes.write(member=liv, text="Nej", by=person, once=uuid4())
    assert Note.objects.count() == 1 and not Draft.objects.exists()
    assert AuditEntry.objects.filter(action="casework.notes_looked").count() == before

    access.break_glass(about=f"course:{course.pk}", reason="Alma er syg, og Liv ringer.", by=clara)
    seen = staff_client(clara).get(page(liv)).content.decode()
    assert "Liv lo" in seen and 'id="write"' not in seen, "a broken glass reads, and writes nothing"
    assert staff_client(clara).get(page(liv, "own_talks")).status_code == 404


def test_what_lies_on_a_device_belongs_to_one_sitting(liv: Member, alma: Any, staff_client: Any) -> None:
    one, other = staff_client(alma), staff_client(alma)

    keys = [client.get(page(liv)).context["device_key"] for client in (one, other, one)]

    assert keys[0] == keys[2] != keys[1] and len(keys[0]) == 44
    assert one.session["seat"] not in keys[0]
    assert notes.device_key("") == ""


def test_a_part_from_another_course_is_not_here(liv: Member, alma: Any, staff_client: Any) -> None:
    other = begin(alma)

    wrong = reverse("casework:notes", kwargs={"course": other.pk, "member": UUID(str(liv.pk))})
    assert staff_client(alma).get(wrong).status_code == 404
