"""The attacker against tables whose answers are known: by trying every table, by print, and by planted faults."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brobygger.statistics import attack
from brobygger.statistics.attack import CAME, COUNT, EXACT, MEAN, MEAN_CAME, MIXED, Number
from brobygger.statistics.published import Range, Release, Rules, ShownMean, ShownShare, Sum, key, tabulate

SHOWN_ZEROS = Rules(zeros_hidden=False)


def crossed(rows: Mapping[str, list[int]], columns: str) -> dict[str, int]:
    """Give a two-way table's counts with its totals, as they are."""
    cells = [({"r": row, "c": columns[at]}, count) for row, line in rows.items() for at, count in enumerate(line)]
    return dict(tabulate("n", cells, [("r", "c")], {"r": list(rows), "c": list(columns)}).counts)


def sums(rows: Mapping[str, list[int]], columns: str) -> tuple[Sum, ...]:
    return tabulate("n", [], [("r", "c")], {"r": list(rows), "c": list(columns)}).sums


def release(
    rows: Mapping[str, list[int]], columns: str, hidden: set[str], rules: Rules = SHOWN_ZEROS, name: str = "one"
) -> Release:
    """Release a two-way table with some cells hidden, named row and column: "r1A"."""
    gone = {key("n", r=each[:-1], c=each[-1]) for each in hidden}
    counts = {each: None if each in gone else count for each, count in crossed(rows, columns).items()}
    return Release(name, name, counts, sums(rows, columns), rules=rules)


def cell(name: str) -> str:
    return key("n", r=name[:-1], c=name[-1])


def test_a_row_falls_when_zeros_are_never_hidden() -> None:
    # easySdcTable (Langsrud), vignette "The problem of singletons and zeros", data1b: r1 is 1 1 7 1 0, r2 is 1 0 0 2 8.
    # Zeros are always shown, so three hidden numbers that add up to 3 are one each.
    rows = {"r1": [1, 1, 7, 1, 0], "r2": [1, 0, 0, 2, 8]}
    made = release(rows, "ABHMW", {"r1A", "r1B", "r1M", "r2A", "r2M"})
    exact = {
        each.number.key: each.lower for each in attack.attack(made) if each.how == EXACT and "r=" in each.number.key
    }
    assert exact == {cell("r1A"): 1, cell("r1B"): 1, cell("r1M"): 1, cell("r2A"): 1, cell("r2M"): 2}
    # Without its column totals the first row still falls, by the rule alone; where zeros are hidden, not.
    row = {each: count for each, count in made.counts.items() if each.endswith("|r=r1")}
    alone = replace(made, counts=row, sums=tuple(each for each in made.sums if each.total == "n|r=r1"))
    assert (row["n|r=r1"], len(alone.sums)) == (10, 1)
    assert {each.number.key for each in attack.attack(alone)} >= {cell("r1A"), cell("r1B"), cell("r1M")}
    kind = replace(alone, rules=Rules(threshold=2, enough=2))
    assert not {each.number.key for each in attack.attack(kind)} & {cell("r1A"), cell("r1B"), cell("r1M")}


def test_hiding_only_what_is_small_hides_nothing() -> None:
    # Planted: only primary suppression. Every total stands beside it.
    rows = {"a": [12, 3, 20], "b": [9, 14, 2], "c": [11, 8, 10]}
    found = attack.attack(release(rows, "xyz", {"ay", "bz"}))
    assert [(each.number.key, each.lower, each.how) for each in found] == [
        (cell("ay"), 3.0, EXACT),
        (cell("bz"), 2.0, EXACT),
    ]


def test_a_small_number_that_is_printed_is_found() -> None:
    # Planted: a small number that nobody hid.
    found = attack.attack(release({"a": [12, 3], "b": [9, 14]}, "xy", set()))
    assert [(each.number.key, each.lower, each.upper) for each in found] == [(cell("ay"), 3.0, 3.0)]


def test_shares_that_add_up_give_the_last_one_away() -> None:
    # The house's own fault (outcomes, small numbers): 23 + 35 + 35 per cent of 62 leave 4 who went down.
    parts = {"up": 14, "far": 22, "same": 22, "down": 4}
    counts: dict[str, int | None] = {"n": 62, **dict.fromkeys(parts)}
    bare = Release("r", "r", counts, (Sum("n", tuple(parts)),), rules=SHOWN_ZEROS)
    assert attack.attack(bare) == ()
    shares = tuple(ShownShare(part, "n", round(100 * parts[part] / 62)) for part in ("up", "far", "same"))
    assert [share.percent for share in shares] == [23, 35, 35]
    found = {each.number.key: each for each in attack.attack(replace(bare, shares=shares))}
    assert (found["down"].lower, found["down"].upper) == (4, 4)


def every_table(total: int, parts: int) -> list[tuple[int, ...]]:
    return [each for each in product(range(total + 1), repeat=parts) if sum(each) == total]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=2, max_size=2), st.data())
def test_the_attacker_finds_what_trying_every_table_finds(values: list[list[int]], data: st.DataObject) -> None:
    rows = {"a": values[0], "b": values[1]}
    names = [row + column for row in rows for column in "xyz"]
    hidden = data.draw(st.sets(st.sampled_from(names), min_size=1))
    rules = Rules(zeros_hidden=data.draw(st.booleans()))
    hidden = {each for each in hidden if rules.zeros_hidden or rows[each[0]]["xyz".index(each[1])]}
    counts = crossed(rows, "xyz")
    fits = []
    for first, second in product(*(every_table(sum(line), 3) for line in values)):
        table = dict(zip(names, (*first, *second), strict=True))
        columns = all(table["a" + c] + table["b" + c] == counts[key("n", c=c)] for c in "xyz")
        shown = all(table[each] == counts[cell(each)] for each in names if each not in hidden)
        if columns and shown and all(table[each] >= rules.least_hidden for each in hidden):
            fits.append(table)
    bare = {each: count for each, count in release(rows, "xyz", hidden, rules).counts.items()}
    # Other small numbers stand printed on purpose here, so the printed total is taken by its plain value.
    made = Release("r", "r", bare, sums(rows, "xyz"), rules=rules)
    widths = {number.key: between for number, between in attack.widths(made).items()}
    for each in hidden:
        there = widths.get(cell(each), (counts[cell(each)],) * 2)
        assert there == pytest.approx((min(t[each] for t in fits), max(t[each] for t in fits)))


def test_whole_numbers_say_more_than_straight_lines() -> None:
    # 2a + 3b = 7 in whole numbers is one pair only; built from sums, as tables that share cells are.
    tied = (Sum("n", ("a1", "a2", "b1", "b2", "b3")), Sum("a", ("a1",)), Sum("a", ("a2",)))
    tied += tuple(Sum("b", (f"b{at}",)) for at in (1, 2, 3))
    hidden: dict[str, int | None] = dict.fromkeys(["a", "a1", "a2", "b", "b1", "b2", "b3"])
    made = Release("r", "r", {"n": 7, **hidden}, tied, rules=SHOWN_ZEROS)
    assert attack.widths(made)[Number(COUNT, "b", "r")] == pytest.approx((1, 5 / 3))
    assert {each.number.key: each.lower for each in attack.attack(made)}["b"] == 1


def cumulative(name: str, n: int, mean: float, unit: float = 1.0) -> Release:
    shown = ShownMean("pairs", "change", round(mean / unit) * unit, unit)
    return Release(name, name, {"pairs": n}, means=(shown,), rules=SHOWN_ZEROS)


def test_a_second_release_with_one_more_child_is_seen() -> None:
    # Planted: 40 children in whole points, then 41. The change itself stays hidden; that one came does not.
    found = attack.attack(cumulative("one", 40, 8.0), cumulative("two", 41, 8.3))
    assert [(each.number, each.lower) for each in found] == [(Number(CAME, "pairs", "two", "one"), 1)]


def test_one_decimal_gives_the_newcomers_change_away_and_whole_points_do_not() -> None:
    # Planted: means with a decimal. Thirty changes of 8 on the average, then one of -20: the sum is 240, then 220.
    before, after = cumulative("one", 30, 240 / 30, 0.1), cumulative("two", 31, 220 / 31, 0.1)
    found = {each.number.what: each for each in attack.attack(before, after)}
    assert found[MEAN_CAME].how == EXACT and found[MEAN_CAME].lower <= -20 <= found[MEAN_CAME].upper
    found = {
        each.number.what: each for each in attack.attack(cumulative("one", 30, 8), cumulative("two", 31, 220 / 31))
    }
    assert set(found) == {CAME}


def test_the_mean_of_a_few_is_found_and_of_many_is_not() -> None:
    # Planted: a mean of two children, whose sum is then one of few; and of ten, whose sum is not.
    assert {each.number.what for each in attack.attack(cumulative("one", 2, 12))} == {COUNT, MEAN}
    assert attack.attack(cumulative("one", 10, 12)) == ()


def test_the_hidden_groups_mean_follows_from_the_others_when_they_are_exact() -> None:
    tied = (Sum("all", ("here", "there")),)
    means = (ShownMean("all", "change", 10, 0.01), ShownMean("here", "change", 12, 0.01))
    made = Release("r", "r", {"all": 24, "here": 18, "there": 6}, tied, means=means, rules=SHOWN_ZEROS)
    found = [each.number for each in attack.attack(made)]
    assert Number(MEAN, "there", "r", measure="change") in found
    coarse = tuple(replace(mean, unit=1.0) for mean in means)
    assert attack.attack(replace(made, means=coarse)) == ()


def test_two_releases_of_one_day_are_one_table() -> None:
    rows = {"a": [12, 3, 20], "b": [9, 14, 9], "c": [11, 8, 10]}
    one = release(rows, "xyz", {"ay", "az", "by", "bz"})
    other = replace(release(rows, "xyz", {"ay", "az", "cy", "cz"}), as_of="one")
    assert attack.attack(one) == () and attack.attack(other) == ()
    # Planted: each is safe by itself, and each shows what the other hides.
    assert {each.number.key for each in attack.attack(one, other) if each.how == EXACT} >= {cell("ay")}


def test_children_taken_out_again_are_reckoned_with() -> None:
    one, two = cumulative("one", 40, 8), cumulative("two", 38, 8)
    assert [(each.number.what, each.upper) for each in attack.attack(one, two)] == [(CAME, -2)]
    growth = attack.known((one, two))[2]
    assert growth == {("two", "one"): attack.SHRANK}
    rows = {"a": [12, 13], "b": [9, 14]}
    moved = replace(release({"a": [18, 8], "b": [9, 14]}, "xy", set()), name="two", as_of="two")
    assert attack.known((release(rows, "xy", set()), moved))[2] == {("two", "one"): MIXED}


def test_numbers_that_do_not_fit_are_a_contradiction() -> None:
    made = Release("r", "r", {"n": 20, "a": 7, "b": 9, "c": None}, (Sum("n", ("a", "b")), Sum("a", ("c",))))
    with pytest.raises(attack.Contradiction):
        attack.attack(made)


def test_a_reader_who_was_told_gets_only_exact_numbers() -> None:
    rows = {"a": [4, 30], "b": [40, 5]}
    made = release(rows, "xy", {"ax", "ay", "bx", "by"})
    assert attack.attack(made) == ()
    # Told that only the first is small: then the last is at least 5, which is one more, so the first is at least 4.
    found = attack.attack(made, told=frozenset({cell("ax")}))
    assert {each.number.key: each.lower for each in found}[cell("ax")] == 4
    assert {each.how for each in found} == {EXACT}
    # Told of both that are small in the next table, he still has a choice: that they are small is no news to him.
    made = release({"a": [3, 30], "b": [40, 4]}, "xy", {"ax", "ay", "bx", "by"})
    assert attack.attack(made, told=frozenset({cell("ax"), cell("by")})) == ()


def test_a_share_of_everybody_says_nothing() -> None:
    assert attack.attack(Release("r", "r", {"n": 20}, shares=(ShownShare("n", "n", 100),))) == ()


def test_what_a_count_says_of_its_people_is_used_with_their_mean() -> None:
    # Twelve, of whom some rose by 10 or more and nobody else by more than 8: the mean rise says how many did at least.
    tied = (Sum("n", ("up", "rest")),)
    ranges = (Range("up", "change", 10, 100), Range("rest", "change", -100, 8))
    made = Release("r", "r", {"n": 12, "up": None, "rest": None}, tied, rules=Rules())
    assert attack.attack(made) == ()
    told = replace(made, means=(ShownMean("n", "change", 60),), ranges=ranges)
    # 12 · 59.5 = 714 is at most 100 · up + 8 · (12 - up): up is 7 or more, so the rest are 5 or fewer.
    system = attack.known((told,))[0]
    assert attack.Solver(system).between(system.place[Number(COUNT, "up", "r")])[0] == pytest.approx(618 / 92)
    low = replace(told, means=(ShownMean("n", "change", 70),))
    assert {each.number.key: each.how for each in attack.attack(low)} == {"rest": attack.SMALL}
    assert attack.attack(replace(low, ranges=())) == ()


def test_a_change_is_an_end_less_a_start() -> None:
    # Planted: start and end to a hundredth, the change in whole points: its sum is then known as well as theirs.
    tied = (Sum("n", ("a", "b")),)
    means = (ShownMean("n", "start", 40, 0.01), ShownMean("n", "end", 52, 0.01), ShownMean("n", "change", 12, 1.0))
    made = Release("r", "r", {"n": 12, "a": 6, "b": 6}, tied, means=means)
    found = {each.number.measure for each in attack.attack(made)}
    assert found == {"start", "end"}
    found = {each.number.measure for each in attack.attack(replace(made, less=(("change", "end", "start"),)))}
    assert found == {"start", "end", "change"}


def test_nothing_moved_is_the_readers_first_guess() -> None:
    rows = {"a": [12, 3, 20], "b": [9, 14, 9], "c": [11, 8, 10]}
    one = release(rows, "xyz", {"ay", "az", "by", "bz"})
    later = replace(release(rows, "xyz", {"ay", "az", "cy", "cz"}), as_of="later")
    assert attack.attack(later) == ()
    assert attack.known((one, later))[2] == {("later", "one"): attack.SAME}
    assert {each.number.key for each in attack.attack(one, later) if each.how == EXACT} >= {cell("ay")}
    # Where it is known that somebody came, it is no guess any more.
    assert cell("ay") not in {
        each.number.key for each in attack.attack(one, later, growth={("later", "one"): attack.MIXED})
    }


def test_slack_ties_others_and_is_nobodys_secret() -> None:
    # Twenty came to one kind of group and thirty to another, some to a third; fifty-four people in all, so at least
    # four to the third. That it is hidden alone says it is small: four.
    tied = (Sum("all", ("one", "two", "three")), Sum("all", ("people", "again")))
    counts: dict[str, int | None] = {"one": 20, "two": 30, "three": None, "people": 54, "all": None, "again": None}
    made = Release("r", "r", counts, tied, rules=Rules(zeros_hidden=False), slack=frozenset({"all", "again"}))
    places = {number.key: between for number, between in attack.widths(made).items()}
    assert places["three"][0] == pytest.approx(4) and set(places) == {"three"}
    assert attack.attack(made, told=frozenset({"three"}))[0].lower == 4


def test_where_zeros_were_hidden_too_a_hidden_number_may_be_none() -> None:
    tied = (Sum("n", ("a", "b", "c", "d", "e")),)
    counts: dict[str, int | None] = {"n": 5, **dict.fromkeys("abcde")}
    made = Release("r", "r", counts, tied, rules=SHOWN_ZEROS)
    assert {each.lower for each in attack.attack(made)} == {1}
    assert attack.attack(replace(made, maybe=frozenset("abcde"))) == ()


def test_what_slack_comes_to_is_no_finding() -> None:
    tied = (Sum("all", ("one", "two")), Sum("all", ("people", "again")))
    counts: dict[str, int | None] = {"one": 20, "two": 30, "people": 48, "all": None, "again": None}
    made = Release("r", "r", counts, tied, slack=frozenset({"all", "again"}))
    assert attack.attack(made) == ()
    # Planted: were it a count like others, the two who came to both would be found.
    assert {each.number.key: each.lower for each in attack.attack(replace(made, slack=frozenset()))}["again"] == 2


def test_those_who_came_brought_no_more_than_the_scale_holds() -> None:
    system, _measures, growth = attack.known((cumulative("one", 40, 8.0), cumulative("two", 46, 9.0)))
    assert growth == {("two", "one"): attack.GREW}
    came = system.place[Number(MEAN_CAME, "pairs", "two", "one", "change")]
    # 46 · 9 less 40 · 8, each to half a point: 94, give or take 43.
    assert attack.Solver(system).between(came) == pytest.approx((51, 137))
    system = attack.known((cumulative("one", 40, -95.0), cumulative("two", 41, -95.0)))[0]
    came = system.place[Number(MEAN_CAME, "pairs", "two", "one", "change")]
    assert attack.Solver(system).between(came)[0] == pytest.approx(-100)
