"""The attack without our attacker: every table of whole numbers that fits what was printed is written down.

No linear program, nothing of `attack`: only counting. So it can find what the attacker, and the hiding that trusts it,
both overlook. The tables are small, two rows by three, because all of them are tried.
"""

import random
from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np
import pytest

from brobygger.statistics import hiding
from brobygger.statistics.published import Figures, Release, Rules, key, tabulate

ROWS, COLUMNS = ("a", "b"), ("x", "y", "z")
CELLS = [key("n", r=row, c=column) for row in ROWS for column in COLUMNS]
#: More than any sum of the tables here: what a hidden number is tried up to; and how many pairs of rows are too many.
MOST, PAIRS = 18, 400_000
SHOWN, HIDDEN = Rules(zeros_hidden=False), Rules()

Table = Sequence[int]


def figures(table: Table) -> Figures:
    places = [{"r": row, "c": column} for row in ROWS for column in COLUMNS]
    cells = list(zip(places, table, strict=True))
    return tabulate("n", cells, [("r", "c")], {"r": list(ROWS), "c": list(COLUMNS)})


def invented(number: int, most: int = 7) -> list[int]:
    """Make a table with some small numbers, some none, and some others."""
    drawn = random.Random(number)
    return [drawn.choice([0, drawn.randint(0, 4), drawn.randint(0, most), drawn.randint(4, most)]) for _ in CELLS]


def fitting(*releases: Release, least: int = 0) -> np.ndarray | None:
    """Write down every table that all these releases can have been printed of; they are of the same table.

    None where there are too many to write down.
    """

    def printed(name: str) -> set[int]:
        return {count for each in releases if (count := each.counts.get(name)) is not None}

    def one_row(row: str) -> np.ndarray:
        names = [key("n", r=row, c=column) for column in COLUMNS]
        tried = [sorted(printed(name)) or range(least, MOST + 1) for name in names]
        every = np.array(list(product(*tried)))
        total = printed(key("n", r=row))
        return every[np.isin(every.sum(axis=1), list(total))] if total else every

    first, second = (one_row(row) for row in ROWS)
    if len(first) * len(second) > PAIRS:
        return None
    good = np.ones((len(first), len(second)), bool)
    for at, column in enumerate(COLUMNS):
        if total := printed(key("n", c=column)):
            good &= np.isin(first[:, None, at] + second[None, :, at], list(total))
    if total := printed("n"):
        good &= np.isin(first.sum(axis=1)[:, None] + second.sum(axis=1)[None, :], list(total))
    above, below = np.nonzero(good)
    return np.hstack([first[above], second[below]])


def recovered(table: Table, fits: np.ndarray, hidden: Iterable[str]) -> list[str]:
    """Name the hidden cells that are the same in every table that fits, or a small number in every one."""
    assert (fits == np.array(table)).all(axis=1).any(), "the truth itself must fit"
    found = []
    for name in hidden:
        column = fits[:, CELLS.index(name)]
        if column.min() == column.max() or column.max() < 5:
            found.append(name)
    return found


def gone(release: Release) -> list[str]:
    return [name for name in CELLS if release.counts[name] is None]


def released(table: Table, rules: Rules, name: str = "one", **more: object) -> Release:
    return hiding.hide(figures(table), name=name, as_of=name, rules=rules, **more).release  # type: ignore[arg-type]


@pytest.mark.parametrize("rules", [SHOWN, HIDDEN], ids=["zeros shown", "zeros hidden"])
def test_no_cell_follows_from_all_the_tables_that_fit(rules: Rules) -> None:
    tried = 0
    for number in range(25):
        table = invented(number)
        try:
            made = released(table, rules, key=bytes([number]))
        except hiding.CannotHide:
            assert rules is SHOWN, "where zeros are hidden too, everything can be"
            continue
        if (fits := fitting(made, least=rules.least_hidden)) is not None:
            assert recovered(table, fits, gone(made)) == [], table
            tried += bool(gone(made))
    assert tried >= 8


def test_the_same_table_in_two_reports_of_different_days_is_one_table() -> None:
    # The second report shows the rows alone; nobody came or went between the days, and a reader will take it so.
    tried = 0
    for number in range(30):
        table = invented(number)
        first = released(table, HIDDEN)
        part = Figures(
            {name: n for name, n in figures(table).counts.items() if "c=" not in name},
            tuple(each for each in figures(table).sums if "c=" not in each.parts[0]),
        )
        second = hiding.hide(part, name="two", as_of="two", rules=HIDDEN, earlier=[first]).release
        if (fits := fitting(first, second)) is not None:
            assert recovered(table, fits, gone(first)) == [], table
            tried += bool(gone(first))
    assert tried >= 8


def test_the_report_after_some_more_came_tells_of_neither() -> None:
    tried = 0
    for number in range(30):
        drawn, before = random.Random(number), invented(number, 6)
        after = [n + drawn.choice([0, 0, 0, 1, 3, 5]) for n in before]
        first = released(before, HIDDEN)
        second = released(after, HIDDEN, "two", earlier=[first])
        then, now = fitting(first), fitting(second)
        if then is None or now is None or len(then) * len(now) > 300_000 or before == after:
            continue
        # Nobody was taken out: every cell of the later table is the earlier one's or more.
        later = (now[None, :, :] >= then[:, None, :]).all(axis=2)
        then, now = then[later.any(axis=1)], now[later.any(axis=0)]
        assert recovered(before, then, gone(first)) == [], (before, after)
        assert recovered(after, now, gone(second)) == [], (before, after)
        tried += 1
    assert tried >= 5


def test_hiding_only_what_is_small_is_seen() -> None:
    # Planted: no others hidden. Most tables fall.
    fallen = 0
    for number in range(20):
        table = invented(number)
        counts = {name: None if HIDDEN.small(n) else n for name, n in figures(table).counts.items()}
        bare = Release("one", "one", counts, figures(table).sums)
        fits = fitting(bare)
        fallen += fits is not None and bool(recovered(table, fits, gone(bare)))
    assert fallen >= 10


def test_a_second_day_that_hides_other_numbers_is_seen() -> None:
    # Planted: the second report does not know of the first, and hides what suits itself.
    fallen = 0
    for number in range(30):
        table = invented(number)
        first, second = (released(table, HIDDEN, name, key=name.encode()) for name in ("one", "two"))
        fits = fitting(first, second)
        fallen += fits is not None and bool(recovered(table, fits, gone(first)))
    assert fallen >= 2
