"""The waiting children and the groups as a table of numbers that a solver can read: one integer program.

Columns: x child in group, y group opens, p parent in the parallel group; and what follows from them (trip: all siblings
on one trip; all, any: all or some of a family's children; seat, late: a child with several waits, or several that are
too long, is placed; none, one: no child, one child of a sex in a group).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from brobygger.placement import rules
from brobygger.placement.rules import Child, Family, Group, Instance, Placing, Reason, Trip

#: What a column stands for: its kind and the keys it speaks of.
Name = tuple[str, str, str | Trip]


# ---- What can be at all ----


def pairs(instance: Instance) -> dict[str, tuple[str, ...]]:
    """Find the groups each child can sit in, nearest and most fitting first; children and groups by key."""
    at: dict[str, list[Group]] = {}
    for group in sorted(instance.groups, key=lambda each: each.key):
        at.setdefault(group.place, []).append(group)
    found = {}
    for child in sorted(instance.children, key=lambda each: each.key):
        near = [group for place in child.reach for group in at.get(place, []) if not against(instance, child, group)]
        found[child.key] = tuple(g.key for g in sorted(near, key=lambda each: (rules.detour(child, each), each.key)))
    return found


def seats(instance: Instance) -> dict[str, tuple[str, ...]]:
    """Find the groups each child can sit in, without the new groups that can never open."""
    found = pairs(instance)
    while True:
        here: dict[str, set[str]] = {}
        for child, groups in found.items():
            for key in groups:
                here.setdefault(key, set()).add(instance.child[child].person)
        shut = {key for key, children in here.items() if shut_for(instance, key, len(children))}
        if not shut:
            return found
        found = {child: tuple(key for key in groups if key not in shut) for child, groups in found.items()}


def against(instance: Instance, child: Child, group: Group) -> list[Reason]:
    """Say every rule that stands between a child and a group; if none does, that a sibling is missing there."""
    family = instance.family[child.family]
    found = rules.possible(child, group, family)
    if found or not rules.only_beside(child, group) or group.key in family.besides(child):
        return found
    others = [each for each in instance.siblings[child.family] if each.person != child.person]
    if any(rules.of_age(each, group) and not rules.possible(each, group, family) for each in others):
        return []
    return [Reason("sibling_missing", {"months": child.months + group.later, "to": group.months_to})]


def near(instance: Instance) -> dict[str, int]:
    """Count how many could sit in each new group, whatever the others do."""
    new = [group for group in instance.groups if group.opens_with]
    return {at.key: len({one.person for one in instance.children if not against(instance, one, at)}) for at in new}


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


def in_the_way(instance: Instance, child: str, key: str, could: Mapping[str, int] | None = None) -> list[Reason]:
    """Say every rule that stands between a child and a group, whatever the others do; `could` is what `near` counts."""
    group = instance.group[key]
    found = against(instance, instance.child[child], group)
    if found or not group.opens_with:
        return found
    return shut_for(instance, key, (near(instance) if could is None else could)[key])


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

    def late(self, child: Child) -> bool:
        """Tell whether a wait is beyond the house's limit."""
        return self.instance.weeks(child) > self.instance.limit_weeks

    def vector(self, placing: Placing) -> np.ndarray:
        """Write a placing as the values of all columns."""
        seats, group = placing.seats, self.instance.group
        opened = set(seats.values())
        alone, count = set(rules.alone(self.instance, placing)), Counter[tuple[str, str]]()
        half = set(rules.half_placed(self.instance, placing))
        one_of = {self.instance.child[key].family for key in seats}
        trips = {key: rules.shared_trip(self.instance, placing, key) for key in self.instance.siblings}
        seated = [self.instance.child[key] for key in seats]
        who = {each.person for each in seated}, {each.person for each in seated if self.late(each)}
        for child, key in seats.items():
            count[key, self.instance.child[child].sex] += 1

        def read(kind: str, one: str, other: str | Trip) -> bool:
            if kind in {"any", "all", "trip"}:
                some = one in one_of
                return some if kind == "any" else some and one not in half if kind == "all" else trips[one] == other
            if kind in {"seat", "late"}:
                return one in who[kind == "late"]
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
        waiting = len({child.person for child in children})
        _family(model, instance.family[key], [child for child in children if pairs.get(child.key)], waiting, pairs)
    _chairs(model)
    return model


def _seat_goals(model: Model, column: int, child: Child, group: Group) -> None:
    weeks = model.instance.weeks(child)
    for band in rules.BANDS:
        model.goal(f"weeks_{band}", column, int(weeks > band))
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
        named = [child for child in children if child.conflicts]
        sworn = {(min(a.key, b.key), max(a.key, b.key)) for a in named for b in children if rules.sworn(a, b)}
        for one, other in sorted(sworn):
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
        here = [each for each in children if key in pairs[each.key]]
        for child in here:
            if rules.only_beside(child, where) and key not in family.besides(child):
                others = [each for each in here if each.person != child.person and rules.of_age(each, where)]
                own = [(model.at["x", each.key, key], -1.0) for each in others]
                model.row(-np.inf, [(model.at["x", child.key, key], 1), *own], 0)
    everybody = people(children)
    for who, waits in everybody.items():
        _once(model, who, waits, pairs)
    if waiting > 1:
        _half(model, family, everybody, waiting, pairs)
    if family.siblings == "together":
        _trips(model, family, everybody, pairs)
    if family.parent != "no":
        _parent(model, family, children, groups)


def people(children: Iterable[Child]) -> dict[str, list[Child]]:
    """Put together the waits of one child, by whose they are."""
    found: dict[str, list[Child]] = {}
    for child in children:
        found.setdefault(child.person, []).append(child)
    return found


def _once(model: Model, who: str, waits: list[Child], pairs: Mapping[str, tuple[str, ...]]) -> None:
    """Let one child sit in no two groups at once, and count it once however many of its waits end."""
    group = model.instance.group
    sits = [(each.key, key) for each in waits for key in pairs[each.key]]
    for at, (one, here) in enumerate(sits):
        for other, there in sits[at + 1 :]:
            if one != other and rules.at_once(group[here], group[there]):
                model.row(0, [(model.at["x", one, here], 1), (model.at["x", other, there], 1)], 1)
    late = [each for each in waits if model.late(each)]
    for kind, wish, those in (("seat", "placed", waits), ("late", "overdue", late)):
        seats = [model.at["x", each.key, key] for each in those for key in pairs[each.key]]
        if len(those) == 1:
            for column in seats:
                model.goal(wish, column, 1)
        elif those:
            once = model.column(kind, who, "", whole=False)
            model.goal(wish, once, 1)
            model.row(-np.inf, [(once, 1), *((column, -1) for column in seats)], 0)


def _half(
    model: Model, family: Family, everybody: dict[str, list[Child]], waiting: int, pairs: Mapping[str, tuple[str, ...]]
) -> None:
    """Count a family of whom some are placed and some are not."""
    if not everybody:
        return
    some = model.column("any", family.key, "", whole=False)
    model.goal("siblings", some, -1)
    every = None
    if len(everybody) == waiting:
        every = model.column("all", family.key, "", whole=False)
        model.goal("siblings", every, 1)
    for waits in everybody.values():
        ways = [[(model.at["x", each.key, group], -1.0) for group in pairs[each.key]] for each in waits]
        for seats in ways:
            model.row(0, [(some, 1), *seats], np.inf)
        if every is not None:
            model.row(-np.inf, [(every, 1), *(seat for seats in ways for seat in seats)], 0)


def _trips(
    model: Model, family: Family, everybody: dict[str, list[Child]], pairs: Mapping[str, tuple[str, ...]]
) -> None:
    """Count a family whose children all travel together: those who wait, and those who sit somewhere."""
    group, found = model.instance.group, list[tuple[int, float]]()
    there = rules.seated_trips(model.instance, family.key)
    ways = {who: {group[key].trip for each in waits for key in pairs[each.key]} for who, waits in everybody.items()}
    names = {**there, **people(model.instance.siblings[family.key])}
    trips = [ways.get(who, set()) | there.get(who, set()) for who in names]
    for trip in sorted(set.intersection(*trips)) if len(trips) > 1 else []:
        found.append((model.column("trip", family.key, trip, whole=False), 1))
        model.goal("siblings", found[-1][0], 1)
        for who, waits in everybody.items():
            if trip not in there.get(who, set()):
                sits = [(each.key, key) for each in waits for key in pairs[each.key] if group[key].trip == trip]
                seats = [(model.at["x", each, key], -1.0) for each, key in sits]
                model.row(-np.inf, [found[-1], *seats], 0)
    if len(found) > 1:
        model.row(0, found, 1)


def _parent(model: Model, family: Family, children: list[Child], groups: Mapping[str, list[tuple[int, float]]]) -> None:
    """Seat a parent beside a child of the family, once; and always beside one who must have it there."""
    chairs: list[tuple[int, float]] = []
    for key, terms in sorted(groups.items()):
        if family.chair(model.instance.group[key]):
            chair = model.column("p", family.key, key)
            chairs.append((chair, 1))
            model.goal("parents", chair, 1)
            model.row(-np.inf, [(chair, 1), *((column, -1) for column, _times in terms)], 0)
    if chairs:
        model.row(0, chairs, 1)
    for child in children:
        for key in sorted(groups):
            seat = model.at.get(("x", child.key, key))
            if seat is not None and family.must(child, model.instance.group[key]):
                model.row(0, [(model.at["p", family.key, key], 1), (seat, -1)], np.inf)


def _chairs(model: Model) -> None:
    """Hold the seats of the parallel groups; all families are in by now."""
    beside: dict[str, list[tuple[int, float]]] = {}
    for name, column in model.at.items():
        if name[0] == "p":
            beside.setdefault(str(name[2]), []).append((column, 1))
    for key, terms in sorted(beside.items()):
        if len(terms) > model.instance.group[key].parent_seats:
            model.row(0, terms, model.instance.group[key].parent_seats)
