"""A group is moved while one of its families takes a break in another group: neither waits for the other for ever."""

import json

from brobygger.groups.tests.test_at_once import _BEGIN
from tests import running

#: The break holds the seat in the other group when the move has told the family's box, and is about to note it there.
_MOVED_MEANWHILE = """
from uuid import uuid4
from brobygger.ground import clock
from brobygger.casework import services as courses
from brobygger.casework.models import Course
from brobygger.groups import seats, answers
from brobygger.groups.models import Seat
from brobygger.privacy import seal
from brobygger.threads import services as threads
import logging
logging.disable(logging.CRITICAL)
key = seal.new_return_key(); new = seal.new_box(key)
lock = {n: getattr(new, n) for n in ("number", "salt", "kdf_version", "wrapped_private", "public")}
lock |= {"post_hash": new.post_hash, "burn_hash": new.burn_hash}
now = clock.now().isoformat()
facts = {"door": "parent", "wish": "call", "channel": "phone", "written_at": now, "answer_by": now}
thread, _n = threads.open_called(once=uuid4(), made=lock, facts=facts, text="", reach=None, by=alma)
people = [{"role": "mother", "called": "M"}, {"role": "child", "called": "Liv", "birth": "2018-05"}]
course = courses.open_course(people=people,
    agreed={"how": "present"}, by=alma, worker=alma)
Course.objects.filter(pk=course.pk).update(thread=thread)
liv = Course.objects.get(pk=course.pk).members.get(position=1)
a = make(begins=time(9), ends=time(10), state="open")
b = make(begins=time(12), ends=time(13), room=2, state="open", offer="minigruppe")
one = seats.take_seat(seat=seats.offer_seat(group=a, member=liv, by=alma), by=alma)
two = seats.take_seat(seat=seats.offer_seat(group=b, member=liv, by=alma), by=alma)
row = a.meetings.get(number=2)
wrote, told_ = threading.Event(), threading.Event()
real_note, real_tell = seats._note, threads.tell
def note(*x, **y):
    wrote.set(); told_.wait(5); return real_note(*x, **y)
def tell(*x, **y):
    r = real_tell(*x, **y)
    if y["body"]["news"] == "meeting_moved":
        told_.set(); threading.Event().wait(1)
    return r
seats._note, threads.tell = note, tell
def move():
    wrote.wait(5)
    day = timedelta(days=1)
    services.move_meeting(meeting=row, starts_at=row.starts_at + day, ends_at=row.ends_at + day,
        place="glostrup", room=1, by=finn, even_so=True)
def pause():
    seats.pause_seat(seat=two, until=date.today() + timedelta(days=60), by=alma)
print(json.dumps(at_once(move, pause)))
"""


def test_a_group_is_moved_while_its_family_takes_a_break_in_another() -> None:
    with running.house("ditrum", start=False) as house:
        told = house.ask(_BEGIN + _MOVED_MEANWHILE)
    assert json.loads(told.splitlines()[-1]) == ["done", "done"]
