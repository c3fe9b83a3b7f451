"""One browser and two running houses for all the walks; a day passes by turning the houses' clock."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import running
from tests.journeys import walking

#: A Monday in November, in the night.
NIGHT = "2026-11-23T02:10"
#: The Tuesday after, when the house has opened.
DAY = "2026-11-24T08:30"
#: A Monday in January, when last year is counted.
JANUARY = "2027-01-11T08:30"
#: Sixty families of 2026: two in three ended, of those most had asked and answered twice.
A_YEAR = """
from datetime import date, timedelta
from brobygger.access.models import User
from brobygger.reports.tests import houses

alma = User.objects.get(handle="alma")
for number in range(60):
    opened = date(2026, 1, 12) + timedelta(days=4 * number)
    ended = opened + timedelta(days=70) if number % 3 else None
    reason = "family_stopped" if number % 10 == 1 else "completed"
    living = {"with": ("mother", "both", "shared")[number % 3]}
    child = houses.family(alma, opened=opened, ended=ended, reason=reason, living=living,
                          birth=("2016-05", "2013-05", "2007-05")[number // 20],
                          problems={"keys": [("vold", "oekonomi")[number % 2]]})
    houses.asked(child, opened, "start", 28 + number % 7 * 4)
    if ended:
        houses.asked(child, ended, "end", 40 + number % 9 * 4 if number % 4 else None)
    houses.waited(child, opened - timedelta(days=20 + number % 50), 20 + number % 50)
"""
Lend = Callable[..., walking.Walker]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every walk."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium once."""
    program = os.environ.get("BROBYGGER_CHROMIUM") or shutil.which("chromium")
    assert program, "Chromium is missing; install Debian's package chromium, or run the suite with `make test`."
    with sync_playwright() as playwright:
        opened = walking.launch(playwright, program)
        yield opened
        opened.close()


class Clocked:
    """A running house whose clock can be turned; the house is closed and opened again meanwhile, as over a night."""

    def __init__(self, house: running.House) -> None:
        """Begin with a house that is not open yet."""
        self.house = house

    def at(self, moment: str, **env: str) -> running.House:
        """Let it be this time, in the house and in its worker; when it is, nothing is closed."""
        wanted = self.house.env | {"BROBYGGER_CLOCK": moment, **env}
        if wanted != self.house.env or not self.house.processes:
            self.house.stop()
            self.house.env = wanted
            self.house.start()
        return self.house

    def whenever(self) -> running.House:
        """Let it be whatever time it is."""
        return self.at(self.house.env["BROBYGGER_CLOCK"])


@pytest.fixture(scope="session")
def ditrum() -> Iterator[Clocked]:
    """Build and staff Dit Rum."""
    with running.house("ditrum", start=False, BROBYGGER_CLOCK=NIGHT) as house:
        yield Clocked(house)


@pytest.fixture(scope="session")
def familiesupporten() -> Iterator[Clocked]:
    """Build and staff Familiesupporten, from its file alone."""
    with running.house("familiesupporten", start=False, BROBYGGER_CLOCK=NIGHT) as house:
        yield Clocked(house)


@pytest.fixture(scope="session")
def january() -> Iterator[Clocked]:
    """Build and staff Dit Rum in January, with a year of families behind it; nobody else's clock stands there."""
    with running.house("ditrum", start=False, BROBYGGER_CLOCK=JANUARY) as house:
        house.name = "ditrum in January"
        house.ask(A_YEAR)
        yield Clocked(house)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Lend]:
    """Lend a browser to whoever needs one in this walk: `visit(house, walking.PHONE)`."""
    with ExitStack() as open_until_the_end:

        def lend(house: running.House, size: dict[str, int] = walking.PHONE, **options: Any) -> walking.Walker:
            return open_until_the_end.enter_context(walking.walker(browser, house, size, **options))

        yield lend


@pytest.fixture(scope="session")
def badges() -> dict[tuple[str, str], Any]:
    """Remember who has signed in at which house, so that each does so once a day and not once a walk."""
    return {}


@pytest.fixture
def at_work(visit: Lend, badges: dict[tuple[str, str], Any]) -> Lend:
    """Lend a desk to somebody who works in a house: `at_work(house, "alma")`."""

    def lend(house: running.House, handle: str, size: dict[str, int] = walking.DESK) -> walking.Walker:
        badge = badges.get((house.name, handle))
        somebody = visit(house, size, storage_state=badge) if badge else visit(house, size)
        if not badge:
            walking.sign_in(somebody, handle)
            badges[house.name, handle] = somebody.context.storage_state()
        somebody.open(walking.at("today:front"))
        return somebody

    return lend
