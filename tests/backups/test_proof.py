"""`prove-erased`: what was erased opens in no way we have; and when it does, or cannot be told, it says so."""

import io
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as house
from django.core.management import CommandError, call_command

from brobygger.backups import proof, queries, scratch
from brobygger.casework import notes
from brobygger.casework import services as casework
from brobygger.casework.tests.families import begin
from brobygger.privacy import keyring
from brobygger.privacy.models import AuditEntry, DataKey, Erasure

from .conftest import all_rows

MONDAY, TUESDAY, NEXT = "2026-11-23T08:10", "2026-11-24T04:10", "2026-12-01T04:10"
#: What a course is begun with: the agreement, and something about each of three people.
PARTS = 4


@pytest.fixture
def erased(copies, scratch_house, furnished, alma, at):
    """A course in a copy of Monday, erased on Monday, beside one that stays; give the receipt's number."""
    at(MONDAY)
    begin(alma)
    gone = begin(alma)
    child = gone.members.get(position=2)
    notes.write(member=child, text="Liv er otte.", by=alma, once=uuid4())
    copies.make()
    assert gone.parts.count() == PARTS
    return casework.erase_course(course=gone, why="wish", by=alma)


def said(found: proof.Proof) -> str:
    return "\n".join(found.said)


def test_when_the_keys_days_have_passed_nothing_opens(copies, erased, at) -> None:
    at(NEXT)
    copies.make()
    before = all_rows()

    found = proof.prove(erased, copies.sheets)

    assert found.verdict == proof.NOTHING_OPENS, said(found)
    assert "content-20261123T071000Z" in said(found)
    # Parts, three cards, a note: all of it still lies in that copy, counted once.
    assert found.values == PARTS + 4
    assert found.others == found.others_opened > 3, "the same tools open what was not erased"
    assert all_rows() == before


def test_while_a_copy_of_the_keys_still_has_it_that_is_said(copies, erased, at) -> None:
    at(TUESDAY)
    copies.make()

    found = proof.prove(erased, copies.sheets)

    assert found.verdict == proof.SOMETHING_OPENS
    assert "keys-20261123T071000Z" in said(found) and "30.11.2026" in said(found)


def test_it_opens_also_by_a_ring_that_only_a_copy_has(copies, erased, at) -> None:
    """The month has turned since: today's ring does not open Monday's wrapping, the ring in Monday's copy does."""
    at("2026-11-30T04:00")
    month = keyring.load_ring().newest_month()
    keyring.rotate(at("2026-12-01T04:10"))
    assert month not in keyring.load_ring().wrap

    assert proof.prove(erased, copies.sheets).verdict == proof.SOMETHING_OPENS
    next(iter(queries.copies("keys"))).unlink()
    assert proof.prove(erased, copies.sheets).verdict == proof.NOTHING_OPENS


def test_a_key_that_was_never_destroyed_is_found(copies, scratch_house, furnished, alma, at, monkeypatch) -> None:
    at(MONDAY)
    gone = begin(alma)
    copies.make()
    monkeypatch.setattr(keyring, "shred", lambda *keys: None)
    ref = casework.erase_course(course=gone, why="wish", by=alma)
    at(NEXT)
    copies.make()

    found = proof.prove(ref, copies.sheets)

    assert found.verdict == proof.SOMETHING_OPENS
    assert DataKey.objects.filter(pk=gone.key).exists()


def test_rows_that_were_left_in_the_house_are_found(copies, scratch_house, furnished, alma, at) -> None:
    at(MONDAY)
    gone = begin(alma)
    copies.make()
    Erasure.objects.create(ref="AAAA-BBBB", about="course:x", on=date(2026, 11, 23), why="wish", keys=[str(gone.key)])
    keyring.shred(gone.key)
    at(NEXT)
    copies.make()

    assert proof.prove("AAAA-BBBB", copies.sheets).verdict == proof.SOMETHING_OPENS


def test_without_an_old_copy_it_cannot_be_told(copies, scratch_house, furnished, alma, at) -> None:
    at(MONDAY)
    ref = casework.erase_course(course=begin(alma), why="wish", by=alma)
    assert proof.prove(ref, copies.sheets).verdict == proof.CANNOT_TELL
    at(TUESDAY)
    copies.make()

    assert proof.prove(ref, copies.sheets).verdict == proof.CANNOT_TELL
    assert proof.prove("ZZZZ-ZZZZ", copies.sheets).verdict == proof.CANNOT_TELL


def test_after_thirty_days_no_copy_has_anything_of_it(copies, erased, at) -> None:
    at("2026-12-24T04:10")
    copies.make()

    found = proof.prove(erased, copies.sheets)

    assert found.verdict == proof.NOTHING_OPENS
    assert "30" in said(found) and found.values == 0


def test_what_came_and_went_between_two_copies_is_in_none(copies, scratch_house, furnished, alma, at) -> None:
    at(MONDAY)
    copies.make()
    ref = casework.erase_course(course=begin(alma), why="wish", by=alma)

    found = proof.prove(ref, copies.sheets)

    assert found.verdict == proof.NOTHING_OPENS and found.values == 0


def test_without_the_sheet_of_the_keys_not_everything_was_tried(copies, erased, at) -> None:
    at(NEXT)
    copies.make()
    only = [(kind, private) for kind, private in copies.sheets if kind == "content"]

    assert proof.prove(erased, only).verdict == proof.CANNOT_TELL


def test_without_the_master_key_the_tools_do_not_work(copies, erased, at, settings) -> None:
    at(NEXT)
    copies.make()
    settings.MASTER_KEY_FILE = Path("/nowhere/master.key")

    with pytest.raises(keyring.NoMasterKey):
        keyring.load_ring()
    assert proof.prove(erased, copies.sheets).verdict == proof.CANNOT_TELL


def test_one_person_of_a_course_is_proved_alone(copies, scratch_house, furnished, alma, at) -> None:
    at(MONDAY)
    course = begin(alma)
    members = list(course.members.all())
    for member in members:
        notes.write(member=member, text="Ord.", by=alma, once=uuid4())
    copies.make()
    parts = course.parts.filter(member=members[0]).count()
    ref = casework.erase_member(member=members[0], why="wish", by=alma)
    at(NEXT)
    copies.make()

    found = proof.prove(ref, copies.sheets)

    assert found.verdict == proof.NOTHING_OPENS, said(found)
    # A card and a note; what the two others said is theirs.
    assert found.values == 2 + parts == 3


def test_the_command_ends_as_the_proof_does_and_leaves_no_trace(copies, erased, at, tmp_path, monkeypatch) -> None:
    from brobygger.backups import rules

    page = tmp_path / "sheets.txt"
    page.write_text("\n".join(rules.sheet(kind, private) for kind, private in copies.sheets))
    seen = []
    wipe = scratch._wipe
    monkeypatch.setattr(scratch, "_wipe", lambda folder: (wipe(folder), seen.append(_left(folder))))
    at(TUESDAY)

    with pytest.raises(SystemExit) as ended:
        call_command("prove_erased", erased, "--english", "--sheets", str(page), stdout=(out := io.StringIO()))
    assert ended.value.code == 1 and "OPENS" in out.getvalue()
    at(NEXT)
    copies.make()
    call_command("prove_erased", erased, "--english", "--sheets", str(page), stdout=(out := io.StringIO()))
    assert "Nothing of it opens." in out.getvalue()
    lines = AuditEntry.objects.filter(action="backups.erasure_tried").order_by("pk")
    assert [(line.about, line.reason) for line in lines] == [
        (f"erasure:{erased}", "something_opens"),
        (f"erasure:{erased}", "nothing_opens"),
    ]
    assert len(seen) == 2 and all(mode == 0o600 and not any(data) for each in seen for mode, data in each)
    assert not list(Path(house.BACKUP_DIRS["content"]).parent.glob("**/*.sqlite3"))

    whole = (path := queries.copies("content")[-1]).read_bytes()
    path.write_bytes(whole[:-50])
    with pytest.raises(CommandError, match=r"cut off|damaged") as refused:
        call_command("prove_erased", erased, "--sheets", str(page))
    assert refused.value.returncode == 2


def _left(folder: Path) -> list[tuple[int, bytes]]:
    files = [path for path in folder.rglob("*.sqlite3")]
    assert files and all(path.stat().st_size for path in files)
    return [(path.stat().st_mode & 0o777, path.read_bytes()) for path in files]
