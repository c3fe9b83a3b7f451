"""Two phones that tell of one evening in the same moment, by connections of their own: no mark is two, none is lost."""

import json

from tests import running

#: Two leaders press in the same moment, ten evenings in a row; a family says no to each in that moment, too.
PRESSED = """
import json, threading
from uuid import uuid4
from django.db import IntegrityError, connections
from brobygger.access import queries as people
from brobygger.groups import evening
from brobygger.groups.models import Attendance
from brobygger.groups.tests import rows
alma, bo = people.person("alma"), people.person("bo")
stars = rows.group()
rows.leads(stars, alma), rows.leads(stars, bo)
children = [rows.child(alma, name) for name in ("Asta", "Bertil", "Carla", "Ditte")]
for each in children: rows.seat(stars, each)
a, b, c, d = (each.pk for each in children)
def tell(meeting, by, marks, told):
    try:
        evening.hold_meeting(meeting=meeting, marks=marks, elements=[], sentence="", by=by, once=uuid4())
        told.append("held")
    except evening.SomethingNew as new:
        told.append("asked" if set(new.met.differ) <= {a, d} else "wrong")
def say_no(meeting, told):
    try:
        Attendance.objects.create(meeting=meeting, member_id=d, mark="said_no")
    except IntegrityError:
        pass
found = []
for number in range(1, 11):
    meeting, told, ready = rows.meeting(stars, number), [], threading.Barrier(3)
    deeds = [(tell, meeting, alma, {a: "here", b: "here", d: "here"}, told)]
    deeds += [(tell, meeting, bo, {a: "absent", c: "here"}, told), (say_no, meeting, told)]
    def work(deed, *more):
        ready.wait()
        try:
            deed(*more)
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


def test_two_phones_and_a_family_in_the_same_moment() -> None:
    with running.house("ditrum", start=False, BROBYGGER_CLOCK="2027-12-01T12:00") as house:
        for told, single, asta in json.loads(house.ask(PRESSED).splitlines()[-1]):
            assert told in (["asked", "held"], ["asked", "asked"]), told
            assert single and (asta or told == ["asked", "asked"])
