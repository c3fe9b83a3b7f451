"""Vera makes a passkey on her phone and comes in with it: beside her password, and alone. A real browser and key."""

from dataclasses import fields
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession

from tests import running
from tests.journeys import walking
from tests.journeys.conftest import Clocked

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Named(running.House):
    """The same house under a name: a passkey belongs to a name, and a bare number has none."""

    @property
    def url(self) -> str:
        """The address of the front page, by name."""
        return f"http://localhost:{self.port}"


class Phone:
    """A browser with a key in it that a finger opens; the finger can be somebody else's."""

    def __init__(self, browser: Browser, house: running.House) -> None:
        """Open the browser and put the key in."""
        named = Named(**{one.name: getattr(house, one.name) for one in fields(house)})
        self.who = walking.Walker(browser, named, walking.PHONE)
        self.who.context.unroute_all()
        self.tools: CDPSession = self.who.context.new_cdp_session(self.who.page)
        self.tools.send("WebAuthn.enable")
        self.key = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]

    def finger(self, right: bool) -> None:
        """Let the finger be hers, or not."""
        self.tools.send("WebAuthn.setUserVerified", {"authenticatorId": self.key, "isUserVerified": right})

    def held(self) -> list[dict[str, Any]]:
        """Tell what the key holds."""
        found = self.tools.send("WebAuthn.getCredentials", {"authenticatorId": self.key})
        return list(found["credentials"])

    def sign_out(self) -> None:
        """Go home."""
        self.who.open(walking.at("account_logout"))
        self.who.send("main form button.action")


@pytest.fixture
def phone(browser: Browser, ditrum: Clocked) -> Any:
    """Vera's phone, signed in with password and code."""
    house = ditrum.whenever()
    # Hired for this walk alone: a code works once, and the others sign in within the same half minute.
    house.ask(
        "from brobygger.access import services\n"
        "services.hire(email='vera@ditrum.example', handle='vera', first_name='Vera', title={}, roles=['therapist'],"
        f" password={walking.PASSWORD!r}, by='keeper', totp_secret='JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXQ')"
    )
    phone = Phone(browser, house)
    walking.sign_in(phone.who, "vera")
    assert phone.who.page.url.endswith(walking.at("intake:worklist")), phone.who.text()
    yield phone
    phone.who.close()


def make(phone: Phone) -> None:
    """Make a passkey on one's own page."""
    who = phone.who
    who.open(walking.at("mfa_index"))
    who.look("my keys")
    who.send(f'main a[href="{walking.at("mfa_add_webauthn")}"]')
    who.look("a new passkey")
    who.write("[name=name]", "Min telefon")
    who.send("[data-passkey] button")
    assert "virker nu" in who.text()
    assert "Min telefon" in who.text()


def test_vera_comes_in_with_her_passkey(phone: Phone) -> None:
    who = phone.who
    make(phone)
    assert len(phone.held()) == 1 and phone.held()[0]["isResidentCredential"]

    phone.sign_out()
    others_fail(phone)
    who.open(walking.at("account_login"))
    who.look("sign in by name")
    who.send("[data-passkey] button")
    assert who.page.url.endswith(walking.at("intake:worklist")), who.text()
    who.open(walking.at("access:me"))
    who.look("my page")

    phone.sign_out()
    person = who.find('[data-handle="vera"]')
    who.write("[name=login]", person.locator(".email").inner_text())
    who.write("[name=password]", walking.PASSWORD)
    who.send("main form button.action")
    who.look("the second step with a passkey")
    who.send("[data-passkey] button")
    assert who.page.url.endswith(walking.at("intake:worklist")), "beside the password, it is the second step"

    lay_away(phone)


def lay_away(phone: Phone) -> None:
    """Lay the passkey away again; the phone still holds it, and it opens nothing."""
    who = phone.who
    who.open(walking.at("mfa_index"))
    who.send("main dl a")
    who.look("lay a passkey away")
    who.send("main form button.action")
    assert "åbner ikke noget mere" in who.text()
    phone.sign_out()
    who.send("[data-passkey] button")
    assert "kender vi ikke" in who.text()
    assert who.open(walking.at("access:me")).url.split("?")[0].endswith(walking.at("account_login"))


def others_fail(phone: Phone) -> None:
    """Try with somebody else's finger."""
    who, alert = phone.who, phone.who.find("[data-passkey] [role=alert]")
    phone.finger(right=False)
    who.press("[data-passkey] button")
    alert.wait_for(state="visible")
    assert who.open(walking.at("access:me")).url.split("?")[0].endswith(walking.at("account_login"))
    phone.finger(right=True)
