"""Sign-in with the municipality, against a real provider on this machine: only for those hired, and never by halves."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.urls import NoReverseMatch, reverse

from brobygger.access.adapter import second_step_taken
from tests import cluster, running

LOGIN, BEGIN, BACK = "/personale/ind/", "/personale/ind/med/kommune/", "/personale/ind/retur/kommune/"


def known(email: str, *, verified: Any = True, **claims: Any) -> dict[str, Any]:
    """Somebody the municipality knows."""
    return {"sub": email, "email": email, "email_verified": verified, "name": "Navn", **claims}


PEOPLE = [
    known("alma@ditrum.example", amr=["pwd", "mfa"]),
    known("bo@ditrum.example", amr=["pwd"]),
    known("clara@ditrum.example", verified=False, amr=["mfa"]),
    known("finn@ditrum.example", acr="level-4"),
    known("stranger@kommune.example", amr=["mfa"]),
    known("old@ditrum.example", amr=["mfa"]),
]


def municipality(port: int) -> "subprocess.Popen[bytes]":
    """Start a provider of the sign-in on loopback, and wait until it answers."""
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    command += [part for one in PEOPLE for part in ("--user-claims", json.dumps(one))]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            requests.get(f"http://localhost:{port}", timeout=2)
            break
        except requests.ConnectionError:
            time.sleep(0.1)
    return server


@pytest.fixture(scope="module")
def house() -> Iterator[running.House]:
    """A house that has the municipality's sign-in switched on, beside a municipality."""
    port = cluster.free_port()
    told = {
        "BROBYGGER_OIDC_ISSUER": f"http://localhost:{port}",
        "BROBYGGER_OIDC_NAME": "Testby Kommune",
        "BROBYGGER_OIDC_CLIENT": "brobygger",
        "BROBYGGER_OIDC_SECRET": "between-us",
        "BROBYGGER_OIDC_ACR": "level-4,level-5",
    }
    with running.house("ditrum", BROBYGGER_CLOCK="2026-11-23T08:10", **told) as built:
        # Stopped with the house.
        built.processes["municipality"] = municipality(port)
        yield built


def go(house: running.House, **form: str) -> tuple[requests.Session, requests.Response]:
    """Go from our page to the municipality, answer there, and come back."""
    browser = requests.Session()
    theirs = browser.get(house.url + BEGIN)
    assert "Authorize Client" in theirs.text
    return browser, browser.post(theirs.url, data=form)


def inside(house: running.House, browser: requests.Session) -> bool:
    """Tell whether somebody has come all the way in."""
    return browser.get(f"{house.url}/personale/mig/", allow_redirects=False).status_code == 200


def test_the_sign_in_page_offers_it_by_name(house: running.House) -> None:
    page = requests.get(house.url + LOGIN).text

    assert f'href="{BEGIN}"' in page and "Log ind med Testby Kommune" in page


def test_who_took_two_steps_there_takes_none_here(house: running.House) -> None:
    browser, page = go(house, sub="alma@ditrum.example")

    assert page.url == f"{house.url}/personale/liste/"
    assert inside(house, browser)


def test_who_took_one_step_there_takes_the_second_here(house: running.House) -> None:
    browser, page = go(house, sub="bo@ditrum.example")
    assert page.url == f"{house.url}/personale/to-trin/"
    assert not inside(house, browser)

    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    code = re.search(r"<kbd>(\d{6})</kbd>", page.text)
    assert token and code
    told = {"csrfmiddlewaretoken": token[1], "code": code[1]}
    browser.post(page.url, data=told, headers={"Referer": page.url})
    assert inside(house, browser)


def test_a_level_we_agreed_on_counts_as_two_steps(house: running.House) -> None:
    browser, _page = go(house, sub="finn@ditrum.example")

    assert inside(house, browser)


@pytest.mark.parametrize("who", ["stranger@kommune.example", "clara@ditrum.example"])
def test_a_stranger_and_an_unchecked_address_are_turned_away(house: running.House, who: str) -> None:
    browser, page = go(house, sub=who)

    assert page.url == house.url + LOGIN
    assert "ingen med den e-mail arbejder her" in page.text
    assert not inside(house, browser)
    assert "stranger" not in house.ask("from brobygger.access.queries import everybody; print(everybody())")


def test_who_has_left_is_turned_away(house: running.House) -> None:
    house.ask(
        "from brobygger.access import queries, services\n"
        "services.hire(email='old@ditrum.example', handle='old', first_name='Old', title={}, roles=['leader'],"
        " password='three words in a row', by='keeper')\n"
        "services.leave(user=queries.person('old'), by='keeper')"
    )
    browser, page = go(house, sub="old@ditrum.example")

    assert page.url == house.url + LOGIN
    assert "ingen med den e-mail arbejder her" in page.text
    assert not inside(house, browser)


def test_a_no_there_is_said_here(house: running.House) -> None:
    browser, page = go(house, action="deny")

    assert page.url == house.url + LOGIN
    assert "Login virkede ikke" in page.text
    assert not inside(house, browser)


def test_an_answer_nobody_asked_for_opens_nothing(house: running.House) -> None:
    browser = requests.Session()
    page = browser.get(f"{house.url}{BACK}?code=stolen&state=planted")

    assert page.url == house.url + LOGIN and "Login virkede ikke" in page.text
    assert not inside(house, browser)


def test_nothing_the_municipality_says_is_stored(house: running.House) -> None:
    browser, _page = go(house, sub="alma@ditrum.example")

    counts = house.ask(
        "from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken\n"
        "from allauth.account.models import EmailAddress\n"
        "print([one.objects.count() for one in (SocialAccount, SocialApp, SocialToken, EmailAddress)])"
    )
    assert counts == "[0, 0, 0, 0]"
    assert {cookie.path for cookie in browser.cookies if not cookie.name.startswith("session")} <= {
        "/personale/",
        "/en/staff/",
    }


COUNTS = (
    "from allauth.socialaccount.models import SocialAccount, SocialToken\n"
    "print([one.objects.count() for one in (SocialAccount, SocialToken)])"
)
#: Begins with another purpose than to sign in, in a session that then goes to the municipality's page.
PLANTED = """
from django.contrib.sessions.backends.db import SessionStore
session = SessionStore({key!r})
states = session["socialaccount_states"]
for state, *rest in states.values():
    state["process"] = {process!r}
session.save()
print("planted")
"""


@pytest.mark.parametrize("process", ["connect", "redirect", "odd"])
@pytest.mark.parametrize("who", ["nobody yet", "alma"])
def test_it_is_for_signing_in_and_for_nothing_else(house: running.House, process: str, who: str) -> None:
    browser = go(house, sub="alma@ditrum.example")[0] if who == "alma" else requests.Session()

    answer = browser.get(f"{house.url}{BEGIN}?process={process}&next=/personale/mig/", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, LOGIN), "the municipality is not asked"
    assert inside(house, browser) == (who == "alma")


@pytest.mark.parametrize("process", ["connect", "redirect"])
@pytest.mark.parametrize("who", ["nobody yet", "alma"])
def test_what_comes_back_for_another_purpose_leaves_no_mark(house: running.House, process: str, who: str) -> None:
    """Were the view before it passed by: neither a tied account nor a second step that a password could lean on."""
    browser = go(house, sub="alma@ditrum.example")[0] if who == "alma" else requests.Session()
    theirs = browser.get(house.url + BEGIN)
    key = next(cookie.value for cookie in browser.cookies if "-" not in cookie.name)
    assert house.ask(PLANTED.format(key=key, process=process)) == "planted"

    back = browser.post(theirs.url, data={"sub": "alma@ditrum.example"}, allow_redirects=False)
    answer = browser.get(back.headers["Location"], allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, LOGIN)
    assert house.ask(COUNTS) == "[0, 0]"
    assert inside(house, browser) == (who == "alma")
    if who != "alma":
        page = browser.get(house.url + LOGIN)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token and "Login virkede ikke" in page.text
        told = {"csrfmiddlewaretoken": token[1], "login": "alma@ditrum.example", "password": "godt vejr i dag"}
        browser.post(house.url + LOGIN, data=told, headers={"Referer": house.url + LOGIN})
        assert not inside(house, browser)


@pytest.mark.django_db
def test_it_is_off_unless_it_is_named(client: Any) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("openid_connect_login", kwargs={"provider_id": "kommune"})
    assert client.get(BEGIN).status_code == 404
    assert "/med/" not in client.get(LOGIN).content.decode()


@pytest.mark.parametrize("claims", [{}, {"amr": ["pwd"]}, {"amr": "mfa"}, {"amr": None}, {"acr": "level-4"}])
def test_a_second_step_is_believed_only_when_it_is_said(claims: dict[str, Any]) -> None:
    assert not second_step_taken(claims)


def test_a_municipality_that_does_not_answer_is_said(house: running.House) -> None:
    """The last walk here: the municipality is gone after it."""
    browser = requests.Session()
    theirs = browser.get(house.url + BEGIN).url
    answer = requests.post(theirs, data={"sub": "alma@ditrum.example"}, allow_redirects=False).headers["Location"]
    house.kill("municipality")

    for page in (requests.get(house.url + BEGIN), browser.get(answer)):
        assert page.url == house.url + LOGIN
        assert "svarer ikke" in page.text
    assert not inside(house, browser)
