"""Families that wrote, and times to offer them: what tests of appointments, the worklist and the day begin with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from brobygger.appointments import queries, rules, services
from brobygger.appointments.models import Appointment
from brobygger.door import family as door_family
from brobygger.door import queries as door
from brobygger.ground import clock
from brobygger.privacy import queries as privacy
from brobygger.privacy import seal
from brobygger.threads import services as threads
from brobygger.threads.models import Thread
from tests.letters import Page, Visitor, keeper, working_hours


@dataclass
class Family:
    """A family with a return key."""

    key: str

    @classmethod
    def writes(cls, text: str = "Kære hus", **more: Any) -> "Family":
        """Write a first letter and have it opened."""
        family = cls(Visitor().write(text, **more).key)
        keeper()
        return family

    @property
    def number(self) -> str:
        """The number of the box."""
        return self.key[:4]

    @property
    def thread(self) -> Thread:
        """The thread that lives, as it is now."""
        return Thread.objects.get(number=self.number, ending="")

    def asks(self, action: str, **data: Any) -> dict[str, Any]:
        """Ask for something on the page behind the key, have it done, and give what the house says of it."""
        before = self.box()
        answer = Visitor().act(self.page(), action, **data)
        assert answer.status == 200, answer.words
        return self.hears(before)

    def hears(self, before: list[dict[str, Any]]) -> dict[str, Any]:
        """Give the one thing that has come into the box since, or nothing."""
        after = self.box()
        for each in before:
            after.remove(each)
        assert len(after) < 2, after
        return after[0] if after else {}

    def box(self) -> list[dict[str, Any]]:
        """All that lies in the box, once it is delivered; the clock stands still, so the order says nothing."""
        keeper()
        return [dict(each) for each in door.open_box(seal.read_key(self.key)).answers]

    def page(self) -> Page:
        """What the family sees."""
        return Visitor().come_back(self.key)

    def trail(self) -> list[tuple[str, str]]:
        """Who did what about this thread's times."""
        return [line for line in privacy.trail(self.thread) if line[1].startswith("appointments.")]


def moment(local: str) -> datetime:
    """Name a moment by the clock on the wall."""
    return datetime.fromisoformat(local).replace(tzinfo=clock.TZ)


def slot(local: str, where: str = "phone", place: str = "glostrup") -> queries.Choice:
    """Make a time that may be offered."""
    starts_at = moment(local).astimezone(UTC)
    return queries.Choice(starts_at, starts_at + rules.LENGTH[where], place)


def offer(family: Family, worker: Any, *times: queries.Choice, where: str = "phone") -> list[UUID]:
    """Offer a family some times in an answer, and give their numbers."""
    offered = services.propose(thread=family.thread, worker=worker, where=where, times=list(times), by=worker)
    threads.answer(thread=family.thread, text="Vi foreslår", times=offered, read_by=[], by=worker)
    keeper()
    return [UUID(each["id"]) for each in offered]


def book(family: Family, worker: Any, local: str, where: str = "phone") -> Appointment:
    """Offer one time and have it chosen."""
    (proposal,) = offer(family, worker, slot(local, where), where=where)
    services.choose(thread=family.thread, proposal=proposal, by="family")
    return Appointment.objects.get(pk=proposal)


@pytest.fixture
def morning(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Monday the 23rd of November at ten past eight, in a house where no page waits."""
    monkeypatch.setattr(door_family, "PATIENCE", 0.0)
    return at("2026-11-23T08:10")


@pytest.fixture
def ea(morning: datetime) -> Family:
    """Ea, who came by return key."""
    return Family.writes("Min mand drikker, og jeg er bange.")


@pytest.fixture
def another(morning: datetime) -> Family:
    """Another family."""
    return Family.writes("Vi er en anden familie.")


@pytest.fixture
def at_work(alma: Any) -> Any:
    """Alma, with working hours."""
    working_hours(alma)
    return alma
