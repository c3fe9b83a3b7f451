"""The page where somebody says who they are: what it says first, what it asks for, and what it refuses."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from brobygger.catalogue import queries as catalogue
from brobygger.catalogue import services as furnishing
from brobygger.door import family, forms, ticket
from brobygger.door.models import Letter
from brobygger.privacy import keyring, seal
from conftest import HOUSES
from tests.letters import Page, Visitor, keeper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "PATIENCE", 0.0)
    at("2026-11-24T02:10")


@pytest.fixture
def ea() -> Visitor:
    """Somebody at the door."""
    return Visitor()


def opened(ea: Visitor, door: str = "parent") -> tuple[str, Page]:
    """Write, come back, and open the page that says what changes; the key, and the page."""
    key = ea.write("Kære hus", door=door).key
    keeper()
    return key, ea.ask_who(ea.come_back(key))


def waiting() -> list[dict[str, Any]]:
    """What the letters that wait say; they stay where they are."""
    rows = Letter.objects.using("door").all()
    return [keyring.open_letter(bytes(row.sealed))[0] for row in rows]


# ---- What it says ----


@pytest.mark.parametrize("door", ["parent", "young", "child"])
def test_it_says_first_what_changes(ea: Visitor, door: str) -> None:
    """How easy the words are to read, in both houses, is counted in tests/house/test_reading.py."""
    _key, page = opened(ea, door)

    assert page.status == 200
    for word in ("fem år", "kommunen", "hører det først", "slettet", "uden navn", "læser det", "siger ja"):
        assert word in page.words, word
    assert page.text.index('id="changes"') < page.text.index("name-agreed") < page.text.index("name-name")


def test_it_is_offered_once_and_only_where_the_house_has_words_for_it(ea: Visitor, tmp_path: Path) -> None:
    key, _page = opened(ea)
    assert "say-who" in ea.come_back(key).text
    house = (HOUSES / "ditrum.toml").read_text(encoding="utf-8").replace('key = "name"\n', 'key = "another"\n', 1)
    (tmp_path / "house.toml").write_text(house, encoding="utf-8")
    furnishing.furnish(path=tmp_path / "house.toml", by="keeper")

    assert "say-who" not in ea.come_back(key).text
    assert ea.ask_who(ea.come_back(key)).status == 404


def test_a_look_at_its_address_asks_for_the_key(ea: Visitor) -> None:
    answer = ea.get(ea.at("door:name"))

    assert answer.status == 302 and answer.header("Location") == ea.at("door:back")


# ---- What it sends ----


def test_what_was_said_is_sealed_with_the_very_words_that_were_read(ea: Visitor) -> None:
    _key, page = opened(ea)

    sent = ea.say_who(page, child1_name="Ida", child1_month="4", child1_year="2019", carry="on", phone="20304050")

    assert sent.status == 200
    (letter,) = waiting()
    words = catalogue.wording("name")
    assert words and letter["consent"] == {"text": words.text, "digest": words.digest}
    assert letter["named"] == {
        "people": [
            {"role": "mother", "name": "Mette Holm", "called": "Mette", "birth": "", "phone": "+4520304050"},
            {"role": "child", "name": "Ida", "called": "Ida", "birth": "2019-04", "phone": ""},
        ],
        "carry": True,
    }
    assert "Mette" not in json.dumps([row.week for row in Letter.objects.using("door").all()])


def test_the_page_that_comes_back_says_with_whom_one_talks(ea: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keeper is quick: the page waits for it, and says what came of it."""
    from brobygger.door import services

    _key, page = opened(ea)
    sound = services.receive_letter

    def at_once(**more: Any) -> None:
        sound(**more)
        keeper()

    monkeypatch.setattr(services, "receive_letter", at_once)
    monkeypatch.setattr(family, "PATIENCE", 1.0)
    sent = ea.say_who(page)

    assert "Nu ved vi, hvem du er" in sent.words and "Du hører snart, hvem du skal tale med" in sent.words


def test_three_answers_are_enough_and_two_for_a_child(ea: Visitor) -> None:
    for door, enough in (("parent", {"name", "role", "agreed"}), ("child", {"name", "agreed"})):
        form = forms.Named({"name-door": door}, prefix="name")
        assert not form.is_valid() and set(form.errors) == enough


# ---- What is refused, and loses nothing ----

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": ""}, "Skriv dit navn."),
    "no role": ({"role": None}, "Vælg, hvem du er i familien."),
    "a role nobody has": ({"role": "king"}, "Vælg, hvem du er i familien."),
    "not read": ({"agreed": None}, "sæt kryds bagefter"),
    "a CPR number as a name": ({"name": "Mette 010190-1234"}, "uden tal"),
    "a CPR number as a child's": ({"child1_name": "010190-1234"}, "uden tal"),
    "a CPR number as a year": ({"child1_year": "010190-1234"}, "fire tal"),
    "a year to come": ({"child2_month": "4", "child2_year": "2031"}, "fire tal"),
    "a month to come": ({"child2_month": "12", "child2_year": "2026"}, "fire tal"),
    "a year of two digits": ({"child1_month": "4", "child1_year": "19"}, "fire tal"),
    "a year alone": ({"child1_year": "2019"}, "Vælg også måneden"),
    "a month alone": ({"child1_month": "4"}, "fire tal"),
    "a number that is none": ({"phone": "12"}, "ligner ikke"),
    "too long a name": ({"name": "M" * 81}, "80"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_mistake_is_a_sentence_and_everything_typed_is_still_there(ea: Visitor, wrong: str) -> None:
    changed, sentence = REFUSED[wrong]
    _key, page = opened(ea)

    again = ea.say_who(page, **({"child4_name": "Storm", "called": "Musse"} | changed))

    assert again.status == 422 and not waiting()
    assert again.typed("name-child4_name") == "Storm" and again.typed("name-called") == "Musse"
    assert sentence in again.words, again.words[:1200]
    assert catalogue.wording("name").text.splitlines()[0] in again.words  # type: ignore[union-attr]


def test_a_form_from_elsewhere_is_refused(ea: Visitor) -> None:
    _key, page = opened(ea)
    kept = {each: page.hidden(each) for each in ("ticket", "digest", "name-door")}
    form = {**kept, "name-name": "Mette", "name-role": "mother", "name-agreed": "on"}

    answer = ea.post(ea.at("door:name"), form, {"Sec-Fetch-Site": "cross-site"})

    assert answer.status == 403 and not waiting()
    assert answer.typed("name-name") == "Mette" and 'name="key"' in answer.text


def test_a_page_that_was_open_for_long_asks_for_the_key_and_then_sends(
    ea: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, page = opened(ea)
    with monkeypatch.context() as later:
        later.setattr(ticket, "TICKET_LIVES", timedelta(seconds=-1))
        again = ea.say_who(page, child1_name="Ida")

    assert again.status == 409 and again.typed("name-child1_name") == "Ida" and 'name="key"' in again.text
    wrong = ea.say_who(again, key="X49B-2QPH-13R1-M027", child1_name="Ida")
    assert wrong.status == 422 and wrong.typed("name-child1_name") == "Ida" and not waiting()
    assert ea.say_who(again, key=key, child1_name="Ida").status == 200
    assert len(waiting()) == 1


def test_opening_it_from_an_old_page_asks_for_the_key(ea: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ea.write("Kære hus").key
    keeper()
    page = ea.come_back(key)
    monkeypatch.setattr(ticket, "TICKET_LIVES", timedelta(seconds=-1))

    assert ea.ask_who(page).status == 409
    assert ea.post(ea.at("door:name"), {"ticket": "x"}).status == 409


def test_nobody_says_yes_to_words_that_nobody_read(ea: Visitor, tmp_path: Path) -> None:
    _key, page = opened(ea)
    house = (HOUSES / "ditrum.toml").read_text(encoding="utf-8")
    changed = house.replace("Så husker vi jer, og vi kan ringe til jer.", "Så husker vi alt.", 1)
    assert changed != house
    (tmp_path / "house.toml").write_text(changed, encoding="utf-8")
    furnishing.furnish(path=tmp_path / "house.toml", by="keeper")

    again = ea.say_who(page, child1_name="Ida")

    assert again.status == 409 and not waiting()
    assert "Så husker vi alt." in again.words and str(forms.CHANGED_WORDS) in again.words
    assert again.typed("name-child1_name") == "Ida" and 'name="name-agreed" checked' not in again.text
    assert ea.say_who(again, agreed=None).status == 422
    assert ea.say_who(again).status == 200 and len(waiting()) == 1


def test_a_key_to_another_door_shows_that_doors_words_first(ea: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    _key, page = opened(ea)
    child = ea.write("Kære hus", door="child").key
    keeper()
    with monkeypatch.context() as later:
        later.setattr(ticket, "TICKET_LIVES", timedelta(seconds=-1))
        again = ea.say_who(page)

    asked = ea.say_who(again, key=child)

    assert asked.status == 409 and asked.hidden("name-door") == "child" and not waiting()
    assert "Det, du siger til os alene" in asked.words


def test_a_house_that_cannot_take_letters_keeps_what_was_typed(ea: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    _key, page = opened(ea)

    def broken(*args: Any, **more: Any) -> None:
        raise seal.NoKeys

    monkeypatch.setattr(seal, "seal_letter", broken)
    again = ea.say_who(page, child1_name="Ida")

    assert again.status == 503 and again.typed("name-child1_name") == "Ida"


def test_nothing_typed_stands_in_an_address_a_cookie_or_a_header(ea: Visitor) -> None:
    _key, page = opened(ea)

    sent = ea.say_who(page, name="Nissemor Hemmelig")

    for header, value in (*page.headers, *sent.headers):
        assert "Nissemor" not in value and header.lower() != "set-cookie"
    assert "Nissemor" not in sent.text
    assert 'method="get"' not in page.text and 'action="/da' not in page.text.replace(ea.at("door:name"), "")


# ---- What is asked about what is written ----


def test_a_cpr_number_is_not_taken_in_a_wish_either(ea: Visitor) -> None:
    key, page = opened(ea)
    ea.say_who(page)
    keeper()

    again = ea.act(ea.come_back(key), "rights", what="correction", words="Mit nummer er 010190-1234.")
    assert again.status == 422 and "CPR-nummer" in again.words and not waiting()
    hidden = ea.act(ea.come_back(key), "rights", what="correction", words="Det er 010190-1234.", slip="mask")
    assert hidden.status == 200
    (letter,) = waiting()
    assert letter["rights"] == {"what": "correction", "words": "Det er […]."}


def test_other_things_that_show_who_one_is_may_stand_in_a_wish(ea: Visitor) -> None:
    key, page = opened(ea)
    ea.say_who(page)
    keeper()

    assert ea.act(ea.come_back(key), "rights", what="access", words="Ring på 20 30 40 50.").status == 200


def test_the_page_about_burning_says_what_it_does_not_burn(ea: Visitor) -> None:
    assert "Så bliver det, vi har skrevet om dig, hos os" in ea.get(ea.at("door:burn")).words
