"""Every way Excel and others write a list, and every file that is no list."""

import csv
import io
import zipfile
from datetime import date, datetime

import pytest
from django.core.management import CommandError, call_command
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from config import moving_columns as columns
from config import moving_sheets as sheets
from config import moving_template as template
from tests.moving.lists import LIST, family, headings, take, text, write

pytestmark = pytest.mark.django_db
ROWS = family(telefon="24230300", brug="alkohol nu; hash tidligere", husk='Siger "hej"\ntil alle, æøå')


def refused(path, data: bytes = b"") -> str:
    """Run a file that is no list, and give why it is refused."""
    if data:
        path.write_bytes(data)
    with pytest.raises(CommandError) as said:
        take(path)
    assert "Intet er skrevet." in str(said.value)
    return str(said.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_csv_says_the_same(encoding, separator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text(ROWS, separator), encoding=encoding, newline="")

    lines = sheets.read(path)

    assert lines[0].cells == tuple(headings(ROWS))
    assert lines[1].cells[headings(ROWS).index("husk")] == 'Siger "hej"\ntil alle, æøå'
    assert [line.number for line in lines] == [1, 2, 3]


def test_excels_line_about_the_separator_is_understood(house, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("sep=,\n" + text(ROWS, ","), encoding="utf-8")

    assert "1 forløb, 2 mennesker" in take(path)


def test_blank_rows_count_and_are_passed_over(house, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text([{}, *ROWS, {}, ROWS[0] | {"telefon": "247"}]), encoding="utf-8")

    assert refused(path).startswith('Række 6, "telefon"')


def test_a_workbook_says_the_same_as_a_csv(house, tmp_path):
    take(write(tmp_path / "a.csv", ROWS), write=True, by="alma")

    assert "Intet er skrevet." in take(write(tmp_path / "a.xlsx", ROWS), write=True, by="alma")


def test_cells_of_a_workbook_are_numbers_days_and_yes(house, tmp_path):
    (mother, child) = family()
    odd = mother | {"begyndt": datetime(2025, 9, 24), "telefon": 24230300.0, "beskyttet": True, "forløbsnummer": 17.0}
    odd_child = child | {"begyndt": 45924, "født": date(2018, 4, 1), "forløbsnummer": 17}
    take(write(tmp_path / "a.xlsx", [odd, odd_child]), write=True, by="alma")

    plain = [mother | {"telefon": "24230300", "beskyttet": "ja"}, child]
    assert "1 forløb er her allerede." in take(write(tmp_path / "b.csv", plain), write=True, by="alma")


def test_the_sheet_with_the_list_is_found_among_others(house, tmp_path):
    book = Workbook()
    book.active.append(["et helt andet ark"])
    sheet = book.create_sheet("Forløb ")
    sheet.append(headings(ROWS))
    for row in ROWS:
        sheet.append([row.get(name) for name in headings(ROWS)])
    book.save(tmp_path / "a.xlsx")

    assert "1 forløb, 2 mennesker" in take(tmp_path / "a.xlsx")


@pytest.mark.parametrize(("value", "why"), [("=1+1", "Her står en formel"), ("#N/A", "Her viser Excel en fejl.")])
def test_a_cell_excel_works_out_is_refused_with_its_row(value, why, house, tmp_path):
    said = refused(write(tmp_path / "a.xlsx", [ROWS[0], ROWS[1] | {"navn": value}]))

    assert said.startswith(f'Række 3, "navn": {why}')


DAYS = [
    "24-09-2025", "24.09.2025", "24/9/2025", "24/9-2025", "24/9 2025", "24. september 2025", "24 sep. 2025", "24-09-25",
    "2025-09-24", "2025-09-24 00:00:00", "45924",
]  # fmt: skip
BIRTHS = [
    "04-2018", "4-2018", "04.2018", "4/2018", "apr. 2018", "april 2018", "Apr-2018", "2018-04", "2018-4", "12-04-2018",
    "12. april 2018", "43191",
]  # fmt: skip


def test_a_day_and_a_month_are_read_as_danes_write_them():
    for said in DAYS:
        assert columns.a_day(said, columns.House()) == date(2025, 9, 24), said
    for said in BIRTHS:
        assert columns.a_birth(said, columns.House()) == "2018-04", said


def test_a_child_that_is_expected_may_stand_there(at):
    at("2026-11-22T10:00")
    assert columns.a_birth("03-2027", columns.House()) == "2027-03"


@settings(max_examples=200, deadline=None)
@given(day=st.dates(date(1980, 1, 1), date(2026, 11, 1)))
def test_every_day_is_read_back_in_every_way_it_is_written(day):
    serial = str((day - date(1899, 12, 30)).days)
    for said in (f"{day:%d-%m-%Y}", f"{day.day}.{day.month}.{day.year}", f"{day.day}/{day.month}-{day.year}", serial):
        assert columns.a_day(said, columns.House()) == day, said
    assert columns.a_birth(f"{day.month}-{day.year}", columns.House()) == f"{day:%Y-%m}"


NO_LISTS = {
    "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "gammelt Excel-format eller har en adgangskode"),
    "binary": (b"\x81\x8d\x8f\x90\x9d" * 9, "hverken et regneark eller tekst"),
    "blank": (b" \r\n", "Filen er tom."),
    "torn": (b"PK\x03\x04 and then nothing", "kan ikke læses som regneark"),
    "quoted": (b'forl\xc3\xb8bsnummer;rolle\n17;"mor\n18;far\n', 'der står et anførselstegn (") forkert'),
    "wide": (b"rolle" + b";" * 70 + b"x\n", "flere end 60 kolonner"),
}


def test_a_file_that_is_no_list_is_told_what_to_become(tmp_path):
    for kind, (data, why) in NO_LISTS.items():
        assert why in refused(tmp_path / f"{kind}.csv", data), kind


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "kan ikke læses" in refused(tmp_path / "none.csv")


def packed(**parts: bytes) -> bytes:
    """Pack parts as a workbook would be."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def test_a_file_that_unpacks_to_more_than_a_list_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "load_workbook", lambda *_any, **_more: pytest.fail("it was unpacked"))
    bomb = packed(**{"xl/workbook.xml": b"0" * 65_000_000})
    assert len(bomb) < 200_000

    assert "alt for stor til en liste" in refused(tmp_path / "a.xlsx", bomb)


def test_macros_and_other_papers_are_refused(tmp_path):
    macros = packed(**{"xl/workbook.xml": b"x", "xl/vbaProject.bin": b"x"})

    assert "makroer" in refused(tmp_path / "a.xlsm", macros)
    assert "ikke en Excel-fil" in refused(tmp_path / "a.docx", packed(**{"word/document.xml": b"x"}))


def test_a_workbook_that_unfolds_inside_is_refused(tmp_path):
    book = write(tmp_path / "a.xlsx", ROWS)
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    declared = b'<!DOCTYPE w [<!ENTITY a "' + b"a" * 50 + b'"><!ENTITY b "' + b"&a;" * 50 + b'">]>'
    head, _sheet, rest = parts["xl/worksheets/sheet1.xml"].partition(b"<worksheet")
    parts["xl/worksheets/sheet1.xml"] = head + declared + b"<worksheet" + rest

    # Nothing else is wrong in it: a reader that takes such words in would read the list.
    assert "kan ikke læses som regneark" in refused(book, packed(**parts))


def test_a_row_far_below_the_list_ends_the_reading(tmp_path):
    book = Workbook()
    book.active.append(headings(ROWS))
    book.active["A1048576"] = "17"
    book.save(tmp_path / "a.xlsx")

    assert "flere end 20000 rækker" in refused(tmp_path / "a.xlsx")


def test_too_large_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_BYTES", 50)
    assert "Filen er for stor" in refused(write(tmp_path / "a.csv", ROWS))

    monkeypatch.setattr(sheets, "MOST_BYTES", 10_000)
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    assert "flere end 2 rækker" in refused(tmp_path / "a.csv")


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=300))
@example(data=b"PK\x05\x06" + b"\0" * 18)
@example(data=b"\xff\xfe\x00")
def test_any_bytes_are_rows_or_refused(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes(data)
    try:
        lines = sheets.read(path)
    except sheets.Unreadable as why:
        assert str(why)
    else:
        assert all(isinstance(cell, str | date | sheets.Odd) for line in lines for cell in line.cells)


# ---- The template ----


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_a_list_whose_family_is_left_out(kind, house, tmp_path):
    path = tmp_path / f"liste.{kind}"
    call_command("import", template=path, stdout=io.StringIO())

    said = take(path, write=True, by="alma")

    assert said.count("er skabelonens opdigtede familie og kommer ikke med.") == 3 and "Intet er skrevet." in said
    with pytest.raises(CommandError, match="Den er ikke rørt"):
        call_command("import", template=path)


def test_the_templates_family_is_right_when_it_is_somebodys(house, tmp_path):
    path = tmp_path / "a.csv"
    rows = [[cell.replace("eksempel", "17") for cell in row] for row in template.rows()]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)

    assert "1 forløb, 3 mennesker" in take(path)


def test_a_template_with_another_ending_is_not_written(tmp_path):
    with pytest.raises(CommandError, match=r"ender på \.xlsx eller \.csv"):
        call_command("import", template=tmp_path / "a.ods")
    with pytest.raises(CommandError, match="Hvilken liste"):
        call_command("import")


def test_the_papers_about_it_say_what_it_does():
    docs = LIST.parents[2] / "docs"
    told = (docs / "moving-in.md").read_text(encoding="utf-8")
    for column in columns.COLUMNS:
        assert f"| `{column.name}` |" in told, column.name
        assert all(f"`{name}`" in told for name in column.names.split("|")), column.names
    kept = (docs / "moving-in-template.csv").read_text(encoding="utf-8-sig")
    assert list(csv.reader(io.StringIO(kept), delimiter=";")) == template.rows()


def test_columns_of_a_workbook_template_are_text(tmp_path):
    template.write(tmp_path / "a.xlsx")

    sheet = load_workbook(tmp_path / "a.xlsx")["Forløb"]
    assert {cell.number_format for row in sheet["A2:Z200"] for cell in row} == {"@"}
