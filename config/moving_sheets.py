"""Reads a spreadsheet into rows of plain cells: CSV as Excel and others write it, and XLSX. Runs nothing in it.

A cell becomes text or a day. What a cell may not be (a formula, an error of Excel's, signs nobody sees) becomes `Odd`.
"""

import codecs
import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

#: A house's list of twenty years is far below; what is above is no list of families.
MOST_BYTES, MOST_UNPACKED, MOST_ROWS, MOST_COLUMNS = 16_000_000, 64_000_000, 20_000, 60
#: The sheet with the list, where there is more than one; otherwise the first.
SHEET = "forløb"
#: Text is shortened to this before anybody looks at it; every column allows less.
LONGEST = 100_000
#: Letters of a file that was read in the wrong alphabet on its way.
_BROKEN = re.compile("\u00c3[\u00a6\u00b8\u00a5\u2020\u02dc\u2026\x86\x98\x85]|\ufffd")
#: Signs that turn the reading direction: with them a name can look like another.
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
#: Signs without a shape that ride along when text is copied from a page.
_SHAPELESS = str.maketrans(dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad")))


class Unreadable(Exception):
    """The file cannot be read at all; says why and what to do."""


@dataclass(frozen=True)
class Odd:
    """A cell that holds something else than a value: says what, and what to do."""

    why: str


Cell = str | date | Odd


@dataclass(frozen=True)
class Line:
    """A row of the spreadsheet, by the number the spreadsheet gives it."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def empty(self) -> bool:
        """Tell whether nothing stands in it."""
        return all(cell == "" for cell in self.cells)


def read(path: Path) -> list[Line]:
    """Read a file's rows, those with something in them. Raises `Unreadable`."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise Unreadable(_("The file cannot be read: %s.") % (error.strerror or error)) from None
    if size > MOST_BYTES:
        raise Unreadable(_("The file is too large. Save the list alone, without pictures and other sheets."))
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise Unreadable(_("The file is in an old Excel format, or has a password. Save it as .xlsx without one."))
    found: list[Line] = []
    for line in _workbook(data) if data[:2] == b"PK" else _csv(data):
        if len(found) >= MOST_ROWS or line.number > 10 * MOST_ROWS:
            raise Unreadable(_("There are more than %s rows. Split the list into more files.") % MOST_ROWS)
        if not line.empty:
            found.append(line)
    return found


# ---- CSV ----


def _csv(data: bytes) -> Iterator[Line]:
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    said, text = re.match(r"sep=(.)\n", text), re.sub(r"\Asep=.\n", "", text)
    # A blank row counts in the spreadsheet's own numbering, and the line that names the separator too.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=said[1] if said else _separator(text), strict=True)
    number = 1 if said else 0
    try:
        for cells in reader:
            number += 1
            if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
                raise Unreadable(_("There are more than %s columns.") % MOST_COLUMNS)
            yield Line(number, tuple(_text(cell) for cell in cells[:MOST_COLUMNS]))
    except csv.Error:
        why = _('Row %s: a quotation mark (") stands wrong there. Save the list as CSV anew, or as .xlsx.')
        raise Unreadable(why % (number + 1)) from None


def _decoded(data: bytes) -> str:
    """Read bytes as UTF-8, as UTF-16 where the file says so, or as Danish Excel writes (Windows-1252)."""
    marked = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("This is neither a spreadsheet nor text. Save the list as .xlsx, or as CSV in UTF-8."))


def _separator(text: str) -> str:
    """Find what stands between the cells of the first row: a semicolon, a comma or a tab."""
    first = next((line for line in text.splitlines() if line.strip(' ;,\t"')), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(";,\t", key=bare.count)


# ---- XLSX ----


def _workbook(data: bytes) -> Iterator[Line]:
    try:
        _bounded(data)
        with warnings.catch_warnings():
            # It tells of colours and drop-down lists that it leaves out; so do we.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            try:
                yield from _rows(book)
            finally:
                book.close()
    except Unreadable:
        raise
    except Exception as error:  # whatever is wrong inside, it is the file
        why = _("This cannot be read as a spreadsheet (%s). Open it in Excel and save it as .xlsx anew.")
        raise Unreadable(why % type(error).__name__) from None


def _bounded(data: bytes) -> None:
    """Look at the parts of the file before unpacking any: how large they are together, and whether one is a program."""
    parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > 1000:
        raise Unreadable(_("Unpacked, the file is far too large for a list. Save the list alone in a new file."))
    names = {part.filename.casefold() for part in parts}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Unreadable(_("There are macros in the file. Save it as .xlsx, which has none."))
    if not any(name.startswith("xl/") for name in names):
        raise Unreadable(_("This is no Excel file. Save the list as .xlsx or CSV."))


def _rows(book: Any) -> Iterator[Line]:
    sheets = {sheet.title.strip().casefold(): sheet for sheet in reversed(book.worksheets)}
    if not sheets:
        raise Unreadable(_("There is no sheet in the file."))
    sheet = sheets.get(SHEET) or book.worksheets[0]
    # What the file says of its own size is not to be trusted.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        cells = [_cell(cell) for cell in row]
        if cells[MOST_COLUMNS:] and cells[MOST_COLUMNS] != "":
            raise Unreadable(_("There are more than %s columns.") % MOST_COLUMNS)
        yield Line(number, tuple(cells[:MOST_COLUMNS]))


def _cell(cell: Any) -> Cell:
    """Read a cell of a workbook as text or a day."""
    value, kind = cell.value, getattr(cell, "data_type", "")
    if value is None:
        return ""
    if kind == "f":
        return _formula()
    if kind == "e":
        return Odd(_("Excel shows an error here. Write the value itself."))
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    # How a workbook writes a new line, and a sign it cannot hold.
    return _text(re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), str(value)))


# ---- Text ----


def _formula() -> Odd:
    return Odd(_("A formula stands here, and we run none. Copy the column and paste it as values."))


def _text(raw: str) -> Cell:
    """Read text that somebody typed: without signs nobody sees, and no formula."""
    text = unicodedata.normalize("NFC", raw[:LONGEST]).translate(_SHAPELESS).replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub("[\u00a0\u2007\u202f]", " ", text).strip(" \t\n")
    if text.startswith("="):
        return _formula()
    if _TURNING.search(text) or any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
        return Odd(_("There are signs in it that cannot be seen. Delete the cell and write it again by hand."))
    if _BROKEN.search(text):
        return Odd(_("The letters æ, ø and å are broken. Save the list as .xlsx, or as CSV in UTF-8."))
    return text
