"""The public half of the secrets: sealed letters, tokens, and the reading of answers.

The door lives by this file (and `returnkey`, which it hands on). It holds no private key, touches no database and
invents nothing: each step is one call to libsodium. Nothing here puts a secret into an exception, a `repr` or a log.
"""

import base64
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import Aead
from nacl.signing import VerifyKey

from brobygger.ground import clock

from .returnkey import (
    ALPHABET,
    KDF,
    NUMBER,
    BoxSecrets,
    Busy,
    KdfCost,
    KeyMistyped,
    NewBox,
    ReturnKey,
    Unreadable,
    WrongKey,
    derive,
    new_box,
    new_return_key,
    open_box,
    pretend,
    read_key,
    same,
    token_hash,
)

__all__ = [
    "ALPHABET",
    "KDF",
    "NUMBER",
    "BoxSecrets",
    "Busy",
    "KdfCost",
    "KeyMistyped",
    "NewBox",
    "ReturnKey",
    "Unreadable",
    "WrongKey",
    "derive",
    "new_box",
    "new_return_key",
    "open_box",
    "pretend",
    "read_key",
    "same",
    "token_hash",
]


class TooLong(Exception):
    """The letter does not fit into the largest envelope."""


class NoKeys(Exception):
    """The door has no public key to seal with; the message says what is missing."""


class Forged(Exception):
    """The answer was not signed by this house for this box."""


class TokenForged(Exception):
    """The token was not made here, or not for this purpose."""


class TokenExpired(Exception):
    """The token was made here, but too long ago; `payload` is what it held."""

    def __init__(self, payload: dict[str, Any]) -> None:
        """Keep what the token held, out of the message."""
        super().__init__()
        self.payload = payload


# --- envelopes: JSON in few sizes ------------------------------------------------------------------------------------

SIZES = (1024, 4 * 1024, 16 * 1024, 64 * 1024)


def pad(data: bytes, sizes: Iterable[int] = SIZES) -> bytes:
    """Fill up to the next of a few sizes, so that the length tells little. Raises `TooLong`."""
    for size in sizes:
        if len(data) < size:
            return sodium_pad(data, size)
    raise TooLong


def unpad(data: bytes) -> bytes:
    """Take the filling away again. Raises `Unreadable`."""
    try:
        return sodium_unpad(data, len(data))
    except (CryptoError, ValueError, TypeError):
        raise Unreadable("The filling is damaged.") from None


def packed(payload: Mapping[str, Any]) -> bytes:
    """Write a payload as compact JSON."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def unpacked(data: bytes) -> dict[str, Any]:
    """Read a payload from JSON; anything but an object raises `Unreadable`."""
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise Unreadable("What was sealed is not written as we write.")
    return payload


# --- letters ---------------------------------------------------------------------------------------------------------

_LETTER = b"\x01"
_WEEK = re.compile(r"[0-9]{4}-W[0-9]{2}")


def week(moment: datetime) -> str:
    """Name the ISO week of a moment, in Danish wall-clock time: 2026-W47."""
    year, number, _day = clock.local(moment).isocalendar()
    return f"{year:04}-W{number:02}"


@dataclass(frozen=True, slots=True)
class DoorKeys:
    """The public keys the door holds: one per week to seal with, one per year to know our answers by."""

    intake: dict[str, bytes]
    verify: dict[str, bytes]

    def current(self, now: datetime | None = None) -> str:
        """Choose this week's key, or else the newest we have. Raises `NoKeys`."""
        if not self.intake:
            raise NoKeys("The door has no key to seal letters with. Run: manage.py rotate")
        this = week(now or clock.now())
        return this if this in self.intake else max(self.intake)


_read: dict[Path, tuple[tuple[int, int, int], DoorKeys]] = {}


def door_keys() -> DoorKeys:
    """Read the door's public keys from their file, anew whenever the file has changed. Raises `NoKeys`."""
    path = Path(settings.DOOR_KEYS_FILE)
    try:
        found = path.stat()
        mark = (found.st_mtime_ns, found.st_ino, found.st_size)
        if path not in _read or _read[path][0] != mark:
            data = json.loads(path.read_bytes())
            intake = {name: bytes.fromhex(key) for name, key in data["intake"].items() if _WEEK.fullmatch(name)}
            verify = {name: bytes.fromhex(key) for name, key in data["verify"].items()}
            _read[path] = mark, DoorKeys(intake, verify)
    except FileNotFoundError:
        raise NoKeys(f"The door's public keys are not at {path}. Run: manage.py install") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NoKeys(f"The door's public keys at {path} cannot be read. Run: manage.py rotate") from None
    return _read[path][1]


def seal_letter(payload: Mapping[str, Any], public_keys: DoorKeys | None = None, week: str | None = None) -> bytes:
    """Seal a letter to the key of its week: version, week, sealed box of the filled-up JSON. Raises `TooLong`."""
    public_keys = public_keys or door_keys()
    week = week or public_keys.current()
    if week not in public_keys.intake:
        raise NoKeys(f"The door has no key for {week}. Run: manage.py rotate")
    sealed = SealedBox(PublicKey(public_keys.intake[week])).encrypt(pad(packed(payload)))
    return _LETTER + week.encode() + sealed


def week_of(sealed: bytes) -> str:
    """Read which week's key opens a letter. Raises `Unreadable`."""
    name = bytes(sealed[1:9]).decode("ascii", "replace")
    if bytes(sealed[:1]) != _LETTER or not _WEEK.fullmatch(name):
        raise Unreadable("This is not a letter as we seal them.")
    return name


def letter_box(sealed: bytes) -> bytes:
    """Hand out the sealed box inside a letter."""
    return bytes(sealed[9:])


# --- answers ---------------------------------------------------------------------------------------------------------

_ANSWER = b"\x01"
_SIGNATURE = 64


def answer_context(box_id: UUID, answer_id: UUID) -> bytes:
    """Name the box and the answer that a signature is for, so that rows cannot be swapped."""
    return b"answer|" + box_id.bytes + answer_id.bytes


def signed_part(context: bytes, box: bytes) -> bytes:
    """Write down exactly what is signed."""
    return b"brobygger answer 1|" + len(context).to_bytes(4, "big") + context + box


def open_answer(
    sealed: bytes, private: bytes, verify_keys: Mapping[str, bytes] | Iterable[bytes], context: bytes
) -> dict[str, Any]:
    """Check that we signed an answer for this very box, then open it. Raises `Forged`."""
    sealed = bytes(sealed)
    signature, box = sealed[1 : 1 + _SIGNATURE], sealed[1 + _SIGNATURE :]
    keys = verify_keys.values() if isinstance(verify_keys, Mapping) else verify_keys
    if sealed[:1] != _ANSWER or not any(_signed(key, signed_part(context, box), signature) for key in keys):
        raise Forged
    try:
        return unpacked(unpad(SealedBox(PrivateKey(private)).decrypt(box)))
    except (CryptoError, ValueError, TypeError, Unreadable):
        raise Forged from None


def _signed(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, CryptoError, ValueError, TypeError):
        return False
    return True


# --- form tokens, tickets, receipts ----------------------------------------------------------------------------------

_TOKEN = b"\x01"
_TOKEN_SIGNS = re.compile(r"[A-Za-z0-9_-]{60,16000}")


def _about(purpose: str) -> bytes:
    return b"brobygger token 1|" + purpose.encode()


def seal_token(payload: Mapping[str, Any], purpose: str, secret: bytes | None = None) -> str:
    """Seal what a form must carry, with the time, for one purpose."""
    data = packed({"at": clock.now().timestamp(), "is": payload})
    sealed = Aead(secret or settings.FORM_SECRET).encrypt(data, aad=_about(purpose))
    return base64.urlsafe_b64encode(_TOKEN + sealed).decode().rstrip("=")


def open_token(text: str | None, purpose: str, max_age: timedelta, secret: bytes | None = None) -> dict[str, Any]:
    """Open what a form carried. Raises `TokenForged`, or `TokenExpired` with its payload; never anything else."""
    if not isinstance(text, str) or not _TOKEN_SIGNS.fullmatch(text):
        raise TokenForged
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if sealed[:1] != _TOKEN:
            raise TokenForged
        held = unpacked(Aead(secret or settings.FORM_SECRET).decrypt(sealed[1:], aad=_about(purpose)))
        at, payload = float(held["at"]), held["is"]
    except (CryptoError, ValueError, TypeError, KeyError, Unreadable):
        raise TokenForged from None
    if abs(clock.now().timestamp() - at) > max_age.total_seconds():
        raise TokenExpired(payload)
    return payload


def new_receipt_key() -> bytes:
    """Draw a key for a receipt."""
    return secrets.token_bytes(Aead.KEY_SIZE)


def seal_receipt(payload: Mapping[str, Any], key: bytes) -> bytes:
    """Seal a receipt, filled up. Raises `TooLong`."""
    return bytes(Aead(key).encrypt(pad(packed(payload)), aad=b"brobygger receipt 1"))


def open_receipt(sealed: bytes, key: bytes) -> dict[str, Any]:
    """Open a receipt. Raises `WrongKey`."""
    try:
        return unpacked(unpad(Aead(key).decrypt(bytes(sealed), aad=b"brobygger receipt 1")))
    except (CryptoError, ValueError, TypeError, Unreadable):
        raise WrongKey from None
