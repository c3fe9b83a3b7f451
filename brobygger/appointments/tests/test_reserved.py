"""A room, and somebody's time, are taken once: by a talk or by what is reserved for a group, whoever comes first."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from brobygger.appointments import queries, services
from brobygger.appointments.models import Appointment, Reserved
from brobygger.appointments.tests.families import Family, book, moment, offer, slot
from tests import running

TEN, ELEVEN = moment("2026-11-25T10:00"), moment("2026-11-25T11:00")


def reserve(*workers: Any, room: int | None = None, starts_at: Any = TEN, ends_at: Any = ELEVEN, **more: Any) -> Any:
    """Take a room in Glostrup and some people's time for a thing."""
    of = more.pop("of", uuid4())
    services.reserve(
        of=of, workers=workers, place="glostrup", room=room, starts_at=starts_at, ends_at=ends_at, by="finn", **more
    )
    return of


def row(**more: Any) -> Reserved:
    """Write a row past the service, as a colleague's process would in the same moment."""
    with transaction.atomic():
        return Reserved.objects.create(**{"of": uuid4(), "starts_at": TEN, "ends_at": ELEVEN, **more})


# ---- The database ----


@pytest.mark.parametrize("what", ["room", "somebody"])
def test_the_database_refuses_what_lies_over_what_is_reserved(morning, alma, bo, what):
    held = {"place": "glostrup", "room": 1} if what == "room" else {"worker": alma}
    other = {"place": "glostrup", "room": 2} if what == "room" else {"worker": bo}
    row(**held)

    with pytest.raises(IntegrityError, match="one_talk"):
        row(**held, starts_at=TEN + timedelta(minutes=59), ends_at=ELEVEN + timedelta(hours=1))
    row(**held, starts_at=ELEVEN, ends_at=ELEVEN + timedelta(hours=1))
    later = row(**other)
    with pytest.raises(IntegrityError, match="one_talk"), transaction.atomic():
        Reserved.objects.filter(pk=later.pk).update(**held)


def test_the_database_refuses_a_talk_over_what_is_reserved_and_the_other_way(morning, at_work, another, ea):
    talk = book(ea, at_work, "2026-11-25T10:00", where="house")

    for held in ({"worker": at_work}, {"place": "glostrup", "room": talk.room}):
        with pytest.raises(IntegrityError, match="one_talk"):
            row(**held, starts_at=TEN + timedelta(minutes=30), ends_at=ELEVEN)
    row(worker=at_work, starts_at=ELEVEN, ends_at=ELEVEN + timedelta(hours=1))
    taken = {"starts_at": ELEVEN, "ends_at": ELEVEN + timedelta(minutes=30)}
    with pytest.raises(IntegrityError, match="one_talk"), transaction.atomic():
        Appointment.objects.filter(pk=talk.pk).update(**taken)
    Appointment.objects.filter(pk=talk.pk).update(cancelled=True)
    row(worker=at_work)
    with pytest.raises(IntegrityError, match="one_talk"), transaction.atomic():
        Appointment.objects.filter(pk=talk.pk).update(cancelled=False)


def test_a_row_is_somebody_or_a_room_and_lasts_a_while(morning, alma):
    for wrong in ({}, {"worker": alma, "room": 1}, {"worker": alma, "ends_at": TEN}):
        with pytest.raises(IntegrityError):
            row(**wrong)


# ---- The deed ----


def test_reserving_again_gives_up_what_was_taken_and_a_refusal_keeps_it(morning, alma, bo):
    of = reserve(alma, room=1)
    reserve(alma, room=2, of=of, starts_at=ELEVEN, ends_at=ELEVEN + timedelta(hours=1))
    assert {each.starts_at for each in Reserved.objects.filter(of=of)} == {ELEVEN}
    reserve(bo, room=1)

    with pytest.raises(services.RoomIsTaken) as refused:
        reserve(alma, room=1, of=of)
    assert refused.value.days == [TEN]
    with pytest.raises(services.WorkerIsBusy) as busy:
        reserve(bo, of=of)
    assert (busy.value.user, busy.value.days) == (bo, [TEN])

    assert {each.starts_at for each in Reserved.objects.filter(of=of)} == {ELEVEN}
    services.release(of=of, by="finn")
    assert not Reserved.objects.filter(of=of).exists()


def test_whoever_was_first_in_the_same_moment_is_named_by_the_hour(morning, alma, monkeypatch):
    reserve(alma, room=1)
    monkeypatch.setattr(queries, "clashes", lambda wanted: ([], {}))

    with pytest.raises(services.RoomIsTaken) as refused:
        reserve(room=1)
    assert refused.value.days == [TEN]
    with pytest.raises(services.WorkerIsBusy):
        reserve(alma)


# ---- What is free ----


def test_what_is_reserved_is_not_offered(morning, at_work):
    before = {each.starts_at for each in queries.free(at_work, where="phone")}
    assert TEN in before

    reserve(at_work)

    after = {each.starts_at for each in queries.free(at_work, where="phone")}
    assert before - after == {TEN, TEN + timedelta(minutes=30)}
    with pytest.raises(services.TimeIsTaken):
        offer(Family.writes("En til"), at_work, slot("2026-11-25T10:00"))


def test_a_house_full_of_groups_has_no_room_for_a_talk(morning, at_work):
    for room in (1, 2, 3, 4):
        assert queries.free_room("glostrup", TEN, ELEVEN) == room
        reserve(room=room)

    assert queries.free_room("glostrup", TEN, ELEVEN) is None
    assert TEN not in {each.starts_at for each in queries.free(at_work, where="house")}
    assert TEN in {each.starts_at for each in queries.free(at_work, where="phone")}


def test_hours_that_are_reserved_are_not_free_hours(morning, at_work):
    left, of = queries.free_hours()["glostrup"]

    reserve(at_work)

    assert queries.free_hours()["glostrup"] == (left - timedelta(hours=1), of)


def test_a_time_offered_is_gone_when_a_group_takes_it(morning, at_work, ea):
    (proposal,) = offer(ea, at_work, slot("2026-11-25T10:00"))
    reserve(at_work)

    with pytest.raises(services.TimeIsTaken):
        services.choose(thread=ea.thread, proposal=proposal, by="family")


def test_a_day_shows_ones_own_and_the_whole_house_to_who_sees_every_day(morning, alma, bo, finn):
    reserve(alma, room=1)
    reserve(bo, room=2)
    on = date(2026, 11, 25)

    assert {each.worker for each in queries.reserved(alma, on)} == {alma}
    assert len(queries.reserved(finn, on)) == 4
    assert queries.reserved(finn, date(2026, 11, 26)) == []


def test_what_is_past_is_forgotten(morning, alma, at):
    reserve(alma, room=1)

    services.sweep(at("2026-11-28T03:00"))

    assert not Reserved.objects.exists()


# ---- In the same moment ----


@pytest.fixture(scope="module")
def house() -> Iterator[running.House]:
    """A house with databases of its own and nobody in it but us."""
    with running.house("ditrum", start=False) as built:
        yield built


_AT_ONCE = """
import json, threading, uuid
from datetime import timedelta
from django.db import IntegrityError, connections, transaction
from brobygger.access.models import User
from brobygger.appointments.models import Appointment, Reserved
from brobygger.ground import clock
from brobygger.threads.models import Thread
alma = User.objects.filter(memberships__role="therapist").order_by("handle").first()
def at_once(*deeds):
    ready, said = threading.Barrier(len(deeds)), []
    def work(deed):
        ready.wait()
        try:
            with transaction.atomic():
                deed()
            said.append("had it")
        except IntegrityError as why:
            said.append("one_talk" if "one_talk" in str(why) else str(why))
        except Exception as why:
            said.append(type(why).__name__ + str(why))
        finally:
            connections.close_all()
    hands = [threading.Thread(target=work, args=[deed]) for deed in deeds]
    [each.start() for each in hands], [each.join() for each in hands]
    return sorted(said)
when = clock.now() + timedelta(days=3)
def during(day):
    return {"starts_at": when + timedelta(days=day), "ends_at": when + timedelta(days=day, hours=1)}
def reserve(day, **held):
    return lambda: Reserved.objects.create(of=uuid.uuid4(), **during(day), **held)
def talk(day, thread, **held):
    return lambda: Appointment.objects.create(thread=thread, number=thread.number, **during(day), **held)
"""


def test_hands_that_take_one_room_or_one_person_in_the_same_moment_are_one(house):
    said = json.loads(
        house.ask(
            _AT_ONCE
            + """
rooms = [at_once(*[reserve(day, place="glostrup", room=1) for _hand in range(4)]) for day in range(5)]
people = [at_once(*[reserve(day, worker=alma) for _hand in range(4)]) for day in range(5)]
print(json.dumps([rooms, people]))
"""
        ).splitlines()[-1]
    )

    for rounds in said:
        assert rounds == [["had it"] + ["one_talk"] * 3] * 5


def test_a_talk_and_a_group_that_take_one_room_in_the_same_moment_are_one(house):
    code = """
family = Thread.objects.create(key=uuid.uuid4(), box=uuid.uuid4(), number="K7QF", week="2026-W10", facts=b"-")
both = [at_once(*[talk(day, family, worker=alma, where="house", place="glostrup", room=2),
    reserve(day, place="glostrup", room=2)] * 2) for day in range(10, 18)]
same = [at_once(*[talk(day, family, worker=alma, where="phone"), reserve(day, worker=alma)] * 2)
    for day in range(20, 28)]
print(json.dumps([both, same]))
"""
    said = json.loads(house.ask(_AT_ONCE + code).splitlines()[-1])

    for rounds in said:
        assert rounds == [["had it"] + ["one_talk"] * 3] * 8
