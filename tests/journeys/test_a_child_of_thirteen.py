"""A child of thirteen, over three days, who must be able to leave in a hurry."""

import re

import pytest

from tests.journeys import walking
from tests.journeys.conftest import Clocked, Lend
from tests.journeys.walking import Walker, at, number_of, row

DAYS = ("2026-11-23T16:20", "2026-11-24T16:20", "2026-11-25T16:20")
#: Has the shape of a civil registration number, belongs to nobody: it fails the check digit and is long out of use.
NUMBER = "0101130000"
AWAY = "https://www.dmi.dk/"


def test_without_script_the_house_asks_and_masks(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(DAYS[0])
    child = visit(house, script=False)
    child.open(at("door:write", door="child"))
    child.write("#letter [name=text]", f"min far råber. jeg er {NUMBER}")
    child.send("#letter > button.action", 422)
    assert child.find("[name=slip][value=mask]").count() == 1
    assert child.find("[name=slip][value=keep]").count() == 0, "a CPR number is never taken"
    assert NUMBER in child.find("#letter [name=text]").input_value(), "what was typed is still there"
    child.look("something that may show who one is")
    child.send("[name=slip][value=mask]")
    alma = at_work(house, "alma")
    walking.arrive(alma, number_of(walking.key_of(child)))
    row(alma, number_of(walking.key_of(child))).locator(".what > a").click()
    assert "min far råber" in alma.text()
    assert NUMBER not in alma.page.content() and "[…]" in alma.text()


@pytest.mark.parametrize("how", ["esc", "link", "no script"])
def test_a_child_leaves_in_a_hurry_and_the_page_is_gone(ditrum: Clocked, visit: Lend, how: str) -> None:
    house = ditrum.at(DAYS[0])
    child = visit(house, script=how != "no script")
    child.open("/")
    child.open(at("door:write", door="child"))
    child.write("#letter [name=text]", "nogen kommer")
    if how == "esc":
        for _press in range(3):
            child.page.keyboard.press("Escape")
    else:
        child.press("#leave")
    child.page.wait_for_url(AWAY)
    if how == "no script":
        return
    child.page.go_back()
    assert re.fullmatch(re.escape(house.url) + "/", child.page.url), f"{child.page.url} is still in the history"
    assert "nogen kommer" not in child.page.content()


def test_a_child_writes_on_three_days_and_reads_the_answer(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(DAYS[0])
    child = visit(house)
    is_stopped_by_the_browser(child)
    key = walking.key_of(child)
    for day, words in zip(DAYS[1:], ("Det var slemt i nat igen.", "Nu sover hun."), strict=True):
        house = ditrum.at(day)
        child = visit(house)
        walking.come_back(child, key)
        child.look("a letter that waits")
        child.unfold("#more")
        child.write("#more [name$=text]", words)
        child.send("#more > button.action")
    alma = at_work(house, "alma")
    walking.arrive(alma, number_of(key))
    alma.send(row(alma, number_of(key)).locator("button.action"))
    said = alma.text()
    assert said.index("mor drikker") < said.index("Det var slemt") < said.index("Nu sover hun")
    alma.write("#answer [name=text]", "Det er ikke din skyld.")
    alma.send("#answer > button.action")
    child = visit(house)
    walking.come_back(child, key)
    assert "Det er ikke din skyld." in child.text(".letter")


def is_stopped_by_the_browser(child: Walker) -> None:
    child.open(at("door:write", door="child"))
    child.look("the children's door")
    child.write("#letter [name=text]", f"min mor drikker. jeg er {NUMBER}")
    before = len(child.asked)
    child.press("#letter > button.action")
    message = child.find("[data-guard-message]")
    message.wait_for(state="visible")
    assert child.page.evaluate("document.activeElement.hasAttribute('data-guard-message')")
    assert len(child.asked) == before, "something left the browser"
    child.look("the children's door, stopped")
    child.write("#letter [name=text]", "min mor drikker")
    child.send("#letter > button.action")
