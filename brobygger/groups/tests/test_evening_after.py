"""What becomes of an evening: who ought to be rung, what is destroyed, what is printed, who runs what tonight."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import models

from brobygger.access.guards import NotAllowed
from brobygger.backups import rows as copied
from brobygger.casework import record
from brobygger.ground import clock
from brobygger.groups import evening, queries
from brobygger.groups.models import Attendance, Lead, Meeting, Seat, Sentence
from brobygger.privacy import keyring
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
            assert queries.to_ring(alma) == []
            assert lines(seat.member).count("groups.rang") == meeting.number // 2, "it is about a person"


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
    key = first.sentence.key
    assert evening.sweep(first.starts_at + timedelta(days=730)) == 0
    assert evening.sweep(first.starts_at + timedelta(days=732)) == 1
    assert not Sentence.objects.exists() and marks(first) == {three[0]: HERE}
    assert not DataKey.objects.filter(pk=key).exists() and key in privacy.buried([key])
    assert "groups.sentence_destroyed" in lines(first)
    assert evening.sweep(first.starts_at + timedelta(days=732)) == 0


def test_a_sentence_that_is_taken_back_lies_under_no_key(
    first: Meeting, three: list[UUID], alma: Any, django_capture_on_commit_callbacks: Any
) -> None:
    hold(first, alma, {three[0]: HERE}, sentence="Asta sagde …")
    key = first.sentence.key
    with django_capture_on_commit_callbacks(execute=True):
        seen = evening.look_at_meeting(meeting=first, by=alma).said
        hold(first, alma, {three[0]: HERE}, seen=seen)
    assert not Sentence.objects.exists() and not DataKey.objects.filter(pk=key).exists()
    hold(first, alma, {three[0]: HERE}, sentence="Vi legede.")
    assert evening.look_at_meeting(meeting=first, by=alma).said.sentence == "Vi legede."


def raw(row: models.Model) -> dict[str, Any]:
    """A row as a copy has it."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_an_older_copy_brings_the_evening_back_without_the_sentence(
    first: Meeting, three: list[UUID], alma: Any, at: Any
) -> None:
    hold(first, alma, {three[0]: HERE}, sentence="Vi byggede en hule.")
    Lead.objects.create(meeting=first, user=alma)
    held = [(model, model.objects.get(**of)) for model, of in ((Meeting, {"pk": first.pk}), (Sentence, {}))]
    held += [(model, model.objects.get(meeting=first)) for model in (Attendance, Lead)]
    in_copy = [(model, raw(row)) for model, row in held]
    evening.sweep(first.starts_at + timedelta(days=732))
    dead = copied.Dead(privacy.buried())
    assert {model for model, row in in_copy if dead.takes(model, row)} == {Sentence}


def test_an_evening_is_told_again_when_the_key_of_its_sentence_is_gone(
    first: Meeting, three: list[UUID], alma: Any
) -> None:
    hold(first, alma, {three[0]: HERE}, sentence="Vi byggede en hule.")
    # As when the night was stopped between the two databases.
    keyring.shred(first.sentence.key)
    seen = evening.look_at_meeting(meeting=first, by=alma).said
    assert seen.sentence == "" and marks(first) == {three[0]: HERE}
    hold(first, alma, {three[0]: HERE}, sentence="Vi legede.", seen=seen)
    assert evening.look_at_meeting(meeting=first, by=alma).said.sentence == "Vi legede."
    keyring.shred(Sentence.objects.get(meeting=first).key)
    assert evening.sweep(first.starts_at + timedelta(days=732)) == 1, "what opens no more goes with the night"
    assert not Sentence.objects.exists()


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
