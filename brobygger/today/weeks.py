"""The house's week and its rooms, by day and hour. A group shows when, where and who leads; a talk its box number."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.appointments import queries as appointments
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.groups import queries as groups

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Taken:
    """Something in the calendar: a group's meeting, a talk, or a room that is taken by what the viewer may not see."""

    starts_at: datetime
    ends_at: datetime
    place: str
    room: int | None
    meeting: Any = None
    talk: Any = None

    @property
    def hour(self) -> int:
        """The hour it begins in, on the wall."""
        return clock.local(self.starts_at).hour

    @property
    def last_hour(self) -> int:
        """The hour it is still on in; what runs past midnight is on until then."""
        starts, ends = clock.local(self.starts_at), clock.local(self.ends_at - timedelta(microseconds=1))
        return ends.hour if ends.date() == starts.date() else 23


@dataclass(frozen=True)
class Column:
    """A day of the week, or a room of a place, with what is in it."""

    key: Any
    name: Any = ""
    number: int = 0
    #: No group meets that day: a holiday, or the house is closed.
    closed: bool = False
    shown: bool = False
    things: list[Taken] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """One hour in one column: what begins in it, and what began before and goes on."""

    column: Column
    begins: list[Taken]
    goes_on: list[Taken]


@dataclass(frozen=True)
class Hour:
    """One row: an hour on the wall, column by column; `here` where something is in a column that is shown."""

    hour: str
    cells: list[Cell]

    @property
    def here(self) -> bool:
        """Tell whether there is anything to see on a narrow screen."""
        return any(cell.begins or cell.goes_on for cell in self.cells if cell.column.shown)


@dataclass(frozen=True)
class Grid:
    """Columns, and the hours from the first to the last; `through` shows as well what goes on."""

    columns: list[Column]
    through: bool = False

    @property
    def hours(self) -> list[Hour]:
        """The rows, one for each hour."""
        things = [each for column in self.columns for each in column.things]
        if not things:
            return []
        last = max(each.last_hour if self.through else each.hour for each in things)
        return [
            Hour(f"{hour:02}", [self._cell(column, hour) for column in self.columns])
            for hour in range(min(each.hour for each in things), last + 1)
        ]

    def _cell(self, column: Column, hour: int) -> Cell:
        going = [each for each in column.things if self.through and each.hour < hour <= each.last_hour]
        return Cell(column, [each for each in column.things if each.hour == hour], going)

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing in it at all."""
        return not any(column.things for column in self.columns)


def monday(on: date) -> date:
    """Name the Monday of a day's week."""
    return on - timedelta(days=on.weekday())


def week(viewer: Any, on: date, place: str = "") -> Grid:
    """Lay out the week of a day: the weekend only when something is in it."""
    first = monday(on)
    days = [first + timedelta(days=ahead) for ahead in range(7)]
    closed = catalogue.days_without_groups(days[0], days[-1])
    things = [each for each in _things(viewer, days) if not place or each.place == place]
    columns = []
    for day in days:
        own = [each for each in things if clock.local(each.starts_at).date() == day]
        if day.weekday() < 5 or own or day == on:
            columns.append(Column(key=day, closed=day in closed, shown=day == on, things=own))
    return Grid(columns)


def rooms(viewer: Any, on: date, place: str) -> Grid:
    """Lay out a place's rooms on one day; what the viewer may not see takes its room, and says no more."""
    things = [each for each in _things(viewer, [on]) if each.place == place and each.room and _stands(each)]
    known = {(each.room, each.starts_at) for each in things}
    for at, room, starts_at, ends_at in appointments.rooms_taken(on):
        if at == place and (room, starts_at) not in known:
            things.append(Taken(starts_at, ends_at, at, room))
    count = next((each.rooms for each in catalogue.places() if each.key == place), 0)
    highest = max([count, *(each.room or 0 for each in things)])
    return Grid(
        [
            Column(key=number, number=number, shown=True, things=_in_order(t for t in things if t.room == number))
            for number in range(1, highest + 1)
        ],
        through=True,
    )


def _stands(each: Taken) -> bool:
    return not (each.talk and each.talk.cancelled) and not (each.meeting and each.meeting.state == "cancelled")


def _things(viewer: Any, days: list[date]) -> list[Taken]:
    """List the meetings and the talks of some days that a viewer may see, in order of the clock."""
    found = [
        Taken(each.starts_at, each.ends_at, each.place, each.room, meeting=each)
        for each in groups.between(viewer, days[0], days[-1])
    ]
    if may(viewer, Permission.SEE_OWN_DAY) or may(viewer, Permission.SEE_EVERY_DAY):
        for day in days:
            found += [
                Taken(each.starts_at, each.ends_at, each.place, each.room, talk=each)
                for each in appointments.day(viewer, day)
                if not each.cancelled
            ]
    return _in_order(found)


def _in_order(things: Iterable[Taken]) -> list[Taken]:
    return sorted(things, key=lambda each: (each.starts_at, each.place, each.room or 0))


def day(viewer: Any, on: date) -> list[Any]:
    """List a day's talks and the meetings one leads, or all for who may see everybody's day, in order of the clock."""
    everybody = may(viewer, Permission.SEE_EVERY_DAY)
    meetings = groups.between(viewer, on, on, own=not everybody)
    return sorted([*appointments.day(viewer, on), *meetings], key=lambda each: (each.starts_at, str(each.pk)))
