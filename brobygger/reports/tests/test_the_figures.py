"""The figures against small houses counted by hand: what stands on the right was counted with a pencil."""

from datetime import date
from typing import Any

import pytest

from brobygger.catalogue.models import AgeBand, House
from brobygger.groups.tests import rows
from brobygger.intake.models import Tally
from brobygger.reports import queries, releasing, rules
from brobygger.reports.templatetags import estimates, waits
from brobygger.reports.tests import houses
from brobygger.statistics import attack, published

YEAR = rules.year(2026)


@pytest.fixture
def counted(furnished: Any, alma: Any, clara: Any, at: Any) -> Any:
    """Give the tables of 2026 as they are before anything is hidden, by key."""
    at(houses.JANUARY)

    def count() -> dict[str, rules.Table]:
        return {table.key: table for table in queries.every_table(queries.gather(clara, YEAR))}

    return count


def test_courses_are_counted_by_when_they_began_and_how_they_ended(counted: Any, alma: Any) -> None:
    houses.family(alma, opened=date(2025, 11, 3), ended=date(2026, 3, 1))  # ends in the year
    houses.family(alma, opened=date(2026, 2, 1), ended=date(2026, 9, 1), reason="no_contact", birth="2020-01")
    houses.family(alma, opened=date(2026, 5, 1), ended=date(2026, 6, 1), reason="moved", birth="2020-01")
    houses.family(alma, opened=date(2026, 6, 1))  # runs on
    houses.family(alma, opened=date(2025, 1, 1), ended=date(2025, 12, 31))  # the year before
    houses.family(alma, opened=date(2026, 8, 1), ended=date(2027, 1, 5))  # ran when the year was over
    made = counted()

    one = made["S1.courses"].counts
    assert [one["courses", name] for name in ("started", "active", "completed", "stopped", "else")] == [4, 2, 1, 1, 1]
    # Born May 2016: nine when it began in November 2025. Born January 2020: six.
    by_age = made["S7.age"].counts
    assert by_age["3-10", "completed"] == 1
    assert by_age["3-10", "stopped"] == 1
    assert by_age["3-10", "total"] == by_age["total", "total"] == 3
    assert by_age["11-16", "total"] == 0
    why = made["S7.reason"].counts
    assert {key: why[key, "n"] for key in ("completed", "no_contact", "moved", "unknown", "total")} == {
        "completed": 1,
        "no_contact": 1,
        "moved": 1,
        "unknown": 0,
        "total": 3,
    }


def test_where_children_live_what_is_hard_and_who_uses_what(counted: Any, alma: Any) -> None:
    one = {"substance": "alkohol", "when": "now"}
    houses.family(alma, opened=date(2026, 2, 1), living={"with": "mother"}, use={"uses": [one]})
    houses.family(alma, opened=date(2026, 2, 1), living={"with": "mother"}, birth="2010-01")
    houses.family(alma, opened=date(2026, 2, 1), problems={"keys": ["vold", "oekonomi"]}, birth="")
    made = counted()

    living = made["S2.living"].counts
    assert (living["3-10", "mother"], living["11-16", "mother"], living["unknown", "unknown"]) == (1, 1, 1)
    assert (living["total", "mother"], living["total", "unknown"], living["total", "total"]) == (2, 1, 3)
    use = made["S3.use"]
    assert use.counts["mother", "alkohol.now"] == 1
    assert use.counts["mother", "alkohol.past"] == 0
    assert (use.unseen[use.of], use.unseen[use.missing]) == (1, 2)
    hard = made["S4.problems"]
    assert (hard.unseen[hard.of], hard.unseen[hard.missing]) == (1, 2)
    told = [key for key in hard.rows if hard.counts[key, "total"]]
    assert all(hard.counts[key, "unknown"] == 1 for key in told)


def test_groups_are_counted_by_seats_meetings_and_hours(counted: Any, alma: Any) -> None:
    group = rows.group(starts_on=date(2026, 9, 2))
    first, second, third = (
        rows.meeting(group, number, on=date(2026, 9, day), state="held", held_at=houses.moment(date(2026, 9, day), 18))
        for number, day in ((1, 2), (2, 16), (3, 30))
    )
    rows.meeting(group, 4, on=date(2026, 10, 14), state="cancelled")
    a, b, c = (houses.family(alma, opened=date(2026, 8, 1), ended=date(2026, 12, 1)) for _each in range(3))
    taken = {"offered_on": date(2026, 8, 20), "taken_on": date(2026, 8, 25)}
    rows.seat(group, a, **taken)
    left = {"state": "left", "chair": None, "ended_on": date(2026, 12, 1)}
    rows.seat(group, b, **taken, **left, reason="completed")
    rows.seat(group, c, **taken, **left, reason="own_wish")
    houses.came(a, first, second, third)
    houses.came(b, first, second)
    made = counted()

    said = made["S1.groups"].counts
    columns = ("offered", "started", "active", "completed", "left", "participants", "meetings", "hours")
    # Three meetings of two hours; five times somebody came; the third child never did.
    assert [said["child", column] for column in columns] == [3, 3, 1, 1, 1, 2, 3, 6]
    needs, visits = made["S1.groups"].worked["child", "visits"]
    assert visits() == {"n": 5}
    assert needs == (("child", "participants"),), "how often two came is theirs: gone when they are"
    dose = made["S8.dose"].counts
    assert (dose["0", "child"], dose["2-4", "child"], dose["total", "child"], dose["total", "total"]) == (1, 1, 2, 2)
    met = made["S7.meetings"].counts
    assert (met["0", "completed"], met["2-4", "completed"], met["total", "total"]) == (1, 2, 3)


def test_waiting_is_told_by_how_it_ended_and_nobody_who_waits_is_left_out(counted: Any, alma: Any, clara: Any) -> None:
    children = [houses.family(alma, opened=date(2026, 1, 5)) for _each in range(13)]
    since = date(2026, 3, 2)
    for child, days in zip(children, (10, 20, 20, 30, 30, 30, 40, 40, 50, 60), strict=False):
        houses.waited(child, since, days)
    houses.waited(children[10], since, 15, "withdrawn")
    houses.waited(children[11], since, None)
    houses.waited(children[12], date(2025, 12, 1), 90)  # began the year before
    made = counted()

    seat = made["S6.seat"]
    assert [seat.counts[row, "n"] for row in ("seated", "withdrawn", "still", "total")] == [10, 1, 1, 12]
    # Ten waits in order: 10 20 20 30 30 | 30 40 40 50 60. Past the ninth of ten lies one family: not told.
    assert seat.worked["seated", "median"][1]() == {"value": 30, "of": 10}
    assert seat.worked["seated", "p90"][1]() == {"few": True, "of": 10}
    # One withdrew: too few to draw a curve that would show when.
    assert waits.waiting_curve(queries.gather(clara, YEAR)) is None


def test_the_curve_rises_only_by_five_at_a_time(counted: Any, alma: Any, clara: Any) -> None:
    children = [houses.family(alma, opened=date(2026, 1, 5)) for _each in range(20)]
    for number, child in enumerate(children):
        houses.waited(child, date(2026, 3, 2), 10 if number < 3 else 25 if number < 8 else 40 if number < 14 else None)
    curve = waits.waiting_curve(queries.gather(clara, YEAR))

    assert curve is not None
    told = {point["day"]: point["share"] for point in curve["points"]}
    # Day 14: three have a seat, too few to tell. Day 28: eight of twenty. Day 42: fourteen of twenty.
    assert (told[0], told[14], told[28], told[42]) == (0, 0, 40, 70)
    assert curve["half"] == 42
    assert [point["left"] for point in curve["points"][:3]] == [20, 15, 10]  # 20, 17 and 12, to the five below


def test_the_curve_does_not_rise_where_the_last_few_would_be_told_of(counted: Any, alma: Any, clara: Any) -> None:
    children = [houses.family(alma, opened=date(2026, 1, 5)) for _each in range(20)]
    for number, child in enumerate(children):
        houses.waited(child, date(2026, 3, 2), 10 if number < 6 else 25 if number < 12 else 40 if number < 14 else None)
    curve = waits.waiting_curve(queries.gather(clara, YEAR))

    assert curve is not None
    # By day 28 twelve of fourteen: the two that are left would be alone with the days after it.
    assert {point["day"]: point["share"] for point in curve["points"]}[42] == 70
    assert {point["day"]: point["share"] for point in curve["points"]}[28] == 30


def test_change_is_counted_in_pairs_and_who_left_is_beside(counted: Any, alma: Any) -> None:
    began, ended = date(2026, 2, 2), date(2026, 9, 1)
    scores = [(40, 64), (40, 52), (48, 52), (60, 60), (30, 20), (24, 52), (36, 48), (52, 40), (20, 32), (44, 56)]
    for start, end in scores:
        child = houses.family(alma, opened=began, ended=ended)
        houses.asked(child, began, "start", start)
        houses.asked(child, ended, "end", end)
    alone = houses.family(alma, opened=began, ended=ended, reason="family_stopped")
    houses.asked(alone, began, "start", 28)
    houses.asked(alone, ended, "end")
    made = counted()

    means = made["S9.wellbeing"]
    assert [means.counts["total", column] for column in ("before", "both", "lost")] == [11, 10, 1]
    # Starts sum to 394, ends to 476: 39.4 and 47.6, so 8.2 up; shown in whole points.
    assert means.means["total", "start"] == pytest.approx(39.4)
    assert means.means["total", "end"] == pytest.approx(47.6)
    assert means.worked["total", "change"][1]()["mean"] == 8
    # Changes: 24 12 4 0 -10 28 12 -12 12 12.
    moved = made["S9.change"].counts
    shown = ("up", "same", "down", "total", "far_up", "far_down")
    assert [moved["total", column] for column in shown] == [6, 2, 2, 10, 2, 0]
    share = made["S9.change"].worked["total", "up_share"][1]()
    assert (share["share"], share["of"]) == (60, 10)
    columns = ("at_start", "above_start", "at_end", "crossed_up", "crossed_down")
    # At or under 50 at the start: 40 40 48 30 24 36 20 44. Over it at the end: 64 52 52 52 56. And 52 fell to 40.
    assert [made["S9.low50"].counts["total", column] for column in columns] == [8, 2, 4, 5, 1]
    # At or under 35: 30 24 20 at the start; 20 and 32 at the end.
    assert [made["S9.low35"].counts["total", column] for column in columns] == [3, 7, 2, 1, 0]
    lines = made["S9.lines"].counts
    assert [lines[key, "both"] for key in ("from0", "from36", "from51", "total")] == [3, 5, 2, 10]
    asked = made["S11.measured"].counts
    columns = ("asked", "at_start", "at_end", "both", "neither")
    assert [asked["who5.child.self", column] for column in columns] == [11, 11, 10, 10, 0]
    fates = made["S11.fate"].counts
    assert [fates["total", fate] for fate in ("pairs", "no_end", "in_course", "no_start", "total")] == [10, 1, 0, 0, 11]
    beside = made["S9.estimates"]
    # The ten rose by 8; if the eleventh did not move, everybody by 80/11 = 7.3; had it fallen by 5, by 75/11 = 6.8.
    assert beside.worked["complete", "change"][1]()["mean"] == 8
    assert beside.worked["delta0", "change"][1]() == {"mean": 7, "of": 11}
    assert beside.worked["delta5", "change"][1]() == {"mean": 7, "of": 11}
    assert (beside.counts["planned", "both"], beside.counts["last", "both"]) == (10, 10)


def test_a_parent_is_never_laid_beside_a_child(counted: Any, alma: Any) -> None:
    child = houses.family(alma, opened=date(2026, 2, 2), ended=date(2026, 9, 1))
    mother = child.course.members.get(position=0)
    for who, start, end in ((child, 40, 60), (mother, 20, 24)):
        houses.asked(who, date(2026, 2, 2), "start", start)
        houses.asked(who, date(2026, 9, 1), "end", end)
    made = counted()

    assert made["S9.wellbeing"].counts["total", "both"] == 1
    assert made["S10.mastery"].rows == ["who5.adult.self"]
    assert made["S10.mastery"].counts["who5.adult.self", "both"] == 1


def test_too_few_have_no_share_no_mean_and_no_median() -> None:
    assert rules.share(5, 9, 10) == {"few": True, "of": 9}
    assert rules.middle([1, 2, 3], 10) == {"few": True, "of": 3}
    assert rules.share(0, 0, 10) == {"none": True}
    # Wilson 1927 for 7 of 12: 32 to 81 per cent (outcomes.md 2.14).
    assert rules.share(7, 12, 10) == {"share": 58, "low": 32, "high": 81, "of": 12}


def test_a_week_belongs_to_the_year_of_its_thursday() -> None:
    # 31 December 2026 is a Thursday: week 53 is 2026's. 1 January 2026 is one too: week 1.
    weeks = YEAR.weeks
    assert (weeks[0], weeks[-1], len(weeks)) == ("2026-W01", "2026-W53", 53)
    assert YEAR.months["2026-01"] == ["2026-W01", "2026-W02", "2026-W03", "2026-W04", "2026-W05"]


def test_who_wrote_is_counted_once_whether_the_thread_has_ended_or_not(counted: Any, alma: Any) -> None:
    told = {"theme": "", "outcome": "helped", "channel": "phone", "age_band": "3-10"}
    Tally.objects.create(week="2026-W10", door="parent", promise="kept", count=7, **told)
    Tally.objects.create(week="2026-W11", door="parent", promise="not", count=2, **told)
    Tally.objects.create(week="2026-W15", door="child", promise="none", count=3, **told)
    Tally.objects.create(week="2025-W52", door="child", promise="kept", count=9, **told)  # the year before
    professional = {**told, "age_band": ""}
    Tally.objects.create(
        week="2026-W20", door="professional", promise="kept", count=4, profession="teacher", **professional
    )
    made = counted()

    doors = made["S1.enquiries"].counts
    wanted = ("parent", "child", "young", "professional", "total")
    assert [doors[door, "enquiries"] for door in wanted] == [9, 3, 0, 4, 16]
    channel = made["S5.channel"].counts
    assert (channel["phone", "3-10"], channel["phone", "unknown"], channel["total", "total"]) == (12, 4, 16)
    assert made["S1.advice"].counts["teacher", "advice"] == 4
    reply = made["S6.reply"].counts
    # Week 10 is in March (its Thursday is the 5th), and so is week 11; week 20 is in May.
    assert (reply["2026-03", "kept"], reply["2026-03", "not_kept"], reply["2026-03", "total"]) == (7, 2, 9)
    assert (reply["2026-05", "kept"], reply["total", "kept"], reply["total", "total"]) == (4, 11, 13)
    channel = made["S6.channel"].counts
    assert (channel["phone", "kept"], channel["phone", "not_kept"], channel["unknown", "total"]) == (11, 2, 0)
    assert made["S15.sheet"].counts["enquiries", "house"] == 16


def test_benefit_elements_and_hours_are_counted(counted: Any, alma: Any) -> None:
    began, ended = date(2026, 2, 2), date(2026, 9, 1)
    for value in (4, 4, 3, 1, "skipped"):
        child = houses.family(alma, opened=began, ended=ended, elements={"keys": ["leg"]})
        row = houses.asked(child, ended, "end", instruments=[["benefit", "1"]], state="done")
        houses.answered(row, ended, None, "benefit", helped=value)
    group = rows.group(starts_on=date(2026, 3, 4))
    for number, used in ((1, ["leg"]), (2, ["leg", "tryghed"]), (3, [])):
        held = houses.moment(date(2026, 3, 4 + number), 18)
        one = rows.meeting(group, number, on=date(2026, 3, 4 + number), state="held", held_at=held, elements=used)
        rows.stands_in(one, alma)
    made = counted()

    benefit = made["S12.benefit"]
    assert {step: benefit.counts[step, "child.self"] for step in benefit.rows} == {
        "4": 2, "3": 1, "2": 0, "1": 1, "0": 0, "total": 4,
    }  # fmt: skip
    assert benefit.unseen[benefit.missing] == 1
    used = made["S13.elements"].counts
    assert (used["leg", "meetings"], used["tryghed", "meetings"], used["leg", "courses"]) == (2, 1, 5)
    # Three meetings of two hours, one leader each; the house's file names no wage.
    cost = made["S14.cost"].counts
    assert (cost["child", "hours"], cost["child", "low"]) == (6, {"unknown": True})


# ---- What a reader can reckon, and what must not be told ----


def test_who_ran_less_who_runs_on_does_not_tell_of_two_who_stopped(counted: Any, alma: Any, clara: Any) -> None:
    for number in range(15):
        ended = date(2026, 9, 1) if number < 9 else None
        reason = "completed" if number < 7 else "family_stopped"
        houses.family(alma, opened=date(2026, 2, 1), ended=ended, reason=reason)
    found = releasing.figures([counted()["S1.courses"]])
    # Fifteen ran, six run on, seven completed, none ended otherwise: shown together, two are left.
    shown = found.counts | {"ended|how=stopped": None, "ended": None}
    settings = queries.gather(clara, YEAR).settings
    near = attack.attack(published.Release("x", "y", shown, found.sums, rules=releasing.told(settings)))

    assert "ended|how=stopped" in {each.number.key for each in near}, "so hiding knows that it must hide one more"


def test_who_began_low_is_one_number_in_the_picture_and_under_the_line(counted: Any, alma: Any) -> None:
    began, ended = date(2026, 2, 2), date(2026, 9, 1)
    for start in (20, 30, 44, 60, 72):
        child = houses.family(alma, opened=began, ended=ended)
        houses.asked(child, began, "start", start)
        houses.asked(child, ended, "end", 60)
    made = counted()
    found = releasing.figures([made["S9.lines"], made["S9.low50"], made["S9.low35"]])

    parts = {each.total: each.parts for each in found.sums if "began=from0" in "".join(each.parts)}
    assert parts[made["S9.low35"].name(("total", "at_start"))] == ("who5-both|began=from0",)
    assert parts[made["S9.low50"].name(("total", "at_start"))] == ("who5-both|began=from0", "who5-both|began=from36")


def test_two_grown_ups_who_answer_about_one_child_are_no_pair(counted: Any, alma: Any, clara: Any) -> None:
    child = houses.family(alma, opened=date(2026, 2, 2), ended=date(2026, 9, 1), siblings=["2011-01"])
    mother, other = (child.course.members.get(position=place) for place in (0, 2))
    told = {"instrument": "smallchild", "instruments": [["smallchild", "1"]]}
    houses.asked(child, date(2026, 2, 2), "start", 40, by=mother, **told)
    houses.asked(child, date(2026, 9, 1), "end", 60, by=other, **told)
    table = counted()["S10.mastery"]

    assert [table.counts["smallchild.child.adult", column] for column in ("before", "both", "lost")] == [1, 0, 1]


def test_what_a_sibling_and_a_mother_say_of_themselves_stands_apart(counted: Any, alma: Any) -> None:
    child = houses.family(alma, opened=date(2026, 2, 2), ended=date(2026, 9, 1), siblings=["2011-01"])
    mother, sibling = (child.course.members.get(position=place) for place in (0, 2))
    for who in (child, sibling, mother):
        houses.asked(who, date(2026, 2, 2), "start", 40)
    made = counted()

    assert made["S11.measured"].counts["who5.child.self", "asked"] == 2
    assert made["S11.measured"].counts["who5.adult.self", "asked"] == 1
    assert made["S11.fate"].counts["total", "no_end"] == 2


def test_a_norm_stands_beside_the_children_of_its_ages_alone(counted: Any, alma: Any, clara: Any) -> None:
    began, ended = date(2026, 2, 2), date(2026, 9, 1)
    assert "S9.norm" not in counted(), "no norm, no comparison"
    told = {"instrument": "who5", "mean": 68.6, "sd": 19.5, "source": "Somebody", "year": 2022}
    House.objects.update(report={**House.objects.get().report, "norms": [{**told, "age_from": 11, "age_to": 15}]})
    for number in range(12):
        child = houses.family(alma, opened=began, ended=ended, birth="2013-05" if number else "2018-05")
        houses.asked(child, began, "start", 40 + 4 * (number % 2))
        houses.asked(child, ended, "end", 60)
    made = counted()
    table = made["S9.norm"]
    row = table.rows[0]

    # Eleven are twelve years old: starts 44 six times and 40 five times, 42.2 on average. It is taken from the 42 that
    # is shown: a second rounding of 42.2 would tell more of it.
    assert table.counts[row, "both"] == 11
    assert table.worked[row, "start"][1]()["mean"] == -27
    assert table.worked[row, "end"][1]()["mean"] == -9
    # outcomes.md 2.9, Barnett 2005: at or under 50 of a norm of 68 (SD 19.5), measured weeks apart: 5.4.
    chance = measures_of(68.0)
    assert chance["low50", "weeks"] == {"effect": 5.4}
    assert (chance["low50", "half_year"], chance["low35", "weeks"]) == ({"effect": 14.3}, {"effect": 7.8})


def measures_of(norm: float) -> dict[tuple[str, str], dict[str, float]]:
    """Give what would rise by itself beside a norm."""
    told = {"instrument": "who5", "mean": norm, "sd": 19.5, "source": "x", "year": 2022, "age_from": 0, "age_to": 99}
    table = estimates._chance([told])
    return {(row.partition(".")[0], column): table.counts[row, column] for row, column in table.counts}


def test_a_house_s_own_age_bands_are_laid_in_those_of_the_report(counted: Any, alma: Any, clara: Any) -> None:
    AgeBand.objects.filter(key="11-16").update(key="6-8", age_from=6, age_to=8)
    AgeBand.objects.filter(key="17-25").update(key="9-plus", age_from=9, age_to=None)
    queries.catalogue._shelf = None
    for band, n in (("6-8", 5), ("9-plus", 6), ("unknown", 7), ("", 8)):
        told = {"theme": "", "outcome": "helped", "channel": "phone", "age_band": band, "promise": "none"}
        Tally.objects.create(week="2026-W10", door="parent", count=n, **told)
    table = counted()["S5.channel"]

    assert [table.counts["phone", column] for column in ("3-10", "other", "unknown", "total")] == [5, 6, 15, 26]
