"""The pages of a course that has a conversation: begun from it, help on a consent, given on with it."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from brobygger.access import services as access
from brobygger.casework import record, services
from brobygger.casework.models import Course, Part
from brobygger.casework.tests.test_pages import at, typed, words
from brobygger.consents import services as consents
from brobygger.consents.models import Consent
from brobygger.consents.tests.families import Sent, refer
from brobygger.door import family
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from tests.letters import Visitor, keeper

pytestmark = pytest.mark.django_db
GIVEN = {
    "receiver": "other", "receiver_words": "Børnehaven Solen", "fields_told": ["attendance"], "until": "2027-02-01",
    "purpose_words": "så vi kan hjælpe sammen", "giver": "holder", "how": "phone",
}  # fmt: skip


@pytest.fixture
def sent(furnished: Any, at: Any, alma: Any) -> Sent:
    """A family that was sent on and whose letter Alma has."""
    at("2026-11-24T09:20")
    sent = refer(text="Jeg vil gerne sove igen.")
    intake.take(enquiry=Enquiry.objects.get(thread=sent.thread), by=alma)
    return sent


@pytest.fixture
def course(sent: Sent, alma: Any, staff_client: Any) -> Course:
    """Their course, begun on the page."""
    staff_client(alma).post(where(sent), typed(called="Mette"))
    return Course.objects.get()


def where(sent: Sent) -> str:
    return reverse("casework:begin", kwargs={"thread": sent.thread.pk})


def test_a_course_begins_from_a_thread_one_has(sent: Sent, alma, bo, finn, clara, staff_client) -> None:
    client, address, number = staff_client(alma), where(sent), sent.thread.number
    thread = reverse("intake:thread", kwargs={"thread": sent.thread.pk})
    assert address in client.get(thread).content.decode(), "the thread leads there"
    page = words(client.get(address))
    assert number in page and "Når du siger, hvem I er" in page
    for other in (bo, finn, clara):
        assert staff_client(other).get(address).status_code == 404
        assert staff_client(other).post(address, typed()).status_code == 404
    assert client.post(address, typed(role="")).status_code == 422 and not Course.objects.exists()

    once = typed(called="Mette", words="Ja, gerne", carry="on")
    answers = [client.post(address, once) for _twice in range(2)]

    course = Course.objects.get()
    assert [answer["Location"] for answer in answers] == [at("course", course)] * 2
    assert course.thread is not None and course.thread.number == number
    agreed = record.look(course=course, by=alma).known("agreement")
    assert (agreed["how"], agreed["words"], agreed["carried"]) == ("phone", "Ja, gerne", True)
    shown = client.get(at("course", course)).content.decode()
    assert number in shown and reverse("intake:thread", kwargs={"thread": course.thread_id}) in shown


def test_the_conversation_leads_to_its_course_and_to_no_second_one(course: Course, alma, bo, staff_client) -> None:
    client, address = staff_client(alma), reverse("casework:begin", kwargs={"thread": course.thread_id})
    thread = client.get(reverse("intake:thread", kwargs={"thread": course.thread_id}))
    assert "Til forløbet" in words(thread)
    assert client.get(address)["Location"] == at("course", course)
    assert client.post(address, typed())["Location"] == at("course", course)
    assert staff_client(bo).get(address).status_code == 404
    assert Course.objects.count() == 1


def test_no_course_begins_from_what_is_no_familys_or_not_ones_own(
    sent: Sent, alma, staff_client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(family, "PATIENCE", 0.0)
    untaken = refer().thread
    Visitor().write("Hvad gør jeg med en dreng, der altid er træt?", door="professional")
    keeper()
    asked = Enquiry.objects.exclude(thread__in=[sent.thread, untaken]).get()
    intake.take(enquiry=asked, by=alma)
    client = staff_client(alma)
    shown = client.get(reverse("intake:thread", kwargs={"thread": asked.thread_id}))
    assert shown.status_code == 200 and "Familien siger, hvem de er" not in words(shown)
    for thread in (asked.thread_id, untaken.pk, uuid4()):
        address = reverse("casework:begin", kwargs={"thread": thread})
        assert client.get(address).status_code == 404 and client.post(address, typed()).status_code == 404
    assert not Course.objects.exists()


def test_help_is_written_down_on_a_yes_alone(course: Course, alma, finn, staff_client) -> None:
    client, address = staff_client(alma), at("part", course, kind="coordination")
    page = client.get(address)
    listed = re.findall(r'<option value="([0-9a-f-]{36})"', page.content.decode())
    # What one may be told ends with the yes to be rung: taken back first, it takes the other along.
    while (consent := Consent.objects.filter(thread=course.thread, closed_on=None).first()) is not None:
        consents.withdraw(consent=consent, by=alma)
    page = client.get(address)
    assert "Sådan et ja er der ikke her" in words(page) and listed, "what stood could be chosen; now nothing stands"
    assert reverse("consents:family", kwargs={"thread": course.thread_id}) in page.content.decode()

    record_it = reverse("consents:record", kwargs={"thread": course.thread_id})
    assert client.post(record_it, GIVEN | {"once": str(uuid4())}).status_code == 302
    yes = Consent.objects.get(thread=course.thread, closed_on=None)
    line = {"0-who": "Børnehaven Solen", "0-words": "Ekstra pædagog", "seen": "0"}
    refused = client.post(address, line)
    assert refused.status_code == 422 and "Vælg det ja, det bygger på" in words(refused)
    assert "Ekstra pædagog" in refused.content.decode()
    assert client.post(address, line | {"0-consent": str(uuid4())}).status_code == 422
    assert client.post(address, line | {"0-consent": str(yes.pk)}).status_code == 302
    assert "Ekstra pædagog" in words(client.get(at("course", course)))
    assert "Ekstra pædagog" not in words(staff_client(finn).get(at("course", course)))

    consents.withdraw(consent=yes, by=alma)
    assert "Ja’et til det gælder ikke længere." in words(client.get(at("course", course)))
    late = client.post(address, line | {"0-consent": str(yes.pk), "seen": "1"})
    assert late.status_code == 422 and "Ekstra pædagog" in late.content.decode()
    assert Part.objects.filter(kind="coordination").count() == 1


def test_the_conversation_goes_along_when_the_course_is_given(course: Course, alma, bo, finn, staff_client) -> None:
    address, give = at("assignments", course), {"do": "give", "give-to": "bo"}
    assert "give-follows" not in staff_client(finn).get(address).content.decode(), "Finn hands no conversation over"
    assert "give-follows" in staff_client(alma).get(address).content.decode()

    assert staff_client(alma).post(address, give).status_code == 302
    assert Enquiry.objects.get(thread=course.thread).taken_by == alma, "only when it is ticked"
    assert staff_client(alma).post(address, give | {"give-follows": "on"}).status_code == 302

    assert Enquiry.objects.get(thread=course.thread).taken_by == bo
    shown = staff_client(bo).get(at("course", course)).content.decode()
    assert reverse("intake:thread", kwargs={"thread": course.thread_id}) in shown


def test_whoever_left_is_offered_nothing(course: Course, alma, bo, staff_client) -> None:
    access.leave(user=bo, by="keeper")
    assert '"bo"' not in staff_client(alma).get(at("assignments", course)).content.decode()
    answer = staff_client(alma).post(at("assignments", course), {"do": "tonight", "tonight-to": "bo"})
    assert answer.status_code == 422
    services.end_course(course=course, reason="moved", words="", seen=0, by=alma)
    page = staff_client(alma).get(at("assignments", course)).content.decode()
    assert 'value="tonight"' not in page, "a course that has ended has no evening"
    assert 'value="give"' in page, "whoever is to answer what the family asks about itself must be able to read it"
