"""A scratch house: empty databases of its own in one folder, for as long as a block lasts, and nothing left of it."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend

ALIASES = ("default", "keys", "door")


@contextmanager
def house(aliases: Iterable[str] = ALIASES) -> Iterator[Path]:
    """Put empty SQLite databases and a place for a ring where the house's own are; give the folder."""
    with tempfile.TemporaryDirectory(prefix="brobygger-scratch-") as name:
        folder = Path(name)
        before = {alias: connections[alias] for alias in aliases}
        places, old = (settings.KEY_RING_FILE, settings.DOOR_KEYS_FILE), os.umask(0o077)
        try:
            for alias in before:
                connections[alias] = _connection(alias, folder / f"{alias}.sqlite3")
            if "keys" in before:
                settings.KEY_RING_FILE, settings.DOOR_KEYS_FILE = folder / "ring.json", folder / "public-keys.json"
            for alias in before:
                build(alias)
            yield folder
        finally:
            settings.KEY_RING_FILE, settings.DOOR_KEYS_FILE = places
            for alias, connection in before.items():
                connections[alias].close()
                connections[alias] = connection
            os.umask(old)
            _wipe(folder)


def build(alias: str) -> None:
    """Make the tables of an empty database."""
    call_command("migrate", database=alias, verbosity=0, interactive=False)


def _connection(alias: str, path: Path) -> Any:
    options = {"init_command": "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF;PRAGMA temp_store=MEMORY;"}
    made = {"ENGINE": "brobygger.ground.sqlite", "NAME": str(path), "OPTIONS": options}
    conf = connections.configure_settings({"default": made})["default"]
    return load_backend(conf["ENGINE"]).DatabaseWrapper(conf, alias)


def _wipe(folder: Path) -> None:
    """Write over every file before it is removed."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("r+b") as file:
                left = path.stat().st_size
                while left > 0:
                    left -= file.write(b"\0" * min(left, 1 << 20))
                file.flush()
                os.fsync(file.fileno())
