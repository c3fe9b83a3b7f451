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
#: Where and when a family travels: place, weekdays, start, weeks.
Trip = tuple[str, tuple[int, ...], str, str]
#: When somebody is taken: weekdays, start, end, weeks.
Hours = tuple[tuple[int, ...], str, str, str]

#: What the house wishes, and the order it stands in unless the house says otherwise.
WISHES = ("overdue", "placed", "weeks", "siblings", "parents", "kept", "alone", "few", "comfort")
#: Rules that can stand between one child and one group.
IN_THE_WAY = (
    "too_young", "too_old", "child_waits", "unreachable", "not_free", "week", "busy", "language", "talks",
    "other_offer", "conflict", "ends", "full", "no_parallel",
)  # fmt: skip
#: The longest wait comes first in these steps, in weeks: nobody of one is given up for somebody below it.
BANDS = (20, 15, 10, 5)
PARITIES = ("even", "odd", "any")
TOGETHER = ("together", "apart", "any")
PARENT = ("no", "wish", "must")
#: Comfort is counted in minutes: above the shortest way there, and so many for a time that was not wished.
UNWISHED = 30


@dataclass(frozen=True)
class Child:
    """One wait of a child, by what decides where there is a place; `who` tells that two waits are the same child's.

    `free` is None when any time will do; `languages` is empty when the child speaks the house's own. `conflicts` holds
    keys of groups and of children that this child must not sit with; `others` are groups of what it does not wait for.
    `held` is the group proposed last time. `busy` is when it sits in another group already. `parent` is what was asked
    for this child alone (empty: as its family). A `grown` one is a grown-up.
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
    who: str = ""
    busy: frozenset[Hours] = frozenset()
    others: frozenset[str] = frozenset()
    parent: str = ""
    grown: bool = False

    @property
    def person(self) -> str:
        """Say whose wait it is."""
        return self.who or self.key


@dataclass(frozen=True)
class Family:
    """What a family asked for; `seated` says which child of theirs sits in which group already.

    `beside` are the groups beside which the parent waits for a seat; None is any that has one. `parent_at` are those
    beside which the parent sits already.
    """

    key: str
    siblings: str = "any"
    parent: str = "no"
    seated: frozenset[tuple[str, str]] = frozenset()
    beside: frozenset[str] | None = None
    parent_at: frozenset[str] = frozenset()

    @property
    def there(self) -> frozenset[str]:
        """Name the groups where a child of theirs sits."""
        return frozenset(group for _who, group in self.seated)

    def besides(self, child: Child) -> frozenset[str]:
        """Name the groups where a brother or sister of a child sits."""
        return frozenset(group for who, group in self.seated if who != child.person)

    def chair(self, group: "Group") -> bool:
        """Tell whether there are seats for the parent beside a group, where it does not sit already."""
        here = group.key not in self.parent_at and (self.beside is None or group.key in self.beside)
        return here and group.parent_seats > 0

    def must(self, child: Child, group: "Group") -> bool:
        """Tell whether a child can sit in a group only with a seat for the parent beside, which is not there yet."""
        return self.parent == "must" and child.parent in ("", "must") and group.key not in self.parent_at


@dataclass(frozen=True)
class Group:
    """A group that runs, or one that could be opened.

    Ages are in months, both ends included; `siblings_to` lets an older child in beside a sibling of the group's age.
    `newcomers` is how many may begin in one round of a running group (None: as many as there are seats). `also` are
    other weekdays it meets on. Children are so many months older at its first meeting as `later` says. A group that has
    begun and has fewer than `fewest` meetings left (None: it goes on) takes nobody; it ends on `last`. A grown-up waits
    for a group of `kind` "parent" alone, and no age counts there; in one of "pair" one comes along with each baby.
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
    end: str = ""
    also: frozenset[int] = frozenset()
    later: int = 0
    left: int | None = None
    fewest: int = 0
    last: str = ""
    kind: str = "child"

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
        return self.place, self.weekdays, self.start, self.parity

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days of the week it meets on."""
        return tuple(sorted({self.weekday, *self.also}))

    @property
    def hours(self) -> Hours:
        """When it takes somebody; a group whose end nobody knows takes the day."""
        return self.weekdays, self.start, self.end or "24:00", self.parity

    @property
    def slots(self) -> frozenset[Slot]:
        """The group's times as families say them: the part of the day, and the start."""
        return frozenset().union(*(self.slots_on(day) for day in self.weekdays))

    def slots_on(self, day: int) -> frozenset[Slot]:
        """The group's time on one of its days."""
        part = "morning" if self.start < "12:00" else "afternoon" if self.start < "16:00" else "evening"
        return frozenset({(day, part), (day, self.start)})


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
    def wishes(self) -> tuple[str, ...]:
        """The house's order, with the longest wait first step by step."""
        steps = tuple(f"weeks_{band}" for band in BANDS)
        return tuple(each for wish in self.order for each in ((*steps, wish) if wish == "weeks" else (wish,)))

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
        """The waits of each family's children, in the order of their keys."""
        found: dict[str, tuple[Child, ...]] = {}
        for each in sorted(self.children, key=lambda child: child.key):
            found[each.family] = (*found.get(each.family, ()), each)
        return found

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
    return fits(child, group, family) + ([Reason("full", {"seats": group.room})] if group.room < 1 else [])


def fits(child: Child, group: Group, family: Family | None = None) -> list[Reason]:
    """Say every rule that stands between a child and a group, be it full or not."""
    found = [*_age(child, group), *_time(child, group)]
    found += [Reason("unreachable", {"place": group.place})] if group.place not in child.reach else []
    foreign = group.language and child.languages and group.language not in child.languages
    found += [Reason("language", {"language": group.language})] if foreign else []
    found += [Reason("talks")] if group.needs_talks and not child.talks_done else []
    found += [Reason("child_waits")] if child.grown and group.kind != "parent" else []
    found += [Reason("other_offer")] if group.key in child.others else []
    found += [Reason("conflict", {"with": group.key})] if group.key in child.conflicts else []
    ends = group.left is not None and group.left < group.fewest
    found += [Reason("ends", {"last": group.last, "left": group.left or 0})] if ends else []
    found += [Reason("no_parallel")] if family and family.must(child, group) and not family.chair(group) else []
    away = family and family.siblings == "apart" and group.key in family.besides(child)
    return [*found, Reason("conflict", {"with": "sibling"})] if away else found


def _age(child: Child, group: Group) -> Iterator[Reason]:
    months, highest = child.months + group.later, max(group.months_to, group.siblings_to)
    asked = group.kind != "parent" and not child.grown
    if asked and months < group.months_from:
        yield Reason("too_young", {"months": months, "from": group.months_from})
    if asked and months > highest:
        yield Reason("too_old", {"months": months, "to": highest})


def _time(child: Child, group: Group) -> Iterator[Reason]:
    kept = [day for day in group.weekdays if child.free is not None and not child.free & group.slots_on(day)]
    yield from (Reason("not_free", {"weekday": day, "start": group.start}) for day in kept[:1])
    if child.parity != "any" and child.parity != group.parity:
        yield Reason("week", {"child": child.parity, "group": group.parity})
    if any(overlap(group.hours, each) for each in child.busy):
        yield Reason("busy", {"weekday": group.weekday, "start": group.start})


def overlap(one: Hours, other: Hours) -> bool:
    """Tell whether two times meet: on a day they share, in weeks they share."""
    days, start, end, weeks = one
    their_days, their_start, their_end, their_weeks = other
    meet = not set(days).isdisjoint(their_days) and start < their_end and their_start < end
    return meet and {weeks, their_weeks} != {"even", "odd"}


def at_once(one: Group, other: Group) -> bool:
    """Tell whether nobody can sit in both of two groups."""
    return one.key == other.key or overlap(one.hours, other.hours)


def sworn(one: Child, other: Child) -> bool:
    """Tell whether two children must not sit together."""
    theirs = one.conflicts & {other.key, other.person} or other.conflicts & {one.key, one.person}
    return bool(theirs) and one.person != other.person


def only_beside(child: Child, group: Group) -> bool:
    """Tell whether a child is so old that a sibling of the group's age must sit there too."""
    return group.kind != "parent" and group.months_to < child.months + group.later <= group.siblings_to


def of_age(child: Child, group: Group) -> bool:
    """Tell whether a child is of the group's own age."""
    return group.months_from <= child.months + group.later <= group.months_to


def detour(child: Child, group: Group) -> int:
    """Say what a seat costs in comfort: minutes above the shortest way, months from the others, a time not wished."""
    minutes = child.reach[group.place] - min(child.reach.values())
    months = abs(child.months - group.mean_months) if group.mean_months is not None else 0
    return minutes + months + (UNWISHED if child.wanted and not child.wanted & group.slots else 0)


# ---- What a placing is worth to the house ----


def opened(instance: Instance, placing: Placing) -> list[str]:
    """Name the new groups that a placing opens."""
    return sorted(key for key in set(placing.seats.values()) if not instance.group[key].running)


def together(instance: Instance, placing: Placing) -> list[str]:
    """Name the families who wished one trip for their children and get it: the same place, day, hour and weeks."""
    return [key for key in sorted(instance.siblings) if shared_trip(instance, placing, key) is not None]


def shared_trip(instance: Instance, placing: Placing, family: str) -> Trip | None:
    """Give the trip all children of a family share who wished it: those who sit somewhere, and those who wait."""
    if instance.family[family].siblings != "together":
        return None
    ways = seated_trips(instance, family)
    for child in instance.siblings[family]:
        ways.setdefault(child.person, set())
        if child.key in placing.seats:
            ways[child.person].add(instance.group[placing.seats[child.key]].trip)
    return min(set.intersection(*ways.values()), default=None) if len(ways) > 1 else None


def seated_trips(instance: Instance, family: str) -> dict[str, set[Trip]]:
    """Give the trips of a family's children who sit somewhere already, by child."""
    found: dict[str, set[Trip]] = {}
    for who, key in (each for each in sorted(instance.family[family].seated) if each[1] in instance.group):
        found.setdefault(who, set()).add(instance.group[key].trip)
    return found


def half_placed(instance: Instance, placing: Placing) -> list[str]:
    """Name the families of whom some waiting children get a seat and some do not."""
    placed = {instance.child[key].person for key in placing.seats}
    found = {key: {child.person for child in children} for key, children in sorted(instance.siblings.items())}
    return [key for key, everybody in found.items() if 0 < len(everybody & placed) < len(everybody)]


def alone(instance: Instance, placing: Placing) -> list[tuple[str, str]]:
    """Name the groups with one girl only, or one boy only, among groups whose girls and boys are known."""
    count: dict[tuple[str, str], int] = {}
    for place in ((group, instance.child[child].sex) for child, group in placing.seats.items()):
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
    late = {child.person for child, _group in seated if instance.weeks(child) > instance.limit_weeks}
    return {
        "overdue": len(late),
        "placed": len({child.person for child, _group in seated}),
        **{f"weeks_{band}": sum(weeks > band for weeks in waited) for band in BANDS},
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
    return tuple(map(worth(instance, placing).__getitem__, instance.wishes))
