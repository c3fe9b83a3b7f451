"""The evaluator's file: rows about nobody one could know, pseudonyms that stand from year to year, and a codebook.

k-anonymous: at least K families are alike in everything somebody could be known by from outside, and did not all answer
the same. What would not be is made coarser, one step at a time, and left out at last (`statistics.anonymity`). That is
no licence to publish it.
"""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from brobygger.reports import measures, rules
from brobygger.statistics import anonymity
from brobygger.statistics.anonymity import given_up, half_year, only_year

K = 5
#: What somebody could be known by, and in which order it is given up when it must be: the age last.
KNOWN_BY = ("quarter", "partner", "about", "offer", "band")
STEPS = (
    *(("quarter", half_year), ("quarter", only_year), ("partner", given_up), ("quarter", given_up)),
    *((column, given_up) for column in ("about", "offer", "band")),
)
#: What was answered, and how: nobody's may follow from their group.
TOLD, HOW = ("start", "end"), ("mode_start", "mode_end")
APART = ("instrument", "version", "who")
COLUMNS = ("pseudonym", *KNOWN_BY, *APART, *TOLD, "change", *HOW)
#: Always the same day in the archive: the same figures give the same bytes.
STILL = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Made:
    """What goes out: the rows, how many were made coarser and left out, and what the columns mean."""

    rows: list[dict[str, Any]]
    coarser: int
    left_out: int
    book: dict[str, Any]


def made(got: Any, *, name: str, key: bytes) -> Made:
    """Make the rows of the courses that ended in a period, each person under a pseudonym of this evaluator's own.

    One pseudonym an instrument: rows made coarser in different ways cannot be laid side by side.
    """
    rows, families = [], []
    for row, family in _rows(got, key):
        rows.append(row)
        families.append(family)
    alike = (*KNOWN_BY, *APART)
    found = anonymity.coarsened(rows, families, alike=alike, steps=STEPS, told=TOLD, beside=HOW, k=K)
    kept = sorted((row for row in found.rows if row), key=lambda row: (row["instrument"], row["pseudonym"]))
    book = {
        "evaluator": name,
        "period": {"first": got.period.first.isoformat(), "last": got.period.last.isoformat()},
        "k": K,
        "known_by": list(KNOWN_BY),
        "made_coarser": found.coarser,
        "left_out": found.left_out,
        "columns": rules.codebook(),
        "definitions": {key: told for key, told in rules.definitions().items() if key.startswith(("S9", "S10", "S11"))},
    }
    return Made(kept, found.coarser, found.left_out, book)


def _rows(got: Any, key: bytes) -> Iterable[tuple[dict[str, Any], Hashable]]:
    """Give each row, and the family whose it is: brothers and sisters do not hide each other."""
    for one in measures.kept_together(got.answers, got.asking, got.period):
        first = one.first
        start, end = one.start, one.end
        both = start is not None and end is not None
        course = got.marks.get(first.known_by, (None, None))[0]
        row = {
            "pseudonym": pseudonym(key, first.known_by, first.instrument, first.who),
            "quarter": f"{first.began.year}-Q{(first.began.month + 2) // 3}",
            "partner": rules.NOT_KNOWN if course is None else got.area(course),
            "about": first.about,
            "offer": first.offers[0] if len(first.offers) == 1 else "several" if first.offers else "none",
            "band": rules.band(first.age),
            "instrument": first.instrument,
            "version": first.version,
            "who": first.who,
            "start": start.score if start else "",
            "end": end.score if end else "",
            "change": end.score - start.score if both else "",
            "mode_start": start.mode if start else "",
            "mode_end": end.mode if end else "",
        }
        yield row, first.course


def pseudonym(key: bytes, *about: Any) -> str:
    """Name somebody so that the same evaluator knows them again next year, and nobody else does (keyed BLAKE2b)."""
    return hashlib.blake2b("|".join(map(str, about)).encode(), digest_size=10, key=key).hexdigest()


def summary(out: Made) -> str:
    """Say what a file was like, for the trail."""
    return f"{len(out.rows)} rows, {out.coarser} made coarser, {out.left_out} left out"


def filename(name: str, year: int) -> str:
    """Name the file by whom it is for and of which year."""
    word = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "evaluator"
    return f"{word}-{year}.zip"


def packed(out: Made) -> bytes:
    """Put rows as CSV and as JSON, and the codebook, into one archive; the same bytes for the same rows."""
    text = io.StringIO()
    lines = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\r\n")
    lines.writeheader()
    lines.writerows(out.rows)
    files = {
        "rows.csv": text.getvalue().encode(),
        "rows.json": json.dumps(out.rows, ensure_ascii=False, indent=1).encode(),
        "codebook.json": json.dumps(out.book, ensure_ascii=False, indent=1, sort_keys=True).encode(),
    }
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in files.items():
            archive.writestr(zipfile.ZipInfo(each, STILL), content)
    return body.getvalue()
