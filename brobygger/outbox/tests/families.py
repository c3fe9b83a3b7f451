"""Families who gave a number, and wires that lead to this machine: for this room's tests and those of later rooms."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.conf import LazySettings

from brobygger.door import family as door_family
from brobygger.outbox import services
from brobygger.outbox.tests import wires
from brobygger.threads.models import ContactCard, Thread
from tests.letters import Visitor, keeper

Gives = Callable[..., None]


@dataclass
class Family:
    """A family with a return key."""

    key: str

    @classmethod
    def writes(cls, language: str = "da") -> "Family":
        """Write a first letter and have it opened."""
        family = cls(Visitor(language=language).write().key)
        keeper()
        return family

    @property
    def thread(self) -> Thread:
        """The thread that lives, as it is now."""
        return Thread.objects.get(number=self.key[:4], ending="")


def told(family: Any, kind: str = "answer") -> None:
    """Write a word to a family, and let the house's hands do what follows."""
    services.notify(thread=family.thread, kind=kind, by="alma")
    keeper()


@pytest.fixture
def morning(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Monday the 23rd of November at ten past eight, in a house where no page waits."""
    monkeypatch.setattr(door_family, "PATIENCE", 0.0)
    return at("2026-11-23T08:10")


@pytest.fixture
def ea(morning: datetime) -> Family:
    """Ea, who came by return key."""
    return Family.writes()


@pytest.fixture
def another(morning: datetime) -> Family:
    """Another family."""
    return Family.writes()


@pytest.fixture
def gateway(settings: LazySettings) -> Iterator[wires.Gateway]:
    """An SMS gateway this house uses, and that does not rest from another test."""
    services._resting.clear()
    with wires.gateway() as state:
        settings.OUTBOX_SMS = {"url": state.url, "token": "a token", "sender": "Besked"}
        settings.OUTBOX_CHANNELS = {**settings.OUTBOX_CHANNELS, "sms": "brobygger.outbox.channels.HttpGateway"}
        settings.CHANNELS_OFFERED = [*settings.CHANNELS_OFFERED, "sms"]
        yield state


@pytest.fixture
def mail(settings: LazySettings) -> Iterator[wires.Post]:
    """A mail server this house uses, on this machine."""
    services._resting.clear()
    with wires.post() as state:
        mail_to(state, settings)
        yield state


def mail_to(state: wires.Post, settings: LazySettings, **more: str) -> None:
    """Lead this house's mails to a mail server."""
    at = {"host": "127.0.0.1", "port": str(state.port), "user": "", "password": "", "starttls": ""}
    settings.OUTBOX_SMTP = {**at, "from": "Besked <besked@brev.example>", **more}
    settings.OUTBOX_CHANNELS = {**settings.OUTBOX_CHANNELS, "mail": "brobygger.outbox.channels.Smtp"}
    settings.CHANNELS_OFFERED = [*settings.CHANNELS_OFFERED, "mail"]


@pytest.fixture
def gives() -> Gives:
    """Let a family give a way to be reached on their page: `gives(ea)`, `gives(ea, "mail", remind="on")`."""

    def on_the_page(family: Any, channel: str = "sms", **more: str) -> None:
        given = {"sms": {"phone": "20304050"}, "mail": {"mail": "ea@post.example"}, "call": {"phone": "20304050"}}
        sent = {"channel": channel, "when": "any", **given[channel], **more}
        page = Visitor().act(Visitor().come_back(family.key), "reach", **sent)
        assert page.status == 200, page.words
        keeper()
        assert ContactCard.objects.filter(thread=family.thread).exists()

    return on_the_page
