"""The columns of the list a house moves in from: what each is called, what may stand in it, and what is wrong if not.

Danish names first, as in docs/moving-in.md; the names after them are understood too.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from brobygger.access import queries as people
from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework import rules
from brobygger.catalogue import queries as catalogue
from brobygger.door import rules as door
from brobygger.ground import clock

#: No list is older; a number or a day before it is something else.
EARLIEST = date(1980, 1, 1)
#: A child that is expected may stand in the list.
EXPECTED = timedelta(days=300)
SHORT, MIDDLE, LONG = 100, 1_000, 20_000

ROLES = {
    "child": "barn|datter|søn|child", "sibling": "søskende|bror|søster|sibling", "mother": "mor|mother",
    "father": "far|father", "parent": "forælder|parent", "step": "stedforælder|stedmor|stedfar|step",
    "bonus": "bonusforælder|bonusmor|bonusfar|bonus", "foster": "plejeforælder|plejemor|plejefar|foster",
    "grandparent": "bedsteforælder|mormor|morfar|farmor|farfar|bedstemor|bedstefar|grandparent",
    "other": "anden|andet|andre|other",
}  # fmt: skip
#: Not "handed over": such a course stands with the municipality, and no second file is kept.
ENDINGS = {
    "completed": "gennemført|afsluttet efter aftale|completed",
    "family_stopped": "familien stoppede|stoppet af familien|family stopped",
    "no_contact": "ingen kontakt|mistet kontakt|no contact",
    "moved": "flyttet|moved",
    "other_help": "anden hjælp|andet tilbud|other help",
    "other": "andet|other",
}
HANDED_OVER = ("givet videre", "overdraget", "handed over")
CUSTODY = {"yes": "ja|yes", "shared": "delt|fælles|shared", "no": "nej|no", "unknown": "ved ikke|?|unknown"}
WAYS = {"present": "i rummet|personligt|present", "phone": "telefon|phone", "referral": "henvisning|referral"}
WHEN = {"now": "nu|aktuelt|now", "past": "tidligere|før|past"}
YES, NO = ("ja", "x", "yes", "1", "true", "sand"), ("nej", "no", "0", "false", "falsk", "-")
MONTHS = ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
_ENGLISH = {"may": "maj", "oct": "okt"}
Given = str | date


class Wrong(Exception):
    """What stands in a cell cannot be taken in: why, and what to write instead."""


@dataclass
class House:
    """What this house calls things today, and who works here: looked up once a list."""

    called: dict[str, dict[str, str]] = field(default_factory=dict)
    staff: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)

    @classmethod
    def ours(cls) -> "House":
        """Look it up."""
        rows = {
            "problems": catalogue.problems(), "substances": catalogue.substances(), "tags": catalogue.tags()
        }  # fmt: skip
        called = {of: _called((row.key, row.label) for row in found) for of, found in rows.items()}
        called["offers"] = _called((row.key, row.name) for row in catalogue.offers())
        staff = {fold(name): user for user in people.everybody() for name in (user.handle, user.email)}
        return cls(called, staff)

    def years(self, profession: str) -> int:
        """Tell how many years a course is kept because somebody of a profession wrote in it."""
        if profession not in self.kept:
            self.kept[profession] = catalogue.retention(profession).years
        return self.kept[profession]


def _called(rows: Iterable[tuple[str, dict[str, str]]]) -> dict[str, str]:
    return {fold(name): key for key, names in rows for name in (*names.values(), key)}


def fold(text: str) -> str:
    """Write a word as it is compared: small letters, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def _words(of: str) -> dict[str, str]:
    """Turn one of the tables above round: each word and what it means."""
    table: dict[str, str] = {
        "roles": ROLES, "endings": ENDINGS, "custody": CUSTODY, "ways": WAYS, "when": WHEN
    }[of]  # fmt: skip
    return {word: key for key, words in table.items() for word in words.split("|")}


def _listed(known: dict[str, str]) -> str:
    """List what a word may be, each thing once, by its first word."""
    return ", ".join(reversed({key: word for word, key in reversed(known.items())}.values()))


def shown(text: Given) -> str:
    """Say what stood in a cell, shortened."""
    said = text.strftime("%d-%m-%Y") if isinstance(text, date) else " ".join(text.split())
    return said if len(said) <= 40 else said[:39] + "…"


def has_cpr(text: Given) -> bool:
    """Tell whether a cell may hold a CPR number, also one whose first nought the spreadsheet has eaten."""
    if isinstance(text, date):
        return False
    bare = unicodedata.normalize("NFKC", text)
    bare = re.sub(r"(?<![\d+])\d{9}(?!\d)", r"0\g<0>", bare)
    count = sum(sign.isdigit() for sign in bare)
    if count < 10 and not (count >= 8 and any(map(str.isalpha, bare))):
        return False
    return any(slip.kind == "cpr" for slip in door.slips(bare))


# ---- What may stand in a cell ----


def text_of(most: int) -> Callable[[Given, House], str]:
    """Make a reader of text up to a length."""

    def read(cell: Given, house: House) -> str:
        said = shown(cell) if isinstance(cell, date) else cell
        if len(said) > most:
            raise Wrong(_("is too long: %(long)s signs, at most %(most)s.") % {"long": len(said), "most": most})
        if most == SHORT and (said[0] in "+-@" or "\n" in said):
            raise Wrong(_("cannot begin with + - or @, or be on two lines. Write it in one line, as it is said."))
        return said

    return read


def a_day(cell: Given, house: House) -> date:
    """Read a day as Danes write it, as Excel counts it, or as a cell holds it."""
    found = cell if isinstance(cell, date) else _day(fold(cell))
    if found is None:
        raise Wrong(_('"%s" is no day. Write it as 24-09-2025.') % shown(cell))
    if found > clock.today():
        raise Wrong(_('"%s" has not been yet. Write the day it happened.') % shown(cell))
    if found < EARLIEST:
        raise Wrong(_('"%s" is very long ago. Write the year with four digits.') % shown(cell))
    return found


def _day(text: str) -> date | None:
    if re.fullmatch(r"\d{5}", text):
        # Excel counts days from the end of 1899.
        return date(1899, 12, 30) + timedelta(days=int(text))
    if found := re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)(?:[ t]\d\d:\d\d.*)?", text):
        return _made(found[1], found[2], found[3])
    if found := re.fullmatch(r"(\d\d?)[-./ ]+(\d\d?)[-./ ]+(\d{4}|\d\d)", text):
        return _made(found[3], found[2], found[1])
    if found := re.fullmatch(r"(\d\d?)\.? ?([a-zæøå]+)\.?[ -]+(\d{4})", text):
        return _made(found[3], _month(found[2]), found[1])
    return None


def _made(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _month(name: str) -> str:
    short = _ENGLISH.get(name[:3], name[:3])
    return str(MONTHS.index(short) + 1) if short in MONTHS else "0"


def a_birth(cell: Given, house: House) -> str:
    """Read the month and year somebody was born: the day is not kept."""
    day = cell if isinstance(cell, date) else _birth(fold(cell))
    if day is None:
        raise Wrong(_('"%s" is no month and year. Write it as 04-2018, or leave it empty.') % shown(cell))
    if not date(1900, 1, 1) <= day <= clock.today() + EXPECTED:
        raise Wrong(_('"%s" can be nobody\'s birth. Write it as 04-2018, or leave it empty.') % shown(cell))
    return f"{day:%Y-%m}"


def _birth(text: str) -> date | None:
    if found := re.fullmatch(r"(\d\d?) ?[-./ ] ?(\d{4})", text):
        return _made(found[2], found[1], "1")
    if found := re.fullmatch(r"(\d{4}) ?[-./ ] ?(\d\d?)", text):
        return _made(found[1], found[2], "1")
    if found := re.fullmatch(r"([a-zæøå]{3,})\.?[ -]+(\d{4})", text):
        return _made(found[2], _month(found[1]), "1")
    whole = re.fullmatch(r".*\d[-./ ]+\d\d", text)
    return None if whole and not re.search(r"\d{4}", text) else _day(text)


def a_number(cell: Given, house: House) -> str:
    """Read a course's number in the old list; Excel writes 17 as 17.0 at times."""
    said = shown(cell) if isinstance(cell, date) else re.sub(r"^(\d+)[.,]0$", r"\1", cell)
    if len(said) > 60:
        raise Wrong(_("is too long: %(long)s signs, at most %(most)s.") % {"long": len(said), "most": 60})
    return " ".join(said.split())


def a_phone(cell: Given, house: House) -> str:
    """Read a telephone number; Excel makes 24230300.0 of it, or 2,42E+07, which cannot be read back."""
    said = "" if isinstance(cell, date) else re.sub(r"^(\d+)[.,]0$", r"\1", cell)
    if re.fullmatch(r"\d[.,]\d+[eE]\+\d+", said):
        raise Wrong(_("was shortened by Excel. Format the column as text, and write the number again."))
    if not re.fullmatch(r"[+\d][\d ()./-]*", said) or not rules.digits(said):
        raise Wrong(_("is no telephone number. Write one number, as 24 23 03 00 or +46 70 123 45 67."))
    return said


def a_mail(cell: Given, house: House) -> str:
    """Read a mail address."""
    try:
        validate_email(said := str(cell))
    except ValidationError:
        raise Wrong(_("is no e-mail address. Write one, as mette@mail.example, or leave it empty.")) from None
    return said


def yes_or_no(cell: Given, house: House) -> bool:
    """Read a yes or a no."""
    said = fold(str(cell))
    if said not in YES + NO:
        raise Wrong(_('"%s" is neither yes nor no. Write "ja" or "nej".') % shown(cell))
    return said in YES


def one_of(of: str) -> Callable[[Given, House], str]:
    """Make a reader of one of our own words."""

    def read(cell: Given, house: House) -> str:
        known, said = _words(of), fold(str(cell))
        if of == "endings" and said in HANDED_OVER:
            raise Wrong(_("A course that was handed over stands with the municipality. Take its rows out of the list."))
        if said not in known:
            raise Wrong(_unknown(cell, known))
        return known[said]

    return read


def _unknown(cell: Given, known: dict[str, str]) -> str:
    return _('We do not know "%(said)s". Write one of: %(known)s.') % {
        "said": shown(cell),
        "known": _listed(known),
    }


def many_of(of: str) -> Callable[[Given, House], list[str]]:
    """Make a reader of some of the house's words, with semicolons between them."""

    def read(cell: Given, house: House) -> list[str]:
        known = house.called[of]
        unknown = [part for part in parts(cell) if fold(part) not in known]
        if unknown:
            raise Wrong(_unknown(unknown[0], known))
        return list(dict.fromkeys(known[fold(part)] for part in parts(cell)))

    return read


def parts(cell: Given) -> list[str]:
    """Cut a cell with several things in it."""
    return [part for each in re.split(r"[;,\n]", str(cell)) if (part := each.strip())]


def uses(cell: Given, house: House) -> list[dict[str, str]]:
    """Read what somebody uses or has used: "alkohol nu; hash tidligere". Never how much."""
    found: dict[str, dict[str, str]] = {}
    for part in parts(cell):
        *what, when = fold(part).split(" ")
        substance, known = " ".join(what), house.called["substances"]
        if substance not in known or when not in _words("when"):
            why = _('We do not know "%(said)s". Write what and when: alkohol nu; hash tidligere. We know: %(known)s.')
            raise Wrong(why % {"said": shown(part), "known": _listed(known)})
        found[known[substance]] = {"substance": known[substance], "when": _words("when")[when]}
    return list(found.values())


def a_therapist(cell: Given, house: House) -> Any:
    """Find who has a course, by handle or e-mail."""
    user = house.staff.get(fold(str(cell)))
    if user is None or not may(user, Permission.OPEN_COURSE):
        why = _('"%s" has no courses here. Write the handle or e-mail of somebody who may have one, or leave it empty.')
        raise Wrong(why % shown(cell))
    return user


# ---- The columns ----


@dataclass(frozen=True)
class Column:
    """One column: what it is called, whose it is, and how a cell of it is read."""

    key: str
    names: str
    read: Callable[[Given, House], Any]
    of: str = "person"
    must: bool = False

    @property
    def name(self) -> str:
        """Its name in the template."""
        return self.names.split("|")[0]


COLUMNS = (
    Column("number", "forløbsnummer|forløbsnr|forløb|course number|course", a_number, "course", must=True),
    Column("begun", "begyndt|startdato|start|begun", a_day, "course"),
    Column("ended", "sluttet|slutdato|slut|ended", a_day, "course"),
    Column("reason", "slutårsag|afslutningsårsag|end reason", one_of("endings"), "course"),
    Column("last", "sidst skrevet|sidste kontakt|last entry", a_day, "course"),
    Column("worker", "behandler|terapeut|therapist", a_therapist, "course"),
    Column("agreed", "aftalt|samtykke|agreed", one_of("ways"), "course"),
    Column("role", "rolle|role", one_of("roles"), must=True),
    Column("called", "kaldes|kaldenavn|called", text_of(SHORT)),
    Column("name", "navn|fulde navn|name", text_of(SHORT)),
    Column("birth", "født|fødselsmåned|fødselsdag|fødselsdato|born|birth", a_birth),
    Column("phone", "telefon|tlf|mobil|phone", a_phone),
    Column("mail", "mail|e-mail|email", a_mail),
    Column("address", "adresse|address", text_of(MIDDLE)),
    Column("protected", "beskyttet|beskyttet kontakt|protected", yes_or_no),
    Column("reach", "sikker kontakt|safe contact", text_of(MIDDLE)),
    Column("custody", "forældremyndighed|custody", one_of("custody")),
    Column("uses", "brug|forbrug|uses", uses),
    Column("allergies", "allergi|allergier|allergies", text_of(MIDDLE)),
    Column("remember", "husk|remember", text_of(MIDDLE)),
    Column("living", "bor|bosituation|living", text_of(MIDDLE), "course"),
    Column("problems", "problemer|problems", many_of("problems"), "course"),
    Column("offers", "tilbud|offers", many_of("offers"), "course"),
    Column("tags", "mærker|tags", many_of("tags"), "course"),
    Column("note", "notat|note", text_of(LONG)),
    Column("noted", "notatdato|note date", a_day),
)
