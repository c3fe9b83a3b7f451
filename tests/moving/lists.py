"""Lists of invented families, as houses keep them, in the shapes Excel and others write them."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management import call_command
from openpyxl import Workbook

HEADINGS = ["forløbsnummer", "begyndt", "rolle"]
#: Invented. `familier.csv` beside this file is a whole list.
LIST = Path(__file__).with_name("familier.csv")
Said = dict[str, Any]


def family(number: str = "17", **more: Any) -> list[Said]:
    """Give a mother and her child, in a course that runs."""
    mother = {"forløbsnummer": number, "begyndt": "24-09-2025", "rolle": "mor", "navn": "Mette Aagaard Hansen"}
    child = {"forløbsnummer": number, "begyndt": "24-09-2025", "rolle": "barn", "kaldes": "Liv", "født": "04-2018"}
    return [mother | more, child]


def headings(rows: Iterable[Said]) -> list[str]:
    """Name every column that is used."""
    return list(dict.fromkeys([*HEADINGS, *(name for row in rows for name in row)]))


def text(rows: list[Said], separator: str = ";", names: list[str] | None = None) -> str:
    """Write rows as CSV."""
    file, names = io.StringIO(), names or headings(rows)
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return file.getvalue()


def write(path: Path, rows: list[Said]) -> Path:
    """Write rows as Danish Excel does, or as a workbook when the name says so."""
    if path.suffix == ".csv":
        path.write_text(text(rows), encoding="utf-8-sig", newline="")
        return path
    book, names = Workbook(), headings(rows)
    book.active.append(names)
    for row in rows:
        book.active.append([row.get(name) for name in names])
    book.save(path)
    return path


def take(path: Path, **asked: Any) -> str:
    """Run the command, in Danish, and give what it said. Raises `CommandError`."""
    said = io.StringIO()
    call_command("import", str(path), stdout=said, **asked)
    return said.getvalue()


def a_day(text: str) -> date:
    """Read a day as it is written here."""
    return date.fromisoformat(text)
