"""Unusual openings of courses, found in the trail and said in sentences, for the leader to talk about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from brobygger.access import queries as people
from brobygger.casework import queries as casework
from brobygger.ground import clock
from brobygger.ground.rules import say_clock, say_when
from brobygger.privacy import queries as privacy
from brobygger.threads import queries as threads

from . import rules

#: What is unusual is shown so long, and held against what was usual so long before that.
SHOWN, USUAL = timedelta(days=7), timedelta(days=30)
SPOKEN = "today.alarm_seen"
_COURSES = Q(about__startswith="course:") | Q(about__startswith="member:")
_READ = (
    _COURSES & Q(action__endswith=privacy.LOOKED)
    | Q(action="access.glass_broken")
    | Q(action="casework.searched", about__in=("search:name", "search:phone"))
)


@dataclass(frozen=True)
class Unusual:
    """One unusual opening in words, and what was said about it since."""

    mark: str
    text: str
    by: str
    #: Who has spoken about it, when, and in which words; empty until somebody has.
    spoken: tuple[str, datetime, str] | None = None


def found() -> list[rules.Alarm]:
    """Find what has been unusual lately."""
    now = clock.now()
    rows = list(
        privacy.entries(since=now - SHOWN - USUAL).filter(_READ).values_list("by", "at", "action", "about", "reason")
    )
    inside = casework.courses_of(about[7:] for _by, _at, _action, about, _why in rows if about.startswith("member:"))
    staff = set(people.handles().values())
    deeds = [_deed(row, inside) for row in rows if row[0] in staff]
    idents = {deed.course for deed in deeds if deed.kind == "open"}
    held = [rules.Held(*each) for each in casework.once_held(idents)]
    limits = rules.Limits(**settings.UNUSUAL)
    return rules.alarms(deeds, held, since=clock.local(now - SHOWN), limits=limits)


def _deed(row: tuple[str, datetime, str, str, str], inside: dict[str, str]) -> rules.Deed:
    """Read a line of the trail; a person in a course is the course, as long as it stands."""
    by, at, action, about, reason = row
    kind = {"access.glass_broken": "glass", "casework.searched": "search"}.get(action, "open")
    ident = about.partition(":")[2]
    course = "" if kind == "search" else inside.get(ident, ident)
    return rules.Deed(by, clock.local(at), kind, course, reason)


def unspoken() -> int:
    """Count what has been unusual lately and nobody has spoken about."""
    listed = found()
    spoken = _spoken() if listed else {}
    return sum(alarm.mark not in spoken for alarm in listed)


def _spoken() -> dict[str, tuple[str, datetime, str]]:
    """Fetch what was said about something unusual, the newest word of each."""
    rows = list(privacy.entries(action=SPOKEN, since=clock.now() - SHOWN - USUAL))
    return {row.about.partition(":")[2]: (row.by, row.at, row.reason) for row in reversed(rows)}


def unusual() -> list[Unusual]:
    """Say what has been unusual lately: first what nobody has spoken about."""
    listed = found()
    if not listed:
        return []
    spoken = _spoken()
    names = {person.handle: person.first_name for person in people.everybody()}
    called = _called(alarm.course for alarm in listed if alarm.course)
    told = [Unusual(each.mark, _say(each, names, called), each.by, spoken.get(each.mark)) for each in listed]
    return sorted(told, key=lambda each: each.spoken is not None)


def _called(idents: Iterable[str]) -> dict[str, str]:
    """Name what still stands: courses by nickname, threads by box number."""
    listed = list(idents)
    boxes = {ident: _("box %(number)s") % {"number": number} for ident, number in threads.numbers(listed).items()}
    return boxes | casework.nicknames(listed)


def _say(alarm: rules.Alarm, names: dict[str, str], called: dict[str, str]) -> str:
    """Say an alarm as somebody would across a table."""
    language = get_language() or "da"
    now = clock.local(clock.now())
    told: dict[str, Any] = {
        "name": names.get(alarm.by, alarm.by),
        "n": alarm.n,
        "usual": alarm.usual,
        "when": say_when(alarm.at, now, language),
        "from": say_when(alarm.at, now, language),
        "to": say_clock(alarm.until, language),
        "course": called.get(alarm.course) or _("something that has been destroyed"),
        "reason": alarm.reason,
    }
    return str(_words(alarm) % told)


def _words(alarm: rules.Alarm) -> str:
    if alarm.kind == "many" and alarm.usual:
        return _("%(name)s opened %(n)s courses within an hour, %(when)s. Usually it is %(usual)s.")
    if alarm.kind == "many":
        return _("%(name)s opened %(n)s courses within an hour, %(when)s. There is nothing to compare with yet.")
    if alarm.kind == "searches" and alarm.usual:
        return _("%(name)s searched by name or number %(n)s times within an hour, %(when)s. Usually it is %(usual)s.")
    if alarm.kind == "searches":
        return _("%(name)s searched by name or number %(n)s times within an hour, %(when)s.")
    if alarm.kind == "night":
        return ngettext(
            "%(name)s opened a course in the night, %(from)s.",
            "%(name)s opened %(n)s courses in the night, from %(from)s to %(to)s.",
            alarm.n,
        )
    if alarm.kind == "after":
        return ngettext(
            "%(name)s opened %(course)s, %(when)s, a day after no longer having it.",
            "%(name)s opened %(course)s, %(when)s, %(n)s days after no longer having it.",
            alarm.n,
        )
    return _("%(name)s broke the glass in front of %(course)s, %(when)s: “%(reason)s”")
