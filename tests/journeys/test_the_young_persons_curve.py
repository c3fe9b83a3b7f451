"""Noah is seventeen: behind his own key he answers a few questions, and sees how it goes for him since August."""

import re
import time

from tests.journeys.conftest import DAY, Clocked, Lend
from tests.journeys.walking import PHONE, Walker, at, come_back, come_back_until, key_of

#: A young person with a key of his own, who began in August and answered then; and what is asked of him now.
BEGUN = """
from datetime import date, timedelta
from uuid import uuid4
from brobygger.access import queries as people
from brobygger.casework import naming
from brobygger.casework.models import Course
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.intake import services as intake
from brobygger.intake.rules import Call
from brobygger.outcomes import asking, letters, services
from brobygger.outcomes.models import Round
from brobygger.privacy import seal
alma = people.person("alma")
key = seal.new_return_key()
reach = {"channel": "sms", "phone": "+4520000080", "when": "any", "remind": False, "message": False, "sender": ""}
call = Call(channel="phone", door="young", what="key", reach=reach)
enquiry, _new = intake.open_call(number=uuid4(), key=key, call=call, by=alma)
enquiry = intake.take(enquiry=enquiry, by=alma)
words = catalogue.wording("name-child", "da")
course = naming.begin_here(
    thread=enquiry.thread, people=[{"role": "child", "called": "Noah", "birth": "2009-03"}], agreed_how="phone",
    words=words.text, digest=words.digest, by=alma,
)
began = date(2026, 8, 20)
back = clock.today() - began
Course.objects.filter(pk=course.pk).update(opened_on=began)
row = Round.objects.get(member__course=course, moment="start")
days = {name: getattr(row, name) - back for name in ("due_on", "opens_on", "closes_on", "made_on")}
Round.objects.filter(pk=row.pk).update(**days)
row.refresh_from_db()
answers = {"who5": dict(zip("12345", (1, 1, 2, 1, 1))), "goal": {"reached": 3}}
services.keep_all(round=row, answers=answers, mode="paper", by=alma, once=uuid4(), answered_on=date(2026, 8, 24))
course.refresh_from_db()
asking.plan(course)
letters.sweep(clock.now())
print(course.pk, course.members.get().pk, key.shown, sep="|")
"""


def test_a_young_person_sees_their_own_curve(ditrum: Clocked, visit: Lend) -> None:
    house = ditrum.at(DAY)
    _course, _noah, lent = house.ask(BEGUN).splitlines()[-1].split("|")
    noah = visit(house, PHONE)
    come_back(noah, lent)
    key = key_of(noah)
    come_back_until(noah, key, "section[aria-labelledby^=sheet-]")
    what_he_said_in_august(noah)
    answers_in_two_minutes(noah)
    come_back_until(noah, key, "#own td:text-is('72')")
    sees_how_it_goes(noah)
    nobody_else_s_key_shows_it(noah, visit(house, PHONE))
    assert not re.search("Traceback|Noah", house.log), house.log


def what_he_said_in_august(noah: Walker) -> None:
    """See that it is folded away until he wants it: somebody may be looking over his shoulder."""
    assert noah.find("#own svg").first.is_hidden() and "Du har svaret én gang" not in noah.text()
    noah.press("#own > summary")
    assert "Du har svaret én gang" in noah.text("#own") and noah.find("#own td").first.inner_text() == "24"
    assert noah.find("#own svg[role=img]").count() == 2
    noah.look("one's own curve with one answer")


def answers_in_two_minutes(noah: Walker) -> None:
    """Answer with a tap a question, from the page behind the key until it is sent."""
    noah.taps, began = 0, time.monotonic()
    noah.send("section[aria-labelledby^=sheet-] button")
    assert "Spørgsmål 1 af 6" in noah.text() and noah.find("#leave").count() == 1
    for value in ("5", "4", "4", "3", "2", "7"):
        noah.send(f'button[name="answer"][value="{value}"]')
    noah.send('button[value="send"]')
    assert noah.text("h1") == "Tak" and noah.taps == 8
    print(f"six questions with a key: {noah.taps} taps, {time.monotonic() - began:.1f} s of the machine")


def sees_how_it_goes(noah: Walker) -> None:
    """Read it in words, as a line, and as numbers with their days."""
    noah.press("#own > summary")
    said = noah.text("#own")
    assert "Du har det bedre end i august." in said and "Du er kommet over stregen ved 50." in said
    assert "Den stiplede streg er ved 50." in said and "Et tal kender aldrig hele dig." in said
    days = [" ".join(each.split()) for each in noah.find("#own tbody tr").all_inner_texts()]
    assert days == ["24. nov. 2026 72", "24. aug. 2026 24", "24. nov. 2026 70", "24. aug. 2026 30"]
    drawn = noah.find("#own svg[role=img]").first
    told = drawn.locator("desc").text_content() or ""
    assert "24 den 24. aug." in told and "72 den 24. nov." in told
    assert drawn.get_attribute("aria-labelledby") == drawn.locator("title").get_attribute("id")
    noah.look("one's own curve")


def nobody_else_s_key_shows_it(noah: Walker, other: Walker) -> None:
    """Somebody else with a key of their own sees nothing of it; nor does the page one comes to first."""
    other.open(at("door:write", door="parent"))
    other.write("#letter [name=text]", "Min søn har det svært.")
    other.send("#letter > button.action")
    come_back_until(other, key_of(other), "main h1")
    assert other.find("#own").count() == 0
    noah.open(at("door:back"))
    assert noah.find("#own").count() == 0
