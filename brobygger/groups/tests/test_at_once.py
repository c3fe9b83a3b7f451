"""Administrators who arrange in the same moment, by connections of their own: one has the room, no word is lost."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import running

_BEGIN = """
import json, threading, uuid
from datetime import date, datetime, time, timedelta
from django.db import connections
from brobygger.access.models import User
from brobygger.appointments.models import Reserved
from brobygger.groups import services
from brobygger.series import rules as series
from brobygger.groups.models import Group, Meeting
finn = User.objects.filter(memberships__role="administrator").order_by("handle").first()
alma, bo = User.objects.filter(memberships__role="therapist").order_by("handle")[:2]
first = date.today() + timedelta(days=30)
while first.weekday() != 3: first += timedelta(days=1)
said = {"name": "Stjernerne", "offer": "gruppe", "place": "glostrup", "room": 1, "kind": "child", "starts_on": first,
    "rule": series.every(2, first), "begins": time(15), "ends": time(17), "seats": 9, "months_from": 60,
    "months_to": 168, "meetings_wanted": 4}
def make(**more):
    return services.make_group(said=said | more, by=finn, once=uuid.uuid4())
def at_once(*deeds):
    ready, told = threading.Barrier(len(deeds)), []
    def work(deed):
        ready.wait()
        try:
            deed()
            told.append("done")
        except Exception as why:
            told.append(type(why).__name__)
        finally:
            connections.close_all()
    hands = [threading.Thread(target=work, args=[deed]) for deed in deeds]
    [each.start() for each in hands], [each.join() for each in hands]
    return sorted(told)
"""


@pytest.fixture(scope="module")
def house() -> Iterator[running.House]:
    """A house with databases of its own and nobody in it but us."""
    with running.house("ditrum", start=False) as built:
        yield built


def ask(house: running.House, code: str) -> Any:
    """Let some hands do something in one house in the same moment, and give what they say."""
    return json.loads(house.ask(_BEGIN + code).splitlines()[-1])


def test_of_groups_put_in_one_room_in_the_same_moment_one_has_it(house):
    told, groups, rows = ask(
        house,
        """
told = at_once(*[lambda: make() for _each in range(4)])
print(json.dumps([told, Group.objects.filter(room=1).count(), Reserved.objects.filter(room=1).count()]))
""",
    )

    assert told == ["RoomIsTaken"] * 3 + ["done"]
    assert (groups, rows) == (1, 4)


def test_of_groups_with_one_leader_in_the_same_moment_one_has_them(house):
    told = ask(
        house,
        """
print(json.dumps(at_once(*[lambda room=room: make(room=room, leaders=[alma], begins=time(9), ends=time(11))
    for room in (2, 3, 4)])))
""",
    )

    assert told == ["WorkerIsBusy"] * 2 + ["done"]


def test_of_changes_seen_from_the_same_page_one_is_kept(house):
    told, sequence, name = ask(
        house,
        """
group = make(begins=time(12), ends=time(13))
told = at_once(*[lambda name=name: services.change_group(group=group, said={"name": name}, seen=0, by=finn)
    for name in ("a", "b", "c", "d")])
now = Group.objects.get(pk=group.pk)
print(json.dumps([told, now.sequence, now.name]))
""",
    )

    assert told == ["SomethingNew"] * 3 + ["done"]
    assert sequence == 1
    assert name in "abcd"


def test_nights_that_run_at_once_date_everything_once(house):
    told, numbers = ask(
        house,
        """
group = make(begins=time(18), ends=time(19), meetings_wanted=None)
Meeting.objects.filter(group=group, number__gt=10).delete()
for row in Reserved.objects.exclude(of__in=Meeting.objects.values("pk")): row.delete()
told = at_once(*[lambda: services.extend(by="keeper") for _each in range(4)])
print(json.dumps([told, list(group.meetings.order_by("number").values_list("number", flat=True))]))
""",
    )

    assert told == ["done"] * 4
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 20


def test_a_group_and_the_one_beside_it_moved_in_the_same_moment_end_at_one_hour(house):
    told, together = ask(
        house,
        """
group = make(begins=time(8), ends=time(9))
parents = make(kind="parent", beside=group, room=2)
one, other = group.meetings.get(number=1), parents.meetings.get(number=1)
def move(row, hours):
    services.move_meeting(meeting=row, starts_at=row.starts_at + timedelta(days=1, hours=hours),
        ends_at=row.ends_at + timedelta(days=1, hours=hours), place="glostrup", room=row.room, by=finn, even_so=True)
told = at_once(*[lambda row=row, hours=hours: move(row, hours) for hours, row in enumerate([one, other] * 2)])
starts = {Meeting.objects.get(pk=each.pk).starts_at for each in (one, other)}
print(json.dumps([told, len(starts)]))
""",
    )

    assert told == ["done"] * 4
    assert together == 1


def test_what_is_called_off_while_the_finder_is_told_of_it_is_not_told_there_again(house):
    told, shown, day = ask(
        house,
        """
from brobygger.catalogue.models import OpenGroup
Meeting.objects.update(state="cancelled"); Reserved.objects.all().delete()
group = make(begins=time(8), ends=time(9), state="open", meetings_wanted=2)
first, second = group.meetings.order_by("number")
read, was_read = services.for_the_public, threading.Event()
def slowly():
    rows = read()
    if not was_read.is_set():
        was_read.set()
        threading.Event().wait(1)
    return rows
def call_off():
    was_read.wait(20)
    services.cancel_meeting(meeting=first, by=finn)
services.for_the_public = slowly
told = at_once(lambda: services.publish(by="machine"), call_off)
print(json.dumps([told, OpenGroup.objects.get(group=group.pk).dates[0], second.planned_on.isoformat()]))
""",
    )

    assert told == ["done"] * 2
    assert shown == day


def test_an_evening_told_of_while_it_is_called_off_is_called_off(house):
    told, state, held_at = ask(
        house,
        """
from brobygger.ground import clock
from brobygger.groups import dates, evening
Meeting.objects.update(state="cancelled"); Reserved.objects.all().delete()
row = make(begins=time(8), ends=time(9), leaders=[alma]).meetings.get(number=1)
tonight = clock.local(clock.now()).replace(hour=23, minute=59, second=59)
Meeting.objects.filter(pk=row.pk).update(starts_at=tonight, ends_at=tonight + timedelta(hours=1))
read, was_read = dates.together, threading.Event()
def slowly(*said):
    rows = read(*said)
    was_read.set()
    threading.Event().wait(1)
    return rows
def tell():
    was_read.wait(20)
    evening.hold_meeting(meeting=row, marks={}, elements=[], sentence="", by=alma, once=uuid.uuid4())
dates.together = slowly
told = at_once(lambda: services.cancel_meeting(meeting=row, by=finn), tell)
row.refresh_from_db()
print(json.dumps([told, row.state, str(row.held_at)]))
""",
    )

    assert told == ["CalledOff", "done"]
    assert (state, held_at) == ("cancelled", "None")
