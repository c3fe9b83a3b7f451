"""Reading a copy from front to end: what it says of itself, its tables one after the other, its files."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from django.apps import apps

from . import rows, rules
from .archive import Reader, Refused

#: Private keys, each with the kind of copies it opens.
Sheets = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a copy; its rows are read once, as they come."""

    model: rows.Model
    columns: list[str]
    rows: Iterator[list[Any]]

    @property
    def name(self) -> str:
        """Say which table it is."""
        return str(self.model._meta.label_lower)

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Give each row by the names of its columns, in Python's own types."""
        fields = {field.attname: field for field in self.model._meta.concrete_fields}
        for row in self.rows:
            pairs = zip(self.columns, row, strict=True)
            yield {name: None if value is None else fields[name].to_python(value) for name, value in pairs}


@dataclass(frozen=True, slots=True)
class File:
    """One file of a copy."""

    name: str
    data: bytes


class Opened:
    """A copy that is being read. Raises `Refused`, also half way: nothing of it counts before its end was seen."""

    def __init__(self, path: Path, kind: str, sheets: Sheets) -> None:
        """Open it with the sheets for its kind and read what it says of itself."""
        privates = [private for each, private in sheets if each == kind]
        if not privates:
            raise Refused(f"To open {path.name}, give the recovery sheet of the {kind}.")
        self.path, self.kind = path, kind
        self._reader = Reader(path, kind, privates)
        self._lines = (json.loads(each) for each in self._reader.lines())
        self._next: dict[str, Any] | None = None
        try:
            head = next(self._lines)
            if head["format"] != rules.FORMAT:
                raise Refused(f"{path} is written in a form this version does not know. Use the version that made it.")
        except BaseException:
            self._reader.close()
            raise
        self.made = datetime.fromisoformat(head["made"])
        self.migrations: dict[str, list[str]] = head["migrations"]
        self.tables: dict[str, int] = head["tables"]

    def __enter__(self) -> Self:
        """Read within a block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the file."""
        self._reader.close()

    def __iter__(self) -> Iterator[Table | File]:
        """Give the tables and files in the order they were written."""
        self._next = next(self._lines, None)
        while self._next is not None:
            here = self._next
            if "file" in here:
                yield File(here["file"], base64.b64decode(here["data"]))
                self._next = next(self._lines, None)
                continue
            left = self._rows()
            yield Table(self._model(here["table"]), here["columns"], left)
            for _row in left:
                pass

    def _model(self, name: str) -> rows.Model:
        try:
            return apps.get_model(name)
        except LookupError:
            raise Refused(f"{self.path} has a table this version does not know: {name}.") from None

    def _rows(self) -> Iterator[list[Any]]:
        for each in self._lines:
            if isinstance(each, dict):
                self._next = each
                return
            yield each
        self._next = None


def destroyed_in(path: Path, kind: str, sheets: Sheets) -> set[UUID]:
    """Name the keys and boxes that a copy knows to be destroyed. They stand first, so that little is read."""
    found: set[UUID] = set()
    with Opened(path, kind, sheets) as copy:
        for part in copy:
            if not isinstance(part, Table) or part.name not in rows.FIRST:
                break
            for row in part.dicts():
                found |= {row["id"]} if part.name == "privacy.tombstone" else {UUID(key) for key in row["keys"]}
    return found
