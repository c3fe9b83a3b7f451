"""Pictures of asking whether it helped: the tablet, the curve, the report, the partner's sheet, the overview."""

from typing import TYPE_CHECKING

from tests.journeys import walking

if TYPE_CHECKING:
    from tests.journeys.pictures import Gallery

#: The girl Alma is to ask today, the boy whose answer was low, and an answer on paper that may be set right.
ASKED = """
from brobygger.outcomes import queries
from brobygger.access import queries as people
from brobygger.outcomes.models import Sheet
alma = people.person("alma")
girl = [each for each in queries.due(alma) if each.moment == "start" and each.by_id == each.member_id][-1]
low = queries.to_look_at(alma)[0]
sheet = Sheet.objects.filter(round__member=low.member).order_by("answered_on").last()
print(girl.pk, girl.member.course_id, low.member.course_id, low.member_id, sheet.pk)
"""


def young(drawn: "Gallery") -> None:
    """Draw what a young person sees behind the key: what is asked, a question, and the curve."""
    who = drawn.who
    key = (who.house.var / "a-young-person.txt").read_text()
    walking.come_back(who, key)
    drawn.show("110-young-persons-key")
    walking.come_back_until(who, walking.key_of(who), "#own")
    drawn.show("111-behind-the-key")
    who.press("#own > summary")
    drawn.show("112-ones-own-curve")
    if who.find("section[aria-labelledby^=sheet-] button").count():
        who.send("section[aria-labelledby^=sheet-] button")
        drawn.show("113-a-question-by-key")


def therapist(drawn: "Gallery") -> None:
    """Draw a therapist's day with answers in it, what waits, a curve, paper and the tablet."""
    who, at = drawn.who, walking.at
    row, course, low, boy, sheet = who.house.ask(ASKED).split()
    walking.sign_in(who, "alma")
    drawn.visit(at("today:front"), "114-day-with-answers")
    drawn.visit(at("outcomes:due"), "115-waits-to-be-answered")
    drawn.visit(at("outcomes:curve", course=low, member=boy), "116-curve")
    drawn.visit(at("outcomes:of_course", course=low), "117-answers-of-a-course")
    drawn.visit(at("outcomes:sheet", sheet=sheet), "118-answer")
    drawn.visit(at("outcomes:correct", sheet=sheet), "119-setting-an-answer-right")
    drawn.visit(at("outcomes:of_course", course=course), "120-questions-of-a-course")
    drawn.visit(at("outcomes:paper", round=row), "121-typing-a-paper")
    drawn.visit(at("outcomes:skip", round=row), "122-leaving-out")
    drawn.visit(at("outcomes:tablet", round=row), "123-handing-the-tablet-over")
    who.send("main form button.action")
    drawn.show("124-question-on-the-tablet")
    for _question in range(20):
        if not who.find('button[name="answer"]').count():
            break
        who.send(who.find('button[name="answer"]').nth(1))
    drawn.show("125-all-is-answered")
    who.send('button[value="send"]')
    drawn.show("126-tablet-stands-locked")


def leader(drawn: "Gallery") -> None:
    """Draw the leader's overview, the report, one number, and who may see what."""
    who, at = drawn.who, walking.at
    walking.sign_in(who, "clara")
    drawn.visit(at("today:gauges"), "127-measured-at-both-ends")
    drawn.visit(at("outcomes:left"), "128-nobody-has-looked")
    drawn.visit(at("outcomes:licences"), "129-licences")
    drawn.visit(at("reports:start"), "130-reports")
    drawn.visit(_report(drawn), "131-the-years-report")
    who.send(who.find(".figures td.num a").first)
    drawn.show("132-what-a-number-counts")
    drawn.visit(at("reports:agreements"), "133-agreements")
    drawn.visit(at("reports:evaluator"), "134-evaluator")


def _report(drawn: "Gallery") -> str:
    """Give the address of last year's report."""
    ask = 'from brobygger.reports.models import Report; print(Report.objects.get(template="year").pk)'
    return walking.at("reports:report", report=drawn.who.house.ask(ask))


def partner(drawn: "Gallery") -> None:
    """Draw what a partner's coordinator sees."""
    walking.sign_in(drawn.who, "dan")
    drawn.visit(walking.at("reports:partner"), "135-partner")
    drawn.who.send(drawn.who.find("main .worklist .what a, main table a").first)
    drawn.show("136-partners-sheet")


#: Each with a browser of its own.
WALKS = (young, therapist, leader, partner)
