"""A night's copies: what is in them, what is not, how long they live."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from brobygger.backups import archive, queries, reading, rows, rules, services
from brobygger.casework.tests.families import MOTHER, begin
from brobygger.door import services as door
from brobygger.door.models import Letter
from brobygger.privacy import keyring
from brobygger.privacy.models import AuditEntry
from tests.promises.searching import disguises


def tables_in(copies, path: Path) -> dict[str, int]:
    kind = path.name.partition("-")[0]
    with reading.Opened(path, kind, copies.sheets) as copy:
        return copy.tables


def test_two_copies_are_made_in_two_places(copies, lived_in) -> None:
    content, keys = copies.make()

    assert content.parent != keys.parent
    assert {path.stat().st_mode & 0o777 for path in (content, keys)} == {0o600}
    assert set(tables_in(copies, keys)) == {
        *("privacy.datakey", "privacy.blindtoken", "privacy.tombstone"),
        *("door.box", "door.answer", "door.pulse", "door.questions"),
    }
    assert {"threads.message", "casework.note", "privacy.erasure"} < set(tables_in(copies, content))
    assert not {name for name in tables_in(copies, content) if name.startswith(("door.", "sessions.", "auth."))}
    assert AuditEntry.objects.filter(action="backups.made", by="machine").count() == 1


def test_every_table_of_the_house_is_copied_or_named_as_left_out(copies) -> None:
    from django.apps import apps

    copied = {model for alias in ("default", "keys", "door") for model in rows.tables(alias)}
    left = {model._meta.label_lower for model in set(apps.get_models(include_auto_created=True)) - copied}

    assert left == {
        *("auth.group", "auth.permission", "auth.group_permissions"),
        *("contenttypes.contenttype", "sessions.session", "door.letter"),
    }


def test_a_letter_that_waits_is_in_no_copy(copies, furnished) -> None:
    door.receive_letter(letter=rows.UUID(int=7), payload={"text": "Kære hus"}, by="street")
    sealed = bytes(Letter.objects.get().sealed)

    for path in copies.make():
        text = copies.text(path)
        assert b"door.letter" not in text
        assert not [each for each in disguises(sealed.hex()) | {rows.line(sealed)[1:60]} if each in text]


def test_nothing_that_was_said_and_no_master_key_is_in_a_copy(copies, lived_in, alma) -> None:
    begin(alma)
    master = keyring.load_master()
    words = ["Bakken 7", "20304050", "En anden familie", "Godt, du skrev.", MOTHER["name"], "Liv Hansen"]
    needles = {each for word in words for each in disguises(word)} | disguises(master.hex())
    needles |= {master, rows.line(master)[1:40]}

    for path in copies.make():
        text = copies.text(path)
        assert len(text) > 5000
        assert not [each for each in needles if each in text or each in path.read_bytes()]


def test_the_search_would_find_what_lies_open(copies, alma) -> None:
    """The name of who works here is in clear, and is found."""
    content, _keys = copies.make()

    assert b"alma" in copies.text(content) and b"alma" not in content.read_bytes()


def test_old_copies_are_deleted_after_their_days(copies, furnished, at) -> None:
    made = []
    for day in range(1, 4):
        at(f"2026-11-0{day}T04:10")
        made.append(copies.make())

    at("2026-11-08T04:10")
    call_command("backup", stdout=(said := io.StringIO()))
    assert not made[0][1].exists() and made[1][1].exists(), "the keys of seven days ago"
    assert made[0][0].exists()
    assert str(made[0][1]) in said.getvalue()

    at("2026-12-02T04:10")
    services.back_up(by="machine")
    assert [made[day][0].exists() for day in range(3)] == [False, False, True], "content of thirty days ago"
    assert len(queries.copies("keys")) == 1


def test_old_copies_go_even_when_no_new_one_can_be_made(copies, furnished, at, settings) -> None:
    at("2026-11-01T04:10")
    content, keys = copies.make()
    at("2026-11-08T04:10")
    Path(settings.KEY_RING_FILE).unlink()

    with pytest.raises(CommandError, match="ring"):
        call_command("backup")

    assert not keys.exists() and content.exists()
    assert list(keys.parent.iterdir()) == [], "and nothing half made lies there"


def test_a_house_without_keys_or_with_one_place_is_told_what_to_do(copies, settings) -> None:
    Path(settings.BACKUP_PUBLIC_FILE).unlink()
    with pytest.raises(CommandError, match="--make-keys"):
        call_command("backup")
    settings.BACKUP_DIRS = dict.fromkeys(rules.KINDS, copies.folder / "one")
    with pytest.raises(CommandError, match="one folder"):
        call_command("backup")


def test_sheets_are_shown_once_and_stored_nowhere(db, keys, tmp_path, settings) -> None:
    settings.BACKUP_PUBLIC_FILE = tmp_path / "place" / "public-keys.json"
    call_command("backup", "--make-keys", stdout=(said := io.StringIO()))
    found = rules.read_sheets(said.getvalue())

    assert sorted(kind for kind, _private in found) == ["content", "keys"]
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for kind, private in found:
        assert archive.PrivateKey(private).public_key == archive.PublicKey(queries.public_keys()[kind])
        assert private.hex().encode() not in stored
    with pytest.raises(CommandError, match="already"):
        call_command("backup", "--make-keys")


def test_the_age_of_the_newest_copy_is_known(copies, furnished, at) -> None:
    assert queries.newest("content") is None and queries.stale() == ["content", "keys"]
    made = at("2026-11-01T04:10")
    copies.make()
    assert queries.newest("keys") == made and queries.stale() == []
    at("2026-11-02T06:09")
    assert queries.stale() == []
    at("2026-11-02T06:11")
    assert queries.stale() == ["content", "keys"] and queries.age("content") == timedelta(hours=26, minutes=1)


def test_other_files_in_the_place_are_left_alone(copies, furnished, at) -> None:
    at("2026-11-01T04:10")
    content, keys = copies.make()
    other = [keys.parent / "notes.txt", keys.parent / "keys-20250101T000000Z.brobygger.bak", keys.with_suffix(".old")]
    for path in other:
        path.write_text("mine")
    at("2026-12-20T04:10")
    copies.make()
    assert all(path.exists() for path in other) and not content.exists() and not keys.exists()


def test_what_is_written_meanwhile_does_not_come_in_half(copies, lived_in) -> None:
    """The head counts what the body holds: both are of one moment."""
    content, keys = copies.make()
    for path, kind in ((content, "content"), (keys, "keys")):
        with reading.Opened(path, kind, copies.sheets) as copy:
            counted = {part.name: sum(1 for _row in part.rows) for part in copy if isinstance(part, reading.Table)}
            assert counted == copy.tables and sum(counted.values()) > 5
