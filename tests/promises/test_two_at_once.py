"""Two who want the same hour in the same moment: one gets it, the other is told kindly, and no hour is given twice."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

from django.utils.translation import gettext, override

from tests.letters import Page, Visitor, sign_in
from tests.promises import searching
from tests.running import House


def answered(house: House, where: str, *workers: str) -> list[tuple[Visitor, Page, str]]:
    """As many families as workers named, each with an answer and the same three times; with their box numbers."""
    staff = sign_in(house, *workers)
    families = [(Visitor(house.url), Visitor(house.url).write().key) for _each in workers]
    searching.until(lambda: searching.settled(house))
    times: list[str] = []
    for worker, (_ea, key) in zip(staff, families, strict=True):
        thread = worker.thread(key[:4])
        worker.do("intake:take", thread=thread)
        page = worker.get(worker.at("intake:thread", thread=thread) + f"?where={where}")
        times = times or page.all("times")
        form = {"where": where, "times": times[:3], "seen": page.hidden("seen"), "text": "Vælg en tid."}
        answer = worker.do("intake:answer", form, thread=thread)
        assert answer.status == 302, answer.words[:600]
    searching.until(lambda: searching.settled(house))
    return [(ea, ea.come_back(key), key[:4]) for ea, key in families]


def said(page: Page, msgid: str) -> bool:
    """Tell whether a page says a sentence, in Danish."""
    with override("da"):
        return gettext(msgid) in page.words


def test_two_families_choose_the_same_hour_and_one_gets_it(house: House) -> None:
    families = answered(house, "phone", "bo", "bo")
    proposals = [page.all("proposal")[0] for _ea, page, _number in families]
    ready = threading.Barrier(2)

    def choose(at: int) -> Page:
        ea, page, _number = families[at]
        ready.wait()
        return ea.act(page, "choose", proposal=proposals[at])

    with ThreadPoolExecutor(2) as hands:
        pages = list(hands.map(choose, range(2)))

    booked = [said(page, "It is agreed") for page in pages]
    refused = [said(page, "Somebody else has just taken that time. Nothing has been booked.") for page in pages]
    assert sorted(booked) == [False, True]
    assert refused == [not each for each in booked]
    loser = pages[booked.index(False)]
    assert len(loser.all("proposal")) == 2, "the other times can still be chosen"
    again = Visitor(house.url).act(loser, "choose", proposal=loser.all("proposal")[0])
    assert said(again, "It is agreed")


def test_pressing_a_time_twice_books_it_once_and_says_so_both_times(house: House) -> None:
    ((_ea, page, _number),) = answered(house, "phone", "signe")
    proposal = page.all("proposal")[0]
    ready = threading.Barrier(2)

    def choose(_press: int) -> Page:
        ready.wait()
        return Visitor(house.url).act(page, "choose", proposal=proposal)

    with ThreadPoolExecutor(2) as hands:
        pages = list(hands.map(choose, range(2)))

    assert [said(each, "It is agreed") for each in pages] == [True, True]


#: Everybody at once, straight into the tables, as no page of ours would do it. Three days: one person in demand, one
#: room in demand, both.
_CROWD = """
import json, random, threading, uuid
from datetime import datetime, timedelta, timezone
from django.db import Error, connections
from brobygger.access.models import User
from brobygger.appointments.models import Appointment
from brobygger.threads.models import Thread
thread = Thread.objects.first()
staff = list(User.objects.filter(memberships__role="therapist")[:{hands}])
days = {{each: datetime(2026, 12, each, 8, tzinfo=timezone.utc) for each in (1, 2, 3)}}
done, ready = [], threading.Barrier({hands})
def crowd(mine):
    dice = random.Random(mine)
    ready.wait()
    for number in range({tries}):
        day = 1 + number % 3
        starts = days[day] + timedelta(minutes=10 * dice.randrange(12))
        try:
            made = Appointment.objects.create(
                id=uuid.uuid4(), thread=thread, number=thread.number, worker=staff[mine if day == 2 else 0],
                where="phone" if day == 1 else "house", place="" if day == 1 else "glostrup",
                room=None if day == 1 else 1, starts_at=starts, ends_at=starts + timedelta(minutes=30))
            done.append("booked")
        except Error as refused:
            done.append(type(refused).__name__)
    connections.close_all()
hands = [threading.Thread(target=crowd, args=[number]) for number in range({hands})]
[each.start() for each in hands], [each.join() for each in hands]
booked, overlaps = [], 0
for day in days.values():
    rows = Appointment.objects.filter(starts_at__gte=day, starts_at__lt=day + timedelta(hours=12), cancelled=False)
    spans = sorted(rows.values_list("starts_at", "ends_at"))
    overlaps += sum(one[1] > other[0] for one, other in zip(spans, spans[1:]))
    booked.append(len(spans))
print(json.dumps([booked, overlaps, sorted(set(done)), len(done)]))
"""


def test_the_database_itself_refuses_to_give_a_person_or_a_room_twice(house: House) -> None:
    """Two processes with six hands each, forty-five tries a hand, all within two hours of each day."""
    Visitor(house.url).write()
    searching.until(lambda: searching.settled(house))
    code = _CROWD.format(hands=6, tries=45)

    with ThreadPoolExecutor(2) as processes:
        seen = [json.loads(each) for each in processes.map(lambda _: house.ask(code), range(2))]

    assert [each[3] for each in seen] == [270, 270]
    assert [each[1] for each in seen] == [0, 0]
    for booked in zip(*(each[0] for each in seen), strict=True):
        assert 3 <= max(booked) <= 5, "two and a half hours hold at most five half hours"
    assert {name for each in seen for name in each[2]} <= {"booked", "IntegrityError", "OperationalError"}


_CONTEST = """
import json, threading
from django.db import connections
from brobygger.appointments import services
from brobygger.appointments.models import Appointment
from brobygger.threads.models import Thread
groups = json.loads({groups!r})
said, ready = [[] for _each in groups], threading.Barrier(sum(map(len, groups)))
def choose(into, number, proposal):
    thread = Thread.objects.get(number=number)
    ready.wait()
    try:
        services.choose(thread=thread, proposal=proposal, by="family")
        into.append("booked")
    except Exception as refused:
        into.append(type(refused).__name__)
    connections.close_all()
hands = [threading.Thread(target=choose, args=(said[at], *pair)) for at, group in enumerate(groups) for pair in group]
[each.start() for each in hands], [each.join() for each in hands]
rooms = [len(set(Appointment.objects.filter(thread__number__in=[n for n, _ in g]).values_list("room"))) for g in groups]
print(json.dumps([*map(sorted, said), rooms]))
"""


def test_two_keepers_that_book_at_once_book_one_hour_and_two_rooms(house: House) -> None:
    """The worker is one. If there were more, who comes second for a person hears it; for a room, gets the next room."""
    one_person = answered(house, "phone", "mikkel", "mikkel", "mikkel")
    one_hour = answered(house, "house", "signe", "jonna")
    groups = [
        [[number, page.all("proposal")[1]] for _ea, page, number in one_person],
        [[number, page.all("proposal")[0]] for _ea, page, number in one_hour],
    ]

    person, hour, rooms = json.loads(house.ask(_CONTEST.format(groups=json.dumps(groups))))

    assert person == ["TimeIsTaken", "TimeIsTaken", "booked"]
    assert hour == ["booked", "booked"]
    assert rooms == [1, 2]
