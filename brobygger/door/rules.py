"""Rules of the door over plain values: who might have shown who they are, and which hour was promised."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import phonenumbers

#: The one row that says when a drill letter was last opened, and how old it may be before the door says so.
PULSE = UUID(int=1)
PULSE_LIVES = timedelta(minutes=5)
#: Who a professional may be; counted, and told to the parent as the one who may know.
PROFESSIONS: dict[str, dict[str, str]] = {
    "health_visitor": {"da": "Sundhedsplejerske", "en": "Health visitor"},
    "midwife": {"da": "Jordemoder", "en": "Midwife"},
    "doctor": {"da": "Læge", "en": "Doctor"},
    "pedagogue": {"da": "Pædagog", "en": "Early years teacher"},
    "teacher": {"da": "Lærer", "en": "School teacher"},
    "job_centre": {"da": "Jobcenter", "en": "Job centre"},
    "family_adviser": {"da": "Familierådgiver", "en": "Family adviser"},
    "other": {"da": "Andet", "en": "Something else"},
}
#: Doors behind which somebody may say who they are, and who a grown-up may be in a family.
NAMED_AT = ("child", "young", "parent")
#: What may be said of a seat in a group: the last two of one meeting.
SEAT = ("take", "decline", "leave", "away", "come")
GROWN: dict[str, dict[str, str]] = {
    "mother": {"da": "Mor", "en": "Mother"},
    "father": {"da": "Far", "en": "Father"},
    "bonus": {"da": "Bonusforælder", "en": "Step-parent"},
    "grandparent": {"da": "Bedsteforælder", "en": "Grandparent"},
    "foster": {"da": "Plejeforælder", "en": "Foster parent"},
    "other": {"da": "En anden voksen", "en": "Another adult"},
}
#: The way a referral goes, step by step, for each choice of how much its referrer may be told.
LADDER = {"none": ("received",), "contact": ("received", "trying", "contact")}
LADDER["ladder"] = (*LADDER["contact"], "started", "ended")
#: What stands in the place of something masked.
MASK = "[…]"

_CPR = re.compile(r"(?<!\d)(\d\d)[ ./-]?(\d\d)[ ./-]?(\d\d)[ ./–-]{0,3}(\d{4}|\d[A-Za-z]{2}\d)(?![\dA-Za-z])")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PLACE = re.compile(
    r"\b[A-ZÆØÅ][\wæøåéÆØÅ]*(?:skolen?|gymnasiet?|børnehaven?|vej(?:en)?|gaden?|all[eé](?:en)?|stræde(?:t)?|vænget?|"
    r"parken|torvet?)\b(?:\s+\d+\w?)?"
    r"|\b(?!(?:The|My|Our|Your|His|Her|Their)\b)[A-ZÆØÅ][\wæøåéÆØÅ]*\s"
    r"(?:Skole|Gymnasium|Vej|Gade|All[eé]|Torv|School|Street|Road)\b(?:\s+\d+\w?)?"
)
#: Eight digits that are a day and no telephone number: 24.12.2025, 2025-12-24.
_DAY = re.compile(r"(\d\d?)[./-](\d\d?)[./-]\d\d(\d\d)|\d\d(\d\d)-(\d\d)-(\d\d)")
_NAME = re.compile(
    r"\b(?:jeg hedder|mit navn er|min (?:mor|far|søn|datter|mand|kone) hedder|my name is|i am called)\s+[A-ZÆØÅ]\w+",
    re.IGNORECASE,
)


#: A child spoken of by name, where a professional was asked to say "a boy of six".
_CALLED = re.compile(
    r"\b(?i:hun|han|de|he|she|(?:elev|dreng|pige|barn|baby|søn|datter|bror|søster|mor|far|"
    r"the (?:boy|girl|child|pupil|mother|father))\w*) (?i:hedder|kaldes|is called|is named) [A-ZÆØÅ][\wæøå-]+"
)
_AGED = re.compile(
    r"\b([A-ZÆØÅ][\wæøåé-]+),? (?:på|er|of|is|aged) (?:kun |only )?\d{1,2}\W{0,2}"
    r"(?:år|måneder|uger|years|months|weeks)\b"
)
_WORD = re.compile(r"\b[A-ZÆØÅ][a-zæøåé]+(?:-[A-ZÆØÅ][a-zæøåé]+)?\b")
#: Whom one may speak of at the beginning of a sentence, with an age and without a name.
_NOBODY = re.compile(
    r"(?:en|et|den|det|de|ham|hende|vi|jeg|han|hun|mor|far|moren|faren|forælder|\w*(?:dreng|pige|barn|børn|elev|baby|søn|datter|"
    r"søskende|bror|søster|tvilling|storebror|klasse|familie)\w*|a|an|the|he|she|they|it|one|\w*(?:boy|girl|child|children|pupil|"
    r"mother|father|brother|sister|twin|son|daughter|parent)s?)",
    re.IGNORECASE,
)


#: How many questionnaires one link or one page asks.
MOST_FORMS = 6


def form_code(instrument: str, version: str) -> str:
    """Name the questions of an instrument, in one version, by four signs that say nothing."""
    return hashlib.blake2b(f"{instrument}-{version}".encode(), digest_size=2, person=b"brobygger asks").hexdigest()


@dataclass(frozen=True)
class Slip:
    """Something in a text that may show who wrote it: what it is, and where it stands."""

    kind: str
    start: int
    end: int


def slips(text: str) -> list[Slip]:
    """Find what may show who somebody is: CPR number, telephone, e-mail, a school or street, a name introduced as one.

    A CPR number is known by its date, not by modulus 11: numbers without the check have been given out since 2007.
    Finds patterns, not stories; the page says so.
    """
    found = [Slip("cpr", *each.span()) for each in _CPR.finditer(text) if _is_a_birthday(*each.groups()[:3])]
    found += [Slip("email", *each.span()) for each in _EMAIL.finditer(text)]
    numbers = phonenumbers.PhoneNumberMatcher(text, "DK")
    found += [Slip("phone", each.start, each.end) for each in numbers if not _is_a_day(each.raw_string)]
    found += [Slip("place", *each.span()) for each in _PLACE.finditer(text)]
    found += [Slip("name", *each.span()) for each in _NAME.finditer(text)]
    return _apart(found)


def _apart(found: list[Slip]) -> list[Slip]:
    """Leave out what stands over something else, and put the rest in order."""
    kept: list[Slip] = []
    for slip in found:
        if not any(slip.start < other.end and other.start < slip.end for other in kept):
            kept.append(slip)
    return sorted(kept, key=lambda slip: slip.start)


@cache
def first_names() -> frozenset[str]:
    """Read the first names many people in Denmark have; those that are also ordinary words are not among them."""
    return frozenset((Path(__file__).parent / "names.txt").read_text(encoding="utf-8").split())


def slips_about_a_child(text: str) -> list[Slip]:
    """Find what may show who a child is, where nobody is to be named: as `slips`, and names however they are said."""
    found = slips(text)
    found += [Slip("name", *each.span()) for each in _CALLED.finditer(text)]
    found += [Slip("name", *each.span(1)) for each in _AGED.finditer(text) if not _NOBODY.fullmatch(each[1])]
    found += [Slip("name", *each.span()) for each in _WORD.finditer(text) if _is_a_name(each[0])]
    return _apart(found)


def _is_a_name(word: str) -> bool:
    """Tell whether a word is somebody's first name, also when something is theirs: "Viggos", "Noah's" """
    return any(each in first_names() for each in (word, word.removesuffix("s"), word.split("-")[0]))


def _is_a_birthday(day: str, month: str, year: str) -> bool:
    """Tell whether six digits are a date in some century; a replacement number has 60 added to its day."""
    number = int(day) - 60 if int(day) > 60 else int(day)
    for century in (1900, 2000):
        try:
            date(century + int(year), int(month), number)
        except ValueError:
            continue
        return True
    return False


def _is_a_day(digits: str) -> bool:
    """Tell whether what looks like a telephone number is a date with its year."""
    found = _DAY.fullmatch(digits)
    if not found:
        return False
    day, month, year, iso_year, iso_month, iso_day = found.groups()
    return _is_a_birthday(day or iso_day, month or iso_month, year or iso_year)


def masked(text: str, found: list[Slip]) -> str:
    """Put a mask over what was found."""
    for slip in sorted(found, key=lambda each: each.start, reverse=True):
        text = text[: slip.start] + MASK + text[slip.end :]
    return text


def kinds(found: list[Slip]) -> list[str]:
    """Name the kinds of slips once each, in the order they stand."""
    return list(Counter(slip.kind for slip in found))


def promised(shown: datetime, written: datetime, compute: Callable[[datetime], datetime]) -> datetime:
    """Choose the hour somebody is told: the one they saw before writing, unless it went by while they wrote."""
    return shown if shown > written else compute(written)


#: Fields a person may have shown themselves in; a number to ring and an address are asked for, and no slip.
GUARDED = ("text", "alias", "sender", "words")


#: What cannot be sent even by somebody who wishes it, at each wish; elsewhere only a CPR number.
REFUSED = {"sparring": {"cpr", "phone", "email", "place", "name"}, "referral": {"cpr", "name"}}


def slips_in(clean: Mapping[str, Any], wish: str = "") -> list[Slip]:
    """Find what may show who somebody is, in everything they typed freely."""
    return [slip for name in GUARDED for slip in _finder(wish)(clean.get(name) or "")]


def masked_in(clean: Mapping[str, Any], wish: str = "") -> dict[str, Any]:
    """Put a mask over what was found in everything somebody typed freely; the rest stays as it is."""
    find = _finder(wish)
    return {**clean, **{name: masked(clean[name], find(clean[name])) for name in GUARDED if clean.get(name)}}


def _finder(wish: str) -> Callable[[str], list[Slip]]:
    return {"sparring": slips_about_a_child, "named": _numbers}.get(wish, slips)


def _numbers(text: str) -> list[Slip]:
    """Find what even somebody who has said who they are shall not write: a CPR number."""
    return [slip for slip in slips(text) if slip.kind == "cpr"]


def may_keep(found: list[Slip], wish: str = "") -> bool:
    """Tell whether somebody may choose to send what was found: never a CPR number, and no name of a child."""
    return not {slip.kind for slip in found} & REFUSED.get(wish, {"cpr"})


def decided(found: list[Slip], choice: str | None, wish: str = "") -> bool:
    """Tell whether a letter may go: nothing was found, or its writer chose to hide it, or to keep what may be kept."""
    return not found or choice == "mask" or (choice == "keep" and may_keep(found, wish))


def came_from_here(*, site: str | None, origin: str | None, referer: str | None, here: str) -> bool:
    """Tell whether a form was sent from one of our own pages.

    `site` is Sec-Fetch-Site, which newer browsers send and no page can forge; older ones send Origin. A form with no
    sign at all is refused: somebody else's page may have planted a key they know.
    """
    if site:
        return site in ("same-origin", "none")
    if origin:
        return origin == here
    return bool(referer) and (referer == here or str(referer).startswith(f"{here}/"))
