"""Rules of asking whether it helped, over plain values: who answers, when, what a change is, and what is low."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from brobygger.casework.rules import CHILDREN
from brobygger.outbox.rules import in_peace

START, DURING, END, AFTER = MOMENTS = ("start", "during", "end", "after")
#: Why a round was not answered.
WHY_NOT = ("declined", "left", "not_reached", "too_young", "not_relevant")
#: Nobody is asked about a child younger than this, in months.
YOUNGEST = 36
#: From this age, in years, a young person decides alone who sees their curve.
DECIDES = 15
#: A link in a text message or on a slip answers for so long, once.
LINK_LIVES = timedelta(days=14)
#: A reminder comes so many days after the last word about it, and never more often than this.
REMIND_EVERY, MOST_REMINDERS = timedelta(days=7), 2
#: Typing what stood on a paper may take its time; it is dated no further back than the round opened, and never ahead.
GRACE = timedelta(days=2)
#: What is so where the house's file does not say: see `[measuring]`.
SETTINGS: dict[str, int] = {
    "start_from": -28, "start_to": 28, "during_from": -14, "during_to": 28, "end_from": -28, "end_to": 56,
    "after_from": 150, "after_to": 210, "every_months": 3, "quiet_from": 20, "quiet_to": 8, "reminders": 2,
}  # fmt: skip


#: Who wants to know, in the same transaction, that a round was answered whole, and how; each is given the round.
ANSWERED: list[Callable[[Any, str], None]] = []


class RoundIsOver(Exception):
    """It is answered, said no to, too late, or its course has gone."""


class AlreadyAnswered(Exception):
    """We have it already: it was sent before, from this page or another."""


class NotThatDay(Exception):
    """An answer is dated on a day when nobody was asked, or ahead of today."""


class NotThatWay(Exception):
    """These questions may not be answered so: they need somebody beside them, or are typed by us."""


class NeedsYes(Exception):
    """Half a year after, somebody is asked only when they have said yes to it: see `services.agree`."""


class NeedsLicence(Exception):
    """Nobody here has confirmed that we may use these questions."""


class Questions(Protocol):
    """What these rules need to know of an instrument."""

    @property
    def pin(self) -> tuple[str, str]:
        """Its key and version."""

    @property
    def who(self) -> str:
        """Who answers: self, adult or either."""

    @property
    def from_months(self) -> int:
        """From which age somebody is asked about with it."""

    @property
    def to_months(self) -> int:
        """The first month too old."""

    @property
    def self_from_months(self) -> int:
        """From which age they answer themselves, where either may."""


class Limits(Protocol):
    """What a change is measured against; None where nothing is known."""

    @property
    def relevant(self) -> int | None:
        """What a group would call a change."""

    @property
    def reliable(self) -> int | None:
        """More than the measure's own uncertainty."""

    @property
    def line(self) -> int | None:
        """The line that is crossed."""

    @property
    def low(self) -> int | None:
        """Low: once is chance as often as not, `low_times` in a row is for somebody to look at."""

    @property
    def low_times(self) -> int:
        """How many in a row at or under `low` before somebody is to look."""

    @property
    def much_low(self) -> int | None:
        """So low that somebody should look the first time."""

    @property
    def fall(self) -> int | None:
        """So much less than last time that somebody should look."""


# ---- Who is asked what ----


@dataclass(frozen=True)
class Someone:
    """One person in a course, as far as asking goes: who they are, and how old they were when it began."""

    ident: Any
    role: str
    months: int | None
    offers: frozenset[str] = frozenset()
    #: A grown-up who hears how it goes for the children without somebody asking first.
    told: bool = True

    @property
    def child(self) -> bool:
        """Tell whether they are a child of the family."""
        return self.role in CHILDREN


@dataclass(frozen=True)
class Asked:
    """Somebody who is to answer about somebody, with which questions."""

    about: Any
    by: Any
    pins: tuple[tuple[str, str], ...]


def months_at(birth: str, on: date) -> int | None:
    """Count the months from a month of birth ("2019-04") to a day; None when it is not known, or lies ahead."""
    try:
        year, month = (int(part) for part in birth.split("-"))
        born = date(year, month, 1)
    except ValueError:
        return None
    months = (on.year - born.year) * 12 + on.month - born.month
    return months if 0 <= months < 1560 else None


def asked(
    people: Sequence[Someone], measures: Iterable[Mapping[str, Any]], shelf: Mapping[str, Questions], moment: str
) -> list[Asked]:
    """Say who answers what at one moment. The age that counts is the one at the beginning of the course.

    Nothing is asked about a child under three, and nothing where nobody can answer. A grown-up answers for a young
    child: the first one who was written down, and hears how it goes for the children.
    """
    adult = next((each for each in people if not each.child and each.told), None)
    found: dict[tuple[Any, Any], list[tuple[str, str]]] = {}
    for measure in measures:
        questions = shelf.get(str(measure["key"]))
        if questions is None or moment not in measure["moments"]:
            continue
        for person in people:
            if not _meant(person, measure, questions):
                continue
            by = _answers(person, questions, adult)
            if by is not None:
                found.setdefault((person.ident, by.ident), []).append(questions.pin)
    return [Asked(about, by, tuple(pins)) for (about, by), pins in found.items()]


def _meant(person: Someone, measure: Mapping[str, Any], questions: Questions) -> bool:
    """Tell whether questions are about somebody: of the right age, and with an offer they are for."""
    if person.child != (measure["people"] == "children"):
        return False
    if measure.get("offers") and person.offers.isdisjoint(measure["offers"]):
        return False
    if not person.child and person.months is None:
        # A grown-up whose birth nobody asked about is grown up.
        return True
    least = max(questions.from_months, measure.get("months_from") or 0, YOUNGEST)
    most = min(questions.to_months, measure.get("months_to") or 1200)
    return person.months is not None and least <= person.months < most


def _answers(person: Someone, questions: Questions, adult: Someone | None) -> Someone | None:
    """Name who answers about somebody; None where nobody can."""
    if questions.who == "self" or not person.child:
        return person
    own = questions.who == "either" and (person.months or 0) >= questions.self_from_months
    return person if own else adult


# ---- When ----


@dataclass(frozen=True)
class Window:
    """When one round is due, and between which days it may be answered, the last one included."""

    moment: str
    number: int
    due: date
    opens: date
    closes: date


def settings(said: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what a house's file does not say."""
    return {"measures": [], **SETTINGS, **said}


def window(moment: str, day: date, said: Mapping[str, Any], number: int = 0) -> Window:
    """Say when a round is due, counted from the day the course began, or ended."""
    first, last = said[f"{moment}_from"], said[f"{moment}_to"]
    due = day + timedelta(days=(first + last) // 2) if moment == AFTER else day
    return Window(moment, number, due, day + timedelta(days=first), day + timedelta(days=last))


def later(day: date, months: int) -> date:
    """Give the same day so many months later, or the last of a month that has it not."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def running(began: date, today: date, said: Mapping[str, Any]) -> list[Window]:
    """Say which rounds a course that runs has open today: its first, and the one on the way that is nearest."""
    found = [window(START, began, said)]
    every = said["every_months"]
    number = 1
    while every and (day := later(began, every * number)) <= today - timedelta(days=said["during_from"]):
        found.append(window(DURING, day, said, number))
        number += 1
    return [each for each in found if each.opens <= today <= each.closes]


def ended(on: date, said: Mapping[str, Any]) -> list[Window]:
    """Say which rounds the end of a course brings, planned or not: one at once, and one half a year after."""
    return [window(END, on, said), window(AFTER, on, said)]


def awake(now: datetime, said: Mapping[str, Any], *, lessons: bool = False) -> datetime:
    """Give the first moment from now on at which somebody may be written to; a child not in its lessons."""
    return in_peace(now, "any", {"quiet": (said["quiet_from"], said["quiet_to"]), "lessons": lessons})


def may_be_dated(on: date, *, opens: date, closes: date, today: date) -> bool:
    """Tell whether an answer may bear a day: not ahead of today, and in the round's own days.

    Whoever was typing as the last day went by is not thrown out.
    """
    return opens <= on <= min(today, closes + GRACE)


# ---- What a change is ----


@dataclass(frozen=True)
class Change:
    """One answer beside another: how far apart, and three things that are not the same and are shown apart."""

    points: int
    relevant: bool
    reliable: bool
    #: "up" or "down" over the line; empty when it was not crossed.
    crossed: str = ""


def change(before: int, after: int, limits: Limits) -> Change:
    """Compare two scores by an instrument's own limits; what has none is never called a change."""
    points = after - before
    crossed = ""
    if limits.line is not None and (before <= limits.line) != (after <= limits.line):
        crossed = "up" if after > limits.line else "down"
    return Change(
        points,
        relevant=limits.relevant is not None and abs(points) >= limits.relevant,
        reliable=limits.reliable is not None and abs(points) >= limits.reliable,
        crossed=crossed,
    )


def low(score: int | None, before: Sequence[int], limits: Limits) -> list[str]:
    """Say why somebody here should look at an answer soon; nothing where there is no reason. Never a diagnosis.

    `before` are the scores the same one gave before it, oldest first. The rule is WHO-5's (outcomes.md 43): fallen by
    24, or at 28, or at 50 twice in a row. At 50 once is where many children begin.
    """
    if score is None:
        return []
    found = []
    in_a_row = [*before, score][-limits.low_times :]
    if limits.much_low is not None and score <= limits.much_low:
        found.append("very_low")
    elif limits.low is not None and len(in_a_row) == limits.low_times and max(in_a_row) <= limits.low:
        found.append("low")
    if limits.fall is not None and before and before[-1] - score >= limits.fall:
        found.append("fall")
    return found


def look_by(days: Iterable[date], on: date) -> date:
    """Give the day by which somebody has looked: the second open day after the answer came."""
    ahead = list(islice((day for day in days if day > on), 2))
    return ahead[1] if len(ahead) > 1 else on + timedelta(days=2)
