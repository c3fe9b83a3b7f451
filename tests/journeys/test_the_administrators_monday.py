"""The administrator's Monday morning: a call is written down in one line while somebody talks, with the keyboard."""

from tests.journeys import walking
from tests.journeys.conftest import Clocked, Lend
from tests.journeys.walking import PHONE, Walker, at, row

QUARTER_PAST_EIGHT = "2026-11-23T08:15"


def spoken(who: Walker) -> str:
    """Read the key off the screen as Finn reads it aloud: each sign by its word."""
    signs = who.find(".spelled li li")
    words = [(each.locator("b").inner_text(), each.locator("small").inner_text()) for each in signs.all()]
    assert len(words) == 16 and all(word for _sign, word in words)
    groups = ["".join(sign for sign, _word in words[start : start + 4]) for start in range(0, 16, 4)]
    assert "-".join(groups) == walking.key_of(who)
    return " ".join(groups)


def choose(who: Walker, name: str, value: str) -> None:
    """Press one of the choices of the line."""
    who.press(who.find(f"#call label.choice:has([name={name}][value={value}])"))


def write_down(who: Walker, status: int = 200) -> None:
    who.send("#call button.action", status)


def test_a_call_is_counted_with_the_keyboard_alone_and_undone(ditrum: Clocked, at_work: Lend) -> None:
    finn = at_work(ditrum.at(QUARTER_PAST_EIGHT), "finn")
    finn.open(at("intake:worklist"))
    keys = finn.page.keyboard
    with finn.page.expect_navigation():
        keys.press("o")
    finn.look("a line for a call")
    # The keyboard stands on who it is: across to the parent, past theme and age, down to what comes of it, and send.
    for stroke in ("ArrowRight", "ArrowRight", "Tab", "Tab", "Tab", "Space"):
        keys.press(stroke)
    assert finn.find("[name=door]:checked").get_attribute("value") == "parent"
    assert finn.find("[name=what]:checked").get_attribute("value") == "done"
    with finn.page.expect_navigation():
        keys.press("Enter")
    finn.look("a call that was counted")
    assert "Talt med" in finn.text(".said")
    finn.send(".said button")
    assert "Taget tilbage" in finn.text(".said")


def test_what_is_typed_stays_until_it_is_right(ditrum: Clocked, at_work: Lend) -> None:
    finn = at_work(ditrum.at(QUARTER_PAST_EIGHT), "finn", PHONE)
    finn.open(at("intake:call"))
    assert not finn.find("#call [name=phone]").is_visible(), "only what the choice needs is in sight"
    choose(finn, "door", "professional")
    choose(finn, "what", "ring")
    for name in ("phone", "when", "alias", "sender", "message", "text", "give_key"):
        assert finn.find(f"#call .field:has([name={name}])").is_visible(), name
    finn.write("#call [name=text]", "Det er om en dreng, der hedder Oliver.")
    write_down(finn, 422)
    finn.look("a line that cannot be used yet")
    assert finn.find("#call [name=text]").input_value() == "Det er om en dreng, der hedder Oliver."
    finn.write("#call [name=text]", "Det er om en dreng på seks.")
    finn.write("#call [name=phone]", "30 00 00 07")
    write_down(finn)
    assert "Opkaldet står på listen" in finn.text(".said")
    number = finn.text(".said").rstrip(".").split()[-1]
    assert row(finn, number).count() == 1
    assert "Det er om en dreng" not in finn.text()


def test_a_key_read_aloud_is_changed_by_the_one_who_rang(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(QUARTER_PAST_EIGHT)
    finn, caller = at_work(house, "finn"), visit(house)
    finn.open(at("intake:call"))
    began = finn.taps
    choose(finn, "door", "parent")
    choose(finn, "what", "key")
    write_down(finn)
    finn.look("a key to be read aloud")
    assert finn.taps - began == 3, "three presses while somebody talks"
    lent = spoken(finn)

    walking.come_back(caller, lent.lower())
    caller.look("a lent key, changed")
    own = walking.key_of(caller)
    assert own.replace("-", "") != lent.replace(" ", "")
    walking.come_back(caller, own)
    assert "i morgen, tirsdag, inden kl. 14.00" in caller.text()
    walking.come_back(visit(house), lent, 422)


def test_a_therapist_agrees_on_a_time_while_talking(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(QUARTER_PAST_EIGHT)
    alma = at_work(house, "alma")
    alma.open(at("intake:call"))
    choose(alma, "door", "parent")
    choose(alma, "what", "time")
    write_down(alma)
    number = alma.text("h1").split()[-1]
    alma.unfold("#agree-time")
    alma.look("a thread, about to agree on a time")
    alma.page.select_option("#agree-time", index=1)
    alma.send("form:has(#agree-time) button")
    assert "Aftalt" in alma.text(".said")
    assert "kl." in row(alma, number).inner_text(), "it stands on the list, with its hour"


def test_a_call_is_written_down_without_script(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(QUARTER_PAST_EIGHT)
    badge = at_work(house, "finn").context.storage_state()
    finn = visit(house, PHONE, script=False, storage_state=badge)
    finn.open(at("intake:call"))
    choose(finn, "door", "young")
    choose(finn, "what", "to")
    finn.write("#call [name=to]", "BørneTelefonen")
    write_down(finn)
    finn.look("a call that was counted, without script")
    assert "Talt med" in finn.text(".said")


def section(name: str) -> str:
    """Pick a part of the morning."""
    return f"section[aria-labelledby={name}]"


def held(who: Walker) -> bool:
    """Tell whether a list that asks again by itself is held back at this moment."""
    asks = 'new CustomEvent("htmx:beforeRequest", {bubbles: true, cancelable: true})'
    return not who.page.evaluate(f"document.getElementById('list').dispatchEvent({asks})")


def test_a_therapist_calls_off_and_the_morning_says_who_needs_a_new_time(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(QUARTER_PAST_EIGHT)
    number = house.ask("from tests import busy; print(busy.agreed('alma'))")
    finn, alma = at_work(house, "finn"), at_work(house, "alma", PHONE)
    assert finn.page.url.endswith(at("today:morning")), "here Finn begins"
    assert finn.page.locator(f"{section('called-off')} .row", has_text=number).count() == 0
    alma.open(f"{at('today:day')}?on=2026-11-24")
    alma.send(row(alma, number).locator("form button"))
    finn.page.reload()
    off = finn.page.locator(f"{section('called-off')} .row", has_text=number)
    assert off.count() == 1 and "Alma" in off.inner_text()
    finn.look("the morning")
    finn.send(off.locator("a").first)
    assert number in finn.text("h1, main")


def test_a_message_that_failed_is_tried_again_from_the_morning(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(QUARTER_PAST_EIGHT)
    number = house.ask("from tests import busy; print(busy.failed())")
    finn = at_work(house, "finn", PHONE)
    unsent = finn.page.locator(f"{section('failed')} .row", has_text=number)
    finn.look("the morning with a message that failed")
    finn.send(unsent.first.get_by_role("button", name="Prøv igen"))
    assert finn.page.url.endswith(at("today:morning"))
    assert "prøve" in finn.text(".said")


def test_the_telephone_is_one_key_away_from_the_morning_and_the_list_holds_still(
    ditrum: Clocked, at_work: Lend
) -> None:
    finn = at_work(ditrum.at(QUARTER_PAST_EIGHT), "finn")
    assert not held(finn)
    finn.page.keyboard.press("o")
    finn.page.wait_for_function("document.activeElement.closest('#call') !== null")
    assert held(finn), "nothing moves while somebody writes"
    finn.look("the morning while the telephone rings")
    choose(finn, "door", "parent")
    choose(finn, "what", "done")
    write_down(finn)
    assert "Talt med" in finn.text(".said")


def test_the_leader_begins_with_three_gauges(ditrum: Clocked, at_work: Lend) -> None:
    clara = at_work(ditrum.at(QUARTER_PAST_EIGHT), "clara")
    assert clara.page.url.endswith(at("today:gauges"))
    headings = [each.inner_text() for each in clara.find("main section h2").all()]
    assert headings[:3] == ["Hvem venter", "Ledige timer til samtaler, de næste to uger", "Holdte løfter"]
    clara.unfold("h3")
    clara.look("the overview with what is counted")
