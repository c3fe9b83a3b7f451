"""A box: opened by its own key alone, dearly, and by two at a time."""

import threading
import time
from dataclasses import asdict

import pytest
from nacl.public import PrivateKey

from brobygger.privacy import returnkey, seal


def test_a_box_is_opened_by_its_key_alone() -> None:
    key = seal.new_return_key()
    box = seal.new_box(key)

    right = seal.derive(key.secret, box.salt, box.kdf_version)
    wrong = seal.derive(seal.new_return_key().secret, box.salt, box.kdf_version)

    assert PrivateKey(seal.open_box(right, box.wrapped_private)).public_key.encode() == box.public
    with pytest.raises(seal.WrongKey):
        seal.open_box(wrong, box.wrapped_private)


def test_only_the_key_gives_the_tokens_to_write_and_to_burn() -> None:
    key = seal.new_return_key()
    box = seal.new_box(key)
    secrets = seal.derive(key.secret, box.salt, box.kdf_version)

    assert seal.same(seal.token_hash(secrets.post), box.post_hash)
    assert seal.same(seal.token_hash(secrets.burn), box.burn_hash)
    assert not seal.same(seal.token_hash(secrets.post), box.burn_hash)
    assert not seal.same(secrets.post, box.post_hash[:31])
    assert len({secrets.wrap, secrets.post, secrets.burn}) == 3


def test_the_same_key_is_another_secret_in_another_box() -> None:
    key = seal.new_return_key()
    one, other = seal.new_box(key), seal.new_box(key)

    assert one.post_hash != other.post_hash
    with pytest.raises(seal.WrongKey):
        seal.open_box(seal.derive(key.secret, one.salt, 0), other.wrapped_private)


def test_an_old_box_can_get_a_new_key() -> None:
    old, new = seal.new_return_key(), seal.new_return_key(strong=True)
    box = seal.new_box(old)
    private = seal.open_box(seal.derive(old.secret, box.salt, 0), box.wrapped_private)

    again = seal.new_box(new, private=private)

    assert again.public == box.public
    with pytest.raises(seal.WrongKey):
        seal.open_box(seal.derive(old.secret, again.salt, 0), again.wrapped_private)


def test_a_box_travels_in_a_letter() -> None:
    box = seal.new_box(seal.new_return_key())

    assert seal.NewBox.from_payload(seal.unpacked(seal.packed(box.as_payload()))) == box


def test_a_damaged_box_in_a_letter_is_refused() -> None:
    payload = seal.new_box(seal.new_return_key()).as_payload()
    damage = [{"salt": "00"}, {"kdf_version": 9}, {"kdf_version": True}, {"number": "OOOO"}, {"public": None}]

    for part in damage:
        with pytest.raises(seal.Unreadable):
            seal.NewBox.from_payload({**payload, **part})


def test_no_secret_shows_when_a_key_or_its_secrets_are_printed() -> None:
    key = seal.new_return_key()
    secrets = seal.derive(key.secret, bytes(16), 0)

    assert key.secret not in f"{key!r} {key}"
    assert repr(secrets.wrap) not in repr(secrets)


def test_the_tests_own_cost_is_refused_in_a_real_house(settings) -> None:
    settings.TESTING = False

    with pytest.raises(ValueError, match="real house"):
        seal.derive("A" * 12, bytes(16), 0)


def test_a_guess_in_a_real_house_is_dear() -> None:
    assert seal.KDF[1] == seal.KdfCost(memory=128 * 2**20, passes=3)
    began = time.perf_counter()
    seal.derive("A" * 12, bytes(16), 1)
    dear = time.perf_counter() - began
    began = time.perf_counter()
    seal.derive("A" * 12, bytes(16), 0)

    assert dear > 5 * (time.perf_counter() - began)


def test_two_unlock_at_once_and_the_third_waits(monkeypatch) -> None:
    at_once, most, counting = 0, 0, threading.Lock()

    def slow(*args: object, **cost: object) -> bytes:
        nonlocal at_once, most
        with counting:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with counting:
            at_once -= 1
        return bytes(32)

    monkeypatch.setattr(returnkey.argon2id, "kdf", slow)
    visitors = [threading.Thread(target=seal.derive, args=("A" * 12, bytes(16), 0)) for _each in range(6)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()

    assert most == 2


def test_who_waits_too_long_is_told_that_it_is_busy(monkeypatch) -> None:
    monkeypatch.setattr(returnkey, "PATIENCE", 0.01)
    for _place in range(returnkey.AT_ONCE):
        returnkey._line.acquire()
    try:
        with pytest.raises(seal.Busy):
            seal.derive("A" * 12, bytes(16), 0)
        monkeypatch.setitem(returnkey._usual, 0, 0.0)
        with pytest.raises(seal.Busy):
            seal.pretend(0)
    finally:
        for _place in range(returnkey.AT_ONCE):
            returnkey._line.release()
    assert seal.derive("A" * 12, bytes(16), 0)


def test_pretending_takes_as_long_as_unlocking(monkeypatch) -> None:
    monkeypatch.setitem(returnkey._usual, 0, 0.1)
    began = time.perf_counter()
    seal.pretend(0)

    assert time.perf_counter() - began >= 0.1


def test_the_first_pretence_of_a_process_measures_instead(monkeypatch) -> None:
    monkeypatch.setattr(returnkey, "_usual", {})
    seal.pretend(0)

    assert returnkey._usual[0] > 0


def test_all_of_a_box_is_stored_as_plain_columns() -> None:
    assert set(asdict(seal.new_box(seal.new_return_key()))) == {
        "number", "salt", "kdf_version", "wrapped_private", "public", "post_hash", "burn_hash",
    }  # fmt: skip
