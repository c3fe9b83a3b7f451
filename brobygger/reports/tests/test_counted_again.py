"""The made house counted again in plain Python from its facts: every table the same, or somebody is counted wrong."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from random import Random
from statistics import mean, median
from typing import Any

import pytest

from brobygger.reports import queries, releasing, rules
from brobygger.reports.tests import houses, made_house
from brobygger.reports.tests.made_house import COUNTED, FIRST, LAST, Asked, Family

ENDS = {"completed": "completed", "family_stopped": "stopped", "no_contact": "stopped"}
BANDS = ("0-2", "3-10", "11-16", "17-25", "unknown")
DOSES = ("0", "1", "2-4", "5-9", "10-14", "15+")


# ---- The counting, which knows of nothing but the facts ----


def age(birth: str, on: date) -> int | None:
    try:
        year, month = map(int, birth.split("-"))
    except ValueError:
        return None
    return None if not 1 <= month <= 12 or (year, month) > (on.year, on.month) else on.year - year - (on.month < month)


def band(birth: str, on: date) -> str:
    years = age(birth, on)
    ends = {"0-2": (0, 2), "3-10": (3, 10), "11-16": (11, 16), "17-25": (17, 25)}
    return next((key for key, (low, high) in ends.items() if years is not None and low <= years <= high), "unknown")


def stands_with(counted: Counter[str], least: int) -> dict[str, str]:
    """Say with which other ages each age stands: alone where it is so many, else with the rest, so many too."""
    big = sorted((band for band in BANDS if counted[band] >= least), key=lambda band: counted[band])
    while big and 0 < sum(counted[band] for band in BANDS if band not in big) < least:
        big.pop(0)
    rest = "+".join(band for band in BANDS if band not in big)
    told = {band: band if band in big else rest for band in BANDS}
    return told if len({told[band] for band in BANDS if counted[band]}) > 1 else {}


def dose(times: int) -> str:
    ends = (("0", 0), ("1", 1), ("2-4", 4), ("5-9", 9), ("10-14", 14))
    return next((key for key, most in ends if times <= most), "15+")


def inside(day: date | None) -> bool:
    return day is not None and FIRST <= day <= LAST


def times(family: Family, listed: Any, until: date = LAST) -> int:
    met = {kind: days for kind, days in listed}
    return sum(met[seat["kind"]][at][0] <= until for seat in family.seats for at in seat["came"])


def ends_of(family: Family, answers: Iterable[Asked]) -> tuple[int | None, int | None]:
    """The first answer within four weeks of the beginning; the last from four weeks before the end to eight after."""
    told = sorted((each.on, each.score) for each in answers if each.score is not None)
    starts = [one for one in told if abs((one[0] - family.opened).days) <= 28]
    ends = [one for one in told if family.ended and -28 <= (one[0] - family.ended).days <= 56]
    start, end = (starts or [None])[0], (ends or [None])[-1]
    end = None if start == end else end
    return (start and start[1]), (end and end[1])


class House:
    """Everything there is to count, family by family."""

    def __init__(self, made: list[Family], listed: Any) -> None:
        self.made, self.listed = made, listed
        self.ran = [
            each
            for each in made
            if not each.erased and each.opened <= LAST and (each.ended is None or each.ended >= FIRST)
        ]
        self.begun = [each for each in self.ran if inside(each.opened)]
        self.over = [each for each in self.ran if inside(each.ended)]
        self.runs = [each for each in self.ran if not inside(each.ended)]
        #: Each child that was asked: family, birth, start, end.
        self.children = [
            (each, birth, *ends_of(each, answers))
            for each in self.ran
            for birth, answers in ((each.birth, each.child), (each.sibling or "", each.second))
            if answers
        ]
        self.ended = [one for one in self.children if inside(one[0].ended)]
        self.pairs = [(one[2], one[3]) for one in self.ended if one[2] is not None and one[3] is not None]

    def visits(self, family: Family) -> int:
        return times(family, self.listed)

    def forms(self, family: Family) -> str:
        kinds = {seat["kind"] for seat in family.seats if seat["taken"] <= LAST}
        return "none" if not kinds else "several" if len(kinds) > 1 else min(kinds)

    def began(self, family: Family) -> str:
        both = (ends_of(family, answers)[0] for answers in (family.child, family.second))
        start = next((each for each in both if each is not None), None)
        return "unmeasured" if start is None else "from0" if start <= 35 else "from36" if start <= 50 else "from51"

    def waits(self) -> list[tuple[Family, int, str]]:
        rows = []
        for each in self.ran:
            if each.waited and inside(each.waited[0]):
                since, days, how = each.waited
                rows.append((each, (COUNTED - since).days if days is None else days, how or "still"))
        return rows


def how(family: Family) -> str:
    return ENDS.get(family.reason, "else")


def crossed(rows: Iterable[Any], one: Callable[[Any], str], other: Callable[[Any], str]) -> Counter[tuple[str, str]]:
    """Count by two things, with sums at both ends."""
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for at in ((one(row), other(row)), (one(row), "total"), ("total", other(row)), ("total", "total")):
            found[at] += 1
    return found


def same(table: rules.Table, wanted: Counter[tuple[str, str]]) -> None:
    """Hold every count of a table against what was counted again; nothing is left out on either side."""
    told = {at: n for at, n in table.counts.items() if isinstance(n, int)}
    assert {at: n for at, n in told.items() if n} == {at: n for at, n in wanted.items() if n}, table.key


# ---- Table by table ----


def what_was_done_and_who_they_are(counted: dict[str, rules.Table], house: House) -> None:
    ended = Counter(how(each) for each in house.over)
    told = counted["S1.courses"]
    wanted = {"started": len(house.begun), "active": len(house.runs), **ended}
    assert {column: told.counts["courses", column] for column in told.columns} == wanted
    assert told.unseen["ran"] == len(house.ran) > 120
    months: Counter[tuple[str, str]] = Counter()
    for name, days in (("started", (one.opened for one in house.begun)), ("ended", (one.ended for one in house.over))):
        months.update((f"{day:%Y-%m}", name) for day in days)
    months.update((f"{met[0]:%Y-%m}", "meetings") for _kind, days in house.listed for met in days if inside(met[0]))
    months["2026-01", "enquiries"], months["2026-05", "enquiries"], months["2026-12", "enquiries"] = 9, 9, 6
    for column in ("started", "ended", "meetings", "enquiries"):
        months["total", column] = sum(n for (_month, name), n in months.items() if name == column)
    same(counted["S1.months"], months)
    aged = {each: band(one.birth, one.opened) for each, one in enumerate(house.begun)}
    begun = list(enumerate(house.begun))
    same(counted["S2.living"], crossed(begun, lambda one: aged[one[0]], lambda one: one[1].home or "unknown"))
    helps = crossed(begun, lambda one: aged[one[0]], lambda one: "helped" if one[1].helped else "unknown")
    same(counted["S2.help"], helps)
    places = {"0161": "glostrup", "0167": "hvidovre", "0159": "elsewhere", "": "unknown"}
    same(counted["S2.municipality"], crossed(begun, lambda one: places[one[1].municipality], lambda one: aged[one[0]]))


def what_is_hard_and_who_uses_what(counted: dict[str, rules.Table], house: House) -> None:
    used = Counter(("mother", f"{what}.{when}") for each in house.ran for what, when in set(each.uses))
    same(counted["S3.use"], used)
    table = counted["S3.use"]
    assert table.unseen[table.of] == sum(bool(each.uses) for each in house.ran)
    hard: Counter[tuple[str, str]] = Counter()
    for each in house.ran:
        for key in each.problems:
            hard.update([(key, band(each.birth, each.opened)), (key, "total")])
    same(counted["S4.problems"], hard)
    assert "gammelt-ord" in counted["S4.problems"].rows, "a word the house has no more is counted still"
    elements: Counter[tuple[str, str]] = Counter((key, "courses") for each in house.ran for key in each.elements)
    elements.update(
        (key, "meetings") for _kind, days in house.listed for day, used, _led in days if inside(day) for key in used
    )
    same(counted["S13.elements"], elements)


def who_wrote_and_how_long_they_waited(counted: dict[str, rules.Table], house: House) -> None:
    inside_weeks = [row for row in made_house.letters() if row[0].startswith("2026")]
    doors: Counter[tuple[str, str]] = Counter()
    replies: Counter[tuple[str, str]] = Counter()
    for _week, channel, door, _band, promise, _profession, n in inside_weeks:
        for at in (door, "total"):
            doors[at, "enquiries"] += n
        if promise != "none":
            for row in (channel, "total"):
                for column in ("kept" if promise == "kept" else "not_kept", "total"):
                    replies[row, column] += n
    same(counted["S1.enquiries"], doors)
    same(counted["S6.channel"], replies)
    talks = Counter({("in_time", "n"): 6, ("late", "n"): 5, ("none", "n"): 1, ("total", "n"): 12})
    same(counted["S6.talk"], talks)
    waits = house.waits()
    same(counted["S6.seat"], Counter([at for one in waits for at in ((one[2], "n"), ("total", "n"))]))
    seated = [days for _family, days, way in waits if way == "seated"]
    assert abs(counted["S6.seat"].worked["seated", "median"][1]()["value"] - median(seated)) <= 0.5
    sheet = counted["S15.sheet"].counts
    ours = [one for one in waits if one[0].municipality == "0161"]
    assert sheet["started", "ours"] == sum(each.municipality == "0161" for each in house.begun)
    assert [sheet[row, "ours"] for row in ("seated", "waits")] == [
        sum(w == x for _f, _d, w in ours) for x in ("seated", "still")
    ]


def who_left_and_how_much_they_came(counted: dict[str, rules.Table], house: House) -> None:
    same(counted["S7.age"], crossed(house.over, lambda one: band(one.birth, one.opened), how))
    same(counted["S7.form"], crossed(house.over, house.forms, how))
    same(counted["S7.meetings"], crossed(house.over, lambda one: dose(house.visits(one)), how))
    same(counted["S7.start"], crossed(house.over, house.began, how))
    reasons = Counter((each.reason or "unknown", "n") for each in house.over) + Counter(
        {("total", "n"): len(house.over)}
    )
    same(counted["S7.reason"], reasons)
    stayed = {"0-30": 30, "31-91": 91, "92-182": 182, "183-365": 365}
    stops: Counter[tuple[str, str]] = Counter()
    for each in house.begun:
        if each.ended and how(each) == "stopped":
            days = (each.ended - each.opened).days
            stops.update(
                [(next((key for key, most in stayed.items() if days <= most), "366+"), "stopped"), ("total", "stopped")]
            )
    same(counted["S7.stay"], stops)
    seats = [
        (seat, sum(dict(house.listed)[seat["kind"]][at][0] <= LAST for at in seat["came"]))
        for each in house.ran
        for seat in each.seats
        if inside(seat["ended"])
    ]
    same(counted["S8.dose"], crossed(seats, lambda one: dose(one[1]), lambda one: one[0]["kind"]))
    assert sum(times(each, house.listed, FIRST - timedelta(days=1)) for each in house.over) > 0, (
        "some came the year before"
    )


def groups_seats_and_what_they_took(counted: dict[str, rules.Table], house: House) -> None:
    made, listed = house.made, house.listed
    kept = [each for each in made if not each.erased]
    wanted: Counter[tuple[str, str]] = Counter()
    for kind, met in listed:
        seats = [(each, seat) for each in kept for seat in each.seats if seat["kind"] == kind]
        for _each, seat in seats:
            wanted[kind, "offered"] += inside(seat["offered"])
            wanted[kind, "started"] += inside(seat["taken"])
            wanted[kind, "active"] += seat["taken"] <= LAST and (seat["ended"] is None or seat["ended"] > LAST)
            if inside(seat["ended"]):
                wanted[kind, "completed" if seat["reason"] == "completed" else "left"] += 1
            wanted[kind, "participants"] += any(inside(met[at][0]) for at in seat["came"])
        held = [one for one in met if inside(one[0])]
        wanted[kind, "meetings"], wanted[kind, "hours"] = len(held), 2 * len(held)
        visits = sum(inside(met[at][0]) for _each, seat in seats for at in seat["came"])
        assert counted["S1.groups"].worked[kind, "visits"][1]() == {"n": visits}
        led = sum(2 for _one in held)
        assert counted["S14.cost"].counts[kind, "hours"] == led
    same(counted["S1.groups"], wanted)


def whether_it_helped(counted: dict[str, rules.Table], house: House) -> None:
    pairs, means = house.pairs, counted["S9.wellbeing"]
    assert len(pairs) >= 30
    told: Counter[tuple[str, str]] = Counter()
    moves: Counter[tuple[str, str]] = Counter()
    lines: dict[str, Counter[tuple[str, str]]] = {"S9.low50": Counter(), "S9.low35": Counter()}
    paired = Counter(band(one[1], one[0].opened) for one in house.ended if None not in one[2:])
    tens, twenties = stands_with(paired, 10), stands_with(paired, 20)
    assert tens and twenties and tens != twenties
    for family, birth, start, end in house.ended:
        group = band(birth, family.opened)
        for row in {tens.get(group, "total"), "total"}:
            told[row, "before"] += start is not None
            told[row, "both"] += start is not None and end is not None
            told[row, "lost"] += start is not None and end is None
        for row in {twenties.get(group, "total"), "total"}:
            if start is None or end is None:
                continue
            step = end - start
            moves[row, "total"] += 1
            moves[row, "up" if step >= 10 else "down" if step <= -10 else "same"] += 1
            moves[row, "far_up"] += step >= 24
            moves[row, "far_down"] += step <= -24
            for key, line in (("S9.low50", 50), ("S9.low35", 35)):
                lines[key][row, "at_start" if start <= line else "above_start"] += 1
                lines[key][row, "at_end"] += end <= line
                lines[key][row, "crossed_up"] += start <= line < end
                lines[key][row, "crossed_down"] += end <= line < start
    same(means, told)
    same(counted["S9.change"], moves)
    for key, wanted in lines.items():
        same(counted[key], wanted)
    assert means.means["total", "change"] == pytest.approx(mean(end - start for start, end in pairs))
    assert means.means["total", "start"] == pytest.approx(mean(start for start, _end in pairs))
    share = counted["S9.change"].worked["total", "up_share"][1]()
    assert abs(share["share"] - 100 * moves["total", "up"] / len(pairs)) <= 0.5


def the_estimates_leave_nobody_out(counted: dict[str, rules.Table], house: House) -> None:
    beside, pairs = counted["S9.estimates"], house.pairs
    last = []
    for family, _birth, start, _end in house.ended:
        which = family.child if ends_of(family, family.child)[0] == start else family.second
        dated = sorted((each.on, each.score) for each in which if each.score is not None)
        first = next((on for on, score in dated if score == start and abs((on - family.opened).days) <= 28), None)
        if start is not None and first and (dated[-1][0] - first).days >= 42:
            last.append(dated[-1][1] - start)
    lost = sum(start is not None and end is None for _f, _b, start, end in house.ended)
    assert (beside.counts["complete", "both"], beside.counts["last", "both"]) == (len(pairs), len(last))
    planned = [one for one in house.ended if None not in one[2:] and one[0].reason == "completed"]
    assert beside.counts["planned", "both"] == len(planned)
    assert beside.means["planned", "change"] == pytest.approx(mean(one[3] - one[2] for one in planned))
    began = sum(start is not None for _f, _b, start, _end in house.ended)
    assert [beside.worked[row, "change"][1]()["of"] for row in ("growth6", "growth12")] == [began, began]
    whole = beside.worked["complete", "change"][1]()["mean"]
    for row, delta in (("delta0", 0), ("delta5", -5)):
        wanted = (whole * len(pairs) + delta * lost) / (len(pairs) + lost)
        assert abs(beside.worked[row, "change"][1]()["mean"] - wanted) <= 0.5


def nobody_drops_out_in_silence(counted: dict[str, rules.Table], house: House) -> None:
    fates: list[tuple[str, str]] = []
    for family, birth, start, end in house.children:
        over = inside(family.ended)
        fate = "no_start" if start is None else "in_course" if not over else "pairs" if end is not None else "no_end"
        fates.append((band(birth, family.opened), fate))
    stood = stands_with(Counter(band for band, _fate in fates), 20)
    assert len(set(stood.values())) > 2, "some ages stand alone, and some together"
    same(counted["S11.fate"], crossed(fates, lambda one: stood[one[0]], lambda one: one[1]))
    measured = counted["S11.measured"].counts
    row = "who5.child.self"
    start, end = ([one for one in house.ended if one[at] is not None] for at in (2, 3))
    wanted = (len(house.ended), len(start), len(end))
    assert tuple(measured[row, column] for column in ("asked", "at_start", "at_end")) == wanted
    assert measured[row, "neither"] == sum(one[2] is None and one[3] is None for one in house.ended)
    mothers = [ends_of(each, each.mother) for each in house.over if each.mother]
    assert counted["S10.mastery"].counts["who5.adult.self", "both"] == sum(None not in one for one in mothers)
    assert measured["who5.adult.self", "asked"] == len(mothers)
    left = [
        ("skipped" if each.state == "skipped" and not each.why_not else each.why_not or each.state, each.moment)
        for family in house.ran
        for each in (*family.child, *family.second, *family.mother)
        if each.score is None and each.moment in ("start", "end") and inside(each.on)
    ]
    same(counted["S11.why"], crossed(left, lambda one: one[0], lambda one: one[1]))
    said = [each.benefit for each in house.ran if inside(each.ended) and isinstance(each.benefit, int)]
    steps = Counter((str(value), "child.self") for value in said) + Counter({("total", "child.self"): len(said)})
    same(counted["S12.benefit"], steps)


# ---- What holds of every table ----


def parts_add_up_and_one_number_has_one_name(counted: dict[str, rules.Table], _house: House) -> None:
    for table in counted.values():
        for total, parts in table.reckoned:
            known = {table.name(at): n for at, n in table.numbers.items()} | table.unseen
            assert known[total] == sum(known[part] for part in parts), (table.key, total)
    # Raises when a count has two numbers, wherever it is told.
    found = releasing.figures(counted.values())
    assert len(found.counts) > 300
    for each in found.sums:
        assert found.counts[each.total] == sum(found.counts[part] for part in each.parts), each


def every_row_and_column_has_a_name(counted: dict[str, rules.Table], _house: House) -> None:
    nameless = {
        f"{table.key}.{key}"
        for table in counted.values()
        for key in (*table.rows, *table.columns)
        if key != ""
        and not {"da", "en"} <= set(table.labels.get(key) or rules.label(table.key, key) or {})
        and not (key.startswith("2026-") or key == "gammelt-ord")
    }
    assert nameless == set()
    assert set(counted) <= set(rules.definitions())


CHECKS = (
    what_was_done_and_who_they_are,
    what_is_hard_and_who_uses_what,
    who_wrote_and_how_long_they_waited,
    who_left_and_how_much_they_came,
    groups_seats_and_what_they_took,
    whether_it_helped,
    the_estimates_leave_nobody_out,
    nobody_drops_out_in_silence,
    parts_add_up_and_one_number_has_one_name,
    every_row_and_column_has_a_name,
)


def test_every_table_is_the_same_when_it_is_counted_again(furnished: Any, alma: Any, clara: Any, at: Any) -> None:
    at(houses.JANUARY)
    dice = Random(11)
    made = made_house.families(dice)
    listed = made_house.groups(dice, made)
    made_house.build(made, listed, alma)
    made_house.write_letters()
    got = queries.gather(clara, rules.year(2026), partner="glostrup")
    counted = {table.key: table for table in queries.every_table(got)}
    for check in CHECKS:
        check(counted, House(made, listed))
