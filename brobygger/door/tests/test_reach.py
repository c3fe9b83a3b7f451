"""A way to be reached: the house offers what it has wires for, and asks for what the choice needs."""

from typing import Any

import pytest
from django.conf import LazySettings

from brobygger.door import forms


def reach(**given: str) -> forms.Reach:
    """Fill in the form."""
    return forms.Reach({"when": "any", **given})


def offered(form: forms.Reach) -> list[str]:
    """The ways on the page."""
    field: Any = form.fields.get("channel")
    return [key for key, _label in field.choices] if field else []


@pytest.mark.parametrize(
    ("wires", "ways", "fields"),
    [
        ([], [], {"phone"}),
        (["sms"], ["call", "sms"], {"phone", "remind"}),
        (["sms", "mail"], ["call", "sms", "mail"], {"phone", "mail", "remind"}),
    ],
)
def test_the_house_offers_what_it_has_wires_for(
    settings: LazySettings, wires: list[str], ways: list[str], fields: set[str]
) -> None:
    settings.CHANNELS_OFFERED = wires
    form = reach()
    assert offered(form) == ways
    assert {"phone", "mail", "remind"} & set(form.fields) == fields


def test_without_wires_a_number_is_for_ringing(settings: LazySettings) -> None:
    settings.CHANNELS_OFFERED = []
    form = reach(phone="20 30 40 50", channel="sms", remind="on")
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["channel"], form.cleaned_data["phone"]) == ("call", "+4520304050")
    assert form.cleaned_data["remind"] is False


@pytest.mark.parametrize("channel", ["call", "sms"])
def test_a_number_is_asked_for_to_ring_or_write_to(settings: LazySettings, channel: str) -> None:
    settings.CHANNELS_OFFERED = ["sms", "mail"]
    assert set(reach(channel=channel, mail="ea@post.example").errors) == {"phone"}
    assert set(reach(channel=channel, phone="12").errors) == {"phone"}
    form = reach(channel=channel, phone="20304050", mail="this is no address")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["mail"] == ""


def test_an_address_is_asked_for_to_mail_to_and_the_number_is_not_kept(settings: LazySettings) -> None:
    settings.CHANNELS_OFFERED = ["sms", "mail"]
    assert set(reach(channel="mail", phone="20304050").errors) == {"mail"}
    assert set(reach(channel="mail", mail="ea@").errors) == {"mail"}
    form = reach(channel="mail", mail="ea@post.example", phone="20304050", remind="on")
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["mail"], form.cleaned_data["phone"]) == ("ea@post.example", "")
    assert form.cleaned_data["remind"] is True


def test_a_way_the_house_does_not_have_cannot_be_chosen(settings: LazySettings) -> None:
    settings.CHANNELS_OFFERED = ["sms"]
    assert "channel" in reach(channel="mail", mail="ea@post.example").errors
    assert "channel" in reach(channel="pigeon", phone="20304050").errors


def test_who_is_rung_is_not_reminded_by_a_machine(settings: LazySettings) -> None:
    settings.CHANNELS_OFFERED = ["sms"]
    form = reach(channel="call", phone="20304050", remind="on")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["remind"] is False
