"""Single figures in public: whole points, enough persons, nobody's own value."""

import json
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brobygger.statistics import showing
from brobygger.statistics.published import (
    Figures,
    Release,
    Rules,
    ShownMean,
    ShownShare,
    Sum,
    key,
    plain,
    restored,
    tabulate,
    together,
)
from brobygger.statistics.showing import Bin, CurvePoint
from brobygger.statistics.small import TooFew
from brobygger.statistics.survival import kaplan_meier

RULES = Rules()


def test_a_figure_is_renewed_when_nobody_moved_or_five_did() -> None:
    moves = {(0, 0): True, (1, 0): False, (0, 4): False, (5, 0): True, (0, 5): True, (3, 2): True, (2, 2): False}
    assert {move: showing.may_renew(*move, RULES) for move in moves} == moves
    with pytest.raises(ValueError, match="negative"):
        showing.may_renew(-1, 6, RULES)


def test_means_and_shares_are_whole_and_of_ten() -> None:
    assert showing.whole_mean([8.6] * 10, RULES) == 9
    assert showing.whole_mean([8.6] * 9, RULES) is None
    assert showing.whole_mean([], RULES) is None
    assert showing.whole_share(7, 12, RULES) == 58
    assert showing.whole_share(8, 12, RULES) is None, "four are left over"
    assert showing.whole_share(12, 12, RULES) is None, "that none are left over is a small number too"
    assert showing.whole_share(12, 12, Rules(zeros_hidden=False)) == 100
    assert showing.whole_share(5, 9, Rules(zeros_hidden=False)) is None
    with pytest.raises(ValueError, match="everybody"):
        showing.whole_share(13, 12, RULES)


def test_a_percentile_has_five_on_either_side() -> None:
    assert showing.whole_percentile(range(10), 0.5, RULES) == 4
    assert showing.whole_percentile(range(9), 0.5, RULES) is None
    assert showing.whole_percentile(range(49), 0.9, RULES) is None
    assert showing.whole_percentile(range(50), 0.9, RULES) == 44
    assert showing.whole_percentile(range(1000), 1, RULES) is None, "the greatest is somebody's own"
    with pytest.raises(ValueError, match="fraction"):
        showing.whole_percentile(range(50), 1.5, RULES)


def test_bins_are_merged_until_each_holds_enough() -> None:
    assert showing.merged([6, 7, 8], RULES) == (Bin(0, 0, 6), Bin(1, 1, 7), Bin(2, 2, 8))
    assert showing.merged([1, 2, 3, 9, 0, 5], RULES) == (Bin(0, 2, 6), Bin(3, 3, 9), Bin(4, 5, 5))
    # The line at 50 stays where both its sides hold enough, and gives way where one does not.
    assert showing.merged([3, 2, 4, 4], RULES, line=2) == (Bin(0, 1, 5), Bin(2, 3, 8))
    assert showing.merged([3, 1, 4, 4], RULES, line=2) == (Bin(0, 3, 12),)
    with pytest.raises(TooFew):
        showing.merged([1, 2, 1], RULES)
    with pytest.raises(ValueError, match="negative"):
        showing.merged([9, -1], RULES)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=7).filter(lambda counts: sum(counts) >= 5))
def test_no_other_merging_leaves_more_bins(counts: list[int]) -> None:
    made = showing.merged(counts, RULES)
    assert [(each.first, each.count) for each in made] == [
        (each.first, sum(counts[each.first : each.last + 1])) for each in made
    ]
    assert made[0].first == 0 and made[-1].last == len(counts) - 1
    assert all(each.count >= 5 for each in made)
    places = range(1, len(counts))
    ways = [[0, *cut, len(counts)] for size in range(len(counts)) for cut in combinations(places, size)]
    good = [way for way in ways if all(sum(counts[a:b]) >= 5 for a, b in pairwise(way))]
    assert len(made) == max(len(way) - 1 for way in good)


def test_a_curve_shows_no_step_of_few_and_ends_where_few_are_left() -> None:
    # Forty stay: eight leave on day 10, two on day 20, six on day 30, twenty on day 40, four are seen last on day 90.
    days = [10.0] * 8 + [20.0] * 2 + [30.0] * 6 + [40.0] * 20 + [90.0] * 4
    curve = kaplan_meier(days, [True] * 36 + [False] * 4)
    shown = showing.curve_on(curve, days, [0, 10, 20, 30, 40, 60, 90], RULES)
    # After day 10 two steps go together: 24 of 40. Of day 60 nothing is said: only four are left to say it of.
    assert shown == (CurvePoint(0, 100, 40), CurvePoint(10, 80, 40), CurvePoint(30, 60, 30), CurvePoint(40, 10, 25))
    assert showing.curve_on(kaplan_meier(days[:9], [True] * 9), days[:9], [0, 10], RULES) == ()


def test_tables_that_share_a_total_share_its_key() -> None:
    people = [({"offer": "abc", "age": "3-8"}, 4), ({"offer": "far", "age": "9-12"}, 7)]
    categories = {"offer": ["abc", "far"], "age": ["3-8", "9-12", "13-17"]}
    made = tabulate("pairs", people, [("offer", "age")], categories, {"year": "2026"})
    assert made.counts["pairs|year=2026"] == 11
    assert made.counts["pairs|age=9-12|offer=far|year=2026"] == 7
    assert made.counts["pairs|age=13-17|year=2026"] == 0
    assert all(made.counts[each.total] == sum(made.counts[part] for part in each.parts) for each in made.sums)
    assert len(made.sums) == 2 + 3 + 2, "each row, each column, and the total both ways"
    ages = tabulate("pairs", people, [("age",)], categories, {"year": "2026"})
    assert together(made, ages) == made
    with pytest.raises(ValueError, match="in another"):
        together(made, Figures({"pairs|year=2026": 12}, ()))
    with pytest.raises(ValueError, match="no category"):
        tabulate("pairs", [({"offer": "mor"}, 1)], [("offer",)], categories)


@pytest.mark.parametrize("wrong", ["", "a|b", "a=b"])
def test_a_key_is_never_taken_for_another(wrong: str) -> None:
    with pytest.raises(ValueError, match="key"):
        key("pairs", offer=wrong)
    assert key("pairs", b="2", a="1") == key("pairs", a="1", b="2") == "pairs|a=1|b=2"


def test_a_release_comes_back_from_where_it_was_kept() -> None:
    made = Release(
        *("year", "2026-01-31", {"n": 20, "a": None, "b": None}, (Sum("n", ("a", "b")),)),
        shares=(ShownShare("a", "n", 40),),
        means=(ShownMean("n", "change", 8.0),),
        known=frozenset({"b"}),
        rules=Rules(6, 5, False, 12),
    )
    assert restored(json.loads(json.dumps(plain(made)))) == made


@pytest.mark.parametrize("base", [1, 2, 3, 5, 10])
def test_what_a_rounded_number_can_mean_is_what_is_rounded_to_it(base: int) -> None:
    rules = Rules(rounding=base)
    for count in range(5, 60):
        least, greatest = rules.meant(rules.shown(count))
        assert {each for each in range(5, 80) if rules.shown(each) == rules.shown(count)} == set(
            range(least, greatest + 1)
        )
    with pytest.raises(ValueError, match="twice"):
        Rules(rounding=11)
