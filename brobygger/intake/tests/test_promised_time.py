"""How far a promise is gone, and who may do what: rules over plain values."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brobygger.intake import rules
from brobygger.intake.rules import Alarm

ARRIVED = datetime(2026, 11, 23, 8, tzinfo=UTC)
DUE = ARRIVED + timedelta(hours=100)


@pytest.mark.parametrize(
    ("hours", "alarm"),
    [
        (-1, Alarm.CALM),
        (0, Alarm.CALM),
        (49.9, Alarm.CALM),
        (50, Alarm.HALF),
        (79.9, Alarm.HALF),
        (80, Alarm.SOON),
        (99.9, Alarm.SOON),
        (100, Alarm.LATE),
        (500, Alarm.LATE),
    ],
)
def test_the_alarm_rises_at_half_at_four_fifths_and_at_the_end(hours: float, alarm: Alarm) -> None:
    assert rules.alarm(ARRIVED, DUE, ARRIVED + timedelta(hours=hours)) is alarm


def test_a_promise_without_length_is_spent() -> None:
    assert rules.spent(ARRIVED, ARRIVED, ARRIVED) == 100
    assert rules.alarm(ARRIVED, ARRIVED - timedelta(hours=1), ARRIVED) is Alarm.LATE


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@given(moments, moments, moments, moments)
def test_spent_lies_between_none_and_all_and_only_grows(arrived, due, now, later) -> None:
    now, later = sorted((now, later))

    assert 0 <= rules.spent(arrived, due, now) <= rules.spent(arrived, due, later) <= 100
    if now >= due:
        assert rules.spent(arrived, due, now) == 100


THERAPIST = {"opens": True, "takes": True, "answers": True, "hands_over": True}
LEADER = {"opens": False, "takes": False, "answers": False, "hands_over": True}
ADMINISTRATOR = {"opens": False, "takes": False, "answers": False, "hands_over": False}


@pytest.mark.parametrize(
    ("who", "taken", "mine", "glass", "may"),
    [
        (THERAPIST, False, False, False, "open take"),
        (THERAPIST, True, True, False, "open answer hand_over"),
        (THERAPIST, True, False, False, ""),
        (LEADER, False, False, False, "hand_over"),
        (LEADER, True, False, False, "hand_over"),
        (LEADER, True, False, True, "open hand_over"),
        (ADMINISTRATOR, False, False, False, ""),
        (ADMINISTRATOR, True, False, False, ""),
    ],
)
def test_what_one_may_do_with_a_letter(who, taken, mine, glass, may) -> None:
    sight = rules.sight(taken=taken, mine=mine, glass=glass, **who)

    assert {name for name in ("open", "take", "answer", "hand_over") if getattr(sight, name)} == set(may.split())


def test_nothing_opens_a_colleagues_thread_but_glass() -> None:
    for opens, takes, answers, hands_over in product((True, False), repeat=4):
        told = {"opens": opens, "takes": takes, "answers": answers, "hands_over": hands_over}
        assert not rules.sight(taken=True, mine=False, glass=False, **told).open
        assert rules.sight(taken=True, mine=False, glass=True, **told).open
        assert not rules.sight(taken=True, mine=False, glass=True, **told).answer
