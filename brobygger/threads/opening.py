"""The letters' own deeds: each is opened here, by the worker, into the thread it belongs to or begins."""

import uuid
from typing import Any
from uuid import UUID

from django.db import transaction

from brobygger.door import queries as door_queries
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.privacy import keyring, seal
from brobygger.privacy import services as audit

from . import keeper, rules, services
from .models import ContactCard, Message, OpenedLetter, Thread
from .writing import FAMILY, KEEPER, card, living, new_thread, say, send


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
    # As they were written: two from one page may lie in the box the other way round.
    for letter in sorted(opened, key=lambda each: str(each.payload.get("written_at"))):
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
        elif letter.kind == "referral":
            _open_referral(letter, by=by)
        elif letter.kind == "burn":
            _burn(letter)
        elif letter.kind == "drill":
            door.beat(by=KEEPER)
        elif letter.kind == "rekey":
            _rekey(letter)
        elif letter.kind in rules.TAKING:
            _take_in(letter, by=by)
        elif letter.kind in rules.REQUESTS:
            _open_later(letter, by=by)
    except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError, seal.Unreadable, seal.TooLong):
        # Sealed to our key by somebody who does not speak our form: nothing a family wrote looks like this.
        with transaction.atomic():
            audit.record(by=by, action="threads.misshapen_letter", about=f"letter:{letter.letter}")


def _known(*idents: UUID) -> dict[UUID, UUID | None]:
    """Give the boxes of those of some letters and forms that were opened before."""
    return dict(OpenedLetter.objects.filter(pk__in=idents).values_list("pk", "box"))


def _remember(box: UUID, *idents: UUID) -> None:
    """Remember for two days which box some letters and forms belong to, in the caller's transaction."""
    for each in idents:
        OpenedLetter.objects.create(id=each, box=box, opened_on=clock.today())


def _open_first(letter: keeper.Opened, *, by: str) -> None:
    """Open a thread and its box for somebody who wrote for the first time.

    `once` names the form it was written on: the same form sent again with other words is more from the same family.
    """
    made = keeper.lock(letter.payload)
    forms = {letter.letter, UUID(str(letter.payload.get("once") or letter.letter))}
    known = _known(*forms)
    box = next((each for each in known.values() if each), None) or uuid.uuid4()
    if letter.letter not in known:
        with transaction.atomic():
            thread = living(box)
            _remember(box, *(forms - set(known)))
            if thread is None:
                _begin(letter, box=box, number=made["number"], lock=made["public"], by=by)
            else:
                _say_again(letter, thread, by=by)
    _place(box, made, by=by)
    services.deliver(by=by)


def _place(box: UUID, made: dict[str, Any], *, by: str, lent: bool = False) -> None:
    """Set up a box for its thread. A letter loaded again after the fire finds no thread, and brings no box back."""
    if Thread.objects.filter(box=box, ending="").exists():
        door.place_box(box=box, made=made, expires_on=rules.expires_on(clock.today()), by=by, lent=lent)


def _begin(letter: keeper.Opened, *, box: UUID, number: str, lock: bytes, by: str) -> Thread:
    """Begin a thread with a letter, and tell its box until when it is answered, in the caller's transaction."""
    thread = new_thread(box=box, number=number, facts=keeper.facts(letter), by=by)
    say(thread, Message.Kind.TEXT, keeper.words(letter), handled=False)
    card(thread, letter.payload.get("reach"), by=FAMILY)
    send(thread, keeper.opened(letter), lock=lock)
    return thread


def _say_again(letter: keeper.Opened, thread: Thread, *, by: str) -> None:
    """Add what somebody changed after sending: words and number beside the old, wishes in their place."""
    if not thread.counted:
        # What is counted of a thread that has been left behind belongs to it, and does not follow its family.
        facts = keyring.open_sealed(thread.key, bytes(thread.facts), context=f"thread:{thread.pk}:facts:1")
        sealed = keyring.seal(thread.key, facts | keeper.wishes(letter), context=f"thread:{thread.pk}:facts:1")
        Thread.objects.filter(pk=thread.pk).update(facts=sealed)
    card(thread, letter.payload.get("reach"), by=FAMILY)
    say(thread, Message.Kind.TEXT, keeper.words(letter), handled=False)
    audit.record(by=by, action="threads.letter_opened", about=thread)


def _open_referral(letter: keeper.Opened, *, by: str) -> None:
    """Open two threads for a family that was sent on: theirs, and the referrer's, each with a box of its own.

    The number stays inside the message, under the thread's key, until a later room has written down the consent it
    stands on (`services.take_number`).
    """
    made, theirs = keeper.lock(letter.payload), keeper.lock(letter.payload["referrer"])
    once = UUID(str(letter.payload.get("once") or letter.letter))
    back = uuid.uuid5(once, "referrer")
    known = _known(letter.letter, once, back)
    box, other = known.get(once) or uuid.uuid4(), known.get(back) or uuid.uuid4()
    if letter.letter not in known:
        with transaction.atomic():
            _remember(box, *({letter.letter, once} - set(known)))
            if back not in known:
                _remember(other, back)
                _begin_two(letter, (box, made), (other, theirs), by=by)
            else:
                _refer_again(letter, box, other)
    _place(box, made, by=by, lent=True)
    _place(other, theirs, by=by)
    services.deliver(by=by)


def _begin_two(
    letter: keeper.Opened, family: tuple[UUID, dict[str, Any]], referrer: tuple[UUID, dict[str, Any]], *, by: str
) -> None:
    """Begin a family's thread and the referrer's, in the caller's transaction. Only the family's is counted."""
    (box, made), (other, theirs) = family, referrer
    thread = new_thread(box=box, number=made["number"], facts=keeper.facts(letter), by=by)
    beside = keeper.facts(letter) | {"door": "professional", "wish": "referred"}
    back = new_thread(box=other, number=theirs["number"], facts=beside, by=by, counted=True)
    say(thread, Message.Kind.REFERRAL, keeper.referred(letter, back.pk), handled=False)
    send(thread, keeper.opened(letter) | {"how": "referral", "provisional": True}, lock=made["public"])
    ladder = {"share": letter.payload["referral"]["share"], "ladder": {"step": "received"}}
    send(back, keeper.opened(letter) | ladder | {"door": "professional"}, lock=theirs["public"])


def _refer_again(letter: keeper.Opened, box: UUID, other: UUID) -> None:
    """Add what a referrer changed and sent again from the same page, in the caller's transaction."""
    back, thread = living(other), living(box)
    if thread is not None:
        say(thread, Message.Kind.REFERRAL, keeper.referred(letter, back.pk if back else None), handled=False)


def _open_later(letter: keeper.Opened, *, by: str) -> None:
    """Put a later letter in its thread; a box whose thread has ended gets a new thread."""
    payload = letter.payload
    box = UUID(payload["to"])
    hashes = door_queries.hashes(box)
    if hashes is None or not keeper.fits(payload["post"], hashes.post):
        return
    if letter.letter in _known(letter.letter):
        return
    with transaction.atomic():
        thread = living(box)
        _remember(box, letter.letter)
        if thread is None and letter.kind in rules.BEGINNINGS:
            thread = _begin(letter, box=box, number=str(payload["number"])[:4], lock=hashes.public, by=by)
        elif thread is not None:
            _receive(letter, thread)
    if thread is None:
        _too_late(letter, box=box, by=by)
    elif letter.kind in ("reach", "unreach"):
        news = {"news": letter.kind}
        services.tell(thread=thread, body=news, receipt=payload.get("receipt"), letter=letter.letter, by=by)
    else:
        services.deliver(by=by)


def _take_in(letter: keeper.Opened, *, by: str) -> None:
    """Hand a letter that belongs to no conversation to the room it is for, once; nobody is told what came of it."""
    if letter.letter in _known(letter.letter):
        return
    with transaction.atomic():
        OpenedLetter.objects.create(id=letter.letter, box=None, opened_on=clock.today())
        rules.TAKING[letter.kind](letter.payload, letter.letter)


def _receive(letter: keeper.Opened, thread: Thread) -> None:
    """Put a later letter in its living thread, in the caller's transaction."""
    if letter.kind == "reach":
        card(thread, letter.payload["reach"], by=FAMILY)
    if letter.kind == "unreach":
        services.forget_card(thread=thread, by=FAMILY)
    say(thread, Message.Kind(letter.kind), keeper.asked(letter), handled=not rules.REQUESTS[letter.kind])
    if letter.kind != "name":
        # Seconds later a course begins: no line about the thread it leaves behind may lie beside its first.
        audit.record(by=FAMILY, action=f"threads.{letter.kind}_received", about=thread)


def _too_late(letter: keeper.Opened, *, box: UUID, by: str) -> None:
    """Tell a page that waits that its thread has ended meanwhile; there is nothing left to choose or change."""
    with transaction.atomic():
        audit.record(by=by, action=f"threads.{letter.kind}_too_late", about=f"letter:{letter.letter}")
    said = "named_too_late" if letter.kind == "name" else "nothing_stands"
    news = {"at": clock.now().isoformat(), "kind": "news", "news": said}
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
    with transaction.atomic():
        # Held first: a family that is just being led across burns what it is led to.
        living(box)
        threads = list(Thread.objects.filter(box=box))
        for thread in threads:
            services.mark_ending(thread=thread, how="burned", by=FAMILY)
    for thread in threads:
        _silence(thread)
    if not threads:
        audit.bury(ids=[box], by=FAMILY)
        door.burn_box(box=box, by=FAMILY)


def _silence(thread: Thread) -> None:
    """Delete every word of a thread, before the later rooms have let go of it."""
    with transaction.atomic():
        thread.messages.all().delete()
        thread.outgoing.all().delete()
    for held in ContactCard.objects.filter(thread=thread):
        keyring.shred(held.key)


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
    services.tell(thread=thread, body={"news": "rekeyed", "provisional": False}, by=KEEPER)
