"""When somebody can meet: inside working hours, clear of everything else, and never too soon."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brobygger.appointments import rules
from brobygger.appointments.rules import ROAD, TZ, Free, Hours

MONDAY = date(2026, 11, 23)
NOON_TO_FOUR = Hours(0, time(12), time(16), "glostrup")


def moment(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=TZ)


def clocks(found: list[Free]) -> list[str]:
    return [f"{each.starts_at.astimezone(TZ):%d/%m %H:%M}" for each in found]


def free(*hours: Hours, now: str = "2026-11-22T12:00", where: str = "phone", days: int = 2, **more) -> list[Free]:
    told = {"busy": [], "closed": [], **more}
    return rules.free_times(hours=hours, now=moment(now), where=where, days=days, **told)


def test_meetings_start_on_the_half_hour_and_end_before_the_day_does() -> None:
    assert clocks(free(NOON_TO_FOUR)) == [f"23/11 {hour}:{half}" for hour in range(12, 16) for half in ("00", "30")]
    assert clocks(free(NOON_TO_FOUR, where="house"))[-1] == "23/11 15:00"
    assert clocks(free(NOON_TO_FOUR, where="video"))[-1] == "23/11 15:00"


def test_a_visit_at_home_has_its_road_inside_working_hours() -> None:
    assert clocks(free(NOON_TO_FOUR, where="home")) == ["23/11 12:30", "23/11 13:00", "23/11 13:30", "23/11 14:00"]


def test_what_stands_is_left_alone_and_touching_ends_are_no_clash() -> None:
    stands = (moment("2026-11-23T13:00"), moment("2026-11-23T14:00"))

    found = clocks(free(NOON_TO_FOUR, where="house", busy=[stands]))

    assert found == ["23/11 12:00", "23/11 14:00", "23/11 14:30", "23/11 15:00"]
    assert clocks(free(NOON_TO_FOUR, where="home", busy=[stands])) == []
    assert clocks(free(Hours(0, time(12), time(17), "glostrup"), where="home", busy=[stands])) == [
        "23/11 14:30",
        "23/11 15:00",
    ]


def test_a_closed_day_has_no_times() -> None:
    week = [Hours(day, time(12), time(13), "glostrup") for day in range(7)]

    assert {when[:5] for when in clocks(free(*week, days=3))} == {"23/11", "24/11", "25/11"}
    assert {when[:5] for when in clocks(free(*week, days=3, closed=[MONDAY]))} == {"24/11", "25/11"}


def test_nobody_is_offered_a_time_sooner_than_the_notice() -> None:
    assert clocks(free(NOON_TO_FOUR, now="2026-11-23T11:00"))[0] == "23/11 14:00"
    assert clocks(free(NOON_TO_FOUR, now="2026-11-23T11:01"))[0] == "23/11 14:30"
    assert clocks(free(NOON_TO_FOUR, now="2026-11-23T13:00")) == []


def test_two_stretches_a_day_leave_the_break_alone() -> None:
    day = (Hours(0, time(8), time(9), "glostrup"), Hours(0, time(10), time(11), "hvidovre"))

    found = free(*day)

    assert clocks(found) == ["23/11 08:00", "23/11 08:30", "23/11 10:00", "23/11 10:30"]
    assert [each.place for each in found] == ["glostrup", "glostrup", "hvidovre", "hvidovre"]


@pytest.mark.parametrize(
    ("sunday", "nine_in_utc", "the_day_before"), [("2026-10-25", 8, 7), ("2027-03-28", 7, 8)], ids=["25 h", "23 h"]
)
def test_nine_oclock_is_nine_oclock_on_the_day_the_clock_is_turned(sunday, nine_in_utc, the_day_before) -> None:
    turned = date.fromisoformat(sunday)
    before = turned - timedelta(days=1)
    week = [Hours(day, time(9), time(11), "glostrup") for day in range(7)]

    found = free(*week, now=f"{before}T00:30", days=1)

    hours = ("09:00", "09:30", "10:00", "10:30")
    assert clocks(found) == [f"{day:%d/%m} {hour}" for day in (before, turned) for hour in hours]
    assert [each.starts_at.astimezone(UTC).hour for each in found[::4]] == [the_day_before, nine_in_utc]
    assert all(each.ends_at - each.starts_at == timedelta(minutes=30) for each in found)


def test_a_night_shift_over_the_turned_hour_offers_no_time_twice() -> None:
    night = Hours(6, time(1), time(4), "glostrup")

    longer, shorter = free(night, now="2026-10-24T12:00"), free(night, now="2027-03-27T12:00")

    assert (len(longer), len(shorter)) == (8, 4)
    assert len({each.starts_at.astimezone(UTC) for each in longer}) == 8


halves = st.integers(12, 44).map(lambda half: time(half // 2, 30 * (half % 2)))
stretches = st.tuples(st.integers(0, 6), halves, halves).filter(lambda each: each[1] < each[2])
moments = st.datetimes(datetime(2026, 10, 19), datetime(2026, 10, 30)).map(lambda local: local.replace(tzinfo=TZ))
taken = st.tuples(moments, st.integers(5, 600)).map(lambda each: (each[0], each[0] + timedelta(minutes=each[1])))


@given(
    week=st.lists(stretches, min_size=1, max_size=6),
    busy=st.lists(taken, max_size=8),
    closed=st.sets(st.dates(date(2026, 10, 19), date(2026, 10, 30)), max_size=3),
    now=moments,
    where=st.sampled_from(sorted(rules.LENGTH)),
    when=st.sampled_from(["any", *rules.PARTS_OF_DAY]),
)
def test_whatever_the_week_a_free_time_is_free(week, busy, closed, now, where, when) -> None:
    hours = [Hours(day, opens, closes, "glostrup") for day, opens, closes in week]

    found = rules.free_times(hours=hours, busy=busy, closed=closed, now=now, where=where, when=when, days=8)

    assert [each.starts_at for each in found] == sorted(each.starts_at for each in found)
    for each in found:
        leaves, back = (end.astimezone(TZ) for end in rules.span(where, each.starts_at, each.ends_at))
        assert not any(rules.clashes((leaves, back), other) for other in busy)
        assert each.starts_at >= now + rules.NOTICE
        assert leaves.date() not in closed
        assert rules.suits(each.starts_at, when)
        assert any(
            leaves.weekday() == one.weekday and one.opens <= leaves.time() and back.time() <= one.closes
            for one in hours
        )


@pytest.mark.parametrize(
    ("clock", "parts"),
    [
        ("07:59", set()),
        ("08:00", {"morning"}),
        ("11:59", {"morning"}),
        ("12:00", {"afternoon"}),
        ("15:59", {"afternoon"}),
        ("16:00", {"evening"}),
        ("20:59", {"evening"}),
        ("21:00", set()),
    ],
)
@pytest.mark.parametrize("day", ["2026-07-01", "2026-11-23"])
def test_a_part_of_the_day_is_by_the_clock_on_the_wall(day: str, clock: str, parts: set[str]) -> None:
    starts_at = moment(f"{day}T{clock}").astimezone(UTC)

    assert {part for part in rules.PARTS_OF_DAY if rules.suits(starts_at, part)} == parts
    assert rules.suits(starts_at, "any") and rules.suits(starts_at, "whenever")


def test_three_times_are_spread_over_three_days() -> None:
    week = [Hours(day, time(9), time(12), "glostrup") for day in range(5)]

    assert clocks(rules.spread(free(*week, days=7))) == ["23/11 09:00", "24/11 09:00", "25/11 09:00"]


def test_on_one_day_they_are_spread_by_an_hour() -> None:
    one_day = free(NOON_TO_FOUR)

    assert clocks(rules.spread(one_day)) == ["23/11 12:00", "23/11 13:00", "23/11 14:00"]
    assert rules.spread(one_day[:1]) == one_day[:1]
    assert rules.spread([]) == []


@given(st.lists(moments, max_size=20), st.integers(1, 4))
def test_however_the_times_lie_a_spread_is_few_and_in_order(starts: list[datetime], count: int) -> None:
    times = [Free(each, each + timedelta(minutes=30), "glostrup") for each in sorted(starts)]
    days = {each.starts_at.astimezone(TZ).date() for each in times}

    chosen = rules.spread(times, count)

    assert len(chosen) <= count and set(chosen) <= set(times)
    assert chosen == sorted(chosen, key=lambda each: each.starts_at)
    assert len({each.starts_at.astimezone(TZ).date() for each in chosen}) == min(count, len(days))


@given(taken, taken)
def test_a_clash_is_a_clash_from_either_side(one, other) -> None:
    assert rules.clashes(one, other) == rules.clashes(other, one)
    assert rules.clashes(one, one)
    assert not rules.clashes(one, (one[1], one[1] + ROAD))


def test_the_lowest_free_room_is_chosen() -> None:
    assert rules.first_free_room(4, []) == 1
    assert rules.first_free_room(4, [1, 3]) == 2
    assert rules.first_free_room(2, [1, 2]) is None
    assert rules.first_free_room(0, []) is None
