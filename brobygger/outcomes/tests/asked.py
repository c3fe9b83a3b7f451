"""Families who are asked how it goes, and what they say."""

from typing import Any

from brobygger.casework.tests.families import FATHER, MOTHER, begin
from brobygger.outcomes.models import Round

#: A girl of eleven when the course begins in November 2026, and a boy of five.
LIV = {"role": "child", "called": "Liv", "birth": "2015-05", "name": "Liv Hansen"}
BO = {"role": "child", "called": "Bertil", "birth": "2021-03"}
#: WHO-5: 5+4+4+3+2 = 18, 72 of 100; and 1+1+2+1+1 = 6, 24 of 100.
WELL = {"1": 5, "2": 4, "3": 4, "4": 3, "5": 2}
LOW = {"1": 1, "2": 1, "3": 2, "4": 1, "5": 1}
FINE = {"1": 4, "2": 4, "3": 4, "4": 3, "5": 2}


def family(by: Any, *children: dict[str, Any], **more: Any) -> Any:
    """Begin a course of a mother, a father and some children."""
    return begin(by, people=[MOTHER, FATHER, *(children or (LIV,))], **more)


def of(course: Any, at: int = 2, moment: str = "start", **more: Any) -> Round:
    """Fetch the round about one person at a moment: the first child, unless another place is named."""
    return Round.objects.get(member__course=course, member__position=at, moment=moment, **more)


def rounds(course: Any) -> list[tuple[int, str, str, list[str]]]:
    """List who is asked about whom, when, how it stands, and with what."""
    rows = Round.objects.filter(member__course=course).order_by("member__position", "due_on", "number")
    return [(row.member.position, row.moment, row.state, [key for key, _version in row.instruments]) for row in rows]
