"""GET never writes: everybody asks for every address there is, and no table changes but the one that notes looks."""

import hashlib
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from tests.house.addresses import Things, places
from tests.lived_in import lived_in

__all__ = ["lived_in"]

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


def addresses(things: Things) -> list[str]:
    """Give every address of the house in both languages, with real things in the places of its parameters."""
    return [place.path for language in ("da", "en") for place in places(things, language)]


ROLES = ("nobody", "alma", "bo", "clara", "dan", "finn", "gro", "operator")


@pytest.mark.django_db
def test_whoever_looks_changes_nothing(lived_in: Any, request: pytest.FixtureRequest, staff_client: Any) -> None:
    people = {who: request.getfixturevalue(who) for who in ROLES[1:]}
    clients = {"nobody": Client(), **{who: staff_client(user) for who, user in people.items()}}
    listed = addresses(lived_in)
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
