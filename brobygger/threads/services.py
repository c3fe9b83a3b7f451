"""Deeds in a thread: answers sealed, looks written down, threads ended. The only room with both halves of the keys.

Letters are opened by `opening`; what both are made of is in `writing`.
"""

import hashlib
import uuid
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from brobygger.door import queries as door_queries
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.privacy import keyring, seal
from brobygger.privacy import services as audit

from . import crossing, keeper, rules
from .crossing import NothingToName as NothingToName
from .crossing import cross as cross
from .crossing import hear as hear
from .crossing import settle as settle
from .models import ContactCard, Hold, Message, OpenedLetter, Outgoing, Thread
from .writing import KEEPER, card, known_as, lies_as, new_thread, say, send


class ThreadIsGone(Exception):
    """What was made of this page has ended; the page makes nothing any more."""


def answer(
    *, thread: Thread, text: str, times: list[dict[str, str]], read_by: list[dict[str, str]], by: Any
) -> Message:
    """Answer a family, with times to choose from when there are any; sealed to their box in the same transaction."""
    body = keeper.said(by, text) | {"title": by.title, "times": times, "read_by": read_by} | known_as(thread)
    with transaction.atomic():
        message = say(thread, Message.Kind.ANSWER, body, from_house=True)
        send(thread, {"kind": "answer", **body})
        audit.record(by=by, action="threads.answered", about=thread)
        transaction.on_commit(deliver)
    return message


def tell(
    *,
    thread: Thread,
    body: dict[str, Any],
    by: Any,
    receipt: str | None = None,
    letter: UUID | None = None,
    alone: dict[str, Any] | None = None,
) -> None:
    """Tell a family something that happened, as `body["news"]`, and the page that is waiting for it, if one is.

    What stands in `alone` lies in the box and nowhere else: who has the conversation here cannot open it.
    """
    body = {"at": clock.now().isoformat(), "kind": "news", **known_as(thread), **body}
    with transaction.atomic():
        message = say(thread, Message.Kind.NEWS, body, from_house=True)
        send(thread, {**body, **(alone or {})}, message=message)
        if receipt and letter:
            sealed = seal.seal_receipt(body, bytes.fromhex(receipt))
            Outgoing.objects.create(id=letter, thread=thread, box=thread.box, sealed=sealed, receipt=True)
        audit.record(by=by, action=f"threads.told_{body['news']}", about=thread)
        transaction.on_commit(deliver)


def deliver(*, by: str = KEEPER) -> int:
    """Put what is on its way into the boxes; what a stop left behind is delivered the next time."""
    gone, back = [], []
    for each in Outgoing.objects.order_by("pk")[:200]:
        if not each.sealed:
            door.take_answer(answer=each.pk, by=by)
            back.append(each.pk)
            continue
        placed = door.put_answer(
            answer=each.pk,
            box=each.box,
            sealed=bytes(each.sealed),
            receipt=each.receipt,
            expires_on=clock.today() if each.receipt else rules.expires_on(clock.today()),
            by=by,
        )
        # A box that is not there yet is on its way; one that was burned takes its thread with it.
        gone += [each.pk] if placed else []
    if gone or back:
        with transaction.atomic():
            # What was to be put there a moment ago may have to be taken out again by now: that is another errand.
            Outgoing.objects.filter(pk__in=gone).exclude(sealed=b"").delete()
            Outgoing.objects.filter(pk__in=back, sealed=b"").delete()
    return len(gone) + len(back)


def take_back(*, thread: Thread, naming: str, by: Any) -> bool:
    """Take back all news the house has told of one thing (`body[naming]`): from the thread, and out of its box.

    Tell whether there was any.
    """
    rows = list(thread.messages.filter(from_house=True, kind=Message.Kind.NEWS))
    bodies = keyring.open_many([(thread.key, bytes(row.body), f"message:{row.pk}:body:1") for row in rows])
    told = [row for row, body in zip(rows, bodies, strict=True) if body and naming in body]
    errands = [Outgoing(id=lies_as(row), thread=thread, box=thread.box, sealed=b"") for row in told]
    if not told:
        return False
    with transaction.atomic():
        Outgoing.objects.filter(pk__in=[each.pk for each in errands]).delete()
        Outgoing.objects.bulk_create(errands)
        Message.objects.filter(pk__in=[row.pk for row in told]).delete()
        audit.record(by=by, action="threads.taken_back", about=thread, reason=naming)
        transaction.on_commit(deliver)
    return True


def forget_card(*, thread: Thread, by: Any) -> None:
    """Destroy a way to be reached, alone."""
    with transaction.atomic():
        for held in ContactCard.objects.filter(thread=thread):
            keyring.shred(held.key)
            held.delete()
        audit.record(by=by, action="threads.contact_taken_back", about=thread)


def forget_card_on(*, thread: Thread, consent: UUID, by: Any) -> None:
    """Destroy the number that stands on a consent; one the family gave itself stays."""
    if ContactCard.objects.filter(thread=thread, consent=consent).exists():
        forget_card(thread=thread, by=by)


def same_number(*, thread: Thread, among: list[Thread], by: Any) -> list[UUID]:
    """Name those among some threads whose number is this thread's. The numbers are compared here and go no further."""
    cards = list(ContactCard.objects.filter(thread__in=[thread, *among]))
    opened = keyring.open_many([(each.key, bytes(each.sealed), f"card:{each.thread_id}:1") for each in cards])
    both = zip(cards, opened, strict=True)
    numbers = {held.thread_id: str(reach.get("phone") or "") for held, reach in both if reach}
    mine = numbers.pop(thread.pk, "")
    return [ident for ident, number in numbers.items() if mine and number == mine]


def look(*, thread: Thread, by: Any) -> list[rules.Said]:
    """Open a thread's messages to somebody who may see it, and write down that they looked."""
    with transaction.atomic():
        audit.record(by=by, action="threads.looked", about=thread)
    rows = list(thread.messages.all())
    sealed = [(bytes(row.body), f"message:{row.pk}:body:1") for row in rows]
    bodies = keyring.open_many([(thread.key, body, context) for body, context in sealed])
    return [
        rules.Said(row.number, row.kind, row.from_house, datetime.fromisoformat(body["at"]), body)
        for row, body in zip(rows, bodies, strict=True)
        if body is not None
    ]


def look_at_card(*, thread: Thread, reason: str, by: Any) -> dict[str, Any] | None:
    """Open a way to be reached, for a reason that is written down; None when there is none."""
    held = ContactCard.objects.filter(thread=thread).first()
    if held is None:
        return None
    with transaction.atomic():
        audit.record(by=by, action="threads.contact_looked", about=thread, reason=reason)
    opened: dict[str, Any] = keyring.open_sealed(held.key, bytes(held.sealed), context=f"card:{thread.pk}:1")
    return opened


def open_card_to_send(*, thread: Thread, by: str, asked: bool = False) -> dict[str, Any] | None:
    """Open a way to be reached for the machine that sends, in the caller's transaction; no person sees it.

    None when there is none, or when somebody else gave it: only what the family wrote itself is written to. The one
    message a parent `asked` for while they were referred goes to the number given then, and no other.

    Raises `keyring.Shredded`, `keyring.Unreadable`.
    """
    held = ContactCard.objects.filter(thread=thread).first()
    if held is None or held.given_by != (ContactCard.Giver.REFERRER if asked else ContactCard.Giver.FAMILY):
        return None
    with transaction.atomic():
        audit.record(by=by, action="threads.contact_used", about=thread)
    opened: dict[str, Any] = keyring.open_sealed(held.key, bytes(held.sealed), context=f"card:{thread.pk}:1")
    return opened


def mark_handled(*, request: UUID, by: str) -> None:
    """Note that a later room has done what a message asked for, in the caller's transaction."""
    with transaction.atomic():
        Message.objects.filter(pk=request).update(handled=True)


def drop_words(*, message: UUID, by: str) -> None:
    """Delete a message whose words now live under a key of their own."""
    with transaction.atomic():
        Message.objects.filter(pk=message).delete()


def mark_ending(*, thread: Thread, how: str, by: Any) -> None:
    """Mark a thread as ending; the later rooms let go of it, then `shred` destroys it."""
    with transaction.atomic():
        Thread.objects.filter(pk=thread.pk).update(ending=how)
        audit.record(by=by, action=f"threads.{how}", about=thread)


def mark_counted(*, thread: Thread, by: str) -> None:
    """Note that the count row of an ending thread has been written, in the caller's transaction."""
    with transaction.atomic():
        Thread.objects.filter(pk=thread.pk).update(counted=True)


def say_farewell(*, thread: Thread, text: str, door_kind: str, by: Any) -> None:
    """Leave a last word in the box, alone, readable for a month; the key still opens, and writing starts anew."""
    body = keeper.said(by, text) | {"news": "ended", "appointment": None, "door": door_kind}
    _leave_alone(thread, body, until=clock.today() + rules.FAREWELL_LIVES)


def _leave_alone(thread: Thread, body: dict[str, Any], *, until: date) -> None:
    """Empty a box of all answers and leave one thing in it, for as long as it may lie there."""
    hashes = door_queries.hashes(thread.box)
    if hashes is None:
        return
    ident = uuid.uuid4()
    body = {"at": clock.now().isoformat(), "kind": "news", **body}
    sealed = keyring.seal_answer(body, hashes.public, seal.answer_context(thread.box, ident))
    door.empty_box(box=thread.box, by=KEEPER)
    door.put_answer(answer=ident, box=thread.box, sealed=sealed, receipt=False, expires_on=until, by=KEEPER)


def shred(*, thread: Thread, by: str) -> None:
    """Destroy a thread: its keys first, so that no backup can bring it back, then every row of it, then its box.

    The box of a thread that the house ended stays, with the last word in it.
    """
    for held in ContactCard.objects.filter(thread=thread):
        keyring.shred(held.key)
    keyring.shred(thread.key)
    with transaction.atomic():
        audit.record(by=by, action="threads.shredded", about=thread)
        thread.delete()
    if thread.ending != "ended":
        audit.bury(ids=[thread.box], by=by)
        door.burn_box(box=thread.box, by=by)


def sweep(now: datetime) -> int:
    """Empty what has had its day (boxes nobody came back to, numbers of opened letters) and tell how much it was."""
    today: date = clock.local(now).date()
    gone = door.sweep(today=today, by=KEEPER)
    for thread in Thread.objects.filter(box__in=gone, ending=""):
        mark_ending(thread=thread, how="expired", by=KEEPER)
    with transaction.atomic():
        forgotten, _rows = OpenedLetter.objects.filter(opened_on__lt=today - rules.REMEMBERED).delete()
    return len(gone) + forgotten + crossing.sweep_shells(by=KEEPER)


def open_called(
    *, once: UUID, made: dict[str, Any], facts: dict[str, Any], text: str, reach: dict[str, Any] | None, by: Any
) -> tuple[Thread, bool]:
    """Begin a thread for somebody who rang or came in, and tell whether it is new; its key may be read aloud.

    `once` names the page it was typed on: sent twice, it is one thread. `facts` are those of a letter (door, wish,
    written_at, answer_by, …) and `channel`; `made` is a `seal.NewBox` as a dict. Raises `ThreadIsGone`.
    """
    known = OpenedLetter.objects.filter(pk=once).first()
    if known is not None:
        thread = Thread.objects.filter(box=known.box, ending="").first() if known.box else None
        if thread is None:
            raise ThreadIsGone
        return thread, False
    # The same box from the same page, so that two presses at once never leave two that one key opens. Drawn under a key
    # of ours: the trail may name the page, and the box may one day be a named family's.
    drawn = hashlib.blake2b(once.bytes, digest_size=16, key=keyring.derived("box of a page")).digest()
    box, at = UUID(bytes=drawn), clock.now().isoformat()
    # First the box: one without a thread lies idle and goes, a thread without its box could never be answered.
    door.place_box(box=box, made=made, expires_on=rules.expires_on(clock.today()), by=KEEPER, lent=True)
    with transaction.atomic():
        OpenedLetter.objects.create(id=once, box=box, opened_on=clock.today())
        thread = new_thread(box=box, number=str(made["number"]), facts=facts, by=by)
        card(thread, reach, by=by)
        say(thread, Message.Kind.TEXT, {"at": facts["written_at"], "text": text}, handled=False)
        told = {"at": at, "kind": "news", "news": "opened", "due": facts["answer_by"], "door": facts["door"]}
        send(thread, told | {"how": facts["channel"], "provisional": True})
        transaction.on_commit(deliver)
    return thread, True


def take_number(*, message: UUID, consent: UUID, by: Any) -> None:
    """Move the number out of a referral into a card of its own, standing on a consent that is written down."""
    with transaction.atomic():
        row = Message.objects.select_for_update().select_related("thread").get(pk=message)
        context = f"message:{row.pk}:body:1"
        body = keyring.open_sealed(row.thread.key, bytes(row.body), context=context)
        card(row.thread, body.pop("reach", None), by=by, consent=consent)
        row.body = keyring.seal(row.thread.key, body, context=context)
        row.save(update_fields=["body"])


def say_only(*, thread: Thread, body: dict[str, Any], by: Any) -> None:
    """Take back everything the house has said in a box, and leave one thing in its place."""
    body = {"at": clock.now().isoformat(), "kind": "news", **body}
    with transaction.atomic():
        # In this order: whoever delivers at this moment finds the row gone, or its answer emptied with the others.
        thread.outgoing.all().delete()
        thread.messages.filter(from_house=True).delete()
        say(thread, Message.Kind.NEWS, body, from_house=True)
        send(thread, body)
        audit.record(by=by, action=f"threads.told_{body['news']}", about=thread)
        transaction.on_commit(deliver)
    door.empty_box(box=thread.box, by=KEEPER)
    deliver(by=KEEPER)


def say_last(*, thread: Thread, body: dict[str, Any], until: date, by: Any) -> None:
    """Leave one thing in a box, alone, and let it go by itself after a day."""
    if door_queries.hashes(thread.box) is None:
        return
    with transaction.atomic():
        thread.outgoing.all().delete()
        thread.messages.filter(from_house=True).delete()
        audit.record(by=by, action=f"threads.told_{body['news']}", about=thread)
    _leave_alone(thread, body, until=until)


def hold(*, thread: Thread, room: str, by: Any) -> None:
    """Ask that a thread is not destroyed before a later room has let go of it; in the caller's transaction."""
    with transaction.atomic():
        Hold.objects.get_or_create(thread=thread, room=room)


def release(*, thread: Thread, room: str, by: Any) -> None:
    """Let go of a thread; in the caller's transaction."""
    with transaction.atomic():
        Hold.objects.filter(thread=thread, room=room).delete()
