"""Rows for an evaluator: nobody stands alone, nobody's answer follows from their group, no more is taken than that."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from brobygger.statistics import anonymity
from brobygger.statistics.anonymity import ANY, given_up, half_year, only_year

ALIKE = ("quarter", "band", "who")
STEPS = (("quarter", half_year), ("quarter", only_year), ("quarter", given_up), ("band", given_up))
QUARTERS = [f"{year}-Q{number}" for year in (2025, 2026) for number in (1, 2, 3, 4)]


def row(quarter: str, band: str = "3-10", end: Any = 40, mode: str = "tablet") -> dict[str, Any]:
    return {"quarter": quarter, "band": band, "who": "self", "end": end, "mode": mode}


def made(rows: list[dict[str, Any]], families: list[int] | None = None, k: int = 5) -> anonymity.Coarse:
    whose = families or list(range(len(rows)))
    return anonymity.coarsened(rows, whose, alike=ALIKE, steps=STEPS, told=["end"], beside=["mode"], k=k)


def several(count: int, quarter: str, **more: Any) -> list[dict[str, Any]]:
    return [row(quarter, **{"end": 40 + 4 * (at % 3), **more}) for at in range(count)]


def people() -> st.SearchStrategy[list[tuple[dict[str, Any], int]]]:
    one = st.builds(
        row,
        st.sampled_from(QUARTERS),
        st.sampled_from(["3-10", "11-16"]),
        st.sampled_from(["", 40, 44, 60]),
        st.sampled_from(["tablet", "paper"]),
    )
    return st.lists(st.tuples(one, st.integers(0, 25)), max_size=60)


@settings(max_examples=60, deadline=None)
@given(people(), st.integers(2, 5))
def test_nobody_stands_alone_and_nobodys_answer_follows(listed: list[tuple[dict[str, Any], int]], k: int) -> None:
    rows, families = [each for each, _ in listed], [each for _, each in listed]
    found = made(rows, families, k)
    assert len(found.rows) == len(rows) and found.rows.count(None) == found.left_out
    groups: dict[Any, list[int]] = {}
    for at, each in enumerate(found.rows):
        if each is not None:
            groups.setdefault(tuple(each[name] for name in ALIKE), []).append(at)
    for inside in groups.values():
        assert len({families[at] for at in inside}) >= k
        kept = [each for at in inside if (each := found.rows[at]) is not None]
        ends, modes = [each["end"] for each in kept], [each["mode"] for each in kept]
        assert all(ends.count(end) <= 0.8 * len(ends) for end in ends)
        for mode in set(modes) - {ANY}:
            assert len({families[at] for at, of in zip(inside, modes, strict=True) if of == mode}) >= k
    for old, new in zip(rows, found.rows, strict=True):
        if new is not None:
            assert new["end"] == old["end"] and new["mode"] in (old["mode"], ANY) and new["band"] in (old["band"], ANY)
            assert new["quarter"] in (old["quarter"], half_year(old["quarter"]), old["quarter"][:4], ANY)


def test_no_more_is_given_up_than_that_needs() -> None:
    rows = several(5, "2026-Q1") + several(3, "2026-Q3") + several(3, "2026-Q4") + several(2, "2025-Q1")
    found = made(rows)
    assert found.rows[:5] == tuple(rows[:5])
    assert {each["quarter"] for each in found.rows[5:11] if each} == {"2026-H2"}
    # The two of the year before stand alone however little is said of them.
    assert found.rows[11:] == (None, None)
    assert (found.coarser, found.left_out) == (6, 2)


def test_brothers_and_sisters_do_not_hide_each_other() -> None:
    rows = several(6, "2026-Q1")
    assert made(rows).left_out == 0
    assert made(rows, [1, 1, 2, 3, 4, 4]).left_out == 6


def test_a_group_in_which_nearly_all_said_the_same_is_made_coarser() -> None:
    same = several(5, "2026-Q1", end=20)
    assert made(same).left_out == 5, "whoever knows a child of that quarter would know its answer"
    found = made(same + several(6, "2026-Q2"))
    # The second quarter is fine by itself; the first finds nobody to stand with.
    assert (found.left_out, {each["quarter"] for each in found.rows if each}) == (5, {"2026-Q2"})
    assert made([*several(4, "2026-Q1", end=20), row("2026-Q1", end=60)]).left_out == 0
    assert made([*several(9, "2026-Q1", end=""), row("2026-Q1", end=60)]).left_out == 10, "nine of ten never came back"


def test_how_it_was_answered_singles_nobody_out() -> None:
    rows = [*several(9, "2026-Q1"), row("2026-Q1", mode="paper")]
    found = made(rows)
    assert {each["mode"] for each in found.rows if each} == {ANY}
    assert {each["end"] for each in found.rows if each} == {40, 44, 48}
    rows = several(5, "2026-Q1") + several(5, "2026-Q1", mode="paper")
    assert {each["mode"] for each in made(rows).rows if each} == {"tablet", "paper"}


def test_quarters_become_half_years_and_years() -> None:
    assert [half_year(f"2026-Q{number}") for number in (1, 2, 3, 4)] == ["2026-H1", "2026-H1", "2026-H2", "2026-H2"]
    assert only_year("2026-H1") == only_year("2026-Q4") == "2026"
    assert (half_year("2026"), only_year(ANY), given_up("2026")) == ("2026", ANY, ANY)


def test_nobody_gives_nothing() -> None:
    assert made([]) == anonymity.Coarse((), 0, 0)
