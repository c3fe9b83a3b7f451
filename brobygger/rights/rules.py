"""Rules of what a person may ask about themselves, over plain values: the month, sentences, whose words they are."""

import hashlib
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Protocol, TypeVar

from brobygger.casework.rules import folded
from brobygger.catalogue.rules import DEFAULT, Dated, valid_on
from brobygger.consents.rules import years_on

#: By what right somebody asks: about themselves, for a child they have custody of, as a young person, or otherwise.
RIGHTS = ("self", "young", "custody", "other")
#: A paper by one of these goes to the person it is about.
OWN_RIGHT = ("self", "young")
#: What goes to a municipality goes by no person's right.
AUTHORITY = "authority"
#: How it came to us.
WAYS = ("key", "present", "phone", "letter")
#: Why something is held back from who asks.
HELD_FOR = ("third_person", "child", "harm", "other")
#: How each kind may be answered in words; a wish to see is answered by a paper, or refused.
HOWS = {"access": ("refuse",), "correction": ("refuse", "answer"), "erasure": ("refuse", "answer", "forget")}
#: How a paper is handed out. All three say the same.
FORMS = ("page", "pdf", "json")
#: On what a handing over stands: somebody's consent, or a law.
GROUNDS = ("consent", "law")
#: The shape of the file; a change that a reader must know of gets a new number.
SHAPE, BUNDLE_SHAPE = "brobygger.access/1", "brobygger.handover/1"
#: From here a young person decides alone as a rule, and here a child is asked as a rule (domain.md L9, law.md A2).
YOUNG, ASKED = 15, 12
_ENDS = re.compile(r"[.!?…]+[\"”’»)\]]*\s+(?![a-zæøå0-9])|\n\s*")


class NotReady(Exception):
    """Something in it has not been looked through yet, or was decided by nobody."""


class AlreadyAnswered(Exception):
    """This has been answered or refused, and is not answered again."""


class AboutWhom(Exception):
    """Nobody who knows the people in the course has said yet whom it is about."""


class SomebodyWaits(Exception):
    """Somebody has asked about what would be erased, and waits for an answer."""


class NoGround(Exception):
    """Nothing goes to another authority without a consent that stands, or a law that is named."""


def month_after(day: date) -> date:
    """Find the same day a month on; where the month is too short, its last day (GDPR article 12(3))."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def sentences(text: str) -> list[str]:
    """Cut a text into sentences and lines; put together again they are the text, sign for sign."""
    cuts = [0, *(found.end() for found in _ENDS.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts) if start < end]


@dataclass(frozen=True)
class Piece:
    """A stretch of text as it is handed out: what stands there, or that so many sentences do not."""

    text: str
    held: int = 0
    why: str = ""


@dataclass(frozen=True)
class Decided:
    """What somebody decided about one thing: which sentences (by number and word for word) are held back, and why."""

    held: tuple[int, ...] = ()
    said: tuple[str, ...] = ()
    why: str = ""
    words: str = ""
    #: The sentences that said where somebody else is reached when it was decided: their card may be gone since.
    reach: tuple[str, ...] = ()
    #: The mark of all that was read then: nothing that came to it since goes out unread.
    whole: str = ""

    def fits(self, known: list[str]) -> bool:
        """Tell whether it still speaks of these sentences."""
        same = all(number < len(known) for number in self.held) and self.said == tuple(known[n] for n in self.held)
        return same and self.whole in ("", mark(known))


def mark(known: Iterable[str]) -> str:
    """Give the mark of some sentences: others, or cut otherwise, have another."""
    return hashlib.sha256("\0".join(known).encode(errors="surrogatepass")).hexdigest()


def pieces(known: list[str], decided: Decided, secret: Iterable[int] = ()) -> list[Piece]:
    """Put sentences together as they are handed out, each run of held-back ones as one gap.

    A decision that speaks of other sentences than these holds everything back. `secret` are the sentences with
    somebody else's number or address in them: they stay back whatever was decided.
    """
    kept = set(decided.held) if decided.fits(known) else set(range(len(known)))
    why = {number: decided.why or "other" for number in kept} | dict.fromkeys(secret, "reach")
    found: list[Piece] = []
    for number, sentence in enumerate(known):
        reason, last = why.get(number, ""), found[-1] if found else None
        if last and reason == last.why:
            found[-1] = Piece(last.text + (sentence if not reason else ""), last.held + bool(reason), reason)
        else:
            found.append(Piece(sentence if not reason else "", int(bool(reason)), reason))
    return found


#: A street and its number, a telephone number in pairs: so many sentences or lines they may be cut into.
WIDEST = 4
#: A text as it is searched: its figures alone, its letters without a gap, and its words.
Shape = tuple[str, str, str]


def where(known: Sequence[str], reach: Iterable[Mapping[str, object]]) -> list[int]:
    """Number the sentences in which somebody is reached; what is cut by a full stop or a line is in each of them."""
    shapes, found = [_shape(each) for each in known], list[range]()
    finders = [each for each in map(_finder, reach) if each(_together(shapes))]
    for width in range(1, WIDEST + 1) if finders else ():
        for start in range(len(known) - width + 1):
            these, told = range(start, start + width), _together(shapes[start : start + width])
            inside = any(each.start >= start and each.stop <= these.stop for each in found)
            if not inside and any(each(told) for each in finders):
                found.append(these)
    return sorted({number for each in found for number in each})


def reveals(text: str, reach: Mapping[str, object]) -> bool:
    """Tell whether a text holds a telephone number, mail or street that is on somebody's card."""
    return _finder(reach)(_shape(text))


def _finder(reach: Mapping[str, object]) -> Callable[[Shape], bool]:
    # Its last six: a number is written with and without its country.
    number, mail = _shape(str(reach.get("phone") or ""))[0][-6:], _shape(str(reach.get("mail") or ""))[1]
    places = [re.compile(place) for place in _places(reach)]

    def finds(shape: Shape) -> bool:
        figures, tight, words = shape
        found = (len(number) == 6 and number in figures) or (len(mail) > 4 and mail in tight)
        return found or any(place.search(words) for place in places)

    return finds


def _shape(text: str) -> Shape:
    figures = "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())
    return figures, "".join(folded(text).split()), _plain(text)


def _together(shapes: Sequence[Shape]) -> Shape:
    figures, tight, words = zip(*shapes, strict=True) if shapes else ((), (), ())
    return "".join(figures), "".join(tight), " ".join(filter(None, words))


def _places(reach: Mapping[str, object]) -> Iterator[str]:
    """Give what finds somebody's home in a text: the street with its number, in whatever line it stands.

    Of a protected home the street alone, and the town; but not what who asks has in their own address (`known`).
    """
    lines = [_plain(line) for line in re.split(r"[\n,]", str(reach.get("address") or ""))]
    known = _plain(str(reach.get("known") or ""))
    for at, line in enumerate(lines):
        home = re.match(r"(\d+ )?(\D{4,}?) ?(\d+)", line)
        if home:
            # However the first words are shortened: "Gl. Kongevej 7".
            *_first, last = home[2].split()
            yield from (rf"\b{re.escape(name)} ?{home[3]}(?!\d)" for name in {home[2], last} if len(name) > 3)
        elif at == 0 and len(line) > 5:
            yield rf"\b{re.escape(line)}\b"
        if reach.get("protected"):
            named = [home[2] if home else "", *re.findall(r"\b\d{4} (\D{3,})", line)]
            yield from (rf"\b{re.escape(name)}" for name in named if len(name) > 3 and name not in known)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", folded(text)))


def hidden_address(*, right: str, protected: Iterable[bool]) -> bool:
    """Tell whether a card's number and address stay out: it goes to another than its owner, and somebody is protected.

    A child lives where a parent lives: one protected person in the course is enough.
    """
    return right not in OWN_RIGHT and any(protected)


# ---- How long a record is kept ----

#: A hold says why in so many signs, or more.
SHORTEST_WHY = 10


class Rule(Dated, Protocol):
    """How many years a record is kept because somebody of one profession wrote in it, while the rule holds."""

    @property
    def rule(self) -> str:
        """The profession it is for, or "default"."""

    @property
    def years(self) -> int:
        """How many years from the last entry."""


Kept = TypeVar("Kept", bound=Rule)


def longest(wrote: Iterable[str], held: Iterable[Kept]) -> Kept | None:
    """Find the rule that keeps a record longest: the professions' own, "default" for who has none and for nobody.

    Of two that keep it as long, the one with a law is named.
    """
    known = {each.rule: each for each in held}
    found = [known.get(one) or known.get(DEFAULT) for one in sorted(set(wrote))] or [known.get(DEFAULT)]
    return max((each for each in found if each), key=lambda each: (each.years, each.rule != DEFAULT), default=None)


def first_day_over(
    last_entry: date, wrote: Iterable[str], periods: Sequence[Kept], on: date
) -> tuple[date, Kept] | None:
    """Find the first day from `on` a record's period is over, and the rule that says so; None when no rule says.

    Each day has the rules that hold on it, so a rule that changes tomorrow decides from tomorrow.
    """
    wrote = set(wrote)
    days = {on, *(years_on(last_entry, each.years) + timedelta(days=1) for each in periods)}
    days |= {day for each in periods for day in (each.valid_from, each.valid_to) if day}
    for day in sorted(day for day in days if day >= on):
        rule = longest(wrote, valid_on(periods, day))
        if rule and day > years_on(last_entry, rule.years):
            return day, rule
    return None


def stale(checked_on: date, today: date) -> bool:
    """Tell whether a law was looked up more than a year ago."""
    return today > years_on(checked_on, 1)
