"""A family stops in the group with its key; the chair is free that moment, and whoever waits can have it."""

import re

from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import DESK, PHONE, Walker, at, come_back, key_of

#: A group of two that is full: Liv, whose mother has a key, and Bjørn. Karla waits for the same kind of group.
BEGUN = """
from datetime import date, time
from uuid import uuid4
from brobygger.access import queries as people
from brobygger.casework import naming
from brobygger.casework.tests.families import begin, person
from brobygger.catalogue import queries as catalogue
from brobygger.groups import seats, services
from brobygger.intake import services as intake
from brobygger.intake.rules import Call
from brobygger.privacy import seal
alma, finn = people.person("alma"), people.person("finn")
group = services.make_group(by=finn, once=uuid4(), said={
    "offer": "minigruppe", "name": "Fyrtårnet", "kind": "child", "place": "glostrup", "room": 3, "state": "open",
    "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;WKST=MO", "starts_on": date(2026, 11, 27), "begins": time(16, 30),
    "ends": time(18), "seats": 2, "smallest": 1, "months_from": 72, "months_to": 120, "leaders": [alma],
})
key = seal.new_return_key()
reach = {"channel": "sms", "phone": "+4520000079", "when": "any", "remind": False, "message": False, "sender": ""}
call = Call(channel="phone", door="parent", what="key", reach=reach)
enquiry, _new = intake.open_call(number=uuid4(), key=key, call=call, by=alma)
enquiry = intake.take(enquiry=enquiry, by=alma)
words = catalogue.wording("name", "da")
family = [{"role": "mother", "called": "Mette"}, {"role": "child", "called": "Liv", "birth": "2018-05"}]
mine = naming.begin_here(
    thread=enquiry.thread, people=family, agreed_how="phone", words=words.text, digest=words.digest, by=alma
)
courses = [mine]
for called in ("Bjørn", "Karla"):
    family = [{"role": "mother", "called": called + "s mor"}, {"role": "child", "called": called, "birth": "2018-05"}]
    courses.append(begin(alma, people=family))
given = []
for course in courses[:2]:
    offered = seats.offer_seat(group=group, member=person(course, 1), by=alma)
    given.append(seats.take_seat(seat=offered, by=alma))
seats.wait(member=person(courses[2], 1), offer="minigruppe", wishes={}, by=alma)
print(group.pk, group.meetings.first().pk, given[0].pk, key.shown, mine.pk, courses[2].nickname, sep="|")
"""


def test_a_child_leaves_the_group_and_the_chair_is_free(ditrum: Clocked, at_work: Lend, visit: Lend) -> None:
    house = ditrum.at(DAY)
    group, meeting, seat, lent, course, waits = house.ask(BEGUN).splitlines()[-1].split("|")
    mother, elsewhere, alma = visit(house, PHONE), visit(house, PHONE), at_work(house, "alma", PHONE)
    finn = at_work(house, "finn", DESK)
    come_back(mother, lent)
    key = key_of(mother)
    nobody_gets_a_seat(alma, waits)
    assert "Liv" in who_comes(finn, meeting)

    come_back(elsewhere, key)
    stops(mother, key)
    presses_on_an_old_page(elsewhere)

    the_chair_is_free(alma, group, waits)
    assert "Liv" not in who_comes(finn, meeting) and "Bjørn" in finn.text()
    has_left(alma, course, seat)
    assert finn.open(at("groups:seat", seat=seat)).status == 404, "what is over is only for who has the course"
    who_waited_gets_it(alma, group, waits)
    assert not re.search("Fyrtårnet|Traceback", house.log), house.log


def line(who: Walker, text: str) -> str:
    """Read a row by what stands in it."""
    return " ".join(who.page.locator(".row", has_text=text).first.inner_text().split())


def who_comes(finn: Walker, meeting: str) -> str:
    """Read the door list of the first evening."""
    finn.open(at("groups:roster_print", meeting=meeting))
    return finn.text()


def nobody_gets_a_seat(alma: Walker, waits: str) -> None:
    """See that the group is full, and that who waits for it has no seat to be offered."""
    alma.open(at("groups:list"))
    assert "fuldt" in line(alma, "Fyrtårnet") and "1 venter" in line(alma, "Fyrtårnet")
    alma.open(at("groups:waiting"))
    assert "Fyrtårnet: ingen ledig plads" in line(alma, waits)
    assert alma.page.locator(".row", has_text=waits).get_by_role("link", name="Fyrtårnet").count() == 0
    alma.look("who waits while a group is full")


def stops(mother: Walker, key: str) -> None:
    """Read what happens, and give the seat up; it says so, and afterwards nothing of the group is there."""
    come_back(mother, key)
    seat = mother.page.locator("section[id^=seat-]")
    assert "Livs plads" in seat.inner_text() and "Fyrtårnet" in seat.inner_text()
    assert not mother.find("button[value=leave]").is_visible(), "nobody stops by a slip of the thumb"
    mother.press(seat.locator("summary", has_text="Vi vil gerne stoppe"))
    said = " ".join(seat.inner_text().split())
    assert "Så får en anden pladsen" in said and "du må gerne bede om en plads igen" in said, said
    mother.look("what happens when a family stops")
    mother.send("button[value=leave]")
    assert mother.text("h1") == "I er stoppet i gruppen" and "Pladsen er givet videre" in mother.text()
    assert "Du må altid skrive til os" in mother.text() and "Fyrtårnet" not in mother.text("body")
    mother.look("a family has stopped in the group")
    come_back(mother, key)
    assert mother.find("section[id^=seat-]").count() == 0 and "Fyrtårnet" not in mother.text("body")
    assert mother.find("#more").count() == 1, "they can write as before"
    mother.look("behind the key after the group")


def presses_on_an_old_page(elsewhere: Walker) -> None:
    """Press on a page that lay open on another telephone: nothing is changed, and it is said kindly."""
    elsewhere.send(elsewhere.find("button[value=away]").first)
    assert "Den plads" in elsewhere.text() and "ikke længere" in elsewhere.text(), elsewhere.text()
    elsewhere.look("a seat that is given up already")


def the_chair_is_free(alma: Walker, group: str, waits: str) -> None:
    """See it in the list, on the group's page and where somebody waits."""
    alma.open(at("groups:list"))
    assert "1 af 2 ledige" in line(alma, "Fyrtårnet")
    alma.open(at("groups:group", group=group))
    assert "1 af 2 ledige" in alma.text("aside.stack")
    alma.look("a group with a chair that came free")
    alma.open(at("groups:waiting"))
    said = line(alma, waits)
    assert "Fyrtårnet: en plads fra" in said and "Der er en plads fra" in said, said
    alma.look("who waits when a chair comes free")


def has_left(alma: Walker, course: str, seat: str) -> None:
    """Read in the family's own course that they left, since when and why; there is nothing more to press."""
    alma.open(at("groups:of_course", course=course))
    assert "Er stoppet" in line(alma, "Fyrtårnet")
    alma.send(f'a[href="{at("groups:seat", seat=seat)}"]')
    assert "Er stoppet." in alma.text() and "De vil gerne stoppe" in alma.text()
    assert alma.find("main button[name=do]").count() == 0
    alma.look("a seat that is given up")


def who_waited_gets_it(alma: Walker, group: str, waits: str) -> None:
    """Offer the chair from the waiting list; their mother says yes on the telephone, and nobody waits any more."""
    alma.open(at("groups:waiting"))
    alma.send(alma.page.locator(".row", has_text=waits).get_by_role("link", name="Fyrtårnet"))
    alma.look("offering a chair that came free")
    alma.send("main form button.action")
    assert "ring til dem" in alma.text("body"), "no key of theirs tells of it"
    alma.send("button[name=do][value=take]")
    alma.open(at("groups:waiting"))
    assert alma.page.locator(".row", has_text=waits).count() == 0
    alma.open(at("groups:group", group=group))
    assert "0 af 2 ledige" in alma.text("aside.stack")
