"""Reading the worklist: begins with the viewer. What one may not see does not exist."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Sum

from brobygger.access import queries as people
from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.appointments import queries as appointments
from brobygger.appointments import rules as times
from brobygger.catalogue import queries as catalogue
from brobygger.door.rules import PROFESSIONS
from brobygger.ground import clock
from brobygger.privacy import queries as privacy
from brobygger.threads import queries as threads

from . import rules, trail
from .models import Enquiry, Signpost, Tally

#: How many rows of a list are shown; a longer list is found by box number.
PAGE = 50
#: Counts above this are shown as "1000+", so that a long list costs no more than a short one.
MANY = 1000
#: How many threads are opened at a time, for counting.
BATCH = 500


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
    def profession(self) -> dict[str, str] | None:
        """What a professional does, in both languages; None when it is not known, or it is a family."""
        return PROFESSIONS.get(str(self.facts.get("profession"))) if self.facts.get("door") == "professional" else None

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


def with_number(viewer: Any, number: str) -> list[Enquiry]:
    """List every living thread with a box number, whoever has it, for who takes out a family's lines."""
    rows = _rows().filter(thread__number=number, thread__ending="").order_by("id")
    return list(rows[:PAGE]) if may(viewer, Permission.EXPORT_LOOKS) else []


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
    rows = Tally.objects.filter(count__gt=0).order_by("week", "door", "outcome")
    return list(rows if weeks is None else rows.filter(week__in=list(weeks)))


def signposts() -> list[Signpost]:
    """List where we have helped people on to, by week."""
    return list(Signpost.objects.filter(count__gt=0).order_by("week", "to"))


def sparring(weeks: Iterable[str] | None = None) -> dict[str, int]:
    """Count who asked for advice, by profession: letters that have ended and calls alike."""
    rows = Tally.objects.filter(door="professional", count__gt=0).exclude(profession="")
    rows = rows if weeks is None else rows.filter(week__in=list(weeks))
    counted = rows.values("profession").order_by("profession").annotate(n=Sum("count"))
    return {row["profession"]: row["n"] for row in counted}


def first_offered(threads: Iterable[UUID]) -> set[UUID]:
    """Name the threads that have been offered a first talk: times to choose from, or one agreed on the phone."""
    rows = Enquiry.objects.filter(thread__in=list(threads), offered=True)
    return set(rows.values_list("thread_id", flat=True))


def proposed(line: Line, free: list[appointments.Choice]) -> list[str]:
    """Choose what to tick for who asked for a time: three days, in the part of the day they wished; soon for advice."""
    wish = line.facts.get("wish")
    if line.appointment or wish not in ("time", "sparring"):
        return []
    if wish == "sparring":
        return [each.value for each in times.near(free)] if line.facts.get("where") == "sparring" else []
    when = str(line.facts.get("when") or "any")
    return [each.value for each in times.spread([each for each in free if times.suits(each.starts_at, when)])]


def labels(facts: dict[str, Any]) -> dict[str, Any]:
    """Say what was ticked in the house's own words; a choice that is no longer offered is said by its key."""
    bands = {band.key: band.label for band in catalogue.age_bands()}
    themes = {theme.key: theme.label for theme in catalogue.themes()}
    band, theme, work = (str(facts.get(name) or "") for name in ("age_band", "theme", "profession"))
    return {
        "age_band": bands.get(band, band),
        "theme": themes.get(theme, theme),
        "profession": PROFESSIONS.get(work, work),
    }


def last_number(enquiry: Enquiry) -> int:
    """Tell the number of the newest message in an enquiry's thread."""
    return threads.last_number(enquiry.thread)


def has_own_key(enquiry: Enquiry) -> bool:
    """Tell whether a family has changed the key it was lent, which then opens nothing any more."""
    return any(action == "threads.rekeyed" for _who, action in privacy.trail(enquiry.thread))


def by_day(free: list[appointments.Choice], days: int = 4) -> list[tuple[datetime, list[appointments.Choice]]]:
    """Group free times by day, the nearest days first."""
    grouped: dict[date, list[appointments.Choice]] = {}
    for each in free:
        grouped.setdefault(clock.local(each.starts_at).date(), []).append(each)
    return [(listed[0].starts_at, listed) for listed in list(grouped.values())[:days]]


# ---- The morning and the gauges ----


def due(viewer: Any, until: datetime, *, without: Iterable[UUID] = (), limit: int = PAGE) -> list[Line]:
    """List who must be answered before a moment, nearest promise first: one's own for who answers, else everybody's."""
    rows = _rows().filter(due_at__lt=until, thread__ending="").exclude(thread__in=list(without)).order_by("due_at")
    rows = rows.filter(taken_by=viewer) if may(viewer, Permission.ANSWER) else rows
    return _lines(viewer, list(rows[:limit])) if may(viewer, Permission.SEE_WORKLIST) else []


def untaken(viewer: Any, since: datetime, *, without: Iterable[UUID] = (), limit: int = 10) -> list[Line]:
    """List the letters nobody has taken whose hour lies further off, nearest first."""
    rows = _rows().filter(due_at__gte=since, taken_by__isnull=True, thread__ending="").order_by("due_at")
    rows = rows.exclude(thread__in=list(without))[:limit]
    return _lines(viewer, list(rows)) if may(viewer, Permission.SEE_WORKLIST) else []


def rows_of(threads: Iterable[UUID]) -> dict[UUID, Enquiry]:
    """Fetch the worklist's rows of some threads, by thread: until when, and who has it."""
    return {row.thread_id: row for row in _rows().filter(thread__in=list(threads))}


def kept_still(thread: UUID) -> Enquiry | None:
    """Fetch a thread's row, and let nobody answer or change it before the caller's transaction is over.

    Asked before the thread itself is held, as everybody who answers does: else two wait for each other.
    """
    return Enquiry.objects.select_for_update(of=("self",)).filter(thread=thread).first()


def longest_wait() -> timedelta | None:
    """Tell how long the one who has waited longest has waited; None when nobody waits."""
    rows = Enquiry.objects.filter(due_at__isnull=False).order_by("arrived_at")
    first = rows.values_list("arrived_at", flat=True).first()
    return clock.now() - first if first else None


def promises(weeks: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Count by week the promises kept, of all that have come due; the ended threads' included.

    Who still waits past the hour counts as not kept.
    """
    listed = list(weeks)
    found = dict.fromkeys(listed, (0, 0))

    def add(week: str, kept: int, of: int) -> None:
        found[week] = (found[week][0] + kept, found[week][1] + of)

    ended = Tally.objects.filter(week__in=listed, count__gt=0, promise__in=("kept", "not"))
    for week, promise, count in ended.values_list("week", "promise").annotate(n=Sum("count")).order_by():
        add(week, count * (promise == "kept"), count)
    # Counted by the star: the index alone answers, without a look at the rows.
    settled = Enquiry.objects.filter(week__in=listed, promise_kept__isnull=False)
    for week, held, count in settled.values_list("week", "promise_kept").annotate(n=Count("*")).order_by():
        add(week, count * held, count)
    late = Enquiry.objects.filter(due_at__lt=clock.now(), week__in=listed)
    for week, held, count in late.values_list("week", "promise_kept").annotate(n=Count("*")).order_by():
        # Kept before, and broken by the letter that waits now: it is in the sum already.
        add(week, -count * (held is True), count * (held is None))
    return found


class Came(NamedTuple):
    """What those who came in a week have in common: how, at which door, the child's age, and how the promise went."""

    week: str
    channel: str
    door: str
    band: str
    #: "kept", "not", or "none": nothing was promised, or the hour is not past.
    promise: str


def arrived(viewer: Any, weeks: Iterable[str], *, without: Iterable[UUID] = ()) -> dict[Came, int]:
    """Count who came in some weeks by how, where and with which promise, ended or not, for who may see counts.

    `without` are the threads of named courses: their family was counted when it crossed.
    """
    if not may(viewer, Permission.SEE_NUMBERS):
        return {}
    listed, left_out = list(weeks), set(without)
    found: dict[Came, int] = {}
    rows = Tally.objects.filter(week__in=listed, count__gt=0).order_by()
    for *said, n in rows.values_list("week", "channel", "door", "age_band", "promise").annotate(n=Sum("count")):
        found[Came(*said)] = n
    living = Enquiry.objects.filter(thread__week__in=listed, thread__counted=False).select_related("thread")
    standing = [row for row in living.order_by("pk") if row.thread_id not in left_out]
    for at in range(0, len(standing), BATCH):
        some = standing[at : at + BATCH]
        opened = threads.facts([row.thread for row in some])
        for row in some:
            facts = opened[row.thread_id] or {}
            channel, door, band = (str(facts.get(name) or "") for name in ("channel", "door", "age_band"))
            kind = Came(row.thread.week, channel or "door", door, band, _went(row))
            found[kind] = found.get(kind, 0) + 1
    return found


def _went(row: Enquiry) -> str:
    return rules.promised(row.promise_kept, row.due_at, clock.now())


def by_channel(weeks: Iterable[str]) -> dict[str, int]:
    """Count who came by which channel in some weeks: threads that have ended, and calls that were only counted."""
    rows = Tally.objects.filter(week__in=list(weeks), count__gt=0).values_list("channel").order_by("channel")
    return dict(rows.annotate(n=Sum("count")))


def deed(action: str) -> Any:
    """Say a deed of the log in words."""
    return trail.told(action)


def log_lines(entries: Iterable[Any], names: dict[str, str]) -> list[trail.Line]:
    """Put lines of the log into words; `names` are box numbers of living threads and the staff's handles, by id."""
    return trail.lines(entries, names)
