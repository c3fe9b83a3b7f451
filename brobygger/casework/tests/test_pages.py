"""The pages of a course: each answers who may open it, and does not exist for who may not; one setup for both."""

import html
import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from brobygger.casework import queries, record, services
from brobygger.casework.models import Assignment, Course, IdentityCard, Part
from brobygger.casework.tests.families import begin
from brobygger.privacy import queries as privacy

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(furnished: Any, alma: Any, bo: Any, finn: Any, clara: Any, dan: Any, gro: Any) -> Course:
    """A family with a course, which Alma has."""
    return begin(alma)


def at(name: str, course: Course, **more: Any) -> str:
    return reverse(f"casework:{name}", kwargs={"course": course.pk, **more})


def words(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def member(course: Course, position: int = 0) -> Any:
    return course.members.get(position=position)


def deeds(about: Any) -> list[str]:
    return [action for _who, action in privacy.trail(about)]


# ---- The list ----


def test_everybody_finds_their_own_courses_and_no_others(family: Course, alma, bo, finn, staff_client) -> None:
    mine = reverse("casework:mine")
    assert family.nickname in words(staff_client(alma).get(mine))
    assert family.nickname not in words(staff_client(bo).get(mine))
    assert family.nickname not in words(staff_client(finn).get(mine)), "somebody has it: it does not wait for Finn"

    services.assign(course=family, to=bo, by=alma, scope="evening")
    tonight = words(staff_client(bo).get(mine))
    assert tonight.index("Du er vikar i aften") < tonight.index(family.nickname)


def test_a_course_nobody_has_stands_first_for_who_arranges(family: Course, alma, finn, clara, staff_client) -> None:
    services.end_assignment(assignment=Assignment.objects.get(), by=alma)
    for who in (finn, clara):
        page = staff_client(who).get(reverse("casework:mine"))
        assert family.nickname in words(page) and at("assignments", family) in page.content.decode()
    assert family.nickname not in words(staff_client(alma).get(reverse("casework:mine")))


def test_who_sees_no_person_has_no_list(family: Course, dan, gro, operator, staff_client) -> None:
    for who in (dan, gro, operator):
        assert staff_client(who).get(reverse("casework:mine")).status_code == 404
        assert staff_client(who).get(at("course", family)).status_code == 404


# ---- Beginning ----


def typed(**more: Any) -> dict[str, Any]:
    return {"how": "phone", "role": "mother", "called": "Sigrid", "once": str(uuid4()), **more}


def test_a_course_begins_with_one_person_and_a_yes(furnished: Any, alma, staff_client) -> None:
    client, address = staff_client(alma), reverse("casework:begin")
    sent = typed(phone="20 30 40 50", words="Ja tak", protected="on")

    answers = [client.post(address, sent) for _twice in range(2)]

    course = Course.objects.get()
    assert {answer["Location"] for answer in answers} == {at("course", course)}
    opened = record.look(course=course, by=alma)
    assert opened.people[0].called == "Sigrid" and opened.people[0].has_card
    assert (opened.known("agreement")["how"], opened.known("agreement")["words"]) == ("phone", "Ja tak")
    assert opened.known("agreement")["text"] == catalogue_text(), "what was read to them is what stands"


def catalogue_text() -> str:
    from brobygger.catalogue import queries as catalogue

    said = catalogue.wording("name")
    assert said is not None and len(said.text) > 100
    return said.text


def test_a_slip_keeps_every_word_and_begins_nothing(furnished: Any, alma, staff_client) -> None:
    sent = typed(role="", birth="13-2019", name="Sigrid Undset", words="Hun sagde ja", mail="intet")

    answer = staff_client(alma).post(reverse("casework:begin"), sent)

    page = answer.content.decode()
    assert answer.status_code == 422 and not Course.objects.exists()
    for kept in ("13-2019", "Sigrid Undset", "Hun sagde ja", "intet", sent["once"]):
        assert kept in page
    assert "Skriv måned og år" in words(answer) and "Vælg, hvem det er i familien" in words(answer)


def test_only_who_starts_courses_may_begin_one(furnished: Any, finn, clara, dan, gro, staff_client) -> None:
    for who in (finn, clara, dan, gro):
        assert staff_client(who).get(reverse("casework:begin")).status_code == 404
        assert staff_client(who).post(reverse("casework:begin"), typed()).status_code == 404
    assert not Course.objects.exists()


# ---- One course ----


def test_the_course_says_who_is_in_it_and_what_is_known(family: Course, alma, staff_client) -> None:
    record.write_part(course=family, kind="living", body={"with": "shared", "words": "Uge og uge"}, seen=0, by=alma)
    liv = member(family, 2)
    record.write_part(course=family, member=liv, kind="care", body={"allergies": "nødder"}, seen=0, by=alma)

    page = words(staff_client(alma).get(at("course", family)))

    for told in (
        family.nickname,
        "Mette",
        "Jens",
        "Liv",
        "Barn, 8 år",
        "Skiftevis hos hver forælder",
        "Uge og uge",
        "nødder",
        "Alma",
    ):
        assert told in page, told
    assert "Aagaard" not in page and "24 23 03 00" not in page, "the name lies under a key of its own"


def test_what_one_may_not_see_is_not_there(family: Course, alma, bo, finn, clara, staff_client) -> None:
    record.write_part(course=family, kind="living", body={"words": "Uge og uge"}, seen=0, by=alma)
    address = at("course", family)
    assert staff_client(bo).get(address).status_code == 404
    seen = {who.handle: words(staff_client(who).get(address)) for who in (finn, clara)}
    assert "Mette" in seen["finn"] and "Uge og uge" not in seen["finn"] and "Historik" not in seen["finn"]
    assert family.nickname in seen["clara"] and "Alma" in seen["clara"]
    assert "Mette" not in seen["clara"] and "Uge og uge" not in seen["clara"]


def test_whoever_stands_in_sees_what_an_evening_needs(family: Course, alma, bo, staff_client) -> None:
    liv = member(family, 2)
    record.write_part(course=family, member=liv, kind="care", body={"allergies": "nødder"}, seen=0, by=alma)
    hash_now = {"uses": [{"substance": "hash", "when": "now"}]}
    record.write_part(course=family, member=liv, kind="use", body=hash_now, seen=0, by=alma)
    services.assign(course=family, to=bo, by=alma, scope="evening")

    page = words(staff_client(bo).get(at("course", family)))

    assert "Liv" in page and "nødder" in page
    assert "Hash" not in page and "Ret" not in page.split() and "Noter" not in page
    assert staff_client(bo).get(at("assignments", family)).status_code == 404
    assert staff_client(bo).get(at("identity", family, member=liv.pk)).status_code == 404


def test_the_leader_breaks_the_glass_for_an_hour_and_reads(family: Course, alma, bo, clara, finn, staff_client) -> None:
    leader, address = staff_client(clara), at("break_glass", family)
    leader.post(address, {"reason": "nej"})
    assert "Mette" not in words(leader.get(at("course", family))), "three letters are no reason"

    leader.post(address, {"reason": "Alma er syg, og familien ringer."})

    page = words(leader.get(at("course", family)))
    assert "Mette" in page and "Tilføj en person" not in page, "she reads, and writes nothing"
    assert leader.get(at("part", family, kind="living")).status_code == 404
    assert leader.get(at("history", family, kind="agreement")).status_code == 200
    assert "access.glass_broken" in [entry.action for entry in privacy.entries(about=f"course:{family.pk}")]
    for other in (bo, finn, alma):
        assert staff_client(other).post(address, {"reason": "Jeg vil gerne se."}).status_code == 404


# ---- What is known ----

SENT: dict[str, dict[str, Any]] = {
    "living": {"with": "mother", "municipality": "0161", "words": "Hos farmor i weekenden"},
    "problems": {"keys": ["konflikt", "vold"], "words": "Længe"},
    "elements": {"keys": ["leg"]},
    "tags": {"tags": ["makker"]},
    "offers": {"0-key": "samtaler", "0-from": "2026-03-02", "0-to": ""},
    "person": {"role": "grandparent", "called": "Farmor", "birth": "4/1955"},
    "custody": {"holder": "shared", "told": "ask", "words": ""},
    "contact": {"channel": "sms", "when": "morning", "message": "on", "sender": "Lise", "words": "Aldrig om aftenen"},
    "use": {"use-alkohol": "now", "use-hash": "past", "use-piller": ""},
    "care": {"allergies": "nødder", "remember": "Er bange for hunde"},
}  # fmt: skip
KEPT: dict[str, dict[str, Any]] = {
    "living": SENT["living"], "problems": SENT["problems"], "elements": SENT["elements"], "tags": SENT["tags"],
    "offers": {"offers": [{"key": "samtaler", "from": "2026-03-02"}]},
    "person": {"role": "grandparent", "called": "Farmor", "birth": "1955-04"},
    "custody": {"holder": "shared", "told": "ask"},
    "contact": SENT["contact"] | {"message": True},
    "use": {"uses": [{"substance": "alkohol", "when": "now"}, {"substance": "hash", "when": "past"}]},
    "care": SENT["care"],
}  # fmt: skip


def of(kind: str, course: Course) -> dict[str, Any]:
    return {"kind": kind} | ({"member": member(course).pk} if queries.rules.PARTS[kind] == "member" else {})


@pytest.mark.parametrize("kind", SENT)
def test_each_thing_is_written_read_and_refused(kind: str, family: Course, alma, bo, finn, clara, staff_client) -> None:
    client, address = staff_client(alma), at("part", family, **of(kind, family))
    seen = re.search(r'name="seen" value="(\d+)"', client.get(address).content.decode())
    assert seen is not None
    assert client.post(address, SENT[kind] | {"seen": seen[1]}).status_code == 302

    row = member(family) if "member" in of(kind, family) else None
    history = record.look_at_history(course=family, member=row, kind=kind, by=alma)
    assert history[-1].body == KEPT[kind]
    assert client.get(at("history", family, **of(kind, family))).status_code == 200
    again = client.get(address).content.decode()
    assert "selected" in again or "checked" in again or "nødder" in again, "it is there to be corrected"
    for other in (bo, finn, clara):
        assert staff_client(other).get(address).status_code == 404
        assert staff_client(other).post(address, SENT[kind] | {"seen": "1"}).status_code == 404
        assert staff_client(other).get(at("history", family, **of(kind, family))).status_code == 404


def test_a_thing_can_be_emptied_and_what_stood_there_is_readable(family: Course, alma, staff_client) -> None:
    client, address = staff_client(alma), at("part", family, kind="living")
    client.post(address, {"with": "mother", "words": "Hos farmor", "seen": "0"})
    client.post(address, {"with": "", "words": "", "seen": "1"})

    assert "Hos farmor" not in words(client.get(at("course", family)))
    told = words(client.get(at("history", family, kind="living")))
    assert "Hos farmor" in told and told.index("tømt") < told.index("Hos farmor"), "the newest first"


def test_two_writers_lose_no_word(family: Course, alma, bo, staff_client) -> None:
    services.assign(course=family, to=bo, by=alma)
    address = at("part", family, kind="living")
    one, other = staff_client(alma), staff_client(bo)
    assert one.post(address, {"words": "Hos farmor", "seen": "0"}).status_code == 302

    late = other.post(address, {"with": "father", "words": "Hos Jens", "seen": "0"})

    page = late.content.decode()
    assert late.status_code == 409 and "Hos farmor" in words(late) and "Hos Jens" in page
    assert "Alma skrev her imens" in words(late)
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None and seen[1] == "1"
    assert Part.objects.filter(kind="living").count() == 1, "nothing is written before they have seen it"
    assert other.post(address, {"with": "father", "words": "Hos Jens", "seen": seen[1]}).status_code == 302
    told = [each.body["words"] for each in record.look_at_history(course=family, kind="living", by=alma)]
    assert told == ["Hos farmor", "Hos Jens"]


def test_bad_input_says_what_to_do_and_keeps_what_was_typed(family: Course, alma, staff_client) -> None:
    client = staff_client(alma)
    offers = {"0-key": "", "0-from": "2026-03-02", "1-key": "samtaler", "1-from": "2026-03-02", "1-to": "2026-02-02"}
    answer = client.post(at("part", family, kind="offers"), offers | {"seen": "0"})
    assert answer.status_code == 422 and "Vælg tilbuddet, eller tøm dagene." in words(answer)
    assert "Det slutter, før det begynder." in words(answer) and 'value="2026-02-02"' in answer.content.decode()
    person = {"role": "child", "called": "Liv", "birth": "i foråret", "seen": "1"}
    answer = client.post(at("part", family, kind="person", member=member(family).pk), person)
    assert answer.status_code == 422 and "i foråret" in answer.content.decode()
    assert Part.objects.filter(kind="offers").count() == 0
    for nonsense in ({"seen": "x"}, {"seen": "-1"}, {"with": "on the moon", "seen": "0"}, {"words": "x" * 5000}):
        assert client.post(at("part", family, kind="living"), nonsense).status_code == 422


def test_there_is_no_page_for_what_nobody_may_write(family: Course, alma, staff_client) -> None:
    client, mette = staff_client(alma), member(family)
    wrong = [{"kind": "agreement"}, {"kind": "end"}, {"kind": "person"}, {"kind": "nonsense"}]
    wrong += [{"kind": "living", "member": mette.pk}, {"kind": "care", "member": uuid4()}]
    for each in wrong:
        assert client.get(at("part", family, **each)).status_code == 404, each
    other = begin(alma)
    assert client.get(at("part", other, kind="care", member=mette.pk)).status_code == 404, "she is in another course"


# ---- People ----


def test_one_more_person_is_written_down_once(family: Course, alma, bo, finn, staff_client) -> None:
    client, address = staff_client(alma), at("add_person", family)
    sent = {"role": "grandparent", "called": "Farfar", "once": str(uuid4())}
    for _twice in range(2):
        assert client.post(address, sent).status_code == 302
    assert family.members.count() == 4
    assert client.post(address, {"called": "Ingen"}).status_code == 422
    for other in (bo, finn):
        assert staff_client(other).post(address, sent | {"once": str(uuid4())}).status_code == 404
    assert family.members.count() == 4


def test_who_has_the_course_sees_the_card_and_finn_says_why(family: Course, alma, bo, finn, staff_client) -> None:
    jens = member(family, 1)
    address = at("identity", family, member=jens.pk)
    before = staff_client(alma).get(address)
    assert "Jens Hansen" not in words(before) and "casework.identity_looked" not in deeds(jens)

    shown = words(staff_client(alma).post(address, {"do": "show"}))
    assert "Jens Hansen" in shown and "24 23 03 01" in shown and "Beskyttet" in shown

    office = staff_client(finn)
    refused = office.post(address, {"do": "show", "reason": "hm"})
    assert refused.status_code == 422 and "Jens Hansen" not in words(refused)
    assert "Jens Hansen" in words(office.post(address, {"do": "show", "reason": "Tiden i morgen er flyttet"}))
    reasons = [entry.reason for entry in privacy.entries(about=jens, action="casework.identity_looked")]
    assert sorted(reasons) == ["Jeg arbejder med familien", "Tiden i morgen er flyttet"]
    assert staff_client(bo).post(address, {"do": "show", "reason": "Nysgerrig"}).status_code == 404


def test_a_card_is_written_anew_and_destroyed_alone(family: Course, alma, finn, staff_client) -> None:
    client, jens = staff_client(alma), member(family, 1)
    address = at("identity", family, member=jens.pk)
    card = {"do": "give", "name": "Jens Holm", "phone": "20 30 40 50", "mail": "", "address": "Bakken 7"}
    assert client.post(address, card | {"phone": "ring bare"}).status_code == 422
    assert client.post(address, card).status_code == 302
    assert record.look_at_identity(member=jens, reason="prøve", by=alma) == {
        "name": "Jens Holm", "phone": "+4520304050", "address": "Bakken 7",
    }  # fmt: skip
    for deed in (card, {"do": "destroy"}):
        assert staff_client(finn).post(address, deed).status_code == 404

    assert client.post(address, {"do": "destroy"}).status_code == 302

    assert not IdentityCard.objects.filter(member=jens).exists() and IdentityCard.objects.count() == 2
    assert "Jens" in words(client.get(at("course", family))), "the course goes on"
