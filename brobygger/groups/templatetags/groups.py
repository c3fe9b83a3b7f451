"""How a group is said: its rhythm, its weeks, its ages, in words. The form chooses from the same words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import holidays
from babel.dates import get_day_names
from babel.lists import format_list
from django import template
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.templatetags.house import in_language, said, say_day
from brobygger.groups import queries
from brobygger.groups.models import Group, Meeting
from brobygger.series import rules as series

register = template.Library()

#: How often. A fortnight is counted from its first week; a year of 53 weeks turns even into odd, and the dates say so.
RHYTHMS = {
    "week": _("Every week"),
    "even": _("Every 14 days, from a week with an even number"),
    "odd": _("Every 14 days, from a week with an odd number"),
    "month": _("Once a month, on the same weekday of the month"),
    "dates": _("On days we choose, one by one"),
    "kept": _("As it is now"),
}
KINDS = {
    "child": _("Children or young people"),
    "pair": _("A grown-up and a baby, who share one seat"),
    "parent": _("Grown-ups"),
    "cafe": _("Open to whoever comes; nobody has a seat"),
}
LENGTHS = {
    "on": _("It goes on"),
    "number": _("A number of times"),
    "until": _("Until a day"),
}
INTAKES = {
    "rolling": _("Somebody new may begin at any meeting, when there is a seat"),
    "fixed": _("Everybody begins at the first meeting"),
}
WHEN_CLOSED = {
    "skip": _("It is left out, and the next one is held as planned"),
    "week_later": _("It is held a week later"),
}
#: Grown-ups, in months: a group of theirs needs no ages.
GROWN_UP = (0, 1200)

#: What is spoken at home in the families of a Danish house, beside Danish, as ISO 639 writes it.
SPOKEN = (
    *("ar", "bg", "bs", "de", "en", "es", "fa", "fil", "fo", "fr", "is", "it", "kl", "ku", "lt", "nb", "nl", "pl"),
    *("ps", "pt", "ro", "ru", "so", "sq", "sv", "ta", "th", "ti", "tr", "uk", "ur", "vi", "zh"),
)

WEEKS = {"even": _("even weeks"), "odd": _("odd weeks"), "every": _("every week")}
#: How far the planner looks.
HALF_A_YEAR = 26


def _locale() -> str:
    return (get_language() or "da").replace("-", "_")


def weekdays() -> list[str]:
    """Name the days of the week, Monday first."""
    return [name.capitalize() for _number, name in sorted(get_day_names("wide", locale=_locale()).items())]


def languages() -> list[tuple[str, str]]:
    """List what may be spoken, Danish first and the others by name."""
    return [("", gettext("Danish")), *sorted(((each, in_language(each)) for each in SPOKEN), key=lambda row: row[1])]


@register.filter
def weekday(group: Group) -> str:
    """Name the day of the week a group meets on."""
    return weekdays()[group.starts_on.weekday()]


@register.filter
def hours(group: Group) -> str:
    """Say from when to when: "10.00–12.30"."""
    mark = "." if (get_language() or "da").startswith("da") else ":"
    return "–".join(f"{each.hour}{mark}{each.minute:02d}" for each in (group.begins, group.ends))


@register.filter
def in_weeks(parity: series.Parity) -> str:
    """Say in which weeks a group meets: "even weeks"; and from when in the others: 53 weeks turn them."""
    if parity.weeks not in WEEKS:
        return ""
    if parity.turns_on is None:
        return str(WEEKS[parity.weeks])
    other = WEEKS["odd" if parity.weeks == "even" else "even"]
    day = say_day(parity.turns_on)
    return gettext("%(weeks)s; from %(day)s %(other)s") % {"weeks": WEEKS[parity.weeks], "other": other, "day": day}


@register.filter
def weeks_now(parity: series.Parity) -> Any:
    """Say in which weeks a group meets until the year turns them, if it does: "even weeks"."""
    return WEEKS.get(parity.weeks, "")


@register.filter
def for_whom(group: Group) -> str:
    """Say whom a group is for: "6–8 years", "0–12 months", "grown-ups"; and the language, where it is not Danish."""
    return f"{_ages(group)} · {in_language(group.language)}" if group.language else _ages(group)


def _ages(group: Group) -> str:
    if group.kind == "parent":
        return gettext("grown-ups")
    if (group.months_from, group.months_to) == GROWN_UP:
        return gettext("everybody")
    size = 12 if _in_years(group) else 1
    ages = f"{group.months_from // size}–{group.months_to // size - 1}"
    return (gettext("%(ages)s years") if size == 12 else gettext("%(ages)s months")) % {"ages": ages}


def _in_years(group: Group) -> bool:
    return not group.months_from % 12 and not group.months_to % 12 and group.months_to > 24


@register.filter
def at_place(key: str) -> str:
    """Name a place by its key."""
    return next((said(row.name) for row in catalogue.places() if row.key == key), key)


def by_place(rows: Iterable[queries.Listed]) -> list[queries.Listed]:
    """Put groups in the order of the house's places, then of the week and the clock."""
    order = {row.key: nth for nth, row in enumerate(catalogue.places())}
    return sorted(rows, key=lambda each: _in_order(each.group, order.get(each.group.place, len(order))))


def _in_order(group: Group, place: int) -> tuple[Any, ...]:
    return (
        place,
        group.place,
        not group.rule and not group.beside_id,
        group.starts_on.weekday(),
        group.begins,
        group.name,
    )


@register.filter
def where(row: Group | Meeting) -> str:
    """Name the place and the room of a group, or of one of its meetings."""
    rooms = next((place.rooms for place in catalogue.places() if place.key == row.place), 1)
    if rooms == 1:
        return at_place(row.place)
    return gettext("%(place)s, room %(number)s") % {"place": at_place(row.place), "number": row.room}


@register.filter
def names(users: Iterable[Any]) -> str:
    """List people who work here by their first names: "Alma, Bo and Lone"."""
    return format_list([each.first_name for each in users], locale=_locale())


@register.filter
def siblings(group: Group) -> int:
    """Tell up to and including which age older brothers and sisters are welcome."""
    return (group.siblings_to or 12) // 12 - 1


@register.filter
def week_of(meeting: Meeting) -> int:
    """Tell the ISO number of a meeting's week."""
    return clock.local(meeting.starts_at).isocalendar().week


@register.filter
def moved(meeting: Meeting) -> bool:
    """Tell whether a meeting is held on another day or hour than its rule gave it."""
    start, usual = clock.local(meeting.starts_at), meeting.group.begins
    return (start.date(), start.time()) != (meeting.planned_on, usual)


@register.filter
def to_come(meeting: Meeting) -> bool:
    """Tell whether a meeting has not begun yet."""
    return meeting.starts_at > clock.now()


@register.filter
def has_its_day(meeting: Meeting) -> bool:
    """Tell whether the day of a meeting has come, so that its evening can be told of."""
    return clock.local(meeting.starts_at).date() <= clock.today()


# ---- A group, back as somebody types it ----


def as_typed(group: Group) -> dict[str, Any]:
    """Turn a group back into what somebody typed."""
    names = (
        *("offer", "name", "kind", "begins", "ends", "starts_on", "meetings_wanted", "ends_on", "when_closed"),
        *("skips_weeks", "seats", "smallest", "intake", "newcomers", "talks_before", "beside_numbers"),
        *("leaders_at_once", "language", "public"),
    )
    months = 12 if _in_years(group) else 1
    ages: tuple[int | None, int | None] = (group.months_from // months, group.months_to // months - 1)
    if (group.months_from, group.months_to) == GROWN_UP:
        ages = (None, None)
    return {
        **{name: getattr(group, name) for name in names},
        **{"where": f"{group.place}:{group.room}", "weekday": str(group.starts_on.weekday()), "rhythm": _rhythm(group)},
        **{"age_unit": "years" if months == 12 else "months", "age_from": ages[0], "age_to": ages[1]},
        "length": "number" if group.meetings_wanted else "until" if group.ends_on else "on",
        "siblings_to": None if group.siblings_to is None else group.siblings_to // 12 - 1,
        "beside": str(group.beside_id or ""),
        "seen": group.sequence,
        "dates": [] if group.rule else [clock.local(each.starts_at).date() for each in _standing(group)],
    }


def _standing(group: Group) -> list[Meeting]:
    return [each for each in queries.meetings(group) if each.state == Meeting.State.PLANNED]


def _rhythm(group: Group) -> str:
    """Name the rhythm a rule stands for; a group without one meets on chosen days, or beside another."""
    if not group.rule:
        return "dates"
    weeks = series.weeks_between(group.rule)
    if weeks is None:
        return "month" if group.rule.startswith("FREQ=MONTHLY;BYDAY=") else "kept"
    fortnight = "odd" if group.starts_on.isocalendar().week % 2 else "even"
    return {1: "week", 2: fortnight}.get(weeks, "kept")


# ---- Week by week ----


@dataclass(frozen=True)
class Week:
    """One line of the planner: a day a group meets, or does not and why; or a week with neither."""

    day: date
    meets: bool = False
    number: int = 0
    why: str = ""
    meeting: Meeting | None = None

    @property
    def week(self) -> int:
        """Tell the ISO number of the week."""
        return self.day.isocalendar().week

    @property
    def odd(self) -> bool:
        """Tell whether the week has an odd number."""
        return bool(self.week % 2)


def why_not(day: date, weeks: Iterable[int]) -> str:
    """Say why no group meets on a day: its own week off, the house's, a holiday by its name, or that we are closed."""
    week = day.isocalendar().week
    if week in set(weeks):
        return gettext("a week this group leaves out")
    if week in catalogue.house().closed_weeks:
        return gettext("no groups meet in week %(week)s") % {"week": week}
    name = _holidays(day.year, get_language() or "da").get(day)
    if name:
        return str(name)
    return gettext("the house is closed") if day in catalogue.days_without_groups(day, day) else ""


@cache
def _holidays(year: int, language: str) -> Mapping[date, str]:
    """Name the public holidays of a year."""
    return holidays.country_holidays("DK", years=year, language="da" if language.startswith("da") else "en_US")


def first_dates(plan: series.Plan, weeks: Iterable[int], count: int = 10) -> list[Week]:
    """Lay out the first dates a group would have, with the days that are left out among them, and why."""
    until = plan.first + timedelta(weeks=60 if series.weeks_between(plan.rule) else 200)
    closed = queries.days_off(plan.first, until + series.BEYOND, weeks)
    planned = {each.planned_on: each for each in series.dated(plan, closed=closed, until=until)[:count]}
    found = []
    for day in series.days(plan.rule, plan.first):
        if not planned or day > max(planned):
            break
        held = planned.get(day)
        on = held.on if held else day
        why = "" if on not in closed and on == day else why_not(day, weeks)
        found.append(Week(on, bool(held), held.number if held else 0, why))
    return found


def half_a_year(group: Group, meetings: Iterable[Meeting]) -> list[Week]:
    """Lay out the weeks ahead: the group's days, the days of its rule that are left out, and the weeks between."""
    return list(_weeks(group, list(meetings)))


def _weeks(group: Group, meetings: list[Meeting]) -> Iterator[Week]:
    monday = clock.today() - timedelta(days=clock.today().weekday())
    dated: dict[date, list[Meeting]] = {}
    for each in meetings:
        day = clock.local(each.starts_at).date()
        dated.setdefault(day - timedelta(days=day.weekday()), []).append(each)
    taken = {each.planned_on for each in meetings}
    ruled = {day - timedelta(days=day.weekday()): day for day in _ruled(group, monday) if day not in taken}
    for ahead in range(HALF_A_YEAR):
        week = monday + timedelta(weeks=ahead)
        rows = [
            Week(clock.local(each.starts_at).date(), True, each.number, meeting=each) for each in dated.get(week, ())
        ]
        if week in ruled and (why := why_not(ruled[week], group.skips_weeks)):
            rows.append(Week(ruled[week], why=why))
        yield from rows or [Week(week)]


def _ruled(group: Group, first: date) -> Iterator[date]:
    """Give the days of the rule in the planner's half year."""
    for day in series.days(group.rule, group.starts_on) if group.rule else ():
        if day >= first + timedelta(weeks=HALF_A_YEAR):
            return
        if day >= first:
            yield day
