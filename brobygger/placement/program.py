"""The waiting children and the groups as a table of numbers that a solver can read: one integer program.

Columns: x child in group, y group opens, p parent in the parallel group; and what follows from them (trip: all siblings
on one trip; all, any: all or some of a family's children; none, one: no child, one child of a sex in a group).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from brobygger.placement import rules
from brobygger.placement.rules import Child, Family, Group, Instance, Placing, Reason, Trip

#: What a column stands for: its kind and the keys it speaks of.
Name = tuple[str, str, str | Trip]


# ---- What can be at all, and what hangs together ----


def seats(instance: Instance) -> dict[str, tuple[str, ...]]:
    """Find the groups each child can sit in, without the new groups that can never open."""
    found = {
        child: tuple(key for key in groups if not without_sibling(instance, child, key))
        for child, groups in rules.pairs(instance).items()
    }
    while True:
        near: dict[str, int] = {}
        for groups in found.values():
            for key in groups:
                near[key] = near.get(key, 0) + 1
        shut = {key for key, children in near.items() if shut_for(instance, key, children)}
        if not shut:
            return found
        found = {child: tuple(key for key in groups if key not in shut) for child, groups in found.items()}


def shut_for(instance: Instance, key: str, children: int) -> list[Reason]:
    """Say why a new group can never open: too few seats, too few children who could come, no leader."""
    group = instance.group[key]
    if not group.opens_with:
        return []
    found = []
    if min(group.room, children) < group.opens_with:
        most = min(group.room, children)
        found.append(Reason("too_small", {"group": key, "children": most, "smallest": group.opens_with}))
    if instance.leaders is not None and instance.leaders.get(group.place, 0) < group.leaders:
        have = instance.leaders.get(group.place, 0)
        found.append(Reason("leaders", {"place": group.place, "leaders": group.leaders, "have": have}))
    return found


def without_sibling(instance: Instance, child: str, key: str) -> list[Reason]:
    """Say that an older child has no sibling who could sit beside it in a group."""
    one, group = instance.child[child], instance.group[key]
    family = instance.family[one.family]
    if not rules.only_beside(one, group) or key in family.seated:
        return []
    others = [each for each in instance.siblings[one.family] if rules.of_age(each, group)]
    if any(not rules.possible(each, group, family) for each in others):
        return []
    return [Reason("sibling_missing", {"months": one.months, "to": group.months_to})]


def in_the_way(instance: Instance, child: str, key: str) -> list[Reason]:
    """Say every rule that stands between a child and a group, whatever the others do."""
    one, group = instance.child[child], instance.group[key]
    found = rules.possible(one, group, instance.family[one.family])
    found = found or without_sibling(instance, child, key)
    if found:
        return found
    others = [each.key for each in instance.children if not rules.possible(each, group, instance.family[each.family])]
    return shut_for(instance, key, sum(not without_sibling(instance, each, key) for each in others))


def parts(instance: Instance, pairs: Mapping[str, tuple[str, ...]]) -> list[Instance]:
    """Divide an instance where nothing hangs together: no family, no group, no leader in common."""
    root: dict[str, str] = {}

    def top(key: str) -> str:
        while root.setdefault(key, key) != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    def join(one: str, other: str) -> None:
        first, last = sorted((top(one), top(other)))
        root[last] = first

    for child in instance.children:
        if pairs[child.key]:
            join(f"f:{child.family}", f"c:{child.key}")
        for key in pairs[child.key]:
            group = instance.group[key]
            join(f"c:{child.key}", f"g:{key}")
            if group.opens_with and instance.leaders is not None:
                join(f"g:{key}", f"p:{group.place}")
    children: dict[str, list[Child]] = {}
    for child in sorted(instance.children, key=lambda each: each.key):
        # Brothers and sisters with nowhere to sit are counted with the family: half of it may be placed.
        if any(pairs[each.key] for each in instance.siblings[child.family]):
            children.setdefault(top(f"f:{child.family}"), []).append(child)
    return [_piece(instance, those, pairs) for _key, those in sorted(children.items())]


def _piece(instance: Instance, children: list[Child], pairs: Mapping[str, tuple[str, ...]]) -> Instance:
    families = sorted({child.family for child in children})
    groups = {key for child in children for key in pairs[child.key]}
    groups |= {key for family in families for key in instance.family[family].seated if key in instance.group}
    return replace(
        instance,
        children=tuple(children),
        families=tuple(instance.family[key] for key in families),
        groups=tuple(instance.group[key] for key in sorted(groups)),
    )


# ---- The table ----


@dataclass
class Model:
    """An integer program under making: columns by name, rows, and one goal for each wish."""

    instance: Instance
    names: list[Name] = field(default_factory=list)
    at: dict[Name, int] = field(default_factory=dict)
    lower: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[float, float, list[int], list[float]]] = field(default_factory=list)
    goals: dict[str, dict[int, int]] = field(default_factory=dict)

    def column(self, *name: str | Trip, whole: bool = True, least: int = 0) -> int:
        """Add a column between nought and one."""
        key: Name = name  # type: ignore[assignment]
        self.at[key] = len(self.names)
        self.names.append(key)
        self.lower.append(least)
        self.whole.append(whole)
        return self.at[key]

    def row(self, low: float, terms: Iterable[tuple[int, float]], high: float) -> None:
        """Add a row: low ≤ the sum of the terms ≤ high."""
        listed = list(terms)
        self.rows.append((low, high, [column for column, _times in listed], [times for _column, times in listed]))

    def goal(self, wish: str, column: int, gain: int) -> None:
        """Let a column count for a wish."""
        if gain:
            goal = self.goals.setdefault(wish, {})
            goal[column] = goal.get(column, 0) + gain

    def vector(self, placing: Placing) -> np.ndarray:
        """Write a placing as the values of all columns."""
        seats, group = placing.seats, self.instance.group
        opened = set(seats.values())
        alone, count = set(rules.alone(self.instance, placing)), Counter[tuple[str, str]]()
        family = {key: [seats.get(child.key) for child in those] for key, those in self.instance.siblings.items()}
        for child, key in seats.items():
            count[key, self.instance.child[child].sex] += 1

        def read(kind: str, one: str, other: str | Trip) -> bool:
            if kind in {"any", "all", "trip"}:
                trips = [group[key].trip if key else None for key in family[one]]
                return any(trips) if kind == "any" else all(trips) if kind == "all" else set(trips) == {other}
            if kind in {"one", "none"}:
                there = (group[one].girls if other == "girl" else group[one].boys) or 0
                return (one, other) in alone if kind == "one" else not there + count[one, str(other)]
            return {"x": seats.get(one) == other, "y": one in opened, "p": placing.parents.get(one) == other}[kind]

        return np.array([read(*name) for name in self.names], dtype=float)

    def placing(self, values: np.ndarray) -> Placing:
        """Read a placing out of the values of the columns."""
        seats, parents = {}, {}
        for column in np.flatnonzero(values > 0.5):
            kind, one, other = self.names[column]
            if kind == "x":
                seats[one] = str(other)
            elif kind == "p":
                parents[one] = str(other)
        return Placing(dict(sorted(seats.items())), dict(sorted(parents.items())))


def build(instance: Instance, pairs: Mapping[str, tuple[str, ...]], forced: Mapping[str, str]) -> Model:
    """Write an instance as an integer program; `pairs` are the groups each child can sit in."""
    model = Model(instance)
    inside: dict[str, list[Child]] = {}
    for key in sorted(pairs):
        child = instance.child[key]
        columns = []
        for group in sorted(pairs[key]):
            columns.append(model.column("x", key, group, least=forced.get(key) == group))
            inside.setdefault(group, []).append(child)
            _seat_goals(model, columns[-1], child, instance.group[group])
        if columns:
            model.row(0, [(column, 1) for column in columns], 1)
    for key in sorted(inside):
        _group(model, instance.group[key], inside[key])
    _leaders(model, sorted(inside))
    _conflicts(model, inside)
    for key, children in sorted(instance.siblings.items()):
        _family(
            model, instance.family[key], [child for child in children if pairs.get(child.key)], len(children), pairs
        )
    _chairs(model)
    return model


def _seat_goals(model: Model, column: int, child: Child, group: Group) -> None:
    weeks = model.instance.weeks(child)
    model.goal("overdue", column, int(weeks > model.instance.limit_weeks))
    model.goal("placed", column, 1)
    model.goal("weeks", column, weeks)
    model.goal("kept", column, int(child.held == group.key))
    model.goal("comfort", column, -rules.detour(child, group))


def _group(model: Model, group: Group, children: list[Child]) -> None:
    """Hold the seats; let a new group open with enough children or not at all; see a lone girl or boy."""
    terms: list[tuple[int, float]] = [(model.at["x", child.key, group.key], 1) for child in children]
    if group.opens_with:
        opens = model.column("y", group.key, "")
        model.goal("few", opens, -1)
        model.row(-np.inf, [*terms, (opens, -group.room)], 0)
        model.row(0, [*terms, (opens, -group.opens_with)], np.inf)
    elif len(children) > group.room:
        model.row(-np.inf, terms, group.room)
    if "alone" not in model.instance.order:
        return
    for sex, known in (("girl", group.girls), ("boy", group.boys)):
        there = 0 if known is None and group.opens_with else known
        mine = [(column, times) for (column, times), child in zip(terms, children, strict=True) if child.sex == sex]
        if there is not None and there < 2 and (mine or there):
            one, none = model.column("one", group.key, sex), model.column("none", group.key, sex)
            model.goal("alone", one, -1)
            model.row(2 - there, [*mine, (one, 1), (none, 2)], np.inf)
            model.row(-np.inf, [*mine, (none, len(mine) + there)], len(mine))


def _leaders(model: Model, groups: list[str]) -> None:
    """Open no more new groups at a place than there are leaders for."""
    leaders = model.instance.leaders
    if leaders is None:
        return
    new: dict[str, list[tuple[int, float]]] = {}
    for key in groups:
        group = model.instance.group[key]
        if group.opens_with:
            new.setdefault(group.place, []).append((model.at["y", key, ""], group.leaders))
    for place, terms in sorted(new.items()):
        if sum(times for _column, times in terms) > leaders.get(place, 0):
            model.row(0, terms, leaders.get(place, 0))


def _conflicts(model: Model, inside: dict[str, list[Child]]) -> None:
    """Keep children apart who must not sit together."""
    for key, children in sorted(inside.items()):
        here = {child.key for child in children}
        sworn = {tuple(sorted((child.key, other))) for child in children for other in child.conflicts & here}
        for one, other in sorted(sworn):
            if one != other:
                model.row(0, [(model.at["x", one, key], 1), (model.at["x", other, key], 1)], 1)


def _family(
    model: Model, family: Family, children: list[Child], waiting: int, pairs: Mapping[str, tuple[str, ...]]
) -> None:
    """Write what holds for one family's waiting children, of whom `children` have somewhere to sit."""
    groups: dict[str, list[tuple[int, float]]] = {}
    for child in children:
        for group in pairs[child.key]:
            groups.setdefault(group, []).append((model.at["x", child.key, group], 1))
    for key, terms in sorted(groups.items()):
        where = model.instance.group[key]
        if family.siblings == "apart" and len(terms) > 1:
            model.row(0, terms, 1)
        own = [
            (model.at["x", each.key, key], -1.0)
            for each in children
            if key in pairs[each.key] and rules.of_age(each, where)
        ]
        for child in children:
            if key in pairs[child.key] and rules.only_beside(child, where) and key not in family.seated:
                model.row(-np.inf, [(model.at["x", child.key, key], 1), *own], 0)
    if waiting > 1:
        _half(model, family, children, waiting, pairs)
    if family.siblings == "together" and len(children) == waiting and (waiting > 1 or family.seated):
        _trips(model, family, children, pairs)
    if family.parent != "no":
        _parent(model, family, children, groups)


def _half(
    model: Model, family: Family, children: list[Child], waiting: int, pairs: Mapping[str, tuple[str, ...]]
) -> None:
    """Count a family of whom some are placed and some are not."""
    if not children:
        return
    some = model.column("any", family.key, "", whole=False)
    model.goal("siblings", some, -1)
    every = None
    if len(children) == waiting:
        every = model.column("all", family.key, "", whole=False)
        model.goal("siblings", every, 1)
    for child in children:
        seats: list[tuple[int, float]] = [(model.at["x", child.key, group], -1) for group in pairs[child.key]]
        model.row(0, [(some, 1), *seats], np.inf)
        if every is not None:
            model.row(-np.inf, [(every, 1), *seats], 0)


def _trips(model: Model, family: Family, children: list[Child], pairs: Mapping[str, tuple[str, ...]]) -> None:
    """Count a family whose children all travel together."""
    group = model.instance.group
    here = {group[key].trip for key in family.seated if key in group}
    if len(here) > 1:
        return
    ways: list[set[Trip]] = [{group[key].trip for key in pairs[child.key]} for child in children]
    shared = ways[0].intersection(*ways[1:])
    shared = shared & here if here else shared
    for trip in sorted(shared):
        column = model.column("trip", family.key, trip, whole=False)
        model.goal("siblings", column, 1)
        for child in children:
            seats = [(model.at["x", child.key, key], -1.0) for key in pairs[child.key] if group[key].trip == trip]
            model.row(-np.inf, [(column, 1), *seats], 0)


def _parent(model: Model, family: Family, children: list[Child], groups: Mapping[str, list[tuple[int, float]]]) -> None:
    """Seat a parent beside a child of the family, once; and always where it must be."""
    chairs: list[tuple[int, float]] = []
    for key, terms in sorted(groups.items()):
        if model.instance.group[key].parent_seats:
            chair = model.column("p", family.key, key)
            chairs.append((chair, 1))
            model.goal("parents", chair, 1)
            model.row(-np.inf, [(chair, 1), *((column, -1) for column, _times in terms)], 0)
    if chairs:
        model.row(0, chairs, 1)
    if family.parent == "must":
        for child in children:
            seats = [(column, -1.0) for key, column in _columns(model, child, groups)]
            model.row(0, [*chairs, *seats], np.inf)


def _columns(model: Model, child: Child, groups: Iterable[str]) -> list[tuple[str, int]]:
    return [(key, model.at["x", child.key, key]) for key in sorted(groups) if ("x", child.key, key) in model.at]


def _chairs(model: Model) -> None:
    """Hold the seats of the parallel groups; all families are in by now."""
    beside: dict[str, list[tuple[int, float]]] = {}
    for name, column in model.at.items():
        if name[0] == "p":
            beside.setdefault(str(name[2]), []).append((column, 1))
    for key, terms in sorted(beside.items()):
        if len(terms) > model.instance.group[key].parent_seats:
            model.row(0, terms, model.instance.group[key].parent_seats)
