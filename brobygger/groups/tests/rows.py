"""Rows of groups for tests that begin in the middle: a group, its meetings, who leads, who sits there."""

from datetime import date, datetime, time, timedelta
from typing import Any

from brobygger.casework.tests.families import begin
from brobygger.ground import clock
from brobygger.groups.models import Group, Lead, Leader, Meeting, Seat

#: A Wednesday at four, every fourteen days.
FIRST = date(2026, 11, 11)


def group(name: str = "Stjernerne", **more: Any) -> Group:
    """Make a group for children of ten to thirteen, every other Wednesday at three."""
    told = {
        "offer": "gruppe", "place": "hilleroed", "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "starts_on": FIRST,
        "begins": time(15), "ends": time(17), "seats": 10, "months_from": 120, "months_to": 168, "talks_before": 2,
        "state": "open",
    }  # fmt: skip
    return Group.objects.create(name=name, **{**told, **more})


def meeting(of: Group, number: int = 1, on: date | None = None, **more: Any) -> Meeting:
    """Date one meeting; the third is a month after the first."""
    day = on or FIRST + timedelta(days=14 * (number - 1))
    starts, ends = (datetime.combine(day, hour, tzinfo=clock.TZ) for hour in (of.begins, of.ends))
    told = {"planned_on": day, "starts_at": starts, "ends_at": ends, "place": of.place, "room": of.room}
    return Meeting.objects.create(group=of, number=number, **{**told, **more})


def leads(of: Group, user: Any, **more: Any) -> Leader:
    """Let somebody lead a group, since long ago."""
    return Leader.objects.create(group=of, user=user, **{"valid_from": date(2026, 1, 1), **more})


def stands_in(at: Meeting, user: Any) -> Lead:
    """Let somebody stand in at one meeting."""
    return Lead.objects.create(meeting=at, user=user, stands_in=True)


def seat(of: Group, member: Any, **more: Any) -> Seat:
    """Let somebody sit in a group, on the next chair that is free."""
    taken = set(Seat.objects.filter(group=of, chair__isnull=False).values_list("chair", flat=True))
    chair = next(each for each in range(1, 100) if each not in taken)
    told = {"chair": chair, "state": "taken", "offered_on": date(2026, 10, 1), "taken_on": date(2026, 10, 2)}
    return Seat.objects.create(group=of, member=member, **{**told, **more})


def child(by: Any, called: str, birth: str = "2015-05", **more: Any) -> Any:
    """Begin a course of a mother and one child, and give the child."""
    mother = {"role": "mother", "called": f"{called}s mor", "name": f"{called}s mor Hansen", "phone": "24230300"}
    course = begin(by, people=[mother, {"role": "child", "called": called, "birth": birth, **more}])
    return course.members.get(position=1)
