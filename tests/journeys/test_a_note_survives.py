"""A note survives: the line goes, the house stops, the phone dies, the sitting ends. Signing out leaves nothing."""

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys import walking
from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import PHONE, Walker, at
from tests.running import House

BEGUN = """
from brobygger.access import queries as people
from brobygger.casework.tests.families import begin
course = begin(people.person("{handle}"))
print(course.pk, course.members.get(position=2).pk)
"""
SHARED = """
from brobygger.access import queries as people
from brobygger.casework import queries, services
signe = people.person("signe")
services.assign(course=queries.get_course(signe, "{course}").course, to=people.person("alma"), by=signe)
"""
DRAFTS = 'Object.entries(localStorage).filter(([name]) => name.startsWith("draft:"))'
FIRST = "Liv kom ind og satte sig ved vinduet."


def notes_page(house: House, handle: str) -> str:
    """Begin a course, and give the address of the child's notes."""
    course, member = house.ask(BEGUN.format(handle=handle)).split()[-2:]
    return at("casework:notes", course=course, member=member)


def held(who: Walker) -> list[list[str]]:
    """Read what lies on the device."""
    return list(who.page.evaluate(DRAFTS))


def write(who: Walker, text: str) -> None:
    """Write on at the end, as a hand does."""
    box = who.find("#id_text")
    box.focus()
    who.page.keyboard.press("Control+End")
    who.page.keyboard.insert_text(text)


def says(who: Walker, text: str) -> None:
    """Wait until the line under the box says so."""
    expect(who.find("#saved")).to_contain_text(text)


def lies_here(who: Walker, count: int) -> list[list[str]]:
    """Wait until so many drafts lie on the device, and read them."""
    until = time.monotonic() + walking.PATIENCE / 1000
    while len(held(who)) != count:
        assert time.monotonic() < until, held(who)
        time.sleep(0.05)
    return held(who)


def forgive(who: Walker) -> None:
    """Let go of what htmx says of a line that was cut on purpose."""
    wrong = ("htmx:afterRequest", "htmx:sendError", "htmx:responseError", "Response Status Error Code")
    who.complaints[:] = [each for each in who.complaints if not each.startswith(wrong)]


def the_phone_dies(who: Walker) -> None:
    """Close the page without a word, and open another."""
    who.page.close()
    who.answers.clear()
    who.page = who.context.new_page()


def test_a_note_survives_a_lost_line_and_a_dead_phone(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    there = notes_page(house, "alma")
    alma = at_work(house, "alma", PHONE)
    alma.open(there)
    alma.look("notes about a child")
    write(alma, FIRST)
    says(alma, "Kladde gemt 8.30")
    assert lies_here(alma, 0) == []

    alma.context.set_offline(True)
    write(alma, " Så tegnede hun en bro.")
    says(alma, "Ikke gemt hos os endnu")
    [[name, sealed]] = lies_here(alma, 1)
    assert "bro" not in sealed and "Liv" not in sealed and "tegnede" not in name
    alma.press("#write button.action")
    assert alma.find("#id_text").input_value().endswith("en bro."), "nothing is sent into the dark"
    the_phone_dies(alma)
    alma.context.set_offline(False)

    alma.open(there)
    expect(alma.find("[data-found]")).to_be_visible()
    assert alma.find("#id_text").input_value() == f"{FIRST} Så tegnede hun en bro."
    says(alma, "Kladde gemt")
    assert lies_here(alma, 0) == []
    forgive(alma)
    alma.look("words that were found on the device")
    alma.send("#write button.action")
    assert "Så tegnede hun en bro." in alma.text("article.letter") and alma.find("#id_text").input_value() == ""
    assert lies_here(alma, 0) == []


def test_two_versions_are_both_shown_and_neither_is_lost(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    there = notes_page(house, "alma")
    alma = at_work(house, "alma")
    alma.open(there)
    write(alma, FIRST)
    says(alma, "Kladde gemt")
    alma.context.set_offline(True)
    alma.find("#id_text").fill("Noget helt andet.")
    lies_here(alma, 1)
    the_phone_dies(alma)
    alma.context.set_offline(False)

    alma.open(there)
    expect(alma.find("[data-other]")).to_be_visible()
    both = {alma.find("#id_text").input_value(), alma.text("[data-other-text]")}
    assert both == {FIRST, "Noget helt andet."}
    forgive(alma)
    alma.look("two versions of a draft")
    other = alma.text("[data-other-text]")
    alma.press("[data-use]")
    assert alma.find("#id_text").input_value() == other
    assert {other, alma.text("[data-other-text]")} == both
    says(alma, "Kladde gemt")
    lies_here(alma, 0)
    alma.open(there)
    shown = alma.find("#id_text").input_value() + alma.text("main")
    assert FIRST in shown and "Noget helt andet." in shown, "both are kept here, each under its own number"
    assert alma.find("section:has(#begun) li").count() == 1


def test_a_version_thrown_away_is_gone(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    there = notes_page(house, "alma")
    alma = at_work(house, "alma")
    alma.open(there)
    write(alma, FIRST)
    says(alma, "Kladde gemt")
    alma.context.set_offline(True)
    alma.find("#id_text").fill("Noget helt andet.")
    lies_here(alma, 1)
    the_phone_dies(alma)
    alma.context.set_offline(False)
    alma.open(there)
    expect(alma.find("[data-other]")).to_be_visible()
    both = {alma.find("#id_text").input_value(), alma.text("[data-other-text]")}
    assert both == {FIRST, "Noget helt andet."}
    alma.press("[data-drop]")
    expect(alma.find("[data-other]")).to_be_hidden()
    lies_here(alma, 0)
    forgive(alma)
    until = time.monotonic() + walking.PATIENCE / 1000
    while len(left := kept_of(alma, there, both)) > 1:
        assert time.monotonic() < until, left
        time.sleep(0.2)
    assert len(left) == 1


def kept_of(who: Walker, there: str, texts: set[str]) -> set[str]:
    """Open the page anew, and tell which of some texts are on it."""
    who.open(there)
    shown = who.find("#id_text").input_value() + who.text("main")
    return {text for text in texts if text in shown}


def test_a_note_survives_that_the_house_stops(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    there = notes_page(house, "alma")
    alma = at_work(house, "alma")
    alma.open(there)
    house.kill("server")
    write(alma, FIRST)
    says(alma, "Ikke gemt hos os endnu")
    lies_here(alma, 1)

    house.start("server")
    says(alma, "Kladde gemt")
    lies_here(alma, 0)
    alma.open(there)
    assert alma.find("#id_text").input_value() == FIRST
    forgive(alma)


def test_signing_out_leaves_nothing_and_no_other_sitting_opens_it(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    there = notes_page(house, "signe")
    house.ask(SHARED.format(course=there.split("/person/")[0].split("/")[-1]))
    signe = visit(house, walking.DESK)
    walking.sign_in(signe, "signe")
    signe.open(there)
    signe.context.route("**/kladde/", lambda route: route.abort())
    write(signe, FIRST)
    [left] = lies_here(signe, 1)
    signe.send(".viewer form button")
    lies_here(signe, 0)
    forgive(signe)

    # Somebody kept a copy of what lay there, and opens the same page in a sitting of their own.
    alma = at_work(house, "alma")
    alma.open(there)
    alma.page.evaluate("([name, sealed]) => localStorage.setItem(name, sealed)", left)
    alma.page.reload()
    lies_here(alma, 0)
    assert alma.find("#id_text").input_value() == "" and not alma.find("[data-found]").is_visible()


@pytest.mark.parametrize("how", ["ended", "gone"])
def test_a_sitting_that_ends_in_the_middle(ditrum: Clocked, visit: Lend, how: str) -> None:
    house = ditrum.at(DAY)
    handle = {"ended": "jonna", "gone": "lone"}[how]
    there = notes_page(house, handle)
    somebody = visit(house, walking.DESK)
    walking.sign_in(somebody, handle)
    somebody.open(there)
    if how == "ended":
        house.ask(f"from brobygger.access.models import User; User.objects.filter(handle='{handle}').update(seats=[])")
        with somebody.page.expect_navigation(url=f"**{at('account_login')}?next=*"):
            write(somebody, FIRST)
        assert "Det, du skrev, er gemt" in somebody.text("main")
        return
    somebody.context.clear_cookies()
    write(somebody, FIRST)
    says(somebody, "Ikke gemt: Du er logget ud")
    assert somebody.find("#id_text").input_value() == FIRST
    forgive(somebody)


def test_without_script_a_note_is_an_ordinary_form(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    there = notes_page(house, "alma")
    badge: Any = at_work(house, "alma").context.storage_state()
    alma = visit(house, walking.DESK, script=False, storage_state=badge)
    alma.open(there)
    alma.look("notes without script")
    alma.write("#id_text", FIRST)
    alma.send("#write button.action")
    assert FIRST in alma.text("article.letter")
    alma.open(alma.find("article.letter a").first.get_attribute("href") or "")
