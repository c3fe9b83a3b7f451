"""Where a family lives: known on the day, to the one who goes there, and to nobody the day after."""

import pytest

from brobygger.appointments import queries, services
from brobygger.appointments.models import Proposal, VisitAddress
from brobygger.appointments.tests.families import Family, book, moment, offer, slot
from brobygger.privacy import keyring, retention

pytestmark = pytest.mark.django_db
STREET = "Bakken 7, 2. th."


@pytest.fixture
def visit(ea: Family, alma):
    """A visit at home on Tuesday, with its address."""
    booked = book(ea, alma, "2026-11-24T10:00", where="home")
    ea.asks("address", address=STREET)
    return booked


def open_directly(address: VisitAddress) -> str:
    context = f"address:{address.appointment_id}:1"
    return keyring.open_sealed(address.key, bytes(address.sealed), context=context)["address"]


def test_an_address_is_shown_on_the_day_to_the_one_who_goes_there(visit, ea, alma, bo, at) -> None:
    for day, viewer in (("2026-11-23T23:59", alma), ("2026-11-25T00:00", alma), ("2026-11-24T08:00", bo)):
        at(day)
        with pytest.raises(services.NotTheDay):
            services.look_at_address(appointment=visit, by=viewer)
    assert ("alma", "appointments.address_looked") not in ea.trail()

    at("2026-11-24T00:00")
    assert services.look_at_address(appointment=visit, by=alma) == STREET
    assert ea.trail()[-1] == ("alma", "appointments.address_looked")


def test_without_an_address_there_is_nothing_to_show(ea, alma, at) -> None:
    booked = book(ea, alma, "2026-11-24T10:00", where="home")
    at("2026-11-24T08:00")

    assert services.look_at_address(appointment=booked, by=alma) is None
    assert queries.visits([booked]) == set()


def test_the_words_with_the_address_are_gone_from_the_thread(visit, ea, at) -> None:
    (told,) = [each for each in ea.box() if each.get("news") == "address_kept"]
    assert told["appointment"]["address"] == "known"
    assert STREET not in str(ea.box())
    assert not ea.thread.messages.filter(kind="address").exists()
    assert ea.trail()[-1] == ("family", "appointments.address_given")
    assert queries.visits([visit]) == {visit.pk}


def test_a_new_address_takes_the_old_ones_place(visit, ea, alma, at) -> None:
    ea.asks("address", address="Skoven 3")
    at("2026-11-24T08:00")

    assert services.look_at_address(appointment=visit, by=alma) == "Skoven 3"
    assert VisitAddress.objects.count() == 1


def test_an_address_without_a_visit_is_not_kept(ea, another, alma) -> None:
    book(another, alma, "2026-11-24T10:00")

    for family in (ea, another):
        assert family.asks("address", address=STREET)["news"] == "nothing_stands"
        assert not family.thread.messages.filter(kind="address").exists()
    assert not VisitAddress.objects.exists()


def test_the_day_after_the_address_and_its_key_are_gone(visit, ea, alma, at) -> None:
    kept = VisitAddress.objects.get()
    services.sweep(at("2026-11-24T23:59"))
    assert open_directly(kept) == STREET

    assert services.sweep(at("2026-11-25T00:00")) >= 1

    assert not VisitAddress.objects.exists()
    with pytest.raises(keyring.Shredded):
        open_directly(kept)
    assert ea.trail()[-1] == ("keeper", "appointments.address_destroyed")


@pytest.mark.parametrize("how", ["the family calls off", "the house calls off", "another time is chosen"])
def test_an_address_dies_with_its_time(how: str, visit, ea, alma) -> None:
    kept = VisitAddress.objects.get()

    if how == "the family calls off":
        ea.asks("cancel")
    elif how == "the house calls off":
        services.call_off_and_tell(appointment=visit, by=alma)
    else:
        book(ea, alma, "2026-11-25T10:00")

    assert not VisitAddress.objects.exists()
    with pytest.raises(keyring.Shredded):
        open_directly(kept)


def test_offers_are_swept_two_days_after_their_time(ea, alma, at) -> None:
    _tuesday, friday = offer(ea, alma, slot("2026-11-24T10:00"), slot("2026-11-27T10:00"))

    services.sweep(moment("2026-11-26T09:59"))
    assert Proposal.objects.count() == 2
    services.sweep(moment("2026-11-26T10:01"))

    assert [each.pk for each in Proposal.objects.all()] == [friday]


def test_the_nightly_sweep_knows_this_room() -> None:
    assert services.sweep in retention.SWEEPS
