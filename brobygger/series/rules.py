"""A group's series, as a rule (RFC 5545) and as dates: the two say the same. Plain values, no Django.

The rule has neither COUNT nor UNTIL: how long it runs is the group's own. Hours are wall-clock time in Denmark. What
"every fourteen days" does to even and odd weeks when a year has 53 of them is said by `parity`, not smoothed over.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Event, vRecur

TZ = ZoneInfo("Europe/Copenhagen")
WEEK = timedelta(weeks=1)
#: A moved meeting comes at most so much later; closed days are looked up so far beyond the last one wanted.
BEYOND = timedelta(weeks=12)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: What a group's rule may say; hours and minutes are the group's own, and so is its end.
_PARTS = {"FREQ", "INTERVAL", "BYDAY", "WKST", "BYSETPOS", "BYMONTHDAY"}
_OFTEN = {"WEEKLY", "MONTHLY"}
#: A rule is one line of this; another line would be read as dates of its own.
_WRITTEN = re.compile(r"[A-Z0-9=;,-]+")


class BadRule(Exception):
    """Not a rule a group can meet by, or one that does not meet on its first day."""


class NotThatDay(Exception):
    """The house is closed on that day, or no group meets in that week."""

    def __init__(self, day: date) -> None:
        """Keep which day."""
        self.day = day
        super().__init__(str(day))


class NotSound(Exception):
    """What was said cannot be a group; `field` names what is wrong with it."""

    def __init__(self, field: str) -> None:
        """Keep which field."""
        self.field = field
        super().__init__(field)


@dataclass(frozen=True)
class Planned:
    """One meeting: its number, the day the rule gave it, and the day it is held, a week later where that is closed."""

    number: int
    planned_on: date
    on: date


@dataclass(frozen=True)
class Plan:
    """What a group's dates are made of: the rule from its first day, and what becomes of a closed day."""

    rule: str
    first: date
    week_later: bool = False
    wanted: int | None = None
    last: date | None = None


@dataclass(frozen=True)
class Held:
    """One dated meeting as a calendar shows it."""

    ident: str
    planned_on: date
    starts_at: datetime
    ends_at: datetime
    where: str = ""
    cancelled: bool = False


def every(weeks: int, first: date) -> str:
    """Write the rule of a group that meets every so many weeks on the weekday of its first day."""
    often = f"INTERVAL={weeks};" if weeks > 1 else ""
    return f"FREQ=WEEKLY;{often}BYDAY={DAYS[first.weekday()]};WKST=MO"


def weeks_between(rule: str) -> int | None:
    """Read how many weeks there are between two meetings; None for a rule that goes by the month."""
    parts = _parts(rule)
    return int(parts.get("INTERVAL", "1")) if parts["FREQ"] == "WEEKLY" else None


def _parts(rule: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in rule.upper().split(";") if part]
    return {name: value for name, _equals, value in pairs}


def check(rule: str, first: date) -> None:
    """Raise `BadRule` unless a group can meet by this rule from this day on."""
    if _first(rule, first) != first:
        raise BadRule(rule)


def is_rule(rule: str, first: date) -> bool:
    """Tell whether this is a rule that meets at all, from a day on."""
    return _first(rule, first) is not None


def _first(rule: str, day: date) -> date | None:
    """Find the first day of a rule from a day on; none for what is no rule, or never meets."""
    parts = _parts(rule) if _WRITTEN.fullmatch(rule) else {}
    # Every nought weeks is for ever the same day.
    often = parts.get("INTERVAL", "1")
    if parts.get("FREQ") not in _OFTEN or parts.keys() - _PARTS or not often.isdigit() or not 1 <= int(often) <= 52:
        return None
    try:
        return next(days(rule, day), None)
    except (ValueError, TypeError, KeyError):
        return None


def days(rule: str, first: date) -> Iterator[date]:
    """Give the days of a rule without end, the first one included, whatever is closed."""
    return (moment.date() for moment in rrulestr(rule, dtstart=datetime.combine(first, time())))


def dated(plan: Plan, *, closed: Container[date], until: date) -> list[Planned]:
    """Give a plan's meetings whose day by the rule is not after `until`, numbered from 1.

    A meeting on a closed day is left out, or held a week later, and a week later again while that is closed too: but
    always before the next day of the rule, else it is left out. One that is left out takes no number, so a group of so
    many meetings gets them all. Nothing is held after the plan's last day.
    """
    found: list[Planned] = []
    for day, following in pairwise(days(plan.rule, plan.first)):
        if day > until or (plan.last and day > plan.last) or len(found) == plan.wanted:
            break
        on = _held_on(day, following, plan, closed)
        if on:
            found.append(Planned(len(found) + 1, day, on))
    return found


def _held_on(day: date, following: date, plan: Plan, closed: Container[date]) -> date | None:
    on = day
    while on in closed and plan.week_later:
        on += WEEK
    late = on != day and (on >= following or (plan.last is not None and on > plan.last))
    return None if late or on in closed else on


@dataclass(frozen=True)
class Parity:
    """In which weeks a group meets: "even", "odd", "every" week, or "" where only the dates say it.

    `turns_on` is the first meeting in the other kind of weeks: a year of 53 weeks turns every fourteen days around.
    """

    weeks: str
    turns_on: date | None = None


def parity(dates: Iterable[date]) -> Parity:
    """Say in which weeks some dates lie, by the days the rule gave."""
    listed = sorted(dates)
    if len(listed) > 1 and min(later - earlier for earlier, later in pairwise(listed)) <= WEEK:
        regular = len({each.weekday() for each in listed}) == 1
        return Parity("every" if regular else "")
    turns = [later for earlier, later in pairwise(listed) if _odd(earlier) != _odd(later)]
    within_a_year = any(_odd(one) != _odd(other) and _year(one) == _year(other) for one, other in pairwise(listed))
    if not listed or within_a_year:
        return Parity("")
    return Parity("odd" if _odd(listed[0]) else "even", turns[0] if turns else None)


def before_the_turn(dates: Iterable[date]) -> list[date]:
    """Keep the dates before a year of 53 weeks turns even and odd around: families turn around then as well."""
    listed = sorted(dates)
    turns_on = parity(listed).turns_on
    return [each for each in listed if turns_on is None or each < turns_on]


def _odd(day: date) -> bool:
    return bool(day.isocalendar().week % 2)


def _year(day: date) -> int:
    return day.isocalendar().year


def moment(day: date, at: time) -> datetime:
    """Turn a day and an hour on the wall clock into a moment."""
    return datetime.combine(day, at, TZ).astimezone(UTC)


def unsound(group: Any, *, rooms: int, dated: bool) -> str:
    """Name the field that makes a group impossible; "" when it is sound. `rooms` is how many its place has."""
    first = _first(group.rule, group.starts_on) if group.rule else None
    wrong = {
        "name": not group.name.strip(),
        "place": not rooms,
        "room": not 1 <= group.room <= rooms,
        "ends": group.ends <= group.begins,
        "months_to": group.months_to <= group.months_from,
        "siblings_to": bool(group.siblings_to and group.siblings_to < group.months_to),
        "seats": group.seats < 1,
        "newcomers": group.newcomers < 1,
        "leaders_at_once": group.leaders_at_once < 1,
        "ends_on": bool(group.ends_on and group.ends_on < group.starts_on),
        "meetings_wanted": group.meetings_wanted is not None and group.meetings_wanted < 1,
        "skips_weeks": any(type(week) is not int or not 1 <= week <= 53 for week in group.skips_weeks),
        "beside": bool(group.beside and (group.beside.beside_id or group.beside_id == group.pk)),
        "rule": not (group.rule or group.beside or dated) or bool(group.rule and not first),
        "starts_on": first not in (None, group.starts_on),
    }
    return next((name for name, is_wrong in wrong.items() if is_wrong), "")


# ---- The rule as a calendar reads it ----


def events(
    plan: Plan, begins: time, ends: time, meetings: Sequence[Held], *, uid: str, sequence: int, words: dict[str, Any]
) -> list[Event]:
    """Write a group's meetings as a calendar keeps them: the rule with its exceptions, and what stands outside it.

    Read back by anybody's calendar they are exactly the meetings that are not cancelled. `uid` is a pattern with one
    place for an id ("{}@..."), `words` what every event says (summary, description).
    """
    standing = {each.planned_on: each for each in meetings if not each.cancelled}
    ruled = _ruled(plan, standing)
    series = [] if not ruled else _series(plan, begins, ends, ruled, standing, sequence, words, uid)
    alone = [each for day, each in sorted(standing.items()) if day not in set(ruled)]
    return series + [_event(each, uid.format(each.ident), sequence, words) for each in alone]


def _ruled(plan: Plan, standing: dict[date, Held]) -> list[date]:
    """List the days of the rule from its first to the last one that has a meeting."""
    if not plan.rule or not standing or max(standing) < plan.first:
        return []
    found = []
    for day in days(plan.rule, plan.first):
        if day > max(standing):
            break
        found.append(day)
    return found


def _series(
    plan: Plan, begins: time, ends: time, ruled: list[date], standing: dict[date, Held],
    sequence: int, words: dict[str, Any], uid: str,
) -> list[Event]:  # fmt: skip
    """Write one event that recurs, and one for each meeting that is held at another time or elsewhere."""
    name = uid.format("series")
    first = datetime.combine(ruled[0], begins, TZ)
    usual = {day: (datetime.combine(day, begins, TZ), datetime.combine(day, ends, TZ)) for day in ruled}
    where = _most([standing[day].where for day in ruled if day in standing])
    rule = vRecur.from_ical(plan.rule)
    rule["UNTIL"] = [usual[ruled[-1]][0].astimezone(UTC)]
    head = _event(Held("", ruled[0], first, usual[ruled[0]][1], where), name, sequence, words)
    head.add("rrule", rule)
    left_out = [usual[day][0] for day in ruled if day not in standing]
    if left_out:
        head.add("exdate", left_out)
    found = [head]
    for day in ruled:
        held = standing.get(day)
        if held and ((held.starts_at, held.ends_at) != usual[day] or held.where != where):
            moved = _event(held, name, sequence, words)
            moved.add("recurrence-id", usual[day][0])
            found.append(moved)
    return found


def _most(values: list[str]) -> str:
    return max(sorted(set(values)), key=values.count) if values else ""


def _event(held: Held, uid: str, sequence: int, words: dict[str, Any]) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstart", held.starts_at.astimezone(TZ))
    event.add("dtend", held.ends_at.astimezone(TZ))
    if held.where:
        event.add("location", held.where)
    for name, value in words.items():
        event.add(name, value)
    return event
