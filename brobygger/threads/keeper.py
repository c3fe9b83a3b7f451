"""The keeper: reads sealed letters into plain values. No table is touched here."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from brobygger.privacy import keyring, seal


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
