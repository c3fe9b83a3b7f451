"""Plain rules of the copies: what they are called, how long each lives, and how a private key is written on a sheet."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

#: The form a copy is written in; a reader that does not know it says so.
FORMAT = 1
CONTENT, KEYS = "content", "keys"
KINDS = (CONTENT, KEYS)
#: For how many days a copy lives. What was destroyed is gone for good when the keys' days have passed.
KEPT = {CONTENT: 30, KEYS: 7}
#: A day, and some patience with the machine.
STALE = timedelta(hours=26)
_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(content|keys)-(\d{8}T\d{6}Z)\.brobygger")

#: Crockford's base32: no I, L, O or U, so that what is typed from paper is not misread.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_KEY_SIGNS, _CHECK_SIGNS, _GROUP = 52, 4, 4
#: Looked for from every word on: one of four signs may stand before the key.
_SHEET = re.compile(rf"(?<![0-9A-Z])(?=((?:[0-9A-Z]{{{_GROUP}}}[\s-]+){{13}}[0-9A-Z]{{{_GROUP}}})(?![0-9A-Z]))")


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy, as its name tells it."""

    kind: str
    made: datetime

    @property
    def name(self) -> str:
        """Say what the file is called."""
        return f"{self.kind}-{self.made.astimezone(UTC):{_STAMP}}.brobygger"


def read_name(name: str) -> Copy | None:
    """Read a copy's name; None when it is something else."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    try:
        return Copy(found[1], datetime.strptime(found[2], _STAMP).replace(tzinfo=UTC))
    except ValueError:
        return None


def outlived(kind: str, made_on: date, today: date) -> bool:
    """Tell whether a copy's days have passed."""
    return made_on <= today - timedelta(days=KEPT[kind])


def gone_by(kind: str, made_on: date) -> date:
    """Name the day on which a copy is deleted."""
    return made_on + timedelta(days=KEPT[kind])


def is_stale(newest: datetime | None, now: datetime) -> bool:
    """Tell whether the newest copy is too old, or there is none."""
    return newest is None or now - newest > STALE


# --- private keys on paper -------------------------------------------------------------------------------------------


def sheet(kind: str, private: bytes) -> str:
    """Write a private key in fourteen groups of four; the last one tells a typing error, and which copies it is for."""
    number = int.from_bytes(private, "big")
    signs = "".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(_KEY_SIGNS)))
    signs += _check(kind, private)
    return " ".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))


def read_sheets(text: str) -> list[tuple[str, bytes]]:
    """Find the private keys in a typed text, each with the kind of copies it opens; what is mistyped is not found."""
    typed = text.upper().translate(str.maketrans("OIL", "011"))
    found = (_read(re.sub(r"[\s-]", "", each)) for each in _SHEET.findall(typed))
    return [each for each in found if each]


def _read(signs: str) -> tuple[str, bytes] | None:
    if not set(signs) <= set(_SIGNS):
        return None
    number = 0
    for sign in signs[:_KEY_SIGNS]:
        number = number << 5 | _SIGNS.index(sign)
    if number >> 256:
        return None
    private = number.to_bytes(32, "big")
    return next(((kind, private) for kind in KINDS if _check(kind, private) == signs[_KEY_SIGNS:]), None)


def _check(kind: str, private: bytes) -> str:
    digest = hashlib.blake2b(kind.encode() + private, digest_size=4, person=b"brobygger sheet").digest()
    number = int.from_bytes(digest, "big")
    return "".join(_SIGNS[number >> 5 * place & 31] for place in range(_CHECK_SIGNS))


def fingerprint(public: bytes) -> str:
    """Name a public key shortly, so that a sheet and a house can be told to belong together."""
    digits = hashlib.blake2b(public, digest_size=4).hexdigest().upper()
    return f"{digits[:4]} {digits[4:]}"


def several(numbers: Iterable[int]) -> str:
    """Write a sum as people read it."""
    return f"{sum(numbers):,}"
