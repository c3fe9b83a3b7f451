"""Moving in from the list a house keeps today: what is wrong in it, what it would bring, and the deed.

Nothing is written unless all of it is right. What is here already is known blind (`casework.rules.moved`) and never
changed; what was erased here does not come back. docs/moving-in.md describes the list.
"""

import difflib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brobygger.casework import queries as casework
from brobygger.casework import rules
from brobygger.consents.rules import years_on
from brobygger.ground import clock

from . import moving_columns as columns
from .moving_columns import COLUMNS, Column, House, Wrong
from .moving_sheets import Line, Odd

_NAMED = {columns.fold(name): column for column in COLUMNS for name in column.names.split("|")}
_OF_COURSE = [column for column in COLUMNS if column.of == "course" and column.key != "number"]
#: Headings nobody needs to say twice what they are.
_CPR = ("cpr", "personnummer", "personnr")
#: The course number of the invented family in the template; in nobody's list.
EXAMPLE = "eksempel"
Say = Callable[[str], None]


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a list: in which row and column, why, and what to write instead."""

    row: int
    where: str
    why: str

    def __str__(self) -> str:
        said = _("Row %(row)s, %(where)s: %(why)s") if self.where else _("Row %(row)s: %(why)s")
        return said % self.__dict__


@dataclass(frozen=True)
class Row:
    """A row of the list, read: what stands in it by column, and how it is known the next time."""

    number: int
    said: dict[str, Any]
    known_by: str


@dataclass
class Plan:
    """What a list brings, or what is wrong in it."""

    problems: list[Problem] = field(default_factory=list)
    #: Nothing wrong, and still to be said: what is here already and stays as it is.
    notices: list[Problem] = field(default_factory=list)
    arrivals: list[rules.Arrival] = field(default_factory=list)
    here: int = 0

    def object(self, row: int, where: str, why: str) -> None:
        """Note something wrong."""
        self.problems.append(Problem(row, where, why))

    @property
    def courses(self) -> int:
        """Count the courses that are new."""
        return sum(each.into is None for each in self.arrivals)

    @property
    def people(self) -> int:
        """Count the people who are new."""
        return sum(len(each.people) for each in self.arrivals)


def plan(lines: list[Line], *, label: str = "", say: Say = lambda said: None) -> Plan:
    """Read a list and say what it brings, or everything wrong in it. `label` names the list, if there are more."""
    made = Plan()
    headings = _headings(lines[0], made) if lines else {}
    if not lines:
        made.object(1, "", _("There is nothing in the list."))
    if not headings:
        return made
    house = House.ours()
    rows: list[Row] = []
    for count, line in enumerate(lines[1:], start=1):
        rows += _row(line, headings, house, label, made)
        if count % 1000 == 0:
            say(_("%s rows read.") % count)
    families: dict[str, list[Row]] = {}
    for row in rows:
        families.setdefault(columns.fold(row.said["number"]), []).append(row)
    _twice(rows, made)
    _families(families, label, house, made)
    if not rows and not made.problems and not made.notices:
        made.object(lines[0].number, "", _("There are no people under the headings."))
    return made


# ---- The headings ----


def _headings(line: Line, made: Plan) -> dict[int, Column | None]:
    """Find which column is which; one we do not know is None."""
    found: dict[int, Column | None] = {}
    if not any(isinstance(cell, str) and columns.fold(cell).rstrip(".:*") in _NAMED for cell in line.cells):
        why = _('must be the headings, such as "%s". Take them from the template: manage.py import --template list.csv')
        made.object(line.number, "", why % '", "'.join(column.name for column in COLUMNS if column.must))
        return {}
    for place, cell in enumerate(line.cells):
        name = columns.fold(cell).rstrip(".:*") if isinstance(cell, str) else ""
        if cell == "":
            continue
        column = found[place] = _NAMED.get(name)
        if isinstance(cell, Odd):
            made.object(line.number, _letter(place), cell.why)
        elif columns.has_cpr(cell):
            made.object(line.number, _letter(place), _no_cpr())
        elif name.replace("-", "").startswith(_CPR):
            why = _("is a column for CPR numbers. We keep none: nobody needs one to help. Delete the whole column.")
            made.object(line.number, _letter(place), why)
        elif column is None:
            made.object(line.number, _letter(place), _unknown(columns.shown(cell), name))
        elif list(found.values()).count(column) > 1:
            made.object(line.number, _letter(place), _('is "%s" once more. Keep one of them.') % column.name)
    there = set(found.values())
    for column in COLUMNS:
        if column.must and column not in there:
            made.object(line.number, "", _('The column "%s" is missing.') % column.name)
    return found


def _letter(place: int) -> str:
    """Name a column as the spreadsheet does."""
    return _("column %s") % ((chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26))


def _no_cpr(column: Column | None = None) -> str:
    if column is not None and column.key == "phone":
        return _(
            "This can be a CPR number, and we keep none. Is it a telephone abroad? Write it with + and the country."
        )
    return _("This looks like a CPR number. We keep none: nobody needs one to help. Delete it in the list.")


def _unknown(shown: str, name: str) -> str:
    near = difflib.get_close_matches(name, _NAMED, n=1, cutoff=0.8)
    if near:
        return _('We do not know the heading "%(said)s". Did you mean "%(near)s"?') % {
            "said": shown,
            "near": _NAMED[near[0]].name,
        }
    return _('We do not know the heading "%s". Delete the column, or give it a name from the template.') % shown


# ---- The rows ----


def _row(line: Line, headings: dict[int, Column | None], house: House, label: str, made: Plan) -> Iterator[Row]:
    """Read one row. One without a number belongs to nobody, and is only looked through."""
    said: dict[str, Any] = {}
    for place, cell in enumerate(line.cells):
        if cell == "":
            continue
        column = headings.get(place)
        where = f'"{column.name}"' if column else _letter(place)
        if isinstance(cell, Odd):
            made.object(line.number, where, cell.why)
        elif columns.has_cpr(cell):
            made.object(line.number, where, _no_cpr(column))
        elif place not in headings:
            made.object(line.number, where, _("Something stands here, and the column has no heading."))
        elif column is not None:
            try:
                said[column.key] = column.read(cell, house)
            except Wrong as wrong:
                made.object(line.number, where, str(wrong))
                said[column.key] = None
    for column in COLUMNS:
        if column.must and column.key not in said and column in headings.values():
            made.object(line.number, f'"{column.name}"', _("is empty. It must be filled in on every row."))
    if "noted" in said and "note" not in said:
        made.object(line.number, '"notatdato"', _("is the day of a note, and there is no note in the row."))
    if columns.fold(said.get("number") or "") == EXAMPLE:
        made.notices.append(Problem(line.number, "", _("is the template's invented family, and is left out.")))
    elif said.get("number"):
        yield Row(line.number, said, _known_by(label, said))


def _known_by(label: str, said: dict[str, Any]) -> str:
    """Write all that stands in a row as one text, the same whatever order the columns have."""
    plain = {key: str(getattr(value, "pk", value)) for key, value in said.items()}
    plain["number"] = columns.fold(plain["number"])
    return f"{label}|row|{json.dumps(plain, sort_keys=True, ensure_ascii=False)}"


def _twice(rows: list[Row], made: Plan) -> None:
    first: dict[str, int] = {}
    for row in rows:
        if first.setdefault(row.known_by, row.number) != row.number:
            made.object(row.number, "", _("is the same as row %s. Delete one of them.") % first[row.known_by])


# ---- The courses ----


def _families(families: dict[str, list[Row]], label: str, house: House, made: Plan) -> None:
    """Put rows together into courses; what is here already stays as it is."""
    numbers = {f"{label}|{number}": number for number in families}
    here = {numbers[known]: found for known, found in casework.here(numbers).items()}
    every = [row.known_by for rows in families.values() for row in rows]
    known, erased = casework.rows_here(every), casework.erased_rows([*numbers, *every])
    for number, rows in families.items():
        shared = _shared(rows, made)
        if len(rows) > rules.MOST_MEMBERS:
            made.object(rows[0].number, "", _("A course has room for %s people.") % rules.MOST_MEMBERS)
        if f"{label}|{number}" in erased and number not in here:
            why = _("This course was erased here. It is not taken in again: delete its rows in the list.")
            made.notices.append(Problem(rows[0].number, "", why))
        elif number in here:
            made.here += 1
            _joining(here[number], rows, shared, known, erased, made)
        elif arrival := _arrival(f"{label}|{number}", rows, shared, house, made):
            made.arrivals.append(arrival)


def _shared(rows: list[Row], made: Plan) -> dict[str, Any]:
    """Gather what is said of a course on any of its rows, and object where two rows say different things."""
    shared: dict[str, Any] = {}
    first: dict[str, int] = {}
    for row in rows:
        for column in _OF_COURSE:
            value = row.said.get(column.key)
            if value in (None, "", []):
                continue
            if shared.setdefault(column.key, value) != value:
                why = _("says something else than row %s of the same course. Write the same, or only on one row.")
                made.object(row.number, f'"{column.name}"', why % first[column.key])
            first.setdefault(column.key, row.number)
    return shared


def _joining(
    here: casework.Here, rows: list[Row], shared: dict[str, Any], known: set[str], erased: set[str], made: Plan
) -> None:
    """See what a list says of a course that is here: rows that are here, changed rows, and rows with new people."""
    new = [row for row in rows if row.known_by not in known | erased]
    if len([row for row in rows if row.known_by in known]) < here.rows:
        # Some rows are no longer as they were: nobody can tell a changed row from a new person.
        why = _("is here already, and says something else there. Nothing is changed: write it in the course itself.")
        made.notices += [Problem(row.number, "", why) for row in new]
    elif new and here.course.state != "open":
        why = _(
            "The course is here already and has ended: nobody is taken in. Open the course first, or delete the row."
        )
        made.notices += [Problem(row.number, "", why) for row in new]
    elif new and _notes_have_hands(new, shared, made):
        today = clock.today()
        people = tuple(_newcomer(row, today) for row in new)
        worker, into = shared.get("worker"), here.course.pk
        made.arrivals.append(rules.Arrival("", people, today, today, worker=worker, into=into))


def _arrival(known_by: str, rows: list[Row], shared: dict[str, Any], house: House, made: Plan) -> rules.Arrival | None:
    """Put one new course together, or object."""
    begun, ended, first = shared.get("begun"), shared.get("ended"), rows[0]
    before = len(made.problems)
    if begun is None:
        if not _tried(rows, "begun"):
            made.object(first.number, '"begyndt"', _("is empty on all rows of the course. Write the day it began."))
        return None
    days = [shared.get(key) for key in ("ended", "last")] + [row.said.get("noted") for row in rows]
    last = max([day for day in days if day] + [begun])
    if ended and ended < begun:
        made.object(first.number, '"sluttet"', _("is before the course began. Set one of the two days right."))
    if ended and not _tried(rows, "reason"):
        why = _('is empty, and the course has ended. Write why: %s. "andet" is an answer too.')
        made.object(first.number, '"slutårsag"', why % ", ".join(_endings()))
    if "reason" in shared and not _tried(rows, "ended"):
        made.object(
            first.number, '"sluttet"', _("is empty, and there is a reason for the end. Write the day it ended.")
        )
    _notes_have_hands(rows, shared, made)
    _not_over(last, rows, shared, house, made)
    if len(made.problems) > before:
        return None
    people = tuple(_newcomer(row, last) for row in rows)
    return rules.Arrival(known_by, people, begun, last, ended, _parts(shared), shared.get("worker"))


def _tried(rows: list[Row], key: str) -> bool:
    """Tell whether something stands in a column on any row, right or wrong."""
    return any(key in row.said for row in rows)


def _endings() -> list[str]:
    return [words.split("|")[0] for words in columns.ENDINGS.values()]


def _notes_have_hands(rows: list[Row], shared: dict[str, Any], made: Plan) -> bool:
    """Object to a note nobody has written: it needs somebody who stands by it."""
    if _tried(rows, "worker") or "worker" in shared:
        return True
    noted = [row for row in rows if row.said.get("note")]
    for row in noted:
        why = _('needs somebody who stands by it. Write who has the course under "behandler", or leave the note out.')
        made.object(row.number, '"notat"', why)
    return not noted


def _not_over(last: date, rows: list[Row], shared: dict[str, Any], house: House, made: Plan) -> None:
    """Object to a course we would have to delete at once, because its period is over."""
    wrote = shared["worker"].profession if "worker" in shared and any(row.said.get("note") for row in rows) else ""
    years = max(house.years(each) for each in (wrote, "default") if each)
    if years_on(last, years) < clock.today():
        why = _(
            "The last day of the course is %(day)s, and it may be kept for %(years)s years. It is not taken in: delete "
            'its rows. Has somebody written in it since? Write the day under "sidst skrevet".'
        )
        made.object(rows[0].number, "", why % {"day": columns.shown(last), "years": years})


# ---- What a course and a person become ----


def _parts(shared: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Write what is known of a course as its parts."""
    agreed = {"how": shared.get("agreed", ""), "words": _("Taken in from the list we kept before.")}
    parts: dict[str, dict[str, Any]] = {"agreement": agreed | {"on": shared["begun"].isoformat()}}
    if "living" in shared:
        parts["living"] = {"words": shared["living"]}
    if "problems" in shared:
        parts["problems"] = {"keys": shared["problems"], "words": ""}
    if "offers" in shared:
        parts["offers"] = {"offers": [{"key": key, "from": "", "to": ""} for key in shared["offers"]]}
    if "tags" in shared:
        parts["tags"] = {"tags": shared["tags"]}
    if "reason" in shared:
        parts["end"] = {"reason": shared["reason"], "words": ""}
    return parts


def _newcomer(row: Row, last: date) -> rules.Newcomer:
    """Write what is known of a person as their card, their parts and a note."""
    said = {key: value for key, value in row.said.items() if value}
    parts: dict[str, dict[str, Any]] = {
        "person": {"role": said.get("role", "other"), "called": said.get("called", ""), "birth": said.get("birth", "")}
    }
    if "custody" in said:
        parts["custody"] = {"holder": said["custody"], "told": "", "words": ""}
    if "reach" in said:
        parts["contact"] = {"words": said["reach"]}
    if "uses" in said:
        parts["use"] = {"uses": said["uses"]}
    if care := _some(said, "allergies", "remember"):
        parts["care"] = care
    card = _some(said, "name", "phone", "mail", "address", "protected")
    note = _("From the list we kept before:") + "\n\n" + said["note"] if "note" in said else ""
    return rules.Newcomer(row.known_by, card, parts, note, said.get("noted") or last)


def _some(said: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: said[key] for key in keys if key in said}


def summary(made: Plan) -> str:
    """Say how much a list brings."""
    courses = ngettext("%s course", "%s courses", made.courses) % made.courses
    people = ngettext("%s person", "%s people", made.people) % made.people
    return f"{courses}, {people}"
