"""T16 on screen: the mother takes her yes back with the key of her slip, and the referrer sees only "closed"."""

import re

from tests.journeys import walking
from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.test_the_health_visitor import refer
from tests.journeys.walking import PHONE, Walker, at, number_of, row


def rings(finn: Walker, number: str) -> None:
    """Ring the mother and write down that one reached her."""
    finn.open(at("intake:worklist"))
    walking.arrive(finn, number)
    address = str(row(finn, number).locator(".what a").first.get_attribute("href"))
    (thread,) = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", address)
    finn.open(at("consents:referral", thread=thread))
    finn.look("a referral at work")
    finn.press("label.choice:has([name=to][value=contact])")
    finn.send(f'form[action="{at("consents:move", thread=thread)}"] button')


def test_the_mother_takes_it_back_and_the_referrer_sees_only_that_it_is_closed(
    ditrum: Clocked, visit: Lend, at_work: Lend
) -> None:
    house = ditrum.at(DAY)
    nurse, mother, finn = visit(house, PHONE), visit(house, PHONE), at_work(house, "finn")
    lent, own = refer(nurse, share="contact", phone="20 30 40 52")
    rings(finn, number_of(lent))
    walking.come_back_until(nurse, own, "ol.steps > [aria-current]:nth-child(3)")
    assert "Vi har kontakt med forælderen" in nurse.text("[aria-current=step]")

    mine = gets_her_own_key(mother, lent)
    walking.come_back_until(mother, mine, "#who-knows")
    mother.look("what has been told")
    assert "at vi har fået kontakt" in mother.text("#who-knows")
    takes_back(mother, 0)
    mother.look("it is taken back")
    assert mother.find(walking.button("withdraw")).count() == 0, "nothing is left to take back"

    walking.come_back(nurse, own)
    nurse.look("closed")
    assert "Lukket" in nurse.text("h1")
    assert nurse.find("ol.steps").count() == 0 and "kontakt" not in nurse.text()


def gets_her_own_key(mother: Walker, lent: str) -> str:
    """Use the key of the slip for the first time."""
    walking.come_back(mother, lent)
    key = walking.key_of(mother)
    assert key != lent
    return key


def takes_back(mother: Walker, number: int) -> None:
    """Press, after reading what it does."""
    form = mother.page.locator(f'form[action="{at("door:act", action="withdraw")}"]').nth(number)
    assert "sletter vi dit nummer og ringer ikke" in form.inner_text()
    mother.send(form.locator("button"))
