"""Back, reload, double press: one letter. Forms left open, servers restarted: every word still there."""

import secrets

from tests.journeys import walking
from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import Walker, at
from tests.running import House

COUNT = """
from config.management.commands.worker import once
while once(): pass
from brobygger.threads.models import Message, Thread
print(Thread.objects.count() + Message.objects.filter(kind="text").count())
"""


def letters(house: House) -> int:
    """Count the threads there are, and what was written in them, when all that was sent is opened."""
    return int(house.ask(COUNT))


def test_a_double_press_a_reload_and_the_back_button_make_one_letter(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.at(DAY)
    before = letters(house)
    for script in (True, False):
        parent = visit(house, script=script)
        parent.open(at("door:write", door="parent"))
        parent.write("#letter [name=text]", "Sendte jeg det?")
        parent.find("#letter > button.action").dblclick(no_wait_after=True)
        parent.find("[data-key]").first.wait_for()
        # The second press may still be on its way, and its page takes the place of the first.
        parent.page.wait_for_timeout(500)
        key = walking.key_of(parent)
        parent.page.reload()
        assert walking.key_of(parent) == key
        goes_back_and_presses_again(parent, key)
    # One thread with one letter in it, for the walk with script and for the walk without.
    assert letters(house) == before + 2 * 2


def goes_back_and_presses_again(parent: Walker, key: str) -> None:
    """Chromium may show the form as it was left, or anew; the first makes the same letter, the second none."""
    parent.page.go_back()
    while not parent.find("#letter").count():
        parent.page.go_back()
    if parent.find("#letter [name=text]").input_value() and parent.find("#letter [name=token]").count():
        parent.send("#letter > button.action")
        assert walking.key_of(parent) == key


def test_a_form_left_open_too_long_keeps_every_word(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.at(DAY)
    parent = visit(house)
    parent.open(at("door:write", door="parent"))
    parent.write("#letter [name=text]", "Jeg skrev langsomt.\nMed to linjer & æøå.")
    house = ditrum.at("2026-11-24T12:00")
    parent.send("#letter > button.action", 409)
    assert parent.find("#letter [name=text]").input_value() == "Jeg skrev langsomt.\nMed to linjer & æøå."
    assert parent.find("main [role=alert]").first.is_visible()
    parent.look("a form that was open too long")
    parent.send("#letter > button.action")
    assert walking.key_of(parent)


def test_a_form_from_before_a_restart_keeps_every_word(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.at(DAY)
    parent = visit(house)
    key = walking.write_letter(parent, "Først et brev.")
    walking.come_back_soon(parent, key)
    parent.unfold("#more")
    parent.write("#more [name$=text]", "Og så lidt mere.")
    newcomer = visit(house)
    newcomer.open(at("door:write", door="young"))
    newcomer.write("#letter [name=text]", "Skrevet før genstarten.")
    ditrum.at(DAY, BROBYGGER_FORM_SECRET=secrets.token_hex(32))
    newcomer.send("#letter > button.action", 409)
    assert newcomer.find("#letter [name=text]").input_value() == "Skrevet før genstarten."
    newcomer.send("#letter > button.action")
    parent.send("#more > button.action", 409)
    assert parent.find("#letter [name$=text]").input_value() == "Og så lidt mere."
    parent.look("a page behind the key that was open too long")
    parent.write("#letter [name=key]", key)
    parent.send("#letter > button.action")
    parent.look("more is sent with the key")
