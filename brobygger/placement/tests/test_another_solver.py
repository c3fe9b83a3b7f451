"""The same question asked in another way at another door: whole families as columns, through scipy."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, sparse

from brobygger.placement import proof, rules, solver
from brobygger.placement.rules import Instance, Placing
from tests.waiting import Size, invent

SMALL = Size(40, 8, 2, 0.4, (1, 3))


def bundles(instance: Instance):
    """Give every way to seat one family's children that breaks no rule of its own, as (family, seats)."""
    for family, children in sorted(instance.siblings.items()):
        ways = [[None, *(at.key for at in instance.groups if not rules.possible(each, at))] for each in children]
        for choice in itertools.product(*ways):
            seats = {each.key: at for each, at in zip(children, choice, strict=True) if at}
            own = {reason.code for reason in proof.verify(instance, Placing(seats))}
            if seats and not own & {"apart", "sibling_missing", "conflict", "no_parallel"}:
                yield family, seats


def best_by_columns(instance: Instance, wishes: tuple[str, ...]) -> tuple[int, ...]:
    """Solve wish by wish over whole families; new groups are columns of their own."""
    columns = list(bundles(instance))
    new = [each for each in instance.groups if not each.running]
    count = len(columns) + len(new)
    rows: list[tuple[dict[int, float], float, float]] = []
    for family in instance.siblings:
        rows.append(({at: 1.0 for at, (whose, _seats) in enumerate(columns) if whose == family}, 0, 1))
    for group in instance.groups:
        used = {at: float(list(seats.values()).count(group.key)) for at, (_family, seats) in enumerate(columns)}
        if group.running:
            rows.append((used, 0, group.room))
        else:
            opens = len(columns) + new.index(group)
            rows.append((used | {opens: -group.room}, -np.inf, 0))
            rows.append((used | {opens: -group.opens_with}, 0, np.inf))
    for place, leaders in (instance.leaders or {}).items():
        rows.append(({len(columns) + at: 1.0 for at, each in enumerate(new) if each.place == place}, 0, leaders))
    values = np.array([[rules.worth(instance, Placing(seats))[wish] for wish in wishes] for _family, seats in columns])
    # Half of a family counts against it only when the family has a seat at all, and `worth` of one family says so.
    reached = []
    for level in range(len(wishes)):
        gain = np.concatenate([values[:, level], np.zeros(len(new))])
        table = sparse.lil_matrix((len(rows), count))
        for number, (terms, _low, _high) in enumerate(rows):
            for column, times in terms.items():
                table[number, column] = times
        limits = optimize.LinearConstraint(table.tocsr(), [row[1] for row in rows], [row[2] for row in rows])
        found = optimize.milp(-gain, constraints=limits, integrality=np.ones(count), bounds=optimize.Bounds(0, 1))
        reached.append(round(-found.fun))
        rows.append(({at: float(each) for at, each in enumerate(gain)}, reached[-1] - 0.5, np.inf))
    return tuple(reached)


@pytest.mark.parametrize("seed", range(6))
def test_whole_families_as_columns_reach_the_same_value_wish_by_wish(seed):
    wishes = ("overdue", "placed", "weeks", "siblings")
    instance = invent(SMALL, seed)
    # Chairs for parents are another table; here nobody must have one.
    plain = replace(instance, families=tuple(replace(each, parent="no") for each in instance.families), order=wishes)

    answer = solver.solve(plain)

    assert answer.proved and len(answer.placing.seats) > 3
    assert rules.value(plain, answer.placing) == best_by_columns(plain, plain.wishes)
