"""The pages of consents, referrals and our own duty: who may open them, and what they do."""

from typing import Any

import pytest
from django.urls import reverse

from brobygger.consents.models import Consent, Duty, Lookalike
from brobygger.consents.tests.families import Sent, refer
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from brobygger.privacy import queries as privacy
from tests.letters import keeper

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(furnished: Any) -> Sent:
    """A family that was sent on."""
    return refer(text="Jeg vil gerne sove igen.")


def at(name: str, sent: Sent, **more: Any) -> str:
    return reverse(f"consents:{name}", kwargs={"thread": sent.thread.pk, **more})


def words(answer: Any) -> str:
    import html
    import re

    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def test_the_administrator_rings_and_writes_down_what_happened(sent: Sent, finn: Any, staff_client: Any) -> None:
    client = staff_client(finn)
    page = client.get(at("referral", sent))
    assert page.status_code == 200 and "Mette" in words(page) and "20 30 40 50" not in words(page)
    assert "sove igen" not in words(page), "what the parent wishes is for the one who talks with her"

    rung = client.post(at("ring", sent))
    assert rung.status_code == 200 and "20 30 40 50" in words(rung)
    assert [entry.reason for entry in privacy.entries(about=sent.thread, action="threads.contact_looked")] != [""]

    assert client.post(at("move", sent), {"to": "trying"}).status_code == 302
    keeper()
    assert sent.ladder == ["trying", "received"]


def test_whoever_takes_the_letter_sees_the_parents_own_words(sent: Sent, alma: Any, staff_client: Any) -> None:
    intake.take(enquiry=Enquiry.objects.get(thread=sent.thread), by=alma)
    assert "sove igen" in words(staff_client(alma).get(at("referral", sent)))


@pytest.mark.parametrize("name", ["referral", "family", "weigh"])
def test_a_colleagues_family_does_not_exist(name: str, sent: Sent, alma: Any, bo: Any, staff_client: Any) -> None:
    intake.take(enquiry=Enquiry.objects.get(thread=sent.thread), by=alma)
    assert staff_client(alma).get(at(name, sent)).status_code == 200
    assert staff_client(bo).get(at(name, sent)).status_code == 404


def test_a_step_that_makes_no_sense_is_said_so_and_changes_nothing(sent: Sent, finn: Any, staff_client: Any) -> None:
    client = staff_client(finn)
    for data in ({}, {"to": "ended"}, {"to": "not_started"}, {"to": "not_started", "reason": "because"}):
        assert client.post(at("move", sent), data).status_code == 422
    assert sent.referral.step == "received"
    assert client.post(at("move", sent), {"to": "not_started", "reason": "no_answer"}).status_code == 302
    assert sent.referral.reason == "no_answer"


def test_after_a_no_there_is_no_number_to_ring(sent: Sent, finn: Any, staff_client: Any) -> None:
    client = staff_client(finn)
    consent = Consent.objects.get(thread=sent.thread, kind="contact")
    assert client.post(at("withdraw", sent, consent=consent.pk)).status_code == 302

    page = client.get(at("referral", sent))
    assert "Ring ikke." in words(page) and client.post(at("ring", sent)).status_code == 404
    assert client.post(at("withdraw", sent, consent=consent.pk)).status_code == 302, "twice is once"


def test_a_consent_is_written_down_as_a_sentence(sent: Sent, alma: Any, staff_client: Any) -> None:
    client = staff_client(alma)
    typed = {
        "receiver": "other", "receiver_words": "", "fields_told": ["attendance", "appointment"], "until": "2027-02-01",
        "purpose_words": "så fodboldtræneren ved besked", "giver": "holder", "how": "phone",
    }  # fmt: skip
    refused = client.post(at("record", sent), typed)
    assert refused.status_code == 422 and "fodboldtræneren" in refused.content.decode()
    assert client.post(at("record", sent), typed | {"until": "2035-01-01"}).status_code == 422

    assert client.post(at("record", sent), typed | {"receiver_words": "træneren i klubben"}).status_code == 302
    page = words(client.get(at("family", sent)))
    assert "træneren i klubben må få at vide" in page and "så fodboldtræneren ved besked" in page
    assert "hvornår vi mødes og om de kommer" in page


def test_every_look_at_consents_is_kept(sent: Sent, finn: Any, staff_client: Any) -> None:
    staff_client(finn).get(at("family", sent))
    assert privacy.trail(sent.thread)[-1] == ("finn", "consents.looked")


def test_lookalikes_are_for_a_person_to_decide(sent: Sent, finn: Any, staff_client: Any) -> None:
    twin = refer()
    client = staff_client(finn)
    assert f"Boks {twin.thread.number} gav det samme nummer" in words(client.get(at("referral", sent)))
    pair = Lookalike.objects.get()
    assert client.post(at("decide", sent, pair=pair.pk), {"same": "no"}).status_code == 302
    assert "en anden familie" in words(client.get(at("referral", twin)))


def test_our_duty_is_weighed_on_paper_by_two(sent: Sent, alma: Any, bo: Any, clara: Any, staff_client: Any) -> None:
    client = staff_client(alma)
    said = {"worry": "Blå mærker", "decided": "Vi underretter", "why": "Vold", "parents": "Nej"}
    assert client.post(at("weigh", sent), said | {"second": "alma"}).status_code == 422
    made = client.post(at("weigh", sent), said | {"second": "clara"})
    assert made.status_code == 302 and "Blå mærker" in words(client.get(made["Location"]))
    assert staff_client(bo).get(made["Location"]).status_code == 404

    leader = staff_client(clara)
    assert "Alma" in words(leader.get(reverse("consents:duties")))
    assert leader.post(made["Location"], {"words": "Enig"}).status_code == 422
    assert leader.post(made["Location"], {"agrees": "yes", "words": "Enig"}).status_code == 302
    assert "på samme måde" in words(client.get(made["Location"]))
    client.post(made["Location"], {"agrees": "no", "words": "Ombestemt"})
    assert "Ombestemt" not in words(leader.get(made["Location"])) and Duty.objects.count() == 1


@pytest.mark.parametrize("who", ["gro", "dan", "operator"])
def test_nobody_else_may_look(who: str, sent: Sent, request: Any, staff_client: Any) -> None:
    client = staff_client(request.getfixturevalue(who))
    for name in ("referral", "family", "weigh"):
        assert client.get(at(name, sent)).status_code == 404
    assert client.get(reverse("consents:duties")).status_code == 404
