"""T13 (seals): whatever is thrown at the door's parsers, they answer with their own refusal and nothing else."""

import contextlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as budget
from hypothesis import strategies as st
from nacl.public import PrivateKey, PublicKey, SealedBox

from brobygger.privacy import keyring, seal

promise = pytest.mark.promise(
    "T13",
    da="Ødelagte eller forfalskede breve, nøgler og formularer bliver afvist og får ikke huset til at gå i stå.",
    en="Damaged or forged letters, keys and forms are refused, and do not make the house stop.",
)
unhurried = budget(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
YEAR = timedelta(days=365)

anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def _bent(data: bytes, at: int, by: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ by]) + data[at + 1 :]


@promise
@given(noise=st.binary(max_size=400))
@example(noise=b"")
@example(noise=b"\x012026-W47")
@example(noise=b"\x01\xff\xff\xff\xff\xff\xff\xff\xff")
@unhurried
def test_noise_is_no_letter(noise: bytes, keys: Path) -> None:
    with pytest.raises(keyring.Unreadable):
        keyring.open_letter(noise)


@promise
@given(at=st.integers(0, 10_000), by=st.integers(1, 255))
@unhurried
def test_a_letter_with_one_bent_byte_is_not_opened(at: int, by: int, keys: Path) -> None:
    with pytest.raises(keyring.Unreadable):
        keyring.open_letter(_bent(seal.seal_letter({"text": "hej"}), at, by))


@promise
@given(inside=st.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode()))
@example(inside=b"[" * 4000)
@unhurried
def test_a_letter_sealed_to_us_with_noise_inside_is_refused_or_an_object(inside: bytes, keys: Path) -> None:
    door = seal.door_keys()
    week = door.current()
    box = SealedBox(PublicKey(door.intake[week]))

    for filled in (inside, seal.pad(inside)):
        letter = b"\x01" + week.encode() + box.encrypt(filled)
        with contextlib.suppress(keyring.Unreadable):
            payload, _week = keyring.open_letter(letter)
            assert isinstance(payload, dict)


@promise
@given(noise=anything)
@example(noise={"number": "X49B", "kdf_version": 0, "salt": "zz"})
@unhurried
def test_noise_is_no_box(noise: Any) -> None:
    with pytest.raises(seal.Unreadable):
        seal.NewBox.from_payload(noise)


@promise
@given(noise=st.text(max_size=300) | st.none() | st.binary(max_size=50) | st.integers())
@example(noise="A" * 80)
@example(noise="Å" * 80)
@example(noise="A" * 1_000_000)
@unhurried
def test_noise_is_no_form_token(noise: Any) -> None:
    with pytest.raises(seal.TokenForged):
        seal.open_token(noise, "form", YEAR)


@promise
@given(at=st.integers(0, 10_000), sign=st.sampled_from("ABab01-_=+/ \n"))
@unhurried
def test_a_form_token_with_one_changed_sign_is_refused_or_the_same(at: int, sign: str) -> None:
    token = seal.seal_token({"letter": "1"}, "form")
    at %= len(token)

    with contextlib.suppress(seal.TokenForged):
        assert seal.open_token(token[:at] + sign + token[at + 1 :], "form", YEAR) == {"letter": "1"}


@promise
@given(text=st.text(max_size=300))
@example(text="\ufdfa" * 200)
@example(text="X49B-2QPH-13R1-M02U")
def test_any_text_is_a_key_or_mistyped(text: str) -> None:
    try:
        key = seal.read_key(text)
    except seal.KeyMistyped as refused:
        assert str(refused.sentence)
        assert str(refused) == "", "nothing of what was typed may end in a log"
    else:
        assert set(key.shown) <= {*seal.ALPHABET, "-"}


@promise
@given(noise=st.binary(max_size=300))
@unhurried
def test_noise_is_no_answer_and_no_receipt(noise: bytes, keys: Path) -> None:
    with pytest.raises(seal.Forged):
        seal.open_answer(noise, bytes(PrivateKey.generate()), seal.door_keys().verify, b"context")
    with pytest.raises(seal.WrongKey):
        seal.open_receipt(noise, seal.new_receipt_key())


@promise
@given(noise=anything)
@unhurried
def test_a_door_file_full_of_noise_is_a_sentence(noise: Any, tmp_path: Path, settings: Any) -> None:
    settings.DOOR_KEYS_FILE = tmp_path / "door.json"
    settings.DOOR_KEYS_FILE.write_text(json.dumps({"intake": noise, "verify": {}}))

    with contextlib.suppress(seal.NoKeys):
        seal.door_keys().current()
