"""Deeds: a message written with its cause, sent by the worker, tried again or given up by a person.

How once is once: a message is leased before the wire is touched, and marked after. A worker that is killed in between
leaves it leased. When the lease is over, an SMS gateway is asked again under the same id and knows it; a mail server
would not, so that mail is `uncertain`: it is not sent again by itself, and rises on the morning's list.
"""

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from brobygger.access.guards import require
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.privacy import keyring
from brobygger.privacy import services as audit
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

from . import channels, rules, words
from .models import Notice

if TYPE_CHECKING:
    from brobygger.threads.models import Thread

log = logging.getLogger(__name__)
KEEPER = "keeper"
#: One round sends at most so many, for at most so many seconds: letters wait to be opened meanwhile.
AT_ONCE, ROUND = 10, 2.0
#: A wire that was dead is left in peace for so long; what is due on it waits, and costs no attempt.
REST = timedelta(minutes=1)
KEPT = timedelta(days=1)
_resting: dict[str, datetime] = {}
Kind, State = Notice.Kind, Notice.State
#: What only goes to who wants to be reminded.
REMINDING = (Kind.REMINDER, Kind.AGAIN)


class NothingToDo(Exception):
    """A colleague has seen to it, or the family has gone."""


@dataclass(frozen=True)
class Parcel:
    """One message on its way over a wire; lives for seconds, and the only place where a number meets words."""

    notice: Notice
    wire: channels.Channel
    to: str
    text: str
    subject: str


# ---- Written ----


def notify(
    *, thread: "Thread", kind: str, by: Any, params: dict[str, Any] | None = None, due_at: datetime | None = None
) -> None:
    """Write a message to a family with its cause, in the caller's transaction.

    Nothing is written for a family without a card; whether they want to be rung, written to or reminded is read when
    it is due, for they may have changed it by then. A reminder is written without a card too: it may come later.
    """
    carded = kind == Kind.REMINDER or thread.pk in thread_queries.has_card([thread.pk])
    if not settings.OUTBOX_CHANNELS or not carded:
        return
    with transaction.atomic():
        waiting = Notice.objects.filter(thread=thread, kind=kind, state=State.WAITING)
        if kind in (Kind.ANSWER, Kind.REFERRED) and waiting.exists():
            # Two answers, one word that there are some; a page sent again, one word of who rings.
            return
        ident = uuid.uuid4()
        sealed = keyring.seal(thread.key, params, context=_context(ident)) if params else None
        Notice.objects.create(id=ident, thread=thread, kind=kind, params=sealed, due_at=due_at or clock.now())
        audit.record(by=by, action="outbox.written", about=thread, reason=kind)


def notify_staff(*, user: Any, kind: str, by: Any) -> UUID:
    """Write a mail to somebody who works here, without a word about any family, and give its id."""
    with transaction.atomic():
        notice = Notice.objects.create(user=user, kind=kind, channel="mail", due_at=clock.now())
        audit.record(by=by, action="outbox.written", about=user, reason=kind)
    return notice.pk


def remind(*, thread: "Thread", starts_at: datetime, by: Any) -> None:
    """Write a reminder for the day before, in the caller's transaction; none for a time that is nearer than that."""
    due_at = rules.remind_at(starts_at)
    drop_reminders(thread=thread, by=by)
    if due_at > clock.now():
        params = {"starts_at": starts_at.isoformat()}
        notify(thread=thread, kind=Kind.REMINDER, by=by, params=params, due_at=due_at)


def drop_reminders(*, thread: "Thread", by: Any) -> None:
    """Delete the reminders of a time that does not stand any more, in the caller's transaction."""
    with transaction.atomic():
        Notice.objects.filter(thread=thread, kind=Kind.REMINDER).exclude(state=State.SENDING).delete()


def drop_referred(*, thread: "Thread", by: Any) -> None:
    """Delete the word of who rings that a parent does not want after all, in the caller's transaction.

    One that did not get through goes too: nobody shall try it again.
    """
    with transaction.atomic():
        unsent = (State.WAITING, State.FAILED, State.UNCERTAIN)
        Notice.objects.filter(thread=thread, kind=Kind.REFERRED, state__in=unsent).delete()


def drop_asked(*, thread: "Thread", by: Any, kinds: tuple[str, ...] = (Kind.ASKED, Kind.AGAIN)) -> None:
    """Delete links to questions, and reminders of them, that nobody needs any more, in the caller's transaction."""
    with transaction.atomic():
        waiting = Notice.objects.filter(thread=thread, kind__in=kinds)
        waiting.exclude(state__in=(State.SENDING, State.SENT)).delete()


def carry(*, of: "Thread", to: "Thread", by: Any) -> None:
    """Let what is on its way out follow a family into its new thread; in the caller's transaction.

    Its id stays: the wire may know it already, and sends nothing twice under one.
    """
    with transaction.atomic():
        for row in Notice.objects.select_for_update(of=("self",)).filter(thread=of):
            sealed = bytes(row.params) if row.params else None
            params = keyring.open_sealed(of.key, sealed, context=_context(row.pk)) if sealed else None
            row.thread, row.params = to, keyring.seal(to.key, params, context=_context(row.pk)) if params else None
            row.save(update_fields=["thread", "params"])


def _context(ident: UUID) -> str:
    return f"notice:{ident}:params:1"


# ---- Sent ----


def send_due(*, by: str = KEEPER) -> int:
    """Send what is due, and tell how much was looked at. Two workers never send the same."""
    done, until = _after_a_stop(by=by), time.monotonic() + ROUND
    for _each in range(AT_ONCE):
        due = Notice.objects.filter(state=State.WAITING, due_at__lte=clock.now()).order_by("due_at", "pk")
        if not due.exists():
            break
        with transaction.atomic():
            notice = due.select_for_update(skip_locked=True, of=("self",)).select_related("thread", "user").first()
            if notice is None:
                break
            parcel = _prepare(notice, by=by)
        if parcel:
            _send(parcel, by=by)
        done += 1
        if time.monotonic() > until:
            break
    return done


def _prepare(notice: Notice, *, by: str) -> Parcel | None:
    """Decide about a message that is due: leased to us, put off, let go of, or left to a person."""
    if _rests(notice):
        return None
    if notice.thread is None:
        to = notice.user.email if notice.user else ""
        return _lease(notice, to, words.text(notice.kind, {}, settings.LANGUAGE_CODE), settings.LANGUAGE_CODE, by=by)
    try:
        card, params, language = _opened(notice, by=by)
    except keyring.Unreadable:
        _fail(notice, "unreadable", by=by)
        return None
    # Whoever was referred is rung; this one word was asked for beside that.
    notice.channel = "sms" if card and notice.kind == Kind.REFERRED else str(card.get("channel") or "")
    if not _wanted(notice, card, params):
        notice.delete()
    elif not _rests(notice) and _in_time(notice, card, params, by=by):
        to = str(card.get("mail" if notice.channel == "mail" else "phone") or "")
        text = _signed(words.text(notice.kind, params, language), card, notice.channel)
        return _lease(notice, to, text, language, by=by)
    return None


def _rests(notice: Notice) -> bool:
    """Put a message off while its wire is left in peace."""
    until = _resting.get(notice.channel)
    if until is None or until <= clock.now():
        return False
    _put_off(notice, until)
    return True


def _in_time(notice: Notice, card: dict[str, Any], params: dict[str, Any], *, by: str) -> bool:
    """Tell whether it may be sent now; else it is put off to the family's hours, unless that would be too late."""
    now, starts_at = clock.now(), params.get("starts_at")
    at = rules.in_peace(now, str(card.get("when") or "any"), params)
    if starts_at and datetime.fromisoformat(starts_at) <= at:
        _too_late(notice, by=by)
    elif at > now:
        _put_off(notice, at)
    else:
        return True
    return False


def _lease(notice: Notice, to: str, text: str, language: str, *, by: str) -> Parcel | None:
    """Take a message for us alone, if there is a wire for it that does not show who we are."""
    wire = channels.offered(notice.channel)
    if wire is None or _names_the_house(wire.sender):
        _fail(notice, "names_the_house" if wire else "no_channel", by=by)
        return None
    notice.state, notice.attempts = State.SENDING, notice.attempts + 1
    notice.lease_until = clock.now() + timedelta(seconds=settings.OUTBOX_LEASE)
    notice.save(update_fields=["state", "attempts", "lease_until", "channel"])
    return Parcel(notice, wire, to, text, words.subject(language))


def _opened(notice: Notice, *, by: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Open a family's card, what the message is to say, and their language; an empty card when it was taken back."""
    thread = notice.thread
    if thread is None or thread.ending:
        return {}, {}, ""
    try:
        card = threads.open_card_to_send(thread=thread, by=by, asked=notice.kind == Kind.REFERRED) or {}
        sealed = notice.params
        params = keyring.open_sealed(thread.key, bytes(sealed), context=_context(notice.pk)) if sealed else {}
    except keyring.Shredded:
        return {}, {}, ""
    return card, params, words.language_of(thread_queries.facts([thread])[thread.pk])


def _wanted(notice: Notice, card: dict[str, Any], params: dict[str, Any]) -> bool:
    """Tell whether a family still wants this, and it is still so: who wants to be rung is rung by a person."""
    still = rules.STILL.get(notice.kind, lambda *_all: True)
    wants = notice.channel in ("sms", "mail") and (notice.kind not in REMINDING or bool(card.get("remind")))
    return wants and notice.thread_id is not None and still(notice.thread_id, params)


def _signed(text: str, card: dict[str, Any], channel: str) -> str:
    """Put what the family told us to call ourselves in front, when one text message has room for it."""
    sender = " ".join(str(card.get("sender") or "").split())
    signed = f"{sender}: {text}" if sender else text
    return signed if channel == "mail" or rules.fits(signed) else text


def _names_the_house(sender: str) -> bool:
    """Tell whether a sender's name or address shows which house this is; a phone shows it on a locked screen."""
    house = catalogue.house()
    names = [house.key, *(house.name.values() if isinstance(house.name, dict) else [house.name])]
    return any(_bare(str(name)) in _bare(sender) for name in names if _bare(str(name)))


def _bare(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _put_off(notice: Notice, until: datetime) -> None:
    Notice.objects.filter(pk=notice.pk).update(due_at=until, channel=notice.channel)


def _too_late(notice: Notice, *, by: str) -> None:
    """Let go of a reminder whose time is here; that a time was called off must be said by a person now."""
    if notice.kind == Kind.REMINDER:
        notice.delete()
    else:
        _fail(notice, "too_late", by=by)


def _fail(notice: Notice, problem: str, *, by: str, state: str = State.FAILED) -> None:
    """Leave a message to a person, and say so in the trail."""
    values = {"state": state, "problem": problem, "due_at": clock.now(), "channel": notice.channel, "lease_until": None}
    with transaction.atomic():
        if Notice.objects.filter(pk=notice.pk, attempts=notice.attempts).update(**values):
            _record(notice, f"outbox.{state}", by=by)


def _send(parcel: Parcel, *, by: str) -> None:
    """Touch the wire, then write down what came of it."""
    notice = parcel.notice
    try:
        parcel.wire.send(ident=notice.pk, to=parcel.to, text=parcel.text, subject=parcel.subject)
    except channels.Refused as why:
        _fail(notice, why.problem, by=by)
    except channels.Unknown as why:
        _fail(notice, why.problem, by=by, state=State.UNCERTAIN)
    except channels.Trouble as why:
        _later(notice, why.problem, by=by)
    except Exception:
        # One message must not keep the others back; how far this one came nobody knows.
        log.exception("a message broke its wire")
        _fail(notice, "unknown_end", by=by, state=State.UNCERTAIN)
    else:
        _sent(notice, by=by)


def _sent(notice: Notice, *, by: str) -> None:
    with transaction.atomic():
        ours = Notice.objects.filter(pk=notice.pk, attempts=notice.attempts, state=State.SENDING)
        # Burned while it was on the wire, there is nothing left to mark.
        if ours.update(state=State.SENT, due_at=clock.now(), params=None, lease_until=None, problem=""):
            _record(notice, "outbox.sent", by=by)


def _later(notice: Notice, problem: str, *, by: str) -> None:
    """Try again after a while; a wire that does not answer at all is left in peace for everybody."""
    if problem == "unreachable":
        log.warning("a channel of the outbox does not answer; it rests for a minute")
        _resting[notice.channel] = clock.now() + REST
    wait = rules.again_after(notice.attempts)
    if wait is None:
        _fail(notice, problem, by=by)
        return
    with transaction.atomic():
        ours = Notice.objects.filter(pk=notice.pk, attempts=notice.attempts, state=State.SENDING)
        ours.update(state=State.WAITING, due_at=clock.now() + wait, lease_until=None, problem=problem)


def _record(notice: Notice, action: str, *, by: Any) -> None:
    audit.record(by=by, action=action, about=notice.thread or notice.user, reason=f"{notice.kind}:{notice.channel}")


def _after_a_stop(*, by: str) -> int:
    """See to what a worker left behind in mid-sending: asked again where the wire knows it, else left to a person."""
    left = Notice.objects.filter(state=State.SENDING, lease_until__lt=clock.now())
    if not left.exists():
        return 0
    with transaction.atomic():
        rows = left.select_for_update(skip_locked=True, of=("self",)).select_related("thread", "user")
        listed = list(rows[:AT_ONCE])
        for notice in listed:
            wire = channels.offered(notice.channel)
            if wire is None or not wire.idempotent:
                _fail(notice, "unknown_end", by=by, state=State.UNCERTAIN)
            elif rules.again_after(notice.attempts) is None:
                _fail(notice, "unknown_end", by=by)
            else:
                Notice.objects.filter(pk=notice.pk).update(state=State.WAITING, lease_until=None, due_at=clock.now())
    return len(listed)


# ---- Seen to by a person ----


def try_again(*, notice: UUID, by: Any) -> None:
    """Try a message again that did not get through. Raises `NothingToDo`.

    After a refusal it goes under a new id: a gateway answers the old one as it did before.
    """
    require(by, Permission.SEE_MORNING)
    with transaction.atomic():
        row = _for_a_person(notice)
        if row.problem in rules.REFUSALS and row.thread is not None:
            fresh = Notice(id=uuid.uuid4(), kind=row.kind, thread=row.thread, channel=row.channel)
            if row.params:
                params = keyring.open_sealed(row.thread.key, bytes(row.params), context=_context(row.pk))
                fresh.params = keyring.seal(row.thread.key, params, context=_context(fresh.pk))
            row.delete()
            row = fresh
        row.state, row.attempts, row.problem, row.due_at = State.WAITING, 0, "", clock.now()
        row.save()
        _record(row, "outbox.tried_again", by=by)


def give_up(*, notice: UUID, by: Any) -> None:
    """Let go of a message that did not get through: somebody has rung, or it is not needed any more.

    Raises `NothingToDo`.
    """
    require(by, Permission.SEE_MORNING)
    with transaction.atomic():
        row = _for_a_person(notice)
        row.state, row.params, row.due_at = State.GIVEN_UP, None, clock.now()
        row.save(update_fields=["state", "params", "due_at"])
        _record(row, "outbox.given_up", by=by)


def _for_a_person(ident: UUID) -> Notice:
    """Hold a message that waits for a person."""
    rows = Notice.objects.select_for_update(of=("self",)).select_related("thread", "user")
    row = rows.filter(pk=ident, state__in=(State.FAILED, State.UNCERTAIN)).first()
    if row is None:
        raise NothingToDo
    return row


def sweep(now: datetime) -> int:
    """Delete what was sent or given up a day ago, and tell how much it was. What failed stays until it is seen."""
    over = Notice.objects.filter(state__in=(State.SENT, State.GIVEN_UP), due_at__lt=now - KEPT)
    with transaction.atomic():
        gone, _rows = over.delete()
    return gone
