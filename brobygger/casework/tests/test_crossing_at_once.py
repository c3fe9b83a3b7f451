"""A family is led across in the same moment as somebody answers it, or it burns everything: nothing is lost or left.

Through connections of their own, each stopped where the other would be in its way.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import running

_BEGIN = """
import json, threading, time, uuid
from django.db import connections, transaction
from brobygger.access.models import User
from brobygger.casework import naming
from brobygger.casework.models import Course
from brobygger.door.models import Letter
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry, Tally
from brobygger.threads import crossing, opening, queries
from brobygger.threads import services as threads
from brobygger.threads import writing
from brobygger.threads.models import Message, Thread
from tests.letters import Visitor, keeper
alma = User.objects.filter(memberships__role="therapist").order_by("handle").first()
ea = Visitor()
key = ea.write("Min mand drikker.").key
keeper()
old = Thread.objects.get(number=key[:4], ending="")
enquiry = intake.take(enquiry=Enquiry.objects.get(thread=old), by=alma)
here, there = threading.Event(), threading.Event()
said = {}
def hand(name, deed):
    def work():
        try:
            deed()
            said[name] = "done"
        except Exception as why:
            said[name] = type(why).__name__
        finally:
            connections.close_all()
    return threading.Thread(target=work)
def begin():
    naming.begin_here(thread=old, people=[{"role": "mother", "name": "Mette Holm"}], agreed_how="phone",
        words="Ja.", digest="d", by=alma)
def stopped_at(module, name, before=None, after=None):
    sound = getattr(module, name)
    def stopped(*args, **more):
        if before:
            before()
        found = sound(*args, **more)
        if after:
            after()
        return found
    setattr(module, name, stopped)
"""


@pytest.fixture(scope="module")
def house() -> Iterator[running.House]:
    """A house with databases of its own and nobody in it but us."""
    with running.house("ditrum", start=False) as built:
        yield built


def ask(house: running.House, code: str) -> Any:
    """Let two hands do something in one house in the same moment, and give what they say."""
    return json.loads(house.ask(_BEGIN + code).splitlines()[-1])


def test_who_answers_while_a_course_begins_is_not_waited_for_for_ever(house: running.House) -> None:
    """Each has what the other needs next, unless both ask in the same order."""
    said, answers, courses = ask(
        house,
        """
# She who answers has the row of the worklist, and has not said it yet; they are led across meanwhile.
stopped_at(threads, "say", before=lambda: (here.set(), there.wait(1.5)))
stopped_at(crossing, "_opened", after=there.set)
answering = hand("answer", lambda: intake.answer(enquiry=enquiry, text="Kom og drik kaffe.", by=alma))
beginning = hand("begin", lambda: (here.wait(20), begin()))
answering.start(), beginning.start(), answering.join(), beginning.join()
rows = Message.objects.filter(kind="answer").count()
print(json.dumps([said, rows, Course.objects.filter(thread__box=old.box).count()]))
""",
    )
    assert said == {"answer": "done", "begin": "done"} and courses == 1
    assert answers == 0, "answered in time, and not taken along: it lies in their box"


def test_what_is_burned_while_a_course_begins_is_burned(house: running.House) -> None:
    said, living, words, opens = ask(
        house,
        """
ea.burn(key)
# The fire has looked which thread is behind the box, and the family is led across before it is lit.
stopped_at(threads, "mark_ending", before=lambda: (here.set(), there.wait(1.5)))
burning = hand("burn", lambda: opening.open_letters())
beginning = hand("begin", lambda: (here.wait(20), begin(), there.set()))
burning.start(), beginning.start(), burning.join(), beginning.join()
keeper()
living = Thread.objects.filter(number=key[:4]).exclude(ending="named").count()
words = Message.objects.filter(thread__number=key[:4]).count()
print(json.dumps([said, living, words, ea.come_back(key).status]))
""",
    )
    assert said["burn"] == "done" and opens == 422
    assert (living, words) == (0, 0)


def test_what_is_ended_while_a_course_begins_ends_once(house: running.House) -> None:
    """A last word is not put into the box of a family that has just begun a course, nor is it counted twice."""
    said, living, courses, counted = ask(
        house,
        """
before = sum(Tally.objects.values_list("count", flat=True))
stopped_at(threads, "say_farewell", before=lambda: (here.set(), there.wait(1.5)))
ending = hand("end", lambda: intake.end(enquiry=enquiry, outcome="helped", text="Farvel.", by=alma))
beginning = hand("begin", lambda: (here.wait(20), begin(), there.set()))
ending.start(), beginning.start(), ending.join(), beginning.join()
keeper()
living = Thread.objects.filter(number=key[:4]).count()
counted = sum(Tally.objects.values_list("count", flat=True)) - before
print(json.dumps([said, living, Course.objects.filter(thread__number=key[:4]).count(), counted]))
""",
    )
    assert said["end"] == "done" and counted == 1
    assert (living, courses) == (0, 0)
