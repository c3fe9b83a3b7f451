"""Reading the worklist: begins with the viewer. What one may not see does not exist."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from brobygger.access import queries as people
from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.appointments import queries as appointments
from brobygger.ground import clock
from brobygger.threads import queries as threads

from . import rules
from .models import Enquiry, Signpost, Tally

#: How many rows of a list are shown; a longer list is found by box number.
PAGE = 50
#: Counts above this are shown as "1000+", so that a long list costs no more than a short one.
MANY = 1000


@dataclass(frozen=True)
class Line:
    """One row of the worklist."""

    enquiry: Enquiry
    facts: dict[str, Any]
    sight: rules.Sight
    alarm: rules.Alarm
    spent: int
    appointment: Any
    called_off: bool
    card: bool

    @property
    def left(self) -> timedelta | None:
        """How long there is until the promised hour; negative when it has gone."""
        return self.enquiry.due_at - clock.now() if self.enquiry.due_at else None


def sight(viewer: Any, enquiry: Enquiry) -> rules.Sight:
    """Decide what somebody may do with an enquiry."""
    return _sight(viewer, enquiry, glass=people.glass_open(viewer, f"thread:{enquiry.thread_id}"))


def _sight(viewer: Any, enquiry: Enquiry, *, glass: bool) -> rules.Sight:
    return rules.sight(
        taken=enquiry.taken_by_id is not None,
        mine=enquiry.taken_by_id == viewer.pk,
        glass=glass,
        opens=may(viewer, Permission.OPEN_LETTER),
        takes=may(viewer, Permission.TAKE),
        answers=may(viewer, Permission.ANSWER),
        hands_over=may(viewer, Permission.HAND_OVER),
    )


def get_enquiry(viewer: Any, thread: UUID) -> Enquiry | None:
    """Fetch an enquiry whose thread somebody may open; None when there is none for them."""
    enquiry = _rows().filter(thread_id=thread, thread__ending="").first()
    return enquiry if enquiry and sight(viewer, enquiry).open else None


def get_line(viewer: Any, thread: UUID) -> Line | None:
    """Fetch a row of the worklist somebody may see, without what was said."""
    enquiry = _rows().filter(thread_id=thread, thread__ending="").first()
    if enquiry is None or not may(viewer, Permission.SEE_WORKLIST):
        return None
    if may(viewer, Permission.OPEN_LETTER) and not sight(viewer, enquiry).open:
        return None
    return _lines(viewer, [enquiry])[0]


def _rows() -> Any:
    return Enquiry.objects.select_related("thread", "taken_by")


def waiting(viewer: Any) -> list[Line]:
    """List who waits for us, nearest promise first: everybody's for who hands over, else the untaken and one's own."""
    rows = _rows().filter(due_at__isnull=False, thread__ending="").order_by("due_at")
    if may(viewer, Permission.OPEN_LETTER):
        untaken = list(rows.filter(taken_by__isnull=True)[:PAGE])
        mine = list(rows.filter(taken_by=viewer)[:PAGE])
        found = sorted([*untaken, *mine], key=lambda each: each.due_at)[:PAGE]
    else:
        found = list(rows[:PAGE])
    return _lines(viewer, found)


def answered(viewer: Any) -> list[Line]:
    """List whom one has answered and who may come back."""
    rows = _rows().filter(due_at__isnull=True, taken_by=viewer, thread__ending="")
    return _lines(viewer, list(rows.order_by("id")[:PAGE]))


def by_number(viewer: Any, number: str) -> list[Line]:
    """Find the threads with a box number, among those somebody may open."""
    rows = list(_rows().filter(thread__number=number.strip().upper()[:4], thread__ending="")[:PAGE])
    return [line for line in _lines(viewer, rows) if line.sight.open or not may(viewer, Permission.OPEN_LETTER)]


def _lines(viewer: Any, found: list[Enquiry]) -> list[Line]:
    """Put together what a row shows, with a fixed number of questions to the database whatever its length."""
    ids = [each.thread_id for each in found]
    facts = threads.facts([each.thread for each in found])
    standing, off, cards = appointments.standing(ids), appointments.called_off(ids), threads.has_card(ids)
    now = clock.now()
    return [
        Line(
            enquiry=each,
            facts=facts[each.thread_id] or {},
            # Broken glass is asked about on the thread's own page, not once a row.
            sight=_sight(viewer, each, glass=False),
            alarm=_alarm(each, now),
            spent=rules.spent(each.arrived_at, each.due_at, now) if each.due_at and each.arrived_at else 0,
            appointment=standing.get(each.thread_id),
            called_off=each.thread_id in off,
            card=each.thread_id in cards,
        )
        for each in found
    ]


def _alarm(enquiry: Enquiry, now: datetime) -> rules.Alarm:
    if enquiry.due_at is None or enquiry.arrived_at is None:
        return rules.Alarm.CALM
    return rules.alarm(enquiry.arrived_at, enquiry.due_at, now)


@dataclass(frozen=True)
class Counts:
    """How many wait, by how far they are into their promise; each counted no further than `MANY`."""

    waiting: int
    untaken: int
    late: int


def counts() -> Counts:
    """Count who waits, stopping at `MANY`."""
    rows = Enquiry.objects.filter(due_at__isnull=False)
    return Counts(
        waiting=rows[:MANY].count(),
        untaken=rows.filter(taken_by__isnull=True)[:MANY].count(),
        late=rows.filter(due_at__lt=clock.now())[:MANY].count(),
    )


def tallies(weeks: Iterable[str] | None = None) -> list[Tally]:
    """List the counts, by week."""
    rows = Tally.objects.order_by("week", "door", "outcome")
    return list(rows if weeks is None else rows.filter(week__in=list(weeks)))


def signposts() -> list[Signpost]:
    """List where we have helped people on to, by week."""
    return list(Signpost.objects.order_by("week", "to"))


def last_number(enquiry: Enquiry) -> int:
    """Tell the number of the newest message in an enquiry's thread."""
    return threads.last_number(enquiry.thread)
