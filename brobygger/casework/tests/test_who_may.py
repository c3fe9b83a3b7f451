"""Each deed with a course is done by whoever has it, and refused to everybody else; nothing is left of a refusal."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from brobygger.access import services as access
from brobygger.access.guards import NotAllowed
from brobygger.access.roles import Role
from brobygger.casework import finding, notes, queries, record, rules, services
from brobygger.casework.models import Assignment, Course, Draft, IdentityCard, Member, Note, Part
from brobygger.ground import clock
from brobygger.privacy.models import AuditEntry, BlindToken, DataKey

from .families import AGREED, CHILD, begin, person

pytestmark = pytest.mark.django_db

CAST = ("alma", "bo", "clara", "dan", "finn", "gro", "operator")
KEPT = (Assignment, Course, Draft, IdentityCard, Member, Note, Part, AuditEntry, BlindToken, DataKey)
OWN = "own_talks"

Deed = Callable[[Any, Any], Any]


#: What is done with Alma's course, and who may do it.
DEEDS: dict[str, tuple[Deed, set[str]]] = {
    "opens one": (lambda _c, who: begin(who), {"alma", "bo"}),
    "adds somebody": (lambda c, who: services.add_member(course=c, person=CHILD, by=who), {"alma"}),
    "gives it": (lambda c, who: services.assign(course=c, to=c.holder, by=who), {"alma", "clara", "finn"}),
    "takes it back": (
        lambda c, who: services.end_assignment(assignment=c.assignments.order_by("id")[0], by=who),
        {"alma", "clara", "finn"},
    ),
    "ends it": (lambda c, who: services.end_course(course=c, reason="moved", words="", seen=0, by=who), {"alma"}),
    "closes it": (lambda c, who: services.close_handed_over(course=c, words="", seen=0, by=who), {"alma"}),
    "lets it go on": (lambda c, who: services.reopen(course=c, by=who), {"alma"}),
    "writes": (lambda c, who: record.write_part(course=c, kind="living", body={}, seen=0, by=who), {"alma"}),
    "looks": (lambda c, who: record.look(course=c, by=who), {"alma"}),
    "looks back": (lambda c, who: record.look_at_history(course=c, kind="agreement", by=who), {"alma"}),
    "looks at the evening": (lambda c, who: record.look_at_evening(course=c, by=who), {"alma"}),
    "looks at people": (lambda c, who: record.look_at_people(course=c, by=who), {"alma", "finn"}),
    "says who": (lambda c, who: record.give_identity(member=person(c), said={"name": "Ib"}, by=who), {"alma"}),
    "sees who": (lambda c, who: record.look_at_identity(member=person(c), reason="ring", by=who), {"alma", "finn"}),
    "forgets who": (lambda c, who: record.forget_identity(member=person(c), by=who), {"alma"}),
    "notes": (lambda c, who: notes.write(member=person(c), text="Ord.", by=who, once=uuid4()), {"alma"}),
    "notes a talk": (
        lambda c, who: notes.write(member=person(c, 2), text="Ord.", by=who, once=uuid4(), compartment=OWN),
        {"alma"},
    ),
    "reads notes": (lambda c, who: notes.look_at_notes(member=person(c), by=who), {"alma"}),
    "reads talks": (lambda c, who: notes.look_at_notes(member=person(c), by=who, compartment=OWN), {"alma"}),
    "begins a note": (lambda c, who: notes.keep_draft(member=person(c), text="O", by=who, once=uuid4()), {"alma"}),
    "finds own drafts": (lambda c, who: notes.my_drafts(member=person(c), by=who), {"alma"}),
    "searches": (lambda _c, who: finding.look_for(kind="day", text="", by=who), {"alma", "bo", "clara", "finn"}),
}


def rows() -> dict[str, int]:
    """Count what there is."""
    return {model.__name__: model.objects.count() for model in KEPT}


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_is_done_by_who_may_and_leaves_nothing_when_refused(request: pytest.FixtureRequest, name: str) -> None:
    people = {who: request.getfixturevalue(who) for who in CAST}
    deed, allowed = DEEDS[name]
    for who in sorted(CAST, key=lambda each: each in allowed):
        course = begin(people["alma"])
        course.holder = people["alma"]
        if name == "lets it go on":
            services.end_course(course=course, reason="completed", words="", seen=0, by=people["alma"])
            course.refresh_from_db()
        before = rows()
        if who in allowed:
            deed(course, people[who])
            assert rows()["AuditEntry"] > before["AuditEntry"] or name in {"begins a note", "finds own drafts"}, who
        else:
            with pytest.raises(NotAllowed):
                deed(course, people[who])
            assert rows() == before, who


@pytest.mark.parametrize(
    "kind, allowed",
    [
        ("nickname", {"alma", "bo", "clara", "finn"}),
        ("name", {"alma", "bo", "finn"}),
        ("phone", {"alma", "bo", "finn"}),
        ("tag", {"alma", "bo"}),
    ],
)
def test_one_looks_by_what_one_may_know(request: pytest.FixtureRequest, kind: str, allowed: set[str]) -> None:
    people = {who: request.getfixturevalue(who) for who in CAST}
    course = begin(people["alma"])
    record.write_part(course=course, kind="tags", body={"tags": ["skole"]}, seen=0, by=people["alma"])
    words = {"nickname": course.nickname, "name": "Mette Hansen", "phone": "24230300", "tag": "skole"}
    for who, viewer in people.items():
        if who in allowed:
            found = finding.look_for(kind=kind, text=words[kind], by=viewer).rows
            assert [each.ident for each in found] == ([] if who == "bo" else [course.pk])
        else:
            with pytest.raises((NotAllowed, ValueError)):
                finding.look_for(kind=kind, text=words[kind], by=viewer)


# ---- From when until when ----

DAY = date(2026, 3, 10)


def sight_on(at: Any, day: date, viewer: Any, course: Any) -> rules.Sight:
    """Tell what somebody sees on a day."""
    at(f"{day}T12:00")
    held = queries.get_course(viewer, course.pk)
    return held.sight if held else rules.Sight()


@pytest.fixture
def course(at: Any, alma: Any) -> Any:
    """Alma's course, begun on a Monday in March."""
    at("2026-03-02T09:00")
    return begin(alma)


def test_an_assignment_holds_from_its_first_day_until_the_day_after_its_last(
    course: Any, at: Any, alma: Any, bo: Any
) -> None:
    services.assign(course=course, to=bo, valid_from=DAY, valid_to=DAY + timedelta(days=2), by=alma)

    seen = {each: sight_on(at, DAY + timedelta(days=each), bo, course).content for each in range(-1, 4)}

    assert seen == {-1: False, 0: True, 1: True, 2: False, 3: False}
    assert [queries.mine(bo), queries.tonight(bo), list(queries.visible(bo))] == [[], [], []]


def test_midnight_is_danish(course: Any, at: Any, alma: Any, bo: Any) -> None:
    services.assign(course=course, to=bo, valid_from=DAY, valid_to=DAY + timedelta(days=1), by=alma)

    held = {}
    for moment in ("2026-03-09T23:59", "2026-03-10T00:00", "2026-03-10T23:59", "2026-03-11T00:00"):
        at(moment)
        held[moment[8:]] = queries.get_course(bo, course.pk) is not None
    assert held == {"09T23:59": False, "10T00:00": True, "10T23:59": True, "11T00:00": False}


def test_a_substitute_sees_what_the_evening_needs_and_that_evening_only(
    course: Any, at: Any, alma: Any, bo: Any, finn: Any
) -> None:
    services.assign(course=course, to=bo, scope="evening", valid_from=DAY, own_talks=True, by=finn)

    assert sight_on(at, DAY, bo, course) == rules.Sight(evening=True)
    assert [each.pk for each in queries.tonight(bo)] == [course.pk]
    opened = record.look_at_evening(course=course, by=bo)
    assert [each.called for each in opened.people] == ["Mette", "Jens", "Liv"] and opened.parts == {}
    member = person(course)
    for refused in (
        lambda: record.look(course=course, by=bo),
        lambda: record.look_at_people(course=course, by=bo),
        lambda: record.look_at_identity(member=member, reason="ring", by=bo),
        lambda: notes.look_at_notes(member=member, by=bo),
        lambda: record.write_part(course=course, kind="living", body={}, seen=0, by=bo),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert finding.look_for(kind="nickname", text=course.nickname, by=bo).rows
    assert finding.look_for(kind="name", text="Mette Hansen", by=bo).rows == [], "her family name is not for tonight"
    assert finding.look_for(kind="phone", text="24230300", by=bo).rows == []
    assert sight_on(at, DAY + timedelta(days=1), bo, course) == rules.Sight()


def test_a_substitute_has_nothing_of_a_course_that_has_ended(course: Any, at: Any, alma: Any, bo: Any) -> None:
    services.assign(course=course, to=bo, scope="evening", valid_from=DAY, valid_to=DAY + timedelta(days=9), by=alma)
    at(f"{DAY}T12:00")
    assert queries.get_course(bo, course.pk)

    services.end_course(course=course, reason="completed", words="", seen=0, by=alma)

    assert queries.get_course(bo, course.pk) is None
    assert [queries.mine(bo), queries.mine(bo, ended=True), list(queries.visible(bo))] == [[], [], []]


def test_what_is_taken_away_is_gone_the_same_day_and_the_past_stays_as_it_was(
    course: Any, at: Any, alma: Any, bo: Any, finn: Any
) -> None:
    row = services.assign(course=course, to=bo, by=alma)
    at(f"{DAY}T12:00")
    assert queries.get_course(bo, course.pk)

    services.end_assignment(assignment=row, by=finn)

    assert queries.get_course(bo, course.pk) is None
    assert sight_on(at, DAY + timedelta(days=5), bo, course) == rules.Sight()
    services.end_assignment(assignment=row, by=finn)
    row.refresh_from_db()
    assert row.valid_to == DAY, "taken once more, it did not last longer than it did"
    assert len(AuditEntry.objects.filter(action="casework.unassigned")) == 1


def test_who_loses_the_role_or_leaves_sees_nothing(course: Any, at: Any, alma: Any, bo: Any, hire: Any) -> None:
    cilla = hire("cilla", "therapist")
    for each in (bo, cilla):
        services.assign(course=course, to=each, by=alma)
        assert queries.get_course(each, course.pk)

    access.end_role(user=bo, role=Role.THERAPIST, by="keeper")
    access.leave(user=cilla, by="keeper")

    for each in (bo, cilla):
        assert queries.get_course(each, course.pk) is None
        assert [queries.mine(each), queries.tonight(each), list(queries.visible(each))] == [[], [], []]
        with pytest.raises(NotAllowed):
            record.look(course=course, by=each)
        with pytest.raises(NotAllowed):
            services.assign(course=course, to=each, by=alma)


def test_a_course_whose_only_holder_has_left_waits_to_be_given_to_somebody(
    course: Any, alma: Any, bo: Any, finn: Any
) -> None:
    assert queries.unassigned(finn) == []

    access.leave(user=alma, by="keeper")

    assert [each.ident for each in queries.unassigned(finn)] == [course.pk]
    assert queries.shorts(finn, [course.pk])[0].with_whom == ()
    services.assign(course=course, to=bo, by=finn)
    assert queries.unassigned(finn) == []
    assert queries.shorts(finn, [course.pk])[0].with_whom == ("Bo",)
    assert queries.unassigned(bo) == []


def test_a_broken_glass_opens_for_an_hour_and_only_while_one_may_break_it(
    course: Any, at: Any, clara: Any, alma: Any
) -> None:
    at("2026-03-10T12:00")
    access.break_glass(about=f"course:{course.pk}", reason="Faderen ringer og er bange", by=clara)

    assert queries.get_course(clara, course.pk).sight == rules.Sight(
        contact=True, content=True, evening=True, arrange=True
    )
    record.look(course=course, by=clara)
    with pytest.raises(NotAllowed):
        record.write_part(course=course, kind="living", body={}, seen=0, by=clara)
    with pytest.raises(NotAllowed):
        notes.look_at_notes(member=person(course), by=clara, compartment=OWN)
    at("2026-03-10T12:59")
    assert queries.get_course(clara, course.pk).sight.content
    at("2026-03-10T13:00")
    assert not queries.get_course(clara, course.pk).sight.content

    access.break_glass(about=f"course:{course.pk}", reason="Faderen ringer og er bange", by=clara)
    access.give_role(user=clara, role=Role.COMMUNICATIONS, by="keeper")
    access.end_role(user=clara, role=Role.LEADER, by="keeper")
    assert queries.get_course(clara, course.pk) is None


# ---- A child's own talks ----


def test_own_talks_are_read_by_who_was_given_them_and_given_by_who_reads_them(
    course: Any, alma: Any, bo: Any, finn: Any, hire: Any
) -> None:
    child = person(course, 2)
    notes.write(member=child, text="Det må de ikke vide.", by=alma, once=uuid4(), compartment=OWN)

    services.assign(course=course, to=bo, own_talks=True, by=finn)
    assert queries.get_course(bo, course.pk).sight.content
    for refused in (notes.look_at_notes, notes.my_drafts):
        with pytest.raises(NotAllowed):
            refused(member=child, by=bo, compartment=OWN)
    with pytest.raises(NotAllowed):
        notes.write(member=child, text="Ord.", by=bo, once=uuid4(), compartment=OWN)
    assert notes.look_at_notes(member=child, by=bo) == [], "and they do not show among the others"

    services.assign(course=course, to=bo, own_talks=True, by=alma)
    assert [each.text for each in notes.look_at_notes(member=child, by=bo, compartment=OWN)] == ["Det må de ikke vide."]


def test_own_talks_go_on_with_whoever_takes_over_when_nobody_has_them(
    course: Any, alma: Any, bo: Any, finn: Any
) -> None:
    access.leave(user=alma, by="keeper")

    row = services.assign(course=course, to=bo, own_talks=True, by=finn)

    assert row.own_talks
    assert queries.get_course(bo, course.pk).sight.own_talks


# ---- What cannot be meant ----


def test_an_assignment_that_makes_no_sense_is_refused(course: Any, alma: Any, bo: Any, gro: Any) -> None:
    for scope, first, last in [("course", DAY, DAY), ("evening", DAY, DAY - timedelta(days=1)), ("night", DAY, None)]:
        with pytest.raises(ValueError):
            services.assign(course=course, to=bo, scope=scope, valid_from=first, valid_to=last, by=alma)
    with pytest.raises(NotAllowed):
        services.assign(course=course, to=gro, by=alma)
    assert course.assignments.count() == 1


def test_pressed_twice_it_is_given_once(course: Any, alma: Any, bo: Any) -> None:
    rows = {services.assign(course=course, to=bo, by=alma).pk for _press in range(2)}

    assert len(rows) == 1
    assert AuditEntry.objects.filter(action="casework.assigned").count() == 1


# ---- An end ----


def test_a_course_that_has_ended_is_read_for_a_month_and_written_in_no_more(
    course: Any, at: Any, alma: Any, bo: Any, clara: Any
) -> None:
    services.assign(course=course, to=bo, valid_to=DAY + timedelta(days=400), by=alma)
    at(f"{DAY}T12:00")
    notes.write(member=person(course), text="Vi ses.", by=alma, once=uuid4())
    kept = uuid4()
    notes.keep_draft(member=person(course), text="Halvt skrevet af Bo", by=bo, once=kept)

    services.end_course(course=course, reason="completed", words="Tak.", seen=0, by=alma)

    course.refresh_from_db()
    assert (course.state, course.ended_on) == ("ended", DAY)
    member = person(course)
    for refused in (
        lambda: record.write_part(course=course, kind="living", body={}, seen=0, by=alma),
        lambda: services.add_member(course=course, person=CHILD, by=alma),
        lambda: record.give_identity(member=member, said={"name": "Ib"}, by=alma),
        lambda: notes.write(member=member, text="Mere.", by=alma, once=uuid4()),
        lambda: notes.keep_draft(member=member, text="Mere.", by=alma, once=uuid4()),
        lambda: services.end_course(course=course, reason="completed", words="", seen=1, by=alma),
    ):
        with pytest.raises(record.CourseIsClosed):
            refused()
    assert record.look(course=course, by=alma).known("end") == {"reason": "completed", "words": "Tak."}
    assert [each.text for each in notes.look_at_notes(member=member, by=alma)] == ["Vi ses."]
    assert [each.text for each in notes.my_drafts(member=member, by=bo)] == ["Halvt skrevet af Bo"], "no word is lost"
    assert [each.ident for each in queries.mine(alma, ended=True)] == [course.pk] and queries.mine(alma) == []
    for viewer in (alma, bo):
        assert sight_on(at, DAY + timedelta(days=29), viewer, course).content
        assert not sight_on(at, DAY + timedelta(days=30), viewer, course).any
    assert sight_on(at, DAY + timedelta(days=30), clara, course) == rules.Sight(arrange=True)


@pytest.mark.parametrize("later", [1, 90])
def test_what_was_to_begin_later_does_not_begin_in_a_course_that_has_ended(
    course: Any, at: Any, alma: Any, bo: Any, later: int
) -> None:
    at(f"{DAY}T12:00")
    services.assign(course=course, to=bo, valid_from=DAY + timedelta(days=later), by=alma)
    services.end_course(course=course, reason="completed", words="", seen=0, by=alma)

    assert not sight_on(at, DAY + timedelta(days=later), bo, course).any


def test_a_course_goes_on_with_who_closed_it(course: Any, at: Any, alma: Any, bo: Any) -> None:
    stale = Course.objects.get(pk=course.pk)
    with pytest.raises(record.CourseIsClosed):
        services.reopen(course=course, by=alma)
    services.end_course(course=course, reason="completed", words="", seen=0, by=alma)

    services.reopen(course=stale, by=alma)

    course.refresh_from_db()
    assert (course.state, course.ended_on) == ("open", None)
    assert sight_on(at, DAY + timedelta(days=300), alma, course).write
    number = record.look(course=course, by=alma).number("end")
    services.close_handed_over(course=course, words="", seen=number, by=alma)
    course.refresh_from_db()
    with pytest.raises(record.CourseIsClosed):
        services.reopen(course=course, by=alma)


def test_clock_is_asked_once_a_day(course: Any, at: Any, alma: Any) -> None:
    at("2026-10-25T02:30")
    record.write_part(course=course, kind="living", body={"with": "mother"}, seen=0, by=alma)
    course.refresh_from_db()
    assert course.last_entry_on == date(2026, 10, 25) == clock.today()


def test_an_agreement_names_how_it_was_given(alma: Any) -> None:
    for people, agreed in [([], AGREED), ([CHILD], {"how": "guess"}), ([CHILD], {})]:
        with pytest.raises(ValueError):
            services.open_course(people=people, agreed=agreed, by=alma)
    assert not Course.objects.exists()
