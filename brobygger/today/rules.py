"""Rules of the day over plain values: what is said of a count, which weeks it is about, which openings are unusual."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

#: Of fewer than this nothing is said in percent: one more or less would swing it by more than ten.
FEWEST = 10


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    n: int
    of: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent, none of a few; 100 only when it is all of them, 0 only when it is none."""
        if self.of < FEWEST:
            return None
        if self.n in (0, self.of):
            return 100 * self.n // self.of
        return max(1, min(99, round(100 * self.n / self.of)))


def week(day: date) -> str:
    """Name the week of a day: 2026-W47."""
    year, number, _day = day.isocalendar()
    return f"{year:04}-W{number:02}"


def last_weeks(today: date, count: int) -> list[str]:
    """Name the last weeks, this one included, newest first."""
    return [week(today - timedelta(weeks=back)) for back in range(count)]


def quarter_weeks(today: date) -> list[str]:
    """Name the weeks that began in this quarter, and the one it began in."""
    first = date(today.year, today.month - (today.month - 1) % 3, 1)
    return list(dict.fromkeys(week(first + timedelta(days=ahead)) for ahead in range((today - first).days + 1)))


# ---- Unusual openings: said in sentences, so that people talk; never a score of anybody ----

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """From when an opening is unusual. A house may set its own."""

    #: So many courses within an hour, in any house; and so many times what somebody usually opens.
    courses: int = 8
    searches: int = 10
    times_usual: int = 3
    #: Night is from this hour to that.
    night_from: int = 22
    night_to: int = 6
    #: So long after one's course ended, one has no more to finish in it.
    after_days: int = 14


@dataclass(frozen=True)
class Deed:
    """That somebody opened something, or looked for somebody: who, when, which course. In the house's own time."""

    by: str
    at: datetime
    #: "open", "glass" or "search".
    kind: str
    course: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Held:
    """That somebody had a course, from a day until (not including) a day."""

    by: str
    course: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Alarm:
    """One unusual thing somebody should be asked about: what, who, when, how many, and what is usual for them."""

    kind: str
    by: str
    at: datetime
    until: datetime
    n: int = 1
    usual: int = 0
    course: str = ""
    reason: str = ""

    @property
    def mark(self) -> str:
        """Name it, so that it can be said to be talked about; what comes later has another name."""
        told = f"{self.kind}|{self.by}|{self.course}|{self.at.isoformat()}|{self.n}"
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def alarms(deeds: Iterable[Deed], held: Iterable[Held], *, since: datetime, limits: Limits) -> list[Alarm]:
    """Find what is unusual from a moment on, newest first; what lies before tells what is usual for each."""
    listed = sorted(deeds, key=lambda deed: deed.at)
    mine: dict[str, list[Deed]] = {}
    for deed in listed:
        mine.setdefault(deed.by, []).append(deed)
    assigned: dict[tuple[str, str], list[Held]] = {}
    for one in held:
        assigned.setdefault((one.by, one.course), []).append(one)
    found: list[Alarm] = []
    for theirs in mine.values():
        opened = [deed for deed in theirs if deed.kind == "open"]
        searched = [deed for deed in theirs if deed.kind == "search"]
        found += _busy("many", opened, limits.courses, since, limits)
        found += _busy("searches", searched, limits.searches, since, limits)
        found += _nights([deed for deed in opened if deed.at >= since], limits)
        found += _after([deed for deed in opened if deed.at >= since], assigned, limits)
    found += [
        Alarm("glass", deed.by, deed.at, deed.at, course=deed.course, reason=deed.reason)
        for deed in listed
        if deed.kind == "glass" and deed.at >= since
    ]
    return sorted(found, key=lambda alarm: alarm.at, reverse=True)


def _busiest(deeds: list[Deed]) -> dict[date, tuple[int, datetime, datetime]]:
    """Tell each day's busiest hour: how many courses (or searches), and its first and last moment."""
    days: dict[date, tuple[int, datetime, datetime]] = {}
    begin = 0
    counted: dict[str, int] = {}
    for at, deed in enumerate(deeds):
        what = deed.course or str(at)
        counted[what] = counted.get(what, 0) + 1
        while deed.at - deeds[begin].at >= HOUR:
            first = deeds[begin].course or str(begin)
            counted[first] -= 1
            if not counted[first]:
                del counted[first]
            begin += 1
        day = deeds[begin].at.date()
        if len(counted) > days.get(day, (0,))[0]:
            days[day] = (len(counted), deeds[begin].at, deed.at)
    return days


def usual(counts: Iterable[int]) -> int:
    """Tell what is usual: the middle of the days on which there was anything; 0 when there were none."""
    ordered = sorted(counts)
    return ordered[len(ordered) // 2] if ordered else 0


def _busy(kind: str, deeds: list[Deed], fewest: int, since: datetime, limits: Limits) -> list[Alarm]:
    """Find the days with an hour far beyond what is usual for somebody, and beyond the house's own floor."""
    days = _busiest(deeds)
    before = usual(n for n, first, _last in days.values() if first < since)
    return [
        Alarm(kind, deeds[0].by, first, last, n, before)
        for n, first, last in days.values()
        if last >= since and n >= max(fewest, limits.times_usual * before)
    ]


def _nights(opened: list[Deed], limits: Limits) -> list[Alarm]:
    """Find the nights in which somebody opened courses; a night is one, though the date turns in it."""
    nights: dict[date, list[Deed]] = {}
    for deed in opened:
        if deed.at.hour >= limits.night_from or deed.at.hour < limits.night_to:
            nights.setdefault((deed.at - timedelta(hours=limits.night_to)).date(), []).append(deed)
    return [
        Alarm("night", theirs[0].by, theirs[0].at, theirs[-1].at, len({deed.course for deed in theirs}))
        for theirs in nights.values()
    ]


def _after(opened: list[Deed], assigned: dict[tuple[str, str], list[Held]], limits: Limits) -> list[Alarm]:
    """Find the courses somebody opened long after they last had them."""
    found: dict[tuple[str, date], Alarm] = {}
    for deed in opened:
        theirs = assigned.get((deed.by, deed.course), [])
        day = deed.at.date()
        if not theirs or any(one.since <= day and (one.until is None or day < one.until) for one in theirs):
            continue
        ended = [one.until for one in theirs if one.until is not None and one.until <= day]
        if ended and day - max(ended) >= timedelta(days=limits.after_days):
            told = Alarm("after", deed.by, deed.at, deed.at, (day - max(ended)).days, course=deed.course)
            found.setdefault((deed.course, day), told)
    return list(found.values())


# ---- A day as it is typed ----


def typed_day(text: str, today: date) -> date | None:
    """Read a day as people type it: 2026-11-22, 22.11.2026, 22/11-26; without a year, the last such day there was."""
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    try:
        if len(numbers) == 3:
            year, month, day = numbers if numbers[0] > 31 else reversed(numbers)
            return date(year + 2000 if year < 100 else year, month, day)
        if len(numbers) == 2:
            found = date(today.year, numbers[1], numbers[0])
            return found if found <= today else found.replace(year=today.year - 1)
    except (ValueError, OverflowError):
        return None
    return None
