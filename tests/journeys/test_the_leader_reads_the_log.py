"""Clara reads who has looked, asks about ten at random, takes out one family's lines, and prints who may do what."""

import os
import re
from pathlib import Path
from typing import Any

from tests.journeys import walking
from tests.journeys.conftest import DAY, NIGHT, Clocked, Lend

#: Where pictures go when somebody wants to see them.
PICTURES = os.environ.get("BROBYGGER_PICTURES")


def picture(who: walking.Walker, name: str) -> None:
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


def test_clara_reads_the_log(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    night = ditrum.at(NIGHT)
    number = walking.number_of(walking.write_letter(visit(night), "Jeg vil gerne vide, hvem der læser det her."))
    house = ditrum.at(DAY)
    alma = at_work(house, "alma")
    alma.open(walking.at("intake:worklist"))
    walking.arrive(alma, number)
    alma.send(walking.row(alma, number).locator("button.action"))

    clara = at_work(house, "clara", walking.DESK)
    clara.open(walking.at("today:looks"))
    clara.look("the log")
    picture(clara, "log")
    clara.find("[name=by]").select_option("alma")
    clara.find("[name=kind]").select_option("looks")
    clara.send("main form button.action")
    assert number in clara.text("tbody") and "alma" in clara.text("tbody")

    clara.open(walking.at("today:looks") + "?sample")
    assert 1 <= clara.find("tbody tr").count() <= 10
    take_out(clara, number)
    print_the_roles(clara)


def take_out(clara: walking.Walker, number: str) -> None:
    """Take out one family's lines: a page, and a file."""
    clara.open(walking.at("today:family_looks"))
    clara.look("one family's lines")
    picture(clara, "family")
    clara.write("[name=number]", "QQQQ")
    clara.send("main form button.action", 422)
    assert "findes ikke" in clara.text()
    clara.look("no such box")
    clara.write("[name=number]", number)
    clara.send("main form button.action")
    clara.look("one family's lines, taken out")
    picture(clara, "family-told")
    assert "familieterapeut" in clara.text("tbody").lower()
    assert "Alma" not in clara.text("tbody")
    with clara.page.expect_download() as coming:
        clara.press("main form button.action")
    assert "familieterapeut" in Path(coming.value.path()).read_text(encoding="utf-8-sig").lower()


def print_the_roles(clara: walking.Walker) -> None:
    """Print who may do what, on one sheet of A4 with room for a name."""
    clara.open(walking.at("access:roles"))
    clara.look("who may do what")
    picture(clara, "roles")
    sheet: Any = clara.page.pdf(format="A4", prefer_css_page_size=True)
    if PICTURES:
        # The paper inside its margins, at 96 dots an inch.
        clara.page.set_viewport_size({"width": 680, "height": 1009})
        clara.page.emulate_media(media="print")
        clara.page.screenshot(path=Path(PICTURES) / "roles-printed.png", full_page=True)
        (Path(PICTURES) / "roles.pdf").write_bytes(sheet)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheet)) == 1
