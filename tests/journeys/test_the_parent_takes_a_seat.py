"""Alma offers Liv a seat; her mother reads it with her key, says yes, and says when they cannot come; Alma sees it."""

import re
import time

from playwright.sync_api import Locator

from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import PATIENCE, PHONE, Walker, at, come_back, key_of
from tests.running import House

#: Tomorrow, half an hour before the group meets.
EVENING = "2026-11-25T17:10"
#: A mother and a child with a key of their own, who are known and sit nowhere yet; and a group that meets tomorrow.
BEGUN = """
from datetime import date, time
from uuid import uuid4
from brobygger.access import queries as people
from brobygger.casework import naming
from brobygger.catalogue import queries as catalogue
from brobygger.groups import services
from brobygger.intake import services as intake
from brobygger.intake.rules import Call
from brobygger.privacy import seal
alma, finn = people.person("alma"), people.person("finn")
group = services.make_group(by=finn, once=uuid4(), said={
    "offer": "gruppe", "name": "Mosaikken", "kind": "child", "place": "glostrup", "room": 1, "state": "open",
    "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;WKST=MO", "starts_on": date(2026, 11, 25), "begins": time(17, 45),
    "ends": time(19, 15), "seats": 8, "months_from": 72, "months_to": 144, "leaders": [alma],
})
key = seal.new_return_key()
reach = {"channel": "sms", "phone": "+4520000078", "when": "any", "remind": False, "message": False, "sender": ""}
call = Call(channel="phone", door="parent", what="key", reach=reach)
enquiry, _new = intake.open_call(number=uuid4(), key=key, call=call, by=alma)
enquiry = intake.take(enquiry=enquiry, by=alma)
words = catalogue.wording("name", "da")
family = [{"role": "mother", "called": "Mette"}, {"role": "child", "called": "Liv", "birth": "2018-05"}]
course = naming.begin_here(
    thread=enquiry.thread, people=family, agreed_how="phone", words=words.text, digest=words.digest, by=alma
)
print(group.pk, group.meetings.first().pk, key.shown, course.pk, course.nickname, sep="|")
"""
#: What keeps two hours on one line.
JOINED = "\u2060"
#: What no text message may say.
NAMES = "Mosaikken|Dit Rum|Liv|gruppe|Glostrup|plads"


def test_a_parent_takes_a_seat_with_her_key(ditrum: Clocked, at_work: Lend, visit: Lend) -> None:
    house = ditrum.at(DAY)
    group, meeting, lent, course, nickname = house.ask(BEGUN).splitlines()[-1].split("|")
    mother, alma = visit(house, PHONE), at_work(house, "alma", PHONE)
    come_back(mother, lent)
    key = key_of(mother)
    come_back(mother, key)
    assert "Mosaikken" not in mother.text("body")

    told_before = len(told(house))
    seat = offers_a_seat(alma, course, nickname)
    the_telephone_names_nothing(house, told_before)
    reads_the_offer(mother, key)
    takes_it(mother, key)
    cannot_come_tomorrow(mother, key)

    sees_it_at_work(alma, seat, group)
    assert at_work(house, "bo", PHONE).open(seat).status == 404, "neither Bo's course nor Bo's group"
    the_evening_knows(at_work(ditrum.at(EVENING), "alma", PHONE), meeting, nickname)
    assert not re.search("Mosaikken|Traceback", house.log), house.log


# ---- Alma offers it ----


def offers_a_seat(alma: Walker, course: str, nickname: str) -> str:
    """Go from the course to its groups, choose one for Liv, and offer the seat; give the address of its page."""
    alma.open(at("casework:mine"))
    alma.send(alma.page.locator(".row", has_text=nickname).locator(".what a").first)
    alma.send(f'aside a[href="{at("groups:of_course", course=course)}"]')
    alma.look("the groups of a course")
    alma.send(alma.find("article.letter:has(h2:text-is('Liv'))").get_by_role("link", name=re.compile("^Tilbyd")))
    alma.look("where a child could sit")
    line = alma.page.locator(".row", has_text="Mosaikken")
    assert "fra i morgen, onsdag" in " ".join(line.inner_text().split())
    alma.send(line.locator(".what a"))
    alma.look("offering a seat")
    assert "8 af 8 ledige" in alma.text()
    alma.write("[name=answer_by]", "2026-12-24")
    alma.send("main form button.action", 422)
    assert "Vælg en dag fra i dag" in alma.text("main form") and alma.find("[name=answer_by]").input_value()
    alma.look("an offer that would wait too long")
    alma.write("[name=answer_by]", "2026-11-25")
    alma.send("main form button.action")
    said = alma.text("body")
    assert "Pladsen er tilbudt. Tilbuddet ligger bag deres nøgle" in said and "Tilbudt." in said
    alma.look("a seat that is offered")
    return alma.page.url.removeprefix(alma.house.url)


def told(house: House) -> list[str]:
    """List the text messages that went out."""
    return [line for line in house.log.splitlines() if line.startswith("SMS")]


def the_telephone_names_nothing(house: House, before: int) -> None:
    """Wait for the text message: something lies there, and not a word of what."""
    until = time.monotonic() + PATIENCE / 1000
    while len(found := told(house)) <= before:
        assert time.monotonic() < until, f"no message came: {house.log[-2000:]}"
        time.sleep(0.2)
    assert not any(re.search(NAMES, line) for line in found[before:]), found[before:]


# ---- Her mother answers ----


def the_seat(mother: Walker) -> Locator:
    """Find the part of the page that is about the seat."""
    return mother.page.locator("section[id^=seat-]")


def said_of_it(mother: Walker) -> str:
    """Read what stands about the seat, in one line."""
    return " ".join(the_seat(mother).inner_text().replace(JOINED, "").split())


def reads_the_offer(mother: Walker, key: str) -> None:
    """Read what, where and when, until which day it is kept, and what the first evening is like."""
    come_back(mother, key)
    said = said_of_it(mother)
    for shown in ("En plads til Liv", "Mosaikken · ", "Glostrup", "fra i morgen, onsdag, kl. 17.45"):
        assert shown in said, (shown, said)
    assert "Vi holder pladsen til og med i morgen" in said
    assert "Du må gerne sige nej" in said and "Vi spiser sammen" not in said, "what is long is folded"
    for folded in ("De første datoer", "Sådan er den første gang"):
        the_seat(mother).locator("summary", has_text=folded).click()
    assert "Onsdag den 9. december kl. 17.45–19.15" in said_of_it(mother) and "Vi spiser sammen" in said_of_it(mother)
    mother.look("a seat is offered behind the key")


def takes_it(mother: Walker, key: str) -> None:
    """Say yes; it says so at once, and when she comes back the next evenings stand there."""
    mother.send("button[name=seat-what][value=take]")
    assert mother.text("h1") == "Pladsen er jeres" and "Vi glæder os til at se jer" in mother.text()
    assert mother.find("button[value=take]").count() == 0, "what is answered is not asked again"
    mother.look("the seat is theirs")
    come_back(mother, key)
    said = said_of_it(mother)
    assert "Livs plads" in said and mother.find("button[value=take], button[value=decline]").count() == 0
    for day in ("I morgen, onsdag, kl. 17.45–19.15", "9. december", "23. december", "6. januar"):
        assert day in said, (day, said)
    assert mother.find("button[value=away]").count() == 4
    mother.look("a seat of one's own")


def evening(mother: Walker, day: str) -> Locator:
    """Find one evening of the seat."""
    return the_seat(mother).locator(".facts > div", has_text=day)


def cannot_come_tomorrow(mother: Walker, key: str) -> None:
    """Say no to tomorrow; say no to the time after that by a slip of the thumb, and take it back."""
    mother.send(evening(mother, "I morgen").locator("button[value=away]"))
    assert mother.text("h1") == "Det er gjort" and "Tak for beskeden" in mother.text()
    mother.look("it is noted that they cannot come")
    mother.send(evening(mother, "9. december").locator("button[value=away]"))
    come_back(mother, key)
    assert said_of_it(mother).count("I har sagt, at I ikke kan komme") == 2
    mother.send(evening(mother, "9. december").locator("button[value=come]"))
    assert "Hvor dejligt" in mother.text()
    come_back(mother, key)
    tomorrow = " ".join(evening(mother, "I morgen").inner_text().split())
    assert "I har sagt, at I ikke kan komme" in tomorrow and "Vi kommer alligevel" in tomorrow
    assert said_of_it(mother).count("I har sagt") == 1
    mother.look("a seat with an evening they cannot come")


# ---- Alma sees it ----


def sees_it_at_work(alma: Walker, seat: str, group: str) -> None:
    """See on the seat's page that they have it and when they do not come; one chair of the group is taken."""
    alma.open(seat)
    said = alma.text()
    assert "Har plads." in said and "Begynder i morgen" in said, said
    away = [" ".join(each.split()) for each in alma.find("main .row:has-text('kommer ikke')").all_inner_texts()]
    assert len(away) == 1 and "i morgen" in away[0], away
    assert alma.find("button[value=take]").count() == 0
    alma.look("a seat that is taken")
    alma.send(f'main header a[href="{at("groups:group", group=group)}"]')
    assert "7 af 8 ledige" in alma.text("aside.stack")
    alma.look("a group one child sits in")
    alma.send(f'a[href="{at("groups:offer", group=group)}"]')
    assert "Har plads" in alma.text(".row:has-text('Liv')")
    alma.look("who sits in a group")


def the_evening_knows(alma: Walker, meeting: str, nickname: str) -> None:
    """Run the evening: Liv has said no beforehand, and nobody has to mark her."""
    alma.open(at("today:tonight"))
    alma.send(alma.find(f'a[href="{at("groups:evening", meeting=meeting)}"]'))
    liv = alma.page.locator(".guest", has_text="Liv")
    assert "Har sendt afbud" in liv.inner_text()
    assert liv.locator(":checked").get_attribute("value") == "said_no"
    assert "1 afbud" in alma.text("#sum") and nickname not in alma.page.content()
    alma.look("an evening somebody said no to beforehand")
    alma.send("#evening .action")
    assert "Aftenen er gemt" in alma.text(".said") and "1 afbud" in alma.text("#sum")
