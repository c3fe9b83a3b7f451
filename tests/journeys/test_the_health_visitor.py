"""A health visitor sits with a mother and sends the family on: from a phone, in under two minutes, with one yes."""

from collections.abc import Callable

import pytest

from tests.journeys import walking
from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import PHONE, Walker, at

#: What somebody must choose or write: the yes, what may be told, a name, a number.
NEEDED = {"agreed", "share", "first_name", "phone"}
#: From the professionals' door to the two keys; the machine's own seconds, of the 120 two people have.
TAPS, SECONDS = 6, 20
#: Everything that is drawn when the page is printed, and how wide, in pixels of 1/96 inch.
PRINTED = """() => [...document.querySelectorAll("main > *")]
    .filter((part) => part.getClientRects().length)
    .map((part) => [part.className, Math.round(part.getBoundingClientRect().width)])"""


def refer(nurse: Walker, *, share: str = "ladder", phone: str = "20 30 40 50", script: bool = True) -> tuple[str, str]:
    """Fill the page in with a mother, send it, and give both keys: hers and one's own."""
    nurse.open(at("door:write", door="professional"))
    nurse.send(f'a[href="{at("door:refer")}"]')
    nurse.press("label.choice:has([name=agreed])")
    nurse.press(f"label.choice:has([name=share][value={share}])")
    nurse.write("[name=first_name]", "Mette")
    nurse.write("[name=phone]", phone)
    nurse.send("#letter > button.action")
    hers, own = [str(key.get_attribute("data-key")) for key in nurse.find("[data-key]").all()]
    return hers, own


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_a_referral_takes_one_yes_and_three_answers(
    ditrum: Clocked, visit: Lend, script: bool, record_property: Callable[[str, object], None]
) -> None:
    house = ditrum.at(DAY)
    nurse = visit(house, PHONE, script=script)
    nurse.open(at("door:refer"))
    nurse.look("refer a family")
    asked = {str(field.get_attribute("name")) for field in nurse.find("#letter [required]").all()}
    assert asked - {"when"} == NEEDED, "when to ring is answered already: it does not matter"
    assert nurse.find("[name=agreed]:checked, [name=share]:checked").count() == 0, "nobody has said yes beforehand"
    before, taps = nurse.seconds(), nurse.taps

    hers, own = refer(nurse)

    taken, taps = nurse.seconds() - before, nurse.taps - taps
    assert hers != own and taps <= TAPS and taken < SECONDS
    record_property("taps", taps)
    print(f"a referral: {taps} taps, {len(NEEDED)} answers, {taken:.1f} seconds of the house's and Chromium's own")
    nurse.look("the two keys of a referral")
    if script:
        only_the_slip_is_printed(nurse)


def only_the_slip_is_printed(nurse: Walker) -> None:
    """See that the printer gets one small slip, without the referrer's own key."""
    own = nurse.find("[data-key]").nth(1)
    nurse.page.emulate_media(media="print")
    printed = nurse.page.evaluate(PRINTED)
    assert [name for name, _width in printed] == ["slip-print a6"]
    assert printed[0][1] <= 105 / 25.4 * 96 + 1, "an A6 slip"
    assert not own.is_visible() and nurse.find(".slip-print .key").is_visible()
    nurse.page.emulate_media(media="screen")
    nurse.page.emulate_media(media=None)  # type: ignore[arg-type]


def test_what_is_missing_is_said_and_nothing_is_lost(ditrum: Clocked, visit: Lend) -> None:
    nurse = visit(ditrum.at(DAY), PHONE)
    nurse.open(at("door:refer"))
    nurse.write("[name=first_name]", "Mette")
    nurse.unfold("[name=text]")
    nurse.write("[name=text]", "Hun vil gerne ses hjemme.")
    nurse.send("#letter > button.action", 422)
    nurse.look("a referral that lacks something")
    assert nurse.find("main .errors a").count() == 3
    assert nurse.find("[name=first_name]").input_value() == "Mette"
    assert nurse.find("[name=text]").input_value() == "Hun vil gerne ses hjemme."
    assert nurse.find("[name=text]").is_visible(), "what was filled in stays unfolded"


def test_without_a_yes_there_is_another_way(ditrum: Clocked, visit: Lend) -> None:
    nurse = visit(ditrum.at(DAY), PHONE)
    nurse.open(at("door:refer"))
    nurse.send(f'main a[href="{at("door:write", door="professional")}?wish=sparring"]')
    nurse.look("ask us")
    nurse.find("[name=profession]").select_option("health_visitor")
    nurse.press("label.choice:has([name=where][value=sparring])")
    nurse.write("#letter [name=text]", "Viggo på 6 år sover ikke.")
    nurse.send("#letter > button.action", 422)
    nurse.look("a name in a question")
    assert nurse.find("button[name=slip][value=keep]").count() == 0
    nurse.write("#letter [name=text]", "En dreng på 6 år sover ikke.")
    nurse.send("#letter > button.action")
    nurse.look("the key of a question")


def test_both_keys_show_what_they_are_for(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.at(DAY)
    nurse, mother = visit(house, PHONE), visit(house, PHONE)
    lent, own = refer(nurse, phone="20 30 40 51")
    walking.come_back_until(nurse, own, "ol.steps")
    nurse.look("how far a referral has come")
    assert nurse.find("ol.steps [aria-current=step]").count() == 1
    assert nurse.find("#reach").count() == 0, "the number is the parent's to give"

    walking.come_back(mother, lent)
    mother.look("a lent key becomes one's own")
    new = walking.key_of(mother)
    assert new != lent and walking.number_of(new) == walking.number_of(lent)
    mother.send("main form:has([name=key]) button.action")
    walking.come_back_until(mother, new, "#who-knows")
    mother.look("who knows what about you")
    walking.come_back(mother, lent, 422)
