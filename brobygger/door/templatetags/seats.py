"""How a seat in a group is said behind the key: what, where, when, until which day we wait for an answer.

And, to who waits for one, when there may be one, and what there is until then.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import template
from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.door.correspondence import When, a_time
from brobygger.ground import clock
from brobygger.ground.templatetags.house import said

register = template.Library()
#: How many coming meetings are shown.
SHOWN = 4


@dataclass(frozen=True)
class Meeting:
    """One coming meeting of a group somebody has a seat in."""

    when: When
    cancelled: bool
    #: They have said that they cannot come.
    away: bool

    @property
    def ident(self) -> str:
        """Its number, for the button under it."""
        return self.when.ident

    @property
    def ahead(self) -> bool:
        """Tell whether it has not begun yet."""
        return not self.when.past


@dataclass(frozen=True)
class Seat:
    """A seat in a group, as a family reads it."""

    ident: str
    state: str
    group: str
    #: Whose it is when it is not the reader's own.
    called: str
    pair: bool
    answer_by: date | None
    until: date | None
    meetings: tuple[Meeting, ...]
    #: What the house calls it, and what the first evening is like.
    offer: str
    first_time: tuple[str, ...]

    @property
    def first(self) -> When | None:
        """The next meeting that is held."""
        return next((each.when for each in self.meetings if not each.cancelled), None)


def _seat(raw: dict[str, Any]) -> Seat:
    try:
        offer = catalogue.offer(str(raw.get("offer", "")))
        named, steps = said(offer.name), tuple(said(step) for step in offer.first_time)
    except Http404:
        named, steps = "", ()
    coming = [(each, a_time({**each, "where": "house"})) for each in raw.get("next") or ()]
    held = [Meeting(time, bool(each.get("cancelled")), bool(each.get("away"))) for each, time in coming]
    return Seat(
        ident=str(raw["id"]),
        state=str(raw.get("state", "")),
        group=str(raw.get("group", "")),
        called=str(raw.get("for", "")),
        pair=bool(raw.get("pair")),
        answer_by=date.fromisoformat(raw["answer_by"]) if raw.get("answer_by") else None,
        until=date.fromisoformat(raw["until"]) if raw.get("until") else None,
        meetings=tuple(each for each in held if each.when.ends_at > clock.now())[:SHOWN],
        offer=named,
        first_time=steps,
    )


@register.filter
def at_hand(raws: tuple[dict[str, Any], ...]) -> list[Seat]:
    """Say the seats that lay in the box: those with an answer to give first; an offer whose day is past is gone."""
    found = [_seat(raw) for raw in raws]
    gone = [each for each in found if each.state == "offered" and each.answer_by and each.answer_by < clock.today()]
    return sorted((each for each in found if each not in gone), key=lambda each: each.state != "offered")


@dataclass(frozen=True)
class Waits:
    """Somebody who waits for a seat, as their family reads it."""

    called: str
    offer: str
    #: What can be said of when; and other things here, by key and name.
    likely: str
    others: tuple[tuple[str, str], ...]


def _named(key: str) -> str:
    try:
        return said(catalogue.offer(key).name)
    except Http404:
        return ""


def _likely(month: str, ground: str) -> str:
    """Say when there may be a seat, no more surely than anybody can know it; what was said of a month gone is not."""
    if not month or month < clock.today().strftime("%Y-%m"):
        return _("We cannot say yet when there is a seat.")
    named = date_format(date.fromisoformat(f"{month}-01"), "F Y" if month[:4] != str(clock.today().year) else "F")
    return {
        "free": _("Right now it looks as if there is a seat in %(month)s."),
        "leaver": _("There may be a seat in %(month)s."),
        "usual": _("There may be a seat around %(month)s, if as many stop as usually do."),
    }[ground] % {"month": named}


@register.filter
def who_waits(raws: tuple[dict[str, Any], ...]) -> list[Waits]:
    """Say who waits for a seat and what for; an offer the house has no more is not named."""
    found = []
    for raw in raws:
        others = ((str(key), _named(str(key))) for key in raw.get("others") or ())
        likely = _likely(str(raw.get("month", "")), str(raw.get("ground", "")))
        known = tuple(each for each in others if each[1])
        found.append(Waits(str(raw.get("for", "")), _named(str(raw.get("offer", ""))), likely, known))
    return found


@register.simple_tag
def next_cafe() -> dict[str, Any] | None:
    """Find the next open café: nobody needs a seat there. None when there is none to come."""
    # A place that went away has no café any more, whatever the finder still holds.
    places = {each.key: each.name for each in catalogue.places()}
    rows = [row for row in catalogue.open_groups() if row.places == "open" and row.place in places]
    days = [
        (datetime.combine(date.fromisoformat(str(day)), row.begins, clock.TZ), row) for row in rows for day in row.dates
    ]
    coming = sorted(((at, str(row.pk), row) for at, row in days if at > clock.now()), key=lambda each: each[:2])
    if not coming:
        return None
    at, _pk, row = coming[0]
    return {"at": at, "ends": datetime.combine(at.date(), row.ends, clock.TZ), "place": places[row.place]}
