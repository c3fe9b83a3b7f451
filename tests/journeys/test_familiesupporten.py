"""The other house, from its file alone: a visit at home, whose address one person sees, on one day."""

from datetime import date, datetime, timedelta

from tests.journeys import walking
from tests.journeys.conftest import Clocked, Lend
from tests.journeys.test_the_parent_at_night import the_day
from tests.journeys.walking import Walker, at, number_of, row

MORNING = "2026-11-23T09:00"
ADDRESS = "Opfundne Allé 7, 2. sal"


def test_a_visit_at_home_is_agreed_before_the_address_is_asked_for(
    familiesupporten: Clocked, visit: Lend, at_work: Lend
) -> None:
    house = familiesupporten.at(MORNING)
    parent = visit(house)
    key = asks_for_a_visit(parent)
    number = number_of(key)
    alma = at_work(house, "alma")
    offered = answers_with_visits(alma, number)
    day = date.fromisoformat(datetime.fromisoformat(offered.split("|")[0]).date().isoformat())
    agrees_and_gives_the_address(visit(house), key)
    alma.open(the_day(offered))
    walking.arrive(alma, number)
    slip = str(row(alma, number).locator("a[href]").first.get_attribute("href"))
    alma.open(slip)
    assert ADDRESS not in alma.page.content(), "not before the day"
    alma.look("a visit slip before the day")
    house = familiesupporten.at(f"{day}T07:30")
    shows_it_to_the_visitor_alone(at_work, house, slip)
    house = familiesupporten.at(f"{day + timedelta(days=1)}T07:30")
    is_gone_the_day_after(at_work(house, "alma"), slip)


def asks_for_a_visit(parent: Walker) -> str:
    parent.open("/")
    assert "Familiesupporten" in parent.text("body") and "Dit Rum" not in parent.text("body")
    parent.look("the front page of the other house")
    parent.open(at("door:write", door="parent") + "?wish=time")
    assert parent.find("[name=where]").first.get_attribute("value") == "home", "this house comes home first of all"
    assert parent.find("[name*=address]").count() == 0
    parent.press("label.choice:has([name=where][value=home])")
    parent.press("label.choice:has([name=when][value=any])")
    parent.look("asking for a visit")
    parent.send("#letter > button.action")
    assert parent.find("[name*=address]").count() == 0
    return walking.key_of(parent)


def answers_with_visits(alma: Walker, number: str) -> str:
    walking.arrive(alma, number)
    alma.send(row(alma, number).locator("button.action"))
    assert alma.find("#answer [name=where]").get_attribute("value") == "home"
    ticked = alma.find("#answer [name=times]:checked")
    assert ticked.count() == 3
    first = str(ticked.first.get_attribute("value"))
    alma.write("#answer [name=text]", "Jeg kommer gerne.")
    alma.send("#answer > button.action")
    return first


def agrees_and_gives_the_address(parent: Walker, key: str) -> None:
    walking.come_back(parent, key)
    assert parent.find("[name*=address]").count() == 0, "asked for only when the visit is agreed"
    parent.send(parent.find(".times button").first)
    parent.look("a visit that stands")
    parent.write("[name$=address]", ADDRESS)
    parent.send("form:has([name$=address]) button.action")
    assert ADDRESS not in parent.page.content()
    parent.look("an address that is given")
    walking.come_back(parent, key)
    assert ADDRESS not in parent.page.content()
    assert parent.find("[name$=address]").count() == 0


def shows_it_to_the_visitor_alone(at_work: Lend, house: object, slip: str) -> None:
    alma = at_work(house, "alma")
    alma.open(slip)
    assert ADDRESS in alma.text()
    alma.look("a visit slip on the day")
    alma.page.emulate_media(media="print")
    assert ADDRESS in alma.text("body") and "Familiesupporten" not in alma.text("body")
    for colleague in ("bo", "clara"):
        assert at_work(house, colleague).open(slip).status == 404, colleague


def is_gone_the_day_after(alma: Walker, slip: str) -> None:
    answer = alma.open(slip)
    assert answer.status in (200, 404)
    assert ADDRESS not in alma.page.content()
