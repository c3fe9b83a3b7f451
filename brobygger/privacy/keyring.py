"""The private half of the secrets: opening letters, sealing threads and identities, signing answers, turning keys.

No view and no door imports this. A data key is 32 random bytes that seal one thread's content; it lies wrapped by the
key of the month in the database `keys`. Destroying its row destroys the content, here and, once seven days have passed,
in every backup we made.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, router, transaction
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import Aead
from nacl.signing import SigningKey

from . import queries, services
from . import seal as public
from .models import DataKey
from .returnkey import Unreadable
from .ring import (
    NoMasterKey,
    NoRing,
    Places,
    Ring,
    found,
    load_master,
    load_ring,
    locked,
    open_ring,
    publish,
    store_ring,
    subkey,
)

__all__ = [
    "NoMasterKey", "NoRing", "Places", "Ring", "Unreadable", "found", "load_master", "load_ring", "locked",
]  # fmt: skip


class NoSuchKey(Unreadable):
    """The key of that week is not in the ring: destroyed, or never ours."""


class Shredded(Exception):
    """The key was destroyed; what it sealed is gone for ever."""


log = logging.getLogger(__name__)
_ROW = b"\x01"
_BATCH = 500
_SIZES = (256, *public.SIZES, *(64 * 1024 * times for times in range(2, 17)))

#: What may be sealed, and what comes back: bytes, or a JSON object.
Plain = bytes | Mapping[str, Any]


# --- letters and answers ---------------------------------------------------------------------------------------------


def weeks() -> set[str]:
    """Name the weeks whose letters can be opened."""
    return set(load_ring().intake)


def open_letter(sealed: bytes) -> tuple[dict[str, Any], str]:
    """Open a letter from the door: what it says, and the week it was sealed in. Raises `NoSuchKey`, `Unreadable`."""
    week = public.week_of(sealed)
    private = load_ring().intake.get(week)
    if private is None:
        raise NoSuchKey(f"The key of {week} is destroyed or was never ours.")
    try:
        data = SealedBox(PrivateKey(bytes.fromhex(private))).decrypt(public.letter_box(sealed))
    except (CryptoError, ValueError, TypeError):
        raise Unreadable("The letter is damaged, or not sealed to our key.") from None
    return public.unpacked(public.unpad(data)), week


def seal_answer(payload: Mapping[str, Any], box_public: bytes, context: bytes) -> bytes:
    """Seal an answer to a box and sign it for that box alone (`seal.answer_context`). Raises `TooLong`."""
    box = SealedBox(PublicKey(bytes(box_public))).encrypt(public.pad(public.packed(payload)))
    ring = load_ring()
    signature = SigningKey(bytes.fromhex(ring.sign[max(ring.sign)])).sign(public.signed_part(context, box)).signature
    return b"\x01" + signature + box


# --- data keys -------------------------------------------------------------------------------------------------------


def _store() -> str:
    return router.db_for_write(DataKey)


@contextmanager
def undone_together() -> Iterator[None]:
    """Take keys made within back when what they are for fails: one that is tried every round leaves none behind."""
    with transaction.atomic(using=_store()):
        yield


def new_data_key(*, about: UUID, kind: str = "content") -> UUID:
    """Make the key of a thing and name it. Asked again about the same thing and kind: the same key, until shredded.

    So a deed that fell over half way and is done again leaves no key behind. What shall end apart needs a kind of its
    own. A name that was destroyed is not used again: a copy of the old key must stay destroyed beside the new one.
    """
    return new_data_keys([about], kind=kind)[0]


def new_data_keys(about: Iterable[UUID], *, kind: str = "content") -> list[UUID]:
    """Make the keys of many things in one step, in order."""
    ids = [_key_id(one, kind) for one in about]
    with _wrapping() as ring:
        while dead := queries.buried(ids):
            ids = [_key_id(each, kind) if each in dead else each for each in ids]
        month = ring.newest_month()
        there = {row.pk for row in _rows(ids)}
        missing = [key_id for key_id in dict.fromkeys(ids) if key_id not in there]
        wrapped = [_wrap(ring, month, key_id, secrets.token_bytes(Aead.KEY_SIZE)) for key_id in missing]
        rows = [DataKey(id=key_id, month=month, wrapped=key) for key_id, key in zip(missing, wrapped, strict=True)]
        # Another process may make the same key in the same moment; whichever is first is the key.
        DataKey.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    return ids


def _key_id(about: UUID, kind: str) -> UUID:
    return UUID(bytes=hashlib.blake2b(about.bytes + kind.encode(), digest_size=16, person=b"brobygger key").digest())


def _rows(ids: Iterable[UUID]) -> list[DataKey]:
    wanted = list(dict.fromkeys(ids))
    return [
        row for at in range(0, len(wanted), _BATCH) for row in DataKey.objects.filter(pk__in=wanted[at : at + _BATCH])
    ]


@contextmanager
def _wrapping(mode: str = "ROW EXCLUSIVE") -> Iterator[Ring]:
    """Hold the key table while reading the ring, so that no month key is destroyed between wrapping and storing.

    SQLite's transactions here are immediate: one writer at a time. PostgreSQL is asked for the lock by name.
    """
    with transaction.atomic(using=_store()):
        connection = connections[_store()]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {DataKey._meta.db_table} IN {mode} MODE")
        yield load_ring()


def _wrap(ring: Ring, month: str, key_id: UUID, key: bytes) -> bytes:
    return bytes(Aead(bytes.fromhex(ring.wrap[month])).encrypt(key, aad=_ROW + key_id.bytes))


def _unwrap(ring: Ring, row: DataKey) -> bytes:
    try:
        return Aead(bytes.fromhex(ring.wrap[row.month])).decrypt(bytes(row.wrapped), aad=_ROW + row.pk.bytes)
    except KeyError:
        raise Unreadable(f"The ring has no key for {row.month}.") from None
    except (CryptoError, ValueError, TypeError):
        raise Unreadable("A wrapped key is damaged.") from None


def _fetch(ids: Iterable[UUID]) -> dict[UUID, bytes | Unreadable]:
    """Fetch data keys, one query for all; a second one if the month was turned in between."""
    wanted = set(ids)
    keys: dict[UUID, bytes | Unreadable] = {}
    for _attempt in range(2):
        rows = _rows(key_id for key_id in wanted if not isinstance(keys.get(key_id), bytes))
        ring = load_ring()
        for row in rows:
            try:
                keys[row.pk] = _unwrap(ring, row)
            except Unreadable as why:
                keys[row.pk] = why
        if not any(isinstance(key, Unreadable) for key in keys.values()):
            break
    return keys


def _chosen(keys: Mapping[UUID, bytes | Unreadable], key_id: UUID) -> bytes:
    """Pick one of the fetched keys, or raise what became of it: `Shredded`, `Unreadable`."""
    if key_id not in keys:
        raise Shredded
    key = keys[key_id]
    if isinstance(key, Unreadable):
        raise key
    return key


def shred(*key_ids: UUID) -> None:
    """Destroy data keys, overwriting them first; what they sealed can never be opened again."""
    with transaction.atomic(using=_store()):
        rows = DataKey.objects.filter(pk__in=key_ids)
        rows.update(wrapped=secrets.token_bytes(72))
        rows.delete()
        services.bury(ids=key_ids, by="keeper")


def ring_from(data: bytes) -> Ring:
    """Open a copy of the ring with today's master key. Raises `NoMasterKey`, `NoRing`."""
    return open_ring(data, load_master())


def unwraps(ring: Ring, key_id: UUID, wrapped: bytes) -> bool:
    """Tell whether any key of a ring opens a wrapped data key, from wherever it comes."""
    for key in ring.wrap.values():
        try:
            Aead(bytes.fromhex(key)).decrypt(wrapped, aad=_ROW + key_id.bytes)
        except (CryptoError, ValueError, TypeError):
            continue
        return True
    return False


# --- sealing under a data key -----------------------------------------------------------------------------------------


def place(table: str, row: object, column: str, version: int = 1) -> str:
    """Name where a sealed value stands, to be its `context`: moved anywhere else, it does not open."""
    return f"{table}|{row}|{column}|{version}"


def _aad(key_id: UUID, context: str) -> bytes:
    return b"brobygger row 1|" + key_id.bytes + context.encode()


def seal(key_id: UUID, plain: Plain, *, context: str) -> bytes:
    """Seal bytes or a JSON object under a data key, for one place (`place`). Raises `Shredded`, `TooLong`."""
    return seal_many([(key_id, plain, context)])[0]


def open_sealed(key_id: UUID, sealed: bytes, *, context: str) -> Any:
    """Open what `seal` sealed, as bytes or dict again. Raises `Shredded`, `Unreadable`."""
    return _open(_chosen(_fetch([key_id]), key_id), key_id, sealed, context)


def seal_many(things: Iterable[tuple[UUID, Plain, str]]) -> list[bytes]:
    """Seal many (key, plain, context), with one question to the key store. Raises `Shredded`, `TooLong`."""
    things = list(things)
    keys = _fetch(key_id for key_id, _plain, _context in things)
    return [_seal(_chosen(keys, key_id), key_id, plain, context) for key_id, plain, context in things]


def open_many(things: Iterable[tuple[UUID, bytes, str]]) -> list[Any]:
    """Open many (key, sealed, context), with one question to the key store. None where one is shredded or damaged."""
    things = list(things)
    keys = _fetch(key_id for key_id, _sealed, _context in things)
    opened: list[Any] = []
    for key_id, sealed, context in things:
        try:
            opened.append(_open(_chosen(keys, key_id), key_id, sealed, context))
        except Shredded:
            opened.append(None)
        except Unreadable as why:
            log.error("A sealed value cannot be opened: %s", why)
            opened.append(None)
    return opened


def _seal(key: bytes, key_id: UUID, plain: Plain, context: str) -> bytes:
    data = b"b" + plain if isinstance(plain, bytes) else b"j" + public.packed(plain)
    return _ROW + bytes(Aead(key).encrypt(public.pad(data, _SIZES), aad=_aad(key_id, context)))


def _open(key: bytes, key_id: UUID, sealed: bytes, context: str) -> Any:
    sealed = bytes(sealed)
    try:
        if sealed[:1] != _ROW:
            raise ValueError
        data = public.unpad(Aead(key).decrypt(sealed[1:], aad=_aad(key_id, context)))
    except (CryptoError, ValueError, TypeError):
        raise Unreadable("A sealed value is damaged, or stands in another place than it was sealed for.") from None
    return data[1:] if data[:1] == b"b" else public.unpacked(data[1:])


# --- small things at rest ---------------------------------------------------------------------------------------------


def derived(purpose: str) -> bytes:
    """Make a 32-byte key for one purpose from the master key."""
    return subkey(load_master(), f"small|{purpose}")


def seal_small(purpose: str, plain: bytes) -> str:
    """Seal a small secret at rest (a second factor, say) under the master key."""
    return bytes(Aead(derived(purpose)).encrypt(plain, aad=purpose.encode())).hex()


def open_small(purpose: str, text: str) -> bytes:
    """Open a small secret again. Raises `Unreadable`."""
    try:
        return Aead(derived(purpose)).decrypt(bytes.fromhex(text), aad=purpose.encode())
    except (CryptoError, ValueError, TypeError):
        raise Unreadable("A small secret is damaged, or was sealed for another purpose.") from None


# --- turning the keys ------------------------------------------------------------------------------------------------


@dataclass
class Rotation:
    """What a turning of the keys did."""

    made: list[str] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    rewrapped: int = 0
    damaged: int = 0

    @property
    def report(self) -> str:
        """Say it in a sentence or four."""
        said = [f"Made: {', '.join(self.made)}." if self.made else "Nothing to make."]
        if self.rewrapped:
            said.append(f"Wrapped anew: {self.rewrapped}.")
        if self.destroyed:
            said.append(f"Destroyed: {', '.join(self.destroyed)}.")
        if self.damaged:
            said.append(f"NOT wrapped anew, because damaged: {self.damaged}; their month's key is kept.")
        return " ".join(said)


def rotate(now: datetime, *, pending_weeks: set[str] | frozenset[str] = frozenset()) -> Rotation:
    """Make the keys of the time, wrap what lives anew, destroy the keys that are over. Safe to repeat after a crash.

    The order is the promise: new keys are on disk before the door learns of them, living data keys are wrapped anew
    and committed before the old month's key is destroyed. Not to be called inside a transaction.
    """
    places = Places.ours()
    done = Rotation()
    with locked(places):
        ring = deepcopy(load_ring(places))
        done.made = ring.make(now)
        if done.made:
            store_ring(ring, places)
        publish(ring, now, places)
        _turn_months(ring, places, done)
        destroyed = ring.drop_weeks_and_years(now, set(pending_weeks))
        if destroyed:
            store_ring(ring, places)
        done.destroyed += destroyed
        publish(ring, now, places)
    settle()
    return done


def _turn_months(ring: Ring, places: Places, done: Rotation) -> None:
    """Wrap every data key of an older month by the newest month's key, then destroy the older months' keys."""
    newest = ring.newest_month()
    older = [month for month in ring.wrap if month != newest]
    if not older:
        return
    last = UUID(int=0)
    while batch := list(DataKey.objects.filter(pk__gt=last).exclude(month=newest).order_by("pk")[:_BATCH]):
        last = batch[-1].pk
        _wrap_anew(batch, ring, newest, done)
    with _wrapping("SHARE ROW EXCLUSIVE"):
        # Nobody can store a key now. What came in under an old key since the loop, or is damaged, keeps that key alive.
        needed = set(DataKey.objects.exclude(month=newest).values_list("month", flat=True))
        over = [month for month in older if month not in needed]
        if over:
            for month in over:
                del ring.wrap[month]
            store_ring(ring, places)
            done.destroyed += [f"month key {month}" for month in over]


def _wrap_anew(rows: list[DataKey], ring: Ring, month: str, done: Rotation) -> None:
    with transaction.atomic(using=_store()):
        for row in rows:
            try:
                wrapped = _wrap(ring, month, row.pk, _unwrap(ring, row))
            except Unreadable:
                done.damaged += 1
                continue
            # Only if it is still there and as we read it: a key shredded meanwhile stays shredded.
            done.rewrapped += DataKey.objects.filter(pk=row.pk, month=row.month).update(wrapped=wrapped, month=month)


def settle() -> None:
    """Make the database write over what was destroyed: its log and, on PostgreSQL, its old row versions."""
    connection = connections[_store()]
    if connection.in_atomic_block:
        return
    command = "PRAGMA wal_checkpoint(TRUNCATE)"
    if connection.vendor == "postgresql":
        command = f"VACUUM (FULL) {DataKey._meta.db_table}"
    with connection.cursor() as cursor:
        cursor.execute(command)
