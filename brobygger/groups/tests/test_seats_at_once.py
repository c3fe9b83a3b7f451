"""Many hands at one group in the same moment, through connections of their own: no chair is given to two."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import running

_BEGIN = """
import json, threading, uuid
from datetime import datetime, time, timedelta
from django.db import connections
from brobygger.access.models import User
from brobygger.casework import services
from brobygger.ground import clock
from brobygger.groups import queries, seats
from brobygger.groups.models import *
staff = list(User.objects.filter(memberships__role="therapist").order_by("handle")[:5])
def at_once(*deeds):
    said, ready = [], threading.Barrier(len(deeds))
    def work(deed):
        ready.wait()
        try:
            said.append(str(deed()))
        except Exception as why:
            said.append(type(why).__name__)
        finally:
            connections.close_all()
    hands = [threading.Thread(target=work, args=[deed]) for deed in deeds]
    [each.start() for each in hands], [each.join() for each in hands]
    return sorted(said)
def child(who):
    made = services.open_course(people=[{"role": "child", "called": "Liv", "birth": "2018-05"}],
        agreed={"how": "present"}, by=who, worker=who)
    return made.members.get()
def group(seats, **more):
    made = Group.objects.create(name=str(uuid.uuid4())[:8], offer="gruppe", place="glostrup", rule="FREQ=WEEKLY",
        starts_on=clock.today(), begins=time(15), ends=time(17), seats=seats, months_from=0, months_to=1200,
        newcomers=9, state="open", **more)
    for number in (1, 2):
        day = clock.today() + timedelta(days=7 * number)
        starts, ends = (datetime.combine(day, hour, tzinfo=clock.TZ) for hour in (time(15), time(17)))
        Meeting.objects.create(group=made, number=number, planned_on=day, starts_at=starts, ends_at=ends,
            place="glostrup", room=1)
    return made
def chairs(made):
    return sorted(made.taken.filter(chair__isnull=False).values_list("chair", flat=True))
"""


@pytest.fixture(scope="module")
def house() -> Iterator[running.House]:
    """A house with databases of its own and nobody in it but us."""
    with running.house("ditrum", start=False) as built:
        yield built


def ask(house: running.House, code: str) -> Any:
    """Let some hands do something in one house in the same moment, and give what they say."""
    return json.loads(house.ask(_BEGIN + code).splitlines()[-1])


def test_the_last_seats_are_given_once_however_many_offer_them(house: running.House) -> None:
    one, two, taken = ask(
        house,
        """
few, small = group(2), group(1)
deed = lambda where, who, member: lambda: seats.offer_seat(group=where, member=member, by=who).state
one = at_once(*[deed(small, who, child(who)) for who in staff])
two = at_once(*[deed(few, who, child(who)) for who in staff])
print(json.dumps([one, two, [chairs(small), chairs(few)]]))
""",
    )

    assert one == ["GroupIsFull"] * 4 + ["offered"]
    assert two == ["GroupIsFull"] * 3 + ["offered"] * 2
    assert taken == [[1], [1, 2]]


def test_pressed_often_at_once_somebody_has_one_seat_and_one_place_on_the_list(house: running.House) -> None:
    offers, takes, waits, rows = ask(
        house,
        """
who, wide = staff[0], group(9)
liv = child(who)
offers = at_once(*[lambda: seats.offer_seat(group=wide, member=liv, by=who).state for each in staff])
seat = Seat.objects.get(group=wide)
takes = at_once(*[lambda: seats.take_seat(seat=seat, by=who).state for each in staff])
more = {"member": liv, "offer": "minigruppe", "wishes": {}, "by": who, "once": uuid.uuid4()}
waits = at_once(*[lambda: seats.wait(**more).pk for each in staff])
rows = [Seat.objects.filter(member=liv).count(), Waiting.objects.filter(member=liv).count()]
print(json.dumps([offers, takes, waits, rows]))
""",
    )

    assert offers == ["AlreadySeated"] * 4 + ["offered"]
    assert takes == ["taken"] * 5 and len(set(waits)) == 1
    assert rows == [1, 1]


def test_a_yes_and_an_offer_taken_back_end_as_one_of_them(house: running.House) -> None:
    said, states, free = ask(
        house,
        """
who, small = staff[0], group(1)
seat = seats.offer_seat(group=small, member=child(who), by=who)
yes, back = lambda: seats.take_seat(seat=seat, by="family"), lambda: seats.withdraw_offer(seat=seat, by=who)
said = at_once(lambda: yes().state, lambda: back().state)
seat.refresh_from_db()
print(json.dumps([said, seat.state, chairs(small)]))
""",
    )

    assert (said, states, free) in (
        (["OfferIsOver", "taken"], "taken", [1]),
        (["OfferIsOver", "withdrawn"], "withdrawn", []),
    )


_FAMILY = """
import logging
logging.disable(logging.CRITICAL)
who = staff[0]
def family(children):
    people = [{"role": "child", "called": name, "birth": "2018-05"} for name in "ABC"[:children]]
    made = services.open_course(people=[{"role": "mother", "called": "M"}, *people], agreed={"how": "present"}, by=who,
        worker=who)
    return made, list(made.members.exclude(position=0).order_by("position"))
found = set()
"""


def test_one_child_takes_its_seat_while_its_brother_is_offered_one(house: running.House) -> None:
    said = ask(
        house,
        _FAMILY
        + """
for n in range(12):
    (made, (a, b)), wide = family(2), group(9)
    seat = seats.offer_seat(group=wide, member=a, by=who)
    found |= set(at_once(lambda: seats.take_seat(seat=seat, by=who).state,
        lambda: seats.offer_seat(group=wide, member=b, by=who).state))
print(json.dumps(sorted(found)))
""",
    )

    assert said == ["offered", "taken"]


def test_a_family_is_erased_while_its_seats_are_given_up(house: running.House) -> None:
    said, left = ask(
        house,
        _FAMILY
        + """
for n in range(8):
    made, (a,) = family(1)
    held = [seats.offer_seat(group=group(9), member=a, by=who) for each in range(4)]
    held = [seats.take_seat(seat=each, by=who) for each in held]
    leave = lambda seat: lambda: seats.leave_seat(seat=seat, reason="other", by="keeper").state
    erase = lambda: services.erase_course(course=made, why="asked", by="keeper") and "erased"
    found |= set(at_once(*map(leave, held), erase))
left = Seat.objects.filter(member__course__state="erasing").count()
print(json.dumps([sorted(found), left]))
""",
    )

    assert "erased" in said and set(said) <= {"erased", "left", "NotOffered"} and left == 0
