"""What a family that waits for a seat reads behind its key: when there may be one, and what there is until then.

Never a promise, never a number in a row: a month, as whoever works here reads it on the waiting page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from brobygger.casework import queries as casework
from brobygger.ground import clock
from brobygger.groups.models import Waiting

from .boxes import spoken_of
from .waiting import Line, lines, meanwhile

if TYPE_CHECKING:
    from django.db.models import QuerySet

#: So many other things are named.
OTHERS = 3


@dataclass(frozen=True)
class Told:
    """Somebody who waits, as their box holds it."""

    row: Waiting
    said: dict[str, Any]

    @property
    def mark(self) -> str:
        """Tell one telling from another: by the month that is named, by why, and by the day it is told on."""
        return f"{self.said['month']} {self.said['ground'][:1]} {clock.today():%y%m%d}"

    def same(self, mark: str) -> bool:
        """Tell whether a box that was told so knows it already."""
        return self.mark.rsplit(" ", 1)[0] == mark.rsplit(" ", 1)[0]


def told_since(mark: str) -> date:
    """Tell on which day a box was told, by its mark; one that says no day was told long ago."""
    day = mark.rsplit(" ", 1)[-1]
    return datetime.strptime(day, "%y%m%d").date() if len(day) == 6 and day.isdecimal() else date.min


def expecting(rows: Iterable[Waiting]) -> list[Told]:
    """Say of some who wait what their own families' boxes may be told; nothing of whom a box may not speak of."""
    listed = list(rows)
    may = spoken_of(row.member for row in listed)
    own = [row for row in listed if row.member_id in may]
    known = casework.said_of(row.member for row in own)
    # Nobody looks: what is worked out for everybody goes to each one's own box alone, and names nobody else.
    found = lines(None, own) if own else []
    return [Told(line.waiting, _as_said(line, known[line.waiting.member_id])) for line in found]


def still(known: Iterable[Told], rows: "QuerySet[Waiting]") -> list[Told]:
    """Keep of what was worked out a moment ago who waits still, and of whom a box may speak still."""
    waits = list(rows)
    may = spoken_of(row.member for row in waits)
    there = {row.pk for row in waits if row.member_id in may}
    return [each for each in known if each.row.pk in there]


def _as_said(line: Line, known: dict[str, Any]) -> dict[str, Any]:
    soon = line.expected
    return {
        "id": str(line.waiting.pk),
        "offer": line.waiting.offer,
        "for": str(known.get("called") or "") if line.waiting.member.position else "",
        "since": line.waiting.since.isoformat(),
        "month": soon.day.strftime("%Y-%m") if soon else "",
        "ground": soon.ground if soon else "",
        "others": [key for key, _name in meanwhile(line).offers[:OTHERS]],
    }
