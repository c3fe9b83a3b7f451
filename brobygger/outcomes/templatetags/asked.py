"""Who is asked about whom, and how it stands, in words; and what one may do with a round today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import template
from django.utils.translation import gettext_lazy as _

from brobygger.casework.queries import Opened, had_today
from brobygger.casework.templatetags.courses import who
from brobygger.ground import clock
from brobygger.groups.templatetags.boxes import spoken_of
from brobygger.outcomes import instruments, queries, rules
from brobygger.outcomes.models import Round, Sheet, open_on
from brobygger.threads import queries as threads

register = template.Library()

MOMENTS = {
    "start": _("at the start"),
    "during": _("on the way"),
    "end": _("at the end"),
    "after": _("half a year after"),
}
WHY = {
    "declined": _("They would rather not"),
    "left": _("They have stopped here"),
    "not_reached": _("We could not reach them"),
    "too_young": _("Too young for the questions"),
    "not_relevant": _("It makes no sense for them now"),
}
STATES = {
    "due": _("can be answered"),
    "done": _("answered"),
    "skipped": _("was left out"),
    "missed": _("not answered in time"),
    "stopped": _("not asked after all"),
}
MODES = {
    "key": _("with their key"),
    "sms": _("by a link"),
    "tablet": _("on a tablet here"),
    "paper": _("on paper"),
    "interview": _("read aloud and answered here"),
}
#: What has waited so long, or closes within it, is said on one's day; an end at once, before they have gone.
SOON = timedelta(days=14)


@dataclass(frozen=True)
class Line:
    """One round as it is read: about whom, who answers, what is still open, and what may be done with it today."""

    row: Round
    about: str
    #: Who answers; empty when it is the same person, or somebody who is gone.
    by: str
    own: bool
    open: list[instruments.Instrument]
    barred: list[instruments.Instrument]
    sheets: list[Sheet]
    now: bool
    later: bool

    @property
    def typed(self) -> bool:
        """Tell whether a paper may be typed: also late, as long as it is dated in its days."""
        return bool(self.open) and not self.later

    @property
    def shown(self) -> bool:
        """Tell whether somebody may answer it by themselves, on a screen of ours or theirs."""
        return self.now and any(each.may_be_shown("sms") for each in self.open)

    @property
    def skips(self) -> bool:
        """Tell whether it may be left out."""
        return self.row.state in ("due", "missed") and not self.sheets and not self.later

    @property
    def late(self) -> bool:
        """Tell whether it closes soon, or has waited long."""
        return self.now and soon(self.row)


def soon(row: Round) -> bool:
    """Tell whether a round that may be answered is to be said on somebody's day."""
    today = clock.today()
    return row.moment == rules.END or row.closes_on <= today + SOON or row.due_on <= today - SOON


def named(opened: Opened | None, member: UUID | None) -> str:
    """Say what we call somebody in a course that is open before one; empty when they are gone."""
    person = opened.person(member) if opened is not None and member is not None else None
    return who(person)["name"]


def line(row: Round, opened: Opened | None, known: dict[tuple[str, str], Any] | None = None) -> Line:
    """Put one round together as it is read."""
    sheets, today = list(row.sheets.all()), clock.today()
    there, known = {each.instrument for each in sheets}, queries.confirmed() if known is None else known
    left = [each for each in queries.questions(row) if each.key not in there]
    return Line(
        row=row,
        about=named(opened, row.member_id),
        by="" if row.by_id == row.member_id else named(opened, row.by_id),
        own=row.by_id == row.member_id,
        open=[each for each in left if not queries.barred(each, known)],
        barred=[each for each in left if queries.barred(each, known)],
        sheets=sheets,
        now=row.state == Round.State.DUE and row.opens_on <= today <= row.closes_on and not row.unagreed,
        later=row.opens_on > today or (row.unagreed and row.state == Round.State.DUE),
    )


@dataclass(frozen=True)
class Asked:
    """The rounds of a course: those that may be answered now, those to come, and those behind."""

    now: list[Line]
    later: list[Line]
    behind: list[Line]
    #: Who has answered something, or been answered about: the person's id and name.
    people: list[tuple[UUID, str]]


def of_course(rows: Iterable[Round], opened: Opened) -> Asked:
    """Sort the rounds of a course as its page shows them."""
    known = queries.confirmed()
    lines = [line(row, opened, known) for row in rows]
    answered = {each.row.member_id for each in lines if each.sheets}
    later = [each for each in lines if each.later and each.row.state == Round.State.DUE]
    return Asked(
        now=sorted((each for each in lines if each.now), key=lambda each: (each.row.closes_on, each.about)),
        later=later,
        behind=[each for each in reversed(lines) if not each.now and each not in later],
        people=[(each.member.pk, who(each)["name"]) for each in opened.people if each.member.pk in answered],
    )


def sent(line: Line, data: Iterable[str]) -> list[instruments.Instrument]:
    """Pick the questions a page was sent with: also those a colleague has typed since, so that nothing goes unsaid."""
    names, barred = list(data), {each.key for each in line.barred}
    there = [each for each in queries.questions(line.row) if each.key not in barred]
    return [each for each in there if each in line.open or any(name.startswith(f"{each.key}-") for name in names)]


def may_send(row: Round) -> bool:
    """Tell whether a link may be sent: to who has the family's key, and has said how they may be reached."""
    thread = row.member.course.thread
    if thread is None or thread.ending or spoken_of([row.member]).get(row.member_id, thread) != row.by_id:
        return False
    return bool(threads.has_card([thread.pk]))


# ---- In words ----


@register.filter
def moment(row: Round) -> Any:
    """Say at which moment of a course somebody is asked."""
    return MOMENTS[row.moment]


@register.filter
def stands(row: Round) -> Any:
    """Say how a round stands."""
    return STATES[row.state]


@register.filter
def why_not(row: Round) -> Any:
    """Say why a round was not answered; empty where nothing was said."""
    return WHY.get(row.why_not, "")


@register.filter
def how(mode: str) -> Any:
    """Say how something was answered."""
    return MODES.get(mode, mode)


@register.filter
def first_moment(key: str) -> Any:
    """Say a moment by its name alone."""
    return MOMENTS.get(key, key)


# ---- On one's day ----


@dataclass(frozen=True)
class Waits:
    """A course in which something waits to be answered: how many rounds, and until when the first."""

    row: Round
    rounds: int
    ended: bool

    @property
    def nickname(self) -> str:
        """What the course is called here."""
        return self.row.member.course.nickname


def by_course(rows: Iterable[Round]) -> list[Waits]:
    """Put the rounds that may be answered now together by course, those that close first on top; no name, no number."""
    found: dict[UUID, list[Round]] = {}
    for row in rows:
        found.setdefault(row.member.course_id, []).append(row)
    return [Waits(each[0], len(each), any(row.moment == rules.END for row in each)) for each in found.values()]


def of_nobody() -> list[Waits]:
    """Put together what may be answered today in courses nobody has any more, for who says who has which.

    Half a year after, whoever had a course has it no more; somebody is to ask all the same.
    """
    rows = Round.objects.filter(open_on(clock.today())).exclude(member__course__in=had_today())
    return by_course(rows.select_related("member__course").order_by("closes_on", "id"))
