"""Deeds on the worklist. Each checks who does it, and each is one transaction with its line in the audit."""

from datetime import datetime
from typing import Any

from django.db import transaction
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
from brobygger.privacy import queries as trail
from brobygger.privacy import services as audit
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

from . import rules
from .models import Enquiry, Signpost, Tally

KEEPER = "keeper"


class AlreadyTaken(Exception):
    """A colleague was first."""


class NotYours(Exception):
    """Somebody else has this thread."""


class SomethingNew(Exception):
    """The thread has changed since the page was opened; what was typed is kept."""


class NothingToSay(Exception):
    """An answer needs words."""


def keep_up(*, by: str = KEEPER) -> int:
    """Put new letters on the worklist and let go of threads that end; tell how much there was."""
    fresh = thread_queries.requests(("text",))
    for request in fresh:
        if not request.thread.ending:
            _arrive(request, by=by)
        threads.mark_handled(request=request.ident, by=by)
    ending = thread_queries.ending()
    for thread in ending:
        _let_go(thread, by=by)
    return len(fresh) + len(ending)


def _arrive(request: thread_queries.Request, *, by: str) -> None:
    """Put a letter on the worklist with its promise; one that waits already keeps its nearer hour."""
    written = min(request.at, clock.now())
    facts = thread_queries.facts([request.thread])[request.thread.pk] or {}
    with transaction.atomic():
        enquiry, new = Enquiry.objects.get_or_create(thread=request.thread)
        if enquiry.due_at is None:
            enquiry.arrived_at = written
            enquiry.due_at = _due(written, facts.get("answer_by") if new else None)
            enquiry.save(update_fields=["arrived_at", "due_at"])
        audit.record(by=by, action="intake.arrived", about=request.thread)


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
        enquiry = Enquiry.objects.select_for_update().select_related("thread").get(pk=enquiry.pk)
        if enquiry.taken_by_id != by.pk:
            raise NotYours
        if seen is not None and seen != thread_queries.last_number(enquiry.thread):
            raise SomethingNew
        offered = []
        if times:
            offered = appointments.propose(thread=enquiry.thread, worker=by, where=where, times=times, by=by)
        threads.answer(thread=enquiry.thread, text=text, times=offered, read_by=_readers(enquiry), by=by)
        _stop_the_clock(enquiry)


def _stop_the_clock(enquiry: Enquiry) -> None:
    """Empty both hours and keep only whether the promise held; once broken, it stays broken."""
    if enquiry.due_at is not None:
        kept = clock.now() <= enquiry.due_at
        enquiry.promise_kept = kept if enquiry.promise_kept is None else enquiry.promise_kept and kept
    enquiry.due_at = enquiry.arrived_at = None
    enquiry.answered = True
    enquiry.save(update_fields=["due_at", "arrived_at", "answered", "promise_kept"])


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
        row, _new = Signpost.objects.get_or_create(week=enquiry.thread.week, to=to[:80])
        Signpost.objects.filter(pk=row.pk).update(count=F("count") + 1)
        audit.record(by=by, action="intake.signposted", about=enquiry.thread)


def end(*, enquiry: Enquiry, outcome: str, text: str, by: Any) -> None:
    """End a thread: a last word stays in the box for a month, only a count stays with us.

    Raises `NotYours`, and `ValueError` for an outcome that does not exist.
    """
    require(by, Permission.END)
    if outcome not in rules.OUTCOMES:
        raise ValueError("unknown outcome")
    held = Enquiry.objects.select_related("thread").filter(pk=enquiry.pk, taken_by=by, thread__ending="").first()
    if held is None:
        raise NotYours
    enquiry = held
    door_kind = (thread_queries.facts([enquiry.thread])[enquiry.thread_id] or {}).get("door", "parent")
    if enquiry.due_at is not None:
        with transaction.atomic():
            _stop_the_clock(enquiry)
    threads.say_farewell(thread=enquiry.thread, text=text, door_kind=str(door_kind), by=by)
    threads.mark_ending(thread=enquiry.thread, how="ended", by=by)
    enquiry.thread.ending = "ended"
    _let_go(enquiry.thread, by=KEEPER, outcome=outcome)


def _let_go(thread: Any, *, by: str, outcome: str = "") -> None:
    """Count a thread that ends, then have it destroyed. Stopped in between, it is done the next time, counted once."""
    facts = thread_queries.facts([thread])[thread.pk] or {}
    appointments.let_go(thread=thread, by=by)
    if not thread.counted:
        with transaction.atomic():
            enquiry = Enquiry.objects.filter(thread=thread).first()
            kept = enquiry.promise_kept if enquiry else None
            _count(thread.week, facts, kept, outcome or thread.ending)
            threads.mark_counted(thread=thread, by=by)
    threads.shred(thread=thread, by=by)


def _count(week: str, facts: dict[str, Any], kept: bool | None, outcome: str) -> None:
    """Add one to the count of its kind, in the caller's transaction."""
    promise = {None: "none", True: "kept", False: "not"}[kept]
    row, _new = Tally.objects.get_or_create(
        week=week,
        channel="door",
        door=str(facts.get("door") or "")[:12],
        theme=str(facts.get("theme") or "")[:40],
        age_band=str(facts.get("age_band") or "")[:20],
        promise=promise,
        outcome=outcome if outcome in rules.OUTCOMES else "helped",
    )
    Tally.objects.filter(pk=row.pk).update(count=F("count") + 1)
