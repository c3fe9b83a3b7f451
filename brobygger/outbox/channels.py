"""The wires: an SMS gateway over HTTP, a mail server, and the console of the demo.

A channel has a `sender` and `send`, and raises one of three when it did not get through. What it was given stands in no
exception and no log. `idempotent` says whether the other end knows a message it has had before by its id.
"""

import json
import re
import smtplib
import ssl
import sys
from email.message import EmailMessage
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import ClassVar, Protocol
from unicodedata import normalize
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.module_loading import import_string

from brobygger.ground import clock

from . import rules

#: Seconds to wait for the other end at each step: letters wait to be opened meanwhile.
PATIENCE = 5.0
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_NUMBER = re.compile(r"\+\d{6,15}")


class NotThrough(Exception):
    """It was not sent; `problem` is a short word for why."""

    def __init__(self, problem: str) -> None:
        """Keep the word."""
        super().__init__(problem)
        self.problem = problem


class Refused(NotThrough):
    """It would be refused again."""


class Trouble(NotThrough):
    """It may get through later."""


class Unknown(NotThrough):
    """It may have got through."""


class Channel(Protocol):
    """What every wire can do."""

    idempotent: ClassVar[bool]
    sender: str

    def send(self, *, ident: UUID, to: str, text: str, subject: str) -> None:
        """Send one message, or raise `Refused`, `Trouble` or `Unknown`."""


def offered(name: str) -> Channel | None:
    """Give the wire for a channel; None when this house has none."""
    speaks = settings.OUTBOX_CHANNELS.get(name)
    return import_string(speaks)() if speaks else None


def _number(to: str) -> str:
    if not _NUMBER.fullmatch(to):
        raise Refused("bad_address")
    return to


def _address(to: str) -> str:
    """Check a mail address, and write its domain as mail servers do: "kærlighed.dk" in plain letters."""
    try:
        validate_email(to)
    except ValidationError:
        raise Refused("bad_address") from None
    name, _at, domain = to.rpartition("@")
    try:
        domain = normalize("NFC", domain.lower())
        bare = domain.encode("idna").decode("ascii")
        # "ß" becomes "ss", which is somebody else's domain.
        if bare.encode().decode("idna") != domain:
            raise Refused("bad_address")
    except UnicodeError:
        raise Refused("bad_address") from None
    return f"{name}@{bare}"


class HttpGateway:
    """An SMS gateway: one POST of JSON, with the notice's id as `Idempotency-Key`, so that asking again is safe."""

    idempotent: ClassVar[bool] = True

    def __init__(self) -> None:
        """Read where it is."""
        self.sender: str = settings.OUTBOX_SMS["sender"]
        self._url = urlsplit(settings.OUTBOX_SMS["url"])

    def send(self, *, ident: UUID, to: str, text: str, subject: str) -> None:
        """Hand a text message to the gateway. It is told number, words and sender, and nothing else."""
        body = json.dumps({"to": _number(to), "text": text, "from": self.sender}).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(ident)}
        if settings.OUTBOX_SMS["token"]:
            headers["Authorization"] = f"Bearer {settings.OUTBOX_SMS['token']}"
        link = self._link()
        try:
            link.request("POST", self._url.path or "/", body, headers)
            status = link.getresponse().status
        except ssl.SSLError:
            raise Refused("not_private") from None
        except (OSError, HTTPException):
            raise Trouble("unreachable") from None
        finally:
            link.close()
        if status in (408, 409, 425, 429) or status >= 500:
            raise Trouble("later")
        # A redirect is no answer: the number would travel on to somebody nobody chose.
        if not 200 <= status < 300:
            raise Refused("refused")

    def _link(self) -> HTTPConnection:
        """Open a closed line; an open one only to this very machine."""
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "https":
            return HTTPSConnection(host, port, timeout=PATIENCE, context=ssl.create_default_context())
        if host not in LOOPBACK:
            raise Refused("not_private")
        return HTTPConnection(host, port, timeout=PATIENCE)


class Smtp:
    """A mail server. It knows no message again: one whose end we did not hear is left for a person to decide."""

    idempotent: ClassVar[bool] = False

    def __init__(self) -> None:
        """Read where it is."""
        self._at = settings.OUTBOX_SMTP
        self.sender: str = self._at["from"]
        self._host = self.sender.rpartition("@")[2].strip("> ") or "localhost"

    def send(self, *, ident: UUID, to: str, text: str, subject: str) -> None:
        """Hand a mail to the server over a closed line, or not at all."""
        receiver = _address(to)
        mail = self._mail(ident, receiver, text, subject)
        try:
            server = self._server()
        except ssl.SSLError:
            raise Refused("not_private") from None
        except (OSError, smtplib.SMTPException) as error:
            raise _what(error) from None
        try:
            self._hand_over(server, receiver, mail)
        finally:
            server.close()

    def _mail(self, ident: UUID, to: str, text: str, subject: str) -> bytes:
        """Write the mail; the same notice always has the same Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, to, subject
        mail["Date"] = format_datetime(clock.now())
        mail["Message-ID"] = f"<{ident}@{self._host}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        return mail.as_bytes()

    def _server(self) -> smtplib.SMTP:
        """Reach the server, close the line, sign in."""
        host, how = self._at["host"], self._at["starttls"]
        context, port = ssl.create_default_context(), int(self._at["port"] or (465 if how == "0" else 587))
        server: smtplib.SMTP
        if how == "0":
            server = smtplib.SMTP_SSL(host, port, self._host, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(host, port, self._host, timeout=PATIENCE)
        try:
            server.ehlo_or_helo_if_needed()
            if how == "1" or (how != "0" and host not in LOOPBACK):
                if not server.has_extn("starttls"):
                    raise Refused("not_private")
                server.starttls(context=context)
            if self._at["user"]:
                server.login(self._at["user"], self._at["password"])
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, receiver: str, mail: bytes) -> None:
        """Say from whom, to whom, and what; from the first byte of the mail on, silence means that nobody knows."""
        try:
            _accepted(server.mail(self.sender.rpartition("<")[2].strip("> "))[0], "refused")
            _accepted(server.rcpt(receiver)[0], "bad_address")
        except (OSError, smtplib.SMTPException) as error:
            raise _what(error) from None
        try:
            code = server.data(mail)[0]
        except smtplib.SMTPDataError as error:
            raise _what(error) from None
        except (OSError, smtplib.SMTPException):
            raise Unknown("unknown_end") from None
        _accepted(code, "refused")


def _accepted(code: int, refusal: str) -> None:
    """Go on when the server said yes."""
    if code >= 500:
        raise Refused(refusal)
    if code >= 400:
        raise Trouble("later")


def _what(error: Exception) -> NotThrough:
    """Say what a mail server's trouble means for us."""
    if isinstance(error, smtplib.SMTPResponseException):
        return Refused("refused") if error.smtp_code >= 500 else Trouble("later")
    return Trouble("unreachable")


class Console:
    """The demo's wire: says in the terminal what a telephone would have shown, and never a whole number."""

    idempotent: ClassVar[bool] = True
    sender = ""

    def send(self, *, ident: UUID, to: str, text: str, subject: str) -> None:
        """Print the message."""
        kind, to = ("Mail", _address(to)) if "@" in to else ("SMS", _number(to))
        print(f"{kind} to {rules.masked(to)}: {text}", file=sys.stdout, flush=True)
