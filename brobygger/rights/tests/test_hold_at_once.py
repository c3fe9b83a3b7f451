"""The night's round and the leader who holds a record back, in the same moment: it is kept whole, or it is gone."""

import json

from tests import running

_AT_ONCE = """
import json, threading
from datetime import timedelta
from uuid import uuid4
from django.db import connections
from brobygger.access import services as access
from brobygger.access.models import User
from brobygger.casework import record, services as courses
from brobygger.casework.models import Course
from brobygger.ground import clock
from brobygger.privacy.models import Erasure
from brobygger.rights import endings
from brobygger.rights.models import LegalHold
clara = User.objects.filter(memberships__role="leader").first()
alma = User.objects.filter(memberships__role="therapist").first()
made = [courses.open_course(people=[{"role": "child", "called": "Liv"}], agreed={"how": "phone"}, by=alma, worker=alma)
        for _each in range(12)]
long_ago = clock.today() - timedelta(days=3000)
Course.objects.update(last_entry_on=long_ago, opened_on=long_ago)
ready, said = threading.Barrier(3), []
def work(deed):
    ready.wait()
    try:
        deed()
    except Exception as why:
        said.append(repr(why))
    finally:
        connections.close_all()
def hold(some):
    for each in some:
        try:
            endings.hold(course=each, reason="complaint", words="En klage er ikke afgjort.", by=clara)
        except endings.CourseIsGone:
            pass
deeds = [lambda: endings.sweep(clock.now()), lambda: hold(made[::-1]), lambda: hold(made[::-2])]
hands = [threading.Thread(target=work, args=[deed]) for deed in deeds]
[each.start() for each in hands], [each.join() for each in hands]
left = set(Course.objects.values_list("pk", flat=True))
held = set(LegalHold.objects.values_list("course_id", flat=True))
people = [len(record.look(course=each, by=alma).people) for each in Course.objects.all()]
print(json.dumps([said, left == held, len(left), Erasure.objects.count(), people, sorted(Course.objects.values_list("state", flat=True).distinct())]))
"""  # noqa: E501


def test_what_is_held_is_whole_and_what_is_not_is_gone() -> None:
    with running.house("ditrum", start=False) as house:
        said, same, left, gone, people, states = json.loads(house.ask(_AT_ONCE).splitlines()[-1])

    assert said == []
    assert same and left + gone == 12
    assert people == [1] * left and states in ([], ["open"])
    print(f"{left} held, {gone} gone")
