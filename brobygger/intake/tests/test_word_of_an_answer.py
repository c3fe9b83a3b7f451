"""A family that gave a number hears that there is an answer; nobody else does."""

from typing import Any

import pytest
from django.conf import LazySettings

from brobygger.appointments.tests.families import Family
from brobygger.intake import services
from brobygger.intake.models import Enquiry
from brobygger.outbox.models import Notice
from brobygger.outbox.tests.families import gateway, gives
from brobygger.outbox.tests.wires import Gateway
from tests.letters import address, keeper

__all__ = ["gateway", "gives"]


def taken(family: Family, worker: Any) -> Enquiry:
    """Take a family's letter."""
    return services.take(enquiry=Enquiry.objects.get(thread=family.thread), by=worker)


def test_an_answer_is_told_without_a_word_of_it(ea: Family, alma: Any, gives: Any, gateway: Gateway) -> None:
    gives(ea)
    services.answer(enquiry=taken(ea, alma), text="Det er ikke din skyld.", by=alma)
    keeper()
    assert gateway.texts == ["Der er nyt til dig."]


def test_an_answer_that_is_refused_tells_nobody(ea: Family, alma: Any, gives: Any, gateway: Gateway) -> None:
    gives(ea)
    enquiry = taken(ea, alma)
    with pytest.raises(services.SomethingNew):
        services.answer(enquiry=enquiry, text="Det er ikke din skyld.", by=alma, seen=0)
    keeper()
    assert gateway.asked == []
    assert not Notice.objects.exists()


def test_who_wants_to_be_rung_or_gave_nothing_gets_no_message(
    ea: Family, another: Family, alma: Any, gives: Any, gateway: Gateway
) -> None:
    gives(ea, "call")
    for family in (ea, another):
        services.answer(enquiry=taken(family, alma), text="Det er ikke din skyld.", by=alma)
    keeper()
    assert gateway.asked == []


def test_who_chose_mail_is_shown_with_an_address_and_no_number(
    ea: Family, alma: Any, gives: Any, staff_client: Any, settings: LazySettings
) -> None:
    settings.CHANNELS_OFFERED = ["mail"]
    gives(ea, "mail")
    taken(ea, alma)
    where = address("intake:contact", thread=str(ea.thread.pk))
    page = staff_client(alma).post(where, {"reason": "Familien bad om det."}).content.decode()
    assert 'href="mailto:ea@post.example"' in page
    assert "tel:" not in page
