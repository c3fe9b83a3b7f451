"""The files that hold the house's private keys: the master key, the key ring under it, the public keys for the door.

Three places on purpose: the wrapped data keys lie in a database, the keys that wrap them in the ring, and the key of
the ring comes from elsewhere. A copy of any one is worthless. Only `keyring` imports this.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.public import PrivateKey
from nacl.secret import Aead
from nacl.signing import SigningKey

from brobygger.ground import clock

from . import seal

_AAD = b"brobygger ring 1"
#: An answer lies out at most 90 + 7 days; its signature must be known as long.
ANSWERS_LIVE = timedelta(days=97)
#: A week's key is destroyed when its week has been over this long and all its letters are opened.
WEEK_KEPT = timedelta(days=8)


class NoMasterKey(Exception):
    """The master key is missing or not as we write it; the message says what to do."""


class NoRing(Exception):
    """The key ring is missing or does not belong to this master key; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the three files lie."""

    master: Path
    ring: Path
    door: Path

    @classmethod
    def ours(cls) -> Self:
        """Ask the settings, now."""
        return cls(Path(settings.MASTER_KEY_FILE), Path(settings.KEY_RING_FILE), Path(settings.DOOR_KEYS_FILE))

    @classmethod
    def within(cls, directory: Path) -> Self:
        """Lay the three out below one directory, as a new house does."""
        return cls(directory / "secret/master.key", directory / "ring/ring.json", directory / "door/public-keys.json")


@dataclass(slots=True)
class Ring:
    """The opened ring: a private key per week, a wrapping key per month, a signing seed per year. All as hex."""

    intake: dict[str, str] = field(default_factory=dict, repr=False)
    wrap: dict[str, str] = field(default_factory=dict, repr=False)
    sign: dict[str, str] = field(default_factory=dict, repr=False)
    #: year -> [verify key, last day it is needed or ""]
    verify: dict[str, list[str]] = field(default_factory=dict)

    def newest_month(self) -> str:
        """Name the month whose key wraps new data keys."""
        return max(self.wrap)

    def make(self, now: datetime) -> list[str]:
        """Add the keys of this and next week, this month and this year, where they are missing; name what was made."""
        here = clock.local(now)
        made = []
        for name in (seal.week(now), seal.week(now + timedelta(days=7))):
            if name not in self.intake:
                self.intake[name] = bytes(PrivateKey.generate()).hex()
                made.append(f"week key {name}")
        if (month := f"{here:%Y-%m}") not in self.wrap:
            self.wrap[month] = secrets.token_hex(Aead.KEY_SIZE)
            made.append(f"month key {month}")
        if (year := f"{here:%Y}") not in self.sign:
            signing = SigningKey.generate()
            self.sign[year] = bytes(signing).hex()
            self.verify[year] = [bytes(signing.verify_key).hex(), ""]
            made.append(f"signing key {year}")
        return made

    def drop_weeks_and_years(self, now: datetime, pending_weeks: set[str]) -> list[str]:
        """Forget what no letter and no answer needs any more; name what was destroyed."""
        today = clock.local(now).date()
        over = [name for name in self.intake if today - _week_ended(name) >= WEEK_KEPT and name not in pending_weeks]
        for name in over:
            del self.intake[name]
        old = [year for year in self.sign if year < max(self.sign)]
        for year in old:
            del self.sign[year]
            self.verify[year][1] = str(today + ANSWERS_LIVE)
        for year in [year for year, (_key, until) in self.verify.items() if until and until < str(today)]:
            del self.verify[year]
        return [f"week key {name}" for name in over] + [f"signing key {year}" for year in old]

    def public(self, now: datetime) -> dict[str, dict[str, str]]:
        """Write down what the door may know: public keys of this and next week, and how to know our answers."""
        weeks = {seal.week(now), seal.week(now + timedelta(days=7))} & set(self.intake)
        intake = {name: bytes(PrivateKey(bytes.fromhex(self.intake[name])).public_key).hex() for name in sorted(weeks)}
        return {"intake": intake, "verify": {year: key for year, (key, _until) in sorted(self.verify.items())}}


def _week_ended(name: str) -> date:
    """The Monday after an ISO week."""
    return date.fromisocalendar(int(name[:4]), int(name[6:]), 1) + timedelta(days=7)


def subkey(master: bytes, purpose: str) -> bytes:
    """Make a key for one purpose from the master key."""
    return blake2b(purpose.encode(), digest_size=32, key=master, person=b"brobygger subkey", encoder=RawEncoder)


# --- files -----------------------------------------------------------------------------------------------------------

_seen: dict[Path, tuple[tuple[int, int, int], Any]] = {}


def _mark(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ctime_ns, found.st_ino, found.st_size


def load_master(places: Places | None = None) -> bytes:
    """Read the master key, anew when its file has changed. Raises `NoMasterKey`."""
    path = (places or Places.ours()).master
    try:
        mark = _mark(path)
        if path not in _seen or _seen[path][0] != mark:
            if path.stat().st_mode & 0o007:
                raise NoMasterKey(f"Anybody on this machine may read the master key. Run: chmod 600 {path}")
            key = bytes.fromhex(path.read_text().strip())
            if len(key) != Aead.KEY_SIZE:
                raise ValueError
            _seen[path] = mark, key
    except FileNotFoundError:
        raise NoMasterKey(f"The master key is not at {path}. A new house is made by: manage.py install") from None
    except (OSError, ValueError):
        raise NoMasterKey(
            f"The master key at {path} cannot be read. It is 64 hexadecimal digits on one line."
        ) from None
    return _seen[path][1]


def load_ring(places: Places | None = None) -> Ring:
    """Open the key ring, anew when its file has changed. Do not change what you are given. Raises `NoRing`."""
    places = places or Places.ours()
    master = load_master(places)
    try:
        mark = _mark(places.ring)
        if places.ring not in _seen or _seen[places.ring][0] != mark:
            _seen[places.ring] = mark, open_ring(places.ring.read_bytes(), master, f"at {places.ring}")
    except FileNotFoundError:
        raise NoRing(f"The key ring is not at {places.ring}. Bring it back from its backup.") from None
    return _seen[places.ring][1]


def open_ring(data: bytes, master: bytes, where: str = "in the copy") -> Ring:
    """Open what lies in a ring's file. Raises `NoRing`."""
    try:
        sealed = bytes.fromhex(json.loads(data)["sealed"])
        return Ring(**json.loads(Aead(subkey(master, "ring")).decrypt(sealed, aad=_AAD)))
    except (CryptoError, ValueError, KeyError, TypeError):
        raise NoRing(f"The key ring {where} is damaged, or belongs to another master key.") from None


def store_ring(ring: Ring, places: Places) -> None:
    """Seal the ring and put it in its place in one step; on disk when this returns."""
    key = subkey(load_master(places), "ring")
    sealed = Aead(key).encrypt(json.dumps(asdict(ring)).encode(), aad=_AAD)
    put(places.ring, json.dumps({"version": 1, "sealed": bytes(sealed).hex()}).encode(), 0o600)


def publish(ring: Ring, now: datetime, places: Places) -> None:
    """Give the door its public keys, unless it has them already."""
    data = json.dumps(ring.public(now), indent=1).encode()
    if not places.door.exists() or places.door.read_bytes() != data:
        put(places.door, data, 0o644)


def put(path: Path, data: bytes, mode: int) -> None:
    """Replace a file by one rename, so that a reader or a crash meets the old one or the new one, whole."""
    room(path, mode)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(new, data, mode)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    _settle(path.parent)


def room(path: Path, mode: int) -> None:
    """Make the directory of a file, closed to others if the file is."""
    path.parent.mkdir(mode=0o755 if mode & 0o004 else 0o700, parents=True, exist_ok=True)


def create(path: Path, data: bytes, mode: int) -> None:
    """Write a file that must not exist yet."""
    room(path, mode)
    _write(path, data, mode)
    _settle(path.parent)


def _write(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())


def _settle(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(places: Places) -> Iterator[None]:
    """Let one process (and one thread) at a time change the ring."""
    room(places.ring, 0o600)
    handle = os.open(places.ring.with_name(places.ring.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def found(directory: Path | str | None = None, now: datetime | None = None) -> Places:
    """Make the keys of a new house where there are none, and say where they lie. Never overwrites a key."""
    places = Places.within(Path(directory)) if directory else Places.ours()
    now = now or clock.now()
    with locked(places):
        if not places.master.exists():
            if places.ring.exists():
                raise NoMasterKey(f"There is a key ring, but its master key is not at {places.master}. Bring it back.")
            create(places.master, secrets.token_hex(Aead.KEY_SIZE).encode() + b"\n", 0o600)
        if places.ring.exists():
            ring = load_ring(places)
        else:
            ring = Ring()
            ring.make(now)
            store_ring(ring, places)
        if not places.door.exists():
            publish(ring, now, places)
    return places
