"""What a page carries so that the door need remember nothing: form tokens, tickets, letters made of them; back-off."""

import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.privacy import seal

from . import correspondence, queries

FORM = "first letter"
FORM_LIVES = timedelta(hours=2)
TICKET = "ticket"
TICKET_LIVES = timedelta(minutes=20)
CARD = "calendar"
CARD_LIVES = timedelta(days=1)


@dataclass(frozen=True)
class Form:
    """A first letter being written: its return key, its number, and the hour the page promised."""

    key: str
    letter: str
    promised: str

    def sealed(self) -> str:
        """Seal it into the page."""
        return seal.seal_token(asdict(self), FORM)


def new_form(promised: str) -> Form:
    """Make a return key and a letter number for one page."""
    return Form(key=seal.new_return_key().shown, letter=str(uuid.uuid4()), promised=promised)


def read_form(text: str | None) -> Form:
    """Read a form token. Raises `seal.TokenForged` or `seal.TokenExpired`."""
    held = seal.open_token(text, FORM, FORM_LIVES)
    return Form(str(held["key"]), str(held["letter"]), str(held["promised"]))


REFERRAL = "referral"


@dataclass(frozen=True)
class Referral(Form):
    """A referral being written: the parent's key, the referrer's own, and the digest of the consent that was shown."""

    own: str
    digest: str

    def sealed(self) -> str:
        """Seal it into the page."""
        return seal.seal_token(asdict(self), REFERRAL)


def new_referral(promised: str, digest: str) -> Referral:
    """Make two return keys and a letter number for one page."""
    keys = seal.new_return_key().shown, seal.new_return_key().shown
    return Referral(key=keys[0], letter=str(uuid.uuid4()), promised=promised, own=keys[1], digest=digest)


def read_referral(text: str | None) -> Referral:
    """Read a referral's token. Raises `seal.TokenForged` or `seal.TokenExpired`."""
    held = seal.open_token(text, REFERRAL, FORM_LIVES)
    return Referral(**{name: str(held[name]) for name in ("key", "letter", "promised", "own", "digest")})


@dataclass(frozen=True)
class Ticket:
    """What a page behind the key carries: which box, the token that writes to it, and a number for the next letter."""

    box: str
    number: str
    post: str
    door: str
    once: str = ""
    receipt: str = field(default="", repr=False)

    def sealed(self) -> str:
        """Seal it into the page, with a fresh number and a fresh receipt key for whatever is done next."""
        fresh = {"once": str(uuid.uuid4()), "receipt": seal.new_receipt_key().hex()}
        return seal.seal_token(asdict(self) | fresh, TICKET)

    def letter(self, what: str) -> UUID:
        """Name the letter this page would send: the same thing pressed twice is one, another thing is another."""
        return uuid.uuid5(UUID(self.once), what)


def letter_of(action: str, held: Ticket, clean: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Put what was asked on a page behind the key into the shape of a letter."""
    written = clock.now()
    payload: dict[str, Any] = {
        "kind": action,
        "to": held.box,
        "number": held.number,
        "post": held.post,
        "door": held.door,
        "today": correspondence.on_paper(clock.today()),
        "wish": "write",
        "language": get_language(),
        "written_at": written.isoformat(),
        "answer_by": catalogue.answer_by(written).isoformat(),
        "receipt": held.receipt,
    }
    if action in ("choose", "withdraw"):
        name = {"choose": "proposal", "withdraw": "consent"}[action]
        payload[name] = str(data.get(name, ""))[:36]
    if action in ("text", "address"):
        payload[action] = clean[action]
    if action == "reach":
        payload["reach"] = {name: clean.get(name) for name in _REACH}
    if action == "rights":
        payload["rights"] = {"what": clean["what"], "words": clean["words"]}
    if action == "sheet":
        payload["sheet"] = {"round": str(data["round"])[:36], "answers": clean, "language": get_language() or "da"}
    if action == "seat":
        payload["seat"] = {name: str(clean[name] or "") for name in ("seat", "what", "meeting", "on")}
    return payload


def letter_by_link(held: Ticket, secret: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Put what was answered by a link into the shape of a letter: to no box, and with no name for whom it is."""
    language = get_language() or "da"
    said = {"token": secret, "answers": answers, "language": language}
    blank = letter_of("sheet_by_link", held, {}, {})
    return {name: blank[name] for name in ("written_at", "answer_by")} | {
        "kind": "sheet_by_link", "door": "parent", "language": language, "sheet": said,
    }  # fmt: skip


_REACH = ("channel", "phone", "mail", "when", "remind", "message", "sender", "alias")


def blank_ticket() -> Ticket:
    """Make a ticket to no box, for a page that asks for the key again: it only makes two presses one."""
    return Ticket(box="", number="", post="", door="")


def read_ticket(text: str | None) -> Ticket:
    """Read a ticket. Raises `seal.TokenForged` or `seal.TokenExpired`."""
    held = seal.open_token(text, TICKET, TICKET_LIVES)
    return Ticket(**{name: str(held[name]) for name in ("box", "number", "post", "door", "once", "receipt")})


class Wait(Exception):
    """Too many wrong keys for one box number just now; `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        """Keep how long."""
        super().__init__()
        self.seconds = seconds


class Patience:
    """Slows down whoever tries keys for one box number; never a permanent lock, never written down.

    Five tries are free; then 30 seconds, doubling to 15 minutes at most (door.md section 8). Known and unknown numbers
    are treated alike.
    """

    FREE, FIRST, LONGEST, KEPT = 5, 30, 900, 5000

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._lock = threading.Lock()
        self._wrong: dict[str, tuple[int, float]] = {}

    def ask(self, number: str) -> None:
        """Let somebody try. Raises `Wait` when they must be patient."""
        with self._lock:
            tries, last = self._wrong.get(number, (0, 0.0))
        if tries >= self.FREE:
            pause = min(self.LONGEST, self.FIRST * 2 ** (tries - self.FREE))
            left = last + pause - time.monotonic()
            if left > 0:
                raise Wait(int(left) + 1)

    def wrong(self, number: str) -> None:
        """Remember a wrong key."""
        with self._lock:
            if len(self._wrong) >= self.KEPT:
                self._wrong.clear()
            tries, _last = self._wrong.get(number, (0, 0.0))
            self._wrong[number] = (tries + 1, time.monotonic())

    def right(self, number: str) -> None:
        """Forget the wrong ones."""
        with self._lock:
            self._wrong.pop(number, None)


patience = Patience()


def calendar_token(payload: dict[str, Any]) -> str:
    """Seal a time into a page, for a calendar file."""
    return seal.seal_token(payload, CARD)


def read_calendar(text: str | None) -> dict[str, Any]:
    """Read a time for a calendar file. Raises `seal.TokenForged` or `seal.TokenExpired`."""
    return seal.open_token(text, CARD, CARD_LIVES)


# ---- A key that was typed ----


def unlock(typed: str) -> tuple[queries.Opened | None, str, int]:
    """Try a key: the opened box, or what to say and with which status."""
    try:
        key = seal.read_key(typed)
    except seal.KeyMistyped:
        return None, _("There is a slip of the finger in the key. Look at it again: four groups of four."), 422
    try:
        patience.ask(key.number)
        opened = queries.open_box(key)
    except Wait as wait:
        minutes = max(1, round(wait.seconds / 60))
        return (
            None,
            _("There have been many wrong keys. Wait about %(minutes)s min and try again.") % {"minutes": minutes},
            429,
        )
    except seal.WrongKey:
        patience.wrong(key.number)
        return None, _("We cannot open anything with that key. It may be mistyped, or what it opened is gone."), 422
    except seal.Busy:
        return None, _("Many are opening at this moment. Wait a minute and try again."), 503
    except seal.NoKeys:
        return None, _("We cannot open anything at this moment. Try again a little later."), 503
    patience.right(key.number)
    return opened, "", 200


def of_box(opened: queries.Opened, door: str) -> Ticket:
    """Make the ticket of a box that is open."""
    return Ticket(box=str(opened.box), number=opened.number, post=opened.post.hex(), door=door)


def held_by(data: Any) -> Ticket | str:
    """Take the page's ticket, or open the box anew with a key that was typed; a sentence when the key fits nothing."""
    if not data.get("key"):
        held = read_ticket(data.get("ticket"))
        if not held.box:
            raise seal.TokenForged
        return held
    opened, problem, _status = unlock(data["key"])
    if opened is None:
        return problem
    held = read_ticket(of_box(opened, correspondence.read(opened.answers).door).sealed())
    try:
        page = read_ticket(data.get("ticket"))
    except (seal.TokenExpired, seal.TokenForged):
        return held
    # Pressed twice with the key typed in, it is one letter all the same.
    return replace(held, once=page.once, receipt=page.receipt)
