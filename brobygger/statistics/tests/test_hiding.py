"""What is hidden stays hidden: our own attacker recovers nothing, and sees each fault that is planted."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brobygger.statistics import attack, hiding
from brobygger.statistics.attack import CAME, MEAN
from brobygger.statistics.published import Figures, Release, Rules, ShownMean, Sum, key, tabulate

OFFERS, PARTNERS, AGES = ["abc", "dans", "far", "mor"], ["ballerup", "egedal", "gladsaxe", "herlev"], ["3-8", "9-12"]
TABLES = [
    [("offer", "partner")],
    [("offer", "partner"), ("offer", "age")],
    [("age",), ("partner",)],
    [("offer", "partner"), ("age", "partner")],
]


def counted(people: list[tuple[int, int, int]], tables: list[tuple[str, ...]]) -> Figures:
    cells = [({"offer": OFFERS[o], "partner": PARTNERS[p], "age": AGES[a]}, 1) for o, p, a in people]
    return tabulate("pairs", cells, tables, {"offer": OFFERS, "partner": PARTNERS, "age": AGES})


def person() -> st.SearchStrategy[tuple[int, int, int]]:
    """Somebody somewhere; the last partner and the last offer are seldom."""
    seldom = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3])
    return st.tuples(seldom, seldom, st.integers(0, 1))


def hidden_are_wide(made: hiding.Hidden, *earlier: Release) -> None:
    """The demand itself, asked anew: nothing is found, and every hidden count may be many things, some not small."""
    release, rules = made.release, made.release.rules
    assert attack.attack(*earlier, release, growth=made.growth) == ()
    assert attack.attack(*earlier, release, told=made.small, growth=made.growth) == ()
    assert all(release.counts[each] is None for each in made.small)
    for number, (lower, upper) in attack.widths(release).items():
        if release.counts.get(number.key, 0) is None:
            assert upper - lower >= rules.threshold - 1e-6 and upper >= rules.threshold - 1e-6


@settings(max_examples=15, deadline=None)
@given(st.lists(person(), max_size=150), st.sampled_from(TABLES), st.sampled_from([Rules(), Rules(8), Rules(5, 5)]))
def test_nothing_is_recovered_from_any_table(people: list[Any], tables: list[Any], rules: Rules) -> None:
    figures = counted(people, tables)
    shares = [(key("pairs", age=age), "pairs") for age in AGES if key("pairs", age=age) in figures.counts]
    made = hiding.hide(figures, name="year", as_of="1", rules=rules, shares=shares)
    hidden_are_wide(made)
    shown = {each: count for each, count in made.release.counts.items() if count is not None}
    assert all(count == rules.shown(figures.counts[each]) and count >= rules.threshold for each, count in shown.items())
    assert {each for each, count in figures.counts.items() if count < rules.threshold} == made.small


@settings(max_examples=6, deadline=None)
@given(st.lists(person(), min_size=30, max_size=90), st.lists(person(), max_size=12), st.integers(0, 3))
def test_nothing_is_recovered_by_subtracting_last_year(people: list[Any], more: list[Any], fewer: int) -> None:
    first = hiding.hide(counted(people, TABLES[0]), name="one", as_of="1")
    later = counted(people[fewer:] + more, TABLES[0])
    second = hiding.hide(later, name="two", as_of="2", earlier=[first.release])
    hidden_are_wide(second, first.release)
    for each, count in second.release.counts.items():
        before = first.release.counts[each]
        assert count is None or before is None or count == before or abs(count - before) >= 5


def table(*lines: list[int], **more: Any) -> Figures:
    rows, columns = [f"r{at}" for at in range(len(lines))], [f"c{at}" for at in range(len(lines[0]))]
    cells = [
        ({"r": r, "c": c}, n) for r, line in zip(rows, lines, strict=True) for c, n in zip(columns, line, strict=True)
    ]
    return tabulate("n", cells, [("r", "c")], {"r": rows, "c": columns}, **more)


def test_no_more_is_hidden_than_must_be() -> None:
    # One small number needs a rectangle: three others, and no total.
    made = hiding.hide(table([12, 3, 20], [9, 14, 30], [11, 8, 10]), name="t", as_of="1")
    assert made.small == {"n|c=c1|r=r0"} and len(made.others) == 3 and made.best
    assert all("r=" in each and "c=" in each for each in made.others)
    # Two in one row and two in one column protect each other already.
    made = hiding.hide(table([3, 2, 20], [4, 3, 30], [11, 8, 10]), name="t", as_of="1", width=4)
    assert len(made.small) == 4 and made.others == frozenset()
    # Nothing small, nothing hidden.
    made = hiding.hide(table([12, 13], [9, 14]), name="t", as_of="1")
    assert not made.small | made.others | made.fresh and made.rounds == 1


def test_every_hidden_number_is_as_uncertain_as_asked() -> None:
    figures = table([12, 3, 20, 9], [9, 14, 30, 6], [11, 8, 10, 25])
    for width in (5, 12, 20):
        release = hiding.hide(figures, name="t", as_of="1", width=width).release
        hidden = [between for number, between in attack.widths(release).items() if release.counts[number.key] is None]
        assert hidden and all(upper - lower >= width - 1e-6 for lower, upper in hidden)


def test_planted_faults_are_seen_by_the_attacker() -> None:
    figures = table([12, 3, 20, 40], [9, 14, 2, 31], [11, 8, 10, 25])
    made = hiding.hide(figures, name="t", as_of="1")
    assert made.others and attack.attack(made.release) == ()
    # Only what is small: every one of them comes out.
    bare = {each: None if each in made.small else count for each, count in figures.counts.items()}
    assert {each.number.key for each in attack.attack(replace(made.release, counts=bare))} == made.small
    # One complementary number shown by mistake.
    for each in made.others:
        slip = {**made.release.counts, each: figures.counts[each]}
        assert attack.attack(replace(made.release, counts=slip)), each


def test_a_second_release_with_one_more_child_is_caught_and_mended() -> None:
    lines = [[12, 13, 20], [9, 14, 30], [11, 8, 10]]
    first = hiding.hide(table(*lines), name="one", as_of="1").release
    assert None not in first.counts.values()
    lines[1][2] += 1
    careless = hiding.hide(table(*lines), name="two", as_of="2").release
    found = attack.attack(first, careless)
    assert {each.number for each in found} == {
        *(attack.Number(CAME, each, "2", "1") for each in ("n", "n|r=r1", "n|c=c2", "n|c=c2|r=r1"))
    }
    careful = hiding.hide(table(*lines), name="two", as_of="2", earlier=[first])
    assert careful.fresh == {"n", "n|r=r1", "n|c=c2", "n|c=c2|r=r1"}
    hidden_are_wide(careful, first)


def test_another_release_of_the_same_day_hides_the_same() -> None:
    figures = table([12, 3, 20], [9, 14, 30], [11, 8, 10])
    year = hiding.hide(figures, name="year", as_of="1")
    part = Figures({each: n for each, n in figures.counts.items() if "r=r0" in each}, ())
    sheet = hiding.hide(part, name="sheet", as_of="1", earlier=[year.release])
    gone = {each for each, count in sheet.release.counts.items() if count is None}
    assert gone == {each for each in part.counts if year.release.counts[each] is None} != set()
    assert attack.attack(year.release, sheet.release) == ()


def test_zeros_are_hidden_unless_everybody_knows_or_the_house_shows_them() -> None:
    figures = table([12, 0, 20], [9, 14, 30], [11, 8, 10])
    zero = "n|c=c1|r=r0"
    assert hiding.hide(figures, name="t", as_of="1").release.counts[zero] is None
    # That offer is not given there: hiding it would only cost others their place.
    known = hiding.hide(figures, name="t", as_of="1", known=[zero])
    assert None not in known.release.counts.values() and known.release.counts[zero] == 0
    shown = hiding.hide(figures, name="t", as_of="1", rules=Rules(zeros_hidden=False))
    assert None not in shown.release.counts.values()


def test_a_share_is_shown_only_where_both_its_sides_are() -> None:
    figures = tabulate("n", [({"way": "up"}, 58), ({"way": "down"}, 2)], [("way",)], {"way": ["up", "down"]})
    made = hiding.hide(figures, name="t", as_of="1", shares=[("n|way=up", "n"), ("n|way=down", "n")])
    assert made.release.shares == ()
    # Even where the other side was never to be printed: 58 of 60 says 2.
    lone = Figures({"n": 60, "n|way=up": 58}, ())
    assert attack.attack(Release("t", "1", dict(lone.counts))) == ()
    made = hiding.hide(lone, name="t", as_of="1", shares=[("n|way=up", "n")])
    assert made.release.shares == () and list(made.release.counts.values()).count(None) >= 2
    half = hiding.hide(Figures({"n": 60, "n|way=up": 30}, ()), name="t", as_of="1", shares=[("n|way=up", "n")])
    assert [each.percent for each in half.release.shares] == [50]
    few = tabulate("n", [({"way": "up"}, 5), ({"way": "down"}, 4)], [("way",)], {"way": ["up", "down"]})
    few = replace(few, counts={"n": 9, "n|way=up": 9, "n|way=down": 0})
    made = hiding.hide(
        few, name="t", as_of="1", rules=Rules(zeros_hidden=False), shares=[("n|way=up", "n"), ("n", "n")]
    )
    assert made.release.shares == () and made.release.counts == few.counts


def test_means_are_whole_and_of_enough_and_never_give_a_group_away() -> None:
    figures = tabulate("n", [({"o": "a"}, 20), ({"o": "b"}, 7), ({"o": "c"}, 3)], [("o",)], {"o": ["a", "b", "c"]})
    means = [ShownMean(each, "change", 8.46) for each in figures.counts]
    made = hiding.hide(figures, name="t", as_of="1", means=means)
    assert {mean.of: (mean.value, mean.unit) for mean in made.release.means} == {"n": (8.0, 1.0), "n|o=a": (8.0, 1.0)}
    assert made.release.counts["n|o=b"] is None, "ten less seven would be three"
    assert attack.attack(made.release) == ()
    # Planted: three decimals, from which the sum of all changes follows, and with it that of the two hidden groups.
    exact = replace(made.release, means=tuple(replace(mean, value=8.46, unit=0.001) for mean in made.release.means))
    assert {each.number.what for each in attack.attack(exact)} == {MEAN}


def test_a_mean_is_not_renewed_for_one_more_child() -> None:
    def released(n: int, change: float, *earlier: Release) -> Release:
        mean = ShownMean("n", "change", change)
        return hiding.hide(Figures({"n": n}, ()), name=str(n), as_of=str(n), means=[mean], earlier=earlier).release

    first = released(40, 8.2)
    assert [mean.value for mean in first.means] == [8.0]
    one_more = released(41, 8.6, first)
    assert one_more.counts == {"n": None} and one_more.means == ()
    assert released(9, 8.2).means == ()
    six_more = released(46, 9.4, first)
    assert six_more.counts == {"n": 46} and [mean.value for mean in six_more.means] == [9.0]


def test_what_cannot_be_hidden_is_refused() -> None:
    # Zeros are always shown, and the reader was told which are small: four ones cannot but be one each.
    figures = tabulate("n", [({"o": each}, 1) for each in "abcd"], [("o",)], {"o": list("abcd")})
    with pytest.raises(hiding.CannotHide):
        hiding.hide(figures, name="t", as_of="1", rules=Rules(zeros_hidden=False))
    assert hiding.hide(figures, name="t", as_of="1").release.counts["n"] is None


@pytest.mark.parametrize("times", [1, 1_000, 100_000])
def test_figures_of_a_house_and_of_a_whole_country_are_hidden_alike(times: int) -> None:
    counts = {"n": 44 * times, "a": 25 * times, "b": 19 * times - 3, "c": 3}
    made = hiding.hide(Figures(counts, (Sum("n", ("a", "b", "c")),)), name="t", as_of="1")

    assert made.release.counts["c"] is None and made.release.counts["n"] == counts["n"]
    hidden_are_wide(made)


def test_the_same_figures_give_the_same_release() -> None:
    figures = table([12, 3, 20, 1], [9, 14, 2, 6], [11, 8, 10, 7])
    one, other = (hiding.hide(figures, name="t", as_of="1") for _ in range(2))
    assert one == other


def test_what_is_withheld_is_hidden_and_protected() -> None:
    made = hiding.hide(table([12, 13], [9, 14]), name="t", as_of="1", withheld=["n|c=c0|r=r0"])
    assert made.fresh == {"n|c=c0|r=r0"} and len(made.others) == 3
    hidden_are_wide(made)


def test_a_share_of_everybody_keeps_no_later_release_back() -> None:
    def released(n: int, *earlier: Release) -> Release:
        figures = tabulate("n", [({"w": "a"}, n), ({"w": "b"}, 18)], [("w",)], {"w": ["a", "b"]})
        return hiding.hide(figures, name=str(n), as_of=str(n), shares=[("n", "n")], earlier=earlier).release

    assert released(21, released(20)).counts == {"n": None, "n|w=a": None, "n|w=b": 18}


def test_sums_that_are_not_true_are_refused() -> None:
    false = Figures({"n": 20, "a": 9, "b": 10}, (Sum("n", ("a", "b")),))
    with pytest.raises(ValueError, match="n is 20, and its parts are 19"):
        hiding.hide(false, name="t", as_of="1")


def test_slack_stands_in_no_release_and_is_not_protected() -> None:
    sums = (Sum("all", ("one", "two", "three")), Sum("all", ("people", "again")))
    counts = {"one": 20, "two": 30, "three": 4, "people": 54, "all": 54, "again": 0}
    made = hiding.hide(Figures(counts, sums, frozenset({"all", "again"})), name="t", as_of="1")
    assert made.small == {"three"} and made.release.slack == {"all", "again"}
    assert made.release.counts["all"] is made.release.counts["again"] is None
    # 54 people less 50 leave four or more, and hidden alone it would be four or fewer: so another is withheld as well.
    assert made.others & {"one", "two", "people"}
