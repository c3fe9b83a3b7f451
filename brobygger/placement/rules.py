"""Rules of placing waiting children in groups, over plain values: who can sit where, and what the house wishes.

Only these facts are used: how long a child has waited, age, reach, free times, what the family asked for, and the rules
of the groups. Nothing here weighs one family against another by anything else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

#: A weekday (0 is Monday) and a part of the day ("morning", "afternoon", "evening") or a start ("15:30").
Slot = tuple[int, str]
#: Where and when a family travels: place, weekday, start, weeks.
Trip = tuple[str, int, str, str]

#: What the house wishes, and the order it stands in unless the house says otherwise.
WISHES = ("overdue", "placed", "weeks", "siblings", "parents", "kept", "alone", "few", "comfort")
#: Rules that can stand between one child and one group.
IN_THE_WAY = (
    "too_young", "too_old", "unreachable", "not_free", "week", "language", "talks", "conflict", "full", "no_parallel",
)  # fmt: skip
PARITIES = ("even", "odd", "any")
TOGETHER = ("together", "apart", "any")
PARENT = ("no", "wish", "must")
#: Comfort is counted in minutes: above the shortest way there, and so many for a time that was not wished.
UNWISHED = 30


@dataclass(frozen=True)
class Child:
    """A waiting child, by what decides where there is a place.

    `free` is None when any time will do; `languages` is empty when the child speaks the house's own. `conflicts` holds
    keys of groups and of children that this child must not sit with. `held` is the group proposed last time.
    """

    key: str
    family: str
    since: date
    months: int
    reach: Mapping[str, int]
    free: frozenset[Slot] | None = None
    parity: str = "any"
    languages: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()
    wanted: frozenset[Slot] = frozenset()
    talks_done: bool = True
    sex: str = ""
    held: str = ""


@dataclass(frozen=True)
class Family:
    """What a family asked for; `seated` are the groups where a child of theirs sits already."""

    key: str
    siblings: str = "any"
    parent: str = "no"
    seated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    """A group that runs, or one that could be opened.

    Ages are in months, both ends included; `siblings_to` lets an older child in beside a sibling of the group's age.
    `newcomers` is how many may begin in one round of a running group (None: as many as there are seats).
    """

    key: str
    name: str
    place: str
    weekday: int
    start: str
    months_from: int
    months_to: int
    seats_free: int
    parity: str = "any"
    siblings_to: int = 0
    newcomers: int | None = None
    running: bool = True
    smallest: int = 1
    leaders: int = 1
    language: str = ""
    needs_talks: bool = False
    parent_seats: int = 0
    girls: int | None = None
    boys: int | None = None
    mean_months: int | None = None

    @property
    def room(self) -> int:
        """How many may begin in this round."""
        if self.running and self.newcomers is not None:
            return min(self.seats_free, self.newcomers)
        return self.seats_free

    @property
    def opens_with(self) -> int:
        """How many there must be before the group opens; a group that runs needs none."""
        return 0 if self.running else max(1, self.smallest)

    @property
    def trip(self) -> Trip:
        """Where and when one travels to it."""
        return self.place, self.weekday, self.start, self.parity

    @property
    def slots(self) -> frozenset[Slot]:
        """The group's time as families say it: the part of the day, and the start."""
        part = "morning" if self.start < "12:00" else "afternoon" if self.start < "16:00" else "evening"
        return frozenset({(self.weekday, part), (self.weekday, self.start)})


@dataclass(frozen=True)
class Instance:
    """Everything one placing looks at: who waits, what groups there are, leaders to open new ones, the house's order.

    `leaders` says how many leaders each place has for new groups (None: there are always enough).
    """

    today: date
    children: tuple[Child, ...] = ()
    families: tuple[Family, ...] = ()
    groups: tuple[Group, ...] = ()
    leaders: Mapping[str, int] | None = None
    limit_weeks: int = 26
    order: tuple[str, ...] = WISHES

    @cached_property
    def child(self) -> dict[str, Child]:
        """Children by key."""
        return {each.key: each for each in self.children}

    @cached_property
    def group(self) -> dict[str, Group]:
        """Groups by key."""
        return {each.key: each for each in self.groups}

    @cached_property
    def family(self) -> dict[str, Family]:
        """Families by key."""
        return {each.key: each for each in self.families}

    @cached_property
    def siblings(self) -> dict[str, tuple[Child, ...]]:
        """The waiting children of each family, in the order of their keys."""
        found: dict[str, list[Child]] = {}
        for each in sorted(self.children, key=lambda child: child.key):
            found.setdefault(each.family, []).append(each)
        return {family: tuple(children) for family, children in found.items()}

    def weeks(self, child: Child) -> int:
        """How many whole weeks a child has waited."""
        return max(0, (self.today - child.since).days // 7)


@dataclass(frozen=True)
class Placing:
    """Which child sits in which group, and which family's parent sits in which parallel group; all by key."""

    seats: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """One rule or fact by its code, with the numbers and keys it speaks of; the words are made elsewhere."""

    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


# ---- One child and one group ----


def possible(child: Child, group: Group, family: Family | None = None) -> list[Reason]:
    """Say every rule that stands between a child and a group; nothing when the child can sit there."""
    found = [*_age(child, group), *_time(child, group)]
    if group.place not in child.reach:
        found.append(Reason("unreachable", {"place": group.place}))
    if group.language and child.languages and group.language not in child.languages:
        found.append(Reason("language", {"language": group.language}))
    if group.needs_talks and not child.talks_done:
        found.append(Reason("talks"))
    if group.key in child.conflicts:
        found.append(Reason("conflict", {"with": group.key}))
    if group.room < 1:
        found.append(Reason("full", {"seats": group.room}))
    if family and family.parent == "must" and group.parent_seats < 1:
        found.append(Reason("no_parallel"))
    if family and family.siblings == "apart" and group.key in family.seated:
        found.append(Reason("conflict", {"with": "sibling"}))
    return found


def _age(child: Child, group: Group) -> Iterator[Reason]:
    if child.months < group.months_from:
        yield Reason("too_young", {"months": child.months, "from": group.months_from})
    highest = max(group.months_to, group.siblings_to)
    if child.months > highest:
        yield Reason("too_old", {"months": child.months, "to": highest})


def _time(child: Child, group: Group) -> Iterator[Reason]:
    if child.free is not None and not child.free & group.slots:
        yield Reason("not_free", {"weekday": group.weekday, "start": group.start})
    if child.parity != "any" and child.parity != group.parity:
        yield Reason("week", {"child": child.parity, "group": group.parity})


def only_beside(child: Child, group: Group) -> bool:
    """Tell whether a child is so old that a sibling of the group's age must sit there too."""
    return group.months_to < child.months <= group.siblings_to


def of_age(child: Child, group: Group) -> bool:
    """Tell whether a child is of the group's own age."""
    return group.months_from <= child.months <= group.months_to


def detour(child: Child, group: Group) -> int:
    """Say what a seat costs in comfort: minutes above the shortest way, months from the others, a time not wished."""
    minutes = child.reach[group.place] - min(child.reach.values())
    months = abs(child.months - group.mean_months) if group.mean_months is not None else 0
    return minutes + months + (UNWISHED if child.wanted and not child.wanted & group.slots else 0)


def pairs(instance: Instance) -> dict[str, tuple[str, ...]]:
    """Find the groups each child can sit in, nearest and most fitting first; children and groups by key."""
    at: dict[str, list[Group]] = {}
    for group in sorted(instance.groups, key=lambda each: each.key):
        at.setdefault(group.place, []).append(group)
    found = {}
    for child in sorted(instance.children, key=lambda each: each.key):
        family = instance.family.get(child.family)
        near = [group for place in child.reach for group in at.get(place, []) if not possible(child, group, family)]
        found[child.key] = tuple(g.key for g in sorted(near, key=lambda each: (detour(child, each), each.key)))
    return found


# ---- What a placing is worth to the house ----


def opened(instance: Instance, placing: Placing) -> list[str]:
    """Name the new groups that a placing opens."""
    used = set(placing.seats.values())
    return sorted(each.key for each in instance.groups if not each.running and each.key in used)


def together(instance: Instance, placing: Placing) -> list[str]:
    """Name the families who wished one trip for their children and get it."""
    found = []
    for key, children in sorted(instance.siblings.items()):
        family = instance.family[key]
        if family.siblings == "together" and _trips_wanted(family, children):
            trips = {_trip(instance, placing.seats.get(child.key)) for child in children}
            here = {_trip(instance, group) for group in family.seated if group in instance.group}
            if len(trips) == 1 and None not in trips and (not here or trips == here):
                found.append(key)
    return found


def _trips_wanted(family: Family, children: tuple[Child, ...]) -> bool:
    """Tell whether there are siblings to bring together at all."""
    return len(children) + bool(family.seated) > 1


def _trip(instance: Instance, group: str | None) -> Trip | None:
    return None if group is None else instance.group[group].trip


def half_placed(instance: Instance, placing: Placing) -> list[str]:
    """Name the families of whom some waiting children get a seat and some do not."""
    found = []
    for key, children in sorted(instance.siblings.items()):
        if 0 < sum(child.key in placing.seats for child in children) < len(children):
            found.append(key)
    return found


def alone(instance: Instance, placing: Placing) -> list[tuple[str, str]]:
    """Name the groups with one girl only, or one boy only, among groups whose girls and boys are known."""
    count: dict[tuple[str, str], int] = {}
    for child, group in placing.seats.items():
        place = group, instance.child[child].sex
        count[place] = count.get(place, 0) + 1
    found = []
    for each in sorted(instance.groups, key=lambda group: group.key):
        for sex, there in (("girl", each.girls), ("boy", each.boys)):
            there = 0 if there is None and not each.running else there
            if there is not None and there + count.get((each.key, sex), 0) == 1:
                found.append((each.key, sex))
    return found


def worth(instance: Instance, placing: Placing) -> dict[str, int]:
    """Count how far a placing meets each wish; more is better, so what the house wants little of is below nought."""
    seated = [(instance.child[child], instance.group[group]) for child, group in placing.seats.items()]
    waited = [instance.weeks(child) for child, _group in seated]
    return {
        "overdue": sum(weeks > instance.limit_weeks for weeks in waited),
        "placed": len(seated),
        "weeks": sum(waited),
        "siblings": len(together(instance, placing)) - len(half_placed(instance, placing)),
        "parents": len(placing.parents),
        "kept": sum(child.held == group.key for child, group in seated),
        "alone": -len(alone(instance, placing)),
        "few": -len(opened(instance, placing)),
        "comfort": -sum(detour(child, group) for child, group in seated),
    }


def value(instance: Instance, placing: Placing) -> tuple[int, ...]:
    """Say how far a placing meets the house's wishes, in the house's order; compare two as tuples."""
    found = worth(instance, placing)
    return tuple(found[wish] for wish in instance.order)


# ---- Why here ----


def why_here(instance: Instance, placing: Placing, child: str) -> list[Reason]:
    """Say what speaks for the seat a child got, or why it still waits, as codes with numbers and keys."""
    one, key = instance.child[child], placing.seats.get(child)
    groups = [each.key for each in instance.groups if not possible(one, each, instance.family[one.family])]
    weeks = instance.weeks(one)
    found = [
        Reason("waited", {"weeks": weeks, "limit": instance.limit_weeks, "over": int(weeks > instance.limit_weeks)})
    ]
    if key is None:
        there = [instance.weeks(instance.child[each]) for each, group in placing.seats.items() if group in groups]
        facts = {"groups": len(groups), "longer": sum(each >= weeks for each in there), "seats": len(there)}
        return [*found, Reason("no_seat", facts) if groups else Reason("nowhere")]
    group = instance.group[key]
    found.append(Reason("age", {"months": one.months, "from": group.months_from, "to": group.months_to}))
    minutes = one.reach[group.place]
    found.append(Reason("reach", {"place": group.place, "minutes": minutes, "least": min(one.reach.values())}))
    found.append(Reason("choices", {"groups": len(groups)}))
    trips = {each.key: placing.seats.get(each.key) for each in instance.siblings[one.family] if each.key != child}
    found += [
        Reason("sibling_same_trip" if instance.group[at].trip == group.trip else "sibling_elsewhere", {"child": each})
        for each, at in trips.items()
        if at
    ]
    if placing.parents.get(one.family) == key:
        found.append(Reason("parent_seat", {"group": key}))
    if one.wanted & group.slots:
        found.append(Reason("wished_time", {"weekday": group.weekday, "start": group.start}))
    if one.held == key:
        found.append(Reason("as_before", {"group": key}))
    if group.opens_with:
        count = sum(at == key for at in placing.seats.values())
        found.append(Reason("opens", {"group": key, "children": count, "smallest": group.opens_with}))
    return found
