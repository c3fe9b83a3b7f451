"""Something happens between two steps: a colleague, an erasure, a note, another's address. Nothing goes astray."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from brobygger.casework import queries as casework
from brobygger.casework import record
from brobygger.casework import services as courses
from brobygger.casework.models import Assignment, Course, Member, Note
from brobygger.ground import clock
from brobygger.privacy import queries as trail
from brobygger.privacy.models import AuditEntry
from brobygger.rights import document, endings, handing, queries, rules, services
from brobygger.rights.models import SubjectRequest, Withholding
from brobygger.threads.models import Thread

from . import people
from .test_handing_over import going

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def family(furnished: Any, alma: Any) -> Any:
    return people.course(alma)


def url(name: str, **where: Any) -> str:
    return reverse(f"rights:{name}", kwargs=where)


# ---- Whose letters these are ----


def test_who_comes_after_everybody_is_gone_does_not_get_the_mothers_letters(furnished: Any, alma: Any) -> None:
    """The first who is written down has the key. A father who is written down later never becomes the first."""
    thread = people.named_thread(alma, "Han må ikke vide, at jeg skriver.")
    course = thread.course
    Thread.objects.filter(pk=thread.pk).update(ending="")
    for member in course.members.order_by("-position"):
        courses.erase_member(member=member, why="wish", by=alma)
    father = courses.add_member(course=course, person=people.FATHER, by=alma)
    assert father.position > 0
    request = people.asked(people.person(course, father.position), alma)
    assert "letter" not in [each.kind for each in services.look(request=request, by=alma).entries]


def test_who_is_erased_leaves_no_letters(furnished: Any, alma: Any) -> None:
    """“What we knew about you is erased”, says the receipt: what she wrote with her key was hers too."""
    thread = people.named_thread(alma, "Han må ikke vide, at jeg skriver.")
    mother = people.person(thread.course, 0)
    services.erase(request=people.asked(mother, alma, kind="erasure"), whole=False, why="hun vil det", by=alma)
    assert Thread.objects.get(pk=thread.pk).ending == "burned"
    assert Course.objects.get(pk=thread.course.pk).state == "open"


def test_who_else_is_erased_leaves_the_family_its_letters(furnished: Any, alma: Any) -> None:
    thread = people.named_thread(alma)
    father = people.person(thread.course, 1)
    services.erase(request=people.asked(father, alma, kind="erasure"), whole=False, why="han vil det", by=alma)
    assert Thread.objects.get(pk=thread.pk).ending == ""


def test_the_page_says_that_the_letters_go_too(furnished: Any, alma: Any, staff_client: Any) -> None:
    course = people.named_thread(alma).course
    hers, his = (people.asked(people.person(course, n), alma, kind="erasure") for n in (0, 1))
    said = "Familiens samtale med os"
    assert said in staff_client(alma).get(url("request", request_id=hers.pk)).content.decode()
    assert said not in staff_client(alma).get(url("request", request_id=his.pk)).content.decode()


# ---- Erased in the middle ----


def test_a_request_of_somebody_who_is_being_erased_is_not_there(family: Any, alma: Any, staff_client: Any) -> None:
    """A stop came between the key and the row: the page is not found, and is no fault."""
    mother = people.person(family, 0)
    request = people.asked(mother, alma)
    Member.objects.filter(pk=mother.pk).update(erasing=True)
    assert queries.get_request(alma, request.pk) is None
    client = staff_client(alma)
    assert client.get(url("request", request_id=request.pk)).status_code == 404
    for name, where in (("waiting", {}), ("course", {"course": family.pk})):
        assert str(request.pk) not in client.get(url(name, **where)).content.decode()


def test_what_nobody_has_said_whom_it_is_about_waits_for_everybody(family: Any, alma: Any, clara: Any) -> None:
    """The mother rings the leader to see hers; it stands with the first until somebody chooses. She is not erased."""
    services.register(
        member=people.person(family, 0), kind="access", right="self", way="phone", by=clara, who="Far", sure=False
    )
    gone = people.asked(people.person(family, 1), alma, kind="erasure")
    with pytest.raises(rules.SomebodyWaits):
        services.erase(request=gone, whole=False, why="han vil det", by=alma)


def test_what_was_moved_meanwhile_is_done_to_who_it_is_about_now(family: Any, alma: Any) -> None:
    """Two at once: one has the page open about the mother, the other has just said that it is the father."""
    erasure = people.asked(people.person(family, 0), alma, kind="erasure")
    card, wrong = people.asked(people.person(family, 0), alma, kind="erasure"), people.asked(
        people.person(family, 0), alma, kind="correction"
    )  # fmt: skip
    before = [people.again(each) for each in (card, wrong, erasure)]
    for each in (card, wrong, erasure):
        services.move(request=each, member=people.person(family, 1), right="self", by=alma)
    services.correct(request=before[1], text="Han er 40.", corrects=None, words="Rettet.", by=alma, once=uuid4())
    assert Note.objects.get().member.position == 1
    services.forget_identity(request=before[0], words="Væk.", by=alma)
    assert hasattr(people.person(family, 0), "card") and not hasattr(people.person(family, 1), "card")
    services.erase(request=before[2], whole=False, why="han vil det", by=alma)
    assert [each.position for each in family.members.order_by("position")] == [0, 2]


def test_why_somebody_was_erased_holds_no_name_of_theirs(family: Any, alma: Any) -> None:
    """The line stays when everything else is gone, whatever was typed in it."""
    father = people.person(family, 1)
    why = "Lars Bech ringede fra 60 70 80 90, lars@post.example: han vil det (Idas far)"
    services.erase(request=people.asked(father, alma, kind="erasure"), whole=False, why=why, by=alma)
    said = AuditEntry.objects.get(action="rights.erasure_decided").reason
    assert "han vil det" in said
    assert not any(word in said for word in ("Lars", "Bech", "60 70", "lars@", "Ida"))


def test_why_a_card_was_opened_holds_no_name_of_theirs(family: Any, alma: Any) -> None:
    record.look_at_identity(member=people.person(family, 1), reason="Lars Bech ringer på 60708090", by=alma)
    said = AuditEntry.objects.get(action="casework.identity_looked").reason
    assert "ringer" in said and not any(word in said for word in ("Lars", "Bech", "6070"))


# ---- Written in the middle ----


def test_a_preview_after_it_was_opened_anew_shows_what_will_go_out(family: Any, alma: Any) -> None:
    """Ready, then decided anew: the preview is of today and not of the day it was ready."""
    mother = people.person(family, 0)
    people.note(mother, "Første note.", alma)
    request = people.ready(people.asked(mother, alma), alma)
    people.note(mother, "Ny note.", alma)
    assert "Ny note" not in people.paper(request, alma), "nobody has looked it through"
    people.weigh(request, alma)
    assert people.again(request).state == "received"
    assert "Ny note." in people.paper(people.again(request), alma)
    services.make_ready(request=people.again(request), names=False, language="da", by=alma)
    assert "Ny note." in people.paper(people.again(request), alma)


def test_what_was_weighed_in_one_language_is_made_ready_in_it_again(family: Any, alma: Any) -> None:
    """Whoever opens it anew may read English here; they are not asked to look through what nobody can find."""
    mother = people.person(family, 0)
    custody = {"holder": "shared", "told": "yes"}
    record.write_part(course=family, member=mother, kind="custody", body=custody, seen=0, by=alma)
    request = people.ready(people.asked(mother, alma), alma, custody=("Deler", "harm"))
    with translation.override("en"):
        entries = services.look(request=people.again(request), by=alma).entries
        entry = next(each for each in entries if "Deler" not in str(each.words))
        services.decide(request=request, entry=entry, held=[], why="", words="", by=alma)
        assert not services.look(request=people.again(request), by=alma).waiting
        services.make_ready(request=people.again(request), names=False, language="en", by=alma)
    said = people.paper(people.again(request), alma)
    assert "Deler" not in said and "Hovedgaden 3" in said and "1 sætning" in said


def test_only_a_wish_to_see_is_weighed(family: Any, alma: Any) -> None:
    request = people.asked(people.person(family, 0), alma, kind="erasure")
    with pytest.raises(services.NotAllowed):
        services.make_ready(request=request, names=False, language="da", by=alma)
    with pytest.raises(services.NotAllowed):
        services.decide_own_talks(request=request, given=True, why="fordi", by=alma)
    assert people.again(request).state == "received" and not Withholding.objects.exists()


def test_a_refused_request_is_never_handed_out(family: Any, alma: Any, clara: Any) -> None:
    request = people.ready(people.asked(people.person(family, 0), alma), alma)
    services.refuse(request=request, words="Nej.", by=alma)
    for who in (alma, clara):
        for how in rules.FORMS:
            with pytest.raises(rules.NotReady):
                services.hand_out(request=request, how=how, by=who)
    with pytest.raises(services.NotAllowed):
        services.look_at_paper(request=people.again(request), by=clara)


def test_a_note_written_while_a_course_is_handed_over_is_in_the_file(
    family: Any, alma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague's last words before the course closes go along, or are refused; they are never left behind."""
    drawn, held = document.pdf, record.held_open
    seen: list[str] = []

    def slow(made: Any) -> bytes:
        seen.append(str(made))
        return drawn(made)

    def first(course: UUID, member: Any = None) -> None:
        held(course, member)
        if not seen and member is None:
            seen.append("locked")

    monkeypatch.setattr(document, "pdf", slow)
    monkeypatch.setattr(record, "held_open", first)
    handing.hand_over(course=family, going=going(family), seen=0, by=alma, once=uuid4())
    assert seen[0] == "locked", "the course is held before the file is made"


# ---- Another's address ----


def test_ids_of_another_course_open_nothing(family: Any, alma: Any, bo: Any, staff_client: Any) -> None:
    """Bo has a course of his own, and tries Alma's numbers inside his."""
    his = people.course(bo)
    mine = people.asked(people.person(his, 0), bo)
    hers = people.asked(people.person(family, 0), alma)
    people.note(people.person(family, 0), "Almas ord.", alma)
    entries = [each.ident for each in services.look(request=hers, by=alma).entries]
    client = staff_client(bo)
    for entry in entries:
        for request in (hers, mine):
            for answer in (
                client.get(url("item", request_id=request.pk, item=entry)),
                client.post(url("item", request_id=request.pk, item=entry), {"held": ["0"], "why": "harm"}),
            ):
                assert answer.status_code == 404 and "Almas" not in answer.content.decode()
    told = {line.about for line in AuditEntry.objects.filter(by="bo")}
    assert not any(str(family.pk) in each or str(hers.member_id) in each for each in told)
    for name, sent in (
        ("appoint", {"weighs": "bo"}),
        ("person", {"about": str(people.person(his, 0).pk), "right": "self", "who": ""}),
        ("own_talks", {"given": "yes", "why": "x"}),
        ("ready", {}),
        ("hand_out", {"how": "pdf"}),
        ("correct", {"once": str(uuid4()), "text": "x", "words": "x", "corrects": ""}),
        ("erase", {"whole": "course", "why": "x", "sure": "on"}),
    ):
        assert client.post(url(name, request_id=hers.pk), sent).status_code == 404, name
    stranger = {"about": str(hers.member_id), "right": "self", "who": ""}
    assert client.post(url("person", request_id=mine.pk), stranger).status_code == 422
    sent = {"once": str(uuid4()), "kind": "access", "way": "phone", "asked_on": "2026-01-01", **stranger}
    assert client.post(url("register", course=his.pk), sent).status_code == 422
    assert client.post(url("register", course=his.pk), sent | {"once": str(hers.pk)}).status_code == 422
    assert people.again(hers).state == "received" and Withholding.objects.count() == 0


def test_a_note_of_another_person_is_not_corrected_through_a_request(family: Any, alma: Any, staff_client: Any) -> None:
    hers = people.note(people.person(family, 0), "Mors note.", alma)
    his = people.asked(people.person(family, 1), alma, kind="correction")
    sent = {"once": str(uuid4()), "text": "Nyt.", "words": "Rettet.", "corrects": str(hers)}
    assert staff_client(alma).post(url("correct", request_id=his.pk), sent).status_code == 422
    with pytest.raises(services.NotAllowed):
        services.correct(request=his, text="Nyt.", corrects=hers, words="Rettet.", by=alma, once=uuid4())
    assert Note.objects.count() == 1 and people.again(his).state == "received"


def test_somebody_elses_decision_does_not_speak_of_this_person(family: Any, alma: Any) -> None:
    """An entry of the mother's, decided in the father's request, brings nothing of hers into his paper."""
    people.note(people.person(family, 0), "Mors hemmelighed.", alma)
    hers = people.asked(people.person(family, 0), alma)
    his = people.asked(people.person(family, 1), alma)
    for entry in services.look(request=hers, by=alma).entries:
        services.decide(request=his, entry=entry, held=[], why="", words="", by=alma)
    assert "hemmelighed" not in people.paper(people.ready(his, alma), alma)


# ---- A child's own talks ----


def test_nobody_takes_a_childs_own_talks_by_taking_the_course_from_who_hears_them(
    family: Any, alma: Any, bo: Any, clara: Any, staff_client: Any
) -> None:
    """Bo has the course, and not the child's words. He ends Alma's time with it and gives them to himself: no."""
    courses.assign(course=family, to=bo, by=alma)
    row = Assignment.objects.get(course=family, user=alma)
    courses.end_assignment(assignment=row, by=bo)
    page = reverse("casework:assignments", kwargs={"course": family.pk})
    assert "give-own_talks" not in staff_client(bo).get(page).content.decode()
    assert "give-own_talks" in staff_client(clara).get(page).content.decode()
    courses.assign(course=family, to=bo, own_talks=True, by=bo)
    held = casework.get_course(bo, family.pk)
    assert held is not None and not held.sight.own_talks
    courses.assign(course=family, to=bo, own_talks=True, by=clara)
    held = casework.get_course(bo, family.pk)
    assert held is not None and held.sight.own_talks, "who leads may, when nobody hears them any more"


# ---- Words that are meant to do harm ----

HOSTILE = (
    '#read("/etc/passwd") #eval("1+1") $x^2$ [ ( { #let a = ] `raw` *fed* _kursiv_ = Overskrift\n'
    "// kommentar https://ond.example/?a=1&b=2 <script>alert(1)</script> <b>fed</b> {{ asked }} {% debug %} "
    "=1+1 +1 -1 @SUM(A1) ../../etc/passwd \\u0041 \\n %s %(who)s & &amp; ' \" "
    "\u202eomvendt\u202c nul\u200bbredde \u0007 \u001b[31m \x00 \ufeff 🏡👩\u200d👧 نور"
)


def test_hostile_words_stay_words_in_every_form(family: Any, alma: Any, staff_client: Any) -> None:
    mother = people.person(family, 0)
    people.note(mother, HOSTILE, alma)
    record.write_part(
        course=family, member=mother, kind="care", body={"allergies": HOSTILE, "remember": "x"}, seen=0, by=alma
    )
    request = people.ready(people.asked(mother, alma, who=HOSTILE[:200]), alma)
    said = people.printed(services.hand_out(request=request, how="pdf", by=alma)[1])
    for part in ('#read("/etc/passwd")', '#eval("1+1")', "$x^2$", "*fed*", "// kommentar", "<script>", "{{ asked }}"):
        assert part in said, part
    assert "root:" not in said
    file = json.loads(services.hand_out(request=request, how="json", by=alma)[1])
    assert any(HOSTILE.split("\n")[1] in each for each in _joined(file))
    client = staff_client(alma)
    page = client.post(url("hand_out", request_id=request.pk), {"how": "page"}).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    page = client.get(url("request", request_id=request.pk)).content.decode()
    assert "<script>alert" not in page


def _joined(file: dict[str, Any]) -> list[str]:
    words = [one for section in file["sections"] for each in section["entries"] for one in each["words"]]
    return ["".join(piece["text"] for piece in one["pieces"]) for one in words]


def test_a_very_long_note_can_be_printed(family: Any, alma: Any) -> None:
    mother = people.person(family, 0)
    people.note(mother, "Et langt ord. " * 7500, alma)
    request = people.ready(people.asked(mother, alma), alma)
    assert services.hand_out(request=request, how="pdf", by=alma)[1].startswith(b"%PDF")


# ---- Held back in the middle ----


def test_a_hold_placed_meanwhile_stops_an_erasure(family: Any, alma: Any, clara: Any, staff_client: Any) -> None:
    request = people.asked(people.person(family, 1), alma, kind="erasure")
    endings.hold(course=family, reason="complaint", words="En klage er kommet ind.", by=clara)
    for whole in (True, False):
        with pytest.raises(courses.IsHeld):
            services.erase(request=request, whole=whole, why="han vil det", by=alma)
    page = staff_client(alma).post(
        url("erase", request_id=request.pk), {"whole": "person", "why": "han vil det", "sure": "on"}
    )
    assert page.status_code == 422 and family.members.count() == 3
    assert ("alma", "rights.erasure_decided") not in trail.trail(request.member)


def test_a_request_goes_on_when_the_course_ends_and_is_given_again(family: Any, alma: Any, bo: Any, clara: Any) -> None:
    request = people.asked(people.person(family, 0), alma)
    courses.end_course(course=family, reason="completed", words="", seen=0, by=alma)
    made = people.ready(request, alma)
    services.hand_out(request=made, how="page", by=clara)
    assert not Note.objects.exists() and people.again(request).state == "done"
    courses.reopen(course=Course.objects.get(pk=family.pk), by=alma)
    services.hand_out(request=made, how="page", by=alma)
    assert Note.objects.count() == 1
    assert SubjectRequest.objects.get().closed_on == clock.today()
