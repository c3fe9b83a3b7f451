"""Rules of times over plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from brobygger.outbox.rules import PARTS_OF_DAY

TZ = ZoneInfo("Europe/Copenhagen")
#: How long a meeting takes, by where it is held.
LENGTH = {
    "house": timedelta(minutes=60),
    "home": timedelta(minutes=90),
    "phone": timedelta(minutes=30),
    "video": timedelta(minutes=45),
    # Advice for a professional, on the phone.
    "sparring": timedelta(minutes=10),
}
#: Time on the road before and after a visit at home.
ROAD = timedelta(minutes=30)
#: Nobody is offered a time sooner than this: a family has to see the answer first.
NOTICE = timedelta(hours=3)


@dataclass(frozen=True)
class Hours:
    """One stretch of working hours on one weekday (0 is Monday) at one place, local time."""

    weekday: int
    opens: time
    closes: time
    place: str


@dataclass(frozen=True)
class Free:
    """A time when somebody can meet, and so one may offer."""

    starts_at: datetime
    ends_at: datetime
    place: str

    @property
    def value(self) -> str:
        """The time as a form sends it: start, end and place."""
        return f"{self.starts_at.isoformat()}|{self.ends_at.isoformat()}|{self.place}"


@dataclass(frozen=True)
class Wanted:
    """A room and some people's time that a thing takes for a while; `of` is its id."""

    of: Any
    workers: tuple[Any, ...]
    place: str
    room: int | None
    starts_at: datetime
    ends_at: datetime


def span(where: str, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """Widen a visit at home by the road there and back; other meetings take the time they take."""
    return (starts_at - ROAD, ends_at + ROAD) if where == "home" else (starts_at, ends_at)


def clashes(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    """Tell whether two stretches of time share a moment; touching ends do not."""
    return one[0] < other[1] and other[0] < one[1]


def free_times(
    *,
    hours: Iterable[Hours],
    busy: Iterable[tuple[datetime, datetime]],
    closed: Iterable[date],
    now: datetime,
    where: str,
    when: str = "any",
    days: int = 14,
) -> list[Free]:
    """Find every free hour and half hour within working hours in the coming days, earliest first.

    `busy` are stretches already taken by the same person, the road included. Wall-clock hours in Denmark: a day of 23
    or 25 hours changes nothing for 9 o'clock.
    """
    taken, shut, listed = sorted(busy), set(closed), list(hours)
    found = []
    for day in (now.astimezone(TZ).date() + timedelta(days=ahead) for ahead in range(days + 1)):
        if day in shut:
            continue
        for each in (one for one in listed if one.weekday == day.weekday()):
            for starts_at in _starts(day, each, where):
                ends_at = starts_at + LENGTH[where]
                wide = span(where, starts_at, ends_at)
                if starts_at < now + NOTICE or not suits(starts_at, when):
                    continue
                if not any(clashes(wide, other) for other in taken):
                    found.append(Free(starts_at, ends_at, each.place))
    return sorted(found, key=lambda free: free.starts_at)


def _starts(day: date, hours: Hours, where: str) -> list[datetime]:
    """List the whole and half hours when a meeting could start inside one stretch of working hours, in UTC."""
    opens = datetime.combine(day, hours.opens, TZ).astimezone(UTC)
    closes = datetime.combine(day, hours.closes, TZ).astimezone(UTC)
    starts, step = [], timedelta(minutes=30)
    at = opens
    while span(where, at, at + LENGTH[where])[1] <= closes:
        if span(where, at, at)[0] >= opens:
            starts.append(at)
        at += step
    return starts


def suits(starts_at: datetime, when: str) -> bool:
    """Tell whether a time lies in the part of the day a family asked for; "any" always does."""
    if when not in PARTS_OF_DAY:
        return True
    first, last = PARTS_OF_DAY[when]
    return first <= starts_at.astimezone(TZ).time() < last


def spread(times: list[Free], count: int = 3) -> list[Free]:
    """Choose a few times on different days, so that one bad day does not rule them all out; earliest first."""
    chosen: list[Free] = []
    for free in times:
        if all(free.starts_at.astimezone(TZ).date() != other.starts_at.astimezone(TZ).date() for other in chosen):
            chosen.append(free)
        if len(chosen) == count:
            return chosen
    rest = [free for free in times if free not in chosen]
    for free in rest:
        if len(chosen) == count:
            break
        if all(abs(free.starts_at - other.starts_at) >= timedelta(hours=1) for other in chosen):
            chosen.append(free)
    return sorted(chosen, key=lambda free: free.starts_at)


def near(times: list[Free], count: int = 3) -> list[Free]:
    """Choose the next few times, an hour apart: who asks for advice has a child before them today."""
    chosen: list[Free] = []
    for free in times:
        if len(chosen) < count and all(abs(free.starts_at - other.starts_at) >= timedelta(hours=1) for other in chosen):
            chosen.append(free)
    return chosen


def first_free_room(rooms: int, taken: Iterable[int]) -> int | None:
    """Choose the lowest free room in a house with so many; None when all are taken."""
    busy = set(taken)
    return next((room for room in range(1, rooms + 1) if room not in busy), None)


def hours_left(
    *,
    hours: Iterable[Hours],
    busy: Iterable[tuple[datetime, datetime]],
    closed: Iterable[date],
    now: datetime,
    days: int,
) -> dict[str, tuple[timedelta, timedelta]]:
    """Sum one person's working hours from now on, today and the days after, by place: what nobody has taken, and all.

    `busy` are stretches already taken by the same person, the road included.
    """
    taken, shut, listed = sorted(busy), set(closed), list(hours)
    found: dict[str, tuple[timedelta, timedelta]] = {}
    for day in (now.astimezone(TZ).date() + timedelta(days=ahead) for ahead in range(days)):
        for each in (one for one in listed if one.weekday == day.weekday() and day not in shut):
            opens = max(now, datetime.combine(day, each.opens, TZ).astimezone(UTC))
            closes = max(opens, datetime.combine(day, each.closes, TZ).astimezone(UTC))
            left, of = found.get(each.place, (timedelta(0), timedelta(0)))
            found[each.place] = (left + _untaken((opens, closes), taken), of + closes - opens)
    return found


def _untaken(stretch: tuple[datetime, datetime], taken: list[tuple[datetime, datetime]]) -> timedelta:
    """Tell how much of a stretch is left by others, which may lie over each other; they come in order."""
    at, left = stretch[0], timedelta(0)
    for first, last in taken:
        left += max(timedelta(0), min(first, stretch[1]) - at)
        at = max(at, min(last, stretch[1]))
    return left + stretch[1] - at
