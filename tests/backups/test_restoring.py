"""Copies come back whole into empty databases, and what was destroyed since does not."""

import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction

from brobygger.access.models import User
from brobygger.backups import archive, reading, rows, rules
from brobygger.backups import services as backups
from brobygger.casework import finding, notes, record
from brobygger.casework import services as casework
from brobygger.casework.models import Course, Member, Note
from brobygger.casework.tests.families import begin
from brobygger.consents.models import Consent
from brobygger.door.models import Box
from brobygger.privacy import keyring
from brobygger.privacy.models import AuditEntry, BlindToken, DataKey, Tombstone
from brobygger.threads import services as threads
from brobygger.threads.models import ContactCard, Message, Thread
from tests.letters import keeper

from .conftest import all_rows


def everything_opens() -> int:
    """Open every message and every note there is; tell how many."""
    sealed = [(each.thread.key, bytes(each.body), f"message:{each.pk}:body:1") for each in Message.objects.all()]
    sealed += [(each.member.key, bytes(each.sealed), record.place("note", each.pk)) for each in Note.objects.all()]
    opened = keyring.open_many(sealed)
    assert all(each is not None for each in opened)
    return len(opened)


def test_everything_comes_back_row_by_row(copies, scratch_house, lived_in, alma) -> None:
    child = begin(alma).members.get(position=2)
    note = notes.write(member=child, text="Liv er otte.", by=alma, once=uuid4())
    notes.write(member=child, text="Liv er syv.", by=alma, once=uuid4(), corrects=note.pk)
    keeper()
    before, opened = all_rows(), everything_opens()
    content, keys = copies.make()

    with scratch_house():
        done = copies.restore(content, keys)
        after = all_rows()
        assert everything_opens() == opened > 10
        assert after.pop("privacy.auditentry")[: len(before["privacy.auditentry"])] == before.pop("privacy.auditentry")
        assert after == before
        assert sum(map(bool, before.values())) > 35
        assert (done.left_out, done.keys_left_out, done.keys_lacking) == (0, 0, 0)
        assert AuditEntry.objects.filter(action="backups.restored").exists()
        assert Path(keyring.Places.ours().ring).stat().st_mode & 0o777 == 0o600


def test_the_database_goes_on_counting_and_refusing(copies, scratch_house, lived_in, alma) -> None:
    highest = User.objects.order_by("-pk").values_list("pk", flat=True)[0]
    content, keys = copies.make()

    with scratch_house():
        copies.restore(content, keys)
        new = User.objects.create(email="ny@huset.example", handle="ny", first_name="Ny")
        assert new.pk > highest
        for refused in (
            lambda: AuditEntry.objects.all().delete(),
            lambda: ContactCard.objects.exclude(consent=None).update(consent=uuid4()),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                refused()


def test_content_without_keys_is_unreadable(copies, scratch_house, lived_in) -> None:
    content, _keys = copies.make()
    ring = keyring.Places.ours().ring

    with scratch_house():
        done = copies.restore(content)
        # Not even with today's ring and the master key.
        shutil.copy(ring, keyring.Places.ours().ring)
        row = Message.objects.first()
        with pytest.raises(keyring.Shredded):
            keyring.open_sealed(row.thread.key, bytes(row.body), context=f"message:{row.pk}:body:1")
        assert done.keys_lacking == len(rows.known_keys()[0]) > 5


def test_an_old_copy_of_the_keys_does_not_bring_back_what_was_destroyed(copies, scratch_house, lived_in, at) -> None:
    content, keys = copies.make()
    burned = Thread.objects.get(pk=lived_in["thread"]["taken"])
    names = {burned.key, burned.card.key}
    threads.shred(thread=burned, by="keeper")
    at("2026-11-24T04:10")
    copies.make()

    with scratch_house():
        # The newer copies lie beside the old ones, and are asked what was destroyed.
        done = copies.restore(content, keys)
        assert not DataKey.objects.filter(pk__in=names).exists()
        assert (
            not Thread.objects.filter(pk=lived_in["thread"]["taken"]).exists()
            and not Box.objects.filter(pk=burned.box).exists()
        )
        assert not Message.objects.filter(thread_id=lived_in["thread"]["taken"]).exists()
        assert done.left_out > 5 and done.keys_left_out == 3
        assert everything_opens() > 3
        assert names <= set(Tombstone.objects.values_list("pk", flat=True))


def test_a_newer_copy_elsewhere_is_asked_when_it_is_named(copies, scratch_house, lived_in, at, tmp_path) -> None:
    content, keys = copies.make()
    burned = Thread.objects.get(pk=lived_in["thread"]["taken"])
    threads.shred(thread=burned, by="keeper")
    at("2026-11-24T04:10")
    newer = [path.rename(tmp_path / path.name) for path in copies.make()]

    with scratch_house():
        copies.restore(content, keys, also=[newer[1]])
        assert not DataKey.objects.filter(pk=burned.key).exists()
    with scratch_house():
        copies.restore(content, keys)
        assert DataKey.objects.filter(pk=burned.key).exists(), "what no copy knows of is not known"


def test_an_erased_course_stays_erased(copies, scratch_house, furnished, alma, at) -> None:
    at("2026-11-23T08:10")
    kept, gone = begin(alma), begin(alma)
    content, keys = copies.make()
    ref = casework.erase_course(course=gone, why="wish", by=alma)
    at("2026-11-24T04:10")
    newer, _keys = copies.make()

    with scratch_house():
        copies.restore(content, keys)
        assert list(Course.objects.all()) == [kept]
        assert Member.objects.filter(course=gone.pk).count() == 0
        assert set(BlindToken.objects.values_list("course", flat=True)) == {kept.pk}
        assert [row.ident for row in finding.look_for(kind="name", text="Jens", by=alma).rows] == [kept.pk]
    # The living house knows too, when only its content is lost.
    assert ref and newer.exists()


def test_a_card_taken_back_and_given_again_is_two_keys(copies, scratch_house, lived_in, at) -> None:
    """The old number stays destroyed beside the new one."""
    thread = Thread.objects.get(pk=lived_in["thread"]["taken"])
    _content, keys = copies.make()
    old = thread.card.key
    threads.forget_card(thread=thread, by="keeper")
    threads.card(thread, {"how": "call", "phone": "11223344"}, by="keeper")
    new = ContactCard.objects.get(thread=thread).key
    at("2026-11-24T04:10")
    content, _keys = copies.make()

    assert new != old
    with scratch_house():
        done = copies.restore(content, keys)
        assert not DataKey.objects.filter(pk=old).exists()
        assert done.keys_lacking == 1, "the new number was given after the copy of the keys"


def test_the_living_keys_keep_old_content_out(copies, scratch_house, lived_in) -> None:
    """Only the content is lost: the key store lives, and knows what was destroyed."""
    content, _keys = copies.make()
    burned = Thread.objects.get(pk=lived_in["thread"]["taken"])
    threads.shred(thread=burned, by="keeper")
    buried, wrapped = list(Tombstone.objects.all()), list(DataKey.objects.all())

    with scratch_house(["default"]):
        done = copies.restore(content)
        assert not Thread.objects.filter(pk=lived_in["thread"]["taken"]).exists() and done.left_out > 5
        assert (list(Tombstone.objects.all()), list(DataKey.objects.all())) == (buried, wrapped)
        assert everything_opens() > 3


def test_lost_keys_come_back_to_a_living_door(copies, scratch_house, lived_in) -> None:
    _content, keys = copies.make()
    boxes = list(Box.objects.order_by("pk"))

    with scratch_house(["keys"]):
        with pytest.raises(archive.Refused, match="`door` is not empty"):
            copies.restore(None, keys)
        copies.restore(None, keys, leave_door=True)
        assert list(Box.objects.order_by("pk")) == boxes
        assert everything_opens() > 10


def test_nothing_is_written_over(copies, scratch_house, lived_in, keys) -> None:
    content, wrapped = copies.make()
    before = all_rows()

    with pytest.raises(archive.Refused, match=r"`default` is not empty"):
        copies.restore(content)
    with pytest.raises(archive.Refused, match="`keys` is not empty"):
        copies.restore(None, wrapped)
    with scratch_house():
        place = keyring.Places.ours().ring
        place.parent.mkdir(exist_ok=True)
        place.write_text("mine")
        with pytest.raises(archive.Refused, match="key ring at"):
            copies.restore(content, wrapped)
        assert not User.objects.exists() and place.read_text() == "mine"
    assert all_rows() == before


def test_a_copy_of_another_version_is_refused(copies, scratch_house, lived_in, monkeypatch) -> None:
    content, keys = copies.make()
    ours = rows.migrations
    with scratch_house():
        monkeypatch.setattr(rows, "migrations", lambda alias: [*ours(alias), "threads.0099_tomorrow"])
        with pytest.raises(archive.Refused, match=r"not been through: threads.0099_tomorrow.*Install the version"):
            copies.restore(content, keys)
        monkeypatch.setattr(rows, "migrations", lambda alias: [])
        with pytest.raises(archive.Refused, match="has no tables yet"):
            copies.restore(content, keys)


def test_a_damaged_copy_restores_nothing(copies, scratch_house, lived_in) -> None:
    content, keys = copies.make()
    whole = keys.read_bytes()
    for damaged in (whole[:-30], whole[:-30] + bytes(30)):
        keys.write_bytes(damaged)
        with scratch_house():
            with pytest.raises(archive.Refused, match=r"cut off|damaged"):
                copies.restore(content, keys)
            assert not User.objects.exists() and not DataKey.objects.exists() and not Box.objects.exists()
            assert not keyring.Places.ours().ring.exists()


def test_a_newer_copy_that_cannot_be_read_is_not_passed_by(copies, scratch_house, lived_in, at) -> None:
    content, keys = copies.make()
    at("2026-11-24T04:10")
    newer = copies.make()[1]
    newer.write_bytes(newer.read_bytes()[:150])
    with scratch_house(), pytest.raises(archive.Refused, match="knows what was destroyed since"):
        copies.restore(content, keys)


def test_a_number_without_its_consent_is_refused_also_from_a_copy(copies, scratch_house, lived_in) -> None:
    """The database's own rules hold while a copy comes in."""
    from brobygger.consents.migrations import _kept

    _kept.drop(connections["default"])
    ContactCard.objects.exclude(consent=None).update(consent=uuid4())
    content, keys = copies.make()
    with scratch_house(), pytest.raises(archive.Refused, match="nothing was restored"):
        copies.restore(content, keys)
    assert Consent.objects.exists()


def test_a_forged_copy_cannot_bring_tables_to_where_they_do_not_belong(copies, scratch_house, furnished) -> None:
    public = backups.queries.public_keys()["content"]
    path = copies.folder / "content-20261123T071000Z.brobygger"
    head = {"format": 1, "kind": "content", "made": "2026-11-23T07:10:00+00:00", "tables": {"privacy.datakey": 0}}
    with archive.writing(path, "content", public) as file:
        file.write(rows.line({**head, "migrations": {"default": rows.migrations("default")}}))
        file.write(rows.line({"table": "privacy.datakey", "columns": ["id", "month", "wrapped"]}))
    with scratch_house(), pytest.raises(archive.Refused, match="belongs elsewhere"):
        copies.restore(path)


def test_the_commands_ask_for_sheets_and_take_them_from_a_file(copies, scratch_house, lived_in, monkeypatch) -> None:
    content, keys = copies.make()
    page = copies.folder / "sheets.txt"
    page.write_text("\n".join(rules.sheet(kind, private) for kind, private in copies.sheets))
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)

    with scratch_house():
        with pytest.raises(CommandError, match="Give the recovery sheets"):
            call_command("restore", "--content", str(content))
        with pytest.raises(CommandError, match="recovery sheet of the content"):
            call_command("restore", "--content", str(content), "--sheets", str(_only(page, copies, "keys")))
        call_command("restore", "--content", str(content), "--keys", str(keys), "--sheets", str(page))
        assert everything_opens() > 10


def _only(page: Path, copies, kind: str) -> Path:
    one = page.with_name("one.txt")
    one.write_text(rules.sheet(kind, dict(copies.sheets)[kind]))
    return one


def test_the_drill_says_it_in_one_line(copies, scratch_house, lived_in, at, capsys) -> None:
    content, _keys = copies.make()
    before = all_rows()
    page = copies.folder / "sheets.txt"
    page.write_text("\n".join(rules.sheet(kind, private) for kind, private in copies.sheets))

    call_command("restore", "--drill", "--sheets", str(page))

    said = capsys.readouterr().out
    assert said.startswith(f"In order: {content.name} (") and "all of them open" in said and said.count("\n") == 1
    assert all_rows() == before

    DataKey.objects.update(wrapped=b"x" * 72)
    at("2026-11-23T08:11")
    copies.make()
    with pytest.raises(CommandError, match="do not open"):
        call_command("restore", "--drill", "--sheets", str(page))
    at("2026-11-25T08:11")
    with pytest.raises(CommandError, match="older than a day"):
        call_command("restore", "--drill", "--sheets", str(page))


def test_tombstones_are_forgotten_when_no_copy_can_be_as_old(copies, at) -> None:
    from brobygger.privacy import services as privacy

    now = at("2026-11-23T08:10")
    keyring.shred(key := keyring.new_data_key(about=uuid4()))
    keyring.shred(key)
    assert set(Tombstone.objects.values_list("pk", flat=True)) == {key}
    assert max(rules.KEPT.values()) < privacy.TOMBSTONES_LIVE.days
    # Counted from the month: its day would tell which course began when which thread ended.
    assert Tombstone.objects.get().on.day == 1
    privacy.sweep(now + timedelta(days=69))
    assert Tombstone.objects.count() == 1
    privacy.sweep(now + timedelta(days=70))
    assert Tombstone.objects.count() == 0


def test_what_stands_first_is_what_was_destroyed(copies, lived_in, alma) -> None:
    gone = begin(alma)
    keys_of = {gone.key, *gone.members.values_list("key", flat=True)}
    casework.erase_course(course=gone, why="wish", by=alma)
    content, keys = copies.make()

    for path, kind in ((content, "content"), (keys, "keys")):
        found = reading.destroyed_in(path, kind, copies.sheets)
        assert keys_of <= found and all(isinstance(each, UUID) for each in found)
