"""The therapist's morning: the worklist by keyboard, the nearest promise first, and doors that stay shut."""

from tests.journeys import walking
from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import PHONE, Walker, at, number_of, row

BEFORE_OPENING = "2026-11-24T07:10"


def waiting(who: Walker) -> list[str]:
    """Read the box numbers that wait, from the top."""
    return [link.inner_text().split()[-1] for link in who.find(".worklist").first.locator(".row .what > a").all()]


def held(who: Walker) -> str:
    """Tell which box the keyboard stands on."""
    return str(who.page.evaluate("document.activeElement.textContent")).split()[-1]


def test_the_nearest_promise_stands_first_and_new_letters_come_by_themselves(
    ditrum: Clocked, visit: Lend, at_work: Lend
) -> None:
    early = visit(ditrum.at(BEFORE_OPENING))
    early.open(at("door:write", door="parent"))
    early.write("#letter [name=text]", "Jeg begyndte at skrive, før I åbnede.")
    house = ditrum.at(DAY)
    later = number_of(walking.write_letter(visit(house), "Skrevet efter åbningstid."))
    alma = at_work(house, "alma")
    walking.arrive(alma, later)
    alma.page.evaluate("window.untouched = true")
    early.send("#letter > button.action")
    sooner = number_of(walking.key_of(early))
    walking.arrives_by_itself(alma, sooner)
    assert alma.page.evaluate("window.untouched"), "the page was loaded anew"
    listed = waiting(alma)
    assert listed.index(sooner) < listed.index(later), "written last, but promised first"


def test_the_worklist_is_walked_with_the_keyboard(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    number = number_of(walking.write_letter(visit(house), "Et brev til."))
    alma = at_work(house, "alma")
    walking.arrive(alma, number)
    listed = waiting(alma)
    keys = alma.page.keyboard
    keys.press("j")
    assert held(alma) == listed[0]
    keys.press("j")
    assert held(alma) == listed[1]
    keys.press("k")
    assert held(alma) == listed[0]
    keys.press("?")
    assert alma.find("details.keys").get_attribute("open") is not None
    alma.look("the worklist with its keys shown")
    keys.press("/")
    keys.type(number)
    with alma.page.expect_navigation():
        keys.press("Enter")
    alma.look("a box that is found")
    assert waiting(alma) == [number], "the found one stands above the others"
    keys.press("j")
    with alma.page.expect_navigation():
        keys.press("Enter")
    assert "Et brev til." in alma.text()


def test_a_letter_is_taken_handed_over_signposted_and_ended(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    keys = [walking.write_letter(visit(house), text) for text in ("Den første.", "Den anden.", "Den tredje.")]
    first, second, third = map(number_of, keys)
    alma, bo = at_work(house, "alma"), at_work(house, "bo")
    for number in (first, second, third):
        walking.arrive(alma, number)
        alma.send(row(alma, number).locator("button.action"))
        if number == first:
            hands_over(alma, "bo")
        elif number == second:
            helps_on(alma)
        else:
            ends(alma)
    alma.open(at("intake:worklist"))
    assert row(alma, first).count() == 0 and row(alma, third).count() == 0
    bo.open(at("intake:worklist"))
    assert row(bo, first).count() == 1
    assert row(bo, second).count() == 0 and row(bo, third).count() == 0
    reads_the_last_word(visit(house), keys[2])


def hands_over(alma: Walker, to: str) -> None:
    alma.unfold("[name=to]")
    alma.look("a thread, about to be handed over")
    alma.page.select_option("select[name=to]", to)
    alma.send(f'form[action="{at("intake:hand_over", thread=of(alma))}"] button')


def helps_on(alma: Walker) -> None:
    alma.unfold("[name=on-to]")
    alma.write("[name=on-to]", "Børns Vilkår")
    alma.write("[name=on-text]", "De kan hjælpe jer bedre end vi kan.")
    alma.look("a thread, about to be helped on")
    alma.send(f'form[action="{at("intake:signpost", thread=of(alma))}"] button')


def ends(alma: Walker) -> None:
    alma.unfold("[name=end-outcome]")
    alma.press(alma.find("label.choice:has([name=end-outcome])").first)
    alma.write("[name=end-text]", "Tak, fordi du skrev.")
    alma.look("a thread, about to be ended")
    alma.send(f'form[action="{at("intake:end", thread=of(alma))}"] button')


def of(who: Walker) -> str:
    """Tell which thread the page is about."""
    return who.page.url.rstrip("/").split("/")[-1]


def reads_the_last_word(parent: Walker, key: str) -> None:
    walking.come_back(parent, key)
    assert "Tak, fordi du skrev." in parent.text()
    parent.look("a last word")


def test_a_colleague_gets_404_and_the_leader_breaks_the_glass(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    number = number_of(walking.write_letter(visit(house), "Kun til den, der svarer."))
    alma, bo, clara = (at_work(house, handle) for handle in ("alma", "bo", "clara"))
    walking.arrive(alma, number)
    alma.send(row(alma, number).locator("button.action"))
    thread = at("intake:thread", thread=of(alma))
    assert bo.open(thread).status == 404
    bo.look("a page that is not there")
    assert clara.open(thread).status == 200
    assert "Kun til den" not in clara.text("body")
    glass = f'form[action="{at("intake:break_glass", thread=of(alma))}"]'
    clara.unfold(f"{glass} [name=reason]")
    clara.look("a thread that is shut")
    clara.write(f"{glass} [name=reason]", "hm")
    clara.send(f"{glass} button")
    assert "Kun til den" not in clara.text("body"), "no reason, no glass"
    clara.unfold(f"{glass} [name=reason]")
    clara.write(f"{glass} [name=reason]", "Alma er syg i dag.")
    clara.send(f"{glass} button")
    assert "Kun til den" in clara.text("body")
    clara.open(at("today:looks"))
    assert "Alma er syg i dag." in clara.text()
    clara.look("who has looked")


def test_the_other_pages_of_the_house_are_for_everybody_at_work(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    alma = at_work(house, "alma", PHONE)
    for name in ("appointments:hours", "access:roles", "access:me"):
        assert alma.open(at(name)).status == 200
        alma.look(name)
