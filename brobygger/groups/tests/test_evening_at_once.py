"""Two phones that tell of one evening in the same moment, by connections of their own: no mark is two, none is lost."""

import json

from tests import running

#: Two leaders press in the same moment, ten groups in a row; a family says no to each then, and another leaves it.
PRESSED = """
import json, threading
from uuid import uuid4
from django.db import connections
from brobygger.access import queries as people
from brobygger.groups import evening, rules, seats
from brobygger.groups.models import Attendance
from brobygger.groups.tests import rows
alma, bo = people.person("alma"), people.person("bo")
children = [rows.child(alma, name) for name in ("Asta", "Bertil", "Carla", "Ditte")]
a, b, c, d = (each.pk for each in children)
def tell(meeting, by, marks):
    try:
        evening.hold_meeting(meeting=meeting, marks=marks, elements=[], sentence="Godt.", by=by, once=uuid4())
        return "held"
    except evening.SomethingNew as new:
        return "asked" if set(new.met.differ) <= {a, d} else "wrong"
def say_no(meeting, seat):
    try:
        seats.say_no(seat=seat, meeting=meeting, by="family")
        return "said"
    except rules.NotOffered:
        return "late"
def leave(seat):
    return seats.leave_seat(seat=seat, reason="own_wish", by="family").state
found = []
for number in range(1, 11):
    stars = rows.group(f"Stjernerne {number}")
    rows.leads(stars, alma), rows.leads(stars, bo)
    sitting = [rows.seat(stars, each) for each in children]
    meeting, told, ready = rows.meeting(stars), [], threading.Barrier(4)
    deeds = [(tell, meeting, alma, {a: "here", b: "here", d: "here"}), (tell, meeting, bo, {a: "absent", c: "here"})]
    deeds += [(say_no, meeting, sitting[3]), (leave, sitting[1])]
    def work(deed, *more):
        ready.wait()
        try:
            told.append(deed(*more))
        except Exception as why:
            told.append(type(why).__name__)
        finally:
            connections.close_all()
    hands = [threading.Thread(target=work, args=deed) for deed in deeds]
    [each.start() for each in hands], [each.join() for each in hands]
    marks = list(Attendance.objects.filter(meeting=meeting).values_list("member", "mark"))
    found.append((sorted(told), len(marks) == len(dict(marks)), dict(marks).get(a, "")))
print(json.dumps(found))
"""


def test_two_phones_a_family_that_says_no_and_one_that_leaves_in_the_same_moment() -> None:
    with running.house("ditrum", start=False, BROBYGGER_CLOCK="2026-11-11T16:30") as house:
        for told, single, asta in json.loads(house.ask(PRESSED).splitlines()[-1]):
            *pressed, left, word = sorted(told, key=lambda each: (each in ("said", "late"), each == "left", each))
            assert pressed in (["asked", "held"], ["asked", "asked"]) and left == "left" and word in ("said", "late")
            assert single and (asta or pressed == ["asked", "asked"]), told
