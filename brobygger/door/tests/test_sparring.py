"""A professional asks about a child nobody names: names are refused, ordinary words are not."""

from typing import Any

import pytest

from brobygger.door import queries, rules
from brobygger.privacy import keyring
from tests.letters import Page, Visitor, keeper

pytestmark = pytest.mark.django_db
QUESTION = "En dreng på seks sover dårligt. Hans mor lugter tit af øl, når hun henter. Hvad gør jeg?"


@pytest.fixture
def ea(furnished: Any, at: Any) -> Visitor:
    """Somebody at the professional's door."""
    at("2026-11-23T10:00")
    return Visitor()


def ask(ea: Visitor, text: str = QUESTION, **more: Any) -> Page:
    """Ask a question from the page that asks for one."""
    filled = {"profession": "pedagogue", "where": "write"} | more
    return ea.send(ea.door("professional", "sparring").hidden("token"), text, "professional", "sparring", **filled)


def letters() -> list[dict[str, Any]]:
    """Open everything in the letter box."""
    return [keyring.open_letter(sealed)[0] for _pk, sealed in queries.waiting(99)]


@pytest.mark.parametrize(("where", "said"), [("write", None), ("sparring", "sparring")])
def test_a_question_carries_the_profession_and_how_to_answer(where: str, said: str | None, ea: Visitor) -> None:
    page = ask(ea, where=where)

    assert page.status == 200 and page.key and "Vi har dit spørgsmål" in page.words
    (letter,) = letters()
    assert (letter["kind"], letter["door"], letter["wish"]) == ("first", "professional", "sparring")
    assert (letter["profession"], letter["where"], letter["text"]) == ("pedagogue", said, QUESTION)
    assert "reach" not in letter
    keeper()
    assert ea.come_back(page.key).status == 200


def test_ones_own_number_may_be_given(ea: Visitor) -> None:
    ask(ea, where="sparring", phone="20304050")

    assert letters()[0]["reach"]["phone"] == "+4520304050"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"profession": ""}, "Vælg, hvad du arbejder som."),
        ({"where": ""}, "Vælg, hvordan vi skal svare."),
        ({"text": " "}, "Skriv et par ord først."),
        ({"phone": "2030"}, "Det ligner ikke et nummer"),
    ],
)
def test_what_is_missing_is_said(wrong: dict[str, str], sentence: str, ea: Visitor) -> None:
    page = ask(ea, wrong.get("text", QUESTION), **{name: value for name, value in wrong.items() if name != "text"})

    assert page.status == 422 and sentence in page.words and not page.keys
    assert letters() == []


NAMED = [
    ("Drengen hedder Viggo og er urolig.", "Viggo"),
    ("Viggo på 6 år slår de andre.", "Viggo"),
    ("Vi har en pige, Zenobia på 4 år.", "Zenobia"),
    ("Jeg er bekymret for Lærke.", "Lærke"),
    ("Mathildes mor er fuld, når hun henter.", "Mathildes"),
    ("Barnet kaldes Bubber.", "Bubber"),
    ("The boy is called Gawain.", "Gawain"),
    ("En dreng på Nordvangskolen sover ikke.", "Nordvangskolen"),
    ("Ring til hans mor på 20 30 40 50.", "20 30 40 50"),
    ("En dreng, 010216-1234.", "010216"),
    ("Skriv til mor@mail.example.", "mor@mail"),
]


@pytest.mark.parametrize(("text", "telling"), NAMED)
def test_what_shows_who_a_child_is_cannot_be_sent(text: str, telling: str, ea: Visitor) -> None:
    for choice in ({}, {"slip": "keep"}):
        page = ask(ea, text, **choice)
        assert page.status == 422 and page.typed("text") == text
        assert 'value="keep"' not in page.text and "hvem barnet er" in page.words
    assert letters() == []

    assert ask(ea, text, slip="mask").status == 200
    assert telling not in letters()[0]["text"] and rules.MASK in letters()[0]["text"]


ORDINARY = [
    QUESTION,
    "Drengen på 6 år slår. Pigen på 4 år er stille. Tvillinger på 2 år.",
    "Eleven på 13 år ryger. Moren siger, at han hedder noget, jeg ikke vil skrive.",
    "Min kollega og jeg er i tvivl. Skal vi underrette? Kommunen har sagt nej.",
    "Mandag kom han for sent. I december var det hver dag. Jul var hårdt.",
    "Barnet hedder ikke noget endnu. Storebror på 9 år passer hende.",
    "Hans far er syg. Hendes mor er træt. Begge er venlige. Bo hos far vil han ikke.",
    "A girl of six. Her mother drinks. She is tired on Mondays. What may I say to the child?",
    "En familie på fire. Far er arbejdsløs. Mor på 32 år er gravid.",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_are_no_names(text: str, ea: Visitor) -> None:
    assert rules.slips_about_a_child(text) == []
    assert ask(ea, text).status == 200


def test_names_are_looked_for_only_where_nobody_is_to_be_named(ea: Visitor) -> None:
    text = "Jeg er bekymret for Lærke. Hun er seks."
    token = ea.door("professional").hidden("token")

    assert rules.slips(text) == []
    assert ea.send(token, text, "professional").status == 200


@pytest.mark.parametrize("door", ["child", "young", "parent"])
def test_a_family_is_not_asked_for_its_profession(door: str, ea: Visitor) -> None:
    page = ea.door(door, "sparring")

    assert 'name="profession"' not in page.text and 'name="wish" value="write"' in page.text


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_professionals_door_shows_two_clear_ways_first(language: str, ea: Visitor) -> None:
    ea = Visitor(language=language)
    page = ea.door("professional").text
    refer, question, field = (page.index(each) for each in (ea.at("door:refer"), "?wish=sparring", "<textarea"))

    assert refer < question < field
    assert 'name="profession"' in ea.door("professional", "sparring").text


def test_every_name_in_the_list_is_one_and_no_ordinary_word() -> None:
    names = rules.first_names()

    assert 300 < len(names) < 900
    assert all(name[0].isupper() and name.replace("-", "").isalpha() for name in names)
    assert not names & {
        "Hans",
        "Bo",
        "Per",
        "Mark",
        "Storm",
        "Dag",
        "Sol",
        "Liv",
        "Tro",
        "Mor",
        "Far",
        "August",
        "Line",
    }
