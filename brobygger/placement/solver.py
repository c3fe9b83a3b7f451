"""The best placing by the house's wishes, wish by wish, and the proof that none is better.

The solver is HiGHS, on one thread and with one seed: the same data give the same answer, in whatever order they come.
Children and groups that have nothing to do with each other are solved apart; the sum of the parts is as good.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import highspy
import numpy as np

from brobygger.placement import program, proof, rules
from brobygger.placement.proof import Answer, Level, NoPlacing, NotDecided
from brobygger.placement.rules import Child, Instance, Placing, Reason

#: Seconds for each wish, unless the caller says otherwise.
LIMIT = 60.0
#: The solver looked everywhere it was allowed to.
DECIDED = {
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kObjectiveTarget,
}


def solve(
    instance: Instance,
    *,
    limit: float = LIMIT,
    until: float = math.inf,
    forced: Mapping[str, str] | None = None,
    near: Placing | None = None,
) -> Answer:
    """Find the best placing by the house's wishes in their order; `limit` is seconds for each wish.

    At `until` (as `time.monotonic` counts) it stops, whatever wish it is at; what is not solved by then is not proved.
    `forced` demands seats (child to group); of equal placings the one most like `near` is taken. Raises OddInstance,
    and with `forced` NoPlacing or NotDecided.
    """
    proof.check(instance)
    forced = dict(forced or {})
    began = time.monotonic()
    pairs = program.seats(instance)
    demand(instance, pairs, forced)
    pieces = parts(instance, pairs)
    widths = [sum(len(pairs[each.key]) for each in piece.children) for piece in pieces]
    found: dict[str, str] = {}
    parents: dict[str, str] = {}
    climbs = []
    for piece, width in zip(pieces, widths, strict=True):
        climb = _Climb(piece, {each.key: pairs[each.key] for each in piece.children}, forced, near)
        climb.run(max(1.0, limit * width / max(1, sum(widths))), until)
        climbs.append(climb)
        found |= climb.best.seats
        parents |= climb.best.parents
    placing = Placing(dict(sorted(found.items())), dict(sorted(parents.items())))
    reached = rules.worth(instance, placing)
    levels = []
    for wish in instance.wishes:
        above = sum(max(0, climb.bounds[wish] - rules.worth(climb.instance, climb.best)[wish]) for climb in climbs)
        levels.append(Level(wish, reached[wish], reached[wish] + above, sum(climb.seconds[wish] for climb in climbs)))
    return Answer(placing, tuple(levels), time.monotonic() - began, len(pieces))


def demand(instance: Instance, pairs: dict[str, tuple[str, ...]], forced: Mapping[str, str]) -> None:
    """Refuse a seat that a rule forbids."""
    found = []
    for child, key in sorted(forced.items()):
        if child not in instance.child or key not in instance.group:
            found.append(Reason("unknown_child" if child not in instance.child else "unknown_group", {"child": child}))
        elif key not in pairs[child]:
            found += program.in_the_way(instance, child, key)
    if found:
        raise NoPlacing(found)


# ---- What hangs together ----


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
    groups |= {key for family in families for key in instance.family[family].there if key in instance.group}
    return replace(
        instance,
        children=tuple(children),
        families=tuple(instance.family[key] for key in families),
        groups=tuple(instance.group[key] for key in sorted(groups)),
    )


# ---- Wish by wish ----


@dataclass
class _Climb:
    """One part, solved wish by wish: what is reached stays reached."""

    instance: Instance
    pairs: dict[str, tuple[str, ...]]
    forced: Mapping[str, str]
    near: Placing | None
    best: Placing = field(default_factory=Placing)
    bounds: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self, limit: float, until: float) -> None:
        """Solve each wish in turn, from first come, first served on."""
        self.until = until
        self.model = program.build(self.instance, self.pairs, self.forced)
        self.best = proof.first_come(self.instance, pairs=self.pairs)
        mine = {child: key for child, key in self.forced.items() if child in self.pairs}
        self.lacking = any(self.best.seats.get(child) != key for child, key in mine.items())
        # A forced seat stays; a column that follows from others may lie between nought and one.
        self.free = np.array(self.model.whole, dtype=bool) & (np.array(self.model.lower) == 0)
        self.whole, self.loose = _highs(self.model), _highs(self.model, whole=False)
        if self.lacking:
            self._raise({}, limit, -1)
        for wish in self.instance.wishes:
            began = time.monotonic()
            self.bounds[wish] = self._level(wish, limit)
            self.seconds[wish] = time.monotonic() - began
        if self.near is not None:
            listed = [self.model.at.get(("x", child, key), -1) for child, key in self.near.seats.items()]
            goal = {column: 1 for column in listed if column >= 0}
            if self._sum(goal) < len(goal):
                self._raise(goal, limit, len(goal))

    def _level(self, wish: str, limit: float) -> int:
        """Raise one wish as far as it goes, hold it there, and give the most it could be."""
        goal = self.model.goals.get(wish, {})
        bound = self._ceiling(wish, goal)
        if goal and self._sum(goal) < bound:
            bound = self._raise(goal, limit, bound)
        if goal:
            columns = np.array(sorted(goal), dtype=np.int32)
            gains = np.array([goal[column] for column in columns], dtype=float)
            for solver in (self.whole, self.loose):
                solver.addRow(self._sum(goal), np.inf, len(columns), columns, gains)
        # What no column can change: a lone girl in a group that nobody can join.
        return bound + rules.worth(self.instance, self.best)[wish] - self._sum(goal)

    def _sum(self, goal: Mapping[int, int]) -> int:
        vector = self.model.vector(self.best)
        return round(sum(vector[column] * gain for column, gain in goal.items()))

    def _ceiling(self, wish: str, goal: Mapping[int, int]) -> int:
        """Say the most a wish could reach if nobody stood in anybody's way."""
        if wish == "siblings":
            return len({name[1] for name in self.model.names if name[0] == "trip"})
        most: dict[str, int] = {}
        for column, gain in goal.items():
            who = self.model.names[column][1]
            most[who] = max(most.get(who, 0), gain)
        seats = sum(self.instance.group[key].room for key in {key for groups in self.pairs.values() for key in groups})
        return sum(sorted(most.values(), reverse=True)[:seats])

    def _raise(self, goal: Mapping[int, int], limit: float, bound: int) -> int:
        """Let the solver raise one wish; give its bound: first with children in halves, then whole, ever wider."""
        now, count = time.monotonic(), len(self.model.names)
        limit = min(limit, self.until - now)
        if limit <= 0:
            if self.lacking:
                raise NotDecided
            return bound
        until = now + limit
        costs = np.zeros(count)
        for column, gain in goal.items():
            costs[column] = -gain
        for solver in (self.whole, self.loose):
            solver.changeColsCost(count, np.arange(count, dtype=np.int32), costs)
        # From the beginning: with its tricks of simplifying it is faster than from where it stood.
        self.loose.clearSolver()
        self.loose.setOptionValue("time_limit", self.loose.getRunTime() + limit)
        self.loose.run()
        halves = self.loose.getModelStatus() == highspy.HighsModelStatus.kOptimal
        if halves:
            bound = self._near_halves(goal, bound, until)
        if self.lacking or self._sum(goal) < bound:
            self._run(bound, max(limit / 4, until - time.monotonic()))
            if self.whole.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
                raise NoPlacing([])
            if self.lacking:
                raise NotDecided
            reached = self.whole.getInfo().mip_dual_bound
            bound = min(bound, int(np.floor(1e-5 - reached))) if np.isfinite(reached) else bound
        if halves:
            for side, fixed in self._settled(-self._sum(goal)):
                self.free &= ~fixed
                self._fix(fixed, side, side, self.whole, self.loose)
        return bound

    def _near_halves(self, goal: Mapping[int, int], bound: int, until: float) -> int:
        """Search beside the best placing of halves, where the best is mostly found and can be proved at once."""
        bound = min(bound, int(np.floor(1e-5 - self.loose.getInfo().objective_function_value)))
        halves = np.array(self.loose.getSolution().col_value)
        self._keep(self._rounded(halves))
        # What is whole already stays so; the rest is small.
        narrow = [(side, self.free & (abs(halves - side) < 0.01)) for side in (0.0, 1.0)]
        for less in (None, 0, 2):
            left = until - time.monotonic()
            if (not self.lacking and self._sum(goal) >= bound) or left <= 0:
                break
            fixed = narrow if less is None else self._settled(less - bound)
            if sum(columns.sum() for _side, columns in fixed) < self.free.sum() / 3:
                continue
            for side, columns in fixed:
                self._fix(columns, side, side, self.whole)
            self._run(bound, left / 2)
            if less is not None and not self.lacking and self.whole.getModelStatus() in DECIDED:
                # Every placing at most so much below the bound was still in reach.
                bound = min(bound, max(self._sum(goal), bound - less - 1))
            self._fix(self.free, 0.0, 1.0, self.whole)
        return bound

    def _settled(self, reached: float) -> list[tuple[float, np.ndarray]]:
        """Find the columns that cannot change without losing some of what is reached: their own cost says so."""
        least, own = self.loose.getInfo().objective_function_value, np.array(self.loose.getSolution().col_dual)
        return [(side, self.free & (least + lost > reached + 1e-4)) for side, lost in ((0.0, own), (1.0, -own))]

    def _fix(self, which: np.ndarray, low: float, high: float, *solvers: highspy.Highs) -> None:
        columns = np.flatnonzero(which).astype(np.int32)
        for solver in solvers:
            solver.changeColsBounds(len(columns), columns, np.full(len(columns), low), np.full(len(columns), high))

    def _run(self, bound: int, seconds: float) -> None:
        """Run the solver from the best there is, until the bound is reached, and take what it found."""
        if not self.lacking:
            start = highspy.HighsSolution()
            start.col_value = self.model.vector(self.best).tolist()
            self.whole.setSolution(start)
            self.whole.setOptionValue("objective_target", 0.5 - bound)
        self.whole.setOptionValue("time_limit", seconds)
        self.whole.run()
        if self.whole.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            values = np.array(self.whole.getSolution().col_value)
            self._keep(self.model.placing(values))
            # Seats that the wish of the hour did not ask for are still given to somebody.
            self._keep(self._rounded(values))

    def _keep(self, found: Placing) -> None:
        """Keep a placing that is no worse than the one there is, after reading every rule once more."""
        demanded = all(found.seats.get(child) == key for child, key in self.forced.items() if child in self.pairs)
        better = self.lacking or rules.value(self.instance, found) >= rules.value(self.instance, self.best)
        if demanded and better and not proof.verify(self.instance, found):
            self.best, self.lacking = found, False

    def _rounded(self, values: np.ndarray) -> Placing:
        """Make whole children of halves: the fullest seats first, the rest as they come."""
        names = [self.model.names[column] for column in np.argsort(-values, kind="stable") if values[column] > 0.3]
        wished = [(name[1], str(name[2])) for name in names if name[0] == "x"]
        return proof.first_come(self.instance, wished, self.pairs)


def _highs(model: program.Model, *, whole: bool = True) -> highspy.Highs:
    """Hand the table to the solver: one thread, one seed, whole numbers proved to the last one, or none whole."""
    solver = highspy.Highs()
    for name, setting in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.9),
    ):
        solver.setOptionValue(name, setting)
    lp = highspy.HighsLp()
    count = len(model.names)
    lp.num_col_, lp.num_row_ = count, len(model.rows)
    lp.col_cost_ = np.zeros(count)
    lp.col_lower_, lp.col_upper_ = np.array(model.lower), np.ones(count)
    lp.row_lower_ = np.array([row[0] for row in model.rows], dtype=float)
    lp.row_upper_ = np.array([row[1] for row in model.rows], dtype=float)
    lp.integrality_ = [
        highspy.HighsVarType.kInteger if each and whole else highspy.HighsVarType.kContinuous for each in model.whole
    ]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(row[2]) for row in model.rows)], dtype=np.int32)
    lp.a_matrix_.index_ = np.array([column for row in model.rows for column in row[2]], dtype=np.int32)
    lp.a_matrix_.value_ = np.array([times for row in model.rows for times in row[3]], dtype=float)
    solver.passModel(lp)
    return solver
