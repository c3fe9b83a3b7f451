"""The rule and the dates say the same: read back by two readers that are not ours, across clocks and years."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
import recurring_ical_events
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from brobygger.series import rules as series

THURSDAY = date(2026, 3, 5)
FAR = date(2027, 3, 5)


def plan(first: date = THURSDAY, weeks: int = 2, **more: object) -> series.Plan:
    """Make a plan that begins on a day and meets every so many weeks."""
    return series.Plan(series.every(weeks, first), first, **more)  # type: ignore[arg-type]


def on(made: list[series.Planned]) -> list[date]:
    """List the days some meetings are held."""
    return [each.on for each in made]


def week(year: int, number: int) -> frozenset[date]:
    """Name the days of one ISO week."""
    return frozenset(date.fromisocalendar(year, number, day) for day in range(1, 8))


# ---- Dates ----


def test_every_fortnight_for_a_year_is_twenty_seven_meetings():
    made = series.dated(plan(), closed=(), until=FAR)

    assert len(made) == 27
    assert {later - earlier for earlier, later in pairwise(on(made))} == {timedelta(days=14)}
    assert [each.number for each in made] == list(range(1, 28))


def test_every_week_and_every_first_saturday_are_rules_too():
    weekly = series.dated(plan(weeks=1), closed=(), until=date(2026, 3, 31))
    cafe = series.Plan("FREQ=MONTHLY;BYDAY=1SA", date(2026, 3, 7))

    assert on(weekly) == [date(2026, 3, 5), date(2026, 3, 12), date(2026, 3, 19), date(2026, 3, 26)]
    assert on(series.dated(cafe, closed=(), until=date(2026, 5, 31))) == [
        date(2026, 3, 7), date(2026, 4, 4), date(2026, 5, 2)
    ]  # fmt: skip


def test_a_closed_day_is_left_out_and_the_rhythm_stays():
    made = series.dated(plan(), closed={date(2026, 3, 19)}, until=date(2026, 4, 30))

    assert on(made) == [date(2026, 3, 5), date(2026, 4, 2), date(2026, 4, 16), date(2026, 4, 30)]
    assert [each.number for each in made] == [1, 2, 3, 4]


def test_a_closed_day_is_held_a_week_later_where_the_group_says_so():
    made = series.dated(plan(week_later=True), closed={date(2026, 3, 19)}, until=date(2026, 4, 16))

    assert on(made) == [date(2026, 3, 5), date(2026, 3, 26), date(2026, 4, 2), date(2026, 4, 16)]
    assert made[1].planned_on == date(2026, 3, 19)


def test_two_closed_weeks_in_a_row_leave_a_fortnightly_meeting_out():
    shut = week(2026, 12) | week(2026, 13)

    made = series.dated(plan(week_later=True), closed=shut, until=date(2026, 4, 16))

    assert on(made) == [date(2026, 3, 5), date(2026, 4, 2), date(2026, 4, 16)]


def test_a_group_every_fourth_week_finds_the_week_after_two_closed_ones():
    shut = week(2026, 14) | week(2026, 15)

    made = series.dated(plan(weeks=4, week_later=True), closed=shut, until=date(2026, 5, 1))

    assert on(made) == [date(2026, 3, 5), date(2026, 4, 16), date(2026, 4, 30)]


def test_a_weekly_meeting_held_later_would_meet_the_next_one_and_is_left_out():
    made = series.dated(plan(weeks=1, week_later=True), closed={date(2026, 3, 12)}, until=date(2026, 3, 26))

    assert on(made) == [date(2026, 3, 5), date(2026, 3, 19), date(2026, 3, 26)]


@pytest.mark.parametrize("later", [True, False])
def test_a_group_of_six_meets_six_times_whatever_is_closed(later):
    shut = week(2026, 12) | week(2026, 13) | week(2026, 16)

    made = series.dated(plan(week_later=later, wanted=6), closed=shut, until=FAR)

    assert len(made) == 6
    assert not set(on(made)) & shut


def test_nothing_is_held_after_the_last_day():
    last = date(2026, 4, 2)

    assert on(series.dated(plan(last=last), closed=(), until=FAR))[-1] == last
    shut = {last}
    assert on(series.dated(plan(last=last, week_later=True), closed=shut, until=FAR))[-1] == date(2026, 3, 19)


def test_dates_made_further_ahead_are_the_same_and_more():
    shut = week(2026, 42) | week(2026, 43)

    near = series.dated(plan(week_later=True), closed=shut, until=date(2026, 9, 1))
    far = series.dated(plan(week_later=True), closed=shut, until=FAR)

    assert far[: len(near)] == near
    assert len(far) > len(near)


@pytest.mark.parametrize(
    "rule",
    ["", "FREQ=DAILY", "FREQ=WEEKLY;COUNT=6;BYDAY=TH", "FREQ=WEEKLY;BYDAY=TH;UNTIL=20270101", "FREQ=WEEKLY;BYDAY=XX",
     "FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=0;BYDAY=TH", "FREQ=WEEKLY;INTERVAL=;BYDAY=TH", "nonsense",
     "FREQ=WEEKLY;BYDAY=TH;BYHOUR=3", "FREQ=WEEKLY;BYDAY=TH\nRDATE:20260106", "FREQ=WEEKLY;BYDAY=TH\r\nEXDATE:20260115",
     "RRULE:FREQ=WEEKLY;BYDAY=TH", "freq=weekly;byday=th", "FREQ=WEEKLY; BYDAY=TH"],
)  # fmt: skip
def test_what_is_no_rule_or_does_not_meet_on_its_first_day_is_refused(rule):
    with pytest.raises(series.BadRule):
        series.check(rule, THURSDAY)


def test_a_rule_on_the_wrong_day_is_still_a_rule():
    assert series.is_rule("FREQ=WEEKLY;BYDAY=TU", THURSDAY)
    assert not series.is_rule("FREQ=WEEKLY;BYDAY=XX", THURSDAY)
    assert not series.is_rule("FREQ=WEEKLY;BYDAY=TU\nRDATE:20260106", THURSDAY)
    series.check("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", THURSDAY)


@pytest.mark.parametrize("rule", ["BYDAY=5TU", "BYDAY=5MO", "BYDAY=MO;BYMONTHDAY=1", "BYMONTHDAY=31", "BYDAY=-1FR"])
def test_a_rule_that_meets_seldom_is_a_rule_from_its_own_first_day(rule):
    rule = f"FREQ=MONTHLY;{rule}"
    first = next(series.days(rule, date(2026, 11, 1)))

    assert series.is_rule(rule, first) and series.is_rule(rule, date(2026, 11, 1))
    series.check(rule, first)


def test_a_rule_that_never_meets_is_none():
    assert not series.is_rule("FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1", THURSDAY)


# ---- Even and odd weeks ----


def test_a_year_of_53_weeks_turns_even_weeks_into_odd_ones_and_that_is_said():
    made = series.dated(plan(), closed=(), until=FAR)
    spoken = series.parity(each.planned_on for each in made)

    assert date(2026, 12, 31).isocalendar().week == 53
    assert spoken == series.Parity("even", turns_on=date(2027, 1, 7))
    assert date(2026, 12, 24) in on(made)
    assert date(2027, 1, 7).isocalendar().week == 1


def test_what_is_before_the_turn_lies_in_one_kind_of_weeks():
    dates = on(series.dated(plan(), closed=(), until=FAR))
    before = series.before_the_turn(dates)

    assert before == [each for each in dates if each < date(2027, 1, 7)] and before
    assert {each.isocalendar().week % 2 for each in before} == {0}
    within = [date(2027, 3, 4), date(2027, 3, 25)]
    assert series.before_the_turn(within) == within, "moved within a year: both kinds of weeks"


def test_a_turn_is_said_also_when_christmas_hides_it():
    shut = week(2026, 52) | week(2026, 53) | week(2027, 1)

    made = series.dated(plan(), closed=shut, until=FAR)

    assert series.parity(on(made)) == series.Parity("even", turns_on=date(2027, 1, 21))


def test_a_year_of_52_weeks_turns_nothing():
    made = series.dated(plan(date(2027, 3, 4)), closed=(), until=date(2028, 3, 3))

    assert series.parity(on(made)) == series.Parity("odd")


@pytest.mark.parametrize(
    ("weeks", "said"), [(1, "every"), (3, ""), (4, "even")], ids=["weekly", "every third", "every fourth"]
)
def test_other_rhythms_are_said_as_they_are(weeks, said):
    made = series.dated(plan(weeks=weeks), closed=(), until=date(2026, 12, 1))

    assert series.parity(on(made)).weeks == said


def test_a_group_on_two_weekdays_has_no_kind_of_weeks():
    both = series.Plan("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", date(2026, 3, 3))

    assert series.parity(on(series.dated(both, closed=(), until=FAR))).weeks == ""
    assert series.parity([]).weeks == ""


# ---- What a calendar reads ----


def held(made: list[series.Planned], begins: time, ends: time) -> list[series.Held]:
    """Date meetings as they are kept."""
    return [
        series.Held(
            f"{each.number}", each.planned_on, series.moment(each.on, begins), series.moment(each.on, ends), "glostrup"
        )
        for each in made
    ]


def calendar(of: series.Plan, rows: list[series.Held], begins: time, ends: time) -> Calendar:
    """Write the file, and read it as text: what is compared has been on the wire."""
    file = Calendar()
    file.add("prodid", "-//test//DA")
    file.add("version", "2.0")
    stamp = {"summary": "Gruppe", "dtstamp": datetime(2026, 3, 1, tzinfo=series.TZ)}
    for event in series.events(of, begins, ends, rows, uid="{}@huset", sequence=1, words=stamp):
        file.add_component(event)
    file.add_missing_timezones()
    return Calendar.from_ical(file.to_ical())


def by_dateutil(file: Calendar) -> list[datetime]:
    """Read a file with dateutil: the rule, less what is left out, with what is held elsewhere."""
    found: list[datetime] = []
    for event in file.walk("VEVENT"):
        first = event.decoded("dtstart")
        if "rrule" not in event:
            found += [first]
            continue
        rules = rruleset()
        rules.rrule(rrulestr(event["rrule"].to_ical().decode(), dtstart=first))
        listed = event.get("exdate", [])
        for left_out in listed if isinstance(listed, list) else [listed]:
            for one in left_out.dts:
                rules.exdate(one.dt)
        for other in file.walk("VEVENT"):
            if other["uid"] == event["uid"] and "recurrence-id" in other:
                rules.exdate(other.decoded("recurrence-id"))
        found += list(rules)
    return sorted(found)


def by_a_stranger(file: Calendar) -> list[datetime]:
    """Read a file with a library made for that."""
    read = recurring_ical_events.of(file).between(date(2025, 1, 1), date(2031, 1, 1))
    return sorted(event.start for event in read)


def starts(rows: list[series.Held]) -> list[datetime]:
    """List when the meetings that stand begin."""
    return sorted(each.starts_at for each in rows if not each.cancelled)


def test_four_oclock_stays_four_oclock_through_two_changes_of_the_clock():
    of, hours = plan(), (time(16), time(18))
    rows = held(series.dated(of, closed=(), until=FAR), *hours)
    file = calendar(of, rows, *hours)

    assert {each.astimezone(series.TZ).hour for each in starts(rows)} == {16}
    assert len({each.hour for each in starts(rows)}) == 2  # by Greenwich there are two
    assert by_dateutil(file) == by_a_stranger(file) == starts(rows)
    assert len(file.walk("VEVENT")) == 1


def test_what_is_moved_called_off_and_left_out_reads_back_as_it_is_kept():
    of, hours = plan(week_later=True), (time(15), time(17))
    shut = week(2026, 14) | week(2026, 28) | week(2026, 29)
    rows = held(series.dated(of, closed=shut, until=FAR), *hours)
    rows[3] = moved(rows[3], timedelta(days=1, hours=2))
    rows[5] = series.Held(**{**vars(rows[5]), "cancelled": True})
    rows[6] = series.Held(**{**vars(rows[6]), "where": "hilleroed"})
    file = calendar(of, rows, *hours)

    assert by_dateutil(file) == by_a_stranger(file) == starts(rows)
    elsewhere = [each for each in file.walk("VEVENT") if each.get("location") == "hilleroed"]
    assert [each.decoded("dtstart") for each in elsewhere] == [rows[6].starts_at]


def test_meetings_from_before_a_new_rule_and_single_dates_stand_beside_the_series():
    hours = (time(15), time(17))
    before = held(series.dated(plan(), closed=(), until=date(2026, 5, 1)), *hours)
    since = plan(date(2026, 5, 12), 1)
    after = held(series.dated(since, closed=(), until=date(2026, 7, 1)), time(10), time(12))
    file = calendar(since, before + after, time(10), time(12))

    assert by_dateutil(file) == by_a_stranger(file) == starts(before + after)
    cafe = calendar(series.Plan("", date(2026, 3, 7)), before, *hours)
    assert by_dateutil(cafe) == by_a_stranger(cafe) == starts(before)


def test_a_group_without_a_meeting_writes_nothing():
    assert series.events(plan(), time(15), time(17), [], uid="{}", sequence=0, words={}) == []


def moved(row: series.Held, by: timedelta) -> series.Held:
    """Hold a meeting at another moment."""
    return series.Held(**{**vars(row), "starts_at": row.starts_at + by, "ends_at": row.ends_at + by})


RHYTHMS = st.sampled_from(
    ["FREQ=WEEKLY;INTERVAL=2;BYDAY={day};WKST=MO", "FREQ=WEEKLY;BYDAY={day};WKST=MO",
     "FREQ=WEEKLY;INTERVAL=3;BYDAY={day}", "FREQ=WEEKLY;INTERVAL=2;BYDAY={day},SA;WKST=MO",
     "FREQ=MONTHLY;BYDAY={nth}{day}"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    first=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    rhythm=RHYTHMS,
    week_later=st.booleans(),
    wanted=st.none() | st.integers(1, 12),
    shut=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 16)), max_size=6),
    hour=st.integers(7, 19),
    moves=st.dictionaries(st.integers(0, 30), st.integers(-60, 60), max_size=5),
    off=st.sets(st.integers(0, 30), max_size=5),
)
def test_whatever_is_closed_moved_or_called_off_the_rule_and_the_dates_say_the_same(
    first, rhythm, week_later, wanted, shut, hour, moves, off
):
    nth = (first.day - 1) // 7 + 1
    rule = rhythm.format(day=series.DAYS[first.weekday()], nth=nth if nth < 5 else -1)
    series.check(rule, first)
    of = series.Plan(rule, first, week_later, wanted)
    closed = {first + timedelta(days=start + ahead) for start, length in shut for ahead in range(length)}
    hours = (time(hour), time(hour + 2))

    made = series.dated(of, closed=closed, until=first + timedelta(days=300))
    rows = held(made, *hours)
    rows = [moved(row, timedelta(hours=moves[at])) if at in moves else row for at, row in enumerate(rows)]
    rows = [series.Held(**{**vars(row), "cancelled": at in off}) for at, row in enumerate(rows)]
    file = calendar(of, rows, *hours)

    # A meeting is never on a closed day, never out of turn, and numbered without a gap.
    assert not set(on(made)) & closed
    assert all(earlier < later for earlier, later in pairwise(on(made)))
    assert [each.number for each in made] == list(range(1, len(made) + 1))
    assert by_dateutil(file) == by_a_stranger(file) == starts(rows)
