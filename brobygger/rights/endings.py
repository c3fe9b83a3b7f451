"""How a record ends: its period is over and nothing keeps it. What is about to end is shown long before.

The period runs from the last day anything was written, and the longest rule among those who wrote holds. A course that
nobody has written in for so long ends also when nobody ended it: what was forgotten must not be kept for ever. It
stays while somebody holds it back, has asked about it, or still writes with us in it; one that was ended, as long as
a letter of the family's waits for its answer.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brobygger.access.guards import NotAllowed, require
from brobygger.access.roles import Permission, Profession
from brobygger.casework import queries as casework
from brobygger.casework import services as courses
from brobygger.catalogue import queries as catalogue
from brobygger.catalogue.rules import DEFAULT, valid_on
from brobygger.ground import clock
from brobygger.ground.rules import pick
from brobygger.intake import queries as intake
from brobygger.privacy import keyring
from brobygger.privacy import queries as privacy
from brobygger.privacy import services as audit

from . import rules
from .models import LegalHold, SubjectRequest

if TYPE_CHECKING:
    from brobygger.casework.models import Course

log = logging.getLogger(__name__)

KEEPER = "keeper"
#: How far ahead the leader sees what will end, and how many lines of the deletion log a page shows.
AHEAD, SHOWN = 90, 50
REASONS = {
    "supervision": gettext_lazy("An authority looks into the work (supervision)"),
    "complaint": gettext_lazy("A complaint or a claim is not settled"),
    "archive": gettext_lazy("The archives have not said that it may go"),
    "other": gettext_lazy("Another reason"),
}
ASKED = gettext_lazy("Somebody has asked about it and waits for an answer")
ALIVE = gettext_lazy("It is open, and the family still has a conversation with us")
WAITS = gettext_lazy("The family has written to us and waits for an answer")


class SayWhy(Exception):
    """A hold needs words somebody else can read."""


class CourseIsGone(Exception):
    """The record is being destroyed, or is destroyed already; nothing is left to hold back."""


class AlreadyLifted(Exception):
    """Somebody has lifted this hold before."""


@dataclass(frozen=True)
class Ending:
    """A course that ends: what it is called here, when, by whose rule, and what keeps it all the same."""

    course: "Course"
    goes_on: date
    period: catalogue.Period
    why_kept: tuple[str, ...] = ()

    @property
    def kept_until(self) -> date:
        """Tell the last day of its period; it goes the day after, on the night's round."""
        return self.goes_on - timedelta(days=1)

    @property
    def stale(self) -> bool:
        """Tell whether the rule's law was looked up more than a year ago."""
        return rules.stale(self.period.checked_on, clock.today())


# ---- What ends ----


def coming(*, on: date, days: int = AHEAD) -> list[Ending]:
    """List the courses whose period is over within so many days, soonest first, with what keeps some of them."""
    last, periods = on + timedelta(days=days), catalogue.periods()
    if not periods:
        return []
    found = []
    for course, wrote in casework.quiet_since(rules.years_on(last, -min(each.years for each in periods))):
        over = rules.first_day_over(course.last_entry_on, wrote, periods, on)
        if over and over[0] <= last:
            found.append((course, *over))
    kept = _kept([course for course, _day, _rule in found])
    endings = [Ending(course, day, rule, tuple(kept.get(course.pk, ()))) for course, day, rule in found]
    return sorted(endings, key=lambda each: (each.goes_on, each.course.nickname))


def ending_of(course: "Course") -> Ending | None:
    """Tell when one course would end if nobody wrote in it again; None when no rule says."""
    found = rules.first_day_over(course.last_entry_on, casework.professions(course), catalogue.periods(), clock.today())
    return Ending(course, *found) if found else None


@dataclass(frozen=True)
class InForce:
    """A rule that holds today, and whether its law was looked up too long ago."""

    period: catalogue.Period
    who: str
    stale: bool


def in_force() -> list[InForce]:
    """List the rules that hold today: whose, how many years, which law, when somebody last looked it up."""
    today = clock.today()
    words = dict(Profession.choices) | {DEFAULT: _("Everybody else")}
    held = valid_on(catalogue.periods(), today)
    return [InForce(each, str(words[each.rule]), rules.stale(each.checked_on, today)) for each in held]


def _kept(found: list["Course"]) -> dict[UUID, list[str]]:
    """Tell what keeps each of some courses all the same: a hold, a question, a conversation that goes on."""
    idents, kept = [each.pk for each in found], dict[UUID, list[str]]()
    for course, reason in LegalHold.objects.filter(course__in=idents, lifted_on=None).values_list("course", "reason"):
        kept.setdefault(course, []).append(str(REASONS[reason]))
    for course in SubjectRequest.objects.filter(course__in=idents, closed_on=None).values_list("course", flat=True):
        kept.setdefault(course, []).extend([str(ASKED)] if str(ASKED) not in kept.get(course, ()) else [])
    talks = [each for each in found if each.thread is not None and not each.thread.ending]
    rows = intake.rows_of(each.thread_id for each in talks if each.thread_id)
    for each in talks:
        row = rows.get(each.thread_id) if each.thread_id else None
        waits = row is not None and row.due_at is not None
        why = [ALIVE] * (each.state == "open") or [WAITS] * waits
        kept.setdefault(each.pk, []).extend(str(one) for one in why)
    return kept


def _still_over(listed: "Course") -> bool:
    """Tell whether nothing was written, asked or held back in a course since the round listed it."""
    with transaction.atomic():
        now = casework.kept_still(listed.pk)
        return now is not None and now.last_entry_on == listed.last_entry_on and not any(_kept([now]).values())


def sweep(now: datetime) -> int:
    """Destroy every course whose period is over and that nothing keeps. One that fails stops no other."""
    gone, failed = 0, 0
    for each in coming(on=clock.local(now).date(), days=0):
        if each.why_kept or not _still_over(each.course):
            continue
        try:
            courses.erase_course(course=each.course, why="period", by=KEEPER)
            gone += 1
        except courses.IsHeld:
            log.info("A course was held back while the round went on.")
        except Exception as error:  # the next family's period is over too
            log.error("A course whose period is over was not destroyed: %s", type(error).__name__)
            failed += 1
    if failed:
        raise RuntimeError(f"{failed} courses were not destroyed")
    return gone


def preview(on: date, days: int) -> list[str]:
    """Say in sentences what the round will destroy within so many days, by whose rule, and what is kept and why."""
    language = get_language() or "da"
    said = []
    for each in coming(on=on, days=days):
        rule = _("%(law)s %(source)s (looked up %(day)s)") % {
            "law": pick(each.period.law, language),
            "source": each.period.source,
            "day": each.period.checked_on.isoformat(),
        }
        facts = {"nickname": each.course.nickname, "day": each.goes_on.isoformat(), "rule": " ".join(rule.split())}
        if each.why_kept:
            line = _("%(day)s  %(nickname)s is kept: %(why)s. %(rule)s") % {**facts, "why": "; ".join(each.why_kept)}
        else:
            line = _("%(day)s  %(nickname)s is destroyed. %(rule)s") % facts
        old = _("This law was looked up more than a year ago: look again.")
        said.append(f"{line} {old}" if each.stale else line)
    return said


# ---- What keeps a record ----


def holds(*, course: UUID | None = None) -> list[LegalHold]:
    """List what is held back now, the longest held first; of one course, the lifted ones too."""
    rows = LegalHold.objects.select_related("course", "placed_by").order_by("placed_on", "pk")
    return list(rows.filter(course=course) if course else rows.filter(lifted_on=None))


def get_hold(ident: UUID) -> LegalHold | None:
    """Fetch a hold, of a course that still stands."""
    return LegalHold.objects.select_related("course", "placed_by").filter(pk=ident).first()


def course_called(viewer: Any, nickname: str) -> "Course | None":
    """Find a course somebody who holds records back may hold, by what it is called here."""
    found = casework.by_nickname(nickname)
    return course_to_hold(viewer, found.pk) if found else None


def course_to_hold(viewer: Any, ident: UUID) -> "Course | None":
    """Fetch a course that somebody who holds records back may hold; they see its nickname and nothing of it."""
    held = casework.get_course(viewer, ident)
    return held.course if held else None


def hold(*, course: "Course", reason: str, words: str, by: Any, once: UUID | None = None) -> LegalHold:
    """Keep a record from ending, until the hold is lifted. `once` is the page it was written on: sent twice, it is one.

    Raises `NotAllowed`, `SayWhy`, `CourseIsGone`.
    """
    require(by, Permission.SEE_ENDINGS)
    words = words.strip()
    if reason not in LegalHold.Reason.values or len(words) < rules.SHORTEST_WHY:
        raise SayWhy
    ident = once or uuid4()
    with transaction.atomic():
        row = casework.kept_still(course.pk)
        if row is None:
            raise CourseIsGone
        if (known := LegalHold.objects.filter(pk=ident).first()) is not None:
            if known.course_id != row.pk:
                raise NotAllowed("see_endings")
            return known
        sealed = keyring.seal(row.key, {"words": words}, context=_place(ident))
        made = LegalHold.objects.create(id=ident, course=row, reason=reason, sealed=sealed, placed_by_id=by.pk)
        audit.record(by=by, action="rights.hold_placed", about=row, reason=reason)
    return made


def lift(*, hold: LegalHold, by: Any) -> None:
    """Let a record end with its period again. Raises `NotAllowed`, `AlreadyLifted`."""
    require(by, Permission.SEE_ENDINGS)
    with transaction.atomic():
        if not LegalHold.objects.filter(pk=hold.pk, lifted_on=None).update(lifted_on=clock.today()):
            raise AlreadyLifted
        audit.record(by=by, action="rights.hold_lifted", about=hold.course, reason=hold.reason)


def look_at_hold(*, hold: LegalHold, by: Any) -> str:
    """Open the words of a hold, and write down who looked. Raises `NotAllowed`."""
    require(by, Permission.SEE_ENDINGS)
    said = keyring.open_sealed(hold.course.key, bytes(hold.sealed), context=_place(hold.pk))
    with transaction.atomic():
        audit.record(by=by, action="rights.hold_looked", about=hold.course)
    return str(said["words"])


def _place(ident: UUID) -> str:
    return keyring.place("legalhold", ident, "sealed")


# ---- What has ended ----

WHY = {
    "period": gettext_lazy("Its period was over"),
    "wish": gettext_lazy("The family wished it"),
    "handed_over": gettext_lazy("It went on to a municipality"),
}


@dataclass(frozen=True)
class Line:
    """One line of the deletion log. It says nothing about whom it was."""

    ref: str
    on: date
    kind: str
    why: str


def ended(*, before: int = 0) -> tuple[list[Line], int]:
    """List the deletion log, newest first, from a line on, and how many lines there are."""
    rows = privacy.erasures()
    lines = [
        Line(row.ref, row.on, row.about.partition(":")[0], str(WHY.get(row.why, row.why)))
        for row in rows[before : before + SHOWN]
    ]
    return lines, rows.count()


# ---- What the pages show ----


def overview(*, asked: str = "") -> dict[str, Any]:
    """Gather what ends, what is held back, the rules, and the deletion log from the line that was asked for."""
    before = min(int(asked), 10**6) if asked.isascii() and asked.isdigit() else 0
    log, count = ended(before=before)
    return {
        "coming": coming(on=clock.today()),
        "days": AHEAD,
        "holds": _with_reasons(holds()),
        "rules": in_force(),
        "log": log,
        "older": before + len(log) if before + len(log) < count else 0,
    }


def overview_of(course: "Course") -> dict[str, Any]:
    """Gather what holds one course back or has, and when it would end."""
    found = holds(course=course.pk)
    held = any(each.lifted_on is None for each in found)
    return {"holds": _with_reasons(found), "held": held, "ending": ending_of(course)}


def _with_reasons(found: list[LegalHold]) -> list[tuple[LegalHold, str]]:
    return [(each, str(REASONS[each.reason])) for each in found]
