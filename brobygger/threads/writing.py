"""What every deed in a thread is made of: a thread, a message, a card, something on its way to a box.

Each is written in the caller's transaction; the deeds themselves are in `services`, and the letters' in `opening`.
"""

import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from brobygger.door import queries as door_queries
from brobygger.privacy import keyring, seal
from brobygger.privacy import services as audit

from .models import ContactCard, Message, Outgoing, Thread

KEEPER = "keeper"
FAMILY = "family"


def new_thread(
    *,
    box: UUID,
    number: str,
    facts: dict[str, Any],
    by: Any,
    counted: bool = False,
    action: str = "threads.letter_opened",
) -> Thread:
    """Write a thread under a key made for it. `facts["written_at"]` says in which week it is counted."""
    ident = uuid.uuid4()
    key = keyring.new_data_key(about=ident)
    thread = Thread.objects.create(
        id=ident,
        key=key,
        box=box,
        number=number,
        week=seal.week(datetime.fromisoformat(facts["written_at"])),
        facts=keyring.seal(key, facts, context=f"thread:{ident}:facts:1"),
        counted=counted,
    )
    audit.record(by=by, action=action, about=thread)
    return thread


def living(box: UUID) -> Thread | None:
    """Hold the thread that lives behind a box, in the caller's transaction; None when there is none.

    Asked twice: whoever waited for a thread that was left behind meanwhile finds the one its family went on in.
    """
    for _attempt in range(3):
        found = Thread.objects.filter(box=box, ending="").values_list("pk", flat=True).first()
        if found is None:
            return None
        held = Thread.objects.select_for_update().filter(pk=found, box=box, ending="").first()
        if held is not None:
            return held
    return None


def known_as(thread: Thread) -> dict[str, Any]:
    """Say since when somebody is known by name, as everything in their box says it; nothing for who is not."""
    if not thread.counted:
        return {}
    facts = keyring.open_sealed(thread.key, bytes(thread.facts), context=f"thread:{thread.pk}:facts:1")
    return {"named": facts["named"]} if facts.get("named") else {}


def say(thread: Thread, kind: str, body: dict[str, Any], *, from_house: bool = False, handled: bool = True) -> Message:
    """Add a message under the thread's key."""
    # Two hands may write in one thread at once; the thread's row decides who comes first.
    Thread.objects.select_for_update().get(pk=thread.pk)
    number = (thread.messages.aggregate(last=Max("number"))["last"] or 0) + 1
    message = Message(id=uuid.uuid4(), thread=thread, number=number, kind=kind, from_house=from_house, handled=handled)
    message.body = keyring.seal(thread.key, body, context=f"message:{message.pk}:body:1")
    message.save(force_insert=True)
    return message


def lies_as(message: Message) -> uuid.UUID:
    """Name what lies in the box of a message: with the message it can be taken back."""
    return uuid.uuid5(message.pk, "answer")


def send(thread: Thread, body: dict[str, Any], lock: bytes | None = None, *, message: Message | None = None) -> None:
    """Seal something to the thread's box and leave it to be delivered; with its `message` it can be taken back."""
    hashes = door_queries.hashes(thread.box)
    public = lock or (hashes and hashes.public)
    if not public:
        return
    ident = lies_as(message) if message else uuid.uuid4()
    sealed = keyring.seal_answer(body, public, seal.answer_context(thread.box, ident))
    Outgoing.objects.create(id=ident, thread=thread, box=thread.box, sealed=sealed)


def card(thread: Thread, reach: dict[str, Any] | None, *, by: Any, consent: UUID | None = None) -> None:
    """Keep a way to be reached under a key of its own; the one before it is destroyed.

    A number that somebody else gave stands on a `consent`: without one the database refuses it.
    """
    if not reach:
        return
    with transaction.atomic():
        for old in ContactCard.objects.filter(thread=thread):
            keyring.shred(old.key)
            old.delete()
        ident = uuid.uuid4()
        # Of the card and not of the thread: a number given anew has another key than the one that was destroyed.
        key = keyring.new_data_key(about=ident, kind="card")
        sealed = keyring.seal(key, reach, context=f"card:{thread.pk}:1")
        given_by = ContactCard.Giver.REFERRER if consent else ContactCard.Giver.FAMILY
        ContactCard.objects.create(id=ident, thread=thread, key=key, sealed=sealed, given_by=given_by, consent=consent)
        audit.record(by=by, action="threads.contact_given", about=thread)
