"""Makes rows for an evaluator coarser until nobody stands alone, and until nobody's answer follows from their group.

It is no licence to publish. Source: Sweeney 2002, Int J Uncertain Fuzz 10:557-570, for k-anonymity; Machanavajjhala et
al. 2007, ACM Trans Knowl Discov Data 1(1), for groups in which everybody answered alike.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: What stands where something was given up.
ANY = "*"
#: No answer may be that of more than this part of a group: of five, four at most.
MOST = 0.8

Row = Mapping[str, Any]
#: What is given up at one step: the column, and what its values become.
Step = tuple[str, Callable[[str], str]]


@dataclass(frozen=True)
class Coarse:
    """Rows as they may be handed over, in their order; None where a row was left out. `coarser` counts the changed."""

    rows: tuple[dict[str, Any] | None, ...]
    coarser: int
    left_out: int


def given_up(_value: str) -> str:
    """Give up a value altogether."""
    return ANY


def half_year(quarter: str) -> str:
    """Say in which half-year a quarter lies: 2026-Q3 lies in 2026-H2."""
    return f"{quarter[:4]}-H{1 if quarter[-1] in '12' else 2}" if "-Q" in quarter else quarter


def only_year(quarter: str) -> str:
    """Say in which year a quarter or a half-year lies."""
    return quarter[:4] if "-" in quarter else quarter


def coarsened(
    rows: Sequence[Row],
    families: Sequence[Hashable],
    *,
    alike: Sequence[str],
    steps: Sequence[Step],
    told: Sequence[str],
    beside: Sequence[str] = (),
    k: int = 5,
) -> Coarse:
    """Make rows coarser, step by step, until each shares what it could be known by with at least k families.

    `families[i]` is whose row i is: brothers and sisters do not hide each other. `alike` are the columns somebody could
    be known by; `steps` say what is given up, in order, by the rows that still stand alone; those that do at last are
    left out. `told` are the answers: in no group has one of them the same value for nearly all. `beside` are columns
    that say more of how it was answered: given up for a whole group in which one value stands for fewer than k.
    """
    done: dict[int, dict[str, Any]] = {}
    left = {at: dict(row) for at, row in enumerate(rows)}
    for step in (None, *steps):
        if step:
            column, coarser = step
            left = {at: row | {column: coarser(row[column])} for at, row in left.items()}
        for group in _groups(left, alike):
            if _safe(group, left, families, told, k):
                done |= _beside({at: left[at] for at in group}, families, beside, k)
        left = {at: row for at, row in left.items() if at not in done}
    kept = tuple(done.get(at) for at in range(len(rows)))
    changed = sum(new is not None and new != dict(old) for new, old in zip(kept, rows, strict=True))
    return Coarse(kept, changed, len(left))


def _groups(rows: Mapping[int, Row], alike: Sequence[str]) -> Iterable[list[int]]:
    found: dict[tuple[Any, ...], list[int]] = {}
    for at, row in rows.items():
        found.setdefault(tuple(row[name] for name in alike), []).append(at)
    return found.values()


def _safe(
    group: Sequence[int], rows: Mapping[int, Row], families: Sequence[Hashable], told: Sequence[str], k: int
) -> bool:
    """Say whether enough families are in a group, and whether they did not all answer the same."""
    if len({families[at] for at in group}) < k:
        return False
    return all(max(Counter(rows[at][name] for at in group).values()) <= MOST * len(group) for name in told)


def _beside(
    group: dict[int, dict[str, Any]], families: Sequence[Hashable], columns: Sequence[str], k: int
) -> dict[int, dict[str, Any]]:
    """Give up the columns of a group in which somebody stands with too few."""
    for name in columns:
        whose: dict[Any, set[Hashable]] = {}
        for at, row in group.items():
            whose.setdefault(row[name], set()).add(families[at])
        if any(len(each) < k for each in whose.values()):
            group = {at: row | {name: ANY} for at, row in group.items()}
    return group
