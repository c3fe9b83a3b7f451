"""Takes pictures of the main pages, on a phone and on a desk, by day and by night, to be looked at by a person.

python -m tests.journeys.pictures DIR [--house familiesupporten] [--groups]
"""

import argparse
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from playwright.sync_api import Browser, sync_playwright

from tests import running
from tests.journeys import pictures_of_answers, pictures_of_groups, walking

#: A Tuesday morning, the night before it, and when all that is invented has happened.
MORNING, NIGHT, BEFORE = "2026-11-24T09:20", "2026-11-24T02:10", "2026-11-24T09:00"


class Gallery:
    """One browser, and a folder its pages are drawn into."""

    def __init__(self, who: walking.Walker, folder: Path) -> None:
        """Remember both."""
        self.who, self.folder = who, folder

    def show(self, name: str) -> None:
        """Draw the page as it stands, four times."""
        for light in ("light", "dark"):
            self.who.page.emulate_media(color_scheme=light)  # type: ignore[arg-type]
            for size in (walking.PHONE, walking.DESK):
                self.who.page.set_viewport_size(size)
                path = self.folder / f"{name}-{size['width']}-{light}.png"
                self.who.page.screenshot(path=path, full_page=True)
        self.who.page.emulate_media(color_scheme="light")

    def visit(self, address: str, name: str) -> None:
        """Go somewhere and draw it."""
        self.who.open(address)
        self.show(name)


@contextmanager
def gallery(browser: Browser, house: running.House, folder: Path) -> Iterator[Gallery]:
    """Open somebody's browser and a folder for what it shows."""
    with walking.walker(browser, house, walking.DESK) as somebody:
        yield Gallery(somebody, folder)


def families(drawn: Gallery, key: str) -> None:
    """Draw what families see."""
    who, at = drawn.who, walking.at
    drawn.visit("/", "01-front")
    drawn.visit(at("door:write", door="parent"), "02-parent-door")
    drawn.visit(at("door:write", door="parent") + "?wish=time", "03-asking-for-a-time")
    drawn.visit(at("door:write", door="child"), "04-child-door")
    walking.write_letter(who, "Jeg ved ikke, hvordan jeg skal sige det til børnene.")
    drawn.show("05-key")
    drawn.visit(at("door:back"), "06-back")
    walking.come_back(who, key)
    drawn.show("07-answer-with-times")
    if who.find(".times button").count():
        who.send(who.find(".times button").first)
        drawn.show("08-agreed")
    walking.come_back(who, key)
    who.unfold(f'form[action="{at("door:name")}"]')
    who.send("#say-who button")
    drawn.show("13-what-changes-with-a-name")
    drawn.visit(at("door:burn"), "09-burn")
    drawn.visit(at("catalogue:offers"), "10-offers")
    drawn.visit(at("catalogue:kept"), "11-what-we-keep")
    drawn.visit("/findes-ikke/", "12-not-found")


def referrers(drawn: Gallery) -> None:
    """Draw what a professional sees, and what a parent sees who was referred."""
    who, at = drawn.who, walking.at
    drawn.visit(at("door:write", door="professional"), "50-professional-door")
    drawn.visit(at("door:write", door="professional") + "?wish=sparring", "51-asking-advice")
    drawn.visit(at("door:refer"), "52-refer")
    who.press("label.choice:has([name=agreed])")
    who.press("label.choice:has([name=share][value=ladder])")
    who.write("[name=first_name]", "Mette")
    who.write("[name=phone]", "20 30 40 50")
    who.send("#letter > button.action")
    lent, own = [str(key.get_attribute("data-key")) for key in who.find("[data-key]").all()]
    drawn.show("53-referred")
    who.page.emulate_media(media="print")
    who.page.screenshot(path=drawn.folder / "54-slip-printed.png")
    who.page.emulate_media(media="screen")
    walking.come_back_until(who, own, "ol.steps")
    drawn.show("55-how-far")
    walking.come_back(who, lent)
    drawn.show("56-ones-own-key")
    walking.come_back_until(who, walking.key_of(who), "#who-knows")
    drawn.show("57-who-knows-what")


def staff(drawn: Gallery) -> None:
    """Draw what those who work here see."""
    who, at = drawn.who, walking.at
    who.open(at("account_login"))
    drawn.show("20-sign-in")
    walking.sign_in(who, "alma")
    who.open(at("intake:worklist"))
    drawn.show("21-worklist")
    who.send(who.find(".row .actions button.action").first)
    drawn.show("22-thread")
    drawn.visit(at("today:day"), "23-day")
    drawn.visit(at("appointments:hours"), "24-hours")
    drawn.visit(at("access:roles"), "25-roles")
    drawn.visit(at("access:me"), "26-me")
    _duty(drawn)
    _courses(drawn)


def leader(drawn: Gallery) -> None:
    """Draw what the leader sees besides."""
    walking.sign_in(drawn.who, "clara")
    drawn.visit(walking.at("intake:worklist"), "30-leader-worklist")
    drawn.visit(walking.at("today:day"), "31-leader-day")
    drawn.who.open(walking.at("intake:worklist"))
    drawn.who.send(drawn.who.find(".row .what > a").first)
    drawn.show("32-leader-thread")
    drawn.visit(walking.at("today:looks"), "33-looks")
    _endings(drawn)


def calls(drawn: Gallery) -> None:
    """Draw what the administrator sees while somebody talks."""
    who, at = drawn.who, walking.at
    walking.sign_in(who, "finn")
    drawn.visit(at("intake:call"), "34-a-call")
    for name, value in (("door", "parent"), ("what", "ring")):
        who.press(who.find(f"#call label.choice:has([name={name}][value={value}])"))
    drawn.show("35-a-call-to-ring-back")
    who.press(who.find("#call label.choice:has([name=what][value=key])"))
    who.send("#call button.action")
    drawn.show("36-a-key-read-aloud")
    # In the same sitting: a code from the telephone is good once.
    _consents(drawn)


def _consents(drawn: Gallery) -> None:
    """Draw a referral as it is rung, and who knows what."""
    who, at = drawn.who, walking.at
    who.open(at("today:morning"))
    who.open(who.find("a[href*='/henvisning/']").first.get_attribute("href") or "")
    drawn.show("42-referral")
    if who.find("form[action$='/ring/'] button").count():
        who.send("form[action$='/ring/'] button")
        drawn.show("43-referral-rung")
    who.open(who.find("a[href$='/samtykker/']").first.get_attribute("href") or "")
    drawn.show("44-who-knows-what-at-work")


def _duty(drawn: Gallery) -> None:
    """Draw our own duty to notify, as a therapist weighs it."""
    who, at = drawn.who, walking.at
    who.open(at("intake:worklist"))
    who.open(who.find(".row .what > a").first.get_attribute("href") or "")
    who.open(who.find("a[href$='/pligt/']").last.get_attribute("href") or "")
    drawn.show("45-our-duty")


def _courses(drawn: Gallery) -> None:
    """Draw a named course as its therapist sees it, and the evening she stands in for."""
    who, at = drawn.who, walking.at
    drawn.visit(at("casework:mine"), "60-courses")
    who.send(who.find(".worklist").last.locator(".what a").first)
    course = who.page.url.removeprefix(who.house.url)
    drawn.show("61-course")
    for number, pick in enumerate(("a[href$='/use/']", "a[href$='/care/']", "a[href$='/notater/']"), start=62):
        who.open(course)
        who.open(who.find(pick).last.get_attribute("href") or "")
        drawn.show(f"{number}-course-{pick.split('/')[1]}")
    who.open(course)
    who.send("aside a[href$='/hvem/']")
    for folded in who.find("details.more").all():
        folded.locator("summary").click()
    drawn.show("65-who-has-it")
    who.open(course)
    who.send(who.find("article.letter .actions a:not(.quiet)").first)
    drawn.show("69-name-and-number")
    drawn.visit(at("today:tonight"), "66-tonight")
    drawn.visit(at("today:find"), "67-find")
    drawn.visit(at("casework:begin"), "68-beginning-a-course")
    who.open(course)
    who.send("aside a[href$='/rettigheder/']")
    _rights(drawn)


def _rights(drawn: Gallery) -> None:
    """Draw how somebody asks to see what is held about them, and how it is looked through."""
    who = drawn.who
    drawn.show("70-rights")
    who.send("a[href$='/rettigheder/ny/']")
    drawn.show("71-somebody-asks")
    for name, value in (("right", "self"), ("way", "present")):
        who.press(f"label.choice:has([name={name}][value={value}])")
    who.press(who.find("label.choice:has([name=about])").first)
    who.send("main form button.action")
    drawn.show("72-a-request")
    who.send("main p.actions a.action")
    drawn.show("73-looked-through")
    there = who.page.url.removeprefix(who.house.url)
    drawn.visit(walking.at("rights:waiting"), "74-what-people-ask")
    who.open(there)
    while who.find("[name=held]").count():
        who.send("main form button.action")
    who.send("form:has([name=names]) button.action")
    drawn.show("76-ready-to-hand-out")
    who.send("button[value=page]")
    drawn.show("77-paper")
    who.page.go_back()
    who.send("aside p:last-child a")
    drawn.show("78-what-was-asked")
    who.send("a[href$='/giv-videre/']")
    drawn.show("79-hand-over")


def _endings(drawn: Gallery) -> None:
    """Draw what ends, and a course that is held back."""
    who, there = drawn.who, walking.at("rights:endings")
    drawn.visit(there, "80-endings")
    which = "from brobygger.casework.models import Course; print(Course.objects.first().nickname)"
    who.unfold("[name=nickname]")
    who.write("[name=nickname]", who.house.ask(which))
    who.send("main form button.action")
    drawn.show("81-hold-back")
    who.press("label.choice:has([name=reason][value=complaint])")
    who.write("[name=words]", "Familien har klaget. Brevet ligger i mappen fra maj.")
    who.send("main form button.action")
    drawn.show("82-held-back")
    who.send(".worklist .what a[href*='/']")
    drawn.show("83-why-it-is-held-back")


def morning(drawn: Gallery) -> None:
    """Draw the administrator's busy morning, and what else waits on a therapist's day."""
    walking.sign_in(drawn.who, "finn")
    drawn.visit(walking.at("today:morning"), "37-morning")
    drawn.who.page.keyboard.press("o")
    drawn.show("38-morning-telephone")


def overview(drawn: Gallery) -> None:
    """Draw the leader's three gauges."""
    walking.sign_in(drawn.who, "clara")
    drawn.visit(walking.at("today:gauges"), "39-overview")


def _everybody(browser: Browser, house: running.House, folder: Path) -> None:
    """Draw the pages of families and of those who work here; on a busy morning, too, and at night."""
    key = (house.var / "a-family.txt").read_text()
    for draw in (lambda drawn: families(drawn, key), referrers, staff, leader, calls):
        with gallery(browser, house, folder) as drawn:
            draw(drawn)
    house.stop()
    house.ask("from tests import busy; busy.fill()")
    house.start()
    for draw in (morning, overview):
        with gallery(browser, house, folder) as drawn:
            draw(drawn)
    house.stop()
    house.env["BROBYGGER_CLOCK"] = NIGHT
    house.start()
    with gallery(browser, house, folder) as drawn:
        drawn.visit("/", "40-front-at-night")
        drawn.visit(walking.at("door:write", door="parent"), "41-parent-door-at-night")
    house.stop()


def main() -> None:
    """Build a house with invented families, walk through it, and draw."""
    parser = argparse.ArgumentParser(prog="tests.journeys.pictures", description="Pictures of the main pages.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--house", default="ditrum")
    parser.add_argument("--groups", action="store_true", help="only the pages of groups and of placing")
    parser.add_argument(
        "--answers", action="store_true", help="only the pages of asking whether it helped, and reports"
    )
    options = parser.parse_args()
    os.environ |= {"BROBYGGER_TESTING": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    # For the names of the addresses; the house itself runs in processes of its own.
    django.setup()
    options.folder.mkdir(parents=True, exist_ok=True)
    program = os.environ.get("BROBYGGER_CHROMIUM") or shutil.which("chromium")
    if not program:
        raise SystemExit("Chromium is missing; install Debian's package chromium.")
    with (
        running.house(options.house, letters=True, start=False, BROBYGGER_CLOCK=BEFORE) as house,
        sync_playwright() as playwright,
    ):
        house.env["BROBYGGER_CLOCK"] = MORNING
        house.start()
        browser = walking.launch(playwright, program)
        walks = [*pictures_of_answers.WALKS] * (not options.groups) + [*pictures_of_groups.WALKS] * (
            not options.answers
        )
        for draw in walks:
            with gallery(browser, house, options.folder) as drawn:
                draw(drawn)
        if not options.groups and not options.answers:
            house.stop()
            house.start()
            _everybody(browser, house, options.folder)
        browser.close()
    print(f"{len(list(options.folder.glob('*.png')))} pictures in {options.folder}")


if __name__ == "__main__":
    main()
