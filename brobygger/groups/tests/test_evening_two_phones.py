"""Whatever two phones send of an evening: one mark a person, and none is lost without a word."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brobygger.groups import evening, rules
from brobygger.groups.models import Attendance, Meeting

from . import rows
from .sitting import SAID_NO, hold, marks

pytestmark = pytest.mark.django_db

PHONE = st.sampled_from([0, 1])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), PHONE),
        st.tuples(st.just("mark"), PHONE, st.integers(0, 2), st.sampled_from([*rules.MARKS, rules.NO_MARK])),
        st.tuples(st.just("send"), PHONE),
        st.tuples(st.just("resend"), PHONE),
        st.tuples(st.just("family"), st.integers(0, 2)),
    ),
    max_size=14,
)


class Phone:
    """A page on a phone: what it saw, what is tapped on it, and its number."""

    def __init__(self, meeting: Meeting, by: Any) -> None:
        """Open the page."""
        self.meeting, self.by = meeting, by
        self.open()

    def open(self) -> None:
        """Open it anew."""
        self.seen, self.once = rules.Said(marks(self.meeting)), uuid4()
        self.tapped: dict[UUID, str] = dict(self.seen.marks)
        self.wrote: dict[UUID, str] = {}

    def send(self) -> None:
        """Send it; every mark that is changed by that must have been seen here, or written here."""
        before, sent = marks(self.meeting), dict(self.tapped)
        try:
            hold(self.meeting, self.by, sent, seen=self.seen, once=self.once)
        except evening.SomethingNew as new:
            assert marks(self.meeting) == before, "nothing is written before somebody has chosen"
            assert new.met.differ
            self.seen = new.there
            return
        after = marks(self.meeting)
        for who in before.keys() | after.keys():
            if before.get(who) == after.get(who):
                continue
            known = {self.seen.marks.get(who), self.wrote.get(who)}
            assert before.get(who) in known, "a mark somebody else wrote was lost without a word"
            assert after.get(who, rules.NO_MARK) == sent.get(who), "only what was tapped here is written"
        for who, mark in sent.items():
            if mark != self.seen.marks.get(who, rules.NO_MARK):
                assert after.get(who, rules.NO_MARK) == mark, "what was tapped is there"
        self.wrote = after


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_whatever_two_phones_send_no_mark_is_two_and_none_is_lost(
    first: Meeting, three: list[UUID], alma: Any, bo: Any, at: Any, steps: list[Any]
) -> None:
    Attendance.objects.filter(meeting=first).delete()
    Meeting.objects.filter(pk=first.pk).update(state="planned", held_at=None, corrected_at=None, once=None, elements=[])
    rows.stands_in(first, bo) if not first.leads.exists() else None
    phones = [Phone(first, alma), Phone(first, bo)]
    for minute, step in enumerate(steps):
        at(f"2026-11-11T16:{minute + 30}")
        if step[0] == "open":
            phones[step[1]].open()
        elif step[0] == "mark":
            phones[step[1]].tapped[three[step[2]]] = step[3]
        elif step[0] == "family":
            Attendance.objects.get_or_create(meeting=first, member_id=three[step[1]], defaults={"mark": SAID_NO})
        else:
            phones[step[1]].send()
            if step[0] == "resend":
                phones[step[1]].send()
        assert Attendance.objects.filter(meeting=first).count() == len(marks(first))
