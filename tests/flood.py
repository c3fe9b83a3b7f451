"""A flood of letters against a running house that is killed again and again, and a count of what is there afterwards.

    python -m tests.flood [--letters 2000] [--kills 6] [--postgres]

A letter is acknowledged when somebody has seen its key. Cheap return keys (KDF version 0) on purpose: the cost of a key
has nothing to do with losing a letter, and only takes time.
"""

import argparse
import http.client
import itertools
import json
import os
import random
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field

from tests import cluster, running
from tests.letters import Visitor

CLIENTS = 8
#: How many keys are tried at the end, besides counting every letter by its words.
TRIED = 200


@dataclass
class Flood:
    """What was sent, what was acknowledged, what is there."""

    letters: int
    sent: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    opened: int = 0
    tried: int = 0
    kills: int = 0
    seconds: float = 0.0

    @property
    def lost(self) -> list[str]:
        """Letters somebody holds a key for, and that are not there."""
        return [text for text in self.acknowledged if text not in self.found]

    @property
    def doubled(self) -> list[str]:
        """Letters that are there more than once."""
        return [text for text, times in self.found.items() if times > 1]

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"sent {self.sent}, acknowledged {len(self.acknowledged)}, found {len(self.found)} "
            f"(of the acknowledged: {len(self.acknowledged) - len(self.lost)}), doubled {len(self.doubled)}, "
            f"{self.opened} of {self.tried} keys open; {self.kills} times kill -9, "
            f"{self.sent / max(self.seconds, 0.001):.0f} letters/s"
        )


def pour(house: running.House, letters: int, kills: int = 0) -> Flood:
    """Send letters from several clients while server and worker are killed so many times; nothing is counted yet."""
    flood, numbers, gate = Flood(letters), itertools.count(), threading.Lock()
    began = time.monotonic()
    clients = [
        threading.Thread(target=_client, args=(house.url, flood, numbers, gate, patient))
        for patient in itertools.islice(itertools.cycle([True, False]), CLIENTS)
    ]
    for each in clients:
        each.start()
    for number in range(kills):
        while flood.sent < letters * (number + 1) // (kills + 1) and any(each.is_alive() for each in clients):
            time.sleep(0.005)
        which = (("server",), ("server", "worker"), ("worker",))[number % 3]
        house.kill(*which)
        flood.kills += len(which)
        house.start(*which)
    for each in clients:
        each.join()
    flood.seconds = time.monotonic() - began
    return flood


def _client(url: str, flood: Flood, numbers: "itertools.count[int]", gate: threading.Lock, patient: bool) -> None:
    """Write letter after letter. A patient client presses again when nothing came back, the others give up."""
    ea = Visitor(url)
    while (number := next(numbers)) < flood.letters:
        text = f"Brev nummer {number}: jeg ved ikke, hvem jeg ellers skal skrive til. {random.getrandbits(64):x}"
        token = _patiently(lambda: ea.door().hidden("token"))
        with gate:
            flood.sent += 1
        key = _patiently(lambda token=token, text=text: ea.send(token, text).key, tries=200 if patient else 1)
        if key:
            with gate:
                flood.acknowledged[text] = key
    ea.close()


def _patiently(press, tries: int = 400):  # type: ignore[no-untyped-def]
    """Press until something comes back; None when it is given up."""
    for _try in range(tries):
        try:
            return press()
        except (OSError, http.client.HTTPException, AssertionError):
            time.sleep(0.05)
    return None


_COUNT = """
import json
from brobygger.door import queries
from brobygger.privacy import keyring, seal
from brobygger.threads.models import Message
rows = Message.objects.filter(kind="text").select_related("thread").iterator(chunk_size=500)
sealed = [(row.thread.key, bytes(row.body), f"message:{{row.pk}}:body:1") for row in rows]
texts = [body["text"] for body in keyring.open_many(sealed)]
opened = 0
for key in {keys!r}:
    try:
        opened += len(queries.open_box(seal.read_key(key)).answers) > 0
    except seal.WrongKey:
        pass
print(json.dumps([texts, opened]))
"""


def count(house: running.House, flood: Flood, seconds: float = 60) -> Flood:
    """Wait until every waiting letter is opened, then count each letter by its words and try some keys."""
    from tests.promises import searching

    searching.until(lambda: searching.settled(house), seconds)
    keys = random.sample(sorted(flood.acknowledged.values()), min(TRIED, len(flood.acknowledged)))
    texts, flood.opened = json.loads(house.ask(_COUNT.format(keys=keys)))
    flood.tried = len(keys)
    for text in texts:
        flood.found[text] = flood.found.get(text, 0) + 1
    return flood


def main() -> None:
    """Pour, kill, count, print."""
    import django

    parser = argparse.ArgumentParser(prog="tests.flood")
    parser.add_argument("--letters", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--postgres", action="store_true", help="on a throw-away PostgreSQL instead of SQLite")
    options = parser.parse_args()
    os.environ["BROBYGGER_TESTING"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with cluster.postgres() if options.postgres else nullcontext({}) as place:
        os.environ.update(place)
        django.setup()
        measure(options.letters, options.kills)


def measure(letters: int = 2000, kills: int = 6) -> None:
    """Pour letters into a house of its own while it is killed, and say what was sent, acknowledged and found."""
    with running.house("ditrum") as house:
        flood = count(house, pour(house, letters, kills), seconds=240)
    print(flood)
    assert not flood.lost and not flood.doubled and flood.opened == flood.tried


if __name__ == "__main__":
    main()
