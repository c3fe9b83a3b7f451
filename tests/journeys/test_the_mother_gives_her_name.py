"""She writes at night without a name, has a time, and says who she is when she wants to; only who helps her sees it."""

import re

from tests.journeys import walking
from tests.journeys.conftest import NIGHT, Clocked, Lend
from tests.journeys.test_the_parent_at_night import MORNING, choose, times_on
from tests.journeys.walking import PHONE, Walker, at, number_of, row
from tests.running import House

LETTER = "Jeg tør ikke tænde lyset. Han sover på gulvet, og Ida vågnede af det."
NOTE = "Ida tegner, når vi taler. Hun vil gerne have døren åben."
#: What still stands of the thread without a name: words, a row on the worklist, lines that lead to a course, its box.
LEFT = """
from brobygger.intake.models import Enquiry, Tally
from brobygger.privacy.models import AuditEntry, DataKey
from brobygger.threads.models import Message, Thread
rows = Thread.objects.filter(pk="{thread}")
print(Message.objects.filter(thread__in=rows).count(), Enquiry.objects.filter(thread__in=rows).count(),
      rows.filter(number="{number}").count(),
      DataKey.objects.filter(pk__in=list(rows.values_list("key", flat=True))).count(),
      AuditEntry.objects.filter(about="thread:{thread}", action__contains="nam").count(),
      int(Tally.objects.filter(outcome="course", count__gt=0).exists()))
"""
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_a_mother_gives_her_name_and_her_time_still_stands(ditrum: Clocked, visit: Lend, at_work: Lend) -> None:
    key = walking.write_letter(visit(ditrum.at(NIGHT)), LETTER)
    house, number = ditrum.at(MORNING), number_of(key)
    alma, mother = at_work(house, "alma", PHONE), visit(house, PHONE)
    before = answered(alma, number)
    when = chooses_a_time(mother, key)
    reads_what_changes(mother, key)
    says_who_she_is(mother)
    known_from_now_on(mother, key, when)

    course = finds_the_course(alma, number)
    writes_what_she_has_heard(alma)
    the_old_thread_is_gone(house, alma, number, before)
    sees_nothing(at_work(house, "bo"), course, number)
    said = f"{LETTER[:12]}|{key}|Mette Vind|Ida Vind|{NOTE[:10]}|Traceback"
    assert not re.search(said, house.log), house.log


def answered(alma: Walker, number: str) -> str:
    """Take the letter, answer with times, and give the thread's id."""
    alma.open(at("intake:worklist"))
    walking.arrive(alma, number)
    alma.send(row(alma, number).locator("button.action"))
    assert LETTER in alma.text()
    (thread,) = set(ID.findall(alma.page.url))
    alma.write("#answer [name=text]", "Godt, du skrev. Her er tre tider.")
    times_on(alma)
    alma.send("#answer > button.action")
    return thread


def chooses_a_time(mother: Walker, key: str) -> str:
    walking.come_back_until(mother, key, ".times button")
    choose(mother)
    return mother.text("#appointment .when strong")


def reads_what_changes(mother: Walker, key: str) -> None:
    """Come back, and read what it changes before anything is asked."""
    walking.come_back(mother, key)
    mother.unfold(f'form[action="{at("door:name")}"]')
    mother.look("behind the key, a name may be given")
    mother.send("#say-who button")
    mother.look("what changes when a family says who it is")
    changes = mother.text("section:has(#changes)")
    assert "gemmer" in changes and "Du behøver ikke" in mother.text(".lead")
    mother.send("#letter > button.action", 422)
    assert "sæt kryds" in mother.text("[role=alert]"), "nobody agrees to what they have not ticked"
    mother.look("a name that lacks what must be said")


def says_who_she_is(mother: Walker) -> None:
    """Give her name and one child's; take nothing along."""
    mother.press("label.choice:has([name=name-agreed])")
    mother.write("[name=name-name]", "Mette Vind")
    mother.press("label.choice:has([name=name-role][value=mother])")
    mother.unfold("[name=name-child1_name]")
    mother.write("[name=name-child1_name]", "Ida Vind")
    mother.page.select_option("[name=name-child1_month]", "4")
    mother.write("[name=name-child1_year]", "2017")
    assert not mother.find("[name=name-carry]").is_checked()
    mother.send("#letter > button.action")
    assert "Nu ved vi, hvem du er" in mother.text("h1") and "Alma" in mother.text()
    mother.look("we know who she is")


def known_from_now_on(mother: Walker, key: str, when: str) -> None:
    """With the same key: known by her first name, her time where it was."""
    walking.come_back(mother, key)
    assert "kendt dig som Mette" in mother.text("#known-here")
    assert mother.text("#appointment .when strong") == when
    assert mother.find("#say-who").count() == 0
    assert "Vind" not in mother.text("body"), "whoever finds the key finds no name"
    mother.look("known here")


def finds_the_course(alma: Walker, number: str) -> str:
    """Find it under Forløb, and open it; give its id."""
    alma.open(at("casework:mine"))
    alma.look("one's courses")
    addresses = [str(link.get_attribute("href")) for link in alma.find(".worklist .what > a").all()]
    for address in addresses:
        alma.open(address)
        if alma.find("aside").get_by_text(number, exact=True).count():
            break
    alma.look("a course that has just begun")
    assert "Mette" in alma.text() and "Ida" in alma.text() and "9 år" in alma.text()
    assert "Vind" not in alma.text("body"), "a course goes by a nickname, and its people by first names"
    (course,) = set(ID.findall(alma.page.url))
    return course


def writes_what_she_has_heard(alma: Walker) -> None:
    """Write who uses what, never how much, and a note about the child."""
    mother, child = (alma.find(f"article.letter:has(h2:text-is('{name}'))") for name in ("Mette", "Ida"))
    child_notes = str(child.locator("a.quiet").first.get_attribute("href"))
    alma.send(mother.locator("a[href$='/brug/'], a[href*='/use/']").first)
    alma.look("who uses what")
    assert alma.find("main form input:not([type=hidden])").count() == 0, "there is nowhere to write how much"
    alma.page.select_option("[name=use-alkohol]", "past")
    alma.send("main form button.action")
    assert "Alkohol" in alma.text("article.letter")
    alma.open(child_notes)
    alma.look("a child's notes")
    alma.write("#id_text", NOTE)
    alma.send("#write button.action")
    assert NOTE in alma.text("article.letter")


def the_old_thread_is_gone(house: House, alma: Walker, number: str, before: str) -> None:
    """One row stands for the family, and leads elsewhere; what was there opens nothing, and a count is left."""
    alma.open(at("intake:worklist"))
    assert row(alma, number).count() == 1
    link = str(row(alma, number).locator(".what > a").get_attribute("href"))
    assert before not in link
    alma.open(link)
    assert LETTER not in alma.text("body") and "Godt, du skrev" not in alma.text("body"), "nothing was taken along"
    alma.look("the conversation of a family that is known")
    answer = alma.open(at("intake:thread", thread=before))
    assert answer.status == 404
    assert house.ask(LEFT.format(thread=before, number=number)) == "0 0 0 0 0 1", "one line in a count is left"


def sees_nothing(bo: Walker, course: str, number: str) -> None:
    """A colleague who does not have it finds no trace of it."""
    bo.open(at("casework:mine"))
    assert course not in bo.page.content()
    for name in ("casework:course", "casework:assignments", "rights:course"):
        assert bo.open(at(name, course=course)).status == 404
    bo.open(at("today:find"))
    bo.look("finding a course")
    bo.page.select_option("[name=kind]", "name")
    bo.write("[name=text]", "Mette Vind")
    with bo.page.expect_response(lambda answer: answer.request.method == "POST"):
        bo.press("main form button.action")
    bo.find("#found h2").wait_for()
    assert bo.find("#found a").count() == 0
    bo.page.select_option("[name=kind]", "box")
    bo.write("[name=text]", number)
    with bo.page.expect_response(lambda answer: answer.request.method == "POST"):
        bo.press("main form button.action")
    assert bo.find("#found a").count() == 0
