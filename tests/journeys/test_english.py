"""English is an address, not a cookie."""

from tests.journeys import walking
from tests.journeys.conftest import Clocked, Lend
from tests.journeys.walking import Walker, at

PAGES = ("catalogue:front", "catalogue:offers", "catalogue:questions", "catalogue:kept", "door:back", "door:rekey")


def speaks(who: Walker, language: str) -> None:
    """See that the page says which language it speaks."""
    assert who.find("html").get_attribute("lang") == language, who.page.url


def test_a_parent_reads_and_writes_in_english(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.whenever()
    # The browser asks for Danish; the address decides.
    parent = visit(house)
    parent.open("/en/")
    speaks(parent, "en")
    assert "Write to us. Who are you?" in parent.text()
    parent.look("the front page in English")
    parent.send('a[href="/en/parent/"]')
    speaks(parent, "en")
    parent.look("the parents' door in English")
    parent.write("#letter [name=text]", "He drinks again.")
    parent.send("#letter > button.action")
    speaks(parent, "en")
    assert "This is your key" in parent.text()
    key = walking.key_of(parent)
    parent.look("the key in English")
    parent.send('main a[href="/en/back/"]')
    parent.write("main [name=key]", key)
    walking.arrive(at_work(house, "alma"), key[:4])
    parent.send("main form button.action")
    speaks(parent, "en")
    assert "Your letter is with us" in parent.text()
    assert parent.context.cookies() == []
    parent.open("/")
    speaks(parent, "da")
    parent.send("nav.tongue a")
    speaks(parent, "en")


def test_every_information_page_stands_in_both_languages(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.whenever()
    reader = visit(house)
    for name in PAGES:
        for language in ("da", "en"):
            assert reader.open(at(name, language)).status == 200
            speaks(reader, language)
            reader.look(f"{name} {language}")
    for door in ("child", "young", "professional"):
        assert reader.open(at("door:write", door=door)).status == 200
        reader.look(f"the door for {door}")
