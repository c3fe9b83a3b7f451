"""Letters in, answers out, and what a form carries."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from nacl.public import PrivateKey

from brobygger.ground import clock
from brobygger.privacy import keyring, seal
from brobygger.privacy.tests.keys import found_in

NIGHT = datetime(2026, 11, 19, 1, 10, tzinfo=UTC)


@pytest.fixture
def house(tmp_path, settings, monkeypatch) -> keyring.Places:
    """A new house on a Thursday night in November."""
    monkeypatch.setattr(clock, "now", lambda: NIGHT)
    return found_in(tmp_path, settings)


def test_a_letter_is_opened_by_the_house_alone(house, tmp_path, settings) -> None:
    letter = seal.seal_letter({"text": "Han sover ikke. 🌙 æøå"})

    assert seal.week_of(letter) == "2026-W47"
    assert keyring.open_letter(letter) == ({"text": "Han sover ikke. 🌙 æøå"}, "2026-W47")
    found_in(tmp_path / "another house", settings)
    with pytest.raises(keyring.Unreadable):
        keyring.open_letter(letter)


def test_a_letter_tells_little_by_its_length(house) -> None:
    lengths = {len(seal.seal_letter({"text": "x" * length})) for length in range(0, 60_000, 500)}

    assert lengths == {9 + 48 + size for size in seal.SIZES}


def test_a_letter_that_is_too_long_is_refused(house) -> None:
    assert seal.seal_letter({"text": "x" * 65_000})
    with pytest.raises(seal.TooLong):
        seal.seal_letter({"text": "x" * 65_530})


def test_half_a_sign_from_a_broken_keyboard_does_not_stop_a_letter(house) -> None:
    assert keyring.open_letter(seal.seal_letter({"text": "a\ud800b"}))[0] == {"text": "a?b"}


def test_the_week_turns_at_danish_midnight() -> None:
    assert seal.week(datetime(2026, 11, 22, 22, 59, tzinfo=UTC)) == "2026-W47"
    assert seal.week(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == "2026-W48"
    assert seal.week(datetime(2027, 1, 1, 12, tzinfo=UTC)) == "2026-W53"


def test_the_door_seals_to_this_week_and_else_to_the_newest(house) -> None:
    door = seal.door_keys()

    assert list(door.intake) == ["2026-W47", "2026-W48"]
    assert door.current(NIGHT + timedelta(days=7)) == "2026-W48"
    assert door.current(NIGHT + timedelta(days=30)) == "2026-W48"


def test_a_door_without_keys_says_so(house) -> None:
    house.door.write_text('{"intake": {}, "verify": {}}')
    with pytest.raises(seal.NoKeys, match="rotate"):
        seal.seal_letter({})
    house.door.write_text("not ours")
    with pytest.raises(seal.NoKeys, match="cannot be read"):
        seal.seal_letter({})
    house.door.unlink()
    with pytest.raises(seal.NoKeys, match="install"):
        seal.seal_letter({})


def test_a_week_the_door_has_no_key_for_is_refused(house) -> None:
    with pytest.raises(seal.NoKeys, match="2020-W01"):
        seal.seal_letter({}, week="2020-W01")


def test_the_door_learns_of_new_keys_without_a_restart(house) -> None:
    before = seal.door_keys()
    keys = json.loads(house.door.read_text())
    keys["intake"].pop("2026-W48")
    house.door.write_text(json.dumps(keys))

    assert list(seal.door_keys().intake) == ["2026-W47"] != list(before.intake)


def test_the_door_holds_no_private_key(house) -> None:
    ring = keyring.load_ring()
    shown = house.door.read_text()

    assert not any(secret in shown for kind in (ring.intake, ring.wrap, ring.sign) for secret in kind.values())


def test_an_answer_is_read_with_the_box_and_known_as_ours(house) -> None:
    mother = PrivateKey.generate()
    context = seal.answer_context(uuid4(), uuid4())
    answer = keyring.seal_answer({"text": "Kære du"}, bytes(mother.public_key), context)

    assert seal.open_answer(answer, bytes(mother), seal.door_keys().verify, context) == {"text": "Kære du"}


def test_an_answer_that_is_not_ours_is_not_shown(house, tmp_path, settings) -> None:
    mother, box = PrivateKey.generate(), uuid4()
    context = seal.answer_context(box, uuid4())
    public, verify = bytes(mother.public_key), seal.door_keys().verify
    answer = keyring.seal_answer({"text": "Kære du"}, public, context)

    moved = (answer, bytes(mother), verify, seal.answer_context(box, uuid4()))
    to_another_box = (answer, bytes(PrivateKey.generate()), verify, context)
    bent = (answer[:-1] + bytes([answer[-1] ^ 1]), bytes(mother), verify, context)
    found_in(tmp_path / "a false house", settings)
    by_a_false_house = (keyring.seal_answer({"text": "Kære du"}, public, context), bytes(mother), verify, context)
    unknown_signer = (answer, bytes(mother), {}, context)

    for attempt in (moved, to_another_box, bent, by_a_false_house, unknown_signer):
        with pytest.raises(seal.Forged):
            seal.open_answer(*attempt)


def test_a_form_token_carries_what_it_was_given() -> None:
    token = seal.seal_token({"letter": "7", "key": "X49B"}, "form")

    assert seal.open_token(token, "form", timedelta(hours=2)) == {"letter": "7", "key": "X49B"}
    assert "X49B" not in base64.urlsafe_b64decode(token + "==").decode("latin-1")


def test_a_form_token_is_for_one_purpose_and_one_house() -> None:
    token = seal.seal_token({"box": "1"}, "form")

    with pytest.raises(seal.TokenForged):
        seal.open_token(token, "ticket", timedelta(hours=2))
    with pytest.raises(seal.TokenForged):
        seal.open_token(token, "form", timedelta(hours=2), secret=bytes(32))


def test_an_expired_form_token_gives_back_what_it_held(at) -> None:
    at("2026-11-19T02:10")
    token = seal.seal_token({"letter": "7"}, "form")

    at("2026-11-19T04:10")
    assert seal.open_token(token, "form", timedelta(hours=2)) == {"letter": "7"}
    for moment in ("2026-11-19T04:11", "2026-11-18T22:00"):
        at(moment)
        with pytest.raises(seal.TokenExpired) as expired:
            seal.open_token(token, "form", timedelta(hours=2))
        assert expired.value.payload == {"letter": "7"}
        assert "letter" not in f"{expired.value}{expired.value!r}"


def test_a_receipt_is_opened_by_its_own_key() -> None:
    key = seal.new_receipt_key()
    sealed = seal.seal_receipt({"said": "Vi har den"}, key)

    assert seal.open_receipt(sealed, key) == {"said": "Vi har den"}
    assert len(sealed) == len(seal.seal_receipt({}, key))
    with pytest.raises(seal.WrongKey):
        seal.open_receipt(sealed, seal.new_receipt_key())


def test_the_public_half_never_opens_the_private_one() -> None:
    for name in ("seal", "returnkey"):
        source = Path(seal.__file__).with_name(f"{name}.py").read_text()
        assert "import keyring" not in source
        assert "from .ring" not in source
        assert "django.db" not in source
