"""Alma is ill. Finn lets Bo stand in, who sees on his phone what the evening needs; the day after it is gone."""

from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import DESK, PHONE, Walker, at
from tests.running import House

NEXT_DAY = "2026-11-25T08:30"
NOTE = "Liv hviskede, at hun helst vil sove hos sin mormor."
#: A family of Alma's, with a note about the child, and what an evening needs to know.
BEGUN = f"""
from uuid import uuid4
from brobygger.access import queries as people
from brobygger.casework import notes, record
from brobygger.casework.tests.families import begin, person
alma = people.person("alma")
course = begin(alma)
mother, father, child = (person(course, place) for place in range(3))
notes.write(member=child, compartment="record", text="{NOTE}", by=alma, once=uuid4())
for member, kind, body in (
    (mother, "contact", {{"channel": "sms", "when": "evening", "words": "Skriv, ring ikke: han hører det."}}),
    (father, "use", {{"uses": [{{"substance": "alkohol", "when": "now"}}]}}),
):
    record.write_part(course=course, member=member, kind=kind, body=body, seen=0, by=alma)
print(course.pk, child.pk, course.nickname)
"""


def test_bo_stands_in_tonight_and_sees_no_note(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    course, child, nickname = begun(house)
    remembers_for_the_evening(at_work(house, "alma", PHONE), course, child)
    bo = at_work(house, "bo", PHONE)
    assert bo.open(at("casework:course", course=course)).status == 404
    lets_bo_stand_in(at_work(house, "finn", DESK), nickname)

    runs_the_evening(bo, nickname)
    finds_no_note(bo, course, child)
    the_look_is_told(at_work(house, "clara", DESK), nickname)

    house = ditrum.at(NEXT_DAY)
    bo = at_work(house, "bo", PHONE)
    bo.open(at("today:tonight"))
    assert nickname not in bo.text("body") and "Skaldyr" not in bo.page.content()
    bo.look("an evening nobody stands in for")
    assert bo.open(at("casework:course", course=course)).status == 404


def begun(house: House) -> tuple[str, str, str]:
    """Begin the course, and give its id, the child's, and its nickname."""
    course, child, nickname = house.ask(BEGUN).splitlines()[-1].split(" ", 2)
    return course, child, nickname


def remembers_for_the_evening(alma: Walker, course: str, child: str) -> None:
    """Write down what whoever runs an evening must know of the child."""
    alma.open(at("casework:part", course=course, member=child, kind="care"))
    alma.look("what an evening must know of a child")
    alma.write("[name=allergies]", "Skaldyr og nødder")
    alma.write("[name=remember]", "Hendes kanin døde i søndags.")
    alma.send("main form button.action")


def lets_bo_stand_in(finn: Walker, nickname: str) -> None:
    """Find the course by what it is called, and say who stands in; no note on the way."""
    finn.open(at("today:find"))
    finn.page.select_option("[name=kind]", "nickname")
    finn.write("[name=text]", nickname)
    finn.press("main form button.action")
    finn.send(finn.find("#found .what a").first)
    finn.look("a course as an administrator sees it")
    assert NOTE not in finn.page.content() and "Alkohol" not in finn.text(), "contact, and nothing that was said"
    assert finn.find("a[href$='/notater/']").count() == 0
    finn.send("aside a[href$='/hvem/']")
    finn.look("who has a course")
    finn.unfold("[name=tonight-to]")
    finn.page.select_option("[name=tonight-to]", "bo")
    finn.send("button[value=tonight]")
    assert "Bo" in finn.text(".worklist .row:has-text('i aften')")


def runs_the_evening(bo: Walker, nickname: str) -> None:
    """See on the day's page that somebody is stood in for, and read what the evening needs."""
    bo.open(at("today:day"))
    bo.send(f'main a[href="{at("today:tonight")}"]')
    bo.look("the evening one stands in for")
    said = bo.text()
    assert nickname in said and "Liv" in said and "8 år" in said
    assert "Skaldyr og nødder" in said and "Hendes kanin døde" in said and "Skriv, ring ikke" in said
    for hidden in ("hviskede", "Alkohol", "Aagaard", "Hansen", "24 23 03 00", "24230300"):
        assert hidden not in bo.page.content(), hidden


def finds_no_note(bo: Walker, course: str, child: str) -> None:
    """Try the course's own pages: it stands there with nothing in it, and its notes are not there."""
    bo.open(at("casework:course", course=course))
    assert "hviskede" not in bo.page.content() and "Alkohol" not in bo.text()
    bo.look("a course one stands in for")
    for name, more in (
        ("casework:notes", {"member": child}),
        ("casework:own_talks", {"member": child}),
        ("casework:identity", {"member": child}),
        ("casework:part", {"member": child, "kind": "care"}),
        ("casework:history", {"member": child, "kind": "care"}),
        ("casework:assignments", {}),
        ("rights:course", {}),
    ):
        answer = bo.open(at(name, course=course, **more))
        assert answer.status in (403, 404), f"{name} answered {answer.status}"
        assert "hviskede" not in bo.page.content() and "kanin" not in bo.page.content(), name


def the_look_is_told(clara: Walker, nickname: str) -> None:
    """Read in the log each look of Bo's: the evening's page, and the course's own."""
    clara.open(at("today:looks"))
    clara.find("[name=by]").select_option("bo")
    clara.send("main form button.action")
    lines = clara.find("tbody tr").filter(has_text=nickname)
    assert lines.count() == lines.filter(has_text="læste det, en aften kræver").count() == 2, clara.text("tbody")
    assert "hviskede" not in clara.page.content()
