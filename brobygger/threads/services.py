"""Deeds in a thread: letters opened, answers sealed, threads ended. The only room with both halves of the keys."""

import uuid
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from brobygger.door import queries as door_queries
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.privacy import keyring, seal
from brobygger.privacy import services as audit

from . import keeper, rules
from .models import ContactCard, Message, OpenedLetter, Outgoing, Thread

KEEPER = "keeper"
FAMILY = "family"


def open_letters(*, by: str = KEEPER, limit: int = 100) -> int:
    """Open the letters that wait, each into its thread, and tell how many there were.

    The letter is deleted last: whoever stops the machine between two steps loses nothing, because the number of an
    opened letter is remembered and everything done for it can be done again.
    """
    # Letters whose key is lost wait for a person to look at them, and must not stand in the way of the others.
    waiting = door_queries.waiting(limit, weeks=keyring.weeks())
    if not waiting:
        return 0
    opened, noise = keeper.open_all(waiting)
    done = [each.letter for each in noise]
    for each in noise:
        with transaction.atomic():
            audit.record(by=by, action="threads.noise_thrown_away", about=f"letter:{each.letter}")
    for letter in opened:
        _open_one(letter, by=by)
        done.append(letter.letter)
    door.take_away(letters=done, by=by)
    return len(done)


def _open_one(letter: keeper.Opened, *, by: str) -> None:
    """Do what one letter asks for."""
    try:
        keeper.sound(letter.payload)
        if letter.kind == "first":
            _open_first(letter, by=by)
        elif letter.kind == "burn":
            _burn(letter)
        elif letter.kind == "drill":
            door.beat(by=KEEPER)
        elif letter.kind == "rekey":
            _rekey(letter)
        elif letter.kind in rules.REQUESTS:
            _open_later(letter, by=by)
    except (KeyError, ValueError, TypeError, AttributeError, seal.Unreadable):
        # Sealed to our key by somebody who does not speak our form: nothing a family wrote looks like this.
        with transaction.atomic():
            audit.record(by=by, action="threads.misshapen_letter", about=f"letter:{letter.letter}")


def _open_first(letter: keeper.Opened, *, by: str) -> None:
    """Open a thread and its box for somebody who wrote for the first time.

    `once` names the form it was written on: the same form sent again with other words is more from the same family.
    """
    made = keeper.lock(letter.payload)
    forms = {letter.letter, UUID(str(letter.payload.get("once") or letter.letter))}
    known = dict(OpenedLetter.objects.filter(pk__in=forms).values_list("pk", "box"))
    box = next((each for each in known.values() if each), None) or uuid.uuid4()
    if letter.letter not in known:
        thread = Thread.objects.filter(box=box, ending="").first()
        with transaction.atomic():
            for each in forms - set(known):
                OpenedLetter.objects.create(id=each, box=box, opened_on=clock.today())
            if thread is None:
                _begin(letter, box=box, number=made["number"], lock=made["public"], by=by)
            else:
                _say_again(letter, thread, by=by)
    # A letter loaded again after the fire finds no thread, and brings no box back.
    if Thread.objects.filter(box=box, ending="").exists():
        door.place_box(box=box, made=made, expires_on=rules.expires_on(clock.today()), by=by)
    deliver(by=by)


def _begin(letter: keeper.Opened, *, box: UUID, number: str, lock: bytes, by: str) -> Thread:
    """Begin a thread with a letter, and tell its box until when it is answered, in the caller's transaction."""
    thread = _new_thread(letter, box=box, number=number, by=by)
    _card(thread, letter.payload.get("reach"), by=FAMILY)
    _send(thread, keeper.opened(letter), lock=lock)
    return thread


def _say_again(letter: keeper.Opened, thread: Thread, *, by: str) -> None:
    """Add what somebody changed after sending: words and number beside the old, wishes in their place."""
    facts = keyring.open_sealed(thread.key, bytes(thread.facts), context=f"thread:{thread.pk}:facts:1")
    sealed = keyring.seal(thread.key, facts | keeper.wishes(letter), context=f"thread:{thread.pk}:facts:1")
    Thread.objects.filter(pk=thread.pk).update(facts=sealed)
    _card(thread, letter.payload.get("reach"), by=FAMILY)
    _say(thread, Message.Kind.TEXT, keeper.words(letter), handled=False)
    audit.record(by=by, action="threads.letter_opened", about=thread)


def _new_thread(letter: keeper.Opened, *, box: UUID, number: str, by: str) -> Thread:
    """Write a thread with its first message under a key made for it."""
    ident = uuid.uuid4()
    key = keyring.new_data_key(about=ident)
    with transaction.atomic():
        thread = Thread.objects.create(
            id=ident,
            key=key,
            box=box,
            number=number,
            week=seal.week(datetime.fromisoformat(letter.payload["written_at"])),
            facts=keyring.seal(key, keeper.facts(letter), context=f"thread:{ident}:facts:1"),
        )
        _say(thread, Message.Kind.TEXT, keeper.words(letter), handled=False)
        audit.record(by=by, action="threads.letter_opened", about=thread)
    return thread


def _open_later(letter: keeper.Opened, *, by: str) -> None:
    """Put a later letter in its thread; a box whose thread has ended gets a new thread."""
    payload = letter.payload
    box = UUID(payload["to"])
    hashes = door_queries.hashes(box)
    if hashes is None or not keeper.fits(payload["post"], hashes.post):
        return
    if OpenedLetter.objects.filter(pk=letter.letter).exists():
        return
    thread = Thread.objects.filter(box=box, ending="").first()
    with transaction.atomic():
        OpenedLetter.objects.create(id=letter.letter, box=box, opened_on=clock.today())
        if thread is None and letter.kind in rules.BEGINNINGS:
            thread = _begin(letter, box=box, number=str(payload["number"])[:4], lock=hashes.public, by=by)
        elif thread is not None:
            _receive(letter, thread)
    if thread is None:
        _too_late(letter, box=box, by=by)
    elif letter.kind in ("reach", "unreach"):
        tell(thread=thread, body={"news": letter.kind}, receipt=payload.get("receipt"), letter=letter.letter, by=by)
    else:
        deliver(by=by)


def _receive(letter: keeper.Opened, thread: Thread) -> None:
    """Put a later letter in its living thread, in the caller's transaction."""
    if letter.kind == "reach":
        _card(thread, letter.payload["reach"], by=FAMILY)
    if letter.kind == "unreach":
        forget_card(thread=thread, by=FAMILY)
    _say(thread, Message.Kind(letter.kind), keeper.asked(letter), handled=not rules.REQUESTS[letter.kind])
    audit.record(by=FAMILY, action=f"threads.{letter.kind}_received", about=thread)


def _too_late(letter: keeper.Opened, *, box: UUID, by: str) -> None:
    """Tell a page that waits that its thread has ended meanwhile; there is nothing left to choose or change."""
    with transaction.atomic():
        audit.record(by=by, action=f"threads.{letter.kind}_too_late", about=f"letter:{letter.letter}")
    news = {"at": clock.now().isoformat(), "kind": "news", "news": "nothing_stands"}
    if letter.payload.get("receipt"):
        sealed = seal.seal_receipt(news, bytes.fromhex(letter.payload["receipt"]))
        door.put_answer(answer=letter.letter, box=box, sealed=sealed, receipt=True, expires_on=clock.today(), by=by)


def _burn(letter: keeper.Opened) -> None:
    """Destroy every word at once, and mark the thread for the rooms that hold more of it.

    The box goes last, with the thread's key (`shred`): the page that waits for it says "gone" and means everything.
    """
    box = UUID(letter.payload["to"])
    hashes = door_queries.hashes(box)
    if hashes is None or not keeper.fits(letter.payload["burn"], hashes.burn):
        return
    threads = list(Thread.objects.filter(box=box))
    for thread in threads:
        mark_ending(thread=thread, how="burned", by=FAMILY)
        _silence(thread)
    if not threads:
        door.burn_box(box=box, by=FAMILY)


def _silence(thread: Thread) -> None:
    """Delete every word of a thread, before the later rooms have let go of it."""
    with transaction.atomic():
        thread.messages.all().delete()
        thread.outgoing.all().delete()
    for card in ContactCard.objects.filter(thread=thread):
        keyring.shred(card.key)


def _rekey(letter: keeper.Opened) -> None:
    """Give a box a new lock, asked for with the old key."""
    payload = letter.payload
    box = UUID(payload["to"])
    hashes = door_queries.hashes(box)
    if hashes is None or not keeper.fits(payload["post"], hashes.post):
        return
    made = keeper.lock(payload)
    made.pop("number")
    door.rekey_box(box=box, made=made, by=FAMILY)
    thread = Thread.objects.filter(box=box, ending="").first()
    if thread is None:
        return
    with transaction.atomic():
        audit.record(by=FAMILY, action="threads.rekeyed", about=thread)
    tell(thread=thread, body={"news": "rekeyed"}, by=KEEPER)


def _say(thread: Thread, kind: str, body: dict[str, Any], *, from_house: bool = False, handled: bool = True) -> Message:
    """Add a message under the thread's key, in the caller's transaction."""
    # Two hands may write in one thread at once; the thread's row decides who comes first.
    Thread.objects.select_for_update().get(pk=thread.pk)
    number = (thread.messages.aggregate(last=Max("number"))["last"] or 0) + 1
    message = Message(id=uuid.uuid4(), thread=thread, number=number, kind=kind, from_house=from_house, handled=handled)
    message.body = keyring.seal(thread.key, body, context=f"message:{message.pk}:body:1")
    message.save(force_insert=True)
    return message


def answer(
    *, thread: Thread, text: str, times: list[dict[str, str]], read_by: list[dict[str, str]], by: Any
) -> Message:
    """Answer a family, with times to choose from when there are any; sealed to their box in the same transaction."""
    body = keeper.said(by, text) | {"title": by.title, "times": times, "read_by": read_by}
    with transaction.atomic():
        message = _say(thread, Message.Kind.ANSWER, body, from_house=True)
        _send(thread, {"kind": "answer", **body})
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
) -> None:
    """Tell a family something that happened, as `body["news"]`, and the page that is waiting for it, if one is."""
    body = {"at": clock.now().isoformat(), "kind": "news", **body}
    with transaction.atomic():
        _say(thread, Message.Kind.NEWS, body, from_house=True)
        _send(thread, body)
        if receipt and letter:
            sealed = seal.seal_receipt(body, bytes.fromhex(receipt))
            Outgoing.objects.create(id=letter, thread=thread, box=thread.box, sealed=sealed, receipt=True)
        audit.record(by=by, action=f"threads.told_{body['news']}", about=thread)
        transaction.on_commit(deliver)


def _send(thread: Thread, body: dict[str, Any], lock: bytes | None = None) -> None:
    """Seal something to the thread's box and leave it to be delivered, in the caller's transaction."""
    hashes = door_queries.hashes(thread.box)
    public = lock or (hashes and hashes.public)
    if not public:
        return
    ident = uuid.uuid4()
    sealed = keyring.seal_answer(body, public, seal.answer_context(thread.box, ident))
    Outgoing.objects.create(id=ident, thread=thread, box=thread.box, sealed=sealed)


def deliver(*, by: str = KEEPER) -> int:
    """Put what is on its way into the boxes; what a stop left behind is delivered the next time."""
    gone = []
    for each in Outgoing.objects.order_by("pk")[:200]:
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
    if gone:
        with transaction.atomic():
            Outgoing.objects.filter(pk__in=gone).delete()
    return len(gone)


def _card(thread: Thread, reach: dict[str, Any] | None, *, by: str) -> None:
    """Keep a way to be reached under a key of its own; the one before it is destroyed."""
    if not reach:
        return
    with transaction.atomic():
        for old in ContactCard.objects.filter(thread=thread):
            keyring.shred(old.key)
            old.delete()
        key = keyring.new_data_key(about=thread.pk, kind="card")
        sealed = keyring.seal(key, reach, context=f"card:{thread.pk}:1")
        ContactCard.objects.create(thread=thread, key=key, sealed=sealed)
        audit.record(by=by, action="threads.contact_given", about=thread)


def forget_card(*, thread: Thread, by: Any) -> None:
    """Destroy a way to be reached, alone."""
    with transaction.atomic():
        for card in ContactCard.objects.filter(thread=thread):
            keyring.shred(card.key)
            card.delete()
        audit.record(by=by, action="threads.contact_taken_back", about=thread)


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
    card = ContactCard.objects.filter(thread=thread).first()
    if card is None:
        return None
    with transaction.atomic():
        audit.record(by=by, action="threads.contact_looked", about=thread, reason=reason)
    opened: dict[str, Any] = keyring.open_sealed(card.key, bytes(card.sealed), context=f"card:{thread.pk}:1")
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
    hashes = door_queries.hashes(thread.box)
    if hashes is None:
        return
    ident = uuid.uuid4()
    body = keeper.said(by, text) | {"kind": "news", "news": "ended", "appointment": None, "door": door_kind}
    sealed = keyring.seal_answer(body, hashes.public, seal.answer_context(thread.box, ident))
    door.empty_box(box=thread.box, by=KEEPER)
    until = clock.today() + rules.FAREWELL_LIVES
    door.put_answer(answer=ident, box=thread.box, sealed=sealed, receipt=False, expires_on=until, by=KEEPER)


def shred(*, thread: Thread, by: str) -> None:
    """Destroy a thread: its keys first, so that no backup can bring it back, then every row of it, then its box.

    The box of a thread that the house ended stays, with the last word in it.
    """
    for card in ContactCard.objects.filter(thread=thread):
        keyring.shred(card.key)
    keyring.shred(thread.key)
    with transaction.atomic():
        audit.record(by=by, action="threads.shredded", about=thread)
        thread.delete()
    if thread.ending != "ended":
        door.burn_box(box=thread.box, by=by)


def sweep(now: datetime) -> int:
    """Empty what has had its day (boxes nobody came back to, numbers of opened letters) and tell how much it was."""
    today: date = clock.local(now).date()
    gone = door.sweep(today=today, by=KEEPER)
    for thread in Thread.objects.filter(box__in=gone, ending=""):
        mark_ending(thread=thread, how="expired", by=KEEPER)
    with transaction.atomic():
        forgotten, _rows = OpenedLetter.objects.filter(opened_on__lt=today - rules.REMEMBERED).delete()
    return len(gone) + forgotten
