"""Reads a house's file and checks all of it before anything is written: what is wrong, in which line, and why.

What a value may be and which fields there are is in `sections`; what reaches across sections in `across`.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from . import rules
from .sections import SECTIONS, WEEKDAYS, Required, Section, Wrong

Row = dict[str, Any]


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a house's file."""

    file: str
    line: int
    where: str
    why: str

    def __str__(self) -> str:
        if not self.line:
            return f"{self.file}, {self.where}: {self.why}" if self.where else f"{self.file}: {self.why}"
        return _("%(file)s, line %(line)s, %(where)s: %(why)s") % self.__dict__


class BadHouse(Exception):
    """A house's file that cannot be used; nothing was changed."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems in the order of the file."""
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Blueprint:
    """A house's file, read and checked: its sections as rows of clean values."""

    file: str
    rows: dict[str, list[Row]]


@dataclass
class _Reading:
    """What has been found so far while a file is read."""

    file: str
    lines: dict[str, int]
    problems: list[Problem] = field(default_factory=list)

    def object(self, why: str, *where: object) -> None:
        """Note a problem at the nearest line that is known."""
        for end in range(len(where), -1, -1):
            line = self.lines.get(".".join(map(str, where[:end])))
            if line is not None:
                break
        named = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in where)
        self.problems.append(Problem(self.file, line or 1, named, why))


def read(path: Path) -> Blueprint:
    """Read a house's file. Raises BadHouse with everything that is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise BadHouse([Problem(str(path), 0, "", _("cannot be read: %s.") % (error.strerror or error))]) from error
    except UnicodeDecodeError as error:
        raise BadHouse([Problem(str(path), 0, "", _("is not written in UTF-8."))]) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise BadHouse([Problem(str(path), int(line[1]) if line else 0, "", _("is not TOML: %s.") % error)]) from error
    reading = _Reading(str(path), line_index(text))
    blueprint = Blueprint(str(path), dict(_sections(data, reading)))
    if not reading.problems:
        for where, why in across(blueprint.rows):
            reading.object(why, *where)
    if reading.problems:
        raise BadHouse(reading.problems)
    return blueprint


def _sections(data: dict[str, Any], reading: _Reading) -> Iterator[tuple[str, list[Row]]]:
    for name in data.keys() - SECTIONS.keys():
        reading.object(_("is no section we know; there are: %s.") % ", ".join(SECTIONS), name)
    for name, section in SECTIONS.items():
        found = data.get(name, [])
        if section.only_one:
            found = [found] if isinstance(found, dict) else found
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            reading.object(_("must be written as [%(one)s] or [[%(one)s]].") % {"one": name}, name)
            continue
        if section.only_one and len(found) > 1:
            reading.object(_("is there more than once; write it only once."), name, 1)
            found = found[:1]
        if section.must_be and not found:
            reading.object(_("is missing."), name)
        places = [(name,) if section.only_one else (name, number) for number in range(len(found))]
        yield name, [_row(each, section, where, reading) for each, where in zip(found, places, strict=True)]


def _row(found: Row, section: Section, where: tuple[object, ...], reading: _Reading) -> Row:
    row: Row = {}
    for name in found.keys() - section.all_fields.keys():
        reading.object(_("is no field we know; there are: %s.") % ", ".join(section.all_fields), *where, name)
    for name, (check, default) in section.all_fields.items():
        if name not in found:
            if default is Required:
                reading.object(_('lacks "%s".') % name, *where)
            row[name] = None if default is Required else default
            continue
        try:
            row[name] = check(found[name])
        except Wrong as wrong:
            reading.object(str(wrong), *where, name, *wrong.where)
            row[name] = None
    return row


_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(#.*)?$")
_FIELD = re.compile(r"^\s*([\w-]+)\s*=")


def line_index(text: str) -> dict[str, int]:
    """Find the line of every table and field, by its path ("offers.2.name"); tomllib does not tell.

    Lines inside a text of several lines are passed over. Inside a list of several lines the path is the list's.
    """
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    here, inside = "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            inside = "" if inside in line else inside
            continue
        if header := _HEADER.match(line):
            here = header[2]
            if header[1] == "[[":
                counts[here] = counts.get(here, -1) + 1
                lines.setdefault(here, number)
                here = f"{here}.{counts[here]}"
            lines.setdefault(here, number)
        elif named := _FIELD.match(line):
            lines.setdefault(f"{here}.{named[1]}" if here else named[1], number)
        for quotes in ('"""', "'''"):
            if line.count(quotes) % 2:
                inside = quotes
    return lines


# ---- What reaches across rows and sections ----

Complaint = tuple[tuple[object, ...], str]


def across(rows: dict[str, list[Row]]) -> Iterator[Complaint]:
    """Check what no single value can say: order, overlapping dates, and names that must be known."""
    for name, section in SECTIONS.items():
        for number, row in enumerate(rows[name]):
            yield from (((name, number, *where), why) for where, why in _in_order(row))
        if section.dated:
            yield from _overlaps(name, rows[name])
    yield from _overlapping_hours(rows["hours"])
    yield from _unknown_places(rows)
    yield from _promises(rows["promises"])
    if not any(row["key"] == rules.DEFAULT and row["valid_to"] is None for row in rows["retention"]):
        yield ("retention",), _('must say how long a course is kept: a period with the key "default" and no last day.')


#: Pairs of fields where the second may not come before the first; the flag says whether it may be the same.
_PAIRS = (
    ("valid_from", "valid_to", False),
    ("first_day", "last_day", True),
    ("opens", "closes", False),
    ("age_from", "age_to", True),
    ("age_to", "siblings_to", True),
)


def _in_order(row: Row) -> Iterator[Complaint]:
    for one, other, same in _PAIRS:
        first, second = row.get(one), row.get(other)
        if first is None or second is None or first < second or (same and first == second):
            continue
        yield (other,), _("must come after %(field)s (%(value)s).") % {"field": one, "value": first}


@dataclass(frozen=True)
class _Span:
    number: int
    valid_from: date | None
    valid_to: date | None


def _span(number: int, row: Row) -> _Span:
    return _Span(number, row["valid_from"], row["valid_to"])


def _overlaps(name: str, rows: list[Row]) -> Iterator[Complaint]:
    """Find rows of one key that hold on the same day. Hours have no key: see below."""
    spans: dict[str, list[_Span]] = {}
    for number, row in enumerate(rows):
        if name != "hours":
            spans.setdefault(row.get("key", name), []).append(_span(number, row))
    for key, found in spans.items():
        if both := rules.overlapping(found):
            yield (name, both[1].number), _overlap_words(key, both)


def _overlapping_hours(rows: list[Row]) -> Iterator[Complaint]:
    for (one, first), (other, second) in combinations(enumerate(rows), 2):
        shared = set(first["days"]) & set(second["days"])
        if shared and first["opens"] < second["closes"] and second["opens"] < first["closes"]:
            both = rules.overlapping([_span(one, first), _span(other, second)])
            if both:
                yield ("hours", other), _overlap_words(min(shared, key=WEEKDAYS.index), both)


def _overlap_words(key: str, both: tuple[_Span, _Span]) -> str:
    return _('"%(key)s" is there twice on the same day: one from %(one)s to %(end)s, one from %(other)s.') % {
        "key": key,
        "one": both[0].valid_from,
        "end": both[0].valid_to or "…",
        "other": both[1].valid_from,
    }


def _unknown_places(rows: dict[str, list[Row]]) -> Iterator[Complaint]:
    known = {row["key"] for row in rows["places"]}
    for number, row in enumerate(rows["offers"]):
        for place in row["places"]:
            if place not in known:
                yield ("offers", number, "places"), _('names a place we do not have: "%s".') % place


def _promises(rows: list[Row]) -> Iterator[Complaint]:
    if not any(row["key"] == "answer" and row["valid_to"] is None for row in rows):
        yield ("promises",), _('must say when letters are answered: a promise with the key "answer" and no last day.')
    for number, row in enumerate(rows):
        if row["kind"] == rules.NEXT_OPENING_DAY and row["by"] is None:
            yield ("promises", number), _('lacks "%s".') % "by"
        if row["kind"] == rules.CLOCK_HOURS and row["hours"] is None:
            yield ("promises", number), _('lacks "%s".') % "hours"
        if row["kind"] == rules.CLOCK_HOURS and row["pauses_when_closed"] and (row["hours"] or 24) < 24:
            why = _("cannot be kept at night: fewer than 24 hours. Use next_opening_day instead.")
            yield ("promises", number, "hours"), why
