"""A small house where children wait: groups on Wednesdays, families with wishes."""

from datetime import date, timedelta
from typing import Any

from brobygger.casework.tests.families import begin
from brobygger.groups import seats
from brobygger.groups.models import Group, Waiting
from brobygger.groups.tests import rows

#: Monday in week 48 of 2026; the groups' next meeting is on Wednesday.
MONDAY = "2026-11-23T09:00"
TODAY = date(2026, 11, 23)


def group(name: str = "Stjernerne", meetings: int = 8, **more: Any) -> Group:
    """Make a group for children of seven to ten in Hillerød that has met once, every other Wednesday at three."""
    told = {"seats": 2, "months_from": 84, "months_to": 132, "talks_before": 0, "offer": "boernegruppe"}
    made = rows.group(name, **{**told, **more})
    for number in range(1, meetings + 1):
        rows.meeting(made, number, made.starts_on + timedelta(days=14 * (number - 1)))
    return made


def wait(member: Any, by: Any, weeks: int = 10, offer: str = "boernegruppe", **wishes: Any) -> Waiting:
    """Let somebody wait, since some weeks ago."""
    row = seats.wait(member=member, offer=offer, wishes=wishes, by=by)
    Waiting.objects.filter(pk=row.pk).update(since=TODAY - timedelta(weeks=weeks))
    row.refresh_from_db()
    return row


def child(by: Any, called: str = "Liv", weeks: int = 10, birth: str = "2018-05", **wishes: Any) -> Waiting:
    """Let a child of eight wait, whose course somebody has."""
    return wait(rows.child(by, called, birth), by, weeks, **wishes)


def siblings(by: Any, *births: str, weeks: int = 10, **wishes: Any) -> list[Waiting]:
    """Let the children of one family wait, and nobody else of it."""
    people = [{"role": "mother", "called": "Mor", "name": "Mor Hansen", "phone": "24230300"}]
    people += [{"role": "child", "called": f"Barn {birth}", "birth": birth} for birth in births]
    course = begin(by, people=people)
    return [wait(course.members.get(position=at + 1), by, weeks, **wishes) for at in range(len(births))]
