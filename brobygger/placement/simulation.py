"""A year of an invented service: children come, wait, begin and leave, and rules of placing are compared.

Every rule meets the same children with the same patience and the same stays, seed by seed; so the difference between
two rules is theirs and not the dice's. Nobody in it is anybody.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from scipy.special import stdtrit

from brobygger.placement import proof, rules, solver
from brobygger.placement.rules import Child, Family, Group, Instance, Placing

FIRST_DAY = date(2026, 1, 5)
#: The wishes that are played; comfort would only make the year longer to count.
ORDER = ("overdue", "placed", "weeks", "siblings", "parents")
#: Ages in months, in which services divide their groups.
BANDS = ((24, 83), (72, 119), (108, 167))
TIMES = tuple((weekday, start) for weekday in range(5) for start in ("14:30", "16:30"))
#: What is counted of a year.
COUNTED = ("mean_wait", "ninth_wait", "placed", "gave_up", "waiting", "empty", "separated", "parents")


@dataclass(frozen=True)
class Rule:
    """A rule of placing: by the best placing or first come, first served, every so many weeks."""

    key: str
    best: bool
    every: int


RULES = (
    Rule("first_come_2", False, 2),
    Rule("first_come_1", False, 1),
    Rule("best_1", True, 1),
    Rule("best_2", True, 2),
    Rule("best_4", True, 4),
)


@dataclass(frozen=True)
class Service:
    """An invented service: its groups, how many families come in a week, how long children stay and wait for it."""

    groups: int = 15
    places: int = 3
    seats: int = 8
    newcomers: int = 3
    parent_seats: int = 4
    families: float = 5.4
    stay: float = 30.0
    patience: float = 70.0
    warm: int = 52
    weeks: int = 52


@dataclass(frozen=True)
class Year:
    """What one rule made of one year."""

    mean_wait: float
    ninth_wait: float
    placed: int
    gave_up: int
    waiting: int
    empty: float
    separated: int
    parents: int


@dataclass(frozen=True)
class Span:
    """A mean over the seeds, with the interval that holds the true one in 95 of 100 such plays."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Played:
    """One rule over all seeds: each count, and its difference from the first rule's, seed by seed."""

    rule: Rule
    counts: dict[str, Span]
    against: dict[str, Span]


def simulate(
    service: Service = Service(),
    *,
    seeds: Iterable[int] = range(10),
    played: Iterable[Rule] = RULES,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Played]:
    """Play the year under each rule with each seed, and compare each with the first; `tell` hears how far it is."""
    years: dict[str, list[Year]] = {}
    listed, numbers = list(played), list(seeds)
    for seed in numbers:
        for rule in listed:
            years.setdefault(rule.key, []).append(year(service, rule, seed))
            tell(f"{rule.key} {seed}")
    found = []
    for rule in listed:
        own = {name: [float(getattr(each, name)) for each in years[rule.key]] for name in COUNTED}
        base = {name: [float(getattr(each, name)) for each in years[listed[0].key]] for name in COUNTED}
        apart = {name: [a - b for a, b in zip(own[name], base[name], strict=True)] for name in COUNTED}
        counts = {name: span(values) for name, values in own.items()}
        found.append(Played(rule, counts, {name: span(values) for name, values in apart.items()}))
    return found


def span(values: list[float]) -> Span:
    """Give the mean and its 95 % interval by Student's t; one value alone has no interval but itself."""
    mean, count = float(np.mean(values)), len(values)
    if count < 2:
        return Span(mean, mean, mean)
    half = float(stdtrit(count - 1, 0.975)) * float(np.std(values, ddof=1)) / count**0.5
    return Span(mean, mean - half, mean + half)


def year(service: Service, rule: Rule, seed: int) -> Year:
    """Play one year under one rule. Before it the service has run for a while, first come, first served."""
    house = _House(service, seed)
    warm = RULES[0]
    for week in range(service.warm):
        house.week(week, warm)
    house.begin()
    for week in range(service.warm, service.warm + service.weeks):
        house.week(week, rule)
    waits = np.array(house.waits or [0.0])
    return Year(
        mean_wait=float(waits.mean()),
        ninth_wait=float(np.quantile(waits, 0.9)),
        placed=len(house.waits),
        gave_up=house.gave_up,
        waiting=len(house.waiting),
        empty=float(np.mean(house.empty or [0])),
        separated=house.separated,
        parents=house.parents,
    )


# ---- The house, week by week ----


@dataclass(frozen=True)
class _Comer:
    """A child on its way: which week it comes, how long it will wait, how long it will stay."""

    child: Child
    week: int
    patience: float
    stay: int


@dataclass
class _House:
    """The service as it stands in one week."""

    service: Service
    seed: int
    waiting: dict[str, _Comer] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    gave_up: int = 0
    separated: int = 0
    parents: int = 0

    def __post_init__(self) -> None:
        dice = np.random.default_rng(self.seed)
        self.groups = [_group(dice, self.service, number) for number in range(self.service.groups)]
        self.comers, self.families = _stream(dice, self.service)
        # Who sits where until which week: (child, family, until, since); at the start strangers fill most seats.
        self.inside: dict[str, list[tuple[str, str, int, int]]] = {}
        self.chairs: dict[str, str] = {}
        for group in self.groups:
            ends = dice.integers(1, max(2, int(self.service.stay)), self.service.seats - 1)
            self.inside[group.key] = [(f"{group.key}-{number}", "", int(end), -9) for number, end in enumerate(ends)]

    def begin(self) -> None:
        """Count from here on."""
        self.waits, self.empty, self.gave_up, self.separated, self.parents = [], [], 0, 0, 0

    def week(self, week: int, rule: Rule) -> None:
        """Let children leave, come and lose patience; place when it is the week for it."""
        for key, seated in self.inside.items():
            self.inside[key] = [each for each in seated if each[2] > week]
        here = {(each[1], key) for key, seated in self.inside.items() for each in seated}
        self.chairs = {family: key for family, key in self.chairs.items() if (family, key) in here}
        self.waiting |= {each.child.key: each for each in self.comers.get(week, [])}
        there = len(self.waiting)
        self.waiting = {key: each for key, each in self.waiting.items() if week - each.week < each.patience}
        self.gave_up += there - len(self.waiting)
        if week % rule.every == 0 and self.waiting:
            instance = self._instance(week)
            answer = solver.solve(instance).placing if rule.best else proof.first_come(instance)
            self._seat(instance, answer, week)
        self.empty.append(sum(self.service.seats - len(seated) for seated in self.inside.values()))

    def _instance(self, week: int) -> Instance:
        """Write the week down as the placing reads it."""
        groups = []
        for group in self.groups:
            seated = self.inside[group.key]
            # At most so many newcomers between two meetings, however often seats are given.
            new = sum(since > week - 2 for _child, _family, _until, since in seated)
            taken = sum(key == group.key for key in self.chairs.values())
            left = max(0, self.service.newcomers - new)
            free = self.service.seats - len(seated)
            groups.append(
                replace(group, seats_free=free, newcomers=left, parent_seats=self.service.parent_seats - taken)
            )
        named = sorted({each.child.family for each in self.waiting.values()})
        homes = {
            key: frozenset((seat[0], at) for at, seated in self.inside.items() for seat in seated if seat[1] == key)
            for key in named
        }
        families = []
        for key in named:
            family = replace(self.families[key], seated=homes[key])
            families.append(replace(family, parent="no") if key in self.chairs else family)
        children = tuple(each.child for each in self.waiting.values())
        return Instance(FIRST_DAY + timedelta(weeks=week), children, tuple(families), tuple(groups), order=ORDER)

    def _seat(self, instance: Instance, placing: Placing, week: int) -> None:
        """Let the placed begin, and count what the year is measured by."""
        kept = set(rules.together(instance, placing))
        for family, children in instance.siblings.items():
            wished = instance.family[family].siblings == "together"
            several = len(children) > 1 or instance.family[family].seated
            if wished and several and family not in kept and any(each.key in placing.seats for each in children):
                self.separated += 1
        for key, at in placing.seats.items():
            comer = self.waiting.pop(key)
            self.inside[at].append((key, comer.child.family, week + comer.stay, week))
            self.waits.append(week - comer.week)
        self.chairs |= placing.parents
        self.parents += len(placing.parents)


def _group(dice: np.random.Generator, service: Service, number: int) -> Group:
    low, high = BANDS[number % len(BANDS)]
    weekday, start = TIMES[int(dice.integers(len(TIMES)))]
    parity = str(dice.choice(["even", "odd"]))
    place = f"place-{number // len(BANDS) % service.places}"
    return Group(f"g{number:03}", f"Group {number}", place, weekday, start, low, high, 0, parity)


def _stream(dice: np.random.Generator, service: Service) -> tuple[dict[int, list[_Comer]], dict[str, Family]]:
    """Draw everybody who will come, with their patience and their stay: the same for every rule."""
    comers: dict[int, list[_Comer]] = {}
    families: dict[str, Family] = {}
    for week in range(service.warm + service.weeks):
        for _each in range(int(dice.poisson(service.families))):
            key = f"f{len(families):05}"
            count = int(dice.choice([1, 2, 3], p=[0.76, 0.2, 0.04]))
            wish = str(dice.choice(["together", "apart", "any"], p=[0.6, 0.15, 0.25])) if count > 1 else "any"
            families[key] = Family(key, wish, "wish" if dice.random() < 0.3 else "no")
            comers.setdefault(week, []).extend(_children(dice, service, key, count, week))
    return comers, families


def _children(dice: np.random.Generator, service: Service, family: str, count: int, week: int) -> list[_Comer]:
    home = int(dice.integers(service.places))
    reach = {f"place-{home}": 10}
    for number in range(service.places):
        if number != home and dice.random() < 0.4:
            reach[f"place-{number}"] = int(dice.integers(20, 50))
    free = frozenset((day, part) for day in range(5) for part in ("afternoon", "evening") if dice.random() < 0.7)
    parity = str(dice.choice(["any", "even", "odd"], p=[0.8, 0.1, 0.1]))
    patience = float(dice.exponential(service.patience)) + 2
    youngest, since = int(dice.integers(30, 160)), FIRST_DAY + timedelta(weeks=week)
    found = []
    for number in range(count):
        months = min(youngest + 24 * number, 167)
        # Some leave after a meeting or two; most stay their time.
        stay = 4 if dice.random() < 0.15 else max(4, int(dice.normal(service.stay * 1.15, 6)))
        child = Child(f"{family}-{number}", family, since, months, reach, free or None, parity)
        found.append(_Comer(child, week, patience, stay))
    return found
