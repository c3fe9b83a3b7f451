"""The main walk, deed by deed: write, open, take, answer with times, choose."""

import re

import pytest
from django.test import Client

from brobygger.appointments import queries as appointments
from brobygger.appointments import rules as times
from brobygger.appointments import services as booking
from brobygger.ground import clock
from brobygger.intake import queries, services
from brobygger.threads import opening
from brobygger.threads import services as threads

HERE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


def write(text="Min mand drikker, og jeg er bange.", path="/foraelder/", **more):
    client = Client()
    page = client.get(path).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    answer = client.post(path, {"token": token, "wish": "write", "text": text, **more}, **HERE)
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return re.search(r'data-key="([^"]+)"', answer.content.decode())[1]


def keeper():
    while opening.open_letters() + booking.keep_up() + services.keep_up() + threads.deliver():
        pass


def come_back(key):
    return Client().post("/tilbage/", {"key": key}, **HERE)


@pytest.mark.django_db(transaction=True)
def test_a_letter_is_answered_with_times_and_one_is_chosen(furnished, alma, bo, at):
    at("2026-11-23T02:10")
    booking.set_hours(
        worker=alma, hours=[times.Hours(d, times.time(9), times.time(15), "glostrup") for d in range(5)], by=alma
    )
    key = write()
    keeper()
    (line,) = queries.waiting(alma)
    assert line.facts["door"] == "parent"
    at("2026-11-23T08:10")
    mine = services.take(enquiry=line.enquiry, by=alma)
    with pytest.raises(services.AlreadyTaken):
        services.take(enquiry=line.enquiry, by=bo)
    assert queries.get_enquiry(bo, mine.thread_id) is None
    free = appointments.free(alma, where="phone")
    services.answer(enquiry=mine, text="Godt du skrev.", by=alma, where="phone", times=free[:3])
    keeper()
    page = come_back(key).content.decode()
    assert "Godt du skrev." in page
    assert page.count('name="proposal"') == 3
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)[1]
    proposal = re.search(r'name="proposal" value="([^"]+)"', page)[1]
    from brobygger.door import family

    family.PATIENCE = 0.2
    done = Client().post("/tilbage/vaelg/", {"ticket": ticket, "proposal": proposal}, **HERE)
    assert done.status_code == 200
    keeper()
    day = appointments.day(alma, clock.local(free[0].starts_at).date())
    assert [each.number for each in day] == [key[:4]]
