"""What a placing is held against: sound data, every hard rule read once more, and the plain first come, first served.

`verify` reads the rules by itself and asks nothing of what made the placing, so a fault there is not repeated here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from brobygger.placement import program, rules
from brobygger.placement.rules import Child, Family, Group, Instance, Placing, Reason

#: Rules a placing can break, beside those between one child and one group.
BROKEN = (
    "unknown_child", "unknown_group", "unknown_family", "sibling_missing", "conflict_child", "apart", "same_hours",
    "too_full", "too_small", "leaders", "parent_without_child", "parent_unwished", "parent_missing", "parents_full",
)  # fmt: skip


class OddInstance(ValueError):
    """The data contradict themselves; the reasons say where, by code."""

    def __init__(self, reasons: list[Reason]) -> None:
        """Keep the reasons, so that a page can say them."""
        self.reasons = reasons
        super().__init__(", ".join(f"{each.code} {dict(each.facts)}" for each in reasons))


class NoPlacing(Exception):
    """There is no placing with the seats that were demanded; the reasons say which rule is in the way."""

    def __init__(self, reasons: list[Reason]) -> None:
        """Keep the reasons, so that a page can say them."""
        self.reasons = reasons
        super().__init__(", ".join(each.code for each in reasons))


class NotDecided(Exception):
    """The time was up before it was known whether what was demanded can be."""


@dataclass(frozen=True)
class Level:
    """One wish: how far it is met, the most there could be, and what it took.

    The bound holds given what was reached for the wishes above.
    """

    wish: str
    value: int
    bound: int
    seconds: float

    @property
    def gap(self) -> int:
        """How much better it could be at most; nought when the best is proved."""
        return self.bound - self.value

    @property
    def proved(self) -> bool:
        """Tell whether nothing better exists."""
        return self.gap == 0


@dataclass(frozen=True)
class Answer:
    """A placing with its proof, level by level in the house's order."""

    placing: Placing
    levels: tuple[Level, ...]
    seconds: float
    parts: int

    @property
    def proved(self) -> bool:
        """Tell whether no better placing exists at all."""
        return all(level.proved for level in self.levels)


# ---- The data ----


def check(instance: Instance) -> None:
    """Raise OddInstance with everything in the data that cannot be meant."""
    if found := [*_doubles(instance), *_strange(instance)]:
        raise OddInstance(found)


def _doubles(instance: Instance) -> Iterator[Reason]:
    kinds: tuple[tuple[str, Iterable[Child | Family | Group]], ...] = (
        ("child", instance.children),
        ("family", instance.families),
        ("group", instance.groups),
    )
    for kind, rows in kinds:
        twice = [key for key, times in Counter(row.key for row in rows).items() if times > 1]
        yield from (Reason("twice", {"kind": kind, "key": key}) for key in twice)
    if set(instance.order) - set(rules.WISHES) or len(set(instance.order)) != len(instance.order):
        yield Reason("order", {"wishes": " ".join(instance.order)})


def _strange(instance: Instance) -> Iterator[Reason]:
    for child in instance.children:
        if child.family not in instance.family:
            yield Reason("unknown_family", {"child": child.key, "family": child.family})
        odd = child.parity not in rules.PARITIES or child.parent not in ("", *rules.PARENT)
        if odd or child.months < 0 or any(each < 0 for each in child.reach.values()):
            yield Reason("odd_child", {"child": child.key})
    for family in instance.families:
        if family.siblings not in rules.TOGETHER or family.parent not in rules.PARENT:
            yield Reason("odd_family", {"family": family.key})
    for group in instance.groups:
        numbers = (group.seats_free, group.parent_seats, group.smallest, group.leaders, group.newcomers or 0)
        ages = 0 <= group.months_from <= group.months_to
        if min(numbers) < 0 or not ages or group.parity not in rules.PARITIES or not 0 <= group.weekday <= 6:
            yield Reason("odd_group", {"group": group.key})
    few = [(place, leaders) for place, leaders in (instance.leaders or {}).items() if leaders < 0]
    yield from (Reason("odd_leaders", {"place": place, "leaders": leaders}) for place, leaders in few)


# ---- The hard rules, read once more ----


def verify(instance: Instance, placing: Placing) -> list[Reason]:
    """Name every hard rule that a placing breaks, with whom and where; nothing when it holds."""
    found = []
    known = {}
    for child, group in sorted(placing.seats.items()):
        if child not in instance.child:
            found.append(Reason("unknown_child", {"child": child}))
        elif group not in instance.group:
            found.append(Reason("unknown_group", {"child": child, "group": group}))
        else:
            known[child] = group
            found += _seat(instance, instance.child[child], instance.group[group])
    found += _siblings(instance, known)
    found += _groups(instance, known)
    found += _parents(instance, placing, known)
    return found


def _seat(instance: Instance, child: Child, group: Group) -> Iterator[Reason]:
    """Read the rules between one child and one group, in other words than `possible` does."""
    about: dict[str, str | int] = {"child": child.key, "group": group.key}
    family, months = instance.family[child.family], child.months + group.later
    afternoon = "12:00" <= group.start < "16:00"
    part = "afternoon" if afternoon else ("morning" if group.start < "12:00" else "evening")
    free = child.free if child.free is not None else {(day, part) for day in range(7)}
    waits = family.beside is None or group.key in family.beside
    aged = group.kind in ("child", "pair") and not child.grown
    sits = {where for who, where in family.seated if who != (child.who or child.key)}
    wrong = {
        "too_young": aged and group.months_from > months,
        "too_old": aged and months > group.months_to and months > group.siblings_to,
        "child_waits": child.grown and group.kind in ("child", "pair"),
        "unreachable": child.reach.get(group.place) is None,
        "not_free": any({(day, part), (day, group.start)}.isdisjoint(free) for day in {group.weekday} | group.also),
        "week": (child.parity, group.parity) in {("even", "odd"), ("odd", "even"), ("even", "any"), ("odd", "any")},
        "language": bool(group.language and child.languages) and group.language not in child.languages,
        "talks": group.needs_talks and not child.talks_done,
        "busy": any(_meet((group.weekdays, group.start, group.end, group.parity), other) for other in child.busy),
        "other_offer": group.key in child.others,
        "conflict": group.key in child.conflicts or (family.siblings == "apart" and group.key in sits),
        "ends": group.left is not None and group.fewest > group.left,
        "no_parallel": _needs(family, child, group.key) and not (waits and group.parent_seats),
    }
    yield from (Reason(code, about) for code, broken in wrong.items() if broken)


def _needs(family: Family, child: Child, group: str) -> bool:
    return family.parent == "must" and child.parent not in {"no", "wish"} and group not in family.parent_at


def _meet(one: rules.Hours, other: rules.Hours) -> bool:
    (days, begins, ends, weeks), (more, starts, stops, other_weeks) = one, other
    if not any(day in more for day in days) or sorted((weeks, other_weeks)) == ["even", "odd"]:
        return False
    return not ((stops or "24:00") <= begins or (ends or "24:00") <= starts)


def _siblings(instance: Instance, seats: dict[str, str]) -> Iterator[Reason]:
    for family, children in sorted(instance.siblings.items()):
        wish = instance.family[family]
        seated = [child for child in children if child.key in seats]
        here = [(child, child.who or child.key, instance.group[seats[child.key]]) for child in seated]
        for child, who, group in here:
            months = child.months + group.later
            beside = any(sits == group.key and other != who for other, sits in wish.seated) or any(
                other != who
                and at.key == group.key
                and group.months_from <= sibling.months + group.later <= group.months_to
                for sibling, other, at in here
            )
            if months > group.months_to and not beside and group.kind != "parent":
                yield Reason("sibling_missing", {"child": child.key, "group": group.key})
        if wish.siblings == "apart" and len({group.key for _child, _who, group in here}) < len(here):
            yield Reason("apart", {"family": family})
        for (child, who, group), (_sibling, other, at) in combinations(here, 2):
            hours = [(each.weekdays, each.start, each.end, each.parity) for each in (group, at)]
            if who == other and (group.key == at.key or _meet(*hours)):
                yield Reason("same_hours", {"child": child.key, "group": group.key})


def _groups(instance: Instance, seats: dict[str, str]) -> Iterator[Reason]:
    inside: dict[str, list[str]] = {}
    for each, where in sorted(seats.items()):
        inside.setdefault(where, []).append(each)
    needed: Counter[str] = Counter()
    for key, children in sorted(inside.items()):
        group: Group = instance.group[key]
        fewer = group.running and group.newcomers is not None
        most = min(group.seats_free, group.newcomers or 0) if fewer else group.seats_free
        if len(children) > most:
            yield Reason("too_full", {"group": key, "children": len(children), "seats": most})
        if not group.running:
            needed[group.place] += group.leaders
            if len(children) < group.smallest:
                yield Reason("too_small", {"group": key, "children": len(children), "smallest": group.smallest})
        for child in children:
            one = instance.child[child]
            for other in (instance.child[each] for each in children if each != child):
                if {other.key, other.who} & one.conflicts and (not one.who or one.who != other.who):
                    yield Reason("conflict_child", {"child": child, "other": other.key, "group": key})
    for place, leaders in sorted(needed.items()):
        if instance.leaders is not None and leaders > instance.leaders.get(place, 0):
            yield Reason("leaders", {"place": place, "leaders": leaders, "have": instance.leaders.get(place, 0)})


def _parents(instance: Instance, placing: Placing, seats: dict[str, str]) -> Iterator[Reason]:
    at, with_a_child = instance.group, {(instance.child[child].family, key) for child, key in seats.items()}
    for key, group in sorted(placing.parents.items()):
        family = instance.family.get(key)
        if family is None or group not in instance.group:
            yield Reason("unknown_family" if family is None else "unknown_group", {"family": key, "group": group})
        else:
            elsewhere = family.beside is not None and group not in family.beside
            if family.parent == "no" or group in family.parent_at or elsewhere:
                yield Reason("parent_unwished", {"family": key})
        if (key, group) not in with_a_child:
            yield Reason("parent_without_child", {"family": key, "group": group})
    for group, parents in sorted(Counter(placing.parents.values()).items()):
        if group in at and parents > at[group].parent_seats:
            yield Reason("parents_full", {"group": group, "parents": parents, "seats": at[group].parent_seats})
    for one, group in ((instance.child[key], group) for key, group in sorted(seats.items())):
        if _needs(instance.family[one.family], one, group) and placing.parents.get(one.family) != group:
            yield Reason("parent_missing", {"family": one.family, "group": group})


# ---- First come, first served ----


def first_come(
    instance: Instance, wished: Iterable[tuple[str, str]] = (), pairs: Mapping[str, tuple[str, ...]] | None = None
) -> Placing:
    """Place children in the order they came, siblings on one trip where they wish and it can be done at once.

    A new group fills when nothing that runs has a seat; one that stays too small closes again, and its children
    try anew. Seats that are `wished` (child and group) are given first, where the rules let them;
    `pairs` are the groups each child can sit in, when they are known.
    """
    queue = _Queue(instance, pairs or program.pairs(instance))
    for child, group in wished:
        if child not in queue.seats and group in queue.pairs[child]:
            queue.sit(instance.child[child], instance.group[group])
    while queue.serve():
        pass
    return Placing(dict(sorted(queue.seats.items())), dict(sorted(queue.parents.items())))


class _Queue:
    def __init__(self, instance: Instance, pairs: Mapping[str, tuple[str, ...]]) -> None:
        self.instance, self.pairs = instance, pairs
        self.left = {each.key: each.room for each in instance.groups}
        self.chairs = {each.key: each.parent_seats for each in instance.groups}
        self.leaders = Counter(instance.leaders) if instance.leaders is not None else None
        self.seats: dict[str, str] = {}
        self.parents: dict[str, str] = {}
        self.inside: dict[str, set[str]] = {}
        self.closed: set[str] = set()
        self.who = {child.key: child.person for child in instance.children}
        self.sworn: dict[str, set[str]] = {}
        for child in instance.children:
            for other in child.conflicts:
                self.sworn.setdefault(child.person, set()).add(other)
                self.sworn.setdefault(other, set()).update((child.key, child.person))

    def serve(self) -> bool:
        """Give everybody a seat who can have one; tell whether a group closed again, so that another round is due."""
        for child in sorted(self.instance.children, key=lambda each: (each.since, each.key)):
            if child.key not in self.seats and self.pairs[child.key] and not self._with_siblings(child):
                self._one(child)
        small = [
            (len(children), key)
            for key, children in self.inside.items()
            if children and len(children) < self.instance.group[key].opens_with
        ]
        # The smallest first, and some at a time: the children of one may fill another.
        for _count, key in sorted(small)[: -(-len(small) // 4)]:
            self.closed.add(key)
            group = self.instance.group[key]
            if self.leaders is not None:
                self.leaders[group.place] += group.leaders
            for child_key in sorted(self.inside[key]):
                self._leave(child_key)
        return bool(small)

    def _with_siblings(self, child: Child) -> bool:
        """Seat all the siblings on one trip, or none of them."""
        children = self.instance.siblings[child.family]
        wish = self.instance.family[child.family].siblings
        waits = program.people(sorted(children, key=lambda each: (each.months, each.key)))
        if wish != "together" or len(waits) < 2 or any(each.key in self.seats for each in children):
            return False
        tried = set()
        for key in self.pairs[child.key]:
            trip = self.instance.group[key].trip
            if trip not in tried:
                tried.add(trip)
                # The youngest first: an older one may need a sibling of the group's age beside it.
                if all(any(self._one(each, trip) for each in those) for those in waits.values()):
                    return True
                for each in children:
                    self._leave(each.key)
        return False

    def _one(self, child: Child, trip: rules.Trip | None = None) -> bool:
        """Seat one child in the first group that takes it, one that is open before one that would be new."""
        groups = [self.instance.group[key] for key in self.pairs[child.key]]
        for group in sorted(groups, key=lambda each: bool(each.opens_with and not self.inside.get(each.key))):
            if (trip is None or group.trip == trip) and self.sit(child, group):
                return True
        return False

    def _takes(self, group: Group, child: Child) -> bool:
        inside = self.inside.get(group.key, set())
        if group.key in self.closed or self.left[group.key] < 1 or self._clash(group, child, inside):
            return False
        opens = self.leaders is not None and group.opens_with and not inside
        if opens and self.leaders is not None and self.leaders.get(group.place, 0) < group.leaders:
            return False
        family = self.instance.family[child.family]
        beside = [each for each in self.instance.siblings[child.family] if each.key in inside]
        if family.siblings == "apart" and beside:
            return False
        seat = self.parents.get(child.family) or (group.key if self._chair(family, group) else "")
        if family.must(child, group) and seat != group.key:
            return False
        grown = rules.only_beside(child, group) and group.key not in family.besides(child)
        return not grown or any(rules.of_age(each, group) for each in beside)

    def _chair(self, family: Family, group: Group) -> bool:
        return family.parent != "no" and family.chair(group) and self.chairs[group.key] > 0

    def _clash(self, group: Group, child: Child, inside: set[str]) -> bool:
        """Tell whether somebody sits there whom the child must not meet, or it sits somewhere else at that hour."""
        foes = self.sworn.get(child.person, set()) | self.sworn.get(child.key, set()) - {child.person}
        mine = [each.key for each in self.instance.siblings[child.family] if each.person == child.person]
        there = [self.instance.group[self.seats[each]] for each in mine if each in self.seats]
        met = any(foes & {each, self.who[each]} for each in inside if self.who[each] != child.person)
        return met or any(rules.at_once(group, each) for each in there)

    def sit(self, child: Child, group: Group) -> bool:
        """Seat a child, and its parent beside it, if the group takes it."""
        if not self._takes(group, child):
            return False
        if self.leaders is not None and group.opens_with and not self.inside.get(group.key):
            self.leaders[group.place] -= group.leaders
        self.seats[child.key] = group.key
        self.inside.setdefault(group.key, set()).add(child.key)
        self.left[group.key] -= 1
        family = self.instance.family[child.family]
        if child.family not in self.parents and self._chair(family, group):
            self.parents[child.family] = group.key
            self.chairs[group.key] -= 1
        return True

    def _leave(self, child: str) -> None:
        """Take a seat back, and the parent's beside it when no child of the family is left there."""
        key = self.seats.pop(child, None)
        if key is None:
            return
        group, family = self.instance.group[key], self.instance.child[child].family
        self.inside[key].discard(child)
        self.left[key] += 1
        if self.leaders is not None and group.opens_with and not self.inside[key] and key not in self.closed:
            self.leaders[group.place] += group.leaders
        others = [each.key for each in self.instance.siblings[family] if each.key in self.seats]
        if self.parents.get(family) == key and key not in [self.seats[each] for each in others]:
            del self.parents[family]
            self.chairs[key] += 1
            self._follow(family, others)

    def _follow(self, family: str, children: list[str]) -> None:
        """Find the parent another chair beside a child who stays."""
        wish, group = self.instance.family[family], self.instance.group
        chair = next((self.seats[each] for each in children if self._chair(wish, group[self.seats[each]])), None)
        if chair is not None:
            self.parents[family] = chair
            self.chairs[chair] -= 1
