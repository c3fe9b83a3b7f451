"""The evening told of: once, twice, from two phones, too early, by others; and what it leaves behind."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.casework import record, services
from brobygger.ground import clock
from brobygger.groups import evening, rules
from brobygger.groups.models import Attendance, Meeting, Seat
from brobygger.privacy.models import AuditEntry

from . import rows
from .sitting import ABSENT, HERE, SAID_NO, hold, lines, marks

pytestmark = pytest.mark.django_db


def test_an_evening_is_told_of(first: Meeting, three: list[UUID], alma: Any) -> None:
    told = dict(zip(three, rules.MARKS, strict=True))
    hold(first, alma, told, elements=["leg", "tryghed"], sentence="Vi byggede en hule.")
    first.refresh_from_db()
    assert marks(first) == told and first.state == "held" and first.elements == ["leg", "tryghed"]
    assert "groups.evening_held" in lines(first)
    seen = evening.look_at_meeting(meeting=first, by=alma)
    assert seen.said == rules.Said(told, frozenset({"leg", "tryghed"}), "Vi byggede en hule.")
    assert [(each.name, each.mark) for each in seen.guests] == [("Asta", HERE), ("Bertil", SAID_NO), ("Carla", ABSENT)]


def test_the_sentence_lies_sealed(first: Meeting, three: list[UUID], alma: Any) -> None:
    hold(first, alma, {three[0]: HERE}, sentence="Vi byggede en hule.")
    assert "hule" not in bytes(first.sentence.sealed).decode("latin-1") and first.sentence.key


def test_told_twice_it_is_one(first: Meeting, three: list[UUID], alma: Any) -> None:
    once, told = uuid4(), {each: HERE for each in three}
    hold(first, alma, told, sentence="Godt.", once=once)
    before = AuditEntry.objects.count()
    hold(first, alma, told, sentence="Godt.", once=once)
    assert Attendance.objects.filter(meeting=first).count() == 3
    assert AuditEntry.objects.count() == before, "what changed nothing leaves no line"


def test_a_page_whose_answer_was_lost_goes_on_from_what_it_wrote(first: Meeting, three: list[UUID], alma: Any) -> None:
    once = uuid4()
    hold(first, alma, {three[0]: HERE}, sentence="Godt.", once=once)
    hold(first, alma, {three[0]: ABSENT, three[1]: HERE}, sentence="Godt. Tror jeg.", once=once)
    assert marks(first) == {three[0]: ABSENT, three[1]: HERE}
    assert evening.look_at_meeting(meeting=first, by=alma).said.sentence == "Godt. Tror jeg."


def test_what_a_colleague_wrote_unseen_stays_when_a_page_is_sent_again(
    first: Meeting, three: list[UUID], alma: Any, bo: Any, at: Any
) -> None:
    rows.leads(first.group, bo)
    once = uuid4()
    hold(first, bo, {three[1]: ABSENT}, elements=["leg"], sentence="Vi sang.")
    at("2026-11-11T16:31")
    for _time in range(2):
        hold(first, alma, {three[0]: HERE}, elements=["tryghed"], once=once)
        seen = evening.look_at_meeting(meeting=first, by=alma).said
        assert seen == rules.Said({three[0]: HERE, three[1]: ABSENT}, frozenset({"leg", "tryghed"}), "Vi sang.")
    with pytest.raises(evening.SomethingNew) as new:
        hold(first, alma, {three[0]: HERE, three[1]: HERE}, sentence="Vi legede.", once=once)
    assert new.value.met.differ == {three[1]} and new.value.met.two_sentences


def test_a_family_that_said_no_after_is_not_written_over_by_the_same_page(
    first: Meeting, three: list[UUID], alma: Any, at: Any
) -> None:
    once = uuid4()
    hold(first, alma, {three[0]: HERE}, once=once)
    at("2026-11-11T16:40")
    Attendance.objects.create(meeting=first, member_id=three[1], mark=SAID_NO, marked_at=clock.now())
    with pytest.raises(evening.SomethingNew):
        hold(first, alma, {three[0]: HERE, three[1]: HERE}, once=once)
    assert marks(first)[three[1]] == SAID_NO


def test_a_correction_leaves_a_line_and_the_mark_is_one(first: Meeting, three: list[UUID], alma: Any, at: Any) -> None:
    hold(first, alma, {three[0]: HERE, three[1]: ABSENT})
    at("2026-11-14T09:00")
    seen = evening.look_at_meeting(meeting=first, by=alma).said
    hold(first, alma, {three[0]: HERE, three[1]: SAID_NO}, seen=seen)
    assert marks(first) == {three[0]: HERE, three[1]: SAID_NO}
    assert lines(first).count("groups.evening_corrected") == 1
    assert lines(f"member:{three[1]}").count("groups.mark_corrected") == 1
    assert "groups.mark_corrected" not in lines(f"member:{three[0]}")


def test_what_a_colleague_wrote_meanwhile_is_not_written_over(
    first: Meeting, three: list[UUID], alma: Any, bo: Any
) -> None:
    rows.leads(first.group, bo)
    seen = evening.look_at_meeting(meeting=first, by=bo).said
    hold(first, alma, {three[0]: ABSENT, three[1]: HERE}, elements=["leg"], sentence="Vi legede.")
    with pytest.raises(evening.SomethingNew) as new:
        hold(first, bo, {three[0]: HERE, three[2]: HERE}, elements=["tryghed"], sentence="Vi sang.", seen=seen)
    assert new.value.met.differ == {three[0]} and new.value.met.two_sentences
    assert marks(first) == {three[0]: ABSENT, three[1]: HERE}, "nothing of it is written before somebody chose"
    there = new.value.there
    hold(
        first, bo, {three[0]: HERE, three[2]: HERE}, elements=["leg", "tryghed"], sentence="Legede og sang.", seen=there
    )
    assert marks(first) == {three[0]: HERE, three[1]: HERE, three[2]: HERE}


def test_what_only_one_of_two_wrote_is_put_together(first: Meeting, three: list[UUID], alma: Any, bo: Any) -> None:
    rows.leads(first.group, bo)
    hold(first, alma, {three[0]: HERE}, elements=["leg"], sentence="Vi legede.")
    hold(first, bo, {three[1]: ABSENT}, elements=["tryghed"])
    first.refresh_from_db()
    assert marks(first) == {three[0]: HERE, three[1]: ABSENT} and first.elements == ["leg", "tryghed"]
    assert evening.look_at_meeting(meeting=first, by=alma).said.sentence == "Vi legede."


def test_a_mark_is_taken_back_where_nobody_was_expected(first: Meeting, three: list[UUID], alma: Any) -> None:
    Seat.objects.filter(member=three[0]).update(state="paused")
    hold(first, alma, {three[0]: HERE, three[1]: HERE})
    seen = evening.look_at_meeting(meeting=first, by=alma).said
    hold(first, alma, {three[0]: rules.NO_MARK, three[1]: ""}, seen=seen)
    assert marks(first) == {three[1]: HERE}


def test_not_before_the_day_and_not_when_called_off(first: Meeting, three: list[UUID], alma: Any, at: Any) -> None:
    at("2026-11-10T23:30")
    for try_ in (lambda: hold(first, alma, {three[0]: HERE}), lambda: evening.look_at_meeting(meeting=first, by=alma)):
        with pytest.raises(evening.NotYet):
            try_()
    at("2026-11-11T00:10")
    assert evening.look_at_meeting(meeting=first, by=alma).guests
    Meeting.objects.filter(pk=first.pk).update(state="cancelled")
    first.refresh_from_db()
    for try_ in (lambda: hold(first, alma, {three[0]: HERE}), lambda: evening.look_at_meeting(meeting=first, by=alma)):
        with pytest.raises(evening.CalledOff):
            try_()
    assert marks(first) == {}


def test_only_who_runs_it(first: Meeting, three: list[UUID], alma: Any, bo: Any, clara: Any, finn: Any) -> None:
    for somebody in (bo, clara, finn):
        with pytest.raises(NotAllowed):
            hold(first, somebody, {three[0]: HERE})
        with pytest.raises(NotAllowed):
            evening.look_at_meeting(meeting=first, by=somebody)
    assert marks(first) == {}


def test_who_stands_in_has_that_evening_until_midnight(
    first: Meeting, three: list[UUID], alma: Any, bo: Any, at: Any
) -> None:
    second = rows.meeting(first.group, 2)
    rows.stands_in(first, bo)
    hold(first, bo, {three[0]: HERE})
    assert [each.name for each in evening.look_at_meeting(meeting=first, by=bo).guests] == ["Asta", "Bertil", "Carla"]
    with pytest.raises(NotAllowed):
        evening.look_at_meeting(meeting=second, by=bo)
    at("2026-11-12T00:01")
    with pytest.raises(NotAllowed):
        evening.look_at_meeting(meeting=first, by=bo)
    with pytest.raises(NotAllowed):
        hold(first, bo, {three[0]: ABSENT})


def test_marks_of_strangers_are_nobodys(first: Meeting, three: list[UUID], alma: Any) -> None:
    stranger = rows.child(alma, "Ellen")
    hold(first, alma, {three[0]: HERE, stranger.pk: HERE, uuid4(): HERE})
    assert marks(first) == {three[0]: HERE}


def test_the_number_of_another_evenings_page_is_refused(first: Meeting, three: list[UUID], alma: Any, at: Any) -> None:
    once = uuid4()
    hold(first, alma, {three[0]: HERE}, once=once)
    second = rows.meeting(first.group, 2)
    at("2026-11-25T16:30")
    with pytest.raises(NotAllowed):
        hold(second, alma, {three[0]: HERE}, once=once)
    assert marks(second) == {}


# ---- Who is expected ----


def names(meeting: Meeting, by: Any) -> list[str]:
    """Who is expected, by what they are called."""
    return [each.name for each in evening.look_at_meeting(meeting=meeting, by=by).guests]


def test_who_is_expected(first: Meeting, three: list[UUID], alma: Any, at: Any) -> None:
    second = rows.meeting(first.group, 2)
    asta, bertil, carla = (Seat.objects.get(member=each) for each in three)
    Seat.objects.filter(pk=asta.pk).update(starts_with=second)
    Seat.objects.filter(pk=bertil.pk).update(state="paused", paused_until=date(2026, 12, 24))
    rows.seat(first.group, rows.child(alma, "Ditte"), state="offered", answer_by=date(2026, 11, 20))
    gone = {"state": "left", "chair": None, "ended_on": date(2026, 11, 1), "reason": "moved"}
    rows.seat(first.group, rows.child(alma, "Elmer"), **gone)
    seen = evening.look_at_meeting(meeting=first, by=alma)
    assert [each.name for each in seen.guests] == ["Carla"] and [each.name for each in seen.paused] == ["Bertil"]
    hold(first, alma, {three[2]: HERE})
    Seat.objects.filter(pk=carla.pk).update(state="left", chair=None, ended_on=date(2026, 11, 11), reason="moved")
    assert names(first, alma) == ["Carla"], "who was marked stays on the page"
    at("2026-11-25T16:30")
    seen = evening.look_at_meeting(meeting=second, by=alma)
    assert [(each.name, each.new) for each in seen.guests] == [("Asta", True)]


def test_word_that_came_beforehand_is_shown(first: Meeting, three: list[UUID], alma: Any) -> None:
    Attendance.objects.create(meeting=first, member_id=three[1], mark=SAID_NO)
    seen = evening.look_at_meeting(meeting=first, by=alma)
    assert [each.said_no for each in seen.guests] == [False, True, False]


def test_two_of_the_same_name_are_told_apart(first: Meeting, alma: Any) -> None:
    for birth in ("2015-05", "2013-02"):
        rows.seat(first.group, rows.child(alma, "Emma", birth=birth))
    seen = evening.look_at_meeting(meeting=first, by=alma)
    assert [(each.name, each.age) for each in seen.guests] == [("Emma", 11), ("Emma", 13)]
    assert rules.apart([("Emma", 8), ("emma", 8), ("Bo", 8)]) == [("Emma", None, 1), ("emma", None, 2), ("Bo", None, 0)]


def test_what_an_evening_shows_and_nothing_around_it(first: Meeting, alma: Any, bo: Any) -> None:
    child = rows.child(alma, "Asta")
    rows.seat(first.group, child)
    rows.leads(first.group, bo)
    mother = child.course.members.get(position=0)
    for member, kind, body in (
        (child, "care", {"allergies": "Nødder", "remember": "Kaninen er død.", "brings": "farmor"}),
        (child, "contact", {"channel": "sms", "words": "Skriv, ring ikke."}),
        (mother, "contact", {"channel": "phone", "words": "Mors vej."}),
        (mother, "use", {"uses": [{"substance": "alkohol", "when": "now"}]}),
        (child, "custody", {"holder": "shared"}),
        (None, "living", {"words": "Hos mor."}),
    ):
        record.write_part(course=child.course, member=member, kind=kind, body=body, seen=0, by=alma)
    (guest,) = evening.look_at_meeting(meeting=first, by=bo).guests
    assert set(guest.person.parts) == {"person", "care", "contact"}
    assert guest.care == {"allergies": "Nødder", "remember": "Kaninen er død.", "brings": "farmor"}
    assert not guest.own and "casework.evening_looked" in lines(child.course)
    (guest,) = evening.look_at_meeting(meeting=first, by=alma).guests
    assert guest.own
    with pytest.raises(NotAllowed):
        record.look(course=child.course, by=bo)


def test_a_course_that_has_ended_has_no_evenings(first: Meeting, three: list[UUID], alma: Any) -> None:
    course = Seat.objects.get(member=three[0]).member.course
    services.end_course(course=course, reason="moved", words="", seen=0, by=alma)
    assert names(first, alma) == ["Bertil", "Carla"]
    hold(first, alma, {three[1]: HERE})
