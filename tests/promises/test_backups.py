"""Backups: a house that burned down stands again from its copies, on either database, without what was destroyed."""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import cluster, running
from tests.letters import Visitor
from tests.promises import searching
from tests.promises.test_t5_burned_stays_burned import family
from tests.running import House

pytestmark = pytest.mark.promise(
    "B1",
    da="Det, vi har slettet, kommer ikke igen fra en sikkerhedskopi. Efter syv dage kan ingen kopi, vi har lavet, "
    "åbne det.",
    en="What we have deleted does not come back from a backup. After seven days no copy we made can open it.",
)

KIND = os.environ.get("BROBYGGER_DB", "sqlite")
#: From which database to which. Where there is a PostgreSQL server, copies cross over both ways.
CROSSINGS = {"sqlite": [("sqlite", "sqlite")], "postgres": [("postgres", "sqlite"), ("sqlite", "postgres")]}[KIND]
TUESDAY, NEXT_WEEK = "2026-11-24T04:10", "2026-12-02T04:10"
COURSES = """
from uuid import uuid4
from brobygger.access.models import User
from brobygger.casework import notes
from brobygger.casework.tests.families import begin
for _each in range(2):
    course = begin(User.objects.get(handle="bo"))
    notes.write(member=course.members.first(), text="Et ord.", by=User.objects.get(handle="bo"), once=uuid4())
print(course.pk)
"""
ERASE = """
from brobygger.access.models import User
from brobygger.casework import services
from brobygger.casework.models import Course
print(services.erase_course(course=Course.objects.get(pk="{course}"), why="wish", by=User.objects.get(handle="bo")))
"""
#: Every row of every table that is copied but the trail; and how many messages and notes open, of how many.
EVERYTHING = """
import json
from brobygger.backups import rows
from brobygger.casework import record
from brobygger.casework.models import Note
from brobygger.privacy import keyring
from brobygger.threads.models import Message
found = {
    model._meta.label_lower: [json.loads(each) for each in rows.dump(model, alias)]
    for alias in ("default", "keys", "door") for model in rows.tables(alias)
    if model._meta.label_lower != "privacy.auditentry"
}
sealed = [(each.thread.key, bytes(each.body), f"message:{each.pk}:body:1") for each in Message.objects.all()]
sealed += [(each.member.key, bytes(each.sealed), record.place("note", each.pk)) for each in Note.objects.all()]
opened = [each is not None for each in keyring.open_many(sealed)]
print(json.dumps([found, sum(opened), len(opened)]))
"""
BUILD = """
from django.core.management import call_command
for alias in ("default", "keys", "door"):
    call_command("migrate", database=alias, verbosity=0)
call_command("grant_street")
call_command("collectstatic", interactive=False, verbosity=0)
"""


@contextmanager
def empty_house(like: House, kind: str, master: Path) -> Iterator[House]:
    """A new machine: migrated databases with nothing in them, and the master key typed in from its sheet."""
    var = like.var / f"new-{secrets.token_hex(3)}"
    env = {**like.env, "BROBYGGER_VAR": str(var), "BROBYGGER_DB": kind}
    (var / "secret").mkdir(parents=True)
    shutil.copy(master, var / "secret" / "master.key")
    with running._databases(env) as places:
        built = House("new", cluster.free_port(), var, {**env, **places})
        built.ask(BUILD)
        try:
            yield built
        finally:
            built.stop()


def sheets_of(house: House) -> str:
    """Make the keys and keep what is printed, as a safe would; give the file."""
    page = house.var / "a-safe.txt"
    page.write_text(house.manage("backup", "--make-keys"))
    return str(page)


def copies(house: House, kind: str) -> list[Path]:
    """Name the copies of a kind, oldest first."""
    return sorted((house.var / "backups" / kind).glob("*.brobygger"))


def state(house: House) -> tuple[dict[str, list[Any]], int, int]:
    """Give every row, how many sealed things open, and how many there are."""
    found, count, of = json.loads(house.ask(EVERYTHING))
    return found, count, of


def test_a_house_that_burned_down_stands_again(own_house: House) -> None:
    house = own_house
    burned, kept = family(house, "Det her skal væk."), family(house, "Det her skal blive.")
    course = house.ask(COURSES)
    sheets = sheets_of(house)
    # While everybody goes on working.
    house.manage("backup")
    assert Visitor(house.url).burn(burned).status == 200
    ref = house.ask(ERASE.format(course=course))
    searching.until(lambda: searching.settled(house))
    house.manage("sweep")
    house.stop()
    house.manage("backup", BROBYGGER_CLOCK=TUESDAY)
    old = {kind: copies(house, kind)[0] for kind in ("content", "keys")}

    with empty_house(house, KIND, house.var / "secret" / "master.key") as again:
        # The copies from before the fire. The newer ones lie beside them, and are asked what was destroyed since.
        said = again.manage("restore", *_named(old), "--sheets", sheets)
        assert "destroyed since" in said and "NOT readable" not in said
        found, opened, count = state(again)
        assert opened == count > 3 and len(found["casework.course"]) == 1
        again.start()
        assert Visitor(again.url).come_back(kept).status == 200
        assert Visitor(again.url).come_back(burned).status == 422

    house.manage("backup", BROBYGGER_CLOCK=NEXT_WEEK)
    said = house.manage("prove-erased", ref, "--english", "--sheets", sheets, BROBYGGER_CLOCK=NEXT_WEEK)
    assert "Nothing of it opens." in said and "keys of others in the same copy" in said
    assert not old["keys"].exists() and old["content"].exists()


def _named(both: dict[str, Path]) -> list[str]:
    return ["--content", str(both["content"]), "--keys", str(both["keys"])]


@pytest.mark.parametrize(("source", "target"), CROSSINGS)
def test_a_copy_crosses_over_to_the_other_database(source: str, target: str) -> None:
    with running.house("ditrum", letters=True, start=False, BROBYGGER_DB=source) as house:
        house.ask(COURSES)
        sheets = sheets_of(house)
        house.manage("backup")
        both = {kind: copies(house, kind)[0] for kind in ("content", "keys")}
        before = state(house)
        with empty_house(house, target, house.var / "secret" / "master.key") as again:
            # The one half alone is worth nothing, even with the ring and the master key.
            (again.var / "ring").mkdir()
            shutil.copy(house.var / "ring" / "ring.json", again.var / "ring")
            assert "NOT readable" in again.manage("restore", *_named(both)[:2], "--sheets", sheets)
            assert state(again)[1] == 0
            (again.var / "ring" / "ring.json").unlink()
            again.manage("restore", *_named(both)[2:], "--sheets", sheets)
            after = state(again)
            assert [name for name in before[0] if before[0][name] != after[0][name]] == []
            assert after == before and before[1] == before[2] > 5
        assert "In order:" in house.manage("restore", "--drill", "--sheets", sheets)


def test_no_copy_holds_what_was_said_or_the_master_key(own_house: House) -> None:
    house = own_house
    word = f"Kanariefugl {secrets.token_hex(6)}"
    family(house, word)
    sheets_of(house)
    house.manage("backup")
    master = (house.var / "secret" / "master.key").read_text().strip()
    needles = searching.disguises(word) | searching.disguises(master) | {bytes.fromhex(master)}
    files = [*copies(house, "content"), *copies(house, "keys")]

    assert len(files) == 2 and all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    assert not [path for path in files for each in needles if each in path.read_bytes()]
    assert word not in house.log and master not in house.log
