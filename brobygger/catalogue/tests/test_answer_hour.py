"""The hour we promise: over weekends, Danish public holidays, closed weeks and the nights when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brobygger.catalogue import rules
from brobygger.catalogue.rules import CLOCK_HOURS, NEXT_OPENING_DAY, Calendar, NeverOpen, Opening, Promised

TZ = ZoneInfo("Europe/Copenhagen")
WEEK = tuple(Opening(day, time(8), time(15 if day == 4 else 16)) for day in range(5))
PUBLIC = frozenset(holidays.country_holidays("DK", years=range(2023, 2033)))
CLOSED_WEEK = frozenset(date(2026, 12, 24) + timedelta(days=ahead) for ahead in range(9))
BY_TWO = Calendar(WEEK, Promised(NEXT_OPENING_DAY, by=time(14)), PUBLIC | CLOSED_WEEK)
DAY_ROUND = Calendar(WEEK, Promised(CLOCK_HOURS, hours=24), PUBLIC | CLOSED_WEEK)
ON_DUTY = Calendar(WEEK, Promised(CLOCK_HOURS, hours=24, pauses_when_closed=False), PUBLIC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TZ)


@pytest.mark.parametrize(
    ("calendar", "written", "answered"),
    [
        # A plain night, and a plain working day.
        (BY_TWO, "2026-11-24 02:10", "2026-11-24 14:00"),
        (BY_TWO, "2026-11-24 08:00", "2026-11-25 14:00"),
        (BY_TWO, "2026-11-24 22:40", "2026-11-25 14:00"),
        (DAY_ROUND, "2026-11-24 10:05", "2026-11-25 10:05"),
        (DAY_ROUND, "2026-11-24 22:40", "2026-11-25 16:00"),
        (DAY_ROUND, "2026-11-24 02:10", "2026-11-24 16:00"),
        # The weekend: Friday afternoon, Saturday night, Sunday night.
        (BY_TWO, "2026-11-20 15:30", "2026-11-23 14:00"),
        (BY_TWO, "2026-11-22 23:59", "2026-11-23 14:00"),
        (DAY_ROUND, "2026-11-20 14:05", "2026-11-23 14:05"),
        (DAY_ROUND, "2026-11-21 02:10", "2026-11-23 16:00"),
        (DAY_ROUND, "2026-11-22 22:40", "2026-11-23 16:00"),
        # Easter 2027: Maundy Thursday 25 March to Easter Monday 29 March, with the spring change on the 28th.
        (BY_TWO, "2027-03-24 20:00", "2027-03-30 14:00"),
        (DAY_ROUND, "2027-03-24 12:00", "2027-03-30 12:00"),
        # Christmas 2026: public holidays and the house's own closed days, 24 December to 1 January; a Saturday follows.
        (BY_TWO, "2026-12-23 20:00", "2027-01-04 14:00"),
        (DAY_ROUND, "2026-12-23 12:00", "2027-01-04 12:00"),
        # The Great Prayer Day was a holiday in 2023 and is none in 2024.
        (BY_TWO, "2023-05-04 20:00", "2023-05-08 14:00"),
        (BY_TWO, "2024-04-25 20:00", "2024-04-26 14:00"),
        # Somebody on duty every day: exactly 24 real hours, over the spring night (23 h) and the autumn night (25 h).
        (ON_DUTY, "2026-11-20 22:40", "2026-11-21 22:40"),
        (ON_DUTY, "2026-03-28 12:00", "2026-03-29 13:00"),
        (ON_DUTY, "2026-10-24 12:00", "2026-10-25 11:00"),
        # A time on the wall stays on the wall.
        (BY_TWO, "2026-03-28 12:00", "2026-03-30 14:00"),
        (BY_TWO, "2026-10-24 12:00", "2026-10-26 14:00"),
    ],
)
def test_the_promised_hour(calendar, written, answered):
    assert rules.answer_by(at(written), calendar) == at(answered)


def test_a_house_open_on_sundays_counts_the_hours_of_the_night_the_clocks_change():
    calendar = Calendar(tuple(Opening(day, time(0), rules.MIDNIGHT) for day in range(7)), Promised(CLOCK_HOURS))

    assert rules.answer_by(at("2026-03-28 12:00"), calendar) == at("2026-03-29 13:00")
    assert rules.answer_by(at("2026-10-24 12:00"), calendar) == at("2026-10-25 11:00")


def test_a_short_friday_answers_before_it_closes():
    short = Calendar((*WEEK[:4], Opening(4, time(9), time(12))), Promised(NEXT_OPENING_DAY, by=time(14)))

    assert rules.answer_by(at("2026-11-19 17:00"), short) == at("2026-11-20 12:00")


def test_new_opening_hours_count_from_their_own_day():
    moved = Calendar(
        (
            Opening(0, time(8), time(16), None, date(2026, 12, 1)),
            Opening(2, time(8), time(16), date(2026, 12, 1), None),
        ),
        Promised(NEXT_OPENING_DAY, by=time(14)),
    )

    assert rules.answer_by(at("2026-11-29 12:00"), moved) == at("2026-11-30 14:00")
    assert rules.answer_by(at("2026-11-30 12:00"), moved) == at("2026-12-02 14:00")


@pytest.mark.parametrize("kind", [CLOCK_HOURS, NEXT_OPENING_DAY])
def test_a_house_that_never_opens_promises_nothing(kind):
    with pytest.raises(NeverOpen):
        rules.answer_by(at("2026-11-24 12:00"), Calendar((), Promised(kind)))


# ---- Whatever the house, whatever the hour ----

moments = st.datetimes(datetime(2024, 1, 1), datetime(2031, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC))
#: Around Christmas and the two nights when the clocks change, where clocks go wrong.
awkward = st.sampled_from(
    [datetime(year, month, day, tzinfo=UTC) for year in (2026, 2027) for month, day in ((3, 27), (10, 24), (12, 22))]
).flatmap(lambda start: st.integers(0, 12 * 24 * 60).map(lambda minutes: start + timedelta(minutes=minutes)))
quarter = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def calendars(draw, kinds=(CLOCK_HOURS, NEXT_OPENING_DAY), pausing=None):
    openings = []
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        opens, closes = sorted(draw(st.lists(quarter, min_size=2, max_size=2, unique=True)))
        openings.append(Opening(day, opens, closes))
    promise = Promised(
        draw(st.sampled_from(kinds)),
        hours=draw(st.integers(1, 200)),
        by=draw(quarter),
        pauses_when_closed=draw(st.booleans()) if pausing is None else pausing,
    )
    return Calendar(tuple(openings), promise, PUBLIC | CLOSED_WEEK)


@given(calendars(), moments | awkward, st.timedeltas(timedelta(), timedelta(days=20)))
def test_the_hour_is_always_ahead_and_a_later_letter_never_gets_an_earlier_one(calendar, now, later):
    first, second = rules.answer_by(now, calendar), rules.answer_by(now + later, calendar)

    assert now < first <= second
    assert first.tzinfo is UTC


@given(calendars(kinds=(NEXT_OPENING_DAY,)) | calendars(kinds=(CLOCK_HOURS,), pausing=True), moments | awkward)
def test_the_hour_is_always_while_somebody_is_here(calendar, now):
    due = rules.answer_by(now, calendar)

    assert any(opens < due <= closes for opens, closes in calendar.stretches(calendar.day_of(due)))


@given(st.sets(st.integers(0, 6), min_size=1), st.integers(24, 200), moments | awkward)
def test_pausing_hours_run_on_open_days_alone_and_never_longer_than_promised(weekdays, hours, now):
    calendar = Calendar(
        tuple(Opening(day, time(8), time(16)) for day in weekdays), Promised(CLOCK_HOURS, hours), PUBLIC | CLOSED_WEEK
    )
    due = rules.answer_by(now, calendar)
    day, run = calendar.day_of(now), timedelta()
    while day <= calendar.day_of(due):
        if calendar.hours(day):
            starts, ends = max(now, calendar.at(day, time(0))), min(due, calendar.at(day, rules.MIDNIGHT))
            run += max(ends - starts, timedelta())
        day += timedelta(days=1)

    # The promise is brought back by less than a night (17 hours when the clocks go back), never forward.
    assert timedelta(hours=hours - 17) <= run <= timedelta(hours=hours)


@given(calendars(pausing=False, kinds=(CLOCK_HOURS,)), moments | awkward)
def test_hours_that_do_not_pause_are_real_hours(calendar, now):
    assert rules.answer_by(now, calendar) - now == timedelta(hours=calendar.promise.hours)


# ---- Open or not ----


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24 10:00", rules.Open(True, until=at("2026-11-24 16:00"))),
        ("2026-11-24 16:00", rules.Open(False, opens_at=at("2026-11-25 08:00"))),
        ("2026-11-24 02:10", rules.Open(False, opens_at=at("2026-11-24 08:00"))),
        ("2026-12-25 10:00", rules.Open(False, opens_at=at("2027-01-04 08:00"))),
    ],
)
def test_open_or_not_and_until_when(moment, expected):
    assert rules.open_now(at(moment), BY_TWO) == expected


def test_hours_past_midnight_and_hours_without_end():
    night = (Opening(4, time(16), rules.MIDNIGHT), Opening(5, time(0), time(8)))
    always = tuple(Opening(day, time(0), rules.MIDNIGHT) for day in range(7))

    assert rules.open_now(at("2026-11-20 22:00"), Calendar(night)).until == at("2026-11-21 08:00")
    assert rules.open_now(at("2026-11-20 22:00"), Calendar(always)) == rules.Open(True)
    assert rules.open_now(at("2026-11-20 22:00"), Calendar(())) == rules.Open(False)
