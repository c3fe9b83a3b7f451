"""Somebody at the door, in a browser without scripts, cookies or memory; and somebody at work.

ea = Visitor()                       in this process, against the test database
ea = Visitor(house.url)              against a running house
key = ea.write("Kære hus").key       a first letter
page = ea.come_back(key)
ea.act(page, "choose", proposal=page.all("proposal")[0])
"""

import html
import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.urls import reverse
from django.utils.translation import override

HERE = {"Sec-Fetch-Site": "same-origin"}
FORM = "application/x-www-form-urlencoded"
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        """The page as it was sent."""
        return self.body.decode()

    @property
    def words(self) -> str:
        """The page as a person reads it: no tags, no entities, single spaces."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.text)).split())

    @property
    def key(self) -> str:
        """The return key on the page; on a referral's, the parent's."""
        return self._one(r'data-key="([^"]+)"')

    @property
    def keys(self) -> list[str]:
        """Every return key on the page: the parent's, then the referrer's own."""
        return [html.unescape(each) for each in re.findall(r'data-key="([^"]+)"', self.text)]

    def header(self, name: str) -> str:
        """One header; empty when it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def hidden(self, name: str) -> str:
        """The value of the first hidden field with a name."""
        return self._one(rf'name="{name}" value="([^"]*)"')

    def all(self, name: str) -> list[str]:
        """The values of all hidden fields with a name, in order."""
        return [html.unescape(each) for each in re.findall(rf'name="{name}" value="([^"]*)"', self.text)]

    def typed(self, name: str) -> str:
        """What stands in a text field, an input or a textarea, ready to be sent again."""
        area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\r?\n?(.*?)</textarea>', self.text, re.DOTALL)
        if area:
            return html.unescape(area[1])
        field = re.search(rf'<input[^>]*name="{name}"[^>]*>', self.text)
        value = field and re.search(r' value="([^"]*)"', field[0])
        return html.unescape(value[1]) if value else ""

    def _one(self, pattern: str) -> str:
        found = re.search(pattern, self.text)
        assert found, f"{pattern} is not on this page ({self.status}):\n{self.words[:1500]}"
        return html.unescape(found[1])


def address(name: str, language: str = "da", **parts: str) -> str:
    """Where a page is, in one language."""
    with override(language):
        return reverse(name, kwargs=parts or None)


@dataclass
class Visitor:
    """Somebody who comes from the street. `headers` go with everything they ask."""

    url: str = ""
    language: str = "da"
    headers: Mapping[str, str] = field(default_factory=dict)
    _link: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Page:
        """Send one request."""
        sent = {**self.headers, **(headers or {})}
        return self._over_http(method, path, body, sent) if self.url else self._in_process(method, path, body, sent)

    def get(self, path: str, **headers: str) -> Page:
        """Look at a page."""
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, data: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None) -> Page:
        """Send a form, as a page of ours would; `headers` replace the signs that say so."""
        body = data if isinstance(data, bytes) else urlencode(data, doseq=True).encode()
        signs = HERE if headers is None else headers
        return self.ask("POST", path, body, {"Content-Type": FORM, **signs})

    def _in_process(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        from django.test import Client

        kind = headers.get("Content-Type", FORM)
        rest = {name: value for name, value in headers.items() if name != "Content-Type"}
        answer = Client().generic(method, path, body, content_type=kind, headers=rest)
        return Page(answer.status_code, tuple(answer.items()), b"".join(answer) if answer.streaming else answer.content)

    def _over_http(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        if self._link:
            try:
                return self._exchange(method, path, body, headers)
            except (ConnectionError, http.client.HTTPException):
                # The server had hung up in the meantime, as servers do; a browser dials again.
                pass
        self._link = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        return self._exchange(method, path, body, headers)

    def _exchange(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        assert self._link
        try:
            self._link.request(method, path, body or None, dict(headers))
            answer = self._link.getresponse()
            return Page(answer.status, tuple(answer.getheaders()), answer.read())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._link:
            self._link.close()
            self._link = None

    def __del__(self) -> None:
        """Hang up when nobody holds the line any more."""
        self.close()

    def at(self, name: str, **parts: str) -> str:
        """Where a page is, in this visitor's language."""
        return address(name, self.language, **parts)

    def door(self, door: str = "parent", wish: str = "write") -> Page:
        """Open a door."""
        return self.get(self.at("door:write", door=door) + ("" if wish == "write" else f"?wish={wish}"))

    def send(self, token: str, text: str, door: str = "parent", wish: str = "write", **more: Any) -> Page:
        """Send a first letter with a page's token, as it comes."""
        return self.post(self.at("door:write", door=door), {"token": token, "wish": wish, "text": text, **more})

    def write(self, text: str = "Kære hus", door: str = "parent", wish: str = "write", **more: Any) -> Page:
        """Write a first letter; the page that comes back has the key."""
        page = self.send(self.door(door, wish).hidden("token"), text, door, wish, **more)
        assert page.status == 200 and page.key, page.words[:1500]
        return page

    def refer(self, token: str = "", **more: Any) -> Page:
        """Refer a family with its mother beside one; `more` replaces what they fill in, None leaves it out."""
        path = self.at("door:refer")
        filled = {"agreed": "on", "share": "contact", "first_name": "Mette", "phone": "20304050", "when": "any"}
        sent = {name: value for name, value in (filled | more).items() if value is not None}
        return self.post(path, {"token": token or self.get(path).hidden("token"), **sent})

    def come_back(self, key: str, token: str = "") -> Page:
        """Open what a key opens."""
        return self.post(self.at("door:back"), {"key": key, **({"token": token} if token else {})})

    def first_use(self, key: str) -> Page:
        """Use a key that was lent, from the page that asks for it; the page that comes back has the new key."""
        return self.come_back(key, self.get(self.at("door:back")).hidden("token"))

    def act(self, page: Page, action: str, **data: Any) -> Page:
        """Do one thing on an open page; fields are named without their prefix."""
        prefix = {"text": "more-", "reach": "reach-", "address": "address-", "rights": "rights-"}.get(action, "")
        bare = {"slip", "proposal", "key", "consent"}
        sent = {name if name in bare else prefix + name: value for name, value in data.items()}
        path = self.at("door:act", action=action)
        return self.post(path, {"ticket": page.hidden("ticket"), **sent})

    def seat(self, page: Page, what: str, at: int = 0, meeting: int | None = None) -> Page:
        """Press a button of a seat on an open page: take, decline, leave; away or come, of one of its meetings."""
        ident = list(dict.fromkeys(page.all("seat-seat")))[at]
        named = ("seat-meeting", "seat-on") if meeting is not None else ()
        held = {each: page.all(each)[meeting or 0] for each in named}
        sent = {"ticket": page.hidden("ticket"), "seat-seat": ident, "seat-what": what, **held}
        return self.post(self.at("door:act", action="seat"), sent)

    def ask_who(self, page: Page) -> Page:
        """Open the page that says what changes when one says who one is, from an open box."""
        return self.post(self.at("door:name"), {"ticket": page.hidden("ticket")})

    def say_who(self, page: Page, **more: Any) -> Page:
        """Send that page; `more` replaces what is filled in, None leaves it out. Fields are named without prefix."""
        filled = {"name": "Mette Holm", "agreed": "on"}
        if page.hidden("name-door") == "parent":
            filled["role"] = "mother"
        bare = {"key", "slip", "digest"}
        sent = {each: value for each, value in (filled | more).items() if value is not None}
        form = {each if each in bare else f"name-{each}": value for each, value in sent.items()}
        kept = {each: page.hidden(each) for each in ("ticket", "digest", "name-door")}
        return self.post(self.at("door:name"), {**kept, **form})

    def burn(self, key: str) -> Page:
        """Burn everything."""
        return self.post(self.at("door:burn"), {"key": key})

    def rekey(self, key: str) -> Page:
        """Ask for a new key."""
        path = self.at("door:rekey")
        return self.post(path, {"key": key, "token": self.get(path).hidden("token")})


@dataclass
class Colleague(Visitor):
    """Somebody at work in a running house, signed in with both steps."""

    session: str = ""
    cookie: str = "huset"

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Page:
        """Send one request with this person's cookies."""
        cookies = {"Cookie": f"{self.cookie}={self.session}; {self.cookie}-form={'a' * 32}"}
        return super().ask(method, path, body, {**(headers or {}), **cookies})

    def do(self, name: str, data: Mapping[str, Any] | None = None, **parts: str) -> Page:
        """Send a form of the staff side."""
        form = {"csrfmiddlewaretoken": "a" * 32, **(data or {})}
        return self.post(self.at(name, **parts), form, {"Origin": self.url})

    def see(self, name: str, **parts: str) -> Page:
        """Look at a page of the staff side."""
        return self.get(self.at(name, **parts))

    def thread(self, number: str) -> str:
        """Find a thread on the worklist by its box number."""
        page = self.get(f"{self.at('intake:worklist')}?find={number}")
        pieces = re.split(f"({UUID})", page.text)
        found = [one for one, after in zip(pieces[1::2], pieces[2::2], strict=True) if number in after]
        assert found, page.words[:1000]
        return found[0]


_SIGN_IN = """
import sys, time
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from brobygger.access import queries, services
for handle in {handles!r}:
    user, session = queries.person(handle), SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    steps = [{{"method": "password", "at": time.time()}}, {{"method": "mfa", "at": time.time(), "type": "totp"}}]
    session["account_authentication_methods"] = steps
    session["account_authentication_methods_user"] = str(user.pk)
    session["seat"], session["began"] = services.take_seat(user=user, by=user), time.time()
    session["seen"] = session["began"]
    session.create()
    print(session.session_key)
"""


def sign_in(house: Any, *handles: str) -> list[Colleague]:
    """Sign people in to a running house, both steps done."""
    sessions = house.ask(_SIGN_IN.format(handles=handles)).split()
    cookie = house.env.get("BROBYGGER_COOKIE", "huset")
    return [Colleague(house.url, "da", session=session, cookie=cookie) for session in sessions]


def keeper() -> None:
    """Do what the house's own hands do, until nothing is left to do; in this process."""
    from config.management.commands.worker import once

    while once():
        pass


def working_hours(worker: Any, place: str = "glostrup", opens: int = 9, closes: int = 15) -> None:
    """Let somebody work every weekday."""
    from brobygger.appointments import rules, services

    week = [rules.Hours(day, time(opens), time(closes), place) for day in range(5)]
    services.set_hours(worker=worker, hours=week, by=worker)
