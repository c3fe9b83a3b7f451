"""GET never writes: everybody asks for every address there is, and no table changes but the one that notes looks."""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import override

from brobygger.access import services as access
from brobygger.appointments import services as booking
from brobygger.appointments.models import Appointment
from brobygger.door import family
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from tests.letters import Visitor, keeper, working_hours

#: Who looked is written down, and sessions are refreshed; that is all a look may leave.
NOTED = {"privacy_auditentry", "django_session"}


def tables() -> dict[str, str]:
    """Print every table in one fingerprint: every value of every row."""
    found = {}
    for model in apps.get_models():
        rows = model._default_manager.order_by("pk").values_list()
        rows = [tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in rows]
        found[model._meta.db_table] = hashlib.blake2b(repr(rows).encode()).hexdigest()
    return found


def addresses(values: dict[str, Callable[[], str]]) -> Iterator[str]:
    """Give every address of the house in both languages, with real things in the places of its parameters."""
    for language in ("da", "en"):
        with override(language):
            for pattern in sorted(_patterns(get_resolver().url_patterns, "/")):
                yield re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]](), pattern)


def _patterns(patterns: list[Any], before: str) -> Iterator[str]:
    for each in patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, here)
        elif isinstance(each, URLPattern):
            yield here.replace("\\Z", "").lstrip("^")


@pytest.fixture
def lived_in(furnished: Any, alma: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], str]]:
    """A house where something of everything has happened: an agreed visit, its address, a number, a calendar feed."""
    monkeypatch.setattr(family, "PATIENCE", 0.0)
    at("2026-11-23T08:10")
    working_hours(alma)
    ea = Visitor()
    key = ea.write(wish="call", phone="20304050", when="any").key
    keeper()
    enquiry = intake.take(enquiry=Enquiry.objects.get(), by=alma)
    from brobygger.appointments import queries

    free = queries.free(alma, where="home")
    intake.answer(enquiry=enquiry, text="Godt, du skrev.", by=alma, where="home", times=free[:3])
    keeper()
    page = ea.come_back(key)
    ea.act(page, "choose", proposal=page.all("proposal")[0])
    keeper()
    ea.act(ea.come_back(key), "address", address="Bakken 7")
    ea.write("En anden familie")
    keeper()
    token = access.set_calendar_token(user=alma, by=alma)
    booking.set_hours(worker=alma, hours=[], by=alma)
    return {
        "thread": lambda: str(enquiry.thread_id),
        "appointment": lambda: str(Appointment.objects.get().pk),
        "token": lambda: token,
        "key": lambda: "familieterapi",
        "path": lambda: "nothing",
    }


ROLES = ("nobody", "alma", "bo", "clara", "dan", "finn", "gro", "operator")


@pytest.mark.django_db
def test_whoever_looks_changes_nothing(lived_in: Any, request: pytest.FixtureRequest, staff_client: Any) -> None:
    people = {who: request.getfixturevalue(who) for who in ROLES[1:]}
    clients = {"nobody": Client(), **{who: staff_client(user) for who, user in people.items()}}
    listed = list(addresses(lived_in))
    before = tables()
    seen: dict[str, set[int]] = {}
    for who, client in clients.items():
        for path in listed:
            seen.setdefault(who, set()).add(client.get(path, headers={"Sec-Fetch-Site": "none"}).status_code)
        changed = {name for name, fingerprint in tables().items() if fingerprint != before[name]} - NOTED
        assert changed == set(), f"{who} looked at every page, and {changed} changed"

    assert len(listed) > 100
    assert all(status < 500 for statuses in seen.values() for status in statuses), seen
    assert before.keys() >= NOTED


@pytest.mark.django_db
def test_a_hurried_or_curious_method_changes_nothing_either(lived_in: Any) -> None:
    before = tables()
    for path in addresses(lived_in):
        for method in ("head", "put", "patch", "delete", "options", "trace"):
            assert getattr(Client(), method)(path).status_code < 500

    assert {name for name, fingerprint in tables().items() if fingerprint != before[name]} - NOTED == set()
