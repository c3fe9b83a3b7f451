"""Writes an empty list to move in with: the headings, and an invented family that shows how it is filled in."""

import csv
from pathlib import Path

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from .moving_columns import COLUMNS

#: Invented, in the order of the columns' keys. Left out when it is still there (`moving.EXAMPLE`).
FAMILY = (
    {
        "number": "eksempel", "begun": "24-09-2025", "agreed": "i rummet", "role": "mor", "called": "Mette",
        "name": "Mette Eksempel", "phone": "24 23 03 00", "mail": "mette@mail.example",
        "address": "Eksempelvej 1, 2600 Glostrup", "reach": "Ring helst om formiddagen", "custody": "delt",
        "uses": "alkohol tidligere", "living": "Liv bor mest hos sin mor",
    },
    {"number": "eksempel", "role": "far", "called": "Jens", "protected": "ja", "uses": "alkohol nu; hash tidligere"},
    {"number": "eksempel", "role": "barn", "called": "Liv", "birth": "04-2018", "remember": "Bliver hentet af mormor"},
)  # fmt: skip


def rows() -> list[list[str]]:
    """Give the headings and the family."""
    return [[column.name for column in COLUMNS], *([each.get(column.key, "") for column in COLUMNS] for each in FAMILY)]


def write(path: Path) -> None:
    """Write the template as .csv (Danish Excel opens it) or .xlsx. Raises `FileExistsError`, `ValueError`."""
    kind = path.suffix.casefold()
    if kind not in (".csv", ".xlsx"):
        raise ValueError(_("Call it something that ends on .xlsx or .csv."))
    if kind == ".csv":
        with path.open("x", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows())
        return
    with path.open("xb") as file:
        _workbook().save(file)


def _workbook() -> Workbook:
    book = Workbook()
    sheet = book.active
    sheet.title = "Forløb"
    for row in rows():
        sheet.append(row)
    for number, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(number)
        sheet[f"{letter}1"].font = Font(bold=True)
        sheet.column_dimensions[letter].width = max(14, len(column.name) + 2)
        # As text: Excel makes a day of "04-2018", and eats the first nought of a number.
        for cell in range(2, 500):
            sheet[f"{letter}{cell}"].number_format = "@"
    sheet.freeze_panes = "B2"
    return book
