"""Return keys and boxes: drawing, writing and reading a key, and the dear step from it to the secrets of one box.

Part of the public half (`seal` hands all of it on). Four groups of Crockford's base32: the first is the box number and
may be said aloud; eleven secret signs follow, and one check sign that is itself part of the secret.
"""

import secrets
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from nacl.bindings import sodium_memcmp
from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.public import PrivateKey
from nacl.pwhash import argon2id
from nacl.secret import SecretBox


class WrongKey(Exception):
    """This key does not open this box."""


class Unreadable(Exception):
    """What was sealed cannot be opened; the message says why, without content."""


class Busy(Exception):
    """Two people are unlocking already and the queue is long: try again in a minute."""


class KeyMistyped(Exception):
    """What was typed cannot be a return key; `sentence` may be shown to the one who typed."""

    def __init__(self, sentence: Any) -> None:
        """Keep the sentence, and nothing of what was typed."""
        super().__init__()
        self.sentence = sentence


# --- the dear step: from a return key to three secrets ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KdfCost:
    """What one guess at a return key costs: memory in bytes and passes over it."""

    memory: int
    passes: int


#: Versions are stored with each box, so that a dearer one may be added. 0 is for tests alone.
KDF = {0: KdfCost(8 * 2**20, 1), 1: KdfCost(128 * 2**20, 3)}
#: Two at once keep the door within its memory (256 MiB); the rest stand in line this long.
AT_ONCE, PATIENCE = 2, 8.0
_line = threading.BoundedSemaphore(AT_ONCE)
_usual: dict[int, float] = {}


@dataclass(frozen=True, slots=True)
class BoxSecrets:
    """What a return key becomes for one box: the wrapping key, and the tokens to write and to burn."""

    wrap: bytes = field(repr=False)
    post: bytes = field(repr=False)
    burn: bytes = field(repr=False)


@contextmanager
def _in_line() -> Iterator[None]:
    if not _line.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _line.release()


def cost_of(version: int) -> KdfCost:
    """Look up what a version costs; an unknown one, or the tests' one in a real house, is a ValueError."""
    if version not in KDF or (version == 0 and not settings.TESTING):
        raise ValueError(f"No such KDF version in a real house: {version}")
    return KDF[version]


def _hashed(data: bytes, person: bytes, key: bytes = b"") -> bytes:
    return blake2b(data, digest_size=32, key=key, person=person, encoder=RawEncoder)


def derive(secret: str, salt: bytes, version: int) -> BoxSecrets:
    """Turn the secret part of a return key into the three secrets of one box; slow on purpose. Raises `Busy`."""
    cost = cost_of(version)
    with _in_line():
        began = time.perf_counter()
        try:
            key = argon2id.kdf(32, secret.encode(), salt, opslimit=cost.passes, memlimit=cost.memory)
        except CryptoError as no_memory:
            raise Busy from no_memory
        took = time.perf_counter() - began
    _usual[version] = 0.7 * _usual.get(version, took) + 0.3 * took
    return BoxSecrets(*(_hashed(b"", person, key) for person in (b"box wrap", b"box post", b"box burn")))


def pretend(version: int) -> None:
    """Take as long as `derive` would, standing in the same line, without its work: there is no such box."""
    if version not in _usual:
        derive("", bytes(argon2id.SALTBYTES), version)
        return
    with _in_line():
        time.sleep(_usual[version])


def token_hash(token: bytes) -> bytes:
    """Hash a post or burn token, so that who reads the box table can use neither."""
    return _hashed(token, b"box token")


def same(one: bytes, other: bytes) -> bool:
    """Compare two hashes in constant time."""
    return len(one) == len(other) and sodium_memcmp(one, other)


# --- the return key --------------------------------------------------------------------------------------------------

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
_FORGIVEN = str.maketrans("OIL", "011")
NUMBER, SECRET, STRONG = 4, 11, 15


@dataclass(frozen=True, slots=True)
class ReturnKey:
    """A key to come back with: a box number that may be said aloud, and a secret that ends in its check sign."""

    number: str
    secret: str = field(repr=False)

    @property
    def shown(self) -> str:
        """Write the key as people see it: X49B-2QPH-13R1-M027."""
        signs = self.number + self.secret
        return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def _luhn(signs: str, factor: int) -> int:
    total = 0
    for sign in reversed(signs):
        value = _VALUE[sign] * factor
        total += value // 32 + value % 32
        factor = 3 - factor
    return total % 32


def with_check(number: str, signs: str) -> ReturnKey:
    """Make a key of a box number and secret signs by adding their check sign (Luhn's, to the base of 32)."""
    return ReturnKey(number, signs + ALPHABET[-_luhn(signs, 2) % 32])


def new_return_key(strong: bool = False) -> ReturnKey:
    """Draw a new return key; `strong` gives five groups (75 secret bits) instead of four (55)."""
    signs = "".join(secrets.choice(ALPHABET) for _place in range(NUMBER + (STRONG if strong else SECRET)))
    return with_check(signs[:NUMBER], signs[NUMBER:])


def read_key(text: str) -> ReturnKey:
    """Read a return key as people type it: any case, spaces, dashes, O for 0, I or L for 1. Raises `KeyMistyped`."""
    typed = unicodedata.normalize("NFKC", text[:200]).upper()
    signs = "".join(sign for sign in typed if sign.isalnum()).translate(_FORGIVEN)
    if len(signs) not in (NUMBER + SECRET + 1, NUMBER + STRONG + 1):
        sentence = _("A key has 16 letters and digits. You have typed %(count)d.")
        raise KeyMistyped(sentence % {"count": len(signs)})
    if "U" in signs:
        raise KeyMistyped(_("There is no U in our keys. Could it be a V?"))
    if not set(signs) <= set(ALPHABET):
        raise KeyMistyped(_("There is a letter in it that our keys do not have. Look at the key once more."))
    if _luhn(signs[NUMBER:], 1):
        raise KeyMistyped(_("One letter or digit is not right. Look at the last three groups once more."))
    return ReturnKey(signs[:NUMBER], signs[NUMBER:])


# --- boxes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewBox:
    """All that is stored of a box: its private key wrapped by the return key, its public key, two hashes."""

    number: str
    salt: bytes
    kdf_version: int
    wrapped_private: bytes
    public: bytes
    post_hash: bytes
    burn_hash: bytes

    def as_payload(self) -> dict[str, Any]:
        """Write the box as plain JSON values, to travel inside a letter."""
        values = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: value.hex() if isinstance(value, bytes) else value for name, value in values}

    @classmethod
    def from_payload(cls, payload: Any) -> Self:
        """Read a box from inside a letter, trusting nothing. Raises `Unreadable`."""
        try:
            sizes = {"salt": 16, "wrapped_private": 72, "public": 32, "post_hash": 32, "burn_hash": 32}
            read = {name: bytes.fromhex(payload[name]) for name in sizes}
            number, version = payload["number"], payload["kdf_version"]
            if any(len(read[name]) != size for name, size in sizes.items()) or type(version) is not int:
                raise ValueError
            cost_of(version)
            if len(number) != NUMBER or not set(number) <= set(ALPHABET):
                raise ValueError
            return cls(number=number, kdf_version=version, **read)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Unreadable("The letter carries no box that we understand.") from None


def new_box(key: ReturnKey, version: int | None = None, private: bytes | None = None) -> NewBox:
    """Make a box that only `key` opens; with `private` an old box gets a new key. Raises `Busy`."""
    version = settings.KDF_VERSION if version is None else version
    salt = secrets.token_bytes(argon2id.SALTBYTES)
    box_secrets = derive(key.secret, salt, version)
    pair = PrivateKey(private) if private else PrivateKey.generate()
    wrapped = bytes(SecretBox(box_secrets.wrap).encrypt(bytes(pair)))
    hashes = token_hash(box_secrets.post), token_hash(box_secrets.burn)
    return NewBox(key.number, salt, version, wrapped, bytes(pair.public_key), *hashes)


def open_box(box_secrets: BoxSecrets, wrapped_private: bytes) -> bytes:
    """Unwrap the private key of a box. Raises `WrongKey`."""
    try:
        return SecretBox(box_secrets.wrap).decrypt(bytes(wrapped_private))
    except (CryptoError, ValueError, TypeError):
        raise WrongKey from None
