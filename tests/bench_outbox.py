"""A thousand text messages while the worker is killed again and again: none lost, none twice on a telephone.

    python -m tests.bench outbox [--postgres]

Families with a card and a word for each are made inside the house; a gateway on this machine counts what comes, and
knows by its key a message that it has had before.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests import running

#: A house that is awake; the workers of a test do not wait five minutes for a lease.
DAY, LEASE = "2026-11-23T10:00", "2"
MESSAGES = 1000

_POUR = """
import uuid
from brobygger.outbox import services
from brobygger.privacy import keyring
from brobygger.threads.models import ContactCard, Thread
facts = {{"door": "parent", "wish": "write", "language": "da", "written_at": "2026-11-20T02:10:00+01:00"}}
for number in range({messages}):
    ident = uuid.uuid4()
    key, own = keyring.new_data_key(about=ident), keyring.new_data_key(about=ident, kind="card")
    thread = Thread.objects.create(
        id=ident, key=key, box=uuid.uuid4(), number=ident.hex[:4].upper(), week="2026-W47",
        facts=keyring.seal(key, facts, context=f"thread:{{ident}}:facts:1"))
    reach = {{"channel": {channel!r}, "when": "any", "phone": f"+4520{{number:06}}",
             "mail": f"ea{{number}}@post.example"}}
    sealed = keyring.seal(own, reach, context=f"card:{{ident}}:1")
    ContactCard.objects.create(thread=thread, key=own, sealed=sealed)
    services.notify(thread=thread, kind="answer", by="alma")
"""
_COUNTS = "import json; from brobygger.outbox import queries; print(json.dumps(queries.counts()))"


@dataclass
class Poured:
    """What was written and to whom, what the other end was asked and delivered, and what the house believes."""

    written: list[str]
    asked: int = 0
    delivered: list[str] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    seconds: float = 0.0

    @property
    def lost(self) -> list[str]:
        """Those who never got their message."""
        return sorted(set(self.written) - set(self.delivered))

    @property
    def doubled(self) -> list[str]:
        """Those who got it twice, or should have had none."""
        times = Counter(self.delivered)
        return sorted(to for to, n in times.items() if n > 1 or to not in self.written)

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"written {len(self.written)}, asked for {self.asked} times, arrived {len(set(self.delivered))}, "
            f"lost {len(self.lost)}, twice {len(self.doubled)}; the house believes {self.states}; "
            f"{self.kills} times kill -9, {len(self.written) / max(self.seconds, 0.001):.0f} messages/s"
        )


@contextmanager
def postbox(gateway: Any, **env: str) -> Iterator[running.House]:
    """Build a house whose text messages go to a gateway on this machine; nothing runs yet."""
    wires = {"BROBYGGER_SMS_URL": gateway.url, "BROBYGGER_SMS_TOKEN": "t", "BROBYGGER_OUTBOX_LEASE": LEASE}
    with running.house("ditrum", start=False, BROBYGGER_CLOCK=DAY, **wires, **env) as house:
        yield house


def pour(
    house: running.House,
    other_end: Any,
    messages: int,
    *,
    kills: int = 0,
    workers: int = 1,
    refused: int = 0,
    channel: str = "sms",
) -> Poured:
    """Write messages, let the worker send them while it is killed so many times, and count.

    `refused` is how many the other end will not take.
    """
    house.ask(_POUR.format(messages=messages, channel=channel))
    address = "ea{0}@post.example" if channel == "mail" else "+4520{0:06}"
    poured = Poured([address.format(number) for number in range(messages)])
    began = time.monotonic()
    house.start("worker")
    second = running.House(house.name, house.port, house.var, house.env) if workers > 1 else None
    try:
        if second:
            second.start("worker")
        for number in range(kills):
            _until(lambda number=number: _asked(other_end) >= messages * (number + 1) // (kills + 1))
            house.kill("worker")
            poured.kills += 1
            house.start("worker")
        # To ask the house takes a second of the machine's time: not before everything seems to have arrived.
        _until(lambda: len(_arrivals(other_end)) >= messages - kills - refused)
        _until(lambda: not _left(house), pause=0.5)
    finally:
        if second:
            second.stop()
    poured.seconds = time.monotonic() - began
    return count(house, other_end, poured)


def _asked(other_end: Any) -> int:
    return len(other_end.mails if hasattr(other_end, "mails") else other_end.asked)


def _arrivals(other_end: Any) -> list[str]:
    """List to whom something came, as often as it came."""
    if hasattr(other_end, "mails"):
        return [to for envelope in list(other_end.mails) for to in envelope.rcpt_tos]
    return [body["to"] for body in list(other_end.phones.values())]


def _states(house: running.House) -> dict[str, int]:
    return {state: n for state, n in json.loads(house.ask(_COUNTS)).items() if n}


def _left(house: running.House) -> int:
    states = _states(house)
    return states.get("waiting", 0) + states.get("sending", 0)


def count(house: running.House, other_end: Any, poured: Poured) -> Poured:
    """Lay what the house believes beside what the other end has."""
    poured.states, poured.asked, poured.delivered = _states(house), _asked(other_end), _arrivals(other_end)
    return poured


def _until(condition: Any, seconds: float = 240, pause: float = 0.003) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the messages did not come"
        time.sleep(pause)


def measure(messages: int = MESSAGES, kills: int = 2) -> None:
    """Send a thousand messages with two kills, and say what was asked for and what came."""
    from brobygger.outbox.tests import wires

    print("Words to telephones: every message once, though the worker is killed with -9")
    with wires.gateway() as state, postbox(state) as house:
        # So that a worker is killed while it waits for the gateway: sent, and not yet written down.
        state.hang = 0.02
        poured = pour(house, state, messages, kills=kills)
    print(f"  {poured}")
    assert not poured.lost and not poured.doubled and set(poured.states) == {"sent"}
