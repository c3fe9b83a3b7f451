"""What the morning, one's own day and the gauges show, gathered from the rooms: begins with the viewer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.appointments import queries as appointments
from brobygger.casework import queries as casework
from brobygger.catalogue import queries as catalogue
from brobygger.catalogue import rules as promises
from brobygger.consents import queries as consents
from brobygger.door import queries as door
from brobygger.door.rules import PROFESSIONS
from brobygger.ground import clock
from brobygger.groups import queries as groups
from brobygger.groups.templatetags import stands
from brobygger.intake import queries as intake
from brobygger.outbox import queries as outbox
from brobygger.outcomes import queries as outcomes
from brobygger.outcomes.templatetags import asked, ends

from . import rules, weeks

#: How many rows of a section are shown; the pages behind them have the rest.
ROWS = 10
#: Of replies to give and families to ring, more: they are the morning's work.
MOST = 20
#: Of courses in which answers wait, fewer: their own page has the rest.
FEW = 3
#: The promises of how many weeks are told.
WEEKS = (4, 12)
#: And of how many weeks' courses we tell who was measured at both ends: eight weeks after an end some still answer.
ENDED = (12, 52)
#: What ends within this is said in the morning.
SOON = timedelta(days=7)


@dataclass(frozen=True)
class ToRing:
    """A referral nobody has rung yet: until when, and who has it."""

    thread: UUID
    number: str
    enquiry: Any

    @property
    def late(self) -> bool:
        """Tell whether the promised hour has gone by."""
        return bool(self.enquiry and self.enquiry.due_at and self.enquiry.due_at < clock.now())


@dataclass(frozen=True)
class Morning:
    """Everything that waits for somebody this morning, in the order of the clock."""

    silent: bool
    due: list[intake.Line]
    to_ring: list[ToRing]
    talks: list[consents.Talk]
    times: list[Any]
    called_off: list[appointments.CalledOff]
    failed: list[outbox.Failed]
    untaken: list[intake.Line]
    pairs: list[tuple[consents.Short, consents.Short]]
    running_out: list[consents.Short]
    boxes: int
    more: bool

    @property
    def late(self) -> int:
        """Count the replies that are late, calls to families who were sent on included."""
        return sum(line.alarm >= 100 for line in self.due) + sum(each.late for each in self.to_ring)

    @property
    def ends(self) -> bool:
        """Tell whether anything ends within a week."""
        return bool(self.running_out or self.boxes)

    @property
    def _waiting(self) -> list[bool]:
        lists = (self.due, self.to_ring, self.talks, self.times, self.called_off, self.failed, self.untaken, self.pairs)
        return [*(bool(each) for each in lists), self.ends]

    @property
    def empty(self) -> bool:
        """Tell whether nothing at all waits."""
        return not any(self._waiting)

    @property
    def calm(self) -> bool:
        """Tell whether there is anything of which nothing waits."""
        return not all(self._waiting)


def morning(viewer: Any) -> Morning:
    """Gather the morning, for who may see it; a referral not rung stands once, under those to ring."""
    soon, tonight = clock.today() + SOON, _tonight()
    to_ring = _to_ring(viewer)
    ringing = {each.thread for each in to_ring}
    due = intake.due(viewer, tonight, without=ringing, limit=MOST)
    return Morning(
        silent=not door.letters_are_opened(),
        due=due,
        to_ring=to_ring,
        talks=consents.talks(viewer),
        times=weeks.day(viewer, clock.today()),
        called_off=appointments.needs_time(viewer, MOST),
        failed=outbox.failed(viewer, ROWS),
        untaken=intake.untaken(viewer, tonight, without=ringing, limit=ROWS),
        pairs=consents.undecided(viewer, ROWS),
        running_out=consents.running_out(viewer, soon, ROWS),
        boxes=door.ending_soon(soon),
        more=MOST in (len(due), len(to_ring)),
    )


def place_names() -> dict[str, Any]:
    """Name the places by key, in a house that has more than one; where there is one, nobody asks."""
    listed = catalogue.places()
    return {place.key: place.name for place in listed} if len(listed) > 1 else {}


def _tonight() -> datetime:
    """Name the moment today is over."""
    return datetime.combine(clock.today() + timedelta(days=1), datetime.min.time(), clock.TZ)


def _to_ring(viewer: Any, *, mine: bool = False) -> list[ToRing]:
    """List the referrals nobody has rung, nearest hour first; all of them, or those one has taken."""
    listed = consents.unrung(viewer, mine=mine, limit=MOST)
    rows = intake.rows_of(each.thread for each in listed)
    return [ToRing(each.thread, each.number, rows.get(each.thread)) for each in listed]


@dataclass(frozen=True)
class Mine:
    """What waits for one person today besides their appointments."""

    due: list[intake.Line]
    to_ring: list[ToRing]
    duties: int
    #: The nicknames of the courses somebody stands in for today.
    tonight: list[str]
    #: Those in their courses who ought to be rung, since they did not come to their group.
    missed: list[groups.Missed]
    #: What families answered with their key about a seat, in the last days.
    answered: list[stands.Answered]
    #: Answers somebody should look at, with the day until when; what they say is not here.
    look_at: list[Any]
    #: The courses in which answers wait that close soon or have waited long; and how many courses there are in all.
    asked: list[asked.Waits]
    asked_in: int


def mine(viewer: Any) -> Mine:
    """Gather what waits for somebody today: letters to answer, referrals to ring, weighings to read."""
    answers = may(viewer, Permission.ANSWER)
    to_ring = _to_ring(viewer, mine=True) if answers else []
    ringing = {each.thread for each in to_ring}
    waits = outcomes.due(viewer)
    return Mine(
        due=intake.due(viewer, _tonight(), without=ringing, limit=MOST) if answers else [],
        to_ring=to_ring,
        duties=consents.unread_duties(viewer) if may(viewer, Permission.WEIGH_DUTY) else 0,
        tonight=[course.nickname for course in casework.tonight(viewer)],
        missed=groups.to_ring(viewer),
        answered=stands.answered(viewer),
        look_at=outcomes.to_look_at(viewer)[:ROWS],
        asked=asked.by_course(row for row in waits if asked.soon(row))[:FEW],
        asked_in=len(asked.by_course(waits)),
    )


@dataclass(frozen=True)
class Place:
    """A place, and how many working hours there are free of how many."""

    name: Any
    hours: rules.Share


@dataclass(frozen=True)
class Kept:
    """How the promises of some weeks were kept: letters answered in time, first talks within the goal and the limit."""

    weeks: int
    letters: rules.Share
    in_goal: rules.Share
    in_limit: rules.Share
    #: Families who went on without being offered a talk.
    never: int


@dataclass(frozen=True)
class Gauges:
    """The gauges, and what is counted below them."""

    counts: intake.Counts
    longest: timedelta | None
    talks: consents.TalksNow
    places: list[Place]
    kept: list[Kept]
    #: By how many weeks back the courses ended.
    measured: dict[int, rules.Share]
    #: Low answers nobody has looked at in their two working days.
    low: int
    goal_days: int
    limit_days: int
    sparring: list[tuple[Any, int]]
    channels: dict[str, int]

    @property
    def talks_promised(self) -> bool:
        """Tell whether there is anything to say of first talks."""
        return bool(self.goal_days or self.talks.waiting or any(each.in_goal.of or each.never for each in self.kept))


def gauges(viewer: Any) -> Gauges:
    """Read the gauges: who waits, which hours are free, which promises were kept. Of nobody in particular."""
    quarter, year = rules.quarter_weeks(clock.today()), rules.last_weeks(clock.today(), max(WEEKS))
    sparring, waiting, letters = intake.sparring(quarter), consents.talks_by_week(), intake.promises(year)
    return Gauges(
        counts=intake.counts(),
        longest=intake.longest_wait(),
        talks=_sum(waiting, list(waiting)),
        places=_places(),
        kept=[_kept(weeks, letters, waiting) for weeks in WEEKS],
        measured=_measured(viewer),
        low=outcomes.not_looked_at(viewer),
        goal_days=_days("first_talk"),
        limit_days=_days("first_talk_latest"),
        sparring=sorted(((PROFESSIONS.get(key, key), n) for key, n in sparring.items()), key=lambda each: -each[1]),
        channels=intake.by_channel(quarter),
    )


def _places() -> list[Place]:
    """List the house's places with their free hours, whole ones, those first that have hours at all."""
    free = appointments.free_hours()
    hour = timedelta(hours=1)
    found = []
    for place in catalogue.places():
        if place.key in free:
            left, of = free[place.key]
            found.append(Place(place.name, rules.Share(left // hour, of // hour)))
    return found


def _measured(viewer: Any) -> dict[int, rules.Share]:
    """Count who answered at both ends, of the courses that ended in the last weeks."""
    since = [clock.today() - timedelta(weeks=back) for back in ENDED]
    found = ends.at_both_ends(viewer, since)
    return {back: rules.Share(*counted) for back, counted in zip(ENDED, found, strict=True)}


def _kept(weeks: int, letters: dict[str, tuple[int, int]], waiting: dict[str, consents.TalksNow]) -> Kept:
    """Count the promises of the last weeks; who still waits past one counts as not kept."""
    named = rules.last_weeks(clock.today(), weeks)
    talks, late = consents.talk_counts(named), _sum(waiting, named)
    offered = talks["in_time"] + talks["late"] + talks["too_late"]
    return Kept(
        weeks=weeks,
        letters=rules.Share(sum(letters[week][0] for week in named), sum(letters[week][1] for week in named)),
        in_goal=rules.Share(talks["in_time"], offered + late.late),
        in_limit=rules.Share(talks["in_time"] + talks["late"], offered + late.too_late),
        never=talks["none"],
    )


def _sum(waiting: dict[str, consents.TalksNow], weeks: list[str]) -> consents.TalksNow:
    """Add up who waits for a first talk, of some weeks' referrals."""
    found = [waiting[week] for week in weeks if week in waiting]
    return consents.TalksNow(
        sum(each.waiting for each in found), sum(each.late for each in found), sum(each.too_late for each in found)
    )


def _days(what: str) -> int:
    """Tell how many days are promised for something, when it is so many whole days; else 0."""
    try:
        promise = catalogue.calendar(what=what).promise
    except catalogue.NotFurnished:
        return 0
    plain = promise.kind == promises.CLOCK_HOURS and not promise.pauses_when_closed
    return promise.hours // 24 if plain else 0
