"""T15: when a week's key is destroyed, a copy of that week's letter cannot be opened by anybody, us included."""

from datetime import UTC, datetime, timedelta

import pytest

from brobygger.privacy import keyring, seal
from brobygger.privacy.tests.keys import found_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.promise(
        "T15",
        da="Den nøgle, der kan åbne breve, bliver skiftet hver uge. Når en gammel uges nøgle er ødelagt, kan "
        "heller ikke vi åbne en kopi af et brev fra den uge.",
        en="The key that opens letters changes every week. Once an old week's key is destroyed, not even we can open a "
        "copy of a letter from that week.",
    ),
]

THURSDAY = datetime(2026, 11, 19, 1, 10, tzinfo=UTC)


def test_last_weeks_letter_from_a_backup_cannot_be_opened(tmp_path, settings) -> None:
    places = found_in(tmp_path, settings, now=THURSDAY)
    copied_by_a_thief = seal.seal_letter({"text": "Kære hus"}, week="2026-W47")
    assert keyring.open_letter(copied_by_a_thief) == ({"text": "Kære hus"}, "2026-W47")

    keyring.rotate(THURSDAY + timedelta(days=12))

    with pytest.raises(keyring.NoSuchKey):
        keyring.open_letter(copied_by_a_thief)
    assert "2026-W47" not in seal.door_keys().intake
    assert [path.name for path in sorted(places.ring.parent.iterdir())] == ["ring.json", "ring.json.lock"]


def test_a_week_with_an_unopened_letter_keeps_its_key(tmp_path, settings) -> None:
    found_in(tmp_path, settings, now=THURSDAY)
    waiting = seal.seal_letter({"text": "Kære hus"}, week="2026-W47")

    keyring.rotate(THURSDAY + timedelta(days=40), pending_weeks={"2026-W47"})

    assert keyring.open_letter(waiting)[0] == {"text": "Kære hus"}


def test_a_key_lives_eight_days_beyond_its_week(tmp_path, settings) -> None:
    found_in(tmp_path, settings, now=THURSDAY)
    letter = seal.seal_letter({"text": "Kære hus"}, week="2026-W47")
    monday_after = datetime(2026, 11, 23, 12, tzinfo=UTC)

    keyring.rotate(monday_after + timedelta(days=7))
    assert keyring.open_letter(letter)

    keyring.rotate(monday_after + timedelta(days=8))
    with pytest.raises(keyring.NoSuchKey):
        keyring.open_letter(letter)
