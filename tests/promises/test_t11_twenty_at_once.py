"""T11: twenty people open their boxes at the same moment; the house keeps within its memory and shuts nobody out."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.letters import Visitor
from tests.promises import searching
from tests.running import House

pytestmark = pytest.mark.promise(
    "T11",
    da="Kommer mange på én gang, bliver ingen lukket ude. I værste fald skal du vente et øjeblik.",
    en="When many come at once, nobody is shut out. At worst you wait a moment.",
)
PEOPLE = 20
#: Two derivations of 128 MiB, and the house itself.
MOST = 600 * 2**20


def peak(pid: int) -> int:
    """Add up the most memory a process and its children have ever held, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(peak(int(child)) for child in children)


def test_twenty_unlock_at_once_within_memory_and_nobody_is_locked_out(dear_house: House) -> None:
    with ThreadPoolExecutor(4) as hands:
        keys = list(hands.map(lambda _: Visitor(dear_house.url).write("Kære hus").key, range(PEOPLE)))
    searching.until(lambda: searching.settled(dear_house))
    ready = threading.Barrier(PEOPLE)

    def come(key: str) -> tuple[int, float]:
        """Come back, and once more for as long as the house says that it is busy."""
        ea, began = Visitor(dear_house.url), time.monotonic()
        ready.wait()
        for tries in range(1, 7):
            page = ea.come_back(key)
            if page.status != 503:
                assert page.status == 200 and page.hidden("ticket"), page.words[:500]
                return tries, time.monotonic() - began
            time.sleep(1)
        raise AssertionError("shut out")

    with ThreadPoolExecutor(PEOPLE) as hands:
        got_in = list(hands.map(come, keys))
    most = peak(dear_house.processes["server"].pid)
    longest, again = max(seconds for _tries, seconds in got_in), sum(tries > 1 for tries, _seconds in got_in)
    print(f"{PEOPLE} at once: all in within {longest:.1f} s, {again} tried again, peak {most / 2**20:.0f} MB")

    assert len(got_in) == PEOPLE
    assert most < MOST


def test_somebody_elses_wrong_keys_lock_nobody_else_out(dear_house: House) -> None:
    ea = Visitor(dear_house.url)
    mine, other = ea.write("Kære hus").key, ea.write("Kære hus").key
    searching.until(lambda: searching.settled(dear_house))

    for _try in range(6):
        last = ea.come_back(f"{other[:4]}{mine[4:]}")

    assert last.status == 429, "who guesses is made to wait"
    assert ea.come_back(mine).status == 200
