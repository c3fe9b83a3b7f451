"""T16: a parent takes the yes back, and the referrer's next look shows only that it is closed."""

import re

import pytest

from tests.letters import Page, Visitor, sign_in
from tests.promises import searching
from tests.running import House

pytestmark = pytest.mark.promise(
    "T16",
    da="Når du trækker dit ja tilbage, sletter vi dit nummer. Den, der henviste dig, kan fra næste gang, de kigger, "
    "kun se, at det er lukket.",
    en="When you take your yes back, we erase your number. From their next look on, the one who referred you sees only "
    "that it is closed.",
)


def keys(page: Page) -> tuple[str, str]:
    """The parent's key and the referrer's own, as the page after a referral shows them."""
    found = re.findall(r'data-key="([^"]+)"', page.text)
    assert len(found) == 2, page.words[:1500]
    return found[0], found[1]


def referred(house: House, **more: str) -> tuple[str, str]:
    """Send a family on, have Finn reach them, and give both keys; the parent's is her own by now."""
    nurse, mother = Visitor(house.url), Visitor(house.url)
    page = nurse.refer(**more)
    assert page.status == 200, page.words[:1500]
    lent, own = keys(page)
    searching.until(lambda: searching.settled(house))
    (finn,) = sign_in(house, "finn")
    thread = finn.thread(lent[:4])
    assert finn.do("consents:move", {"to": "contact"}, thread=thread).status == 302
    searching.until(lambda: searching.settled(house))
    mine = mother.first_use(lent).key
    searching.until(lambda: searching.settled(house))
    assert mother.come_back(lent).status == 422, "the key on the slip opens nothing any more"
    return mine, own


def consent(page: Page, kind: str) -> str:
    """The consent a parent would press: to be rung comes first, what is told second."""
    return page.all("consent")[0 if kind == "contact" else 1]


@pytest.mark.parametrize("kind", ["contact", "status"])
def test_the_referrers_next_look_shows_only_closed(kind: str, house: House) -> None:
    mine, own = referred(house, share="contact", phone="20 30 41 0" + str(len(kind)))
    nurse, mother = Visitor(house.url), Visitor(house.url)
    before = nurse.come_back(own)
    assert "Vi har kontakt med forælderen her nu" in before.words, before.words[:1500]

    pressed = mother.act(mother.come_back(mine), "withdraw", consent=consent(mother.come_back(mine), kind))
    assert pressed.status == 200, pressed.words[:1500]
    after = nurse.come_back(own)

    assert "Lukket" in after.words
    for step in ("kontakt", "Vi har fået henvisningen", "begyndt", "prøver"):
        assert step not in after.words, step
    cards = searching.rows(house, "default", "SELECT given_by FROM threads_contactcard")
    standing = "SELECT count(*) FROM consents_consent WHERE closed_on IS NULL AND kind = 'contact'"
    assert len([each for each in cards if each[0] == "referrer"]) == searching.rows(house, "default", standing)[0][0]


def test_what_was_told_lies_in_the_referrers_box_no_more(house: House) -> None:
    """Not only hidden: the sealed answers themselves are gone from the door's database."""
    mine, own = referred(house, share="ladder", phone="20 30 41 22")
    boxes = f"SELECT count(*) FROM door_answer a JOIN door_box b ON b.id = a.box_id WHERE b.number = '{own[:4]}'"
    assert searching.rows(house, "door", boxes)[0][0] == 2, "received, and in contact"

    mother = Visitor(house.url)
    page = mother.come_back(mine)
    mother.act(page, "withdraw", consent=consent(page, "status"))
    searching.until(lambda: searching.settled(house))
    assert searching.rows(house, "door", boxes)[0][0] == 1, "closed, and nothing before it"
