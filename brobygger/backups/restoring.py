"""Putting copies into empty databases, without what was destroyed since they were made."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction

from brobygger.privacy import keyring
from brobygger.privacy import queries as privacy
from brobygger.privacy import services as audit

from . import queries, rows, rules
from .archive import Refused
from .reading import File, Opened, Sheets, destroyed_in
from .rows import ALIASES


@dataclass
class Restored:
    """What came of it."""

    rows: int = 0
    #: Rows that are about something destroyed since.
    left_out: int = 0
    keys: int = 0
    #: Keys destroyed since, and keys that nothing in the content is sealed under.
    keys_left_out: int = 0
    #: Keys that content is sealed under, and that no copy here has.
    keys_lacking: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass
class Wish:
    """What is to be restored, from where."""

    content: Path | None
    keys: Path | None
    sheets: Sheets
    also: Sequence[Path] = ()
    #: The door's own boxes are there and newer: the copy's stay out.
    leave_door: bool = False

    @property
    def given(self) -> list[tuple[str, Path]]:
        """Name the copies, with their kinds."""
        both = ((rules.CONTENT, self.content), (rules.KEYS, self.keys))
        return [(kind, path) for kind, path in both if path is not None]


def run(wish: Wish) -> Restored:
    """Restore what is wished for, whole or not at all. Raises `Refused`."""
    if not wish.given:
        raise Refused("Name a copy of the content, of the keys, or both.")
    for kind, path in wish.given:
        _fits(path, kind, wish)
    dead = rows.Dead(known_dead(wish))
    done = Restored()
    try:
        with ExitStack() as stack:
            for alias in (alias for kind, _path in wish.given for alias in ALIASES[kind]):
                stack.enter_context(transaction.atomic(using=alias))
            files = [file for kind, path in wish.given for file in _load(path, kind, wish, dead, done)]
            _bury_again(wish, dead)
            _lay_out(files)
    except DatabaseError as why:
        raise Refused(f"The database refused a row of the copy, and nothing was restored: {why}".strip()) from None
    done.left_out = dead.count
    wrapped, _rows = rows.known_keys()
    done.keys_lacking = len(wrapped - rows.ids("privacy.datakey") - privacy.buried())
    return done


def fill_scratch(path: Path, sheets: Sheets) -> None:
    """Put a copy of the content into a scratch house as it is, with what was destroyed since. Raises `Refused`."""
    wish = Wish(path, None, sheets)
    _fits(path, rules.CONTENT, wish)
    with transaction.atomic():
        _load(path, rules.CONTENT, wish, rows.Dead(), Restored())


# --- before ----------------------------------------------------------------------------------------------------------


def _fits(path: Path, kind: str, wish: Wish) -> None:
    """See that a copy and this house fit together, and that nothing is written over."""
    with Opened(path, kind, wish.sheets) as copy:
        for alias, theirs in copy.migrations.items():
            ours = rows.migrations(alias)
            if not ours:
                raise Refused(f"The database `{alias}` has no tables yet. Run: manage.py migrate --database {alias}")
            if ours != theirs:
                raise Refused(_another_version(path, ours, theirs))
    besides = {*rows.MAY_BE_THERE, *rows.NEVER}
    for alias in ALIASES[kind]:
        filled = None if alias == "door" and wish.leave_door else rows.first_filled(alias, besides)
        if filled:
            raise Refused(
                f"The database `{alias}` is not empty: there are rows in {filled}. A copy is restored only into "
                "empty databases, made by: manage.py migrate. Move this one away first; nothing here is written over."
            )
    ring = keyring.Places.ours().ring
    if kind == rules.KEYS and ring.exists():
        raise Refused(
            f"There is a key ring at {ring}, and the copy has one too. Move it away (keep it: it may open what is "
            "newer than the copy), and restore again."
        )


def _another_version(path: Path, ours: list[str], theirs: list[str]) -> str:
    lacking, extra = sorted(set(theirs) - set(ours)), sorted(set(ours) - set(theirs))
    said = f"{path} was made by another version of the house."
    if lacking:
        said += f" This database has not been through: {', '.join(lacking[:5])}{' …' if lacking[5:] else ''}."
    if extra:
        said += f" The copy had not been through: {', '.join(extra[:5])}{' …' if extra[5:] else ''}."
    return f"{said} Install the version that made it, migrate an empty database, restore, and then upgrade."


def known_dead(wish: Wish) -> set[UUID]:
    """Name all that is known to be destroyed: by this house, by the copies given, by the newest copy beside each."""
    dead = privacy.buried() | privacy.erased_keys()
    asked = [*wish.given, *((_kind(path), path) for path in wish.also)]
    for kind, path in wish.given:
        beside = {each for where in (path.parent, queries.folder(kind)) for each in queries.copies(kind, where)}
        newer = sorted(beside, key=lambda each: each.name)[-1:]
        asked += [(kind, each) for each in newer if each.name > path.name]
    for kind, path in dict.fromkeys(asked):
        try:
            dead |= destroyed_in(path, kind, wish.sheets)
        except Refused as why:
            if (kind, path) in wish.given:
                raise
            raise Refused(
                f"{why} It is newer than the copy you name, and knows what was destroyed since. Move it away only if "
                "you must do without."
            ) from None
    return dead


def _kind(path: Path) -> str:
    named = rules.read_name(path.name)
    if named is None:
        raise Refused(f"{path} is not called as a copy is (content-… or keys-…, .brobygger).")
    return named.kind


# --- the loading -----------------------------------------------------------------------------------------------------


def _load(path: Path, kind: str, wish: Wish, dead: rows.Dead, done: Restored) -> list[File]:
    wrapped, sealed = rows.known_keys() if kind == rules.KEYS else (set(), set())

    def wanted(model: rows.Model, row: dict[str, Any]) -> bool:
        name = model._meta.label_lower
        if name == "privacy.datakey":
            return row["id"] not in dead.ids and row["id"] in wrapped
        if name == "privacy.blindtoken":
            return row["about"] not in dead.ids and row["course"] in sealed
        return name == "privacy.tombstone" or not dead.takes(model, row)

    files: list[File] = []
    loaders = {alias: rows.Loader(alias, wanted) for alias in ALIASES[kind]}
    with Opened(path, kind, wish.sheets) as copy:
        came = dict.fromkeys(copy.tables, 0)
        for part in copy:
            if isinstance(part, File):
                files.append(part)
                continue
            alias = rows.home(part.model)
            if alias not in loaders or part.name in rows.NEVER:
                raise Refused(f"{path} has a table that belongs elsewhere: {part.name}.")
            if alias == "door" and wish.leave_door:
                came[part.name] = copy.tables[part.name]
                continue
            came[part.name], kept = loaders[alias].table(part.model, part.dicts())
            done.rows += kept
            if part.name == "privacy.datakey":
                done.keys, done.keys_left_out = kept, came[part.name] - kept
        if came != copy.tables:
            raise Refused(f"{path} does not hold the rows it says it holds. Use another copy.")
    for loader in loaders.values():
        loader.settle()
    return files


def _bury_again(wish: Wish, dead: rows.Dead) -> None:
    """Remember in the restored keys what is destroyed, so that the next restoring knows it too."""
    if wish.keys:
        audit.bury(ids=dead.ids, by="keeper")


def _lay_out(files: list[File]) -> None:
    """Put the files of the keys in their places, last; the door's own, when it is there, is newer."""
    places = keyring.Places.ours()
    for part in files:
        place, mode = {"ring": (places.ring, 0o600), "door": (places.door, 0o644)}[part.name]
        if part.name == "ring" or not place.exists():
            _put(place, part.data, mode)


def _put(place: Path, data: bytes, mode: int) -> None:
    place.parent.mkdir(mode=0o700 if mode == 0o600 else 0o755, parents=True, exist_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
