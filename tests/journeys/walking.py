"""Somebody with a browser of their own, and what every page they see must be: open to all, silent, never too wide."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Request, Response, Route, expect

from tests.running import House

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
#: An old phone, or a page at 400 %: nobody scrolls sideways there either.
SMALL = {"width": 320, "height": 740}
#: Nothing leaves the machine: no name is looked up, and Chromium's own errands are switched off.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]  # fmt: skip
AXE = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # Big targets are a promise to a thumb; axe keeps this rule off unless asked.
    "rules": {"target-size": {"enabled": True}},
}
#: When the page has come to rest: a link half under the head that stands still would be taken for a small one.
TO_THE_TOP = """async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    scrollTo({top: 0, behavior: "instant"});
}"""
STAFF = ("/personale/", "/en/staff/")
#: Where everybody in the demo keeps a code; see brobygger.access.queries.demo_people.
PASSWORD = "godt vejr i dag"
#: How long anything on a page may take, in milliseconds: the keeper works within seconds, lists ask every five.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)


def at(name: str, language: str = "da", **kwargs: Any) -> str:
    """Find an address of the house by its name, in a language."""
    with translation.override(language):
        return reverse(name, kwargs=kwargs)


def launch(playwright: Playwright, program: str) -> Browser:
    """Start Debian's Chromium."""
    return playwright.chromium.launch(executable_path=program, args=FLAGS)


class Walker:
    """One person at one screen: presses, types, looks; counts the presses, and remembers what the pages did."""

    #: Pages that have been measured and read by axe already, in this run: house, name, script on or off.
    seen: set[tuple[str, str, bool]] = set()

    def __init__(self, browser: Browser, house: House, size: dict[str, int], *, script: bool = True, **more: Any):
        """Open a fresh browser that remembers nothing, for one house."""
        self.house, self.script, self.size = house, script, size
        self.taps = 0
        self.began = time.monotonic()
        self.complaints: list[str] = []
        self.answers: list[Response] = []
        self.asked: list[Request] = []
        options = {"viewport": size, "java_script_enabled": script, "locale": "da-DK", **more}
        self.context: BrowserContext = browser.new_context(
            timezone_id="Europe/Copenhagen", reduced_motion="reduce", **options
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.route(re.compile(r"^(?!http://127\.0\.0\.1[:/])"), self._outside)
        self.context.on("request", lambda request: self.asked.append(request))
        self.context.on("response", lambda response: self.answers.append(response))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("console", self._heard)
        self.page: Page = self.context.new_page()

    def _outside(self, route: Route) -> None:
        """Answer for the neutral page somebody flees to, so that nothing leaves the machine."""
        route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>Vejret</title><p>Regn.</p>")

    def _heard(self, message: Any) -> None:
        """Remember what a page complained of; a refused form answers 4xx on purpose, which Chromium calls an error."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, address: str) -> Response:
        """Go to an address of the house."""
        answer = self.page.goto(self.house.url + address)
        assert answer is not None
        return answer

    def find(self, pick: str) -> Locator:
        """Find something on the page."""
        return self.page.locator(pick)

    def press(self, pick: str | Locator) -> None:
        """Press something with a thumb, and count it."""
        place = self.find(pick) if isinstance(pick, str) else pick
        place.click()
        self.taps += 1

    def send(self, pick: str | Locator, status: int = 200) -> Response:
        """Press what sends a form or follows a link, wait for the page that comes, and see how it answered."""
        before = len(self.answers)
        with self.page.expect_navigation(wait_until="load"):
            self.press(pick)
        pages = [each for each in self.answers[before:] if each.request.is_navigation_request()]
        assert pages[-1].status == status, f"{pages[-1].url} answered {pages[-1].status}: {self.text('body')}"
        return pages[-1]

    def write(self, pick: str, text: str) -> None:
        """Tap a field and write in it."""
        self.find(pick).fill(text)
        self.taps += 1

    def text(self, pick: str = "main") -> str:
        """Read what a part of the page says, in one line."""
        return " ".join(self.find(pick).first.inner_text().split())

    def unfold(self, pick: str) -> None:
        """Open a folded part of the page that holds something."""
        folded = self.page.locator("details", has=self.page.locator(pick)).first
        if folded.get_attribute("open") is None:
            self.press(folded.locator("> summary"))

    def look(self, name: str) -> None:
        """See that the page is as every page must be; each is measured and read by axe once a run, in both sizes."""
        self._is_silent()
        if (key := (self.house.name, name, self.script)) in self.seen:
            return
        for size in (PHONE, DESK, SMALL):
            self.page.set_viewport_size(size)
            self._fits(name, size["width"])
            if size != SMALL and (self.script or size == PHONE):
                self._reads_well(name, size["width"])
        self.page.set_viewport_size(self.size)
        self.seen.add(key)

    def _fits(self, name: str, width: int) -> None:
        """See that nobody has to scroll sideways."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} px wide on a screen of {width}"

    def _reads_well(self, name: str, width: int) -> None:
        """See that axe finds nothing: WCAG 2.2 A and AA."""
        with self._reader() as page:
            page.evaluate(TO_THE_TOP)
            found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, f"{name} at {width} px: {found.generate_report()}"

    @contextmanager
    def _reader(self) -> Iterator[Page]:
        """Give the page to axe; where script is off, the very same page in a browser that lets axe run."""
        if self.script:
            yield self.page
            return
        assert self.context.browser is not None
        copy = self.context.browser.new_context(viewport=self.page.viewport_size)
        page, body = copy.new_page(), self.page.content()
        page.route(self.page.url, lambda route: route.fulfill(status=200, content_type="text/html", body=body))
        page.goto(self.page.url)
        try:
            yield page
        finally:
            copy.close()

    def _is_silent(self) -> None:
        """See that no other host was asked, nothing was complained of, and a family's page set no cookie."""
        here = (self.house.url + "/", "data:", "about:")
        elsewhere = [each.url for each in self.asked if not each.url.startswith(here)]
        assert not elsewhere, f"asked elsewhere: {elsewhere}"
        assert not self.complaints, self.complaints
        staff = tuple(self.house.url + path for path in STAFF)
        public = [each for each in self.answers if not each.url.startswith(staff)]
        cookies = [each.url for each in public if "set-cookie" in each.all_headers()]
        assert not cookies, f"a cookie was set by {cookies}"
        kept = [each for each in self.context.cookies() if not str(each.get("path")).startswith(STAFF)]
        assert not kept, f"the browser keeps {kept}"
        self.answers.clear()

    def seconds(self) -> float:
        """Tell how long the walk took so far."""
        return time.monotonic() - self.began

    def close(self) -> None:
        """Close the browser; everything it held is gone."""
        self.context.close()


@contextmanager
def walker(browser: Browser, house: House, size: dict[str, int] = PHONE, **options: Any) -> Iterator[Walker]:
    """Lend somebody a browser for one visit."""
    somebody = Walker(browser, house, size, **options)
    try:
        yield somebody
    finally:
        somebody.close()


def write_letter(who: Walker, text: str, *, door: str = "parent", language: str = "da") -> str:
    """Write a letter at a door and give the return key."""
    who.open(at("door:write", language, door=door))
    who.write("#letter [name=text]", text)
    who.send("#letter > button.action")
    return key_of(who)


def key_of(who: Walker) -> str:
    """Read the return key off the page that shows it once."""
    return str(who.find("[data-key]").first.get_attribute("data-key"))


def number_of(key: str) -> str:
    """Tell the box number, which may be said aloud."""
    return key[:4]


def come_back(who: Walker, key: str, status: int = 200) -> Response:
    """Come back with a key as it is typed."""
    who.open(at("door:back"))
    who.write("main [name=key]", key)
    return who.send("main form button.action", status)


def come_back_soon(who: Walker, key: str) -> None:
    """Come back with a key whose letter is being opened this very moment."""
    for pause in (0.3, 0.6, 1.2, 2.4):
        time.sleep(pause)
        who.open(at("door:back"))
        who.write("main [name=key]", key)
        who.page.locator("main form button.action").click()
        if who.find("#more").count():
            return
    raise AssertionError(f"the key opened nothing: {who.text()}")


def come_back_until(who: Walker, key: str, pick: str) -> None:
    """Come back with a key until what the keeper is about to say is there."""
    until = time.monotonic() + PATIENCE / 1000
    while True:
        who.open(at("door:back"))
        who.write("main [name=key]", key)
        with who.page.expect_navigation(wait_until="load"):
            who.page.locator("main form button.action").click()
        if who.find(pick).count():
            return
        assert time.monotonic() < until, f"{pick} did not come: {who.text()}"
        time.sleep(0.3)


def button(action: str, language: str = "da") -> str:
    """Find the button of one thing that can be done with an open box."""
    return f'form[action="{at("door:act", language, action=action)}"] button:not([name])'


def sign_in(who: Walker, handle: str) -> None:
    """Come to work: password, then the code the demo shows."""
    who.open(at("account_login"))
    who.look("sign in")
    person = who.find(f'[data-handle="{handle}"]')
    who.write("[name=login]", person.locator(".email").inner_text())
    who.write("[name=password]", PASSWORD)
    who.send("main form button.action")
    who.look("the second step")
    who.write("[name=code]", who.find("main section.note kbd").inner_text())
    who.send("main form:has([name=code]) button.action")


def row(who: Walker, number: str) -> Locator:
    """Find a row by its box number, on the worklist or the day."""
    return who.page.locator(".row", has_text=number)


def arrive(who: Walker, number: str) -> None:
    """Look again until a row stands on the page; for walks that are about something else than waiting."""
    until = time.monotonic() + PATIENCE / 1000
    while not row(who, number).count():
        assert time.monotonic() < until, f"{number} did not arrive: {who.text()}"
        time.sleep(0.2)
        who.page.reload()


def arrives_by_itself(who: Walker, number: str) -> None:
    """Wait, hands off, until a row stands on the page."""
    row(who, number).first.wait_for(state="visible")


def goes_by_itself(who: Walker, number: str) -> None:
    """Wait, hands off, until a row is gone."""
    row(who, number).first.wait_for(state="detached")
