"""Who was to be asked, answered or not, for who counts a period: so that nobody drops out of the figures in silence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from sys import intern
from uuid import UUID

from django.db.models import Q

from brobygger.casework.queries import LIVING
from brobygger.outcomes.models import UNAGREED, Round

BATCH = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody was to be asked about somebody: whom, by the mark `named` gave them, and with which questions."""

    mark: str
    #: "self" or "adult": who was to answer.
    who: str
    moment: str
    instruments: tuple[str, ...]


def asked(first: date, last: date, *, named: Callable[[UUID], str]) -> Iterator[Asked]:
    """Give every round of the courses that ran in a period, at whatever moment and answered or not. For the reports."""
    ran = Q(member__course__opened_on__lte=last)
    ran &= Q(member__course__ended_on=None) | Q(member__course__ended_on__gte=first)
    rows = Round.objects.filter(ran, member__erasing=False, member__course__state__in=LIVING)
    rows = rows.exclude(UNAGREED).order_by("due_on", "pk")
    told = rows.values_list("member", "by", "moment", "instruments")
    for member, by, moment, instruments in told.iterator(chunk_size=BATCH):
        yield Asked(named(member), "self" if by == member else "adult", intern(moment), _keys(instruments))


@dataclass(frozen=True, slots=True)
class Asking:
    """One round as the reports are given it, answered or not: for how many were asked, and why some did not answer."""

    moment: str
    state: str
    why_not: str
    due_on: date
    instruments: tuple[str, ...]
    child: bool
    ended: date | None


def rounds(first: date, last: date) -> Iterator[Asking]:
    """Give every round that was due in a period, without anybody. For the reports alone."""
    rows = Round.objects.filter(member__erasing=False, member__course__state__in=LIVING)
    rows = rows.exclude(UNAGREED).filter(due_on__gte=first, due_on__lte=last).order_by("due_on", "pk")
    names = ("moment", "state", "why_not", "due_on", "instruments", "member", "by", "member__course__ended_on")
    for moment, state, why, due, pins, member, by, ended in rows.values_list(*names).iterator(chunk_size=BATCH):
        yield Asking(intern(moment), intern(state), intern(why), due, _keys(pins), by != member, ended)


def _keys(pins: list[list[str]]) -> tuple[str, ...]:
    """Name the questions without their versions; the same few are kept once."""
    return _once(tuple(key for key, _version in pins))


@lru_cache(maxsize=1000)
def _once(keys: tuple[str, ...]) -> tuple[str, ...]:
    return keys
