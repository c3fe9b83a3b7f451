"""Reading the house. Everything is read once and kept in memory until the house is furnished anew.

One small query a page asks for the house's version; the rest comes from the shelf. The rows are the room's own: nobody
else writes them. A house that is not furnished yet raises NotFurnished, and says what to do.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import holidays
from django.conf import settings
from django.http import Http404
from django.utils.translation import get_language

from brobygger.ground import clock

from . import rules
from .models import (
    AgeBand,
    Closure,
    Dated,
    Door,
    House,
    Line,
    MeetingMode,
    Offer,
    OpenGroup,
    OpeningHours,
    Partner,
    Place,
    Promise,
    Question,
    RecordNumber,
    Retention,
    Theme,
    Welcome,
    Word,
    Wording,
)
from .sections import WEEKDAYS, a_time
from .words import sentence, spaced

Row = TypeVar("Row", bound=Dated)
_DATED: tuple[type[Dated], ...] = (
    *(AgeBand, Door, Line, MeetingMode, Offer, OpeningHours, Partner, Place, Promise, Question, Theme, Welcome),
    *(RecordNumber, Retention, Word, Wording),
)


class NotFurnished(Exception):
    """There is no house yet, or it lacks what was asked for."""

    def __init__(self, what: str = "house") -> None:
        """Say what is missing and what to do."""
        super().__init__(f"No {what} here yet. Run: manage.py furnish houses/NAME.toml")


@dataclass(frozen=True)
class _Shelf:
    version: str
    rows: dict[type[Dated], list[Any]]
    closures: list[Closure]


_shelf: _Shelf | None = None


def house() -> House:
    """Read this house (one query)."""
    found = House.objects.first()
    if found is None:
        raise NotFurnished
    return found


def _all(model: type[Row]) -> list[Row]:
    """Take every row of a table from the shelf, filling it when the house has changed."""
    global _shelf
    version = house().version
    if _shelf is None or _shelf.version != version:
        rows = {each: list(each._default_manager.all()) for each in _DATED}
        _shelf = _Shelf(version, rows, list(Closure.objects.all()))
    return _shelf.rows[model]


def _valid(model: type[Row], on: date | None) -> list[Row]:
    return rules.valid_on(_all(model), on or clock.today())


def _one(model: type[Row], key: str, on: date | None) -> Row:
    for row in _valid(model, on):
        if row.key == key:
            return row
    raise Http404(f"No {model._meta.verbose_name} called {key}.")


# ---- What the house is and has ----


def welcome(on: date | None = None) -> Welcome:
    """Tell whom the house is for."""
    found = _valid(Welcome, on)
    if not found:
        raise NotFurnished("welcome that holds today")
    return found[0]


def offers(on: date | None = None) -> list[Offer]:
    """List what the house offers on a day, in its own order."""
    return _valid(Offer, on)


def offer(key: str, on: date | None = None) -> Offer:
    """Find one offer by its key, or answer 404."""
    return _one(Offer, key, on)


def places(on: date | None = None) -> list[Place]:
    """List where people meet; `rooms` says how many talks at once."""
    return _valid(Place, on)


def place(key: str, on: date | None = None) -> Place:
    """Find one place by its key, or answer 404."""
    return _one(Place, key, on)


def partners(on: date | None = None) -> list[Partner]:
    """List who stood behind the house on a day."""
    return _valid(Partner, on)


def questions(on: date | None = None) -> list[Question]:
    """List what people ask, with our answers."""
    return _valid(Question, on)


def doors() -> list[Door]:
    """List the doors that are open to write through, in the house's order."""
    return [row for row in _valid(Door, None) if row.enabled]


def door(key: str) -> Door:
    """Find how the house speaks at one door, or answer 404. Look at `enabled` before opening it."""
    return _one(Door, key, None)


def themes(door: str = "", on: date | None = None) -> list[Theme]:
    """List what it may be about, as one door shows it."""
    return _for_door(_valid(Theme, on), door)


def age_bands(door: str = "", on: date | None = None) -> list[AgeBand]:
    """List the age bands, as one door shows them."""
    return _for_door(_valid(AgeBand, on), door)


def meeting_modes(door: str = "", on: date | None = None) -> list[MeetingMode]:
    """List the ways to meet, as one door shows them; the key is one of rules.MEETING_MODES."""
    return _for_door(_valid(MeetingMode, on), door)


def problems(on: date | None = None) -> list[Word]:
    """List what else may be hard in a family, in the house's words."""
    return _words("problems", on)


def substances(on: date | None = None) -> list[Word]:
    """List what somebody in a family may use; never how much."""
    return _words("substances", on)


def elements(on: date | None = None) -> list[Word]:
    """List what a talk or an evening may have used of the work's core elements."""
    return _words("elements", on)


def tags(on: date | None = None) -> list[Word]:
    """List the house's own marks for courses; they say how we work, never anything about a family."""
    return _words("tags", on)


def _words(of: str, on: date | None) -> list[Word]:
    return [row for row in _valid(Word, on) if row.of == of]


def kle(on: date | None = None) -> list[RecordNumber]:
    """List the numbers of the municipalities' record plan a course may be handed over under."""
    return _valid(RecordNumber, on)


@dataclass(frozen=True)
class Period:
    """How many years a course is kept from its last entry, and who says so; `rule` is the key of the house's rule."""

    years: int
    law: dict[str, str]
    source: str
    checked_on: date
    rule: str = rules.DEFAULT
    valid_from: date | None = None
    valid_to: date | None = None


def periods() -> list[Period]:
    """List every period the house's file names, also those that have been and those to come."""
    return [
        Period(row.years, row.law, row.source, row.checked_on, row.key, row.valid_from, row.valid_to)
        for row in _all(Retention)
    ]


def retention(profession: str, on: date | None = None) -> Period:
    """Find how long a course is kept because somebody of a profession wrote in it; "default" for who has no rule."""
    held = {row.rule: row for row in rules.valid_on(periods(), on or clock.today())}
    found = held.get(profession) or held.get(rules.DEFAULT)
    if found is None:
        raise NotFurnished("period that holds today")
    return found


@dataclass(frozen=True)
class Worded:
    """What somebody is asked to say yes to, in one language: the exact text, its digest, how many days it stands."""

    key: str
    text: str
    digest: str
    days: int


def wording(key: str, language: str | None = None, on: date | None = None) -> Worded | None:
    """Find the house's own words for a consent, in the page's language unless another is named; None without any."""
    row = next((each for each in _valid(Wording, on) if each.key == key), None)
    if row is None:
        return None
    tongue = language or get_language() or settings.LANGUAGE_CODE
    text = "\n".join(each.get(tongue) or each[settings.LANGUAGE_CODE] for each in row.text)
    return Worded(key, text, hashlib.sha256(text.encode()).hexdigest(), row.days)


Choice = TypeVar("Choice", Theme, AgeBand, MeetingMode, Line)


def _for_door(rows: list[Choice], door: str) -> list[Choice]:
    return [row for row in rows if not door or not row.doors or door in row.doors]


# ---- Hours and promises ----


def calendar(on: date | None = None, what: str = "answer") -> rules.Calendar:
    """Read when the house is open and what it promises: the answer to a letter, or the first talk."""
    day = on or clock.today()
    row = next((row for row in _valid(Promise, day) if row.key == what), None)
    if row is None:
        raise NotFurnished(f"promise called {what}")
    return rules.Calendar(
        openings=tuple(
            rules.Opening(each.weekday, each.opens, each.closes, each.valid_from, each.valid_to)
            for each in _all(OpeningHours)
        ),
        promise=rules.Promised(row.kind, row.hours or 24, row.by or time(0), row.pauses_when_closed),
        closed=_public_holidays(day.year) | _closed_days(),
        tz=clock.TZ,
    )


def answer_by(now: datetime | None = None, what: str = "answer") -> datetime:
    """Say the hour by which somebody who writes now is answered (the page's time, unless another is given)."""
    now = now or clock.now()
    return rules.answer_by(now, calendar(clock.local(now).date(), what))


def promised(what: str, written: datetime) -> datetime | None:
    """Say by when something is promised to who came at a moment; None when this house promises no such thing."""
    try:
        return answer_by(written, what)
    except NotFurnished:
        return None


def open_now(now: datetime | None = None) -> rules.Open:
    """Say whether the house itself is open."""
    now = now or clock.now()
    return rules.open_now(now, calendar(clock.local(now).date()))


@lru_cache(maxsize=8)
def _public_holidays(year: int) -> frozenset[date]:
    """List the Danish public holidays around a year; a promise may reach over New Year."""
    return frozenset(holidays.country_holidays("DK", years=range(year - 1, year + 3)))


def _closed_days() -> frozenset[date]:
    spans = ((row.first_day, (row.last_day - row.first_day).days + 1) for row in (_shelf.closures if _shelf else []))
    return frozenset(first + timedelta(days=ahead) for first, length in spans for ahead in range(length))


def days_without_groups(first: date, last: date) -> frozenset[date]:
    """Name the days, both ends included, on which no group meets: holidays, closures and the house's closed weeks."""
    weeks, _filled = house().closed_weeks, _all(Place)
    free = _closed_days().union(*(_public_holidays(year) for year in range(first.year, last.year + 1)))
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return frozenset(day for day in days if day in free or day.isocalendar().week in weeks)


# ---- Who else is there right now ----


@dataclass(frozen=True)
class LineNow:
    """Somebody else to ring, and whether they answer at this moment."""

    line: Line
    open: rules.Open

    @property
    def shown(self) -> str:
        """Write the number as people read it: "24 23 03 00"."""
        return spaced(self.line.number)


def lines(at: datetime | None = None, door: str = "") -> list[LineNow]:
    """List who can be rung: those who are there at that moment first, then the house's order."""
    at = at or clock.now()
    rows = _for_door(_valid(Line, clock.local(at).date()), door)
    found = [LineNow(row, rules.open_now(at, _line_hours(row))) for row in rows]
    return sorted(found, key=lambda each: not each.open.is_open)


def _line_hours(line: Line) -> rules.Calendar:
    always = [{"days": WEEKDAYS, "opens": "00:00", "closes": "24:00"}]
    return rules.Calendar(
        tuple(
            rules.Opening(WEEKDAYS.index(day), a_time(hours["opens"]), a_time(hours["closes"]))
            for hours in line.hours or always
            for day in hours["days"]
        ),
        tz=clock.TZ,
    )


# ---- Does it fit? ----


@dataclass(frozen=True)
class Match:
    """An offer, whether it fits a situation, and why in words a parent can read."""

    offer: Offer
    yes: bool
    reasons: tuple[str, ...]


def facts(offer: Offer, on: date | None = None) -> rules.OfferFacts:
    """Gather what decides whether an offer fits: its own ages and places, and the house's welcome for the rest."""
    house_rule = welcome(on)
    ages: Sequence[int | None] = (offer.age_from, offer.age_to, offer.siblings_to)
    if offer.any_age:
        ages = (None, None, None)
    elif offer.age_from is None and offer.age_to is None:
        ages = (house_rule.age_from, house_rule.age_to, house_rule.siblings_to)
    return rules.OfferFacts(
        key=offer.key,
        age_from=ages[0],
        age_to=ages[1],
        siblings_to=ages[2],
        relations=tuple(house_rule.relations),
        past_counts=house_rule.past_counts,
        places=tuple(offer.places),
        at_home=offer.at_home,
        area=tuple(house_rule.area),
        area_only=house_rule.area_only,
    )


def matches(situation: rules.Situation, on: date | None = None) -> list[Match]:
    """Say of every offer for families whether it fits, those that fit first."""
    named = {row.key: row.name for row in places(on)}
    rows = [row for row in offers(on) if row.audience != Offer.For.PROFESSIONAL]
    fits = [(row, rules.fits(facts(row, on), situation)) for row in rows]
    found = [Match(row, fit.yes, tuple(sentence(reason, named) for reason in fit.reasons)) for row, fit in fits]
    return sorted(found, key=lambda match: not match.yes)


def open_groups() -> list[OpenGroup]:
    """List the groups one may begin in, next start first, those that are full last; of what the house still offers."""
    today, offered, here = clock.today(), {row.key for row in offers()}, {row.key for row in places()}
    rows = [row for row in OpenGroup.objects.all() if row.offer in offered and row.place in here]
    for row in rows:
        row.dates = [day for day in map(date.fromisoformat, row.dates) if day >= today]
    return sorted((row for row in rows if row.dates), key=lambda row: (row.places == "waiting", row.dates[0]))
