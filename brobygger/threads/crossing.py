"""A family says who they are: it goes on in a new thread behind the same box, and what is left of the old says nothing.

The two never stand in one row, and no line of the trail about the old one is written beside the new one's first. What
lives is moved: what nobody has answered or done yet, the way to be reached, what is on its way out. The later rooms
move what is theirs in the same transaction, between `cross` and `settle`.
"""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from brobygger.ground import clock
from brobygger.privacy import keyring, seal
from brobygger.privacy import services as audit

from . import rules
from .models import ContactCard, Hold, Message, Outgoing, Thread
from .writing import new_thread, say

Kind = Message.Kind
#: What people say to each other; the rest is asked of the house, or told by it.
WORDS = (Kind.TEXT, Kind.REFERRAL, Kind.ANSWER)
#: What of a first letter still matters when its writer is known. What is counted (theme, age) is not among it.
_STILL = ("door", "language", "wish", "where", "when")


class NothingToName(Exception):
    """This thread has ended, or its family has said who they are already."""


@dataclass(frozen=True)
class Crossed:
    """A family on its way from one thread to another; lives for one transaction, and is never written down."""

    old: Thread
    new: Thread
    #: What was known of the old one, for the room that counts it.
    facts: dict[str, Any] = field(repr=False)
    #: Everything that was said, oldest first.
    said: list[rules.Said] = field(repr=False)
    _card: tuple[dict[str, Any], UUID | None] | None = field(repr=False)


def cross(*, thread: Thread, named: dict[str, Any], waits: bool, everything: bool, by: Any) -> Crossed:
    """Let a family go on in a new thread behind the same box, in the caller's transaction. Raises `NothingToName`.

    `waits` says that the newest letter has no answer yet: it comes along, whatever else does. `everything` takes along
    what was said before as well. `named` is what the family's page says of them from now on.
    """
    with transaction.atomic():
        old = Thread.objects.select_for_update().filter(pk=thread.pk, ending="", counted=False).first()
        if old is None:
            raise NothingToName
        facts = keyring.open_sealed(old.key, bytes(old.facts), context=f"thread:{old.pk}:facts:1")
        messages, bodies = _opened(old)
        held = ContactCard.objects.filter(thread=old).first()
        way = keyring.open_sealed(held.key, bytes(held.sealed), context=f"card:{old.pk}:1") if held else None
        new = _new(old, facts, named, fresh=any(row.kind == Kind.TEXT and not row.handled for row in messages), by=by)
        for row, body in _living(messages, bodies, waits=waits, everything=everything):
            say(new, row.kind, body, from_house=row.from_house, handled=row.handled)
        Outgoing.objects.filter(thread=old).update(thread=new)
        # Before any consent is moved: a number never stands beside a consent of another thread.
        ContactCard.objects.filter(thread=old).delete()
        _empty(old, *([held.key] if held else []))
    said = [
        rules.Said(row.number, row.kind, row.from_house, datetime.fromisoformat(body["at"]), body)
        for row, body in zip(messages, bodies, strict=True)
        if body is not None and row.kind in WORDS
    ]
    return Crossed(old, new, facts, said, (way, held.consent) if held and way else None)


def _opened(thread: Thread) -> tuple[list[Message], list[dict[str, Any] | None]]:
    rows = list(thread.messages.all())
    return rows, keyring.open_many([(thread.key, bytes(row.body), f"message:{row.pk}:body:1") for row in rows])


def _new(old: Thread, facts: dict[str, Any], named: dict[str, Any], *, fresh: bool, by: Any) -> Thread:
    """Write the thread a family goes on in. It is counted already: as the old one, which is counted as a course."""
    kept = {name: facts.get(name) for name in (*_STILL, *(["answer_by"] if fresh else []))}
    kept |= {"written_at": clock.now().isoformat(), "named": named}
    return new_thread(box=old.box, number=old.number, facts=kept, by=by, counted=True, action="threads.named")


def _living(
    rows: list[Message], bodies: Iterable[dict[str, Any] | None], *, waits: bool, everything: bool
) -> list[tuple[Message, dict[str, Any]]]:
    """Choose what comes along: what nobody has done yet, what nobody has answered yet, or all that was said."""
    answered = max((row.number for row in rows if row.kind == Kind.ANSWER), default=0)

    def comes(row: Message) -> bool:
        unanswered = waits and not row.from_house and row.number > answered
        return not row.handled or (row.kind in WORDS and (everything or unanswered))

    return [(row, body) for row, body in zip(rows, bodies, strict=True) if body is not None and comes(row)]


def _empty(old: Thread, *keys: UUID) -> None:
    """Leave nothing of a thread but its id, and destroy its keys as soon as it is certain that the family is across.

    Stopped in between, the nightly round destroys them: until then the shell remembers which they are.
    """
    doomed = (old.key, *keys)
    old.messages.all().delete()
    Hold.objects.filter(thread=old).delete()
    Thread.objects.filter(pk=old.pk).update(
        box=uuid.uuid4(),
        number=seal.new_return_key().number,
        facts=b"".join(key.bytes for key in doomed),
        ending="named",
        counted=True,
    )
    transaction.on_commit(lambda: keyring.shred(*doomed), robust=True)


def settle(*, crossed: Crossed, by: Any) -> None:
    """Put the way to be reached where its family is now, under a new key; in the caller's transaction.

    Last: a number that somebody else gave stands on a consent, which must have been moved before it.
    """
    if crossed._card is None:
        return
    way, consent = crossed._card
    ident = uuid.uuid4()
    key = keyring.new_data_key(about=ident, kind="card")
    sealed = keyring.seal(key, way, context=f"card:{crossed.new.pk}:1")
    given_by = ContactCard.Giver.REFERRER if consent else ContactCard.Giver.FAMILY
    with transaction.atomic():
        ContactCard.objects.create(
            id=ident, thread=crossed.new, key=key, sealed=sealed, given_by=given_by, consent=consent
        )


def hear(*, thread: Thread, text: str, by: Any) -> None:
    """Put something a family said into its thread as words, so that somebody answers; in the caller's transaction."""
    with transaction.atomic():
        say(thread, Kind.TEXT, {"at": clock.now().isoformat(), "text": text}, handled=False)


def sweep_shells(*, by: Any) -> int:
    """Destroy what is left of threads whose families gave a name, at no certain hour, and tell how many went."""
    gone = 0
    for shell in Thread.objects.filter(ending="named"):
        held = bytes(shell.facts)
        keyring.shred(*(UUID(bytes=held[at : at + 16]) for at in range(0, len(held), 16)))
        if secrets.randbelow(rules.SHELL_ROUNDS) == 0:
            with transaction.atomic():
                audit.record(by=by, action="threads.shredded", about=shell)
                shell.delete()
            gone += 1
    return gone
