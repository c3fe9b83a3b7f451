"""Rules of a named course over plain values: its parts, who sees what of it, and what it is called."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid5

#: What later rooms do while a person is being erased, before the row goes: each registers its own when it starts.
LETTING_GO: list[Callable[[UUID], None]] = []
#: And what they do in the transaction in which a course begins, ends for whatever reason, or goes on after it had: each
#: is told its id.
BEGINNING: list[Callable[[UUID], None]] = []
ENDING: list[Callable[[UUID], None]] = []
GOING_ON: list[Callable[[UUID], None]] = []


def happened(listening: Iterable[Callable[[UUID], None]], course: UUID) -> None:
    """Tell the rooms that listen that a course has begun, ended, or goes on."""
    for hears in listening:
        hears(course)


#: What may be known of a course, and whose it is: the course's, or one person's in it. All of it optional.
PARTS = {
    "agreement": "course",
    "living": "course",
    "problems": "course",
    "coordination": "course",
    "offers": "course",
    "elements": "course",
    "tags": "course",
    "end": "course",
    "person": "member",
    "custody": "member",
    "contact": "member",
    "use": "member",
    "care": "member",
}
#: Who somebody is in a family (domain.md D11: step and bonus relations and close grandparents count).
ROLES = ("child", "sibling", "mother", "father", "parent", "step", "bonus", "foster", "grandparent", "other")
CHILDREN = ("child", "sibling")
#: Doors at which a child or a young person writes itself.
THEIR_DOORS = ("child", "young")
#: Why a course ended.
ENDINGS = ("completed", "family_stopped", "no_contact", "moved", "other_help", "handed_over", "other")
#: How a family's yes to a record was given.
WAYS = ("key", "present", "phone", "referral")
#: How many versions of one thing, or people in one course, anybody can mean.
MOST_MEMBERS = 30


@dataclass(frozen=True)
class Sight:
    """What somebody may see and do in a course. All false: for them it does not exist."""

    #: That it runs, its people by what they are called, and how they may be reached.
    contact: bool = False
    #: Parts and notes.
    content: bool = False
    own_talks: bool = False
    #: What one evening needs: first names, what to remember, who may fetch.
    evening: bool = False
    #: May write.
    write: bool = False
    #: May say who has it.
    arrange: bool = False

    @property
    def any(self) -> bool:
        """Tell whether the course exists for them at all."""
        return self.contact or self.content or self.evening or self.arrange


def sight(*, scopes: Iterable[str], own_talks: bool, glass: bool, opens: bool, contacts: bool, arranges: bool) -> Sight:
    """Decide what somebody sees of a course, from what they are assigned to today and what their role lets them do."""
    held = set(scopes) if opens else set()
    whole = "course" in held
    return Sight(
        contact=whole or contacts or glass,
        content=whole or glass,
        own_talks=whole and own_talks,
        evening=bool(held) or glass,
        write=whole,
        arrange=arranges or whole,
    )


def closed(seen: Sight) -> Sight:
    """Say what is left of it when a course has ended: it is read, written in no more, and has no evenings."""
    return replace(seen, write=False, evening=seen.evening and seen.content)


def wrote_there(door: str, role: str) -> bool:
    """Tell whether who is written down first can be who wrote: a child at a child's door, a grown-up at another."""
    return (role in CHILDREN) == (door in THEIR_DOORS)


def age(birth: str, on: date) -> int | None:
    """Tell how old somebody is whose month of birth is known as "2019-04"; None when it is not, or lies ahead."""
    found = re.fullmatch(r"(\d{4})-(\d\d)", birth or "")
    if not found or not 1 <= int(found[2]) <= 12:
        return None
    years = on.year - int(found[1]) - (on.month < int(found[2]))
    return years if 0 <= years < 130 else None


def words(text: str) -> list[str]:
    """Cut a name into the words it may be found by: small letters, "Aa" as "å", without accents."""
    # In whatever letters it is written: not every name here is.
    return list(dict.fromkeys(re.findall(r"[^\W\d_]{2,}", folded(text))))


def folded(text: str) -> str:
    """Write a text as it is compared: small letters, "Aa" as "å", without accents and without signs nobody sees."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    spelt = unicodedata.normalize("NFC", seen.casefold()).replace("aa", "å").translate(_SPELT)
    return "".join(_bare(letter) for letter in spelt)


def unnamed(text: str, names: Iterable[str]) -> str:
    """Take out of a line that stays for good what names somebody: some names, and every number and mail."""
    known = set(words(" ".join(names)))
    known |= {f"{word}s" for word in known}
    told = re.sub(r"\S+@\S+|\+?\d(?:[ .-]?\d){7,}", "…", text)
    return re.sub(r"[^\W\d_]{2,}", lambda found: "…" if not known.isdisjoint(words(found[0])) else found[0], told)


#: Letters that are no accented ones, as they are typed where they are missing.
_SPELT = str.maketrans({"ä": "æ", "ö": "ø", "\u0131": "i", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe"})


def _bare(letter: str) -> str:
    """Take the accent off a letter; a lone accent goes."""
    kept = letter if letter in "æøå" else unicodedata.normalize("NFKD", letter)
    return "".join(each for each in kept if not unicodedata.combining(each))


def digits(text: str) -> str:
    """Read a Danish telephone number as its eight digits, however it is typed; empty when it is none."""
    found = re.sub(r"\D", "", text)
    found = (
        found[4:] if found.startswith("0045") else found[2:] if found.startswith("45") and len(found) == 10 else found
    )
    return found if 6 <= len(found) <= 15 else ""


def nick_words(text: str) -> list[str]:
    """Cut a nickname into the words it may be found by, and its number."""
    return list(dict.fromkeys(re.findall(r"[a-zæøå]+|\d+", unicodedata.normalize("NFC", text.casefold()))))


def box_number(text: str) -> str:
    """Read a box number as it is said and typed: four letters and digits; empty when it is none."""
    found = re.sub(r"[^0-9A-Z]", "", text.upper()).translate(str.maketrans("OIL", "011"))[:4]
    return found if len(found) == 4 else ""


def pairs(found: list[str]) -> list[str]:
    """Put the words of one name together two by two, so that two words are looked up as one."""
    few = sorted(found[:6])
    return [f"{one} {other}" for at, one in enumerate(few) for other in few[at + 1 :]]


@cache
def _drawn_from() -> tuple[list[str], list[str]]:
    """Read the words nicknames are drawn from: how, and what. About nobody, and kind to say aloud."""
    lines = Path(__file__).with_name("nicknames.txt").read_text(encoding="utf-8").splitlines()
    how, what = (line.split() for line in lines if line and not line.startswith("#"))
    return how, what


def nickname(dice: Random, taken: Iterable[str] = (), *, after: int = 0) -> str:
    """Draw what a course is called here: two words about nobody, and a number after a few attempts in vain."""
    (how, what), known = _drawn_from(), taken if isinstance(taken, set) else set(taken)
    for attempt in range(after, after + 1000):
        drawn = f"{dice.choice(how)} {dice.choice(what)}"
        drawn += f" {dice.randrange(2, 10 ** (1 + attempt // 20))}" if attempt > 5 else ""
        if drawn not in known:
            return drawn
    raise RuntimeError("no nickname is left")


def may_be_told(custody: dict[str, Any]) -> bool:
    """Tell whether a grown-up hears of a child without somebody asking first, by what is written of their custody.

    Nothing written hides nothing. Who has no custody hears of a child only where that is said.
    """
    told = custody.get("told") or ("ask" if custody.get("holder") == "no" else "yes")
    return bool(told == "yes")


# ---- Moving in from a list kept before ----


@dataclass(frozen=True)
class Newcomer:
    """A person who comes in from a list kept before. `known_by` says which row they were, for the next time."""

    known_by: str
    card: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    note: str = ""
    noted_on: date | None = None


@dataclass(frozen=True)
class Arrival:
    """A course that comes in from a list kept before, with the list's own days; or more people for one that is here."""

    known_by: str
    people: tuple[Newcomer, ...]
    opened_on: date
    last_entry_on: date
    ended_on: date | None = None
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    worker: Any = None
    into: UUID | None = None


def moved(ident: UUID) -> UUID:
    """Name what remembers, blind, that a course or a person came in from a list."""
    return uuid5(ident, "import")
