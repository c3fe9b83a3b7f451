"""Everybody knocks at every address, in both languages, and gets what addresses.txt says: no more and no less."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import Template
from django.test import Client
from django.urls import path

from brobygger.access.guards import guard
from brobygger.access.roles import Permission
from brobygger.door import ticket
from config import urls
from tests.databases import DATABASES
from tests.house import addresses
from tests.house.addresses import FORMS, METHODS, TABLE, WHO, Place, Table, Things
from tests.lived_in import lived_in

__all__ = ["lived_in"]

HERE = {"Sec-Fetch-Site": "same-origin"}


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever a knock did, in every database, so that the next one finds the house as it was."""
    with ExitStack() as stack:
        for alias in DATABASES:
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in DATABASES:
            transaction.set_rollback(True, using=alias)
    cache.clear()


@pytest.fixture
def everybody(request: pytest.FixtureRequest, hire: Any, staff_client: Any, alma: Any) -> dict[str, SimpleCookie]:
    """Sign everybody in, and give what their browsers hold."""
    RecoveryCodes.activate(alma)
    half = Client()
    half.force_login(alma)
    people = {
        "therapist": alma,
        "no-role": hire("nils"),
        **{role: request.getfixturevalue(name) for role, name in CAST.items()},
    }
    held = {who: staff_client(user).cookies for who, user in people.items()}
    return {"anonymous": SimpleCookie(), "half": half.cookies, **held}


CAST = {
    "colleague": "bo",
    "administrator": "finn",
    "leader": "clara",
    "communications": "gro",
    "partner": "dan",
    "operator": "operator",
}


@pytest.fixture
def unprinted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody draw the pages: who gets in is asked here, five thousand times; test_looking_changes_nothing draws."""
    monkeypatch.setattr(Template, "render", lambda *drawn, **more: "")


def form(name: str) -> dict[str, str]:
    """Give what is sent to a page, where something must be."""
    if name == "door:calendar":
        moment = "2026-11-24T09:00:00+00:00"
        return {"calendar": ticket.calendar_token({"starts_at": moment, "ends_at": moment})}
    return FORMS.get(name, {})


def knock(place: Place, method: str, cookies: SimpleCookie) -> str:
    """Knock once, and put what happened into the table's words."""
    browser = Client(headers=HERE)
    browser.cookies = SimpleCookie({name: morsel.value for name, morsel in cookies.items()})
    with undone():
        answer = browser.get(place.path) if method == "GET" else browser.post(place.path, form(place.name))
        return addresses.outcome(answer)


def walk(things: Things, everybody: dict[str, SimpleCookie], only: tuple[str, ...] = ()) -> Table:
    """Let everybody knock everywhere, in Danish and in English; the languages must agree."""
    tables: list[Table] = []
    for language in ("da", "en"):
        tables.append({})
        for place in addresses.places(things, language):
            if only and place.line not in only:
                continue
            for method in METHODS:
                got = tuple(knock(place, method, everybody[who]) for who in WHO)
                assert tables[-1].setdefault((place.line, method), got) == got, place
    danish, english = tables
    assert addresses.differences(english, danish) == [], "the languages do not open the same doors"
    return danish


@pytest.mark.django_db
def test_everybody_gets_what_the_table_says(
    lived_in: Things, everybody: dict[str, SimpleCookie], unprinted: None
) -> None:
    seen = walk(lived_in, everybody)

    if out := os.environ.get(addresses.SEEN):
        Path(out).write_text(addresses.written(seen), encoding="utf-8")
        return
    found = addresses.differences(seen, addresses.read(TABLE.read_text(encoding="utf-8")))
    assert not found, "\n" + "\n".join(found) + "\npython -m tests.house.addresses shows the whole"


#: Ends at the sign-in page for everybody, since it has signed them out.
LEAVING = {"access:sign_out_everywhere"}


def test_the_table_is_not_empty_and_every_page_opens_for_somebody() -> None:
    table = addresses.read(TABLE.read_text(encoding="utf-8"))

    pages = {name.split("[")[0] for name, _ in table}
    opening = {name.split("[")[0] for (name, _), cells in table.items() if {"yes", "on"} & set(cells)}
    assert pages and pages - opening == LEAVING


def test_no_staff_page_opens_for_somebody_who_is_not_in() -> None:
    """What the table may never say, whoever fills it in."""
    table = addresses.read(TABLE.read_text(encoding="utf-8"))
    for line in staff_lines(table):
        anonymous, half, *_rest = table[line]
        assert {anonymous, half} <= {"sign-in", "step-two", "405"}, f"{line} stands open"


#: Pages at work that are reached before, or without, having signed in.
ENTRANCES = (
    "mfa_login_webauthn",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "appointments:feed",
    "calendars:feed",
)


def staff_lines(table: Table) -> list[tuple[str, str]]:
    """Give the lines of pages at work: those that do not let everybody in alike, but for the entrances."""
    entrances = (*ENTRANCES, "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp")
    return [line for line, cells in table.items() if len(set(cells)) > 1 and not line[0].startswith(entrances)]


@pytest.mark.django_db
def test_a_planted_fault_in_either_is_seen(lived_in: Things, everybody: dict[str, SimpleCookie], settings: Any) -> None:
    """Planted: a page nobody wrote down, a line without a page, and a page opened to one role too many."""

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    loose = guard(Permission.SEE_HEALTH, Permission.SEE_PARTNER)(page)
    house = ModuleType("planted")
    house.urlpatterns = [path("personale/a/", page, name="a"), path("personale/b/", loose, name="b"), *urls.urlpatterns]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = house
    shut = ("sign-in", "step-two", *(["-"] * (len(WHO) - 3)), "yes")
    table = {("b", method): shut for method in METHODS} | {("gone", "GET"): shut}

    assert addresses.differences(walk(lived_in, everybody, ("a", "b")), table) == [
        "a GET is not in addresses.txt",
        "a POST is not in addresses.txt",
        "b GET: partner gets yes, and the table says -",
        "b POST: partner gets yes, and the table says -",
        "gone GET is in addresses.txt and nowhere in the house",
    ]


@pytest.mark.parametrize(
    "fault",
    [
        "intake:worklist GET yes",
        "intake:worklist GET " + "yes " * (len(WHO) - 1) + "perhaps",
        ("intake:worklist GET " + "yes " * len(WHO) + "\n") * 2,
    ],
)
def test_a_table_that_cannot_be_read_is_refused(fault: str) -> None:
    with pytest.raises(ValueError):
        addresses.read(fault)


def test_an_address_that_asks_for_something_unknown_is_refused() -> None:
    with pytest.raises(LookupError):
        list(addresses.filled("/x/<uuid:unheard>/", {}))


def test_what_is_written_can_be_read_again() -> None:
    table: Table = {("intake:thread[taken]", "GET"): ("sign-in", "step-two", *(["-"] * (len(WHO) - 2)))}

    assert addresses.read(addresses.written(table)) == table
