"""Many hands in one course in the same moment, through connections of their own: no word is lost, no key is left."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import running

_HANDS = 5

_BEGIN = """
import json, threading, time, uuid
from django.db import connections
from brobygger.access.guards import NotAllowed
from brobygger.access.models import User
from brobygger.casework import finding, notes, queries, record, services
from brobygger.casework.models import *
from brobygger.privacy import blind, keyring
from brobygger.privacy.models import AuditEntry, BlindToken, DataKey, Erasure
staff = list(User.objects.filter(memberships__role="therapist").order_by("handle")[:{hands}])
alma = staff[0]
said = []
def at_once(*deeds):
    del said[:]
    ready = threading.Barrier(len(deeds))
    def work(deed):
        ready.wait()
        try:
            said.append(str(deed()))
        except Exception as why:
            said.append(type(why).__name__)
        finally:
            connections.close_all()
    hands = [threading.Thread(target=work, args=[deed]) for deed in deeds]
    [each.start() for each in hands], [each.join() for each in hands]
    return sorted(said)
def begin(**more):
    made = services.open_course(people=[{{"role": "child", "called": "Liv", "name": "Liv Holm"}}],
        agreed={{"how": "present"}}, by=alma, worker=alma, **more)
    for each in staff[1:]:
        services.assign(course=made, to=each, own_talks=True, by=alma)
    return made
def again(member):
    return Member.objects.get(pk=member.pk)
begun = []
def until(deed, *stops):
    done = 0
    while True:
        try:
            deed()
            done += 1
            if done == 1:
                begun.append(deed)
        except stops:
            return done > 0
def when_all_have_begun(writers):
    patience = time.monotonic() + 60
    while len(begun) < writers:
        assert time.monotonic() < patience
        time.sleep(0.01)
course = begin()
child = course.members.get()
"""


@pytest.fixture(scope="module")
def house() -> Iterator[running.House]:
    """A house with databases of its own and nobody in it but us."""
    with running.house("ditrum", start=False) as built:
        yield built


def ask(house: running.House, code: str) -> Any:
    """Let some hands do something in one house in the same moment, and give what they say."""
    return json.loads(house.ask(_BEGIN.format(hands=_HANDS) + code).splitlines()[-1])


def test_who_writes_the_same_thing_at_once_is_told_and_no_version_is_lost(house: running.House) -> None:
    first, numbers, words = ask(
        house,
        """
first = at_once(*[lambda each=each: record.write_part(course=course, kind="living",
    body={"words": each.handle}, seen=0, by=each).number for each in staff])
def write(who):
    for number in range(4):
        while True:
            seen = record.look(course=course, by=who).number("living")
            try:
                said = {"words": f"{who.handle} {number}"}
                record.write_part(course=course, kind="living", body=said, seen=seen, by=who)
                break
            except record.SomethingNew:
                pass
at_once(*[lambda each=each: write(each) for each in staff])
history = record.look_at_history(course=course, kind="living", by=alma)
print(json.dumps([first, [each.number for each in history], sorted(each.body["words"] for each in history[1:])]))
""",
    )

    assert first == ["1"] + ["SomethingNew"] * (_HANDS - 1)
    assert numbers == list(range(1, 4 * _HANDS + 2))
    assert len(set(words)) == 4 * _HANDS


def test_notes_written_at_once_all_stand_and_one_sent_often_is_one(house: running.House) -> None:
    texts, presses, talks, keys = ask(
        house,
        """
def write(who, kind="record"):
    for number in range(4):
        more = {"member": again(child), "text": f"{who.handle} {number}", "by": who, "once": uuid.uuid4()}
        notes.keep_draft(**more, compartment=kind)
        notes.write(**more, compartment=kind)
at_once(*[lambda each=each: write(each) for each in staff])
once = uuid.uuid4()
presses = at_once(*[lambda: notes.write(member=child, text="Een gang", by=alma, once=once).pk for each in staff])
at_once(*[lambda each=each: write(each, "own_talks") for each in staff])
seen = [each.text for each in notes.look_at_notes(member=child, by=alma)]
own = [each.text for each in notes.look_at_notes(member=again(child), by=alma, compartment="own_talks")]
print(json.dumps([seen, presses, own, [str(again(child).own_key), Draft.objects.count()]]))
""",
    )

    assert len(texts) == len(set(texts)) == 4 * _HANDS + 1 and "Een gang" in texts
    assert len(set(presses)) == 1 and len(presses[0]) == 36
    assert len(set(talks)) == 4 * _HANDS
    assert keys[0] != "None" and keys[1] == 0


def test_who_somebody_is_is_what_was_said_last_and_the_rest_is_destroyed(house: running.House) -> None:
    said, cards, found, left = ask(
        house,
        """
before = set(DataKey.objects.values_list("pk", flat=True)) - {child.card.key}
def give(who):
    for number in range(3):
        record.give_identity(member=child, said={"name": f"Navn{who.handle} Nummer{'abc'[number]}"}, by=who)
        if number == 1:
            record.forget_identity(member=child, by=who)
said = at_once(*[lambda each=each: give(each) for each in staff])
name = (record.look_at_identity(member=child, reason="ring", by=alma) or {"name": ""})["name"]
cards = list(IdentityCard.objects.filter(member=child))
tokens = set(BlindToken.objects.filter(course=course.pk).values_list("about", flat=True))
left = set(DataKey.objects.values_list("pk", flat=True)) - before - {each.key for each in cards}
hits = [row.ident == course.pk for row in finding.look_for(kind="name", text=name, by=alma).rows]
print(json.dumps([said, len(cards), [hits, tokens == {course.pk, *(each.pk for each in cards)}], len(left)]))
""",
    )

    assert said == ["None"] * _HANDS
    assert cards == 1 and found == [[True], True] and left == 0


def test_pressed_often_at_once_one_course_one_person_one_assignment(house: running.House) -> None:
    courses, people, given, positions = ask(
        house,
        """
once, another = uuid.uuid4(), uuid.uuid4()
courses = at_once(*[lambda: begin(once=once).pk for each in staff])
people = at_once(*[lambda: services.add_member(course=course, person={}, by=alma, once=another).pk for each in staff])
at_once(*[lambda: services.add_member(course=course, person={"name": "Ib Bo"}, by=alma).pk for each in staff])
other = services.open_course(people=[{}], agreed={"how": "phone"}, by=alma, worker=alma)
given = at_once(*[lambda: services.assign(course=other, to=staff[1], by=alma).pk for each in staff])
positions = list(course.members.values_list("position", flat=True))
print(json.dumps([courses, people, given, positions]))
""",
    )

    assert len(set(courses)) == len(set(people)) == len(set(given)) == 1
    assert len(courses[0]) == len(people[0]) == 36
    assert positions == list(range(_HANDS + 2))


_WRITERS = """
def writers(course, child):
    stops = (NotAllowed, record.CourseIsClosed, services.TooManyPeople, Member.DoesNotExist, Course.DoesNotExist)
    def part():
        try:
            known = record.look(course=course, by=staff[1]).people[0].parts
            seen = known.get("care", queries.Version()).number
            record.write_part(course=course, member=child, kind="care", body={}, seen=seen, by=staff[1])
        except (record.SomethingNew, IndexError):
            if not queries.get_member(staff[1], course.pk, child.pk):
                raise NotAllowed("gone")
    def own():
        notes.write(member=again(child), text="x", by=staff[2], once=uuid.uuid4(), compartment="own_talks")
    def draft():
        notes.keep_draft(member=again(child), text="x", by=staff[3], once=uuid.uuid4())
    def who():
        record.give_identity(member=again(child), said={"name": "Ny Navn"}, by=staff[4])
    return [lambda deed=deed: until(deed, *stops) for deed in (part, own, draft, who)]
def erasing(deed):
    def done():
        when_all_have_begun(4)
        return "ref " + deed()
    return done
"""


def test_a_course_erased_while_others_write_leaves_no_key_no_row_no_word(house: running.House) -> None:
    said, left, words, rows, receipts = ask(
        house,
        _WRITERS
        + """
before = set(DataKey.objects.values_list("pk", flat=True)) - {course.key, child.key, child.card.key}
erase = erasing(lambda: services.erase_course(course=course, why="wish", by=alma))
said = at_once(*writers(course, child), erase, erase)
left = set(DataKey.objects.values_list("pk", flat=True)) - before
rows = [model.objects.filter(**{path: course.pk}).count() for model, path in ((Course, "pk"), (Member, "course"),
    (Note, "course"), (Part, "course"), (Draft, "member__course"), (IdentityCard, "member__course"))]
receipts = Erasure.objects.filter(about=f"course:{course.pk}")
print(json.dumps([said, len(left), BlindToken.objects.filter(course=course.pk).count(), rows, receipts.count()]))
""",
    )

    assert said[:4] == ["True"] * 4, said
    assert len({each for each in said[4:]}) == 1 and said[4].startswith("ref "), said
    assert (left, words, rows, receipts) == (0, 0, [0] * 6, 1)


def test_a_person_erased_while_others_write_about_them_leaves_no_key_and_the_others_stay(house: running.House) -> None:
    said, left, rows, others = ask(
        house,
        _WRITERS
        + """
mother = services.add_member(course=course, person={"called": "Mette", "name": "Mette Holm"}, by=alma)
notes.write(member=mother, text="Staar.", by=alma, once=uuid.uuid4())
before = set(DataKey.objects.values_list("pk", flat=True)) - {child.key, child.card.key}
erase = erasing(lambda: services.erase_member(member=child, why="wish", by=alma))
said = at_once(*writers(course, child), erase, erase)
left = set(DataKey.objects.values_list("pk", flat=True)) - before
rows = [model.objects.filter(member=child.pk).count() for model in (Note, Part, Draft, IdentityCard)]
seen = [each.called for each in record.look(course=course, by=alma).people]
print(json.dumps([said, len(left), rows, [seen, [each.text for each in notes.look_at_notes(member=mother, by=alma)]]]))
""",
    )

    assert said[:4] == ["True"] * 4, said
    assert len({each for each in said[4:]}) == 1 and said[4].startswith("ref "), said
    assert (left, rows, others) == (0, [0] * 4, [["Mette"], ["Staar."]])


def test_nothing_is_written_in_a_course_after_its_end(house: running.House) -> None:
    said, late, state = ask(
        house,
        """
def write(who):
    return until(lambda: notes.write(member=child, text="x", by=who, once=uuid.uuid4()), record.CourseIsClosed)
def end():
    when_all_have_begun(len(staff))
    services.end_course(course=course, reason="completed", words="", seen=0, by=alma)
said = at_once(*[lambda each=each: write(each) for each in staff], end)
ended = AuditEntry.objects.get(action="casework.course_ended", about=f"course:{course.pk}")
late = AuditEntry.objects.filter(action="casework.note_written", about=f"member:{child.pk}", pk__gt=ended.pk).count()
course.refresh_from_db()
print(json.dumps([said, late, course.state]))
""",
    )

    assert said == ["None"] + ["True"] * _HANDS
    assert (late, state) == (0, "ended")


def test_the_night_throws_nothing_away_that_is_being_written_down(house: running.House) -> None:
    said, lost, swept = ask(
        house,
        """
made, over = [], threading.Event()
def opening(who):
    for number in range(6):
        people = [{"name": f"Aftenstjerne {who.handle}"}]
        made.append((services.open_course(people=people, agreed={"how": "phone"}, by=who, worker=who), who))
    return "opened"
def night():
    swept = 0
    while not over.is_set():
        swept += record.forget_strays(by="keeper")
    return f"swept {swept}"
def evening():
    at_once_said = []
    hands = [threading.Thread(target=lambda each=each: (opening(each), connections.close_all())) for each in staff]
    [each.start() for each in hands], [each.join() for each in hands]
    over.set()
    return "opened"
blind.put(about=uuid.uuid4(), course=uuid.uuid4(), entries=[("name", "vildfaren")], by="keeper")
said = at_once(evening, night)
named = blind.find([("name", "aftenstjerne")], limit=1000)
def is_found(row, who):
    rows = finding.look_for(kind="nickname", text=row.nickname, by=who).rows
    return row.pk in named and row.pk in [each.ident for each in rows]
lost = [row.nickname for row, who in made if not is_found(row, who)]
print(json.dumps([said, lost, len(made)]))
""",
    )

    assert said == ["opened", "swept 1"] and lost == [] and swept == 6 * _HANDS
