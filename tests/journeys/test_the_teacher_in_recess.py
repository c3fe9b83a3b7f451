"""A teacher on a phone in recess, unsure whether to notify. Every request is written down: while she walks, none."""

import re
from pathlib import Path

import icalendar
from playwright.sync_api import Route

from tests.journeys import walking
from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import PHONE, Walker, at

#: What only she knows.
SECRET = "Emil lugter af røg, har set far slå mor"


def steps(who: Walker) -> list[str]:
    """Name the steps that can be seen."""
    return [str(each.get_attribute("id")) for each in who.find("[data-step]").all() if each.is_visible()]


def go(who: Walker, number: int) -> None:
    """Press what leads to a step, and see it alone, with the focus on its heading."""
    who.press(who.find(f'[data-step]:visible a[href="#{number}"]').first)
    assert at_rest(who, number)
    assert (
        who.page.evaluate("document.activeElement.tagName + document.activeElement.parentElement.id") == f"H2{number}"
    )
    assert who.page.evaluate("scrollY") == 0


def at_rest(who: Walker, number: int) -> bool:
    """Wait for the step somebody went to, and see it alone."""
    who.find(f'[data-step][id="{number}"]').wait_for(state="visible")
    return steps(who) == [str(number)]


def kept(who: Walker) -> list[int]:
    """Count what the device keeps."""
    count = "[localStorage.length, sessionStorage.length, document.cookie.length]"
    return list(who.page.evaluate(count))


def begin(who: Walker) -> int:
    """Open the guide and tell how much had been asked for when the page stood still."""
    who.open(at("content:guide"))
    who.page.wait_for_load_state("networkidle")
    assert steps(who) == ["0"]
    return len(who.asked)


def silent_since(who: Walker, loaded: int) -> None:
    """See that nothing has been asked of anybody, by any way a page has."""
    who.page.wait_for_timeout(300)
    assert [each.url for each in who.asked[loaded:] if not each.url.startswith("blob:")] == []
    assert who.complaints == []
    assert kept(who) == [0, 0, 0]
    assert who.page.url == who.house.url + at("content:guide"), "the address says nothing about the way"


def writes_and_copies(who: Walker) -> None:
    """Fill in the five questions, tick, and copy: all of it in the browser."""
    boxes = who.find("[data-ask] textarea")
    assert boxes.count() == 5
    boxes.nth(1).fill(SECRET)
    assert boxes.nth(1).get_attribute("spellcheck") == "false"
    for tick in who.find("#\\39  .choice").all():
        who.press(tick)
    who.look("the outline")
    who.press("[data-copy]")
    who.find("[data-copy]").and_(who.page.get_by_text("Kopieret", exact=True)).wait_for()
    copied = str(who.page.evaluate("navigator.clipboard.readText()"))
    assert SECRET in copied and copied.startswith("Hvorfor er du bekymret?\n")


def test_the_whole_walk_sends_nothing(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.at(DAY)
    teacher = visit(house, PHONE, permissions=["clipboard-read", "clipboard-write"])
    loaded = begin(teacher)
    teacher.look("the guide")
    for number in (1, 2, 4, 5, 6, 7, 8, 9):
        go(teacher, number)
        teacher.look(f"the guide, step {number}")
    assert teacher.taps == 8
    writes_and_copies(teacher)
    go(teacher, 10)
    teacher.look("the guide, sending")
    assert "onsdag den 2. december" in teacher.text("#\\31 0 .when strong")
    with teacher.page.expect_download() as download:
        teacher.press("[data-reminder]")
    assert download.value.suggested_filename == "husk.ics"
    (event,) = icalendar.Calendar.from_ical(Path(download.value.path()).read_bytes()).walk("VEVENT")
    assert str(event["summary"]) == "Kvittering?" and event.decoded("dtstart").isoformat() == "2026-12-02"
    silent_since(teacher, loaded)


def test_where_violence_is_suspected_the_parents_are_not_asked_first(ditrum: Clocked, visit: Lend) -> None:
    teacher = visit(ditrum.whenever(), PHONE)
    loaded = begin(teacher)
    for number in (1, 2, 3):
        go(teacher, number)
    teacher.look("the guide, violence")
    assert "Tal ikke med forældrene først" in teacher.text("main")
    teacher.press("[data-back]")
    assert at_rest(teacher, 2)
    teacher.page.evaluate("history.forward()")
    assert at_rest(teacher, 3)
    teacher.page.evaluate("history.go(-3)")
    assert at_rest(teacher, 0)
    for number in (1, 2, 3, 9):
        go(teacher, number)
    silent_since(teacher, loaded)


def test_keys_alone_are_enough_and_not_now_is_an_answer_too(ditrum: Clocked, visit: Lend) -> None:
    teacher = visit(ditrum.whenever(), walking.DESK)
    loaded = begin(teacher)
    teacher.find('a[href="#1"]').first.focus()
    teacher.page.keyboard.press("Enter")
    assert at_rest(teacher, 1)
    for _ in range(3):
        teacher.page.keyboard.press("Tab")
    assert teacher.page.evaluate("document.activeElement.getAttribute('href')") == "#2"
    for number in (2, 4, 5, 6, 7, 8, 11):
        go(teacher, number)
    teacher.look("the guide, not now")
    silent_since(teacher, loaded)


def test_leaving_quickly_asks_nothing_even_with_words_on_the_page(ditrum: Clocked, visit: Lend) -> None:
    teacher = visit(ditrum.whenever(), PHONE)
    asked: list[str] = []
    teacher.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    begin(teacher)
    for number in (1, 9):
        go(teacher, number)
    teacher.find("[data-ask] textarea").first.fill(SECRET)
    teacher.press("#leave")
    teacher.page.wait_for_url(re.compile("dmi"))
    assert asked == []
    begin(teacher)
    for number in (1, 9):
        go(teacher, number)
    teacher.find("[data-ask] textarea").first.fill(SECRET)
    teacher.page.reload()
    assert asked == ["beforeunload"], "closed by mistake, she is asked once"
    assert teacher.find("[data-ask] textarea").first.input_value() == ""


def test_a_planted_mouth_in_the_script_is_heard(ditrum: Clocked, visit: Lend) -> None:
    """Planted: a script that tells the house which way she went, by a picture. The walk above would be red."""
    teacher = visit(ditrum.whenever(), PHONE)

    def plant(route: Route) -> None:
        spy = "addEventListener('click', () => { new Image().src = '/hus.css?went=' + history.state; });"
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text() + spy)

    teacher.page.route(re.compile(r"/content/guide[^/]*\.js"), plant)
    loaded = begin(teacher)
    go(teacher, 1)
    teacher.page.wait_for_timeout(300)
    assert [each.url.split("?")[1] for each in teacher.asked[loaded:]] == ["went=1"]


def test_without_script_everything_stands_on_one_page(ditrum: Clocked, visit: Lend) -> None:
    teacher = visit(ditrum.at(DAY), PHONE, script=False)
    teacher.open(at("content:guide"))
    teacher.look("the guide without script")
    assert steps(teacher) == [str(number) for number in range(12)]
    assert teacher.find("main button:visible, main textarea").count() == 0
    teacher.press('a[href="#2"]')
    assert teacher.page.url.endswith("#2")
    with teacher.page.expect_download() as download:
        teacher.press("[data-reminder]")
    assert b"DTSTART;VALUE=DATE:20261202" in Path(download.value.path()).read_bytes()
    teacher.open(at("content:reminder"))
    teacher.look("another day")
    teacher.write("main [name=sent]", "")
    teacher.send("main form button.action", 422)
    teacher.look("another day, refused")
    teacher.open(at("content:municipalities"))
    teacher.look("the municipalities without script")
    assert teacher.find("#all li:visible").count() == 98


def test_the_municipality_is_found_without_asking(ditrum: Clocked, visit: Lend) -> None:
    teacher = visit(ditrum.whenever(), PHONE)
    teacher.open(at("content:municipalities"))
    teacher.page.wait_for_load_state("networkidle")
    teacher.look("the municipalities")
    loaded = len(teacher.asked)
    teacher.find("#finder").press_sequentially("Århus kommune")
    assert teacher.find("#all li:visible").all_inner_texts() == ["Aarhus 0751 Midtjylland"]
    teacher.write("#finder", "Gladsakse")
    assert teacher.find("#all li:visible").count() == 0
    assert "Se på stavemåden" in teacher.text("[data-finder]")
    teacher.write("#finder", "")
    assert teacher.find("#all li:visible").count() == 98
    teacher.page.keyboard.press("Enter")
    teacher.page.wait_for_timeout(200)
    assert [each.url for each in teacher.asked[loaded:]] == []


def test_the_guide_stands_in_english(ditrum: Clocked, visit: Lend) -> None:
    teacher = visit(ditrum.whenever(), PHONE)
    teacher.open(at("content:guide", "en"))
    teacher.look("the guide in English")
    go(teacher, 1)
    assert "Is anybody in danger now?" in teacher.text()
