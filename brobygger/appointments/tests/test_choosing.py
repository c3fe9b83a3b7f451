"""A time is offered, chosen, moved and called off; nothing is booked twice and nothing is lost on the way."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from brobygger.appointments import queries, services
from brobygger.appointments.models import Appointment, Proposal
from brobygger.appointments.tests.families import Family, book, moment, offer, slot
from brobygger.catalogue import queries as catalogue
from brobygger.privacy import queries as privacy
from tests.letters import working_hours

pytestmark = pytest.mark.django_db
TUESDAY = "2026-11-24T10:00"


def standing(family: Family) -> Appointment | None:
    return queries.standing([family.thread.pk]).get(family.thread.pk)


# ---- Offering ----


def test_times_are_offered_and_the_ones_before_withdrawn(ea, alma) -> None:
    (early,) = offer(ea, alma, slot(TUESDAY))

    said = services.propose(
        thread=ea.thread, worker=alma, where="house", times=[slot("2026-11-25T10:00", "house")], by=alma
    )

    assert [(each["where"], each["place"], each["with"]) for each in said] == [("house", "glostrup", "Alma")]
    assert [each.pk for each in queries.offered(ea.thread)] != [early]
    with pytest.raises(services.NotOffered):
        services.choose(thread=ea.thread, proposal=early, by="family")
    assert ea.trail() == [("alma", "appointments.proposed")] * 2


def test_a_time_that_is_taken_or_past_is_not_offered(ea, another, alma, at) -> None:
    (first,) = offer(ea, alma, slot("2026-11-26T10:00"))
    book(another, alma, TUESDAY)

    for refusal, times in (
        (services.TimeIsTaken, [slot("2026-11-25T10:00"), slot(TUESDAY)]),
        (services.TimeIsPast, [slot("2026-11-25T10:00"), slot("2026-11-23T08:00")]),
        (services.TimeIsPast, [slot("2026-11-23T08:10")]),
    ):
        with pytest.raises(refusal):
            services.propose(thread=ea.thread, worker=alma, where="phone", times=times, by=alma)

    assert [each.pk for each in queries.offered(ea.thread)] == [first]
    assert ea.trail() == [("alma", "appointments.proposed")]


def test_the_road_to_another_family_is_not_offered_away(ea, another, alma) -> None:
    book(another, alma, TUESDAY, where="home")

    with pytest.raises(services.TimeIsTaken):
        services.propose(thread=ea.thread, worker=alma, where="phone", times=[slot("2026-11-24T11:45")], by=alma)
    assert services.propose(thread=ea.thread, worker=alma, where="phone", times=[slot("2026-11-24T12:00")], by=alma)


# ---- Choosing ----


def test_a_chosen_time_stands_and_choosing_it_twice_is_choosing_it_once(ea, alma) -> None:
    tuesday, wednesday = offer(ea, alma, slot(TUESDAY), slot("2026-11-25T10:00"))

    booked = services.choose(thread=ea.thread, proposal=tuesday, by="family")
    again = services.choose(thread=ea.thread, proposal=tuesday, by="family")

    assert booked == again == standing(ea)
    assert (booked.number, booked.worker, booked.room) == (ea.number, alma, None)
    assert [each.pk for each in queries.offered(ea.thread)] == [wednesday]
    assert ea.trail() == [("alma", "appointments.proposed"), ("family", "appointments.chosen")]


def test_another_familys_time_was_never_offered(ea, another, alma) -> None:
    (theirs,) = offer(another, alma, slot(TUESDAY))
    booked = book(another, alma, "2026-11-25T10:00")

    for proposal in (theirs, booked.pk, uuid4()):
        with pytest.raises(services.NotOffered):
            services.choose(thread=ea.thread, proposal=proposal, by="family")

    assert standing(ea) is None and standing(another) == booked
    assert ea.trail() == []


def test_a_time_that_has_gone_by_is_not_booked(ea, alma, at) -> None:
    (tuesday,) = offer(ea, alma, slot(TUESDAY))
    at(TUESDAY)

    with pytest.raises(services.TimeIsPast):
        services.choose(thread=ea.thread, proposal=tuesday, by="family")

    assert standing(ea) is None


def test_choosing_another_time_gives_the_first_one_up(ea, another, alma) -> None:
    book(ea, alma, TUESDAY)
    moved = book(ea, alma, "2026-11-25T10:00")

    assert standing(ea) == moved
    assert Appointment.objects.filter(thread=ea.thread).count() == 1
    assert book(another, alma, TUESDAY).starts_at == moment(TUESDAY), "the time given up is free again"


def test_a_taken_time_is_refused_and_the_old_one_stands_with_its_address(ea, another, alma, at) -> None:
    visit = book(ea, alma, TUESDAY, where="home")
    ea.asks("address", address="Bakken 7, 2. th.")
    (wished,) = offer(ea, alma, slot("2026-11-25T10:00"))
    book(another, alma, "2026-11-25T10:15")

    with pytest.raises(services.TimeIsTaken):
        services.choose(thread=ea.thread, proposal=wished, by="family")

    assert standing(ea) == visit and not standing(ea).cancelled
    at("2026-11-24T08:00")
    assert services.look_at_address(appointment=visit, by=alma) == "Bakken 7, 2. th."


def test_a_visit_leaves_its_road_to_the_talks_beside_it(ea, another, alma) -> None:
    (visit,) = offer(ea, alma, slot("2026-11-24T12:00", "home"), where="home")
    near, touching = offer(another, alma, slot("2026-11-24T11:15"), slot("2026-11-24T11:00"))
    services.choose(thread=another.thread, proposal=near, by="family")

    with pytest.raises(services.TimeIsTaken):
        services.choose(thread=ea.thread, proposal=visit, by="family")
    services.choose(thread=another.thread, proposal=touching, by="family")

    assert services.choose(thread=ea.thread, proposal=visit, by="family") == standing(ea)


def test_families_meet_in_different_rooms_until_there_are_no_more(ea, another, alma, bo, hire, monkeypatch) -> None:
    monkeypatch.setattr(catalogue, "places", lambda on=None: [SimpleNamespace(key="glostrup", rooms=2)])
    third = Family.writes("Vi er nummer tre.")
    carl = hire("carl", "therapist")
    (wished,) = offer(third, carl, slot(TUESDAY, "house"), where="house")

    rooms = [book(ea, alma, TUESDAY, where="house").room, book(another, bo, "2026-11-24T10:30", where="house").room]

    assert rooms == [1, 2]
    with pytest.raises(services.TimeIsTaken):
        services.choose(thread=third.thread, proposal=wished, by="family")
    assert standing(third) is None
    assert book(third, carl, "2026-11-24T11:00", where="house").room == 1


def test_a_full_house_offers_no_talk_but_a_telephone_call(ea, another, at_work, bo, monkeypatch) -> None:
    monkeypatch.setattr(catalogue, "places", lambda on=None: [SimpleNamespace(key="glostrup", rooms=1)])
    book(another, bo, TUESDAY, where="house")

    talks = {each.starts_at for each in queries.free(at_work, where="house")}
    calls = {each.starts_at for each in queries.free(at_work, where="phone")}

    assert moment(TUESDAY) in calls - talks
    assert moment("2026-11-24T11:00") in talks


# ---- What the database refuses by itself ----


def _insert(family: Family, worker, starts: str, ends: str, room: int | None = None, cancelled: bool = False) -> None:
    with transaction.atomic():
        Appointment.objects.create(
            thread=family.thread,
            number=family.number,
            worker=worker,
            where="house" if room else "phone",
            place="glostrup" if room else "",
            room=room,
            starts_at=moment(starts),
            ends_at=moment(ends),
            cancelled=cancelled,
        )


def test_the_database_refuses_two_talks_at_once_for_one_person(ea, another, alma, bo) -> None:
    _insert(ea, alma, "2026-11-24T10:00", "2026-11-24T11:00")

    for starts, ends in (("10:59", "12:00"), ("09:00", "10:01"), ("10:15", "10:30"), ("09:00", "12:00")):
        with pytest.raises(IntegrityError):
            _insert(another, alma, f"2026-11-24T{starts}", f"2026-11-24T{ends}")

    _insert(another, alma, "2026-11-24T11:00", "2026-11-24T12:00")
    _insert(another, alma, "2026-11-24T09:00", "2026-11-24T10:00")
    _insert(another, bo, "2026-11-24T10:00", "2026-11-24T11:00")
    assert Appointment.objects.count() == 4


def test_the_database_refuses_two_talks_at_once_in_one_room(ea, another, alma, bo, hire) -> None:
    _insert(ea, alma, "2026-11-24T10:00", "2026-11-24T11:00", room=1)

    with pytest.raises(IntegrityError):
        _insert(another, bo, "2026-11-24T10:30", "2026-11-24T11:30", room=1)

    _insert(another, bo, "2026-11-24T10:30", "2026-11-24T11:30", room=2)
    _insert(another, hire("carl", "therapist"), "2026-11-24T11:00", "2026-11-24T12:00", room=1)
    assert Appointment.objects.count() == 3


def test_a_time_called_off_is_in_nobodys_way_until_it_stands_again(ea, another, alma) -> None:
    _insert(ea, alma, "2026-11-24T10:00", "2026-11-24T11:00", room=1, cancelled=True)
    _insert(another, alma, "2026-11-24T10:00", "2026-11-24T11:00", room=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(thread=ea.thread).update(cancelled=False)


def test_the_database_refuses_an_end_before_its_start_and_a_talk_without_a_room(ea, alma) -> None:
    with pytest.raises(IntegrityError):
        _insert(ea, alma, "2026-11-24T10:00", "2026-11-24T09:00")
    (talk,) = offer(ea, alma, slot(TUESDAY, "house"), where="house")
    booked = services.choose(thread=ea.thread, proposal=talk, by="family")
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=booked.pk).update(room=None)


# ---- What families ask for on their page ----


def test_a_family_chooses_on_its_page_and_is_told(ea, alma) -> None:
    tuesday, _wednesday = offer(ea, alma, slot(TUESDAY), slot("2026-11-25T10:00"))

    told = ea.asks("choose", proposal=tuesday)

    assert (told["news"], told["appointment"]["id"]) == ("booked", str(tuesday))
    assert standing(ea).pk == tuesday
    assert services.keep_up() == 0


def test_a_family_that_comes_too_late_is_told_what_is_left(ea, another, alma, at) -> None:
    times = [slot(TUESDAY), slot("2026-11-25T10:00"), slot("2026-11-26T10:00")]
    tuesday, wednesday, thursday = offer(ea, alma, *times)
    book(another, alma, "2026-11-25T10:00")

    taken = ea.asks("choose", proposal=wednesday)
    at("2026-11-24T11:00")
    past = ea.asks("choose", proposal=tuesday)
    gone = ea.asks("choose", proposal="not a time at all")

    assert (taken["news"], [each["id"] for each in taken["times"]]) == ("time_taken", [str(tuesday), str(thursday)])
    assert (past["news"], [each["id"] for each in past["times"]]) == ("time_past", [str(thursday)])
    assert gone["news"] == "time_gone"
    assert standing(ea) is None


def test_a_family_that_asks_for_another_time_keeps_the_first_until_it_chooses(ea, at_work) -> None:
    first = book(ea, at_work, TUESDAY)

    told = ea.asks("move")

    assert told["news"] == "new_times" and len(told["times"]) == 3 and "appointment" not in told
    assert standing(ea) == first
    ea.asks("choose", proposal=told["times"][0]["id"])
    assert str(standing(ea).pk) == told["times"][0]["id"]


def test_when_there_is_no_other_time_or_nothing_stands_the_family_is_told(ea, another, alma) -> None:
    book(ea, alma, TUESDAY)

    told = ea.asks("move")
    nothing = [another.asks("move"), another.asks("cancel")]

    assert (told["news"], told["times"]) == ("no_times", []) and standing(ea)
    assert [each["news"] for each in nothing] == ["nothing_stands", "nothing_stands"]


def test_a_family_calls_its_time_off(ea, alma) -> None:
    tuesday, wednesday = offer(ea, alma, slot(TUESDAY), slot("2026-11-25T10:00"))
    services.choose(thread=ea.thread, proposal=tuesday, by="family")

    told = ea.asks("cancel")

    assert (told["news"], told["appointment"]) == ("called_off", None)
    assert [each["id"] for each in told["times"]] == [str(wednesday)]
    assert standing(ea) is None and queries.called_off([ea.thread.pk]) == {ea.thread.pk}
    assert ea.trail()[-1] == ("family", "appointments.called_off")


def test_the_house_calls_a_time_off_and_tells(ea, alma) -> None:
    tuesday, wednesday = offer(ea, alma, slot(TUESDAY), slot("2026-11-25T10:00"))
    booked = services.choose(thread=ea.thread, proposal=tuesday, by="family")

    before = ea.box()

    services.call_off_and_tell(appointment=booked, by=alma)

    told = ea.hears(before)
    assert (told["news"], told["appointment"], told["from"]) == ("called_off_by_us", None, "Alma")
    assert [each["id"] for each in told["times"]] == [str(wednesday)]
    assert ea.trail()[-1] == ("alma", "appointments.called_off")


def test_a_thread_that_ends_takes_its_times_along(ea, another, alma) -> None:
    book(another, alma, "2026-11-25T10:00", where="home")
    book(ea, alma, TUESDAY, where="home")
    offer(ea, alma, slot("2026-11-26T10:00"))
    ea.asks("address", address="Bakken 7")

    services.let_go(thread=ea.thread, by="keeper")
    services.let_go(thread=ea.thread, by="keeper")

    assert not Appointment.objects.filter(thread=ea.thread).exists()
    assert not Proposal.objects.filter(thread=ea.thread).exists()
    assert standing(another)
    assert privacy.trail(ea.thread)[-1] == ("keeper", "appointments.address_destroyed")


# ---- Working hours ----


def test_hours_hold_from_today_and_what_stood_before_is_kept(alma, bo, at) -> None:
    at("2026-11-16T09:00")
    working_hours(alma, opens=9)
    at("2026-11-23T09:00")
    working_hours(alma, opens=10)
    working_hours(alma, opens=11)

    def opens(local: str) -> set[int]:
        return {each.opens.hour for each in queries.hours_of(alma, moment(local).date())}

    assert (opens("2026-11-15T12:00"), opens("2026-11-22T12:00")) == (set(), {9})
    assert opens("2026-11-23T12:00") == opens("2027-11-23T12:00") == {11}
    assert queries.hours_of(bo, moment("2026-11-23T12:00").date()) == []
    services.set_hours(worker=alma, hours=[], by=alma)
    assert opens("2026-11-24T12:00") == set()
    assert privacy.trail(alma)[-1] == ("alma", "appointments.hours_set")
