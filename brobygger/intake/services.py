"""Deeds on the worklist. Each checks who does it, and each is one transaction with its line in the audit."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation

from brobygger.access import queries as people
from brobygger.access.guards import require
from brobygger.access.roles import Permission
from brobygger.appointments import queries as appointments_queries
from brobygger.appointments import services as appointments
from brobygger.catalogue import queries as catalogue
from brobygger.catalogue import rules as catalogue_rules
from brobygger.ground import clock
from brobygger.outbox import services as outbox
from brobygger.privacy import queries as trail
from brobygger.privacy import seal
from brobygger.privacy import services as audit
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

from . import rules
from .models import CallLine, Enquiry, Signpost, Tally

KEEPER = "keeper"
#: How long the number of a counted line is remembered: longer than any page it was typed on lives.
REMEMBERED = timedelta(days=2)


class AlreadyTaken(Exception):
    """A colleague was first."""


class NotYours(Exception):
    """Somebody else has this thread."""


class SomethingNew(Exception):
    """The thread has changed since the page was opened; what was typed is kept."""


class NothingToSay(Exception):
    """An answer needs words."""


class LineIsUsed(Exception):
    """This line was taken back, or a thread was made of it; another call needs a fresh one."""


def keep_up(*, by: str = KEEPER) -> int:
    """Put new letters on the worklist and let go of threads that end; tell how much there was."""
    fresh = thread_queries.requests(("text",))
    for request in fresh:
        if thread_queries.lives(request.thread):
            _arrive(request, by=by)
        threads.mark_handled(request=request.ident, by=by)
    return len(fresh) + sum(_let_go(thread, by=by) for thread in thread_queries.ending())


def _arrive(request: thread_queries.Request, *, by: str) -> None:
    """Put a letter on the worklist with its promise."""
    facts = thread_queries.facts([request.thread])[request.thread.pk] or {}
    arrive(thread=request.thread, written=request.at, promised=facts.get("answer_by"), by=by)


def arrive(*, thread: Any, written: datetime, promised: str | None, by: Any) -> Enquiry:
    """Put a thread on the worklist; one that waits already keeps its nearer hour.

    `promised` is the hour its writer was told, and counts for the first letter only.
    """
    written = min(written, clock.now())
    with transaction.atomic():
        enquiry, new = Enquiry.objects.get_or_create(thread=thread, defaults={"week": thread.week})
        if enquiry.due_at is None:
            enquiry.arrived_at = written
            enquiry.due_at = _due(written, promised if new else None)
            enquiry.save(update_fields=["arrived_at", "due_at"])
        audit.record(by=by, action="intake.arrived", about=thread)
    return enquiry


def _due(written: datetime, promised: str | None) -> datetime:
    """Choose the hour a letter must be answered by: what its writer was told, never later than the house promises."""
    ours = catalogue_rules.answer_by(written, catalogue.calendar())
    told = datetime.fromisoformat(promised) if promised else ours
    return min(ours, told) if told > written else ours


def take(*, enquiry: Enquiry, by: Any) -> Enquiry:
    """Take a letter: from now on this person answers it. Raises `AlreadyTaken` when a colleague was first."""
    require(by, Permission.TAKE)
    with transaction.atomic():
        taken = Enquiry.objects.filter(pk=enquiry.pk, taken_by__isnull=True).update(taken_by=by)
        if not taken:
            raise AlreadyTaken
        audit.record(by=by, action="intake.taken", about=enquiry.thread)
        threads.tell(thread=enquiry.thread, body={"news": "taken", "from": by.first_name, "title": by.title}, by=KEEPER)
    return Enquiry.objects.get(pk=enquiry.pk)


def hand_over(*, enquiry: Enquiry, to: Any, by: Any) -> None:
    """Hand a thread to a colleague who can answer; the family's promise stays where it was."""
    require(by, Permission.HAND_OVER)
    require(to, Permission.ANSWER)
    with transaction.atomic():
        # As it is now, not as the page knew it: the leader may have handed it over in the meantime.
        held = Enquiry.objects.select_for_update().get(pk=enquiry.pk)
        if held.taken_by_id != by.pk and not _may_hand_over_for_others(by):
            raise NotYours
        Enquiry.objects.filter(pk=enquiry.pk).update(taken_by=to)
        audit.record(by=by, action="intake.handed_over", about=enquiry.thread, reason=f"to {to.handle}")


def _may_hand_over_for_others(by: Any) -> bool:
    """Tell whether somebody hands over without answering themselves: the leader, when a colleague is ill."""
    return Permission.ANSWER not in people.permissions(by)


def answer(
    *,
    enquiry: Enquiry,
    text: str,
    by: Any,
    where: str = "",
    times: list[appointments_queries.Choice] | None = None,
    seen: int | None = None,
) -> None:
    """Answer a family, with times to choose from when there are any, and stop the clock.

    `seen` is the number of the last message the writer had before their eyes. Raises `NotYours`, `NothingToSay`,
    `SomethingNew`, and `TimeIsTaken` or `TimeIsPast` when a time cannot be offered; then nothing is sent.
    """
    require(by, Permission.ANSWER)
    if not text.strip():
        raise NothingToSay
    with transaction.atomic():
        enquiry = _mine(enquiry, by=by)
        if seen is not None and seen != thread_queries.last_number(enquiry.thread):
            raise SomethingNew
        offered = []
        if times:
            offered = appointments.propose(thread=enquiry.thread, worker=by, where=where, times=times, by=by)
            enquiry.offered = True
        threads.answer(thread=enquiry.thread, text=text, times=offered, read_by=_readers(enquiry), by=by)
        outbox.notify(thread=enquiry.thread, kind="answer", by=by)
        _stop_the_clock(enquiry)


def agree(*, enquiry: Enquiry, choice: appointments_queries.Choice, where: str, by: Any) -> None:
    """Book a time agreed while talking; that is an answer, and stops the clock.

    Raises `NotYours`, and `TimeIsTaken` or `TimeIsPast` when the time cannot be had; then nothing has changed.
    """
    require(by, Permission.ANSWER)
    with transaction.atomic():
        enquiry = _mine(enquiry, by=by)
        appointments.book(thread=enquiry.thread, worker=by, choice=choice, where=where, by=by)
        enquiry.offered = True
        _stop_the_clock(enquiry)


def _mine(enquiry: Enquiry, *, by: Any) -> Enquiry:
    """Fetch an enquiry as it is now, held until the caller's transaction ends. Raises `NotYours`, `ThreadIsGone`."""
    held = Enquiry.objects.select_for_update(of=("self",)).select_related("thread").filter(pk=enquiry.pk).first()
    if held is None:
        raise threads.ThreadIsGone
    if held.taken_by_id != by.pk:
        raise NotYours
    return held


def note_rung(*, enquiry: Enquiry, by: Any) -> None:
    """Note that we rang. The first attempt counts as the reply we promised, whether or not anybody picked up."""
    require(by, Permission.ANSWER, Permission.SEE_REFERRALS)
    with transaction.atomic():
        enquiry = Enquiry.objects.select_for_update(of=("self",)).select_related("thread").get(pk=enquiry.pk)
        if enquiry.due_at is not None:
            _stop_the_clock(enquiry)
        audit.record(by=by, action="intake.rung", about=enquiry.thread)


def _stop_the_clock(enquiry: Enquiry) -> None:
    """Empty both hours and keep only whether the promise held; once broken, it stays broken."""
    if enquiry.due_at is not None:
        kept = clock.now() <= enquiry.due_at
        enquiry.promise_kept = kept if enquiry.promise_kept is None else enquiry.promise_kept and kept
    enquiry.due_at = enquiry.arrived_at = None
    enquiry.answered = True
    enquiry.save(update_fields=["due_at", "arrived_at", "answered", "promise_kept", "offered"])


def _readers(enquiry: Enquiry) -> list[dict[str, str]]:
    """Name the roles that have read a thread, in both languages; never who, never when."""
    handles = {handle for handle, action in trail.trail(enquiry.thread) if action == "threads.looked"}
    users = [user for user in (people.person(handle) for handle in sorted(handles)) if user]
    roles = {held.role: held for user in users for held in people.roles_held(user)}
    found = []
    for role in sorted(roles):
        label = roles[role].get_role_display
        said = {}
        for language in ("da", "en"):
            with translation.override(language):
                said[language] = str(label()).lower()
        found.append(said)
    return found


def signpost(*, enquiry: Enquiry, to: str, text: str, by: Any, seen: int | None = None) -> None:
    """Help a family on to a place that suits them better, and count it; the thread stays until they have read it."""
    answer(enquiry=enquiry, text=text, by=by, seen=seen)
    with transaction.atomic():
        _add(_post(enquiry.thread.week, to))
        audit.record(by=by, action="intake.signposted", about=enquiry.thread)


def _post(week: str, to: str) -> Signpost:
    return Signpost.objects.get_or_create(week=week, to=to[:80])[0]


def _add(row: Tally | Signpost, step: int = 1) -> None:
    """Move a count by one, whoever else counts at this moment."""
    type(row).objects.filter(pk=row.pk).update(count=F("count") + step)


def end(*, enquiry: Enquiry, outcome: str, text: str, by: Any) -> None:
    """End a thread: a last word stays in the box for a month, only a count stays with us.

    Raises `NotYours`, and `ValueError` for an outcome that does not exist.
    """
    require(by, Permission.END)
    if outcome not in rules.OUTCOMES:
        raise ValueError("unknown outcome")
    with transaction.atomic():
        held = _mine(enquiry, by=by)
        if held.thread.ending:
            raise NotYours
        door_kind = (thread_queries.facts([held.thread])[held.thread_id] or {}).get("door", "parent")
        if held.due_at is not None:
            _stop_the_clock(held)
        threads.say_farewell(thread=held.thread, text=text, door_kind=str(door_kind), by=by)
        threads.mark_ending(thread=held.thread, how="ended", by=by)
    held.thread.ending = "ended"
    _let_go(held.thread, by=KEEPER, outcome=outcome)


def _let_go(thread: Any, *, by: str, outcome: str = "") -> bool:
    """Count a thread that ends, then have it destroyed, and tell whether it is.

    Stopped in between, it is done the next time, counted once.
    """
    facts = thread_queries.facts([thread])[thread.pk] or {}
    appointments.let_go(thread=thread, by=by)
    if not thread.counted:
        with transaction.atomic():
            enquiry = Enquiry.objects.filter(thread=thread).first()
            _add(_tally(thread.week, facts, _kept(enquiry) if enquiry else None, outcome or thread.ending))
            # A later room may hold the thread a while yet: what is counted now is counted here no more.
            Enquiry.objects.filter(thread=thread).update(promise_kept=None, due_at=None, arrived_at=None)
            threads.mark_counted(thread=thread, by=by)
    if thread_queries.held(thread):
        # A later room has not let go of it yet; the next round comes by again.
        return False
    threads.shred(thread=thread, by=by)
    return True


def cross(*, of: Any, to: Any, facts: dict[str, Any], by: Any) -> None:
    """Count a thread whose family has said who they are, and let its new one stand where it stood, promise and all."""
    with transaction.atomic():
        old = Enquiry.objects.select_for_update(of=("self",)).filter(thread=of).first()
        _add(_tally(of.week, facts, old.promise_kept if old else None, "course"))
        if old is not None:
            stays = {name: getattr(old, name) for name in ("taken_by_id", "answered", "offered")}
            # To the minute they would be found again in the trail of the thread that is left behind.
            hours = {name: clock.to_the_hour(getattr(old, name)) for name in ("arrived_at", "due_at")}
            old.delete()
            Enquiry.objects.create(thread=to, week=to.week, **stays, **hours)


def _kept(enquiry: Enquiry) -> bool | None:
    """Tell whether a promise held; one whose hour went by unanswered did not, whoever ended the thread."""
    late = enquiry.due_at is not None and enquiry.due_at < clock.now()
    return False if late else enquiry.promise_kept


def _tally(week: str, facts: dict[str, Any], kept: bool | None, outcome: str) -> Tally:
    """Find the count of one kind, or begin it at nothing."""
    promise = {None: "none", True: "kept", False: "not"}[kept]
    return Tally.objects.get_or_create(
        week=week,
        channel=str(facts.get("channel") or "door")[:12],
        door=str(facts.get("door") or "")[:12],
        theme=str(facts.get("theme") or "")[:40],
        age_band=str(facts.get("age_band") or "")[:20],
        promise=promise,
        outcome=outcome if outcome in rules.OUTCOMES else "helped",
        profession=rules.counts_profession(facts)[:40],
    )[0]


# ---- A call, or somebody who comes in ----


def count_call(*, number: UUID, call: rules.Call, by: Any) -> None:
    """Count a call of which nothing else is left. The same page sent again with other choices moves the count.

    `number` names the page it was typed on. Raises `LineIsUsed` when that line was undone or has become a thread.
    """
    require(by, Permission.TAKE_CALL)
    week = seal.week(clock.now())
    with transaction.atomic():
        line, _new = CallLine.objects.get_or_create(id=number, defaults={"made_on": clock.today()})
        line = CallLine.objects.select_for_update(of=("self",)).get(pk=number)
        if line.taken_back:
            raise LineIsUsed
        tally = _tally(week, asdict(call) | {"wish": call.wish}, None, rules.COUNTED[call.what])
        post = _post(week, call.to) if call.what == "to" else None
        if (line.tally, line.signpost) == (tally, post):
            return
        _add(tally)
        if post:
            _add(post)
        _uncount(line)
        line.tally, line.signpost = tally, post
        line.save(update_fields=["tally", "signpost"])
        audit.record(by=by, action="intake.call_counted", about=f"call:{number}")


def undo_call(*, number: UUID, by: Any) -> bool:
    """Take a counted call out of the count again; tell whether there was one, which there is once."""
    require(by, Permission.TAKE_CALL)
    with transaction.atomic():
        line = CallLine.objects.select_for_update(of=("self",)).filter(pk=number, taken_back=False).first()
        if line is None:
            return False
        _uncount(line)
        CallLine.objects.filter(pk=line.pk).update(tally=None, signpost=None, taken_back=True)
        audit.record(by=by, action="intake.call_undone", about=f"call:{number}")
    return True


def _uncount(line: CallLine) -> None:
    """Take back what a line has counted so far, in the caller's transaction."""
    for row in (line.tally, line.signpost):
        if row:
            _add(row, -1)


def open_call(*, number: UUID, key: seal.ReturnKey, call: rules.Call, by: Any) -> tuple[Enquiry, bool]:
    """Begin a thread for somebody who rang or came in, put it on the worklist, and tell whether it is new.

    The clock of our promise goes from now. A call counted on the same page by mistake is taken out of the count; the
    same page sent twice is one thread, as it was typed first. Raises `seal.Busy`, and `LineIsUsed` when it has ended.
    """
    require(by, Permission.TAKE_CALL)
    now = clock.now()
    facts = {name: value for name, value in asdict(call).items() if name not in ("what", "to", "text", "reach")}
    facts |= {"wish": call.wish, "written_at": now.isoformat(), "answer_by": catalogue.answer_by(now).isoformat()}
    typed: dict[str, Any] = {"made": asdict(seal.new_box(key)), "facts": facts, "text": call.text, "reach": call.reach}
    try:
        try:
            thread, new = threads.open_called(once=number, **typed, by=by)
        except IntegrityError:
            # Pressed twice in the same moment: the other press has made it by now.
            thread, new = threads.open_called(once=number, **typed, by=by)
    except threads.ThreadIsGone:
        raise LineIsUsed from None
    _use_up(number, by=by)
    # The keeper's round may have put it on the list in between; the call was taken by this press all the same.
    enquiry = Enquiry.objects.filter(thread=thread).first()
    if enquiry is not None and not new:
        return enquiry, False
    with transaction.atomic():
        enquiry = enquiry or arrive(thread=thread, written=now, promised=str(facts["answer_by"]), by=by)
        for request in thread_queries.requests(("text",)):
            if request.thread.pk == thread.pk:
                threads.mark_handled(request=request.ident, by=KEEPER)
        if new:
            audit.record(by=by, action="intake.call_taken", about=thread)
    return enquiry, new


def _use_up(number: UUID, *, by: Any) -> None:
    """Take a line out of the count, if it was counted before a thread was made of it, and let it count no more."""
    if not undo_call(number=number, by=by):
        with transaction.atomic():
            CallLine.objects.get_or_create(id=number, defaults={"made_on": clock.today(), "taken_back": True})


def sweep(now: datetime) -> int:
    """Forget the numbers of counted lines after two days, and tell how many there were."""
    with transaction.atomic():
        gone, _rows = CallLine.objects.filter(made_on__lt=clock.local(now).date() - REMEMBERED).delete()
    return gone
