"""Clara sees who could sit where and why, and asks what one more group would bring; Finn offers a proposed seat."""

import os
import re
from pathlib import Path

from tests.journeys import walking
from tests.journeys.conftest import DAY, Clocked, Lend

#: Where pictures go when somebody wants to see them.
PICTURES = os.environ.get("BROBYGGER_PICTURES")
#: A group in Hillerød with two free seats, and seven children of one kind who wait, four of whom can come on Tuesdays.
WAITING = """
from datetime import date, time, timedelta
from uuid import uuid4
from brobygger.access.models import User
from brobygger.casework.tests.families import begin
from brobygger.ground import clock
from brobygger.groups import seats, services
from brobygger.groups.models import Waiting

who = {each.handle: each for each in User.objects.all()}
first = clock.today() + timedelta(days=(2 - clock.today().weekday()) % 7)
services.make_group(by=who["finn"], once=uuid4(), said={
    "name": "Onsdagsgruppen", "offer": "gruppe", "place": "hilleroed", "room": 1, "kind": "child",
    "rule": "FREQ=WEEKLY;BYDAY=WE;WKST=MO", "starts_on": first, "begins": time(19), "ends": time(20, 30), "seats": 2,
    "smallest": 1, "months_from": 84, "months_to": 132, "state": "open"})
for number, name in enumerate(["Ask", "Bodil", "Cirkeline", "Dines", "Eskil", "Fie", "Gro"]):
    people = [{"role": "mother", "called": name + "s mor", "name": name + "s mor Hansen", "phone": "24230300"},
              {"role": "child", "called": name, "birth": "2018-05" if number < 6 else "2003-05"}]
    course = begin(who["alma"], people=people)
    wishes = {"places": ["hilleroed"], "days": [1, 2] if number < 5 else [2]}
    row = seats.wait(member=course.members.get(position=1), offer="gruppe", wishes=wishes, by=who["alma"])
    Waiting.objects.filter(pk=row.pk).update(since=clock.today() - timedelta(weeks=40 - 5 * number))
"""


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


def count(who: walking.Walker, line: str, column: int) -> str:
    """Read one number of the comparison."""
    return who.find(f'tr:has(th:text-is("{line}")) td').nth(column).inner_text().strip()


def test_clara_asks_what_one_more_group_would_bring(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    house.ask(WAITING)
    clara = at_work(house, "clara", walking.DESK)
    clara.open(walking.at("groups:waiting"))
    clara.send("main a.action")
    clara.look("proposals")
    picture(clara, "start")
    clara.send("main form button.action")
    clara.look("a proposal")
    read_the_proposal(clara)
    one_more_group(clara)
    clara.open(walking.at("placement:year"))
    assert "Der er ikke prøvet noget år endnu" in clara.text()
    house.manage("simulate", "--seeds", "2", "--weeks", "8", "--groups", "3")
    clara.open(walking.at("placement:year"))
    clara.look("a year")
    picture(clara, "year")
    assert clara.find("tbody tr").count() == 5


def read_the_proposal(clara: walking.Walker) -> None:
    """Read why somebody is proposed a seat, and what is in the way of another: a rule, or who waited more."""
    assert "bevist" in clara.text()
    group = clara.page.locator("section", has_text="Onsdagsgruppen").first
    assert group.locator(".row").count() == 2 and "40 uger" in group.inner_text()
    still = clara.find("section:has(> #still)")
    grown = still.locator(".row", has_text="23 år")
    grown.locator("summary").click()
    picture(clara, "plan")
    assert "For stor" in grown.inner_text()
    waits = still.locator(".row", has_text="30 uger").first
    waits.locator("summary").click()
    clara.send(waits.locator("li a", has_text="Onsdagsgruppen"))
    clara.look("why not")
    picture(clara, "why-not")
    assert "over 26 uger" in clara.text() or "ventet længere" in clara.text()
    assert "venter videre i stedet for Onsdagsgruppen" in clara.text()


def one_more_group(clara: walking.Walker) -> None:
    """Ask what a group on Tuesdays would bring, first with an age that is upside down."""
    clara.open(walking.at("placement:what_if"))
    clara.look("what if")
    for name, value in (("place", "hilleroed"), ("weekday", "1"), ("asked", "any"), ("offer", "gruppe")):
        clara.find(f"[name={name}]").select_option(value)
    for name, value in (("age_from", "7"), ("age_to", "5"), ("seats", "6"), ("smallest", "2")):
        clara.write(f"[name={name}]", value)
    clara.send("main form button.action", 422)
    clara.look("what if, said wrongly")
    picture(clara, "what-if")
    assert clara.find("[name=seats]").input_value() == "6"
    clara.write("[name=age_to]", "10")
    clara.send("main form button.action")
    clara.look("side by side")
    picture(clara, "compared")
    before, after = (int(count(clara, "Får en plads", column)) for column in (0, 1))
    gained = re.search(r"(\d+) børn mere får en plads", clara.text("main .lead"))
    assert gained is not None and int(gained[1]) == after - before == 4
    assert "den nye gruppe" in clara.text()
    clara.send("main p.actions a.action")
    clara.look("the group that was asked about, to be made")
    filled = {"where": "hilleroed:1", "offer": "gruppe", "age_from": "7", "age_to": "10", "seats": "6"}
    assert {name: clara.find(f"[name={name}]").input_value() for name in filled} == filled


def test_finn_offers_a_seat_that_was_proposed(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    if not house.ask(
        "from brobygger.groups.models import Group; print(Group.objects.filter(name='Onsdagsgruppen').count() or '')"
    ):
        house.ask(WAITING)
    finn = at_work(house, "finn", walking.PHONE)
    finn.open(walking.at("placement:start"))
    finn.send("main form button.action")
    proposal = finn.page.url
    row = finn.page.locator("section", has_text="Onsdagsgruppen").first.locator(".row").first
    finn.send(row.locator(".actions a"))
    finn.look("a seat that was proposed")
    picture(finn, "accept")
    finn.send("main form button.action")
    assert finn.page.url == proposal and "Pladsen er" in finn.text(".said")
    assert "Noget har ændret sig" not in finn.text()
    finn.look("a proposal, one seat offered")
    picture(finn, "offered")
    finn.send(finn.find("section[aria-labelledby=offered] a").first)
    finn.send(finn.page.locator("main a", has_text="Hvorfor denne plads?"))
    finn.look("why a seat was proposed")
    assert "Har ventet" in finn.text()
    finn.open(proposal.removeprefix(house.url))
    house.ask(
        "from brobygger.groups.models import Group; Group.objects.filter(name='Onsdagsgruppen').update(months_to=120)"
    )
    finn.page.reload()
    assert "Noget har ændret sig siden" in finn.text()
    finn.look("a proposal that is old")
    finn.send("main form button.action")
    assert finn.page.url != proposal
