"""Alma types what Liv wrote on paper, sees that it is low, sets a slip of the finger right, and asks at the end."""

from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import DESK, PHONE, Walker, at
from tests.running import House

#: A family of Alma's: a mother, a father and a girl of eleven.
BEGUN = """
from brobygger.access import queries as people
from brobygger.outcomes.tests.asked import family
course = family(people.person("alma"))
print(course.pk, course.members.get(position=2).pk, course.nickname)
"""
TODAY = DAY[:10]


def test_alma_sees_whether_it_helped(ditrum: Clocked, at_work: Lend) -> None:
    house = ditrum.at(DAY)
    course, child, nickname = begun(house)
    alma = at_work(house, "alma", PHONE)
    finds_who_is_asked(alma, course, nickname)
    types_a_paper(alma)
    looks_at_what_is_low(alma, course, child, nickname)
    sets_it_right(alma)
    gives_a_link_and_leaves_one_out(alma, course)
    asks_when_it_ends(alma, course, child)

    bo = at_work(house, "bo", PHONE)
    assert bo.open(at("outcomes:of_course", course=course)).status == 404
    assert bo.open(at("outcomes:curve", course=course, member=child)).status == 404
    says_what_we_may_use(at_work(house, "clara", DESK))


def begun(house: House) -> tuple[str, str, str]:
    """Begin the course, and give its id, the child's, and its nickname."""
    course, child, nickname = house.ask(BEGUN).splitlines()[-1].split(" ", 2)
    return course, child, nickname


def finds_who_is_asked(alma: Walker, course: str, nickname: str) -> None:
    """Go from the course to who is asked, and until when."""
    alma.open(at("casework:course", course=course))
    alma.send(f"aside a[href='{at('outcomes:of_course', course=course)}']")
    assert nickname in alma.text("h1") and "Liv" in alma.text() and "Hverdagen i familien" in alma.text()
    alma.look("who is asked in a course")


def types_a_paper(alma: Walker) -> None:
    """Send the page too early, lose nothing, and type what stands on the paper."""
    alma.send(".row:has(b:text-is('Liv')) a:has-text('Fra papir')")
    alma.look("a paper to type")
    choose(alma, "who5-1", "1")
    alma.send("main form button.action", 422)
    alma.look("a paper with something missing")
    assert alma.find("[name=who5-1][value='1']").is_checked()
    choose(alma, "mode", "paper")
    alma.write("[name=answered_on]", TODAY)
    for item, value in (("2", "1"), ("3", "2"), ("4", "1"), ("5", "2")):
        choose(alma, f"who5-{item}", value)
    choose(alma, "goal-reached", "3")
    alma.send("main form button.action")
    assert "Svaret er gemt." in alma.text()


def choose(who: Walker, name: str, value: str) -> None:
    """Choose one of a few."""
    who.press(f"label.choice:has([name='{name}'][value='{value}'])")


def looks_at_what_is_low(alma: Walker, course: str, child: str, nickname: str) -> None:
    """Read on the day that somebody should look, and no more; look, and say so."""
    alma.open(at("today:day"))
    note = alma.text(f".note:has-text('{nickname}')")
    assert "nogen bør se på et svar" in note and "28" not in note and "Liv" not in note
    alma.look("a day with an answer to look at")
    alma.send(f".note a:has-text('{nickname}')")
    assert "28" in alma.text() and alma.find("svg.curve").count() == 2
    alma.look("how it goes for a child")
    alma.send("button:has-text('Jeg har set på det')")
    alma.open(at("today:day"))
    assert "nogen bør se på et svar" not in alma.text()
    alma.open(at("outcomes:curve", course=course, member=child))
    assert "Alma så på et lavt svar" in alma.text()


def sets_it_right(alma: Walker) -> None:
    """Set one answer right that was typed wrong, and read what stood there."""
    alma.send("article:has-text('WHO-5') tbody th a")
    alma.look("one answer, question by question")
    alma.send("a:has-text('Noget er tastet forkert')")
    alma.look("an answer to set right")
    choose(alma, "who5-5", "1")
    alma.write("[name=reason]", "Jeg læste 1 som 2.")
    alma.send("main form button.action")
    assert "24 af 100" in alma.text() and "Jeg læste 1 som 2." in alma.text()
    alma.look("an answer that was set right")


def gives_a_link_and_leaves_one_out(alma: Walker, course: str) -> None:
    """Show a link as a slip, once; and leave the father out, who would rather not."""
    alma.open(at("outcomes:of_course", course=course))
    alma.send(".row:has(b:text-is('Mette')) a:has-text('Et link')")
    alma.look("a link to be made")
    alma.send("button[value=make]")
    slip = alma.text(".slip-print")
    assert "/svar/" in slip and "Mette" not in slip and "Dit Rum" not in slip
    alma.look("a slip with a link")
    alma.open(at("outcomes:of_course", course=course))
    alma.send(".row:has(b:text-is('Jens')) a:has-text('Spring over')")
    alma.look("somebody to leave out")
    choose(alma, "why", "declined")
    alma.send("main form button.action")
    alma.unfold(".row:has-text('De vil helst ikke')")
    assert "De vil helst ikke." in alma.text()


def asks_when_it_ends(alma: Walker, course: str, child: str) -> None:
    """End the course, be told at once to ask how it went, and see both answers beside each other."""
    alma.open(at("casework:end", course=course))
    choose(alma, "reason", "completed")
    alma.send("main form button.action")
    alma.open(at("outcomes:due"))
    assert "Forløbet er slut: Spørg, hvordan det gik." in alma.text()
    alma.look("what waits to be answered")
    alma.open(at("outcomes:of_course", course=course))
    alma.look("who is asked when a course has ended")
    alma.send(".row:has(b:text-is('Liv')) a:has-text('Fra papir')")
    choose(alma, "mode", "interview")
    alma.write("[name=answered_on]", TODAY)
    for item, value in (("1", "4"), ("2", "4"), ("3", "3"), ("4", "3"), ("5", "4")):
        choose(alma, f"who5-{item}", value)
    alma.press("label.choice:has([name='goal-there'])")
    alma.press("label.choice:has([name='benefit-there'])")
    alma.send("main form button.action")
    alma.open(at("outcomes:curve", course=course, member=child))
    said = alma.text("article:has-text('WHO-5')")
    assert "Du har det bedre end" in said and "Mere end usikkerheden (24 eller mere)" in said and "+48" in said
    alma.look("a curve of two answers")


def says_what_we_may_use(clara: Walker) -> None:
    """See on what terms there are questions; confirm a licence, and take it back."""
    clara.open(at("outcomes:licences"))
    clara.look("the questions we may use")
    clara.send("button[value='confirm:sdq-1']")
    assert "Bekræftet" in clara.text("#sdq-1")
    clara.send("button[value='take_back:sdq-1']")
    clara.open(at("outcomes:left"))
    clara.look("what nobody has seen to")
