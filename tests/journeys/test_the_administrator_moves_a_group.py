"""Finn moves tomorrow's group. One family reads the new time with its key, another is rung; the door list is right."""

import re
import time
from typing import Any

from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import DESK, PATIENCE, PHONE, Walker, at, come_back, come_back_until, key_of
from tests.running import House

#: Two families with a child each, one with a key and one without; the children sit in a group that meets tomorrow.
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
    "offer": "gruppe", "name": "Onsdagsgruppen", "kind": "child", "place": "glostrup", "room": 2, "state": "open",
    "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;WKST=MO", "starts_on": date(2026, 11, 25), "begins": time(15, 30),
    "ends": time(17, 30), "seats": 8, "months_from": 72, "months_to": 144, "leaders": [alma],
})
key = seal.new_return_key()
reach = {"channel": "sms", "phone": "+4520000077", "when": "any", "remind": False, "message": False, "sender": ""}
call = Call(channel="phone", door="parent", what="key", reach=reach)
enquiry, _new = intake.open_call(number=uuid4(), key=key, call=call, by=alma)
enquiry = intake.take(enquiry=enquiry, by=alma)
words = catalogue.wording("name", "da")
family = [{"role": "mother", "called": "Mette"}, {"role": "child", "called": "Liv", "birth": "2018-05"}]
mine = naming.begin_here(
    thread=enquiry.thread, people=family, agreed_how="phone", words=words.text, digest=words.digest, by=alma
)
other = begin(alma)
for course, place in ((mine, 1), (other, 2)):
    seat = seats.offer_seat(group=group, member=person(course, place), by=alma, starts_with=group.meetings.first())
    seats.take_seat(seat=seat, by=alma)
print(group.pk, group.meetings.first().pk, key.shown, other.nickname, sep="|")
"""
#: What no text message may say.
NAMES = "Onsdagsgruppen|Dit Rum|Liv|gruppe|Glostrup"


def test_finn_moves_tomorrows_group_at_his_desk(ditrum: Clocked, at_work: Lend, visit: Lend) -> None:
    house = ditrum.at(DAY)
    group, meeting, lent, nickname = begun(house)
    mother = visit(house, PHONE)
    come_back(mother, lent)
    key = key_of(mother)
    finn = at_work(house, "finn", DESK)
    looks_at_the_groups(finn)
    moves_it(finn, "2026-11-26", "16:00", "18:00")
    rings_who_has_no_key(finn, nickname)

    come_back_until(mother, key, "text=torsdag den 26. november")
    mother.look("a moved meeting, read with a key")
    assert "16.00" in mother.text()
    the_message_names_nobody(house, "torsdag den 26. november")

    prints_the_door_list(finn, meeting)
    finn_on_a_phone_calls_it_off(at_work(house, "finn", PHONE), group)
    come_back_until(mother, key, "text=Vi mødes ikke den dag")
    the_message_names_nobody(house, "aflyst|torsdag den 26. november")


def begun(house: House) -> tuple[str, str, str, str]:
    """Let it all have begun, and give the group, its first meeting, the key read aloud, and the other's nickname."""
    group, meeting, key, nickname = house.ask(BEGUN).splitlines()[-1].split("|")
    return group, meeting, key, nickname


def looks_at_the_groups(finn: Walker) -> None:
    """Find the group from the side, and read when it meets and how many seats are free."""
    finn.send(finn.find(f'nav a[href="{at("groups:list")}"]').first)
    finn.look("the groups")
    line = finn.page.locator(".row", has_text="Onsdagsgruppen")
    said = " ".join(line.inner_text().split())
    assert "Onsdag" in said and "i morgen" in said and "6 af 8" in said and "Alma" in said, said
    finn.send(line.locator(".what a").first)
    finn.look("a group")
    assert "Liv" not in finn.text("aside")


def moves_it(finn: Walker, day: str, begins: str, ends: str) -> None:
    """Choose another day and hour; the page says beforehand who hears of it and who must be rung."""
    finn.send(finn.page.locator(".row", has_text="i morgen").get_by_role("link", name=re.compile("^Flyt")).first)
    finn.look("moving a meeting")
    before = finn.text()
    assert "1 familie kan læse det med sin nøgle" in before and "1 familie kan ikke få det at vide" in before
    for name, value in (("day", day), ("begins", begins), ("ends", ends)):
        finn.write(f"[name={name}]", value)
    finn.send("main form button.action")


def rings_who_has_no_key(finn: Walker, nickname: str) -> None:
    """See who was told and whom to ring; it stays until they have been rung."""
    said = finn.text()
    assert "1 familie har fået besked" in said and "flyttet" in said and nickname in said, said
    finn.look("a group that was moved")
    finn.page.reload()
    finn.send(finn.find("section.note").get_by_role("link", name=nickname))
    assert "24 23 03 00" in finn.text() or finn.page.url.count("/") > 3
    finn.page.go_back()
    finn.send("button[name=rung]")
    assert nickname not in finn.text()


def the_message_names_nobody(house: House, said: str) -> None:
    """Wait for the text message: a day and an hour, and neither group nor house."""
    until = time.monotonic() + PATIENCE / 1000
    while not (found := [line for line in house.log.splitlines() if line.startswith("SMS") and re.search(said, line)]):
        assert time.monotonic() < until, f"no message came: {house.log[-2000:]}"
        time.sleep(0.2)
    assert not any(re.search(NAMES, line) for line in found), found
    assert not re.search("Onsdagsgruppen|Traceback", house.log), house.log


def prints_the_door_list(finn: Walker, meeting: str) -> None:
    """Print who comes on Thursday: first names alone."""
    finn.open(at("groups:roster_print", meeting=meeting))
    finn.look("the folder of an evening")
    said = finn.text()
    assert "torsdag den 26. november" in said and "Liv" in said
    finn.page.emulate_media(media="print")
    assert "Hansen" not in finn.page.content() and "Mette" not in finn.text()
    finn.page.emulate_media(media="screen")


def finn_on_a_phone_calls_it_off(finn: Walker, group: str) -> Any:
    """Call it off with a thumb, from the list: five taps."""
    finn.open(at("groups:list"))
    before = finn.taps
    finn.send(finn.page.locator(".row", has_text="Onsdagsgruppen").locator(".what a").first)
    finn.send(finn.page.locator(".row", has_text="26. november").get_by_role("link", name=re.compile("^Aflys")).first)
    finn.look("calling a meeting off")
    finn.send("main form button.action")
    assert finn.taps - before <= 3
    assert "Aflyst." in finn.text() and "1 familie har fået besked" in finn.text()
