"""Making copies: the keys they are sealed to, the two files of a night, and deleting those whose days have passed."""

import base64
import json
import os
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from nacl.public import PrivateKey

from brobygger.ground import clock
from brobygger.privacy import keyring
from brobygger.privacy import services as audit

from . import proof, queries, restoring, rows, rules
from .archive import Refused, Writer, writing
from .reading import Sheets
from .rows import ALIASES


@dataclass(frozen=True, slots=True)
class Made:
    """A copy that was made: where, and how many rows are in it."""

    path: Path
    rows: int


def make_keys(*, by: Any) -> dict[str, bytes]:
    """Make the pair of keys of each kind, keep the public halves, and give the private ones, to be printed at once.

    Raises `Refused` when there are keys already: copies made with them still live.
    """
    place = Path(settings.BACKUP_PUBLIC_FILE)
    if place.exists():
        raise Refused(
            f"There are keys already ({place}). To make new ones, move that file away; keep the old sheets for "
            f"{max(rules.KEPT.values())} days, until the last copy that needs them is deleted."
        )
    pairs = {kind: PrivateKey.generate() for kind in rules.KINDS}
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(handle, "w") as file:
        json.dump({kind: bytes(pair.public_key).hex() for kind, pair in pairs.items()}, file, indent=1)
    audit.record(by=by, action="backups.keys_made", about="house:backups")
    return {kind: bytes(pair) for kind, pair in pairs.items()}


def back_up(*, by: Any) -> tuple[list[Made], list[Path]]:
    """Make both copies of now and delete those whose days have passed; give both. Raises `Refused`, `OSError`.

    What is old goes even when nothing new could be made: how long a copy lives is promised to families.
    """
    places = {kind: queries.folder(kind) for kind in rules.KINDS}
    if places[rules.CONTENT].resolve() == places[rules.KEYS].resolve():
        raise Refused("Both kinds of copies would lie in one folder. Name two: whoever finds one must not find both.")
    now = clock.now()
    made: list[Made] = []
    try:
        public = queries.public_keys()
        if not public:
            raise Refused("There are no keys to seal copies to. Make them: manage.py backup --make-keys")
        # In this order: every key the content needs is older than it, and so is in the copy of the keys.
        for kind in rules.KINDS:
            path = places[kind] / rules.Copy(kind, now).name
            with writing(path, kind, public[kind]) as file:
                count = _write(file, kind, now)
            made.append(Made(path, count))
    finally:
        gone = _prune(now)
    audit.record(by=by, action="backups.made", about="house:backups")
    return made, gone


def _prune(now: datetime) -> list[Path]:
    today, gone = clock.local(now).date(), []
    for kind in rules.KINDS:
        for path in queries.copies(kind):
            made = queries.made_at(path)
            if made and rules.outlived(kind, clock.local(made).date(), today):
                path.unlink()
                gone.append(path)
    return gone


def _write(file: Writer, kind: str, now: datetime) -> int:
    with ExitStack() as stack:
        if kind == rules.KEYS:
            # The ring stands still while the keys it wraps are read.
            stack.enter_context(keyring.locked(keyring.Places.ours()))
        for alias in ALIASES[kind]:
            stack.enter_context(rows.still(alias))
        return _write_all(file, kind, now)


def _write_all(file: Writer, kind: str, now: datetime) -> int:
    chosen = [(alias, model) for alias in ALIASES[kind] for model in rows.tables(alias)]
    count = {model._meta.label_lower: model._base_manager.using(alias).count() for alias, model in chosen}
    head = {
        "format": rules.FORMAT,
        "kind": kind,
        "made": now,
        "migrations": {alias: rows.migrations(alias) for alias in ALIASES[kind]},
        "tables": count,
    }
    file.write(rows.line(head))
    for alias, model in chosen:
        file.write(rows.line({"table": model._meta.label_lower, "columns": rows.columns(model)}))
        for each in rows.dump(model, alias):
            file.write(each)
    if kind == rules.KEYS:
        for name, data in _ring_files().items():
            file.write(rows.line({"file": name, "data": base64.b64encode(data).decode()}))
    return sum(count.values())


def _ring_files() -> dict[str, bytes]:
    """Give the files that go with the keys: the ring and the door's public keys. Never the master key."""
    places = keyring.Places.ours()
    try:
        return {"ring": places.ring.read_bytes(), "door": places.door.read_bytes()}
    except OSError as why:
        raise Refused(f"{why.filename} cannot be read: {why.strerror}.") from None


def restore(*, wish: restoring.Wish, by: Any) -> restoring.Restored:
    """Put copies into empty databases, without what was destroyed since; whole or not at all. Raises `Refused`."""
    done = restoring.run(wish)
    names = ", ".join(path.name for _kind, path in wish.given)
    audit.record(by=by, action="backups.restored", about="house:backups", reason=names)
    return done


def prove_erased(*, ref: str, sheets: Sheets, by: Any) -> proof.Proof:
    """Try to open what was erased, in every way there is, and write down what came of it. Raises `Refused`."""
    found = proof.prove(ref, sheets)
    said = {0: "nothing_opens", 1: "something_opens", 2: "cannot_tell"}[found.verdict]
    audit.record(by=by, action="backups.erasure_tried", about=f"erasure:{ref[:40]}", reason=said)
    return found
