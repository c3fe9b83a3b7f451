"""Many hands at one round in the same moment, through connections of their own: one answer stands."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from brobygger.groups.tests import test_seats_at_once as hands
from tests import running

_BEGIN = (
    hands._BEGIN
    + """
from brobygger.outcomes import asking, rules, services as answers
from brobygger.outcomes.models import *
WELL = {"1": 5, "2": 4, "3": 4, "4": 3, "5": 2}
def asked(who):
    made = services.open_course(people=[{"role": "mother", "called": "Mor"}, {"role": "child", "called": "Liv",
        "birth": "2014-01"}], agreed={"how": "present"}, by=who, worker=who)
    return made, Round.objects.get(member__course=made, member__position=1)
"""
)


@pytest.fixture(scope="module")
def house() -> Iterator[running.House]:
    """A house with databases of its own and nobody in it but us."""
    with running.house("ditrum", start=False) as built:
        yield built


def ask(house: running.House, code: str) -> Any:
    """Let some hands do something in one house in the same moment, and give what they say."""
    return json.loads(house.ask(_BEGIN + code).splitlines()[-1])


def test_from_five_devices_one_answer_stands_and_pressed_five_times_it_is_one(house: running.House) -> None:
    devices, presses, mixed, rows = ask(
        house,
        """
who = staff[0]
one, two, three = asked(who)[1], asked(who)[1], asked(who)[1]
said = {"who5": WELL, "goal": {"reached": 4}}
keep = lambda row, once: lambda: len(answers.keep_all(round=row, answers=said, mode="sms", by="family", once=once))
devices = at_once(*[keep(one, uuid.uuid4()) for each in range(5)])
once = uuid.uuid4()
presses = at_once(*[keep(two, once) for each in range(5)])
typed = lambda: answers.keep_answer(round=three, instrument="who5", answers=WELL, mode="paper", by=who).mode
mixed = at_once(typed, typed, keep(three, uuid.uuid4()), keep(three, uuid.uuid4()))
rows = [Sheet.objects.filter(round=row).count() for row in (one, two, three)]
print(json.dumps([devices, presses, mixed, rows]))
""",
    )

    assert sorted(set(devices)) in (["2", "AlreadyAnswered"], ["2", "RoundIsOver"])
    assert devices.count("2") == 1
    assert presses == ["2"] * 5
    assert rows == [2, 2, 2]
    assert sum(each in ("1", "2", "paper") for each in mixed) <= 2 and "IntegrityError" not in mixed


def test_ended_and_answered_and_planned_at_once_it_is_asked_once(house: running.House) -> None:
    rounds, states = ask(
        house,
        """
from brobygger.casework import record
who = staff[0]
course, row = asked(who)
at_once(*[lambda: asking.plan(course) for each in range(3)], lambda: asking.sweep(clock.now()))
seen = record.look(course=course, by=who).number("end")
at_once(
    *[lambda: services.end_course(course=course, reason="moved", words="", seen=seen, by=who) for each in range(3)],
    lambda: asking.sweep(clock.now()),
)
listed = Round.objects.filter(member__course=course)
print(json.dumps([sorted(f"{row.member.position} {row.moment} {row.number}" for row in listed),
    sorted(row.state for row in listed)]))
""",
    )

    both = [f"{position} {moment} 0" for position in (0, 1) for moment in ("after", "end", "start")]
    assert rounds == both
    assert states == ["due"] * 4 + ["stopped"] * 2


def test_told_reminded_answered_ended_reopened_and_erased_at_once_nobody_waits_for_somebody_who_waits(
    house: running.House,
) -> None:
    """The order everybody keeps: the course, then rounds, then the conversation."""
    said, troubles, left = ask(
        house,
        """
import logging
from brobygger.casework import record
from brobygger.outcomes import letters
from brobygger.threads.writing import card, new_thread
who, troubles = staff[0], []
class Ear(logging.Handler):
    def emit(self, line):
        troubles.append(line.exc_info[0].__name__ if line.exc_info else line.getMessage())
logging.getLogger("brobygger").addHandler(Ear(level=logging.ERROR))
said, left, now = set(), [], clock.now()
PEOPLE = [{"role": "mother", "called": "Mor"}, {"role": "child", "called": "Liv", "birth": "2021-01"},
    {"role": "child", "called": "Bo", "birth": "2022-01"}]
def keeps(row, key, value):
    items = [item.ident for item in instruments.get(key, "1").items]
    return lambda: len(answers.keep_all(round=row, answers={key: dict.fromkeys(items, value)}, mode="key", by="family",
        once=uuid.uuid4()))
from brobygger.outcomes import instruments
for turn in range(6):
    facts = {"written_at": now.isoformat(), "door": "parent", "language": "da"}
    thread = new_thread(box=uuid.uuid4(), number="ABCD", facts=facts, by="keeper")
    card(thread, {"channel": "sms", "phone": "+4524230300", "when": "any", "remind": True}, by="family")
    made = services.open_course(people=PEOPLE, agreed={"how": "present"}, by=who, worker=who, thread=thread)
    letters.sweep(now)
    rows = {row.member.position: row for row in Round.objects.filter(member__course=made)}
    Round.objects.filter(member__course=made).update(told_on=clock.today() - timedelta(days=8))
    seen = record.look(course=made, by=who).number("end")
    bo = made.members.get(position=2)
    said |= set(at_once(
        keeps(rows[0], "mastery", 3), keeps(rows[1], "smallchild", 2), lambda: asking._remind(thread.pk),
        lambda: letters.sweep(now), lambda: asking.sweep(now), lambda: letters._forget(made.pk),
        lambda: answers.make_link(round=rows[1], by=who)[:0],
        lambda: services.end_course(course=made, reason="moved", words="", seen=seen, by=who),
        lambda: services.erase_member(member=bo, why="wished", by="keeper")[:0],
    ))
    said |= set(at_once(
        lambda: services.reopen(course=made, by=who), lambda: letters.sweep(now), lambda: asking.sweep(now),
        lambda: asking._remind(thread.pk), lambda: letters._forget(made.pk), keeps(rows[1], "smallchild", 2),
    ))
    made.refresh_from_db()
    left.append([made.state, sorted(Round.objects.filter(member__course=made, moment="end", state="due")
        .values_list("member__position", flat=True))])
print(json.dumps([sorted(said), troubles, left]))
""",
    )

    assert troubles == []
    refused = {"RoundIsOver", "AlreadyAnswered", "SomethingNew", "NotAllowed", "CourseIsClosed", "NotThatWay"}
    assert {each for each in said if each.isalpha() and each != "None"} <= refused
    assert left == [["open", []]] * 6


def test_a_link_sent_from_two_desks_at_once_is_one_link(house: running.House) -> None:
    tokens, rows = ask(
        house,
        """
who = staff[0]
row = asked(who)[1]
made = at_once(*[lambda: answers.make_link(round=row, by=who) for each in range(5)])
from brobygger.outcomes import queries
from brobygger.privacy import seal
opens = [queries.with_token(seal.token_hash(each.encode()), clock.today()) is not None for each in made]
print(json.dumps([sorted(opens), Round.objects.exclude(token=None).filter(pk=row.pk).count()]))
""",
    )
    assert tokens == [False] * 4 + [True] and rows == 1
