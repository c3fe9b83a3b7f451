"""What a therapist could say about hours, promises and who an offer is for. Plain values in, plain values out.

Dates are half-open: a thing holds from `valid_from` and no longer on `valid_to`. Times of day are Danish wall-clock
time; lengths of time are real time, so an hour is an hour on the nights when the clocks change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

#: Further than this nobody looks for an open door; a house closed for longer has no promise to give.
HORIZON = timedelta(days=400)
#: Open without a break for longer than any weekend with holidays: nobody asks when it closes.
NEVER_CLOSES = timedelta(days=8)
#: The end of a day, as an opening hour may be written ("24:00").
MIDNIGHT = time.max

CLOCK_HOURS, NEXT_OPENING_DAY = KINDS = ("clock_hours", "next_opening_day")

# Words a house's file must choose among, because later rooms act on them.
DOORS = ("child", "young", "parent", "professional")
MEETING_MODES = ("house", "home", "phone", "video", "sparring")
PLACE_KINDS = ("house", "room", "phone")
#: What a course's period is counted from; today there is one way, and one kind of record.
REGIMES, COUNTED_FROM = ("course",), ("last_entry",)
#: Whose records have a law of their own: access.roles.Profession, which the door may not know of.
PROFESSIONS = (
    *("psychologist", "health_visitor", "midwife", "nurse"),
    *("family_therapist", "social_worker", "pedagogue", "other"),
)
#: The period that holds when nobody with a profession of their own has written.
DEFAULT = "default"
#: The lists of words staff choose from.
WORD_LISTS = ("problems", "substances", "elements", "tags")
#: How many seats a group has, as far as it is anybody's business; in an open café nobody has one.
PLACES = ("open", "free", "few", "waiting")
MOMENTS = ("start", "during", "end", "after")
PARTNER_KINDS = ("municipality", "region", "treatment", "school", "other")
WISHES = ("overdue", "placed", "weeks", "siblings", "parents", "kept", "few", "comfort")


def placement() -> dict[str, Any]:
    """Say how seats are proposed where the house's file says nothing of it."""
    return {"order": list(WISHES), "limit_weeks": 26, "fewest_meetings_left": 3}


class NeverOpen(Exception):
    """The calendar has no open day within a year, so no honest hour can be promised."""


class Dated(Protocol):
    """Anything that holds for a while."""

    @property
    def valid_from(self) -> date | None:
        """The first day; none means always until now."""

    @property
    def valid_to(self) -> date | None:
        """The first day it no longer holds; none means for good."""


Row = TypeVar("Row", bound=Dated)


def holds_on(row: Dated, day: date) -> bool:
    """Say whether a dated row holds on a day; no date means no limit."""
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day < row.valid_to)


def valid_on(rows: Iterable[Row], day: date) -> list[Row]:
    """Keep the rows that hold on a day."""
    return [row for row in rows if holds_on(row, day)]


def overlapping(rows: Sequence[Row]) -> tuple[Row, Row] | None:
    """Find the first two rows that hold on the same day, or nothing. Rows without a first day come first."""
    ordered = sorted(rows, key=lambda row: row.valid_from or date.min)
    for earlier, later in pairwise(ordered):
        if earlier.valid_to is None or (later.valid_from or date.min) < earlier.valid_to:
            return earlier, later
    return None


@dataclass(frozen=True)
class Opening:
    """One stretch of open hours on a weekday (Monday is 0), while it holds."""

    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Promised:
    """When we say we answer: in so many hours, or by a time on the next opening day."""

    kind: str
    hours: int = 24
    by: time = time(14)
    pauses_when_closed: bool = True


@dataclass(frozen=True)
class Calendar:
    """When the house is open, on which dates it is not, and what it promises."""

    openings: tuple[Opening, ...]
    promise: Promised = field(default_factory=lambda: Promised(NEXT_OPENING_DAY))
    closed: frozenset[date] = frozenset()
    tz: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Copenhagen"))

    def hours(self, day: date) -> list[tuple[time, time]]:
        """List the open hours of a day, earliest first; none when the house is closed."""
        if day in self.closed:
            return []
        rows = valid_on(self.openings, day)
        return sorted((row.opens, row.closes) for row in rows if row.weekday == day.weekday())

    def at(self, day: date, clock: time) -> datetime:
        """Name a moment by its Danish date and wall-clock time."""
        if clock == MIDNIGHT:
            day, clock = day + timedelta(days=1), time(0)
        return datetime.combine(day, clock, self.tz).astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        """Tell the Danish date of a moment."""
        return moment.astimezone(self.tz).date()

    def stretches(self, day: date) -> list[tuple[datetime, datetime]]:
        """List the open hours of a day as moments."""
        return [(self.at(day, opens), self.at(day, closes)) for opens, closes in self.hours(day)]

    def open_days(self, day: date) -> Iterable[date]:
        """Go through the open days from a day on, as far as the horizon."""
        for ahead in range(HORIZON.days):
            if self.hours(day + timedelta(days=ahead)):
                yield day + timedelta(days=ahead)


def answer_by(now: datetime, calendar: Calendar) -> datetime:
    """Say the hour by which we answer who writes now. Always later than now; a later letter never gets an earlier hour.

    *Next opening day*: by `by` o'clock on the first day whose doors open after the letter came; who writes at 02:10 on
    a Monday is answered that Monday, who writes while we are open is answered the day after. Where that day closes
    before `by` (a short Friday), or opens only after it, the hour is closing time.

    *Clock hours* that pause (`pauses_when_closed`): the clock runs round the clock on opening days and stands still on
    weekends, public holidays and closed days. Where it runs out at night, the promise is brought *back* to the last
    closing time, for that is when somebody could still answer. Clock hours that do not pause: exactly so many hours
    later, for a house that has somebody on duty every day.

    Hours are real hours: 24 of them are 23 or 25 on the wall when the clocks change. `by` is a time on the wall.
    """
    if calendar.promise.kind == NEXT_OPENING_DAY:
        return _next_opening_day(now, calendar)
    if calendar.promise.pauses_when_closed:
        return _paused_hours(now, calendar)
    return now.astimezone(UTC) + timedelta(hours=calendar.promise.hours)


def _next_opening_day(now: datetime, calendar: Calendar) -> datetime:
    for day in calendar.open_days(calendar.day_of(now)):
        hours = calendar.hours(day)
        opens, closes = calendar.at(day, hours[0][0]), calendar.at(day, hours[-1][1])
        if opens > now:
            by = calendar.at(day, calendar.promise.by)
            return by if opens < by <= closes else closes
    raise NeverOpen


def _paused_hours(now: datetime, calendar: Calendar) -> datetime:
    left = timedelta(hours=calendar.promise.hours)
    for day in calendar.open_days(calendar.day_of(now)):
        starts, ends = max(now, calendar.at(day, time(0))), calendar.at(day, MIDNIGHT)
        if left <= ends - starts:
            return _while_open(starts + left, now, calendar)
        left -= ends - starts
    raise NeverOpen


def _while_open(due: datetime, now: datetime, calendar: Calendar) -> datetime:
    """Bring an hour that falls outside opening hours back to the last closing time; never to before the letter came."""
    day = calendar.day_of(due)
    while day >= calendar.day_of(now):
        for opens, closes in reversed(calendar.stretches(day)):
            if opens < due and closes > now:
                return min(due, closes).astimezone(UTC)
        day -= timedelta(days=1)
    # Only where nobody is here between the letter and the hour (fewer than 24 hours, at night): the next closing time.
    for day in calendar.open_days(calendar.day_of(due)):
        if calendar.stretches(day)[-1][1] > due:
            return calendar.stretches(day)[-1][1]
    raise NeverOpen


@dataclass(frozen=True)
class Open:
    """Whether somebody is here, until when, and otherwise from when."""

    is_open: bool
    until: datetime | None = None
    opens_at: datetime | None = None


def open_now(now: datetime, calendar: Calendar) -> Open:
    """Say whether it is open at a moment. `until` is None for who never closes, `opens_at` for who never opens."""
    until = _open_until(now, calendar)
    if until is not None:
        return Open(True, until=until if until - now < NEVER_CLOSES else None)
    for day in calendar.open_days(calendar.day_of(now)):
        for opens, _closes in calendar.stretches(day):
            if opens > now:
                return Open(False, opens_at=opens)
    return Open(False)


def _open_until(now: datetime, calendar: Calendar) -> datetime | None:
    """Find when it closes, following hours that run on past midnight; None when it is closed."""
    until = None
    for ahead in range(NEVER_CLOSES.days + 2):
        before = until
        for opens, closes in calendar.stretches(calendar.day_of(now) + timedelta(days=ahead)):
            if opens <= (until or now) < closes:
                until = closes
        if until == before:
            return until
    return until


# ---- Whom an offer is for ----

#: The one who drinks or takes something is the child's ... ; step and bonus relations count like the others.
RELATIONS = ("parent", "step", "sibling", "grandparent")


@dataclass(frozen=True)
class OfferFacts:
    """What decides whether an offer fits. `None` or nothing means: no limit."""

    key: str
    age_from: int | None = None
    age_to: int | None = None
    siblings_to: int | None = None
    relations: tuple[str, ...] = ()
    past_counts: bool = False
    places: tuple[str, ...] = ()
    at_home: bool = False
    area: tuple[str, ...] = ()
    area_only: bool = False


@dataclass(frozen=True)
class Situation:
    """What somebody has told us so far. What is not told never counts against them."""

    age: int | None = None
    with_younger_sibling: bool = False
    relation: str | None = None
    in_the_past: bool = False
    place: str | None = None
    municipality: str | None = None


@dataclass(frozen=True)
class Reason:
    """One reason, for or against; `catalogue.words.sentence` says it in words."""

    key: str
    values: tuple[tuple[str, int | str | tuple[str, ...]], ...] = ()
    speaks_for: bool = True


@dataclass(frozen=True)
class Fit:
    """Whether an offer fits, and why: the reasons against first."""

    yes: bool
    reasons: tuple[Reason, ...]


def fits(offer: OfferFacts, situation: Situation) -> Fit:
    """Say whether an offer fits a situation, and why. An older sibling and past use are welcomes, not filters."""
    reasons = [
        *_age(offer, situation),
        *_place(offer, situation),
        *_relation(offer, situation),
        *_area(offer, situation),
    ]
    reasons.sort(key=lambda reason: reason.speaks_for)
    return Fit(all(reason.speaks_for for reason in reasons), tuple(reasons))


def _age(offer: OfferFacts, situation: Situation) -> list[Reason]:
    if offer.age_from is None and offer.age_to is None:
        return [Reason("any_age")] if situation.age is not None else []
    low, high = offer.age_from or 0, offer.age_to
    span = (("from", low), *((("to", high),) if high is not None else ()))
    welcome = []
    if offer.siblings_to is not None:
        welcome = [Reason("sibling_welcome", (("to", offer.siblings_to),))]
    if situation.age is None:
        return [Reason("ages", span), *welcome]
    if situation.age < low:
        return [Reason("too_young", span, speaks_for=False)]
    if high is not None and situation.age > high:
        if offer.siblings_to is not None and situation.age <= offer.siblings_to:
            key = "sibling_fits" if situation.with_younger_sibling else "sibling_may"
            return [Reason(key, (*span, ("siblings_to", offer.siblings_to)))]
        return [Reason("too_old", span, speaks_for=False)]
    return [Reason("age_fits", span), *welcome]


def _place(offer: OfferFacts, situation: Situation) -> list[Reason]:
    told = [Reason("at_home")] if offer.at_home else []
    if situation.place is None or not offer.places:
        return told
    if situation.place in offer.places:
        return [Reason("place_fits", (("place", situation.place),)), *told]
    return told or [Reason("place_other", (("places", offer.places),), speaks_for=False)]


def _relation(offer: OfferFacts, situation: Situation) -> list[Reason]:
    told = []
    if situation.relation is not None and offer.relations:
        known = situation.relation in offer.relations
        told.append(Reason(f"relation_{situation.relation}" if known else "relation_other", (), speaks_for=known))
    if offer.past_counts and (situation.in_the_past or situation.relation is not None):
        told.append(Reason("past_counts"))
    return told


def _area(offer: OfferFacts, situation: Situation) -> list[Reason]:
    if situation.municipality is None or not offer.area:
        return []
    if situation.municipality in offer.area:
        return [Reason("area_fits")]
    return (
        [Reason("area_other", (("area", offer.area),), speaks_for=False)] if offer.area_only else [Reason("area_any")]
    )


def misses(situation: Situation, weeks: str, group: Any) -> list[str]:
    """Name what keeps a group from suiting: age, place, weeks; older siblings and past use are welcomes, no filters."""
    young = 12 * (situation.age or 0)
    old = group.months_to and max(group.months_to, group.siblings_to or 0)
    told = {
        "age": situation.age is not None and not (young + 12 > group.months_from and (old is None or young < old)),
        "place": situation.place not in (None, group.place),
        "weeks": bool(weeks) and group.weeks not in (weeks, "every", ""),
    }
    return [name for name, missed in told.items() if missed]


# ---- Whether colours can be read ----

#: The colours a house may wear; each becomes the custom property of that name in the stylesheet.
COLOURS = (
    *("paper", "window", "wash", "ink", "soft", "line", "edge", "action", "on-action"),
    *("lamp", "amber", "brick", "leaf"),
)
#: Which colour is read on which, and the contrast it needs: 7 for words, 3 for the edge of a field.
READ_ON = (
    ("ink", "paper", 7.0),
    ("ink", "window", 7.0),
    ("ink", "wash", 7.0),
    ("soft", "paper", 7.0),
    ("action", "paper", 7.0),
    ("on-action", "action", 7.0),
    ("amber", "paper", 7.0),
    ("brick", "paper", 7.0),
    ("edge", "paper", 3.0),
)


def contrast(one: str, other: str) -> float:
    """Work out how well one colour is read on another, from 1 (not at all) to 21, as WCAG does."""

    def light(colour: str) -> float:
        parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def too_pale(named: dict[str, str]) -> dict[str, object] | None:
    """Find the first pair of colours that weak eyes could not read."""
    for one, other, needs in READ_ON:
        has = contrast(named[one], named[other])
        if has < needs:
            return {"one": one, "other": other, "has": f"{has:.1f}", "needs": needs}
    return None
