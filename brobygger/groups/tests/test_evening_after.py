"""What becomes of an evening: who ought to be rung, what is destroyed, what is printed, who runs what tonight."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.casework import record
from brobygger.ground import clock
from brobygger.groups import evening, queries
from brobygger.groups.models import Attendance, Meeting, Seat
from brobygger.privacy import queries as privacy
from brobygger.privacy.models import DataKey

from . import rows
from .sitting import ABSENT, HERE, SAID_NO, hold, lines, marks

pytestmark = pytest.mark.django_db


# ---- Missed twice ----


def test_missed_twice_in_a_row(first: Meeting, three: list[UUID], alma: Any, bo: Any, at: Any) -> None:
    meetings = [first, *(rows.meeting(first.group, number) for number in (2, 3, 4))]
    for meeting, mark in zip(meetings, (ABSENT, ABSENT, SAID_NO, ABSENT), strict=True):
        at(f"{clock.local(meeting.starts_at):%Y-%m-%d}T18:00")
        hold(meeting, alma, {three[0]: mark, three[1]: HERE})
        missing = [each.name for each in evening.look_at_meeting(meeting=meeting, by=alma).missing]
        assert missing == (["Asta"] if meeting.number == 2 else []), meeting.number
        assert len(queries.to_ring(alma)) == (meeting.number == 2)
        assert queries.to_ring(bo) == []


def test_somebody_rang_and_it_is_put_away_until_it_happens_again(
    first: Meeting, three: list[UUID], alma: Any, bo: Any, finn: Any, at: Any
) -> None:
    meetings = [first, *(rows.meeting(first.group, number) for number in (2, 3, 4))]
    seat = Seat.objects.get(member=three[0])
    for meeting, missed in zip(meetings, (0, 2, 0, 2), strict=True):
        at(f"{clock.local(meeting.starts_at):%Y-%m-%d}T18:00")
        hold(meeting, alma, {three[0]: ABSENT})
        assert [each.times for each in queries.to_ring(alma)] == ([missed] if missed else [])
        if missed:
            for somebody in (bo, finn):
                with pytest.raises(NotAllowed):
                    evening.rang(seat=seat, by=somebody)
            evening.rang(seat=seat, by=alma)
            assert queries.to_ring(alma) == [] and lines(seat).count("groups.rang") == meeting.number // 2


def test_who_stands_in_is_asked_to_ring_nobody(first: Meeting, three: list[UUID], alma: Any, bo: Any, at: Any) -> None:
    second = rows.meeting(first.group, 2)
    hold(first, alma, {three[0]: ABSENT})
    at("2026-11-25T18:00")
    hold(second, alma, {three[0]: ABSENT})
    rows.stands_in(second, bo)
    assert evening.look_at_meeting(meeting=second, by=bo).missing == []
    with pytest.raises(NotAllowed):
        evening.rang(seat=Seat.objects.get(member=three[0]), by=bo)


# ---- What ends, and what is printed ----


def test_the_sentence_is_destroyed_after_two_years(first: Meeting, three: list[UUID], alma: Any) -> None:
    hold(first, alma, {three[0]: HERE}, sentence="Vi byggede en hule.")
    first.refresh_from_db()
    key, sealed = first.key, bytes(first.sealed)
    assert evening.sweep(first.starts_at + timedelta(days=730)) == 0
    assert evening.sweep(first.starts_at + timedelta(days=732)) == 1
    first.refresh_from_db()
    assert first.key is None and first.sealed is None and marks(first) == {three[0]: HERE}
    assert not DataKey.objects.filter(pk=key).exists() and key in privacy.buried([key]) and sealed
    assert "groups.sentence_destroyed" in lines(first)
    assert evening.sweep(first.starts_at + timedelta(days=732)) == 0


def test_a_sentence_that_is_taken_back_lies_under_no_key(
    first: Meeting, three: list[UUID], alma: Any, django_capture_on_commit_callbacks: Any
) -> None:
    hold(first, alma, {three[0]: HERE}, sentence="Asta sagde …")
    first.refresh_from_db()
    key = first.key
    with django_capture_on_commit_callbacks(execute=True):
        seen = evening.look_at_meeting(meeting=first, by=alma).said
        hold(first, alma, {three[0]: HERE}, seen=seen)
    first.refresh_from_db()
    assert first.key is None and not DataKey.objects.filter(pk=key).exists()
    hold(first, alma, {three[0]: HERE}, sentence="Vi legede.")
    assert evening.look_at_meeting(meeting=first, by=alma).said.sentence == "Vi legede."


def test_the_folder_has_names_at_the_door_and_none_at_the_food(
    first: Meeting, three: list[UUID], alma: Any, bo: Any, finn: Any, at: Any
) -> None:
    for member, what in ((three[0], "Nødder"), (three[1], "Nødder"), (three[2], "Æg")):
        child = Seat.objects.get(member=member).member
        record.write_part(course=child.course, member=child, kind="care", body={"allergies": what}, seen=0, by=alma)
    Attendance.objects.create(meeting=first, member_id=three[2], mark=SAID_NO)
    at("2026-11-10T12:00")
    for somebody in (alma, finn):
        folder = evening.look_at_folder(meeting=first, by=somebody)
        assert [each.name for each in folder.names] == ["Asta", "Bertil"]
        assert (folder.coming, folder.cannot) == (2, [("Nødder", 2)])
    with pytest.raises(NotAllowed):
        evening.look_at_folder(meeting=first, by=bo)


def test_tonight_lists_what_one_runs_today(first: Meeting, three: list[UUID], alma: Any, bo: Any, at: Any) -> None:
    assert [(each.meeting.pk, each.expected, each.stands_in) for each in queries.tonight(alma)] == [
        (first.pk, 3, False)
    ]
    assert queries.tonight(bo) == []
    rows.stands_in(first, bo)
    assert [each.stands_in for each in queries.tonight(bo)] == [True]
    at("2026-11-12T00:01")
    assert queries.tonight(bo) == [] and queries.tonight(alma) == []
