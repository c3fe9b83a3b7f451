"""Clara counts last year at one press, follows a number to its definition, writes why a plan was left, and lets it out.

The PDF is read by another program than the one that wrote it; a year later, the figures are what they were.
"""

import os
import re
import time
from io import BytesIO
from pathlib import Path

import pypdf

from tests.journeys import walking
from tests.journeys.conftest import JANUARY, Clocked, Lend
from tests.journeys.walking import Walker, at

#: Where pictures go when somebody wants to see them.
PICTURES = os.environ.get("BROBYGGER_PICTURES")
WORDS = "Gruppen i Hillerød begyndte først i maj, fordi lokalet blev malet."


def picture(who: Walker, name: str) -> None:
    """Keep a picture of the page in both sizes, by day and by night, when somebody wants to see it."""
    if not PICTURES:
        return
    for size, shape in (("phone", walking.PHONE), ("desk", walking.DESK)):
        for light in ("light", "dark"):
            who.page.set_viewport_size(shape)
            who.page.emulate_media(color_scheme=light)  # type: ignore[arg-type]
            who.page.screenshot(path=Path(PICTURES) / f"{name}-{size}-{light}.png", full_page=True)
    who.page.emulate_media(color_scheme="light")
    who.page.set_viewport_size(who.size)


def counted(clara: Walker, heading: str) -> None:
    """Wait until the page is the report, which it becomes by itself."""
    until = time.monotonic() + 6 * walking.PATIENCE / 1000
    while heading not in clara.text("h1"):
        assert time.monotonic() < until, clara.text()
        time.sleep(0.3)


def numbers(clara: Walker) -> list[str]:
    """Read every number of the report."""
    return [" ".join(each.split()) for each in clara.find(".figures td.num").all_inner_texts()]


def test_the_leaders_january(january: Clocked, at_work: Lend) -> None:
    house = january.at(JANUARY)
    clara = at_work(house, "clara")
    clara.open(at("reports:start"))
    clara.look("reports, none yet")
    picture(clara, "reports-none")
    clara.taps = 0
    clara.send("main section.note button.action")
    assert clara.taps == 1, "one press, and nothing to choose"
    assert "gå fra siden" in clara.text() or "2026" in clara.text("h1")
    counted(clara, "Årets opgørelse 2026")
    clara.look("a report, counted")
    picture(clara, "report")
    report = clara.page.url.removeprefix(house.url)
    reads_it(clara, report)
    writes_why(clara, report)
    told = the_paper(clara)
    assert "Udkast" in told and WORDS in told
    goes_out(clara, report)
    clara.open(report)
    assert "Udkast" not in the_paper(clara)
    stands_next_year(january, at_work, report, clara)


def reads_it(clara: Walker, report: str) -> None:
    """Read how many, of how many, who is missing; follow a number to what it counts, and find nobody there."""
    said = clara.text()
    for part in ("Ventetid", "Frafald", "Trivsel"):
        assert part in said
    assert clara.find(".figures summary:has-text('N: ')").count() > 10
    first = clara.find("#S1\\.courses td.num a").first
    shown = first.inner_text()
    clara.send(first)
    clara.look("what a number counts")
    picture(clara, "figure")
    assert shown in clara.text(".facts") and "Definition 1" in clara.text(".facts")
    assert "aldrig hvem" in clara.text()
    clara.send("main header a")
    assert clara.page.url.startswith(clara.house.url + report)


def writes_why(clara: Walker, report: str) -> None:
    """Write beside the figures where the house left its plan."""
    clara.open(report)
    clara.write("[name=deviations]", WORDS)
    clara.send("form[action$='/ord/'] button")
    assert clara.find("[name=deviations]").input_value() == WORDS


def the_paper(clara: Walker) -> str:
    """Open the PDF with another program: it is tagged, has a language and a title, and says what the page says."""
    with clara.page.expect_download() as coming:
        clara.press("nav.actions a[href$='/pdf/']")
    data = Path(coming.value.path()).read_bytes()
    with clara.page.expect_download() as again:
        clara.press("nav.actions a[href$='/pdf/']")
    assert Path(again.value.path()).read_bytes() == data
    found = pypdf.PdfReader(BytesIO(data))
    root = found.trailer["/Root"].get_object()
    assert root["/Lang"] == "da" and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root, "it is tagged"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    return " ".join(" ".join(page.extract_text() for page in found.pages).split())


def goes_out(clara: Walker, report: str) -> None:
    """Let it out: it is tried against all before it, and from then on nothing about it can be written."""
    clara.open(report)
    clara.send("form[action$='/frigiv/'] button.action")
    until = time.monotonic() + 6 * walking.PATIENCE / 1000
    while "Nu ændres intet i den mere" not in clara.text():
        assert time.monotonic() < until, clara.text()
        time.sleep(0.3)
    clara.look("a report that has gone out")
    picture(clara, "report-out")
    assert not clara.find("main form").count()
    clara.open(at("reports:start"))
    clara.look("reports, last year's out")
    picture(clara, "reports-out")
    assert not clara.find("main section.note button.action").count()


def stands_next_year(january: Clocked, at_work: Lend, report: str, clara: Walker) -> None:
    """A year later the figures are the same to the last one, and the next year waits to be counted."""
    clara.open(report)
    before = numbers(clara)
    assert len(before) > 100
    house = january.at("2028-01-10T08:30")
    later = at_work(house, "clara")
    later.open(report)
    assert numbers(later) == before
    later.open(at("reports:start"))
    assert re.search(r"Tæl 2027 op", later.text())
    january.at(JANUARY)
