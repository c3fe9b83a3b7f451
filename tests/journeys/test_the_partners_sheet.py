"""Before the steering meeting Clara lets a sheet out; Dan reads it with his own login, and reaches nothing more."""

import time
from pathlib import Path

from tests.journeys import walking
from tests.journeys.conftest import JANUARY, Clocked, Lend
from tests.journeys.test_the_leaders_january import counted, numbers, picture
from tests.journeys.walking import Walker, at

COMMENT = "Vi vil gerne tale om ventetiden i efteråret."


def test_the_partners_sheet(january: Clocked, at_work: Lend, visit: Lend) -> None:
    house = january.at(JANUARY)
    clara = at_work(house, "clara")
    sheet = clara_makes_the_sheet(clara)
    clara_agrees(clara)

    dan = visit(house, walking.DESK)
    walking.sign_in(dan, "dan")
    dan.open(at("reports:partner"))
    dan.look("what a partner sees")
    picture(dan, "partner")
    said = dan.text()
    assert "uge" in said or "Ingen gruppe" in said
    assert "31. januar 2027" in said, "until when he may see it"
    dan.send("#sheets ~ .worklist a")
    dan.look("a partner's sheet")
    picture(dan, "sheet")
    theirs = numbers(dan)
    dan.write("[name=text]", COMMENT)
    dan.send("main form button.action")
    assert dan.find("[name=text]").input_value() == COMMENT
    reaches_no_more(dan, sheet)

    clara.open(at("reports:report", report=sheet))
    assert numbers(clara) == theirs, "the same sheet as the leader sees"
    assert COMMENT in clara.text()
    ends_by_itself(january, visit, sheet)


def clara_makes_the_sheet(clara: Walker) -> str:
    """Count a third of the year for one partner, and let it out."""
    clara.open(at("reports:start"))
    clara.press("details.more > summary")
    clara.look("choosing another report")
    for name, value in (("year", "2026-3"), ("template", "partner")):
        clara.find(f"details [name={name}]").select_option(value)
    clara.send("details form button", 422)
    clara.look("a sheet for nobody")
    picture(clara, "sheet-for-nobody")
    clara.find("details [name=partner]").select_option("glostrup")
    clara.send("details form button")
    counted(clara, "Ark til en partner")
    clara.look("a sheet, counted")
    there = clara.page.url
    clara.send("form[action$='/frigiv/'] button.action")
    until = time.monotonic() + 6 * walking.PATIENCE / 1000
    while "Nu ændres intet i den mere" not in clara.text():
        assert time.monotonic() < until and "Den blev ikke frigivet" not in clara.text(), clara.text()
        time.sleep(0.3)
    return there.rstrip("/").rsplit("/", 1)[1]


def clara_agrees(clara: Walker) -> None:
    """Write down on which days Dan may see it."""
    clara.open(at("reports:agreements"))
    clara.look("agreements, none yet")
    clara.find("[name=partner]").select_option("glostrup")
    clara.find("[name=user]").select_option("dan")
    clara.find("[name=last]").fill("2026-12-31")
    clara.send("main form button.action", 422)
    clara.look("an agreement that has ended before it began")
    clara.find("[name=last]").fill("2027-01-31")
    clara.write("[name=paper]", "Journal 27-0113")
    clara.send("main form button.action")
    clara.look("agreements")
    picture(clara, "agreements")
    assert "til og med 31. januar 2027" in clara.text()


def reaches_no_more(dan: Walker, sheet: str) -> None:
    """Open the sheet's paper and one of its numbers; no list of anybody, no report of the house, no course exists."""
    with dan.page.expect_download() as coming:
        dan.press("nav.actions a[href$='/pdf/']")
    assert Path(coming.value.path()).read_bytes().startswith(b"%PDF")
    dan.send(dan.find("td.num a").first)
    dan.look("what a number counts, for a partner")
    dan.send("main header a")
    assert "Ring til os" in dan.text() or dan.find("[name=text]").count()
    closed = ("reports:start", "reports:agreements", "reports:evaluator", "intake:worklist", "groups:list")
    addresses = [at(name) for name in closed] + [at("reports:report", report=sheet)]
    for address in addresses:
        assert dan.open(address).status == 404, address


def ends_by_itself(january: Clocked, visit: Lend, sheet: str) -> None:
    """On the last day he sees it still; the day after there is nothing."""
    for moment, status in (("2027-01-31T20:00", 200), ("2027-02-01T08:00", 404)):
        dan = visit(january.at(moment), walking.DESK)
        walking.sign_in(dan, "dan")
        assert dan.open(at("reports:sheet", report=sheet)).status == status, moment
    dan.open(at("reports:partner"))
    dan.look("a partner without an agreement")
    assert "ingen aftale" in dan.text()
    january.at(JANUARY)
