"""Waiting lists that nobody stands on: invented children and groups, made from a seed, in the sizes of the design.

Service: 200 children, 15 groups. Region: 5,000 and 400, once with few seats and once with all groups new. Nation:
100,000 and 8,000, whose areas overlap.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from brobygger.placement.rules import Child, Family, Group, Instance, Slot

TODAY = date(2026, 11, 23)
#: Ages in months, as services divide them: babies, small children, the first years of school, and on.
BANDS = ((0, 12), (24, 71), (72, 107), (108, 155), (156, 215))
TIMES = ("09:30", "14:30", "16:30")
PARTS = ("morning", "afternoon", "evening")


@dataclass(frozen=True)
class Size:
    """How large a list is, and how scarce the seats."""

    children: int
    groups: int
    places: int
    new: float
    seats: tuple[int, int]
    #: Leaders at a place for each new group there.
    leaders: float = 0.7


SIZES = {
    "service": Size(200, 15, 3, 0.3, (1, 6)),
    "region, few seats": Size(5_000, 400, 24, 0.15, (0, 5)),
    "region, all new": Size(5_000, 400, 24, 1.0, (8, 12), 0.9),
    "nation": Size(100_000, 8_000, 480, 0.3, (2, 12)),
}


def invent(size: Size, seed: int = 0) -> Instance:
    """Make a waiting list of a size; the same seed gives the same list."""
    dice = np.random.default_rng(seed)
    # Places lie along a long land, so that each has neighbours and none reaches all.
    land = np.column_stack([dice.uniform(0, size.places * 8, size.places), dice.uniform(0, 40, size.places)])
    groups = tuple(_group(dice, size, number) for number in range(size.groups))
    children: list[Child] = []
    families: list[Family] = []
    while len(children) < size.children:
        family, those = _family(dice, size, land, len(families))
        families.append(family)
        children.extend(those[: size.children - len(children)])
    new = {
        place: sum(not each.running and each.place == place for each in groups)
        for place in map(_place, range(size.places))
    }
    leaders = {place: round(size.leaders * count) for place, count in new.items()}
    return Instance(today=TODAY, children=tuple(children), families=tuple(families), groups=groups, leaders=leaders)


def _place(number: int) -> str:
    return f"place-{number:03}"


def _group(dice: np.random.Generator, size: Size, number: int) -> Group:
    low, high = BANDS[int(dice.choice(len(BANDS), p=[0.1, 0.25, 0.25, 0.25, 0.15]))]
    running = bool(dice.random() >= size.new)
    seats = int(dice.integers(size.seats[0], size.seats[1] + 1)) if running else int(dice.integers(6, 11))
    wider = 0 if high <= 12 else int(dice.choice([0, 12, 24]))
    girls = int(dice.integers(0, 5)) if running else 0
    return Group(
        key=f"g{number:05}",
        name=f"Group {number}",
        place=_place(number % size.places),
        weekday=int(dice.integers(0, 5)),
        start=TIMES[0] if high <= 12 else str(dice.choice(TIMES[1:])),
        months_from=max(0, low - wider),
        months_to=high + wider,
        seats_free=seats,
        parity=str(dice.choice(["even", "odd"])),
        siblings_to=high + 24 if dice.random() < 0.2 else 0,
        newcomers=3,
        running=running,
        smallest=4,
        parent_seats=int(dice.integers(2, 6)) if dice.random() < 0.4 else 0,
        girls=girls,
        boys=int(dice.integers(0, 5)) if running else 0,
        mean_months=(low + high) // 2 + int(dice.integers(-6, 7)) if running else None,
    )


def _family(dice: np.random.Generator, size: Size, land: np.ndarray, number: int) -> tuple[Family, list[Child]]:
    count = int(dice.choice([1, 2, 3, 4], p=[0.75, 0.19, 0.05, 0.01]))
    home = land[int(dice.integers(size.places))] + dice.normal(0, 8, 2)
    minutes = np.hypot(*(land - home).T) * 1.5 + 5
    far = float(dice.choice([25, 40, 60]))
    reach = {_place(int(each)): int(minutes[each]) for each in np.flatnonzero(minutes <= far)}
    wish = "any" if count == 1 else str(dice.choice(["together", "apart", "any"], p=[0.6, 0.15, 0.25]))
    family = Family(
        key=f"f{number:06}",
        siblings=wish,
        parent=str(dice.choice(["no", "wish", "must"], p=[0.68, 0.3, 0.02])),
    )
    parity = str(dice.choice(["any", "even", "odd"], p=[0.8, 0.1, 0.1]))
    free = _free(dice)
    since = TODAY - timedelta(days=int(min(dice.exponential(90), 500)))
    children = []
    low, high = BANDS[int(dice.choice(len(BANDS), p=[0.08, 0.25, 0.27, 0.25, 0.15]))]
    youngest = int(dice.integers(low, high + 1))
    for each in range(count):
        wanted = frozenset(sorted(free)[:2]) if dice.random() < 0.3 else frozenset()
        months, sex = min(youngest + int(dice.integers(10, 40)) * each, 215), str(dice.choice(["girl", "boy"]))
        children.append(
            Child(f"{family.key}-{each}", family.key, since, months, reach, free, parity, wanted=wanted, sex=sex)
        )
    return family, children


def _free(dice: np.random.Generator) -> frozenset[Slot]:
    """Some weekdays, with most of their parts."""
    days = [day for day in range(5) if dice.random() < 0.75] or [2]
    return frozenset((day, part) for day in days for part in PARTS if dice.random() < 0.85) or frozenset(
        {(2, "evening")}
    )
