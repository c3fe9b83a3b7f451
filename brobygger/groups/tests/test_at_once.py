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
