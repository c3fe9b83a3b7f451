"""T10: a form that another site planted is refused; what was typed is kept, and the planter's key opens nothing."""

from collections.abc import Mapping

import pytest

from tests.letters import Visitor
from tests.promises import searching
from tests.running import House

pytestmark = pytest.mark.promise(
    "T10",
    da="En anden side kan ikke få dig til at skrive til os med en nøgle, de kender.",
    en="Another site cannot make you write to us with a key they know.",
)
FOREIGN: list[Mapping[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://fremmed.example"},
    {"Origin": "https://fremmed.example"},
    {"Origin": "null"},
    {"Referer": "https://fremmed.example/foraelder/"},
    {},
]
named = pytest.mark.parametrize(
    "signs", FOREIGN, ids=lambda signs: ", ".join(map(": ".join, signs.items())) or "no sign"
)


@named
@pytest.mark.parametrize("language", ["da", "en"])
def test_a_planted_letter_is_refused_and_the_text_kept(signs: Mapping[str, str], language: str, house: House) -> None:
    planter, ea = Visitor(house.url), Visitor(house.url, language)
    token = planter.door().hidden("token")
    path = ea.at("door:write", door="parent")
    text = 'Min mand må ikke se <det her> & "det"'

    refused = ea.post(path, {"token": token, "wish": "write", "text": text}, signs)

    assert refused.status == 403
    assert 'role="alert"' in refused.text
    assert "data-key" not in refused.text
    assert refused.typed("text") == text
    assert refused.hidden("token") != token
    sent = ea.send(refused.hidden("token"), refused.typed("text"))
    assert sent.key != planter.send(token, "mit").key, "pressed again, it has a key of its own"


@named
def test_a_planted_referral_is_refused_and_the_planters_keys_open_nothing(
    signs: Mapping[str, str], house: House
) -> None:
    planter, ea = Visitor(house.url), Visitor(house.url)
    path = ea.at("door:refer")
    token = planter.get(path).hidden("token")
    filled = {"agreed": "on", "share": "ladder", "first_name": "Mette", "phone": "20304050", "when": "any"}

    refused = ea.post(path, {"token": token, **filled}, signs)

    assert refused.status == 403 and not refused.keys and 'role="alert"' in refused.text
    assert (refused.typed("first_name"), refused.typed("phone")) == ("Mette", "20304050")
    sent = ea.refer(refused.hidden("token"))
    assert not set(sent.keys) & set(planter.refer(token).keys), "pressed again, it has keys of its own"


@named
def test_nothing_behind_a_key_can_be_pressed_from_elsewhere(signs: Mapping[str, str], house: House) -> None:
    ea = Visitor(house.url)
    key = ea.write("Kære hus").key
    searching.until(lambda: searching.settled(house))
    held = ea.come_back(key).hidden("ticket")
    numbers = f"number = '{key[:4]}'"
    before = searching.count(house, "default", "threads_message")

    more = ea.post(ea.at("door:act", action="text"), {"ticket": held, "more-text": "plantet"}, signs)
    pages = [
        more,
        ea.post(ea.at("door:act", action="cancel"), {"ticket": held}, signs),
        ea.post(ea.at("door:act", action="unreach"), {"ticket": held}, signs),
        ea.post(ea.at("door:back"), {"key": key}, signs),
        ea.post(ea.at("door:burn"), {"key": key}, signs),
        ea.post(ea.at("door:rekey"), {"key": key, "token": ea.get(ea.at("door:rekey")).hidden("token")}, signs),
    ]

    assert [page.status for page in pages] == [403] * 6
    assert more.typed("more-text") == "plantet"
    searching.until(lambda: searching.settled(house))
    assert searching.count(house, "default", "threads_message") == before
    assert searching.count(house, "door", "door_box", numbers) == 1
    assert ea.come_back(key).status == 200


@pytest.mark.parametrize("kind", ["site", "origin", "referer"])
def test_our_own_pages_are_let_through_on_old_and_new_phones(kind: str, house: House) -> None:
    ea = Visitor(house.url)
    here = {
        "site": {"Sec-Fetch-Site": "same-origin"},
        "origin": {"Origin": house.url},
        "referer": {"Referer": f"{house.url}/foraelder/"},
    }[kind]

    page = ea.post("/foraelder/", {"token": ea.door().hidden("token"), "wish": "write", "text": "Kære hus"}, here)

    assert page.status == 200 and page.key
