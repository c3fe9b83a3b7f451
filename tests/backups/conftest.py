"""Places for copies, the sheets, and scratch houses that are built once."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from brobygger.backups import queries, reading, restoring, rows, scratch, services
from tests.lived_in import lived_in

__all__ = ["lived_in"]


@dataclass
class Copies:
    """The copies of one test's house."""

    folder: Path
    sheets: reading.Sheets

    def make(self) -> tuple[Path, Path]:
        """Make both copies of now."""
        made, _gone = services.back_up(by="machine")
        return made[0].path, made[1].path

    def restore(self, content: Path | None = None, keys: Path | None = None, **more: Any) -> restoring.Restored:
        """Restore into what is there now."""
        wish = restoring.Wish(content, keys, self.sheets, **more)
        return services.restore(wish=wish, by="machine")

    def text(self, path: Path) -> bytes:
        """Give everything that lies in a copy, opened."""
        kind = path.name.partition("-")[0]
        privates = [private for each, private in self.sheets if each == kind]
        with reading.Opened(path, kind, self.sheets):
            return b"".join(reading.Reader(path, kind, privates).pieces())


@pytest.fixture
def copies(db: None, keys: Path, tmp_path: Path, settings: Any) -> Copies:
    """Two places for copies, and the keys they are sealed to."""
    settings.BACKUP_DIRS = {"content": tmp_path / "content", "keys": tmp_path / "elsewhere"}
    settings.BACKUP_PUBLIC_FILE = tmp_path / "public-keys.json"
    return Copies(tmp_path, list(services.make_keys(by="machine").items()))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Path:
    """Empty databases, built once by the real migrations."""
    folder = tmp_path_factory.mktemp("built")
    with django_db_blocker.unblock(), scratch.house() as made:
        for alias in scratch.ALIASES:
            connections[alias].close()
        for path in made.glob("*.sqlite3"):
            shutil.copy(path, folder)
    return folder


@pytest.fixture
def scratch_house(built: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Build scratch houses by copying empty databases."""

    def copied(alias: str) -> None:
        shutil.copy(built / f"{alias}.sqlite3", connections[alias].settings_dict["NAME"])

    monkeypatch.setattr(scratch, "build", copied)
    return scratch.house


def all_rows() -> dict[str, list[Any]]:
    """Give every row of every table that is copied."""
    found = {}
    for alias in scratch.ALIASES:
        for model in rows.tables(alias):
            values = model._base_manager.using(alias).order_by("pk").values_list(*rows.columns(model))
            found[model._meta.label_lower] = [
                tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in values
            ]
    return found


@pytest.fixture
def newest() -> Iterator[Callable[[str], Path]]:
    """Name the newest copy of a kind."""
    yield lambda kind: queries.copies(kind)[0]
