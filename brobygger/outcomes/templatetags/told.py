"""What a curve says, in words: to the child in one sentence, to the therapist in another; and one sheet, line by line.

A change is three things that are not the same: worth noticing, more than the measure's own uncertainty, over the line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brobygger.casework.queries import Opened
from brobygger.casework.rules import CHILDREN
from brobygger.ground import clock
from brobygger.ground.templatetags.curves import Spot, draw
from brobygger.ground.templatetags.house import said
from brobygger.outcomes import instruments, rules
from brobygger.outcomes.models import Sheet
from brobygger.outcomes.queries import Curve, Point

from .asked import named
from .held import answer

register = template.Library()
YES, NO = gettext_lazy("Yes"), gettext_lazy("No")
CROSSED = {"up": gettext_lazy("Yes, upwards"), "down": gettext_lazy("Yes, downwards"), "": NO}
#: Why somebody should look at an answer. Never what it is a sign of.
LOW = {
    "low": gettext_lazy("The number is low, and was so last time too."),
    "very_low": gettext_lazy("The number is very low."),
    "fall": gettext_lazy("The number is much lower than last time."),
}


@dataclass(frozen=True)
class Told:
    """One curve as it is read: whose answers, the drawing, and what may be said of it to whom."""

    curve: Curve
    title: str
    #: Who answered.
    by: str
    own: bool
    child: bool
    #: The version is said only where there is another of the same questions.
    version: str
    drawn: SafeString
    sentence: str

    @property
    def scored(self) -> list[Point]:
        """The answers that count to a number, oldest first."""
        return [each for each in self.curve.points if each.score is not None]

    @property
    def latest(self) -> rules.Change | None:
        """How the last answer stands to the first; nothing where there are not two."""
        return self.scored[-1].since_first if self.scored else None

    @property
    def limits(self) -> bool:
        """Tell whether anything is known of what a change means here."""
        return self.curve.instrument.relevant is not None or self.curve.instrument.reliable is not None


def told(curves: Sequence[Curve], opened: Opened, member: Any) -> list[Told]:
    """Put the curves about one person as they are read; each of one who answers, and of one version, for itself."""
    kinds = [(curve.instrument.key, curve.by) for curve in curves]
    person = opened.person(member.pk)
    found = []
    for curve in curves:
        own = curve.by == member.pk
        title = said(curve.instrument.title)
        found.append(
            Told(
                curve=curve,
                title=title,
                by=named(opened, curve.by),
                own=own,
                child=person is not None and person.role in CHILDREN,
                version=curve.instrument.version if kinds.count((curve.instrument.key, curve.by)) > 1 else "",
                drawn=drawing(curve, title),
                sentence=sentence(curve, own=own),
            )
        )
    return found


def drawing(curve: Curve, title: str) -> SafeString:
    """Draw a curve, with the band of uncertainty around its first answer; nothing where nothing counts to a number."""
    found, form = [each for each in curve.points if each.score is not None], curve.instrument
    if not found or curve.first is None or curve.first.score is None:
        return SafeString("")
    spots = [Spot(each.on, each.score, short(each.on)) for each in found if each.score is not None]
    first, swing = curve.first.score, form.reliable
    band = (max(0, first - swing), min(form.top, first + swing)) if swing is not None else None
    desc = "; ".join(f"{whole(each.on)}: {each.score}" for each in found)
    return draw(spots, title=title, desc=desc, line=form.line, band=band, most=form.top)


def short(day: date) -> str:
    """Write a day under a curve: "2. mar", with its year where it is not this one."""
    return date_format(day, "j. b" if day.year == clock.today().year else "b Y")


@register.filter
def whole(day: date) -> str:
    """Write a day with its year: answers lie years apart."""
    return date_format(day, "j. F Y")


@register.filter
def day_of(day: date) -> str:
    """Write a day in a narrow column, with its year where it is not this one."""
    return date_format(day, "j. F" if day.year == clock.today().year else "j. F Y")


def sentence(curve: Curve, *, own: bool) -> str:
    """Say to the one who answered how it goes, in one plain sentence; empty before there are two answers.

    Where nobody knows what a change means, the two numbers are said, and no more.
    """
    scored = [each for each in curve.points if each.score is not None]
    if len(scored) < 2:
        return ""
    first, last, form = scored[0], scored[-1], curve.instrument
    then = _then(first.on, last.on)
    if form.relevant is None or not own or form.lower_is_better or last.since_first is None:
        return _("%(then)s: %(before)s. Now: %(now)s.") % {
            "then": then[:1].upper() + then[1:],
            "before": first.score,
            "now": last.score,
        }
    if not last.since_first.relevant:
        return _("You are about as well as %(then)s.") % {"then": then}
    if not last.since_first.reliable:
        # What may be chance is said to be: ten points are much in a group, and little for one child.
        up = last.since_first.points > 0
        return (
            _("Perhaps it goes a little better than %(then)s.")
            if up
            else _("Perhaps it is a little harder than %(then)s.")
        ) % {"then": then}
    if last.since_first.points > 0:
        return _("You are better than %(then)s.") % {"then": then}
    return _("You were better %(then)s.") % {"then": then}


def _then(first: date, last: date) -> str:
    """Say when the first answer was, as one says it: "in March", with the day or the year where it is needed."""
    if (first.year, first.month) == (last.year, last.month):
        return _("on %(day)s") % {"day": date_format(first, "j. F")}
    return _("in %(month)s") % {"month": date_format(first, "F" if first.year == last.year else "F Y")}


@register.filter
def signed(points: int) -> str:
    """Write a change with its sign: "+12", "−4", "0"."""
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"


@register.filter
def yes(value: bool) -> Any:
    """Say yes or no."""
    return YES if value else NO


@register.filter
def crossed(change: rules.Change) -> Any:
    """Say whether the line was crossed, and which way."""
    return CROSSED[change.crossed]


@register.filter
def marks(change: rules.Change | None) -> list[Any]:
    """Say which of the three things a change is, each by itself; nothing where it is none of them."""
    if change is None:
        return []
    over = {"up": _("crossed the line upwards"), "down": _("crossed the line downwards"), "": ""}[change.crossed]
    named = (
        (change.relevant, _("worth noticing")),
        (change.reliable, _("more than the uncertainty")),
        (over, over),
    )
    return [words for is_so, words in named if is_so]


# ---- One sheet ----


@dataclass(frozen=True)
class Before:
    """What stood there before it was set right: only what was otherwise, with why and by whom."""

    at: date
    by: str
    reason: str
    lines: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Read:
    """One sheet as it is read: question by question, what it counts to, why to look, and what stood there before."""

    sheet: Sheet
    form: instruments.Instrument
    lines: list[tuple[str, str]]
    score: int | None
    why: list[Any]
    before: list[Before]


def read(sheet: Sheet, body: Mapping[str, Any]) -> Read | None:
    """Put an opened sheet as it is read; nothing where its questions are not known any more."""
    form = instruments.get(sheet.instrument, sheet.version)
    if form is None:
        return None
    lines = [(said(item.text), answer(item, body["answers"].get(item.ident, "empty"))) for item in form.items]
    why = [LOW[each] for each in body["low"] if each in LOW]
    return Read(sheet, form, lines, body["score"], why, _before(sheet, form, body))


def _before(sheet: Sheet, form: instruments.Instrument, body: Mapping[str, Any]) -> list[Before]:
    """Lay each correction beside what came after it; the newest first."""
    now = {"answers": body["answers"], "score": body["score"], "answered_on": sheet.answered_on.isoformat()}
    found = []
    for each in reversed(body["corrections"]):
        rows = [
            (said(item.text), answer(item, each["answers"][item.ident]), answer(item, now["answers"][item.ident]))
            for item in form.items
            if each["answers"][item.ident] != now["answers"][item.ident]
        ]
        if each["score"] != now["score"]:
            rows.append((_("Counted together"), _number(each["score"]), _number(now["score"])))
        if each["answered_on"] != now["answered_on"]:
            days = [whole(date.fromisoformat(when["answered_on"])) for when in (each, now)]
            rows.append((_("The day it was answered"), days[0], days[1]))
        found.append(Before(clock.local(datetime.fromisoformat(each["at"])).date(), each["by"], each["reason"], rows))
        now = each
    return found


def _number(score: int | None) -> str:
    return _("no number") if score is None else str(score)
