"""The shape of a house's file: what a value may be, and which fields each section has.

Each check takes what the file says and gives a clean value, or says what it should have been.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from . import rules
from .models import ALWAYS, Offer

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LANGUAGES = ("da", "en")
#: Texts of the house that its pages ask for by name; all but the single ones are lists.
TEXTS = ("headline", "intro", "free", "kept", "deleting", "readers", "duty", "never", "rights")
SINGLE_TEXTS = ("headline", "free")

Check = Callable[[Any], Any]


class Wrong(Exception):
    """One value is not what it should be; the message says what it should be, `where` in which part of it."""

    def __init__(self, why: str, *where: str) -> None:
        """Say why, and in which part."""
        super().__init__(why)
        self.where = where


def a_word(value: Any) -> str:
    """Take a short text that is the same in every language."""
    if not isinstance(value, str) or not value.strip():
        raise Wrong(_("must be a text that is not empty."))
    return value.strip()


def maybe_empty(value: Any) -> str:
    """Take a short text, or an empty one."""
    if not isinstance(value, str):
        raise Wrong(_("must be a text; it may be empty."))
    return value.strip()


def a_key(value: Any) -> str:
    """Take a name made of small letters, digits and hyphens."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", value):
        raise Wrong(_("must be a key of small letters a-z, digits and hyphens, at most 40."))
    return value


def a_text(value: Any) -> dict[str, str]:
    """Take a text in every language of the house."""
    if not isinstance(value, dict):
        raise Wrong(_('must be written as { da = "...", en = "..." }.'))
    for language in LANGUAGES:
        if not isinstance(value.get(language), str) or not value[language].strip():
            raise Wrong(_('has no text in the language "%s".') % language)
    if unknown := set(value) - set(LANGUAGES):
        raise Wrong(_('names a language we do not have: "%s".') % min(unknown))
    return {language: " ".join(value[language].split()) for language in LANGUAGES}


def texts(value: Any) -> list[dict[str, str]]:
    """Take a list of texts, in order."""
    if not isinstance(value, list):
        raise Wrong(_("must be a list of texts."))
    return [a_text(each) for each in value]


def a_day(value: Any) -> date:
    """Take a date."""
    if type(value) is not date:
        raise Wrong(_("must be a date, written as 2026-01-31 without quotation marks."))
    return value


def a_time(value: Any) -> time:
    """Take a time of day; 24:00 is the end of the day."""
    if value == "24:00":
        return rules.MIDNIGHT
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise Wrong(_('must be a time of day, written as "08:30".'))
    return time.fromisoformat(value)


def a_number(low: int, high: int) -> Check:
    """Take a whole number in a range."""

    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise Wrong(_("must be a whole number from %(low)s to %(high)s.") % {"low": low, "high": high})
        return value

    return check


def points(value: Any) -> float:
    """Take a number of points on a scale to a hundred, with a decimal or without."""
    if type(value) not in (int, float) or not 0 < value <= 100:
        raise Wrong(_("must be a number of points, more than 0 and at most 100."))
    return float(value)


def week_numbers(value: Any) -> list[int]:
    """Take a list of ISO week numbers, each once, in order."""
    if not isinstance(value, list):
        raise Wrong(_("must be a list of week numbers."))
    return sorted({a_number(1, 53)(each) for each in value})


def wishes(value: Any) -> list[str]:
    """Take every wish of who gets a seat, each once, in the house's own order."""
    if not isinstance(value, list) or sorted(map(str, value)) != sorted(rules.WISHES):
        raise Wrong(_("must name each of these once, the most important first: %s.") % ", ".join(rules.WISHES))
    return [*value]


def yes_or_no(value: Any) -> bool:
    """Take true or false."""
    if type(value) is not bool:
        raise Wrong(_("must be true or false."))
    return value


def one_of(words: tuple[str, ...]) -> Check:
    """Take one of some words."""

    def check(value: Any) -> str:
        if value not in words:
            raise Wrong(_("must be one of: %s.") % ", ".join(words))
        return str(value)

    return check


def some_of(words: tuple[str, ...] | None = None) -> Check:
    """Take a list of words, or of keys where the words are not known beforehand."""
    each = one_of(words) if words else a_key

    def check(value: Any) -> list[str]:
        if not isinstance(value, list):
            raise Wrong(_("must be a list."))
        return [each(item) for item in value]

    return check


def a_number_to_ring(value: Any) -> str:
    """Take a telephone number as it is dialled, or nothing."""
    if not isinstance(value, str) or not re.fullmatch(r"|\d{3}|\d{4}|116\d{3}|\+45\d{8}", value):
        raise Wrong(_('must be a telephone number such as "+4512345678" or "112", or empty.'))
    return value


def an_address_on_the_net(value: Any) -> str:
    """Take an address that begins with https."""
    if not isinstance(value, str) or not re.fullmatch(r"https://[a-z0-9.-]+(/\S*)?", value):
        raise Wrong(_('must be an address that begins with "https://".'))
    return value


def a_record_number(value: Any) -> str:
    """Take a number of the municipalities' record plan."""
    if not isinstance(value, str) or not re.fullmatch(r"\d\d\.\d\d\.\d\d", value):
        raise Wrong(_('must be a KLE number such as "34.15.05".'))
    return value


def colours(value: Any) -> dict[str, dict[str, str]]:
    """Take the colours of day and night, readable by weak eyes."""
    if not isinstance(value, dict) or set(value) != {"day", "night"}:
        raise Wrong(_("must have two parts: day and night."))
    return {part: _under(part, _palette, named) for part, named in value.items()}


def _palette(named: Any) -> dict[str, str]:
    if not isinstance(named, dict):
        raise Wrong(_("must be a table of colours."))
    for name, colour in named.items():
        if name not in rules.COLOURS:
            why = _('has no colour called "%(name)s"; there are: %(names)s.')
            raise Wrong(why % {"name": name, "names": ", ".join(rules.COLOURS)})
        if not isinstance(colour, str) or not re.fullmatch(r"#[0-9a-f]{6}", colour):
            raise Wrong(_('%(name)s must be a colour such as "#1d2b2f".') % {"name": name})
    if missing := set(rules.COLOURS) - set(named):
        raise Wrong(_('lacks "%s".') % min(missing))
    if pale := rules.too_pale(named):
        raise Wrong(_("%(one)s on %(other)s has contrast %(has)s; it needs %(needs)s.") % pale)
    return named


def house_texts(value: Any) -> dict[str, Any]:
    """Take the house's own texts by name."""
    if not isinstance(value, dict):
        raise Wrong(_("must be a table of texts."))
    if missing := set(TEXTS) - set(value):
        raise Wrong(_('has no text called "%s".') % min(missing))
    if unknown := set(value) - set(TEXTS):
        raise Wrong(_('has a text nobody asks for: "%s".') % min(unknown))
    return {name: _under(name, a_text if name in SINGLE_TEXTS else texts, each) for name, each in value.items()}


def _under(name: str, check: Check, value: Any) -> Any:
    """Check a part of a value; what is wrong in it is wrong there."""
    try:
        return check(value)
    except Wrong as wrong:
        raise Wrong(str(wrong), name, *wrong.where) from wrong


def days(value: Any) -> list[str]:
    """Take weekdays."""
    found: list[str] = some_of(WEEKDAYS)(value)
    if not found:
        raise Wrong(_("must name at least one day: %s.") % ", ".join(WEEKDAYS))
    return found


def hours_of_a_line(value: Any) -> list[dict[str, Any]]:
    """Take when somebody else can be rung; no hours is day and night."""
    if not isinstance(value, list):
        raise Wrong(_("must be a list of hours."))
    clean = []
    for each in value:
        if not isinstance(each, dict) or set(each) != {"days", "opens", "closes"}:
            raise Wrong(_('must be written as { days = ["mon"], opens = "16:00", closes = "24:00" }.'))
        if a_time(each["opens"]) >= a_time(each["closes"]):
            raise Wrong(_("must close after it opens; write hours past midnight as two."))
        clean.append({"days": days(each["days"]), "opens": each["opens"], "closes": each["closes"]})
    return clean


# ---- The sections ----


class Required:
    """Says that a field has no default."""


@dataclass(frozen=True)
class Section:
    """One part of the file: which fields it has, how each is checked, and what it is when left out."""

    fields: Mapping[str, tuple[Check, Any]]
    dated: bool = True
    only_one: bool = False
    must_be: bool = True

    @property
    def all_fields(self) -> dict[str, tuple[Check, Any]]:
        """Name the section's own fields and the two dates."""
        dates = {"valid_from": (a_day, ALWAYS), "valid_to": (a_day, None)} if self.dated else {}
        return {**self.fields, **dates}


#: Said at most once, and may be left out; and what has no days from and to, and may be left out.
_settings = partial(Section, dated=False, only_one=True, must_be=False)
_undated = partial(Section, dated=False, must_be=False)
_optional = partial(Section, must_be=False)
_KEY, _TEXT, _AGE = (a_key, Required), (a_text, Required), a_number(0, 99)
_DOORS: tuple[Check, Any] = (some_of(rules.DOORS), [])
_CHOICE = {"key": _KEY, "label": _TEXT, "doors": _DOORS}
_CHECKED: dict[str, tuple[Check, Any]] = {"source": (maybe_empty, ""), "checked_on": (a_day, Required)}
_PAY = (0, 9999)
_REPORTED = {"threshold": (3, 50), "rounding": (1, 6), "shares_from": (10, 500), "wage_low": _PAY, "wage_high": _PAY}
SECTIONS: dict[str, Section] = {
    "house": Section(
        {
            "key": _KEY,
            "name": (a_word, Required),
            "neutral_title": _TEXT,
            "exit_url": (an_address_on_the_net, Required),
            "phone": (a_number_to_ring, ""),
            "secure_email": (maybe_empty, ""),
            "address": (maybe_empty, ""),
            "municipality": _KEY,
            "colours": (colours, Required),
            "texts": (house_texts, Required),
            "closed_weeks": (week_numbers, []),
        },
        dated=False,
        only_one=True,
    ),
    "placement": _settings(
        {
            "order": (wishes, rules.placement()["order"]),
            "limit_weeks": (a_number(1, 520), rules.placement()["limit_weeks"]),
            "fewest_meetings_left": (a_number(1, 52), rules.placement()["fewest_meetings_left"]),
        }
    ),
    "measuring": _settings(
        {
            **{f"{each}_{end}": (a_number(-400, 400), None) for each in rules.MOMENTS for end in ("from", "to")},
            **dict.fromkeys(("quiet_from", "quiet_to", "every_months"), (a_number(0, 24), None)),
            "reminders": (a_number(0, 2), None),
        }
    ),
    "measures": _undated(
        {
            "key": _KEY,
            "people": (one_of(("children", "adults")), Required),
            "moments": (some_of(rules.MOMENTS), Required),
            **{name: (a_number(0, 1200), None) for name in ("months_from", "months_to")},
            "offers": (some_of(), []),
        }
    ),
    "report": _settings({name: (a_number(*ends), None) for name, ends in _REPORTED.items()}),
    "norms": _undated(
        {
            **{"instrument": _KEY, "mean": (points, Required), "sd": (points, None), "source": (a_word, Required)},
            **{"year": (a_number(1950, 2100), Required), **dict.fromkeys(("age_from", "age_to"), (_AGE, Required))},
        }
    ),
    "welcome": Section(
        {
            "age_from": (_AGE, 0),
            "age_to": (_AGE, Required),
            "siblings_to": (_AGE, None),
            "relations": (some_of(rules.RELATIONS), []),
            "past_counts": (yes_or_no, False),
            "area": (some_of(), []),
            "area_only": (yes_or_no, False),
        }
    ),
    "hours": Section({"days": (days, Required), "opens": (a_time, Required), "closes": (a_time, Required)}),
    "closures": _undated({"first_day": (a_day, Required), "last_day": (a_day, Required), "reason": _TEXT}),
    "promises": Section(
        {
            "key": (one_of(("answer", "first_talk", "first_talk_latest")), Required),
            "kind": (one_of(rules.KINDS), Required),
            "hours": (a_number(1, 9999), None),
            "by": (a_time, None),
            "pauses_when_closed": (yes_or_no, True),
        }
    ),
    "places": Section(
        {
            "key": _KEY,
            "name": _TEXT,
            "kind": (one_of(rules.PLACE_KINDS), Required),
            "rooms": (a_number(1, 50), 1),
            "address": (maybe_empty, ""),
            "directions": (a_text, {}),
        }
    ),
    "offers": Section(
        {
            "key": _KEY,
            "audience": (one_of(tuple(Offer.For.values)), Required),
            **dict.fromkeys(("name", "lead"), _TEXT),
            **dict.fromkeys(("about", "first_time", "tell_the_child"), (texts, [])),
            **dict.fromkeys(("rhythm", "led_by", "starts_by"), (a_text, {})),
            **dict.fromkeys(("age_from", "age_to", "siblings_to"), (_AGE, None)),
            "any_age": (yes_or_no, False),
            "places": (some_of(), []),
            "at_home": (yes_or_no, False),
            "seats": (a_number(1, 200), None),
        }
    ),
    "partners": _optional({"key": _KEY, "name": (a_word, Required), "kind": (one_of(rules.PARTNER_KINDS), Required)}),
    "lines": Section(
        {
            "key": _KEY,
            "number": (a_number_to_ring, Required),
            **dict.fromkeys(("name", "who"), _TEXT),
            "hours": (hours_of_a_line, []),
            "doors": _DOORS,
        }
    ),
    "questions": _optional({"key": _KEY, "question": _TEXT, "answer": _TEXT}),
    "doors": Section(
        {
            "key": (one_of(rules.DOORS), Required),
            "enabled": (yes_or_no, True),
            **dict.fromkeys(("name", "title", "lead", "prompt", "kept", "how_long", "readers", "must_tell"), _TEXT),
        }
    ),
    "consents": _optional({"key": _KEY, "text": (texts, Required), "days": (a_number(1, 366), Required)}),
    "retention": Section(
        {
            "key": (one_of((*rules.PROFESSIONS, rules.DEFAULT)), Required),
            "regime": (one_of(rules.REGIMES), "course"),
            "years": (a_number(1, 100), Required),
            "counted_from": (one_of(rules.COUNTED_FROM), "last_entry"),
            "law": _TEXT,
            **_CHECKED,
        }
    ),
    "kle": _optional({"key": _KEY, "number": (a_record_number, Required), "title": _TEXT, **_CHECKED}),
    **{name: Section({"key": _KEY, "label": _TEXT}, must_be=name != "tags") for name in rules.WORD_LISTS},
    "themes": Section(_CHOICE),
    "age_bands": Section({**_CHOICE, "age_from": (_AGE, None), "age_to": (_AGE, None)}),
    "meeting_modes": Section({**_CHOICE, "key": (one_of(rules.MEETING_MODES), Required)}),
}
