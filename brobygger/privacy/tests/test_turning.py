"""Turning the keys over months and years, and falling over in the middle of it."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from nacl.public import PrivateKey

from brobygger.privacy import keyring, ring, seal
from brobygger.privacy.models import DataKey, Tombstone
from brobygger.privacy.tests.keys import found_in

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 19, 1, 10, tzinfo=UTC)
DECEMBER = NIGHT + timedelta(days=14)
HERE = keyring.place("message", 1, "body")


@pytest.fixture
def house(keys, tmp_path, settings) -> keyring.Places:
    """A new house on a Thursday night in November."""
    return found_in(tmp_path / "november", settings, now=NIGHT)


def _sealed(count: int) -> list[tuple[Any, bytes, str]]:
    keys = keyring.new_data_keys(uuid4() for _each in range(count))
    sealed = keyring.seal_many([(key, b"%d" % at, HERE) for at, key in enumerate(keys)])
    return [(key, value, HERE) for key, value in zip(keys, sealed, strict=True)]


def _all_open(things: list[tuple[Any, bytes, str]]) -> bool:
    return keyring.open_many(things) == [b"%d" % at for at in range(len(things))]


def test_turning_twice_changes_nothing(house) -> None:
    before = house.ring.read_bytes(), house.door.read_bytes()
    done = keyring.rotate(NIGHT)

    assert done.report == "Nothing to make."
    assert (house.ring.read_bytes(), house.door.read_bytes()) == before


def test_the_next_month_wraps_what_lives_anew_and_destroys_the_old_key(house, monkeypatch) -> None:
    monkeypatch.setattr(keyring, "_BATCH", 3)
    things = _sealed(10)

    done = keyring.rotate(DECEMBER)

    assert done.rewrapped == 10
    assert "month key 2026-11" in done.destroyed
    assert list(keyring.load_ring().wrap) == ["2026-12"]
    assert set(DataKey.objects.values_list("month", flat=True)) == {"2026-12"}
    assert _all_open(things)


def test_an_old_copy_of_the_key_store_is_worthless_next_month(house) -> None:
    key = keyring.new_data_key(about=uuid4())
    sealed = keyring.seal(key, b"hej", context=HERE)
    copy = DataKey.objects.get(pk=key)
    keyring.shred(key)
    keyring.rotate(DECEMBER)
    copy.save(force_insert=True)

    with pytest.raises(keyring.Unreadable, match="2026-11"):
        keyring.open_sealed(key, sealed, context=HERE)


def test_a_year_of_nights_loses_nothing_that_lives_and_keeps_nothing_that_is_over(house) -> None:
    things = _sealed(3)
    mother, context = PrivateKey.generate(), b"context"
    answer = keyring.seal_answer({"text": "hej"}, bytes(mother.public_key), context)
    answered = {}
    for day in range(0, 400, 3):
        now = NIGHT + timedelta(days=day)
        keyring.rotate(now)
        door = seal.door_keys()
        letter = seal.seal_letter({"day": day}, week=door.current(now))
        assert keyring.open_letter(letter) == ({"day": day}, seal.week(now))
        answered[day] = True
        try:
            seal.open_answer(answer, bytes(mother), door.verify, context)
        except seal.Forged:
            answered[day] = False
    opened = keyring.load_ring()

    assert _all_open(things)
    assert len(opened.intake) <= 4
    assert list(opened.wrap) == [f"{NIGHT + timedelta(days=399):%Y-%m}"]
    assert len(opened.sign) == 1
    new_year = (datetime(2027, 1, 1, tzinfo=UTC) - NIGHT).days
    assert all(answered[day] for day in answered if day < new_year + 97)
    assert not any(answered[day] for day in answered if day > new_year + 105)


def test_falling_over_while_wrapping_anew_loses_nothing(house, monkeypatch) -> None:
    things = _sealed(6)
    monkeypatch.setattr(keyring, "_BATCH", 2)
    honest, calls = keyring._wrap_anew, []

    def falls_over(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise OSError("the power went")
        honest(*args)

    monkeypatch.setattr(keyring, "_wrap_anew", falls_over)
    with pytest.raises(OSError, match="power"):
        keyring.rotate(DECEMBER)
    assert DataKey.objects.filter(month="2026-11").count() == 4
    assert _all_open(things)
    assert keyring.open_sealed(*_one_new(), context=HERE) == b"new"

    monkeypatch.setattr(keyring, "_wrap_anew", honest)
    done = keyring.rotate(DECEMBER)
    assert done.rewrapped == 4
    assert list(keyring.load_ring().wrap) == ["2026-12"]
    assert _all_open(things)


def _one_new() -> tuple[Any, bytes]:
    key = keyring.new_data_key(about=uuid4())
    return key, keyring.seal(key, b"new", context=HERE)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_falling_over_before_any_writing_of_the_ring_loses_nothing(house, monkeypatch, at) -> None:
    things = _sealed(4)
    letter = seal.seal_letter({"text": "hej"}, week="2026-W47")
    honest, calls = ring.store_ring, []

    def falls_over(*args: Any) -> None:
        calls.append(args)
        if len(calls) == at:
            raise OSError("the power went")
        honest(*args)

    monkeypatch.setattr(keyring, "store_ring", falls_over)
    with pytest.raises(OSError, match="power"):
        keyring.rotate(DECEMBER, pending_weeks={"2026-W47"} if at < 3 else set())
        keyring.rotate(DECEMBER)
    monkeypatch.setattr(keyring, "store_ring", honest)

    assert _all_open(things)
    assert keyring.open_letter(letter)
    assert set(seal.door_keys().intake) <= set(keyring.load_ring().intake), "the door never seals to a lost key"
    keyring.rotate(DECEMBER, pending_weeks={"2026-W47"})
    assert _all_open(things)
    assert list(keyring.load_ring().wrap) == ["2026-12"]


def test_a_key_stored_under_the_old_month_at_the_last_moment_keeps_that_month_alive(house, monkeypatch) -> None:
    late, honest = [], keyring._wrapping

    def with_a_late_comer(mode: str = "ROW EXCLUSIVE") -> Any:
        if mode != "ROW EXCLUSIVE" and not late:
            key, old = keyring.new_data_key(about=uuid4()), keyring.load_ring()
            opened = keyring._fetch([key])[key]
            wrapped = keyring._wrap(old, "2026-11", key, opened)
            DataKey.objects.filter(pk=key).update(month="2026-11", wrapped=wrapped)
            late.append((key, keyring.seal(key, b"0", context=HERE), HERE))
        return honest(mode)

    monkeypatch.setattr(keyring, "_wrapping", with_a_late_comer)
    keyring.rotate(DECEMBER)
    assert set(keyring.load_ring().wrap) == {"2026-11", "2026-12"}
    assert _all_open(late)

    keyring.rotate(DECEMBER)
    assert list(keyring.load_ring().wrap) == ["2026-12"]
    assert _all_open(late)


def test_a_damaged_key_is_told_and_its_month_is_kept(house) -> None:
    things = _sealed(2)
    broken = keyring.new_data_key(about=uuid4())
    DataKey.objects.filter(pk=broken).update(wrapped=b"x" * 72)

    done = keyring.rotate(DECEMBER)

    assert (done.rewrapped, done.damaged) == (2, 1)
    assert "NOT" in done.report
    assert "2026-11" in keyring.load_ring().wrap
    assert _all_open(things)


def test_a_house_that_slept_for_months_wakes_up_whole(house) -> None:
    things = _sealed(2)
    letter = seal.seal_letter({"text": "hej"}, week="2026-W47")

    keyring.rotate(NIGHT + timedelta(days=300), pending_weeks={"2026-W47"})

    assert _all_open(things)
    assert keyring.open_letter(letter)
    assert seal.door_keys().current(NIGHT + timedelta(days=300)) == seal.week(NIGHT + timedelta(days=300))


@pytest.fixture
def key_store(tmp_path) -> Iterator[Callable[[], None]]:
    """A key store for many threads at once; each calls this first. In memory SQLite cannot share one."""
    shared = connections["keys"]
    if shared.vendor == "postgresql":
        yield lambda: None
        return
    elsewhere = {**shared.settings_dict, "NAME": str(tmp_path / "keys.sqlite3")}

    def use() -> None:
        connections["keys"] = type(shared)(elsewhere, "keys")

    use()
    with connections["keys"].schema_editor() as editor:
        editor.create_model(DataKey)
        editor.create_model(Tombstone)
    yield use
    connections["keys"].close()
    connections["keys"] = shared


@pytest.mark.django_db(transaction=True)
def test_keys_made_while_the_month_turns_are_never_lost(house, key_store) -> None:
    made: list[list[tuple[Any, bytes, str]]] = []
    enough = threading.Event()

    def write_letters() -> None:
        key_store()
        try:
            while not enough.is_set() and len(made) < 600:
                made.append(_sealed(1))
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write_letters) for _each in range(3)]
    for writer in writers:
        writer.start()
    try:
        for months in range(1, 4):
            keyring.rotate(NIGHT + timedelta(days=31 * months))
            time.sleep(0.05)
    finally:
        enough.set()
        for writer in writers:
            writer.join()

    keyring.rotate(NIGHT + timedelta(days=31 * 3))
    assert len(made) > 3
    assert all(_all_open(things) for things in made)
    assert len(keyring.load_ring().wrap) == 1


def test_a_new_house_never_overwrites_its_keys(house) -> None:
    before = [path.read_bytes() for path in (house.master, house.ring, house.door)]
    keyring.found()

    assert [path.read_bytes() for path in (house.master, house.ring, house.door)] == before
    assert [path.stat().st_mode & 0o777 for path in (house.master, house.ring)] == [0o600, 0o600]
    assert [path.parent.stat().st_mode & 0o777 for path in (house.master, house.ring)] == [0o700, 0o700]
    assert house.door.stat().st_mode & 0o777 == 0o644


def test_a_lost_or_foreign_master_key_is_a_sentence(house) -> None:
    house.master.chmod(0o644)
    with pytest.raises(keyring.NoMasterKey, match="chmod 600"):
        keyring.load_master()
    house.master.chmod(0o600)
    house.master.write_text("too short")
    with pytest.raises(keyring.NoMasterKey, match="64 hexadecimal digits"):
        keyring.load_master()
    house.master.write_text("ab" * 32)
    with pytest.raises(keyring.NoRing, match="another master key"):
        keyring.load_ring()
    house.master.unlink()
    with pytest.raises(keyring.NoMasterKey, match="install"):
        keyring.load_master()
    with pytest.raises(keyring.NoMasterKey, match="Bring it back"):
        keyring.found()
    house.ring.unlink()
    keyring.found()
    house.ring.unlink()
    with pytest.raises(keyring.NoRing, match="backup"):
        keyring.rotate(NIGHT)
