"""The main walk: a letter at 02:10, an answer with times in the morning, a time on the day's list."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.journeys import walking
from tests.journeys.conftest import NIGHT, Clocked, Lend
from tests.journeys.walking import DESK, PHONE, Walker, at, button, number_of, row

MORNING = "2026-11-23T08:10"
LETTER = "Han drikker igen. Børnene sover. Jeg ved ikke, hvad jeg skal sige til dem i morgen."
WE_ARE_HERE = re.compile(r"vi er her(?! ikke)|we are here(?! not)", re.IGNORECASE)


def calendar_file(who: Walker, pick: str) -> str:
    """Press for the calendar file and read it."""
    with who.page.expect_download() as download:
        who.press(pick)
    assert download.value.suggested_filename == "aftale.ics"
    return Path(download.value.path()).read_text(encoding="utf-8")


def says_only_appointment(file: str) -> None:
    """See that a calendar file holds an hour and one word."""
    assert "SUMMARY:Aftale" in file
    assert not re.search(r"dit ?rum|brobygger|127\.0\.0\.1|LOCATION|DESCRIPTION|URL", file, re.IGNORECASE), file


def before_the_first_field(parent: Walker) -> str:
    """See that everything a parent must know stands above the first field; give the promised hour."""
    top = parent.page.evaluate(
        """() => {
            const field = document.querySelector("#letter textarea");
            const above = (part) => part.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING;
            const said = [...document.querySelectorAll("main dl.facts dd, main .when strong, main .lines a")];
            return said.filter(above).map((part) => part.tagName);
        }"""
    )
    assert top.count("DD") == 4, "what is kept, how long, who reads, when we must tell somebody"
    assert top.count("STRONG") == 1, "the hour of the answer"
    assert top.count("A") >= 1, "who is open now"
    assert not WE_ARE_HERE.search(parent.text("body"))
    return parent.text(".when strong")


def choose(parent: Walker, number: int = 0) -> None:
    """Press one of the times."""
    parent.send(parent.find(".times button").nth(number))


def times_on(alma: Walker) -> list[str]:
    """Tick three times on different days and give what they stand for."""
    values = [str(box.get_attribute("value")) for box in alma.find("#answer [name=times]").all()]
    days = list(dict.fromkeys(value[:10] for value in values))[:3]
    chosen = [next(value for value in values if value.startswith(day)) for day in days]
    for value in chosen:
        alma.press(alma.page.locator("label.choice", has=alma.page.locator(f'[value="{value}"]')))
    return chosen


def the_day(value: str) -> str:
    """Find the address of the day list for one offered time."""
    return f"{at('today:day')}?on={datetime.fromisoformat(value.split('|')[0]).date().isoformat()}"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_parent_writes_at_night_and_has_a_time_the_next_day(
    ditrum: Clocked, visit: Lend, at_work: Lend, size: dict[str, int]
) -> None:
    house = ditrum.at(NIGHT)
    key = writes_at_night(visit(house, size))
    house = ditrum.at(MORNING)
    alma = at_work(house, "alma")
    offered = answers_in_the_morning(alma, number_of(key))
    alma.open(the_day(offered[0]))
    alma.look("the day, empty")
    parent = visit(house, size)
    reads_and_chooses(parent, key)
    walking.arrives_by_itself(alma, number_of(key))
    alma.look("the day")
    moves_it(parent, alma, number_of(key))
    writes_more_and_gives_a_number(parent)
    calls_it_off(parent, key)
    assert not re.search(f"{LETTER[:12]}|{key}|{number_of(key)}|Traceback", house.log), house.log


def writes_at_night(parent: Walker) -> str:
    parent.open("/")
    assert not WE_ARE_HERE.search(parent.text("body"))
    promised = parent.text(".when strong")
    parent.look("the front page at night")
    parent.send(f'a[href="{at("door:write", door="parent")}"]')
    assert before_the_first_field(parent) == promised
    parent.look("the parents' door at night")
    parent.write("#letter [name=text]", LETTER)
    parent.send("#letter > button.action")
    key = walking.key_of(parent)
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", key)
    assert promised in parent.text(".when")
    parent.look("the key")
    prints_nothing_of_the_house(parent, key)
    says_only_appointment(calendar_file(parent, f'form[action="{at("door:calendar")}"] button'))
    says_only_appointment(calendar_file(parent, f'form[action="{at("door:calendar")}"] button'))
    return key


def prints_nothing_of_the_house(parent: Walker, key: str) -> None:
    parent.page.emulate_media(media="print")
    printed = parent.text("body")
    assert all(group in printed for group in key.split("-"))
    assert not re.search(r"dit ?rum|brobygger|brev|svar|http", printed, re.IGNORECASE), printed
    assert not re.search(r"dit ?rum|brobygger", parent.page.title(), re.IGNORECASE)
    parent.page.emulate_media(media="screen")


def answers_in_the_morning(alma: Walker, number: str) -> list[str]:
    walking.arrive(alma, number)
    alma.look("the worklist")
    alma.send(row(alma, number).locator("button.action"))
    assert LETTER in alma.text()
    alma.look("a thread that is taken")
    alma.write("#answer [name=text]", "Godt du skrev. Det er ikke din skyld. Her er tre tider.")
    offered = times_on(alma)
    assert len(offered) == 3
    alma.send("#answer > button.action")
    assert alma.find(".said p").count() == 1
    alma.look("the worklist after an answer")
    return offered


def reads_and_chooses(parent: Walker, key: str) -> None:
    parent.open(at("door:back"))
    parent.look("come back")
    walking.come_back(parent, key)
    assert "Det er ikke din skyld" in parent.text(".letter")
    assert LETTER not in parent.text("body"), "one's own letter is not shown again"
    assert parent.find(".times button").count() == 3
    parent.look("the answer with times")
    choose(parent)
    assert parent.find("#appointment").count() == 1
    parent.look("it is agreed")
    says_only_appointment(calendar_file(parent, f'form[action="{at("door:calendar")}"] button'))


def moves_it(parent: Walker, alma: Walker, number: str) -> None:
    before = parent.text("#appointment .when strong")
    parent.send(button("move"))
    parent.look("other times")
    assert parent.find(".times button").count() >= 1
    # The last one offered lies on another day.
    choose(parent, parent.find(".times button").count() - 1)
    assert parent.text("#appointment .when strong") != before
    walking.goes_by_itself(alma, number)


def writes_more_and_gives_a_number(parent: Walker) -> None:
    parent.unfold("#more")
    parent.write("#more [name$=text]", "Må jeg tage min søster med?")
    parent.send("#more > button.action")
    parent.look("more is sent")
    parent.unfold("#reach")
    parent.write("#reach [name$=phone]", "20 12 34 56")
    parent.send("#reach > button.action")
    parent.look("a number is given")
    parent.unfold(button("unreach"))
    parent.send(button("unreach"))
    assert parent.find(button("unreach")).count() == 0


def calls_it_off(parent: Walker, key: str) -> None:
    walking.come_back(parent, key)
    assert parent.find(button("unreach")).count() == 0, "the number is gone"
    parent.look("the thread with a time")
    parent.send(button("cancel"))
    assert parent.find("#appointment").count() == 0
    parent.look("called off")
    walking.come_back(parent, key)
    assert parent.find("#appointment").count() == 0
