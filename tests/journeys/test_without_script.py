"""The main walk on an old phone with script switched off, counted in taps; and at most four choices for a time."""

from collections.abc import Callable

import pytest

from tests.journeys import walking
from tests.journeys.conftest import Clocked, Lend
from tests.journeys.test_the_key import burns
from tests.journeys.test_the_parent_at_night import choose
from tests.journeys.walking import PHONE, Walker, at, button, number_of, row

#: From the front page to the key: the door, the wish, where, when, send.
TAPS, CHOICES, SECONDS = 5, 4, 20


def required(who: Walker) -> set[str]:
    """Name the questions a form insists on; three circles of one question are one."""
    return {str(field.get_attribute("name")) for field in who.find("#letter [required]").all()}


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_asking_for_a_time_takes_five_taps_and_four_choices(
    ditrum: Clocked, visit: Lend, at_work: Lend, script: bool, record_property: Callable[[str, object], None]
) -> None:
    house = ditrum.whenever()
    parent = visit(house, PHONE, script=script)
    parent.open("/")
    parent.send(f'a[href="{at("door:write", door="parent")}"]')
    parent.send('main nav a[href$="wish=time"]')
    assert 2 + len(required(parent)) <= CHOICES, f"the door, the wish and {required(parent)}"
    parent.press("label.choice:has([name=where][value=house])")
    parent.press("label.choice:has([name=when][value=any])")
    parent.send("#letter > button.action")
    key, taps, seconds = walking.key_of(parent), parent.taps, parent.seconds()
    assert taps <= TAPS and seconds < SECONDS
    record_property("taps", taps)
    print(f"asking for a time: {taps} taps, {seconds:.1f} seconds of the house's and Chromium's own")
    parent.look("the key of a wish")
    alma = at_work(house, "alma")
    answers_with_the_times_that_are_ticked(alma, number_of(key))
    comes_back_and_chooses(visit(house, PHONE, script=script), key)


def answers_with_the_times_that_are_ticked(alma: Walker, number: str) -> None:
    walking.arrive(alma, number)
    alma.send(row(alma, number).locator("button.action"))
    assert alma.find("#answer [name=times]:checked").count() == 3, "three times on different days are proposed"
    alma.write("#answer [name=text]", "Kom bare.")
    alma.send("#answer > button.action")


def comes_back_and_chooses(parent: Walker, key: str) -> None:
    walking.come_back(parent, key)
    parent.look("three times to choose from")
    choose(parent)
    parent.look("a time that stands")
    before = parent.text("#appointment .when strong")
    parent.send(button("move"))
    choose(parent)
    assert parent.text("#appointment .when strong") != before
    parent.send(button("cancel"))
    assert parent.find("#appointment").count() == 0
    burns(parent, key)
    walking.come_back(parent, key, 422)


def test_an_empty_form_says_what_is_missing_and_keeps_the_rest(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.whenever()
    parent = visit(house, PHONE, script=False)
    parent.open(at("door:write", door="parent") + "?wish=time")
    parent.look("a wish for a time")
    parent.write("#letter [name=text]", "Helst uden børn.")
    parent.send("#letter > button.action", 422)
    assert parent.find(".errors a").count() == 2
    assert parent.find("#letter [name=text]").input_value() == "Helst uden børn."
    parent.look("a wish with something missing")
    parent.open(at("door:write", door="parent") + "?wish=call")
    parent.look("a wish to be rung")
    parent.write("#letter [name=phone]", "12")
    parent.send("#letter > button.action", 422)
    assert parent.find("#letter [name=phone]").input_value() == "12"
    parent.look("a number that cannot be rung")
