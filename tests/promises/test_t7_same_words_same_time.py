"""T7: a wrong key and a box that does not exist look the same: same words, same time."""

import statistics
import time

import pytest

from brobygger.privacy import seal
from tests.letters import Page, Visitor
from tests.promises import searching
from tests.running import House

pytestmark = pytest.mark.promise(
    "T7",
    da="Ingen kan gætte sig til, om en nøgle findes: en forkert nøgle og en nøgle, der aldrig har været til, får samme "
    "svar lige hurtigt.",
    en="Nobody can find out by guessing whether a key exists: a wrong key and a key that never was get the same "
    "answer, equally fast.",
)
TRIES = 12


def bare(page: Page) -> tuple[object, ...]:
    """All that a page says, but the hour and how long it is after packing."""
    headers = sorted(each for each in page.headers if each[0].lower() not in ("date", "content-length"))
    return page.status, headers, page.words


def test_a_wrong_key_and_an_unknown_box_get_the_same_words_in_the_same_time(dear_house: House) -> None:
    ea = Visitor(dear_house.url)
    # Three boxes: nobody is made to wait before the fifth wrong key for one number.
    numbers = [ea.write("Kære hus").key[:4] for _box in range(3)]
    searching.until(lambda: searching.settled(dear_house))
    wrong = [seal.new_return_key().shown for _try in range(TRIES)]
    known = [f"{numbers[at % 3]}-{key[5:]}" for at, key in enumerate(wrong)]
    unknown = [seal.new_return_key().shown for _try in range(TRIES)]
    token = ea.get(ea.at("door:back")).hidden("token")
    ea.come_back(seal.new_return_key().shown, token)
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    said = []
    for pair in zip(known, unknown, strict=True):
        for kind, key in zip(took, pair, strict=True):
            began = time.perf_counter()
            page = ea.come_back(key, token)
            took[kind].append(time.perf_counter() - began)
            said.append(bare(page))
    one, other = (statistics.median(each) for each in took.values())
    print(f"wrong key {one * 1000:.0f} ms, unknown box {other * 1000:.0f} ms (medians of {TRIES})")

    assert len(set(map(repr, said))) == 1
    assert said[0][0] == 422
    assert abs(one - other) <= 0.3 * max(one, other)
    assert min(one, other) > 0.05, "a guess is dear in both cases"


def test_both_are_slowed_down_alike(house: House) -> None:
    ea = Visitor(house.url)
    number = ea.write("Kære hus").key[:4]
    searching.until(lambda: searching.settled(house))
    nobody = seal.new_return_key().number

    statuses = {
        each: [ea.come_back(f"{each}-{seal.new_return_key().shown[5:]}").status for _try in range(7)]
        for each in (number, nobody)
    }

    assert statuses[number] == statuses[nobody] == [422] * 5 + [429] * 2
