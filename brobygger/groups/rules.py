"""Rules of groups over plain values: who may sit where, what a seat is called, how an evening is counted."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Protocol
from uuid import UUID

from brobygger.series import rules as series

#: Why somebody left a group.
LEAVING = ("completed", "too_old", "own_wish", "moved", "no_contact", "other_group", "other")


@dataclass(frozen=True)
class Sight:
    """How much of a group somebody sees: that it is there, who sits in it, its evenings, or how it is arranged."""

    group: bool = False
    roster: bool = False
    run: bool = False
    arrange: bool = False


def by_turn(leaders: Sequence[Any], number: int, at_once: int, away: Iterable[Any] = ()) -> list[Any]:
    """Order who may lead a meeting, by its number: each in turn, so many at once; who is away comes last."""
    if not leaders:
        return []
    begin = (number - 1) * at_once % len(leaders)
    order, gone = [*leaders[begin:], *leaders[:begin]], set(away)
    return [each for each in order if each not in gone] + [each for each in order if each in gone]


# ---- Deeds with groups ----


class MeetingIsOver(Exception):
    """It has begun, was held, or is called off; or the new time has gone by."""


class GroupIsClosed(Exception):
    """A closed group has no dates and takes nobody."""


class SomethingNew(Exception):
    """A colleague has changed it since the page was opened."""


@dataclass(frozen=True)
class Told:
    """How many families were told by message, and one seat of each family that must be rung."""

    reached: int = 0
    to_ring: list[Any] = field(default_factory=list)
    #: The meeting that comes at the end of a group of so many, instead of the one called off.
    instead: Any = None


# ---- Seats ----


class GroupIsFull(Exception):
    """Somebody sits on every chair, or has been offered it."""


class GroupIsOver(Exception):
    """The group is closed, or has no dates ahead."""


class TooManyNewcomers(Exception):
    """So many are new at that meeting already that there is no room for one more."""


class AlreadySeated(Exception):
    """They have a seat in this group, or an offer of one."""


class TalksFirst(Exception):
    """There are talks before the first evening, and nobody has said that they are done."""


class NotInPairs(Exception):
    """In this group a grown-up and a baby share a seat: nobody was named, or nobody of the same family."""


class SpeaksAgainst(Exception):
    """Something speaks against it (`reasons`), and nobody has said why all the same."""

    def __init__(self, reasons: Iterable[str]) -> None:
        """Keep what."""
        super().__init__()
        self.reasons = tuple(reasons)


class KeptApart(Exception):
    """They are not placed with somebody who sits there, and only who knows with whom may do it all the same."""


class NotOffered(Exception):
    """This seat was never theirs, or the meeting is none of its group's to come."""


class OfferIsOver(Exception):
    """The offer was answered before, taken back, or its day has passed."""


#: Days a family has to answer an offer, unless the group meets before.
ANSWER_DAYS = 7
#: Why a seat is offered although something speaks against it.
EVEN_SO = ("soon_of_age", "ready_for_it", "sibling_there", "family_wishes", "other")
#: How a family may wish that two children sit.
SIBLINGS = ("together", "apart")
PARITIES = ("even", "odd")
#: A pause longer than this is leaving: a chair nobody sits in is a child who waits.
LONGEST_PAUSE = timedelta(days=120)
#: How far ahead somebody who grows too old is counted as leaving.
SEEN_AHEAD = timedelta(days=365)
#: From fewer than this many who left in a year nobody can say what is usual.
FEWEST_LEFT = 4


class Ages(Protocol):
    """Whom a group is for."""

    kind: str
    months_from: int
    months_to: int
    siblings_to: int | None


def months(birth: str, on: date) -> int | None:
    """Tell how old somebody is in months whose month of birth is known as "2019-04"; None when it is not."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", birth or "")
    if not found:
        return None
    age = (on.year - int(found[1])) * 12 + on.month - int(found[2])
    return age if age >= 0 else None


def too_old_on(birth: str, months_to: int) -> date | None:
    """Name the first day somebody is too old for a group; None when the month of birth is not known."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", birth or "")
    if not found:
        return None
    years, month = divmod(int(found[2]) - 1 + months_to, 12)
    return date(int(found[1]) + years, month + 1, 1)


def fits(group: Ages, age: int | None, *, sibling: bool = False) -> tuple[str, ...]:
    """Say what speaks against a seat in a group for somebody so many months old: "too_young", "too_old".

    An age nobody knows speaks against nothing, nor does a grown-up's. An older sibling of who sits there is welcome.
    """
    if age is None or group.kind in ("parent", "cafe"):
        return ()
    if age < group.months_from:
        return ("too_young",)
    welcome_to = group.siblings_to if sibling and group.siblings_to else group.months_to
    return ("too_old",) if age >= max(welcome_to, group.months_to) else ()


def suits(wishes: Mapping[str, Any], *, place: str, days: Iterable[date], language: str = "") -> tuple[str, ...]:
    """Say which of a family's wishes a group goes against: "language", "place", "day", "parity".

    A group in Danish is for everybody, one in another language for those who speak it.
    """
    met = list(days)
    against = ["language"] if language and wishes.get("language") != language else []
    if wishes.get("places") and place not in wishes["places"]:
        against.append("place")
    if met and wishes.get("days") and not {each.weekday() for each in met} <= set(wishes["days"]):
        against.append("day")
    odd = wishes.get("parity") == "odd"
    if wishes.get("parity") and any(bool(each.isocalendar().week % 2) != odd for each in series.before_the_turn(met)):
        against.append("parity")
    return tuple(against)


def answer_until(today: date, first: date) -> date:
    """Say until when an offer holds: a week, but not longer than the day before the first meeting."""
    return max(today, min(today + timedelta(days=ANSWER_DAYS), first - timedelta(days=1)))


@dataclass(frozen=True)
class Expected:
    """When somebody who waits may begin at the earliest, and what that is built on: "free", "leaver" or "usual"."""

    day: date
    ground: str


def expected_start(
    *, today: date, ahead: int, free: Iterable[date], leaving: Iterable[date], left: Iterable[date]
) -> Expected | None:
    """Say honestly when whoever has so many before them may begin; None when there is no ground to say anything.

    `free` are the days the free seats can be taken from, `leaving` the days others are known to leave, `left` the days
    somebody left in the last year: the middle of the gaps between them is what is usual.
    """
    sure = sorted([*((day, "free") for day in free), *((day, "leaver") for day in leaving)])
    if ahead < len(sure):
        return Expected(max(today, sure[ahead][0]), sure[ahead][1])
    days = sorted(left)
    if len(days) < FEWEST_LEFT:
        return None
    gap = median((later - earlier).days for earlier, later in pairwise(days))
    start = max([today, *(day for day, _ground in sure)])
    return Expected(start + timedelta(days=round(max(1, gap) * (ahead - len(sure) + 1))), "usual")


@dataclass(frozen=True)
class Standing:
    """How a group stands for who wants to begin: free chairs, when there is room for somebody new, who will leave."""

    free: int
    #: The coming meetings at which somebody new may begin, soonest first; and the days the rule gives for all of them.
    starts: tuple[date, ...]
    days: tuple[date, ...]
    #: It takes somebody new at its first meeting alone, and that has been; so many are new at the next; too few
    #: meetings are left; so many may be new.
    begun: bool = False
    crowded: bool = False
    ends: bool = False
    at_once: int = 3
    #: How many chairs there are for parents in the group beside; None without such a group.
    beside: int | None = None
    #: When others will leave, as far as that is known, and when somebody left in the last year.
    leaving: tuple[date, ...] = ()
    left: tuple[date, ...] = ()

    @property
    def rooms(self) -> list[date]:
        """Name the day each free chair can be taken from."""
        last = len(self.starts) - 1
        return [self.starts[min(n // max(1, self.at_once), last)] for n in range(self.free)] if self.starts else []


@dataclass(frozen=True)
class Chance:
    """A group, what stands in the way of a seat in it today, and how it stands."""

    group: Any
    reasons: tuple[str, ...]
    standing: Standing

    @property
    def fits(self) -> bool:
        """Tell whether it is a group for them at all, be it full."""
        return UNFIT.isdisjoint(self.reasons)

    @property
    def free(self) -> bool:
        """Tell whether a seat in it can be offered now."""
        return self.fits and "parents_full" not in self.reasons and bool(self.standing.rooms)


#: What a family wishes: only who has its course reads which of them a group goes against.
WISHED = frozenset({"language", "place", "day", "parity", "apart", "no_parents", "parents_full"})
#: These are the group's own, or theirs; a group that is full, or has many new ones, may have room another time.
UNFIT = WISHED - {"parents_full"} | {"unsuited", "seated", "too_young", "too_old", "begun", "no_dates"}
UNFIT |= {"kept_apart", "not_there", "ends", "child_waits"}
#: What must be answered with a reason before a seat is offered all the same.
AGAINST = frozenset({"too_young", "too_old", "kept_apart", "begun"})


def unread(chance: "Chance") -> "Chance":
    """Say that a group goes against a family's wishes without saying which, for who may not read them."""
    return replace(chance, reasons=tuple(dict.fromkeys("unsuited" if at in WISHED else at for at in chance.reasons)))


def chance(
    group: Any, birth: str, wishes: Mapping[str, Any], *, there: Collection[str], now: Standing, today: date
) -> Chance:
    """Say what speaks against a seat in a group for one person.

    `there`: who sits in it: "they", "family", "kept_apart" (the viewer knows from whom), "not_there" (and does not); a
    "parent" of theirs beside it. "grown" is who is a grown-up.
    """
    if "they" in there:
        return Chance(group, ("seated",), now)
    age = months(birth, now.starts[0] if now.starts else today)
    wished = suits(wishes, place=group.place, days=now.days, language=group.language)
    reasons = [*fits(group, age, sibling="family" in there), *wished]
    reasons += ["child_waits"] if "grown" in there and group.kind in ("child", "pair") else []
    reasons += [each for each in ("kept_apart", "not_there") if each in there]
    reasons += ["apart"] if "family" in there and wishes.get("siblings") == "apart" else []
    if wishes.get("parent") == "must" and not now.beside and "parent" not in there:
        reasons.append("no_parents" if now.beside is None else "parents_full")
    reasons += [*(["begun"] if now.begun else [] if now.days else ["no_dates"]), *(["ends"] if now.ends else [])]
    reasons += ["full"] if now.free == 0 else ["newcomers"] if now.crowded else []
    return Chance(group, tuple(reasons), now)


def expected(chances: Iterable[Chance], *, ahead: int, today: date) -> Expected | None:
    """Say when somebody may begin at the earliest in any of the groups that fit them, with so many before them."""
    found = [each.standing for each in chances if each.fits]
    return expected_start(
        today=today,
        ahead=ahead,
        free=[day for each in found for day in each.rooms],
        leaving=[day for each in found for day in each.leaving],
        left=[day for each in found for day in each.left],
    )


# ---- The evening ----

#: What the evening's page says of somebody; `NO_MARK` takes a mark back, and saying nothing leaves it as it is.
HERE, SAID_NO, ABSENT, NO_MARK = "here", "said_no", "absent", "none"
MARKS = (HERE, SAID_NO, ABSENT)
#: Not coming so many times in a row, without a word, is a reason to call.
TIMES_MISSED = 2


@dataclass(frozen=True)
class Said:
    """What a page says of an evening: a mark a person, the elements used, one sentence."""

    marks: Mapping[UUID, str] = field(default_factory=dict)
    elements: frozenset[str] = frozenset()
    sentence: str = ""


@dataclass(frozen=True)
class Met:
    """What becomes of an evening that two pages told of: what to write, and what only a person can choose."""

    said: Said
    #: Those whose mark was changed on both pages, and not to the same.
    differ: frozenset[UUID] = frozenset()
    two_sentences: bool = False

    @property
    def agreed(self) -> bool:
        """Tell whether nobody has to choose."""
        return not self.differ and not self.two_sentences


def meet(*, mine: Said, seen: Said, there: Said) -> Met:
    """Put a page beside what stands there by now. `seen` is what stood there when the page was opened.

    What only one of them changed is that one's; what both changed differently is for a person to choose.
    """
    marks, differ = dict(there.marks), set[UUID]()
    for who, mark in mine.marks.items():
        was, now, wanted = seen.marks.get(who, ""), there.marks.get(who, ""), "" if mark == NO_MARK else mark
        if mark == "" or wanted in (was, now):
            continue
        if now != was:
            differ.add(who)
        else:
            marks[who] = wanted
    # Who wrote on has what stood there in it.
    both = mine.sentence != seen.sentence and there.sentence != seen.sentence and there.sentence not in mine.sentence
    said = Said(
        marks={who: mark for who, mark in marks.items() if mark},
        # A set is put together without anybody having to choose.
        elements=(there.elements | (mine.elements - seen.elements)) - (seen.elements - mine.elements),
        sentence=there.sentence if mine.sentence == seen.sentence else mine.sentence,
    )
    return Met(said, frozenset(differ), both)


def missed(marks: Iterable[tuple[date, str]], rang_on: date | None = None) -> int:
    """Count how many times in a row somebody did not come, from the newest back, since somebody last rang.

    Who sends word is in touch: "said no" ends the row. A meeting without a mark says nothing.
    """
    count = 0
    for day, mark in sorted(marks, reverse=True):
        if mark != ABSENT or (rang_on is not None and day <= rang_on):
            break
        count += 1
    return count


def apart(people: Sequence[tuple[str, int | None]]) -> list[tuple[str, int | None, int]]:
    """Tell people apart who are called the same: by age where that helps, else by a number; else 0 and None."""
    ages: dict[str, list[int | None]] = {}
    for name, age in people:
        ages.setdefault(name.casefold(), []).append(age)
    found, turn = list[tuple[str, int | None, int]](), dict[str, int]()
    for name, age in people:
        same = ages[name.casefold()]
        turn[name.casefold()] = nth = turn.get(name.casefold(), 0) + 1
        if len(same) == 1:
            found.append((name, None, 0))
        elif age is not None and same.count(age) == 1:
            found.append((name, age, 0))
        else:
            found.append((name, None, nth))
    return found


def in_order(name: str) -> str:
    """Make of a name what puts it in its place in a Danish list: æ, ø and å come last."""
    return name.casefold().replace("aa", "å").translate(str.maketrans("æøåäö", "{|}{|"))
