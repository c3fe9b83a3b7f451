"""A course ends, five years go by, and the night after it is destroyed; later, nothing anywhere opens what it said.

In a house of its own: nobody else's clock may run on for five years.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import running
from tests.journeys import walking
from tests.journeys.conftest import Clocked, Lend
from tests.journeys.walking import PHONE, Walker, at
from tests.running import House

LAST, FIVE_YEARS = "2021-11-24T09:00", "2026-11-24T09:00"
THE_DAY_AFTER, THE_COPIES_ARE_GONE = "2026-11-25T09:00", "2026-12-03T09:00"
NOTE = "Vi sagde farvel på broen. Freja havde bagt."
OPENS = 1


@pytest.fixture
def of_long_ago() -> Iterator[Clocked]:
    """Build and staff a house in the year the course ends."""
    with running.house("ditrum", start=False, BROBYGGER_CLOCK=LAST) as house:
        yield Clocked(house)


def test_five_years_and_a_day(of_long_ago: Clocked, visit: Lend, tmp_path: Path) -> None:
    house = of_long_ago.at(LAST)
    alma = visit(house, PHONE)
    walking.sign_in(alma, "alma")
    nickname, there = ends_a_course(alma, "Freja")
    other, _there = ends_a_course(alma, "Vilma")
    sheets = tmp_path / "sheets.txt"
    sheets.write_text(house.manage("backup", "--make-keys"))

    house = of_long_ago.at(FIVE_YEARS)
    assert f"2026-11-25 {nickname} bliver slettet." in " ".join(house.manage("sweep", "--preview").split())
    clara = visit(house, walking.DESK)
    walking.sign_in(clara, "clara")
    will_end(clara, nickname)
    holds_back(clara, other)
    house.manage("backup")
    house.manage("sweep")
    will_end(clara, nickname)

    house = of_long_ago.at(THE_DAY_AFTER)
    clara = visit(house, walking.DESK)
    walking.sign_in(clara, "clara")
    ref = has_ended(clara, nickname)
    still_stays(clara, other)
    assert clara.open(there).status == 404
    opens_nothing(house, sheets, ref)
    assert not re.search(f"{NOTE[:10]}|Freja|Traceback", house.log), house.log


def ends_a_course(alma: Walker, child: str) -> tuple[str, str]:
    """Begin a course with somebody in the room, write one note, and end it; give its nickname and address."""
    alma.open(at("casework:begin"))
    alma.look("beginning a course with somebody in the room")
    alma.press("label.choice:has([name=how][value=present])")
    alma.page.select_option("[name=role]", "child")
    alma.write("[name=called]", child)
    alma.send("main form button.action")
    there, nickname = alma.page.url.removeprefix(alma.house.url), alma.text("h1")
    alma.send("article.letter a.quiet")
    alma.write("#id_text", NOTE)
    alma.send("#write button.action")
    assert NOTE in alma.text("article.letter")
    alma.open(there)
    alma.send("aside a[href$='/slut/']")
    alma.look("ending a course")
    alma.press("label.choice:has([name=reason][value=completed])")
    alma.send("main form button.action")
    alma.look("a course that has ended")
    return nickname, there


def will_end(clara: Walker, nickname: str) -> None:
    """See that it stands among those that end, and that tomorrow is its day."""
    clara.open(at("rights:endings"))
    clara.look("courses that end")
    line = clara.page.locator(".row", has_text=nickname)
    assert "25. nov" in line.locator(".left").inner_text()
    assert "24. november 2021" in line.inner_text()


def holds_back(clara: Walker, nickname: str) -> None:
    """Hold the other one back, which would go the same night."""
    clara.send(clara.page.locator(".row", has_text=nickname).locator(".actions a"))
    clara.look("holding a course back")
    clara.press("label.choice:has([name=reason][value=complaint])")
    clara.write("[name=words]", "Moren har klaget. Brevet kom i går.")
    clara.send("main form button.action")
    clara.look("a course that is held back")


def still_stays(clara: Walker, nickname: str) -> None:
    """See that it is over its time and stays all the same, with the reason; what was written opens."""
    line = clara.page.locator(".row", has_text=nickname)
    assert "Bliver" in line.first.inner_text() and "klage" in line.first.inner_text(), clara.text()
    clara.send(line.last.locator(".what a"))
    clara.look("why a course is held back")
    assert "Moren har klaget." in clara.text()


def has_ended(clara: Walker, nickname: str) -> str:
    """See that the house's own hands destroyed it, and that one line says so; give the number of its receipt."""
    until = time.monotonic() + walking.PATIENCE / 1000
    clara.open(at("rights:endings"))
    while not clara.find("section:has(#log) tbody tr").count():
        assert time.monotonic() < until, clara.text()
        time.sleep(0.3)
        clara.page.reload()
    assert nickname not in clara.text("body")
    clara.look("what has been destroyed")
    (line,) = clara.find("section:has(#log) tbody tr").all()
    assert "25. nov" in line.inner_text() and "Tiden var gået" in line.inner_text()
    return line.locator("th").inner_text()


def opens_nothing(house: House, sheets: Path, ref: str) -> None:
    """The copies still hold its keys for seven days, and the proof says so; then nothing anywhere opens."""
    house.stop()
    assert "KAN ÅBNES" in proves(house, ref, sheets, ends_with=OPENS)
    house.env["BROBYGGER_CLOCK"] = THE_COPIES_ARE_GONE
    house.manage("backup")
    assert "Intet af det kan åbnes" in proves(house, ref, sheets, ends_with=0)


def proves(house: House, ref: str, sheets: Path, *, ends_with: int) -> str:
    """Let whoever runs the machine prove it by the receipt's number, and give what was said."""
    command = [sys.executable, "manage.py", "prove_erased", ref, "--sheets", str(sheets)]
    done = subprocess.run(command, cwd=running.ROOT, env=house.env, capture_output=True, text=True)
    assert done.returncode == ends_with, done.stdout + done.stderr
    return done.stdout
