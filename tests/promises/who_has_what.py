"""Who has which course, from when until when, told a second time: what the house says is held against this."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from brobygger.casework import rules
from brobygger.casework.models import Course
from tests.promises import examples

CAST = ("alma", "bo", "clara", "dan", "finn", "gro", "operator", "birthe")
BEGINS = datetime(2026, 3, 2, 9)


@dataclass
class Given:
    """An assignment, as the test understands it."""

    who: str
    scope: str
    own: bool
    first: date
    last: date | None


@dataclass
class Running:
    """A course, as the test understands it."""

    ident: UUID
    nickname: str
    name: str
    phone: str
    begun: date
    state: str = "open"
    given: list[Given] = field(default_factory=list)
    rows: dict[int, Given] = field(default_factory=dict)


class Told(examples.InAHouse):
    """What should be so, by the clock, the roles and who was given what."""

    people: ClassVar[dict[str, Any]]
    at: ClassVar[Callable[[str], Any]]

    def __init__(self) -> None:
        """Begin on a Monday morning, with everybody in the role they were hired for."""
        super().__init__()
        self.now = BEGINS
        self.at(BEGINS.isoformat())
        self.roles = {who: {each.role for each in user.memberships.all()} for who, user in self.people.items()}
        self.gone: set[str] = set()
        self.courses: list[Running] = []
        self.glasses: dict[tuple[str, UUID], datetime] = {}
        self.words: list[str] = []
        for user in self.people.values():
            user.refresh_from_db()
            user._may = None

    # -- what should be so

    @property
    def today(self) -> date:
        """Tell the day."""
        return self.now.date()

    def has(self, who: str, *roles: str) -> bool:
        """Tell whether somebody holds one of some roles."""
        return who not in self.gone and bool(self.roles[who] & set(roles))

    def standing(self, who: str, course: Running) -> list[Given]:
        """List what somebody has of a course today."""
        if not self.has(who, "therapist"):
            return []
        mine = [each for each in course.given if each.who == who]
        return [each for each in mine if each.first <= self.today and (each.last is None or self.today < each.last)]

    def should(self, who: str, course: Running) -> rules.Sight:
        """Say what somebody should see of a course now."""
        if course.state == "erased":
            return rules.Sight()
        held = self.standing(who, course)
        whole = [each for each in held if each.scope == "course"]
        until = self.glasses.get((who, course.ident))
        glass = self.has(who, "leader") and until is not None and self.now < until
        content = bool(whole) or glass
        return rules.Sight(
            contact=content or self.has(who, "administrator"),
            content=content,
            own_talks=any(each.own for each in whole),
            evening=content or (bool(held) and course.state == "open"),
            write=bool(whole) and course.state == "open",
            arrange=bool(whole) or self.has(who, "administrator", "leader"),
        )

    def course(self, number: int) -> Running | None:
        """Choose a course that stands."""
        here = [each for each in self.courses if each.state != "erased"]
        return here[number % len(here)] if here else None

    def row(self, course: Running) -> Course:
        """Fetch its row."""
        return Course.objects.get(pk=course.ident)

    def hearing(self, course: Running) -> bool:
        """Tell whether anybody has a child's own talks today."""
        return any(each.own for who in CAST for each in self.standing(who, course))
