"""The log as the leader reads it: by person, day and kind, ten at random, and one family's lines for that family."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from brobygger.access import queries as people
from brobygger.casework import queries as casework
from brobygger.casework.templatetags import courses as words
from brobygger.ground import clock
from brobygger.intake import queries as intake
from brobygger.privacy import queries as privacy
from brobygger.threads import queries as threads

PAGE = 50
#: Not taken out for a family: our own duty, and what somebody else said in confidence. A person weighs those.
WEIGHED = Q(action__startswith="consents.duty_") | Q(action__endswith="_in_confidence")
SAMPLE, SAMPLED_DAYS = 10, 7
#: Somebody saw something about a family.
LOOKS = Q(action__endswith=privacy.LOOKED) | Q(action__in=["access.glass_broken", "consents.duty_read"])
#: About a named course, or one person in it.
COURSES = Q(about__startswith="course:") | Q(about__startswith="member:")
KINDS = {
    "looks": (_("Looks at families"), LOOKS),
    "deeds": (_("What was done for families"), (Q(about__startswith="thread:") | COURSES) & ~LOOKS),
    "course_looks": (_("Looks in courses"), COURSES & LOOKS),
    "course_deeds": (_("What was done in courses"), COURSES & ~LOOKS),
    "searches": (_("Searches for courses"), Q(action__in=["casework.searched", "casework.found"])),
    "spoken": (_("Unusual openings spoken about"), Q(action="today.alarm_seen")),
    "access": (_("Sign-in, keys and roles"), Q(action__startswith="access.") & ~Q(action="access.glass_broken")),
    "taken_out": (_("Lines taken out for a family"), Q(action="today.looks_taken_out")),
}
#: By what somebody looked for a course.
SEARCHES = {
    "nickname": _("by nickname"),
    "name": _("by name"),
    "phone": _("by phone number"),
    "box": _("by box number"),
    "tag": _("by mark"),
    "day": _("by the day it began"),
}
#: Reasons about courses that a machine wrote as a key.
SCOPES = {"course": _("the whole of it, %(name)s"), "evening": _("an evening, %(name)s")}
REASONS = {
    **words.TITLES,
    **words.WAYS,
    **words.ENDINGS,
    **SEARCHES,
    "wish": _("The person wished it"),
    "period": _("Its period was over"),
}


@dataclass(frozen=True)
class Asked:
    """Which lines somebody wants to see; what cannot be read is as if it was not asked."""

    by: str = ""
    on: date | None = None
    kind: str = ""
    before: int | None = None
    sample: bool = False

    @classmethod
    def read(cls, told: Any) -> "Asked":
        """Read what stands in the address."""
        before = told.get("before", "")
        return cls(
            by=typed(told.get("by", "")).strip()[:60],
            on=_day(told.get("on", "")),
            kind=told.get("kind", "") if told.get("kind") in KINDS else "",
            before=int(before) if before.isdecimal() and len(before) < 19 else None,
            sample="sample" in told,
        )

    def older(self, last: int) -> str:
        """Ask for the lines before the last one shown."""
        told = {"by": self.by, "on": self.on.isoformat() if self.on else "", "kind": self.kind, "before": last}
        return urlencode({name: value for name, value in told.items() if value})


def typed(text: str) -> str:
    """Read what stands in an address or a field; what no keyboard writes, and PostgreSQL cannot hold, is nothing."""
    return "" if "\0" in text else text


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min + timedelta(days=2) < day < date.max - timedelta(days=2) else None


def _moment(day: date) -> datetime:
    """Tell when a day begins in Denmark."""
    return datetime.combine(day, time(), tzinfo=clock.TZ)


def found(asked: Asked) -> QuerySet[Any]:
    """Find the lines asked for, newest first."""
    since = _moment(asked.on) if asked.on else None
    until = _moment(asked.on + timedelta(days=1)) if asked.on else None
    rows = privacy.entries(by=asked.by or None, since=since, until=until)
    if asked.kind:
        rows = rows.filter(KINDS[asked.kind][1])
    return rows.filter(pk__lt=asked.before) if asked.before is not None else rows


def sample() -> list[Any]:
    """Draw ten looks of the last seven days, to be asked about; each time others."""
    since = clock.now() - timedelta(days=SAMPLED_DAYS)
    drawn = privacy.entries(since=since).filter(LOOKS).order_by("?")[:SAMPLE]
    return sorted(drawn, key=lambda entry: -entry.pk)


def page(asked: Asked) -> dict[str, Any]:
    """Put together what the leader sees."""
    entries = sample() if asked.sample else list(found(asked)[: PAGE + 1])
    more = not asked.sample and len(entries) > PAGE
    entries = entries[: SAMPLE if asked.sample else PAGE]
    return {
        "asked": asked,
        "lines": in_words(entries),
        "older": asked.older(entries[-1].pk) if more else "",
        "kinds": [(key, label) for key, (label, _rule) in KINDS.items()],
        "people": sorted(people.handles().values()),
    }


def in_words(entries: Iterable[Any]) -> list[Any]:
    """Put lines into words: threads by box number, courses and the people in them by nickname, while they live."""
    rows = list(entries)
    about: dict[str, list[str]] = {}
    for entry in rows:
        kind, _colon, ident = entry.about.partition(":")
        about.setdefault(kind, []).append(ident)
    inside = casework.courses_of(about.get("member", []))
    called = casework.nicknames([*about.get("course", []), *inside.values()])
    persons = {member: called[course] for member, course in inside.items() if course in called}
    names = threads.numbers(about.get("thread", [])) | people.handles() | called | persons
    told = intake.log_lines(rows, names | {kind: str(label) for kind, label in SEARCHES.items()})
    return [replace(line, reason=_why(entry, line.reason)) for entry, line in zip(rows, told, strict=True)]


def _why(entry: Any, reason: Any) -> Any:
    """Say the reason of a line about a course in words, where a machine wrote it as a key."""
    if not entry.action.startswith("casework."):
        return reason
    scope, colon, handle = entry.reason.partition(": ")
    if colon and scope in SCOPES:
        return SCOPES[scope] % {"name": handle}
    return REASONS.get(entry.reason, reason)


@dataclass(frozen=True)
class Told:
    """One line as the family may read it."""

    at: datetime
    who: str
    what: Any


def for_family(entries: Iterable[Any], *, names: bool, language: str) -> list[Told]:
    """Say who at work did what and when, oldest first: by work, and by first name only when the leader wishes so."""
    staff = {person.handle: person for person in people.everybody()}
    return [
        Told(entry.at, _who(staff[entry.by], names=names, language=language), intake.deed(entry.action))
        for entry in sorted(entries, key=lambda entry: entry.pk)
        if entry.by in staff
    ]


def _who(person: Any, *, names: bool, language: str) -> str:
    """Name somebody by what they do here, and by first name when that was chosen."""
    work = person.title.get(language) or person.title.get("da") or str(_("Somebody who works here"))
    return f"{person.first_name}, {work}" if names else str(work)
