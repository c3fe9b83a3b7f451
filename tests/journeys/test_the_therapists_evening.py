"""The therapist's evening: nine children, one hand, one minute; and what becomes of it when the line goes."""

import time
from typing import Any

from playwright.sync_api import expect

from tests.journeys import walking
from tests.journeys.conftest import Clocked, Lend
from tests.journeys.walking import PHONE, Walker, at
from tests.running import House

EVENING, NEXT_DAY = "2026-11-25T17:10", "2026-11-26T08:30"
#: A group of Alma's, whose second evening is tonight. Ida did not come the last time, Karl is on pause, Nora is new.
BEGUN = """
from brobygger.access import queries as people
from brobygger.casework import record
from brobygger.groups.models import Attendance, Meeting
from brobygger.groups.tests import rows
alma, bo = people.person("alma"), people.person("bo")
stars = rows.group("Stjernerne {mark}")
rows.leads(stars, alma)
first, second = rows.meeting(stars, 1), rows.meeting(stars, 2)
Meeting.objects.filter(pk=first.pk).update(state="held", held_at=first.ends_at)
care = {
    "Asta": {"allergies": "Nødder", "remember": "Har fået en kanin siden sidst."},
    "Nora": {"brings": "farmor", "remember": "Vil gerne sidde tæt ved døren."},
    "Ellen": {"allergies": "Nødder"},
}
names = [("Asta", "2015-03"), ("Bertil", "2014-11"), ("Carla", "2015-06"), ("Ellen", "2014-02"), ("Emma", "2015-05")]
names += [("Emma", "2013-02"), ("Ida", "2014-08"), ("Nora", "2015-01"), ("Sofus", "2014-04"), ("Karl", "2014-09")]
for name, birth in names:
    child = rows.child(bo if name == "Sofus" else alma, name, birth=birth)
    more = {"state": "paused"} if name == "Karl" else {"starts_with": second} if name == "Nora" else {}
    rows.seat(stars, child, **more)
    if name in care:
        by = bo if name == "Sofus" else alma
        record.write_part(course=child.course, member=child, kind="care", body=care[name], seen=0, by=by)
    if name not in ("Nora", "Karl"):
        Attendance.objects.create(meeting=first, member=child, mark="absent" if name == "Ida" else "here")
print(first.pk, second.pk)
"""
HELD = """
from brobygger.groups.models import Attendance, Meeting
from brobygger.privacy.models import AuditEntry
row = Meeting.objects.get(pk="{meeting}")
marks = sorted(Attendance.objects.filter(meeting=row).values_list("mark", flat=True))
told = AuditEntry.objects.filter(action="groups.evening_held", about=f"meeting:{{row.pk}}").count()
print(row.state, ",".join(marks), ",".join(row.elements), told)
"""
#: Half an hour and a minute without a page or a form, for one sitting.
IDLE = """
from django.contrib.sessions.backends.db import SessionStore
held = SessionStore("{sitting}")
held["seen"] -= 31 * 60
held.save()
"""
DRAFTS = 'Object.entries(localStorage).filter(([name]) => name.startsWith("draft:"))'
SENTENCE = "Vi byggede en hule, og alle fik en rolle."
#: How many seconds a thumb that is in no hurry takes to find and tap a place, and to type a letter.
TAP, LETTER = 2.0, 0.3
#: What stands afterwards: seven here, one said no, one did not come.
TOLD = ["absent," + "here," * 7 + "said_no", "barnet-i-centrum,leg,tryghed"]


def begun(house: House, mark: str) -> tuple[str, str]:
    """Begin a group, and give its first meeting and tonight's."""
    first, second = house.ask(BEGUN.replace("{mark}", mark)).split()[-2:]
    return first, second


def held(house: House, meeting: str) -> list[str]:
    """Ask the house what is written of an evening."""
    return house.ask(HELD.format(meeting=meeting)).splitlines()[-1].split(" ")


def lies_here(who: Walker, count: int) -> list[list[str]]:
    """Wait until so many drafts lie on the device, and read them."""
    until = time.monotonic() + walking.PATIENCE / 1000
    while len(found := list(who.page.evaluate(DRAFTS))) != count:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found


def guest(who: Walker, name: str) -> Any:
    """Find somebody's row."""
    return who.page.locator(".guest", has_text=name).first


def tap(who: Walker, name: str, mark: str) -> None:
    """Tap one mark of one person."""
    who.press(guest(who, name).locator(f".choice:has([value={mark}])"))


def mark_all(who: Walker) -> None:
    """Mark nine people, three elements and a sentence, as a thumb does."""
    tap(who, "Bertil", "said_no")
    tap(who, "Carla", "absent")
    who.press("[data-rest]")
    for element in ("barnet-i-centrum", "leg", "tryghed"):
        who.press(f".taps .choice:has([value={element}])")
    who.write("#id_sentence", SENTENCE)


def forgive(who: Walker) -> None:
    """Let go of what a browser says of a line that was cut on purpose."""
    who.complaints[:] = [each for each in who.complaints if "fetch" not in each.lower()]


def test_nine_people_in_twelve_taps(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(EVENING)
    _first, tonight = begun(house, "et")
    badge: Any = at_work(house, "alma").context.storage_state()
    alma = visit(house, PHONE, storage_state=badge, has_touch=True)
    alma.open(at("today:tonight"))
    alma.look("the evenings one runs tonight")
    alma.send(alma.find(f'a[href="{at("groups:evening", meeting=tonight)}"]'))
    began, alma.taps = time.monotonic(), 0
    said = alma.text()
    assert "9 ventes" in said and "1 holder pause" in said
    for shown in ("Tåler ikke: Nødder", "Har fået en kanin", "Emma, 11 år", "Emma, 13 år", "Ny i dag", "farmor"):
        assert shown in said, shown
    assert "Hansen" not in alma.page.content(), "first names alone"

    mark_all(alma)
    assert alma.text("#sum") == "7 her 1 afbud 1 kom ikke"
    alma.send("#evening .action")
    taps, seconds = alma.taps, time.monotonic() - began
    thumb = taps * TAP + len(SENTENCE) * LETTER
    print(
        f"\nNine people, three elements and a sentence: {taps} taps, {seconds:.1f} s; with a slow thumb {thumb:.0f} s"
    )
    assert taps <= 12, f"{taps} taps"
    assert "Aftenen er gemt" in alma.text(".said")
    assert held(house, tonight) == ["held", *TOLD, "1"]
    assert alma.find("#id_sentence").input_value() == SENTENCE and alma.text("#sum") == "7 her 1 afbud 1 kom ikke"
    lies_here(alma, 0)
    alma.look("an evening that is told of")


def test_the_line_goes_in_the_middle(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(EVENING)
    _first, tonight = begun(house, "to")
    alma = at_work(house, "alma", PHONE)
    alma.open(at("groups:evening", meeting=tonight))
    alma.look("an evening")
    tap(alma, "Asta", "here")
    alma.context.set_offline(True)
    mark_all(alma)
    alma.press("#evening .action")
    expect(alma.find("#saved")).to_contain_text("Ikke sendt endnu")
    [[name, sealed]] = lies_here(alma, 1)
    assert "hule" not in sealed and "here" not in sealed and name == f"draft:evening:{tonight}"
    assert held(house, tonight)[0] == "planned"

    with alma.page.expect_navigation(wait_until="load"):
        alma.context.set_offline(False)
    assert "Aftenen er gemt" in alma.text(".said")
    assert held(house, tonight) == ["held", *TOLD, "1"]
    lies_here(alma, 0)
    forgive(alma)


def test_the_phone_dies_before_the_line_is_back(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(EVENING)
    _first, tonight = begun(house, "tre")
    alma = at_work(house, "alma", PHONE)
    alma.open(at("groups:evening", meeting=tonight))
    tap(alma, "Bertil", "absent")
    lies_here(alma, 1)
    dies(alma)
    alma.open(at("groups:evening", meeting=tonight))
    expect(alma.find("[data-found-here]")).to_contain_text("ikke sendt endnu")
    assert guest(alma, "Bertil").locator(":checked").get_attribute("value") == "absent"
    assert held(house, tonight)[0] == "planned", "what nobody pressed is not sent by itself"

    alma.context.set_offline(True)
    tap(alma, "Bertil", "said_no")
    tap(alma, "Carla", "absent")
    alma.press("[data-rest]")
    alma.press("#evening .action")
    expect(alma.find("#saved")).to_contain_text("Ikke sendt endnu")
    lies_here(alma, 1)
    dies(alma)
    alma.context.set_offline(False)
    with alma.page.expect_navigation(url=f"**{at('groups:evening', meeting=tonight)}"):
        alma.open(at("groups:evening", meeting=tonight))
    expect(alma.find(".said")).to_contain_text("Aftenen er gemt")
    assert held(house, tonight)[1] == TOLD[0]
    lies_here(alma, 0)
    forgive(alma)


def dies(who: Walker) -> None:
    """Close the page without a word, and open another."""
    who.page.close()
    who.answers.clear()
    who.page = who.context.new_page()


def test_the_answer_is_lost_and_nothing_is_there_twice(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(EVENING)
    _first, tonight = begun(house, "fire")
    alma = at_work(house, "alma", PHONE)
    alma.open(at("groups:evening", meeting=tonight))
    lost = {"left": 1}

    def swallow(route: Any) -> None:
        if route.request.method == "POST" and lost["left"]:
            lost["left"] = 0
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    alma.context.route("**/aftener/**", swallow)
    mark_all(alma)
    with alma.page.expect_navigation(wait_until="load"):
        alma.press("#evening .action")
        expect(alma.find("#saved")).to_contain_text("Ikke sendt endnu")
        assert held(house, tonight) == ["held", *TOLD, "1"], "it came, and nobody told her"
    assert held(house, tonight) == ["held", *TOLD, "1"]
    lies_here(alma, 0)
    forgive(alma)


def test_half_an_hour_without_a_line_and_nothing_is_lost(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.at(EVENING)
    _first, tonight = begun(house, "ni")
    # Somebody who has signed in nowhere else: a code works once.
    house.ask(
        "from brobygger.access import queries as people; from brobygger.groups.models import Meeting; "
        "from brobygger.groups.tests import rows; "
        f'rows.leads(Meeting.objects.get(pk="{tonight}").group, people.person("lone"))'
    )
    lone = visit(house, PHONE)
    walking.sign_in(lone, "lone")
    lone.open(at("groups:evening", meeting=tonight))
    lone.context.set_offline(True)
    mark_all(lone)
    lone.press("#evening .action")
    expect(lone.find("#saved")).to_contain_text("Ikke sendt endnu")
    house.kill("server")
    house.start("server")
    (sitting,) = {each["value"] for each in lone.context.cookies() if each["name"] == "huset"}
    house.ask(IDLE.format(sitting=sitting))

    with lone.page.expect_navigation(url=f"**{at('account_login')}?next=*"):
        lone.context.set_offline(False)
    assert "Det, du skrev, er gemt" in lone.text() and lone.find("[data-thrown-away]").count() == 0
    assert held(house, tonight)[0] == "planned"
    walking.sign_in(lone, "lone")
    assert SENTENCE in lone.text(), "whoever signs in by hand comes to it, too"
    lone.open(at("today:front"))
    lone.send(f'a[href="{at("access:kept")}"]')
    lone.look("what was sent too late")
    lone.send("main form .action")
    assert "Aftenen er gemt" in lone.text(".said")
    assert held(house, tonight) == ["held", *TOLD, "1"]
    assert lone.find(f'a[href="{at("access:kept")}"]').count() == 0
    lone.send(".viewer form button")
    forgive(lone)


def test_what_is_tapped_while_it_is_on_its_way_stays(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(EVENING)
    _first, tonight = begun(house, "ti")
    alma = at_work(house, "alma", PHONE)
    alma.page.evaluate("([name, left]) => localStorage.setItem(name, left)", [f"draft:evening:{tonight}", "bm8= bm8="])
    alma.open(at("groups:evening", meeting=tonight))
    expect(alma.find("[data-found-here]")).to_contain_text("aldrig blev sendt")
    lies_here(alma, 0)
    mark_all(alma)
    on_its_way: list[Any] = []
    place = f"**{at('groups:evening', meeting=tonight)}"

    def hold(route: Any) -> None:
        if route.request.method == "POST":
            on_its_way.append(route)
        else:
            route.continue_()

    alma.context.route(place, hold)
    alma.press("#evening .action")
    expect(alma.find("#saved")).to_contain_text("Sender")
    tap(alma, "Ida", "absent")
    tap(alma, "Bertil", "here")
    alma.write("#id_sentence", SENTENCE + " Ida gik.")
    with alma.page.expect_navigation(wait_until="load"):
        on_its_way.pop().continue_()
    alma.context.unroute(place)
    assert held(house, tonight) == ["held", *TOLD, "1"]
    expect(alma.find("[data-found-here]")).to_contain_text("ikke sendt endnu")
    assert alma.text("#sum") == "7 her 0 afbud 2 kom ikke"
    assert alma.find("#id_sentence").input_value() == SENTENCE + " Ida gik."
    lies_here(alma, 1)
    # Signed in again in another window: the page's token is an old one.
    alma.context.clear_cookies(name="huset-form")
    alma.send("#evening .action")
    assert held(house, tonight)[1] == "absent,absent," + ",".join(["here"] * 7)
    lies_here(alma, 0)


def test_two_leaders_tell_of_the_same_evening(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(EVENING)
    _first, tonight = begun(house, "fem")
    house.ask(
        "from brobygger.access import queries as people; from brobygger.groups.models import Meeting; "
        "from brobygger.groups.tests import rows; "
        f'rows.leads(Meeting.objects.get(pk="{tonight}").group, people.person("bo"))'
    )
    alma, bo = at_work(house, "alma", PHONE), at_work(house, "bo", PHONE)
    for somebody in (alma, bo):
        somebody.open(at("groups:evening", meeting=tonight))
    tap(bo, "Bertil", "here")
    tap(bo, "Sofus", "absent")
    bo.send("#evening .action")
    mark_all(alma)
    alma.send("#evening .action", 422)
    assert "I har skrevet begge to" in alma.text(".errors")
    assert "Kom ikke. Du valgte: Her" in alma.text(".guest:has-text('Sofus')")
    assert "Her. Du valgte: Afbud" in alma.text(".guest:has-text('Bertil')")
    alma.look("an evening two have told of")
    assert alma.find("#id_sentence").input_value() == SENTENCE
    tap(alma, "Sofus", "absent")
    alma.send("#evening .action")
    assert held(house, tonight)[1] == "absent,absent,here,here,here,here,here,here,said_no"
    assert alma.find("a[href$='/notater/']").count() == 9, "Sofus is in no course of hers"
    assert bo.find("a[href$='/notater/']").count() == 1


def test_signing_out_leaves_nothing_on_the_phone(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.at(EVENING)
    _first, tonight = begun(house, "seks")
    alma = visit(house, PHONE)
    walking.sign_in(alma, "alma")
    alma.open(at("groups:evening", meeting=tonight))
    tap(alma, "Bertil", "absent")
    lies_here(alma, 1)
    alma.send(".viewer form button")
    lies_here(alma, 0)
    assert "aldrig sendt" in alma.text("[data-thrown-away]"), "and not without a word"


def test_who_stands_in_runs_the_evening_and_sees_no_course(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(EVENING)
    first, tonight = begun(house, "syv")
    house.ask(
        "from brobygger.access import queries as people; from brobygger.groups.models import Meeting; "
        "from brobygger.groups.tests import rows; "
        f'rows.stands_in(Meeting.objects.get(pk="{tonight}"), people.person("bo"))'
    )
    bo = at_work(house, "bo", PHONE)
    bo.open(at("today:tonight"))
    bo.send(bo.find(f'a[href="{at("groups:evening", meeting=tonight)}"]'))
    assert "Tåler ikke: Nødder" in bo.text() and "Har fået en kanin" in bo.text()
    mark_all(bo)
    bo.send("#evening .action")
    assert held(house, tonight)[1:3] == TOLD
    assert "Ring" not in bo.text() and bo.open(at("groups:evening", meeting=first)).status == 404
    house = ditrum.at(NEXT_DAY)
    bo = at_work(house, "bo", PHONE)
    assert bo.open(at("groups:evening", meeting=tonight)).status == 404
    bo.open(at("today:tonight"))
    assert "syv" not in bo.text()


def test_without_script_the_evening_is_an_ordinary_form(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    house = ditrum.at(EVENING)
    _first, tonight = begun(house, "otte")
    badge: Any = at_work(house, "alma").context.storage_state()
    alma = visit(house, PHONE, script=False, storage_state=badge)
    alma.open(at("groups:evening", meeting=tonight))
    alma.look("an evening without script")
    tap(alma, "Bertil", "said_no")
    tap(alma, "Carla", "absent")
    alma.write("#id_sentence", SENTENCE)
    alma.send("[data-rest]", 422)
    assert alma.find("#id_sentence").input_value() == SENTENCE and "7 her" in alma.text("#sum")
    for element in ("barnet-i-centrum", "leg", "tryghed"):
        alma.press(f".taps .choice:has([value={element}])")
    alma.send("#evening .action")
    assert held(house, tonight) == ["held", *TOLD, "1"]
