"""The keeper: reads sealed letters into plain values. No table is touched here."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from brobygger.ground import clock
from brobygger.privacy import keyring, seal

from . import rules


@dataclass(frozen=True)
class Opened:
    """A letter opened: its own number, and what was inside."""

    letter: UUID
    payload: dict[str, Any]

    @property
    def kind(self) -> str:
        """`first`, `burn`, `rekey` or one of `rules.REQUESTS`."""
        return str(self.payload.get("kind", ""))


@dataclass(frozen=True)
class Noise:
    """A letter that can never be opened: not sealed by our door."""

    letter: UUID


def open_all(waiting: list[tuple[UUID, bytes]]) -> tuple[list[Opened], list[Noise]]:
    """Open what can be opened. A letter whose week's key is missing is left where it is, for a person to look at."""
    opened: list[Opened] = []
    noise: list[Noise] = []
    for letter, sealed in waiting:
        try:
            payload, _week = keyring.open_letter(sealed)
        except keyring.NoSuchKey:
            continue
        except keyring.Unreadable:
            noise.append(Noise(letter))
            continue
        opened.append(Opened(letter, payload))
    return opened, noise


def lock(payload: dict[str, Any]) -> dict[str, Any]:
    """Read a box's lock out of a letter. Raises `seal.Unreadable` when it is not whole."""
    return asdict(seal.NewBox.from_payload(payload.get("box")))


#: What a letter may carry besides its moments: plain words or nothing.
_WORDS = ("text", "door", "language", "wish", "where", "when", "theme", "age_band", "proposal", "address", "number")


def sound(payload: dict[str, Any]) -> None:
    """Check that a letter is whole, and set its moment right. Raises `seal.Unreadable`, `ValueError` or `KeyError`.

    What only our own door writes could be written by somebody who took the door over: a letter that a later room
    stumbles over would make it stumble at every round.
    """
    if payload.get("kind") in ("burn", "rekey", "drill"):
        return
    now = clock.now()
    payload["written_at"] = rules.moment(payload["written_at"], now).isoformat()
    payload["answer_by"] = rules.moment(payload["answer_by"], now).isoformat()
    plain = all(payload.get(name) is None or isinstance(payload[name], str) for name in _WORDS)
    receipt, reach = payload.get("receipt"), payload.get("reach")
    whole = receipt is None or len(bytes.fromhex(receipt)) == 32
    if not plain or not whole or not (reach is None or isinstance(reach, dict)) or not payload.get("door"):
        raise seal.Unreadable("The letter is not written as our door writes.")
