"""A call is written down once however often one presses, and what was said lies nowhere in clear."""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.letters import Colleague, Page, Visitor, sign_in
from tests.promises import searching
from tests.running import House


def line(finn: Colleague, **more: str) -> dict[str, str]:
    """Fill in a line on a fresh page."""
    return {"how": "phone", "door": "parent", "token": finn.see("intake:call").all("token")[-1], **more}


def at_once(press: Callable[[], Page]) -> list[Page]:
    """Press twice in the same moment."""
    ready = threading.Barrier(2)

    def one(_hand: int) -> Page:
        ready.wait()
        return press()

    with ThreadPoolExecutor(2) as hands:
        return list(hands.map(one, range(2)))


def counted(house: House) -> int:
    return int(searching.rows(house, "default", "SELECT coalesce(sum(count), 0) FROM intake_tally")[0][0])


def test_a_counted_call_pressed_twice_at_once_is_one(house: House) -> None:
    (finn,) = sign_in(house, "finn")
    before, typed = counted(house), line(finn, what="to", to="Et sted, der passer bedre")
    other = Colleague(house.url, "da", session=finn.session, cookie=finn.cookie)

    both = [finn, other]
    pages = at_once(lambda: both.pop().do("intake:call", typed))

    assert [page.status for page in pages] == [200, 200], [page.words[:300] for page in pages]
    assert counted(house) == before + 1
    assert searching.count(house, "default", "intake_signpost", "count = 1") == 1
    undo = {"token": pages[0].all("token")[0]}
    both = [finn, other]
    assert {page.status for page in at_once(lambda: both.pop().do("intake:undo_call", undo))} == {302}
    assert counted(house) == before


def test_a_key_pressed_twice_at_once_is_one_key_and_one_thread(house: House) -> None:
    (finn,) = sign_in(house, "finn")
    threads, boxes = (searching.count(house, *table) for table in (("default", "threads_thread"), ("door", "door_box")))
    typed = line(finn, what="key")
    both = [finn, Colleague(house.url, "da", session=finn.session, cookie=finn.cookie)]

    pages = at_once(lambda: both.pop().do("intake:call", typed))

    assert [page.status for page in pages] == [200, 200], [page.words[:300] for page in pages]
    assert pages[0].key == pages[1].key
    assert searching.count(house, "default", "threads_thread") == threads + 1
    assert searching.count(house, "door", "door_box") == boxes + 1
    searching.until(lambda: searching.settled(house))
    own = Visitor(house.url).post(Visitor().at("door:back"), {"key": pages[0].key, "token": token_of_back(house)})
    assert own.status == 200 and own.key != pages[0].key, own.words[:500]


def token_of_back(house: House) -> str:
    return Visitor(house.url).get(Visitor().at("door:back")).hidden("token")


def test_what_is_typed_during_a_call_and_its_key_lie_nowhere_in_clear(house: House, tmp_path: Path) -> None:
    (finn,) = sign_in(house, "finn")
    since = time.time()
    words, number = "Hendes gule paraply stod i regnen ved havnen.", "30 11 22 37"
    shown = finn.do("intake:call", line(finn, what="time", where="phone", give_key="on", text=words, phone=number))
    assert shown.status == 200 and words not in shown.text
    searching.until(lambda: searching.settled(house))

    secret = shown.key.replace("-", "")[4:]
    texts = [words, "30112237", secret, shown.key[5:]]

    assert searching.found_in(house, texts, since, tmp_path) == []
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", shown.key)
