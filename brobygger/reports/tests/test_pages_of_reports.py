"""The leader presses once, may go away, and comes back; the partner sees one sheet; nothing on any page is anybody."""

import re
from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdf
import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.catalogue import queries as catalogue
from brobygger.reports import releasing, rules, services
from brobygger.reports.models import Comment, Report
from brobygger.reports.templatetags import papers
from brobygger.reports.tests import houses

YEAR = rules.year(2026)
IDENT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def measured(by: Any, number: int) -> None:
    """Let so many children have come, answered at both ends, and gone."""
    for each in range(number):
        child = houses.family(by, opened=date(2026, 2, 2), ended=date(2026, 9, 1))
        houses.asked(child, date(2026, 2, 2), "start", (20, 44, 68)[each % 3] + each % 2 * 4)
        houses.asked(child, date(2026, 9, 1), "end", 44 + each % 5 * 8)
        houses.waited(child, date(2026, 1, 5), 14 + each % 20)


@pytest.fixture
def house(furnished: Any, alma: Any, at: Any) -> None:
    """Twelve children who came in 2026, looked at in January."""
    at(houses.JANUARY)
    measured(alma, 12)


# ---- Asked for, and counted by the worker ----


def test_one_press_asks_for_last_year_and_the_page_says_how_far_it_is(
    house: None, clara: Any, staff_client: Any
) -> None:
    client = staff_client(clara)
    start = client.get(reverse("reports:start")).content.decode()
    assert 'name="year" value="2026"' in start
    sent = client.post(reverse("reports:start"), {"year": "2026", "template": "year"})
    again = client.post(reverse("reports:start"), {"year": "2026", "template": "year"})
    assert sent.url == again.url, "a double press asks once"

    page = client.get(sent.url)
    assert "begynder lige om lidt" in page.content.decode()
    asked = {"headers": {"HX-Request": "true"}}
    assert "HX-Refresh" not in client.get(sent.url, **asked)
    assert client.get(reverse("reports:pdf", args=[Report.objects.get().pk])).status_code == 404
    assert services.keep_up() == 1
    assert client.get(sent.url, **asked)["HX-Refresh"] == "true"
    assert "Årets opgørelse 2026" in client.get(sent.url).content.decode()
    assert services.keep_up() == 0


def test_one_that_cannot_be_counted_says_why_and_what_to_do(
    house: None, clara: Any, staff_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = staff_client(clara)
    for fault, said in ((releasing.TooFew(), "Vælg flere dage"), (RuntimeError("x"), "Noget gik galt hos os")):
        row = services.ask(period=YEAR, template="year", by=clara)
        with monkeypatch.context() as broken:
            broken.setattr(releasing, "hidden", _raising(fault))
            services.keep_up()
        row.refresh_from_db()
        assert row.figures is None
        assert said in client.get(reverse("reports:report", args=[row.pk])).content.decode()
    sent = client.post(reverse("reports:again", args=[row.pk]))
    services.keep_up()
    assert "Årets opgørelse 2026" in client.get(sent.url).content.decode()


def _raising(fault: Exception) -> Any:
    def stop(*_args: Any, **_more: Any) -> None:
        raise fault

    return stop


def test_who_has_left_since_gets_nothing_counted(house: None, clara: Any) -> None:
    row = services.ask(period=YEAR, template="year", by=clara)
    clara.memberships.all().delete()
    services.keep_up()
    row.refresh_from_db()
    assert (row.figures, row.trouble) == (None, "left")


def test_letting_out_is_tried_by_the_worker_and_a_refusal_says_what_to_do(
    house: None, clara: Any, alma: Any, at: Any, staff_client: Any
) -> None:
    client = staff_client(clara)
    first = services.make(period=YEAR, template="year", by=clara)
    at("2027-02-01T09:00")
    houses.family(alma, opened=date(2026, 3, 1))
    second = services.make(period=YEAR, template="year", by=clara)
    for row in (first, second):
        client.post(reverse("reports:release", args=[row.pk]))
        assert "holdt op mod alt det" in client.get(reverse("reports:report", args=[row.pk])).content.decode()
        services.keep_up()

    assert "Nu ændres intet i den mere" in client.get(reverse("reports:report", args=[first.pk])).content.decode()
    page = client.get(reverse("reports:report", args=[second.pk])).content.decode()
    assert "Den blev ikke frigivet" in page
    assert reverse("reports:again", args=[second.pk]) in page
    anew = client.post(reverse("reports:again", args=[second.pk])).url
    services.keep_up()
    client.post(anew + "frigiv/")
    services.keep_up()
    assert "Nu ændres intet i den mere" in client.get(anew).content.decode()


def test_days_that_cross_a_report_are_refused_in_words(house: None, clara: Any, staff_client: Any) -> None:
    services.release(report=services.make(period=YEAR, template="year", by=clara), by=clara)
    days = {"year": "own", "first": "2026-10-01", "last": "2027-01-05", "template": "year"}
    page = staff_client(clara).post(reverse("reports:start"), days)
    assert page.status_code == 422
    assert "er i en opgørelse, der er frigivet, og nogle er ikke: 2026" in page.content.decode()


# ---- Frozen ----


def _refused(change: Any) -> None:
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        change()


def test_the_database_keeps_a_counted_figure_and_a_released_word(house: None, clara: Any) -> None:
    made = services.make(period=YEAR, template="year", by=clara)
    row = Report.objects.filter(pk=made.pk)
    _refused(lambda: row.update(figures={**made.figures, "house": "Et andet hus"}))
    _refused(lambda: row.update(code="0" * 32))
    _refused(lambda: row.update(period_to=date(2026, 12, 30)))
    row.update(words={"intro": "Et år."})
    services.release(report=made, by=clara)
    _refused(lambda: row.update(words={"intro": "Et andet år."}))
    _refused(lambda: row.update(released_on=None))
    _refused(lambda: row.delete())
    row.update(refused={})


def test_the_paper_is_the_same_on_another_day(
    house: None, clara: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = services.make(period=YEAR, template="year", by=clara)
    assert "Udkast" in _said(papers.pdf(made, "da"))
    services.release(report=made, by=clara)
    made.refresh_from_db()
    one = papers.pdf(made, "da")
    at("2029-03-01T09:00")
    # Definitions move on; the report stands under those it was made under.
    monkeypatch.setattr(rules, "definitions", dict)
    kept = Report.objects.get(pk=made.pk)
    assert papers.pdf(kept, "da") == one
    said = _said(one)
    assert "Udkast" not in said and "11. januar 2027" in said and made.inputs[:12] in said


def _said(paper: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(paper)).pages).split())


def test_another_reader_finds_tables_headings_and_words_for_the_pictures(house: None, clara: Any, alma: Any) -> None:
    measured(alma, 24)
    found = pypdf.PdfReader(BytesIO(papers.pdf(services.make(period=YEAR, template="year", by=clara), "da")))
    root = found.trailer["/Root"].get_object()
    assert root["/Lang"] == "da" and root["/MarkInfo"]["/Marked"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    kinds: Counter[str] = Counter()
    unsaid, left = 0, [root["/StructTreeRoot"]]
    while left:
        node = left.pop().get_object()
        if isinstance(node, list):
            left += node
        elif isinstance(node, dict):
            kinds[str(node.get("/S"))] += 1
            unsaid += node.get("/S") == "/Figure" and not str(node.get("/Alt") or "")
            left += [node["/K"]] if "/K" in node else []
    assert kinds["/Table"] > 10 and kinds["/TH"] > 50 and kinds["/H1"] and kinds["/H2"]
    assert kinds["/Figure"] >= 2 and not unsaid


# ---- Nothing of it is anybody ----


def _marks(page: str) -> dict[str, Counter[str]]:
    """Count the marks of each drawing, by what it draws."""
    found = {}
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        kind = re.search(r'<title id="(\w+)-title"', svg)
        if kind:
            found[kind[1]] = Counter(re.findall(r"<(path|rect|circle|line|polyline|polygon|ellipse|use)\b", svg))
    return found


def _strokes(paper: bytes) -> Counter[bytes]:
    """Count what is drawn in a PDF: every move, line, curve and box."""
    found: Counter[bytes] = Counter()
    for page in pypdf.PdfReader(BytesIO(paper)).pages:
        stream = page.get_contents()
        found.update(
            how for _what, how in (stream.operations if stream is not None else ()) if how in (b"m", b"l", b"c", b"re")
        )
    return found


def test_no_mark_is_a_person_however_many_came(
    furnished: Any, clara: Any, alma: Any, at: Any, staff_client: Any
) -> None:
    at(houses.JANUARY)
    measured(alma, 36)
    few = services.make(period=YEAR, template="year", by=clara)
    measured(alma, 36)
    many = services.make(period=YEAR, template="year", by=clara)
    client = staff_client(clara)
    pages = [client.get(reverse("reports:report", args=[row.pk])).content.decode() for row in (few, many)]

    small, large = (_marks(page) for page in pages)
    assert set(large) == {"bars", "curve", "lines"}
    assert len(small) > 1 and all(large[kind] == marks for kind, marks in small.items())
    # The paper draws the same, and besides it a line over each row of a table: rows are kinds, and not people.
    for row, marks in ((few, small), (many, large)):
        tables = [table for part in papers._data(row)["parts"] for table in part["tables"]]
        assert _marks("".join(table["svg"] for table in tables)) == marks
        lines = sum(1 + len(table["lines"]) for table in tables if not table["empty"])
        assert _strokes(papers.pdf(row, "da"))[b"m"] < 2 * lines + sum(each.total() * 3 for each in marks.values())


def test_no_page_and_no_file_carries_an_id_of_anybody(house: None, clara: Any, dan: Any, staff_client: Any) -> None:
    made = services.make(period=YEAR, template="partner", partner="glostrup", by=clara)
    services.release(report=made, by=clara)
    services.agree(user=dan, partner="glostrup", until=date(2027, 7, 1), by=clara)
    names = ("reports:report", "reports:sheet")
    for user, name in zip((clara, dan), names, strict=True):
        client = staff_client(user)
        files = [client.get(reverse("reports:data", args=[made.pk, kind])).content for kind in ("csv", "json")]
        texts = [client.get(reverse(name, args=[made.pk])).content.decode(), *(each.decode() for each in files)]
        assert {UUID(found) for text in texts for found in IDENT.findall(text)} == {made.pk}
    paper = papers.pdf(made, "da")
    inside = pypdf.PdfReader(BytesIO(paper))
    drawn = _said(paper) + "".join(str(page.get_object()) for page in inside.pages)
    assert not IDENT.findall(drawn)


# ---- A house's own files ----


def test_a_house_lays_its_own_shape_in_its_folder(
    house: None, clara: Any, settings: LazySettings, tmp_path: Path, staff_client: Any
) -> None:
    settings.HOUSES = tmp_path
    own = tmp_path / catalogue.house().key
    own.mkdir()
    (own / "egmont.toml").write_text(
        'kind = "funder"\nname = { da = "Til Egmont Fonden", en = "To Egmont" }\ntables = ["S9", "S1"]\n'
        '[[boxes]]\nkey = "why"\nlabel = { da = "Hvorfor", en = "Why" }\n'
    )
    (own / "galt.toml").write_text('kind = "funder"\nname = { da = "Galt", en = "Wrong" }\ntables = ["S99"]\n')
    (own / "slet-ikke.toml").write_text("kind = ")
    client = staff_client(clara)
    start = client.get(reverse("reports:start")).content.decode()
    assert "Til Egmont Fonden" in start
    assert "galt.toml: &quot;tables&quot; skal være en liste" in start
    assert "slet-ikke.toml: Den er ikke skrevet som TOML" in start

    made = services.make(period=YEAR, template="egmont", by=clara)
    (own / "egmont.toml").unlink()
    page = client.get(reverse("reports:report", args=[made.pk])).content.decode()
    assert page.index('id="part-S9"') < page.index('id="part-S1"')
    assert "Til Egmont Fonden" in client.get(reverse("reports:start")).content.decode(), "it keeps its name"
    with pytest.raises(KeyError):
        services.ask(period=YEAR, template="galt", by=clara)


# ---- The partner ----


def test_an_agreement_runs_to_its_last_day_and_not_before_its_first(
    house: None, clara: Any, dan: Any, at: Any, staff_client: Any
) -> None:
    sheet = services.make(period=YEAR, template="partner", partner="glostrup", by=clara)
    services.release(report=sheet, by=clara)
    said = {"partner": "glostrup", "user": "dan", "since": "2027-02-01", "last": "2027-02-28", "paper": "27-0113"}
    wrong = staff_client(clara).post(reverse("reports:agreements"), said | {"last": "2027-01-01"})
    assert wrong.status_code == 422
    assert staff_client(clara).post(reverse("reports:agreements"), said).status_code == 302

    seen = {}
    for day in ("2027-01-31", "2027-02-01", "2027-02-28", "2027-03-01"):
        at(f"{day}T23:30")
        client = staff_client(dan)
        names = ("reports:sheet", "reports:pdf")
        seen[day] = {client.get(reverse(name, args=[sheet.pk])).status_code for name in names}
        seen[day].add(client.get(reverse("reports:figure", args=[sheet.pk, "S15.sheet", 0, 0])).status_code)
        front = client.get(reverse("reports:partner")).content.decode()
        assert (str(sheet.pk) in front) == (seen[day] == {200})
    assert seen == {"2027-01-31": {404}, "2027-02-01": {200}, "2027-02-28": {200}, "2027-03-01": {404}}


def test_a_coordinator_comments_on_their_own_sheet_and_on_no_other(
    house: None, clara: Any, dan: Any, hire: Any, staff_client: Any
) -> None:
    other = hire("eva", "partner", title={"da": "koordinator", "en": "coordinator"})
    sheet = services.make(period=YEAR, template="partner", partner="glostrup", by=clara)
    services.agree(user=dan, partner="glostrup", until=date(2027, 7, 1), by=clara)
    services.agree(user=other, partner="hvidovre", until=date(2027, 7, 1), by=clara)
    with pytest.raises(NotAllowed):  # it has not gone out
        services.comment(report=sheet, text="Tak.", by=dan)
    services.release(report=sheet, by=clara)

    address = reverse("reports:comment", args=[sheet.pk])
    for text in ("Først dette.", "Så dette."):
        assert staff_client(dan).post(address, {"text": text}).status_code == 302
    assert staff_client(other).post(address, {"text": "Ikke mit."}).status_code == 404
    assert [row.text for row in Comment.objects.all()] == ["Så dette."]
    assert "Så dette." in staff_client(clara).get(reverse("reports:report", args=[sheet.pk])).content.decode()
    staff_client(dan).post(address, {"text": " "})
    assert not Comment.objects.exists()


def test_thirds_that_are_over_are_offered_and_those_to_come_are_not(house: None, clara: Any, at: Any) -> None:
    from brobygger.reports import forms

    at("2027-05-02T09:00")
    offered = forms.periods()
    assert [key for key in offered if "-" in key] == ["2027-1", "2026-3", "2026-2"]
    assert next(iter(offered)) == "2026"
    assert all(days.last < date(2027, 5, 2) for days in offered.values())
    assert all(rules.third(2027, each).last + timedelta(days=1) == rules.third(2027, each + 1).first for each in (1, 2))
