"""T9: pressing twice, reloading and pressing at the same moment make one letter, and the key stays the same."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.letters import Page, Visitor
from tests.promises import searching
from tests.running import House

pytestmark = pytest.mark.promise(
    "T9",
    da="Trykker du to gange, eller henter du siden igen, bliver det til ét brev, og nøglen er den samme.",
    en="If you press twice or reload the page it becomes one letter, and the key stays the same.",
)


def at_once(times: int, press: Callable[[], Page]) -> list[Page]:
    """Press so many times in the same moment."""
    ready = threading.Barrier(times)

    def one(_number: int) -> Page:
        ready.wait()
        return press()

    with ThreadPoolExecutor(times) as hands:
        return list(hands.map(one, range(times)))


def threads(house: House, number: str) -> int:
    """Count the threads with a box number, once everything is opened."""
    searching.until(lambda: searching.settled(house))
    assert searching.count(house, "door", "door_box", f"number = '{number}'") == searching.count(
        house, "default", "threads_thread", f"number = '{number}'"
    )
    return searching.count(house, "default", "threads_thread", f"number = '{number}'")


def messages(house: House, number: str, kind: str) -> int:
    """Count messages of one kind in the thread with a box number."""
    searching.until(lambda: searching.settled(house))
    where = f"kind = '{kind}' AND thread_id IN (SELECT id FROM threads_thread WHERE number = '{number}')"
    return searching.count(house, "default", "threads_message", where)


@pytest.mark.parametrize("presses", [2, 8])
def test_pressing_at_the_same_moment_makes_one_letter(presses: int, house: House) -> None:
    token = Visitor(house.url).door().hidden("token")

    pages = at_once(presses, lambda: Visitor(house.url).send(token, "Kære hus"))

    (key,) = {page.key for page in pages}
    assert threads(house, key[:4]) == 1
    assert messages(house, key[:4], "text") == 1


def test_a_reload_after_the_letter_was_opened_makes_no_second(house: House) -> None:
    ea = Visitor(house.url)
    token = ea.door().hidden("token")
    first = ea.send(token, "Kære hus")
    assert threads(house, first.key[:4]) == 1

    again = ea.send(token, "Kære hus")

    assert again.key == first.key
    assert "due" not in first.text
    assert threads(house, first.key[:4]) == 1
    assert messages(house, first.key[:4], "text") == 1
    assert ea.come_back(first.key).status == 200


def test_what_is_written_later_comes_once_too(house: House) -> None:
    ea = Visitor(house.url)
    key = ea.write("Kære hus").key
    searching.until(lambda: searching.settled(house))
    page = ea.come_back(key)

    at_once(4, lambda: Visitor(house.url).act(page, "text", text="En ting til"))
    Visitor(house.url).act(page, "text", text="En ting til")

    assert messages(house, key[:4], "text") == 2


def test_something_else_written_on_the_same_page_is_a_letter_of_its_own(house: House) -> None:
    """Back, another thought, send: nothing of it may be lost."""
    ea = Visitor(house.url)
    key = ea.write("Kære hus").key
    searching.until(lambda: searching.settled(house))
    page = ea.come_back(key)

    ea.act(page, "text", text="En ting til")
    ea.act(page, "text", text="Og en tredje")

    assert messages(house, key[:4], "text") == 3


def test_a_first_letter_changed_after_it_was_sent_is_not_lost(house: House) -> None:
    """Back, a few words more, send again: the same key, and the words are with us."""
    ea = Visitor(house.url)
    token = ea.door().hidden("token")
    key = ea.send(token, "Kære hus").key
    assert threads(house, key[:4]) == 1

    assert ea.send(token, "Kære hus, jeg glemte at sige noget").key == key

    assert threads(house, key[:4]) == 1
    assert messages(house, key[:4], "text") == 2


def test_a_number_given_twice_is_one_number(house: House) -> None:
    ea = Visitor(house.url)
    key = ea.write("Kære hus").key
    searching.until(lambda: searching.settled(house))
    page = ea.come_back(key)

    at_once(2, lambda: Visitor(house.url).act(page, "reach", phone="20304050", channel="call", when="any"))

    searching.until(lambda: searching.settled(house))
    where = f"thread_id IN (SELECT id FROM threads_thread WHERE number = '{key[:4]}')"
    assert searching.count(house, "default", "threads_contactcard", where) == 1


def test_a_new_key_made_twice_is_one_key_that_opens(house: House) -> None:
    ea = Visitor(house.url)
    old = ea.write("Kære hus").key
    searching.until(lambda: searching.settled(house))
    path = ea.at("door:rekey")
    form = {"key": old, "token": ea.get(path).hidden("token")}

    pages = [*at_once(2, lambda: Visitor(house.url).post(path, form)), ea.post(path, form)]

    assert {page.key for page in pages} == {pages[0].key} != {old}
    assert ea.come_back(pages[0].key).status == 200
    assert ea.come_back(old).status == 422


def test_burning_twice_is_no_mistake(house: House) -> None:
    key = Visitor(house.url).write("Kære hus").key
    searching.until(lambda: searching.settled(house))

    pages = at_once(2, lambda: Visitor(house.url).burn(key))

    assert {page.status for page in pages} <= {200, 422}
    assert 200 in {page.status for page in pages}
    assert threads(house, key[:4]) == 0


def test_a_referral_pressed_twice_is_one_family_with_the_same_two_keys(house: House) -> None:
    token = Visitor(house.url).get(Visitor(house.url).at("door:refer")).hidden("token")

    pages = [*at_once(2, lambda: Visitor(house.url).refer(token)), Visitor(house.url).refer(token)]

    (keys,) = {tuple(page.keys) for page in pages}
    assert len(set(keys)) == 2
    assert [threads(house, key[:4]) for key in keys] == [1, 1]
    assert messages(house, keys[0][:4], "referral") == 1
    assert Visitor(house.url).refer(token).keys == list(keys), "after it was opened too"
    assert [threads(house, key[:4]) for key in keys] == [1, 1]


def test_a_lent_key_used_twice_becomes_one_new_key(house: House) -> None:
    ea = Visitor(house.url)
    lent = ea.refer().keys[0]
    searching.until(lambda: searching.settled(house))
    token = ea.get(ea.at("door:back")).hidden("token")

    pages = [*at_once(2, lambda: Visitor(house.url).come_back(lent, token)), ea.come_back(lent, token)]

    assert {page.key for page in pages} == {pages[0].key} != {lent}
    searching.until(lambda: searching.settled(house))
    assert ea.come_back(pages[0].key).status == 200
    assert ea.come_back(lent).status == 422
