"""Groups made as an administrator makes them, for tests of the deeds."""

from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from brobygger.ground import clock
from brobygger.groups import services
from brobygger.groups.models import Group, Meeting
from brobygger.series import rules as series

#: A Thursday; the clock of these tests stands at Monday the 2nd of March 2026.
FIRST = date(2026, 3, 5)


def told(first: date = FIRST, weeks: int = 2, **more: Any) -> dict[str, Any]:
    """Say what an administrator says: children of ten to thirteen, every other Thursday from three to five."""
    said = {
        "name": "Stjernerne", "offer": "gruppe", "place": "glostrup", "room": 1, "kind": "child", "starts_on": first,
        "rule": series.every(weeks, first), "begins": time(15), "ends": time(17), "seats": 9,
        "months_from": 120, "months_to": 168,
    }  # fmt: skip
    return {**said, **more}


def make(by: Any, first: date = FIRST, weeks: int = 2, **more: Any) -> Group:
    """Make a group."""
    return services.make_group(said=told(first, weeks, **more), by=by, once=uuid4())


def again(row: Any) -> Any:
    """Fetch a row as it is now."""
    return type(row)._default_manager.get(pk=row.pk)


def days(group: Group, state: str = "planned") -> list[date]:
    """List the days a group's meetings are on, by number."""
    rows = Meeting.objects.filter(group=group, state=state).order_by("number")
    return [clock.local(each.starts_at).date() for each in rows]


def at_local(text: str) -> datetime:
    """Name a moment by the clock on the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.TZ)
