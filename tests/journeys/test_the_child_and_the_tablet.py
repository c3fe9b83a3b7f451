"""Liv answers on Alma's tablet at the meeting, and at home by a link; nobody finds a way into the house from there."""

import re
import time
from typing import Any

import pytest

from tests import letters
from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import PATIENCE, PHONE, Walker, at
from tests.running import House

#: A tablet held upright.
TABLET = {"width": 820, "height": 1180}
#: What stands on the page one comes to work by.
SIGN_IN = "Godt at se dig"
#: What a child's thumb needs, in pixels.
TARGET = 48
#: A mother, and a girl of eleven who answers for herself; begun today, so both are asked.
BEGUN = """
from uuid import uuid4
from brobygger.access import queries as people
from brobygger.casework import naming
from brobygger.catalogue import queries as catalogue
from brobygger.intake import services as intake
from brobygger.intake.rules import Call
from brobygger.outcomes import letters, services
from brobygger.outcomes.models import Round
from brobygger.privacy import seal
alma = people.person("alma")
reach = {"channel": "sms", "phone": "+4520000079", "when": "any", "remind": False, "message": False, "sender": ""}
call = Call(channel="phone", door="parent", what="key", reach=reach)
enquiry, _new = intake.open_call(number=uuid4(), key=seal.new_return_key(), call=call, by=alma)
enquiry = intake.take(enquiry=enquiry, by=alma)
words = catalogue.wording("name", "da")
family = [{"role": "mother", "called": "Mette"}, {"role": "child", "called": "Liv", "birth": "2015-05"}]
course = naming.begin_here(
    thread=enquiry.thread, people=family, agreed_how="phone", words=words.text, digest=words.digest, by=alma
)
row = Round.objects.get(member__course=course, member__position=1, moment="start")
letters.publish(by="keeper")
from brobygger.door.rules import form_code
codes = "-".join(form_code(*pin) for pin in row.instruments)
print(course.pk, row.pk, row.member_id, codes, services.make_link(round=row, by=alma), course.nickname, sep="|")
"""
SHEETS = """
from brobygger.outcomes.models import Round, Sheet
row = Round.objects.get(pk="{row}")
print(row.state, sorted(Sheet.objects.filter(round=row).values_list("instrument", "mode")), sep="|")
"""
#: WHO-5 with 72 of 100, and how far the goal is.
ANSWERS = ("5", "4", "4", "3", "2", "7")


@pytest.fixture
def begun(ditrum: Clocked) -> tuple[House, list[str]]:
    """Give the house on a Tuesday morning, and a family of its own."""
    house = ditrum.at(DAY)
    return house, house.ask(BEGUN).splitlines()[-1].split("|")


def at_a_tablet(visit: Lend, house: House, *, script: bool = True) -> Walker:
    """Let Alma sit down at a tablet: a seat of its own, so that giving it up leaves her desk as it is."""
    alma = visit(house, TABLET, script=script, has_touch=True)
    colleague = letters.sign_in(house, "alma")[0]
    alma.context.add_cookies([{"name": colleague.cookie, "value": colleague.session, "url": f"{house.url}/personale/"}])
    return alma


@pytest.mark.parametrize("script", [True, False], ids=["", "without script"])
def test_a_child_answers_on_a_tablet_and_finds_no_way_into_the_house(
    begun: Any, visit: Lend, at_work: Lend, script: bool
) -> None:
    house, (course, row, liv, _codes, _secret, nickname) = begun
    tablet = at_a_tablet(visit, house, script=script)
    hands_it_over(tablet, course, row)
    no_name_and_no_small_button(tablet, nickname)
    finds_no_way_back(tablet, course)
    answers_with_a_slip_of_the_thumb(tablet)
    assert stands(house, row) == ("done", "[('goal', 'tablet'), ('who5', 'tablet')]")
    it_stands_locked(tablet, course)
    alma_sees_it_at_her_own_desk(at_work(house, "alma"), course, liv)
    assert not re.search("Traceback", house.log), house.log


def hands_it_over(tablet: Walker, course: str, row: str) -> None:
    """Go from the course to what waits, read what happens, and press."""
    tablet.open(at("outcomes:of_course", course=course))
    tablet.send(f'#round-{row} a[href="{at("outcomes:tablet", round=row)}"]')
    assert "Liv" in tablet.text() and "logget ud" in tablet.text()
    tablet.look("handing the tablet over")
    tablet.send("main form button.action")
    assert "Spørgsmål 1 af 6" in tablet.text()
    tablet.look("a question on the tablet")


def no_name_and_no_small_button(tablet: Walker, nickname: str) -> None:
    """See that nothing of anybody stands there, and that a child's thumb hits what it aims at."""
    page = tablet.page.content()
    assert not any(name in page for name in ("Liv", "Mette", "Alma", "Dit Rum", nickname))
    assert tablet.find("a").count() == 0, "no link leads away"
    small = [
        (each.inner_text(), box)
        for each in tablet.find("button").all()
        if (box := each.bounding_box()) and (box["height"] < TARGET or box["width"] < TARGET)
    ]
    assert not small, small


def finds_no_way_back(tablet: Walker, course: str) -> None:
    """Press back, load again, and change the address: the house asks who one is, and tells nothing."""
    here = tablet.page.url
    for _step in ("handing over", "the questions of the course"):
        tablet.page.go_back()
        assert "Liv" not in tablet.page.content() and tablet.text("h1") == SIGN_IN, tablet.page.url
    for name, parts in (
        ("today:front", {}),
        ("outcomes:curve", {"course": course, "member": course}),
        ("access:me", {}),
    ):
        tablet.open(at(name, **parts))
        assert tablet.text("h1") == SIGN_IN, name
    tablet.page.goto(here)
    tablet.page.reload()
    assert "Spørgsmål 1 af 6" in tablet.text()


def answers_with_a_slip_of_the_thumb(tablet: Walker) -> None:
    """Choose wrong, go back and choose right; leave one out and think better of it; then send."""
    tablet.send('button[name="answer"][value="0"]')
    tablet.send('button[value="back"]')
    assert tablet.find("[aria-current]").inner_text() == "På intet tidspunkt"
    tablet.send('button[value="skip"]')
    tablet.send('button[value="back"]')
    tablet.taps, began = 0, time.monotonic()
    answers(tablet, ANSWERS)
    assert "Du har svaret på 6 af 6" in tablet.text()
    tablet.look("all is answered on the tablet")
    tablet.send('button[value="send"]')
    assert tablet.taps == len(ANSWERS) + 1, "a tap a question, and one to send"
    print(f"six questions on a tablet: {tablet.taps} taps, {time.monotonic() - began:.1f} s of the machine")


def answers(who: Walker, said: tuple[str, ...]) -> None:
    for value in said:
        who.send(f'button[name="answer"][value="{value}"]')


def it_stands_locked(tablet: Walker, course: str) -> None:
    """Read thanks; back shows no answer; load again, and it stands there still; who works here signs in again."""
    for _look in range(2):
        assert tablet.text("h1") == "Tak" and "Giv tabletten tilbage" in tablet.text()
        tablet.page.reload()
    tablet.look("the tablet stands locked")
    tablet.page.go_back()
    assert tablet.find("[name^=said]").count() == 0 and tablet.find('button[value="send"]').count() == 0
    tablet.open(at("outcomes:of_course", course=course))
    assert tablet.text("h1") == SIGN_IN and "Liv" not in tablet.page.content()


def stands(house: House, row: str) -> tuple[str, str]:
    """Read what the house has of a round."""
    state, sheets = house.ask(SHEETS.format(row=row)).splitlines()[-1].split("|")
    return state, sheets


def alma_sees_it_at_her_own_desk(alma: Walker, course: str, liv: str) -> None:
    """Her own desk was never signed out; the answer is on the curve."""
    alma.open(at("outcomes:curve", course=course, member=liv))
    assert "72" in alma.text() and alma.find("svg[role=img]").count() >= 1
    alma.look("a curve with one answer")


def test_a_child_answers_by_a_link_on_her_own_phone(begun: Any, visit: Lend) -> None:
    house, (_course, row, _liv, codes, secret, nickname) = begun
    child = visit(house, PHONE)
    link = at("door:asked", codes=codes, secret=secret)
    child.taps, began = 0, time.monotonic()
    child.open(link)
    assert "Spørgsmål 1 af 6" in child.text() and "Dem, du taler med her, læser dine svar" in child.text()
    assert not any(name in child.page.content() for name in ("Liv", nickname))
    child.look("a question by a link")
    answers(child, ANSWERS[:3])
    child.send("nav.tongue button[lang=en]")
    assert "Question 4 of 6" in child.text() and "I woke up feeling fresh" in child.text()
    child.send("nav.tongue button[lang=da]")
    answers(child, ANSWERS[3:])
    child.look("all is answered")
    child.send('button[value="send"]')
    assert child.text("h1") == "Tak"
    print(f"six questions by a link: {child.taps - 2} taps, {time.monotonic() - began:.1f} s of the machine")
    child.page.locator("summary", has_text="Har du brug for nogen nu?").click()
    assert child.find("main .lines a[href^='tel:']").count() >= 1
    child.look("sent by a link")
    until = time.monotonic() + PATIENCE / 1000
    while stands(house, row) != ("done", "[('goal', 'sms'), ('who5', 'sms')]"):
        assert time.monotonic() < until, (stands(house, row), house.log[-2000:])
    assert secret not in house.log
