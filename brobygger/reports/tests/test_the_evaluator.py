"""The evaluator's file: rows nobody can be known by, under pseudonyms that stand, with a codebook."""

import csv
import io
import json
import zipfile
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.casework.models import Course
from brobygger.outcomes.models import Sheet
from brobygger.privacy import queries as trail
from brobygger.reports import services
from brobygger.reports.templatetags import export
from brobygger.reports.tests import houses


def opened(body: bytes) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Read the rows and the codebook out of a file."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("rows.csv").decode()), delimiter=";"))
        assert [
            {key: str(value) for key, value in row.items()} for row in json.loads(archive.read("rows.json"))
        ] == rows
        return rows, json.loads(archive.read("codebook.json"))


@pytest.fixture
def measured(furnished: Any, alma: Any, at: Any) -> list[Any]:
    """Seven children of nine who began in one quarter, and one of fifteen who began in another."""
    at(houses.JANUARY)
    ended, found = date(2026, 9, 1), []
    for number in range(8):
        began = date(2026, 5, 4) if number == 7 else date(2026, 2, 2)
        birth = "2010-10" if number == 7 else "2016-05"
        child = houses.family(alma, opened=began, ended=ended, birth=birth)
        houses.asked(child, began, "start", 40 + 4 * number)
        houses.asked(child, ended, "end", 60 + 4 * (number % 3))
        found.append(child)
    return found


def test_five_rows_are_alike_or_are_made_coarser_or_left_out(measured: Any, clara: Any) -> None:
    _name, body = services.hand_out(name="Rambøll", year=2026, by=clara)
    rows, book = opened(body)

    alike = Counter(tuple(row[name] for name in (*export.KNOWN_BY, "instrument", "who")) for row in rows)
    assert min(alike.values()) >= 5
    # Seven are alike as they are. The eighth is alone however coarse it is made, and left out.
    assert (len(rows), book["left_out"], book["made_coarser"]) == (7, 1, 0)
    assert {(row["quarter"], row["band"]) for row in rows} == {("2026-Q1", "3-10")}
    assert sorted(int(row["change"]) for row in rows) == [-4, 8, 8, 8, 20, 20, 20]
    assert set(book["columns"]) == set(rows[0])


def test_a_childs_mark_is_the_same_next_year(measured: Any, clara: Any, at: Any) -> None:
    marks = {row["pseudonym"] for row in opened(services.hand_out(name="VIVE", year=2026, by=clara)[1])[0]}
    at("2028-01-11T09:00")
    Course.objects.update(ended_on=date(2027, 9, 1))
    Sheet.objects.filter(round__moment="end").update(answered_on=date(2027, 9, 1))
    later = {row["pseudonym"] for row in opened(services.hand_out(name="VIVE", year=2027, by=clara)[1])[0]}
    assert marks == later and len(marks) == 7


def test_where_all_answered_the_same_nobody_is_handed_over(measured: Any, clara: Any) -> None:
    Sheet.objects.filter(round__moment="end").delete()
    rows, book = opened(services.hand_out(name="VIVE", year=2026, by=clara)[1])
    assert (rows, book["left_out"]) == ([], 8), "that none of them came to the end would be told of each"


def test_a_pseudonym_stands_for_one_evaluator_and_says_nothing_to_another(measured: Any, clara: Any) -> None:
    first, again, other = (
        {row["pseudonym"] for row in opened(services.hand_out(name=name, year=2026, by=clara)[1])[0]}
        for name in ("Rambøll", " rambøll ", "VIVE")
    )

    assert first == again
    assert not first & other
    assert not any(str(child.pk) in mark or child.pk.hex[:20] == mark for child in measured for mark in first)


def test_it_is_written_down_that_a_file_was_made(measured: Any, clara: Any, alma: Any, staff_client: Any) -> None:
    answer = staff_client(clara).post(reverse("reports:evaluator"), {"name": "Rambøll", "year": "2026"})
    assert answer["Content-Type"] == "application/zip"
    assert trail.trail("export:evaluator") == [("clara", "reports.handed_out")]
    assert staff_client(alma).get(reverse("reports:evaluator")).status_code == 404
    with pytest.raises(NotAllowed):
        services.hand_out(name="Rambøll", year=2026, by=alma)
