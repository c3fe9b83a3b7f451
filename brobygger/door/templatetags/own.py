"""How it has gone for who has the key, as they said it themselves: a line, its numbers, and what a change can mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brobygger.ground import clock
from brobygger.ground.templatetags.curves import Spot, draw
from brobygger.ground.templatetags.house import said

register = template.Library()


@dataclass(frozen=True)
class Own:
    """One curve in words: its name, the drawing, every number with its day, and what may be said of the change."""

    title: str
    drawing: SafeString
    rows: tuple[tuple[str, int], ...]
    words: tuple[str, ...]
    most: int
    line: int | None
    #: How far two answers may lie apart with nothing having changed.
    sway: int | None
    heavier: bool


@register.filter
def drawn(raws: Sequence[Mapping[str, Any]]) -> list[Own]:
    """Draw what somebody answered about themselves, instrument by instrument."""
    return [_own(raw) for raw in raws if raw.get("points")]


def _own(raw: Mapping[str, Any]) -> Own:
    points = sorted((date.fromisoformat(day), int(score)) for day, score in raw["points"])
    (first, began), (last, now) = points[0], points[-1]
    anywhere = {day.year for day, _score in points} | {clock.today().year}
    spots = [Spot(day, score, _day(day, with_year=len(anywhere) > 1)) for day, score in points]
    most, line, sway = int(raw["top"]), raw.get("line"), raw.get("reliable")
    told = {"most": most, "count": len(points), "began": began, "now": now, "first": spots[0].label}
    if len(points) > 1:
        told |= {"last": spots[-1].label}
        desc = _("%(count)s answers, from 0 to %(most)s: %(began)s on %(first)s, and %(now)s on %(last)s.") % told
    else:
        desc = _("One answer, from 0 to %(most)s: %(began)s on %(first)s.") % told
    band = (began - sway, began + sway) if sway and len(points) > 1 else None
    return Own(
        title=str(said(raw["title"])),
        drawing=draw(spots, title=_("Your own answers over time"), desc=desc, line=line, band=band, most=most),
        rows=tuple((_day(day, with_year=True), score) for day, score in reversed(points)),
        words=_words(raw, began, now, first, last) if len(points) > 1 else (_once(),),
        most=most,
        line=line,
        sway=sway if band else None,
        heavier=sway is not None and _better(raw, began, now) <= -sway,
    )


def _day(day: date, *, with_year: bool) -> str:
    """Write a day short: "2. mar.", "2 Mar 2026"."""
    locale = {"en": "en_GB"}.get(get_language() or "da", get_language() or "da")
    return format_skeleton("yMMMd" if with_year else "MMMd", day, locale=locale)


def _once() -> str:
    return _("You have answered once. Next time you can see whether anything has moved.")


def _better(raw: Mapping[str, Any], began: int, now: int) -> int:
    return began - now if raw.get("down_is_better") else now - began


def _words(raw: Mapping[str, Any], began: int, now: int, first: date, last: date) -> tuple[str, ...]:
    """Say what may be said of the way from the first to the last: no more than the numbers can bear, and no verdict."""
    if raw.get("relevant") is None or raw.get("reliable") is None:
        return (_("The first time it came to %(began)s. Last time it came to %(now)s.") % {"began": began, "now": now},)
    points, then = _better(raw, began, now), {"then": _then(first, last)}
    if points >= raw["reliable"]:
        found = [_("You are better than in %(then)s.") % then]
    elif points >= raw["relevant"]:
        found = [_("Perhaps it goes a little better than in %(then)s. It can also be chance.") % then]
    elif points > -raw["relevant"]:
        found = [_("It goes about as it did in %(then)s.") % then]
    elif points > -raw["reliable"]:
        found = [_("Perhaps it is a little harder than in %(then)s. It can also be chance.") % then]
    else:
        found = [_("It is harder now than in %(then)s. It is good that you say so.") % then]
    if raw.get("line") is not None and (began <= raw["line"]) != (now <= raw["line"]):
        over, line = now > raw["line"], {"line": raw["line"]}
        found.append(
            _("You have come over the line at %(line)s.") % line
            if over
            else _("You have come under the line at %(line)s.") % line
        )
    return tuple(found)


def _then(first: date, last: date) -> str:
    """Name when it began: the month, with its year where it was another; within one month, its beginning."""
    if (first.year, first.month) == (last.year, last.month):
        return _("the beginning of %(month)s") % {"month": date_format(first, "F")}
    return date_format(first, "F" if first.year == last.year else "F Y")
