"""Answers about a placing: why here, why not there, and what if. Codes, numbers and keys; the words are in `reasons`.

What would be otherwise is not guessed at: it is solved and laid beside what is.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from brobygger.placement import program, proof, rules, solver
from brobygger.placement.proof import Answer, NoPlacing, NotDecided
from brobygger.placement.rules import Child, Group, Instance, Placing, Reason

if TYPE_CHECKING:
    from brobygger.placement.queries import Laid

#: Seconds for all the solving one page asks for together; each wish has its own limit within it.
WITHIN = 20.0


def by_now() -> float:
    """Say until when one page may solve, as `time.monotonic` counts."""
    return time.monotonic() + WITHIN


# ---- Why here, and why not yet ----


def why_here(instance: Instance, placing: Placing, child: str, could: Mapping[str, int] | None = None) -> list[Reason]:
    """Say what speaks for the seat a child got, or why it still waits, as codes with numbers and keys.

    `could` is what `program.near` counts, when it is known.
    """
    one, key = instance.child[child], placing.seats.get(child)
    fit = _fitting(instance, one)
    weeks = instance.weeks(one)
    found = [
        Reason("waited", {"weeks": weeks, "limit": instance.limit_weeks, "over": int(weeks > instance.limit_weeks)})
    ]
    if key is None:
        return [*found, _why_not_yet(instance, placing, one, fit, could)]
    group = instance.group[key]
    months, minutes = one.months + group.later, one.reach[group.place]
    if group.kind != "parent":
        found.append(Reason("age", {"months": months, "from": group.months_from, "to": group.months_to}))
    found.append(Reason("reach", {"place": group.place, "minutes": minutes, "least": min(one.reach.values())}))
    found.append(Reason("choices", {"groups": len(fit), "free": sum(each.room > 0 for each in fit)}))
    found += _beside_whom(instance, placing, one, group)
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


def true_of(laid: "Laid", child: str, could: Mapping[str, int] | None = None) -> list[Reason]:
    """Say what speaks for a child's seat in an opened proposal, without what is not so of the people in it."""
    # Who is left was placed anew near what this proposal said itself: that is not "before".
    before = laid.body.get("before", laid.body["held"]).get(child) == laid.placing.seats.get(child)
    # A family may wish a seat for a parent none of whom waits.
    untrue = {code for code, so in (("as_before", before), ("parent_seat", laid.proposed(child)[1])) if not so}
    found = [each for each in why_here(laid.instance, laid.placing, child, could) if each.code not in untrue]
    return [*found, *([Reason("parent_first")] if laid.parent_first(child) else [])]


def _fitting(instance: Instance, child: Child) -> list[Group]:
    """List the groups no rule keeps a child from, be they full."""
    empty = ((group, replace(group, seats_free=max(1, group.seats_free), newcomers=None)) for group in instance.groups)
    return [group for group, roomy in empty if not program.against(instance, child, roomy)]


def _why_not_yet(
    instance: Instance, placing: Placing, child: Child, fit: list[Group], could: Mapping[str, int] | None
) -> Reason:
    """Say why a child waits on: no group suits, all that do are full or cannot open, or others got the seats."""
    inside = Counter(placing.seats.values())
    room = [group for group in fit if group.room > 0]
    there = [each for each in room if group_opens(each, inside)]
    facts: dict[str, str | int] = {"groups": len(fit), "free": len(room)}
    if not fit:
        return Reason("nowhere")
    if not room:
        return Reason("all_full", facts)
    if not there:
        group = room[0]
        known = program.near(instance) if could is None else could
        found = next(iter(program.shut_for(instance, group.key, known[group.key])), Reason("chosen"))
        return Reason("cannot_open", {**found.facts, **facts, "group": group.key, "why": found.code})
    if any(inside[group.key] < group.room for group in there):
        return Reason("held_up", facts)
    weeks, keys = instance.weeks(child), {group.key for group in there}
    waited = [instance.weeks(instance.child[each]) for each, at in placing.seats.items() if at in keys]
    return Reason("outbid", {**facts, "seats": len(waited), "longer": sum(each >= weeks for each in waited)})


def group_opens(group: Group, inside: Mapping[str, int]) -> bool:
    """Tell whether a group runs, or is opened by a placing."""
    return group.running or inside.get(group.key, 0) > 0


def _beside_whom(instance: Instance, placing: Placing, child: Child, group: Group) -> Iterator[Reason]:
    """Name the brothers and sisters of a child who get a seat, on the same trip or elsewhere."""
    for who, waits in program.people(instance.siblings[child.family]).items():
        trips = {instance.group[placing.seats[each.key]].trip for each in waits if each.key in placing.seats}
        if who != child.person and trips:
            yield Reason("sibling_same_trip" if group.trip in trips else "sibling_elsewhere", {"child": waits[0].key})


# ---- Two placings beside each other ----


@dataclass(frozen=True)
class Move:
    """A child whose seat is another than before; None is the waiting list."""

    child: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Change:
    """A wish that is met otherwise than before."""

    wish: str
    before: int
    after: int


def changes(instance: Instance, before: Placing, after: Placing) -> tuple[Change, ...]:
    """Name the wishes that are met otherwise in the second placing, in the house's order."""
    listed = zip(instance.wishes, rules.value(instance, before), rules.value(instance, after), strict=True)
    return tuple(Change(wish, was, is_now) for wish, was, is_now in listed if was != is_now)


def moves(before: Placing, after: Placing) -> tuple[Move, ...]:
    """Name the children whose seat is another in the second placing."""
    everybody = sorted({*before.seats, *after.seats})
    listed = (Move(each, before.seats.get(each), after.seats.get(each)) for each in everybody)
    return tuple(move for move in listed if move.before != move.after)


# ---- Why, why not, and what if ----


@dataclass(frozen=True)
class NotThere:
    """Why a child is not in a group.

    kind: "here" (it is), "rule" (the reasons say which), "cost" (the first change says which wish would be met less),
    "same" (just as good), "better" (the placing asked about is not the best), "unknown" (the time was up).
    """

    kind: str
    reasons: tuple[Reason, ...] = ()
    changes: tuple[Change, ...] = ()
    moves: tuple[Move, ...] = ()
    placing: Placing | None = None
    proved: bool = True


def why_not(instance: Instance, placing: Placing, child: str, group: str, *, limit: float = solver.LIMIT) -> NotThere:
    """Say why a child is not in a group: the rule in the way, or what it would cost whom, by trying it.

    Raises OddInstance, and NoPlacing when there is no such child or group.
    """
    if placing.seats.get(child) == group:
        return NotThere("here")
    proof.check(instance)
    pairs = program.seats(instance)
    try:
        solver.demand(instance, pairs, {child: group})
    except NoPlacing as refusal:
        if child in instance.child and group in instance.group:
            return NotThere("rule", tuple(refusal.reasons))
        raise
    piece = next(each for each in solver.parts(instance, pairs) if child in each.child)
    now, until = _within(piece, placing), by_now()
    try:
        tried = solver.solve(piece, limit=limit, until=until, forced={child: group}, near=now)
    except NoPlacing:
        return NotThere("rule", tuple(_blame(piece, child, group, limit, until)))
    except NotDecided:
        return NotThere("unknown", proved=False)
    one, other = rules.value(piece, now), rules.value(piece, tried.placing)
    kind = "same" if one == other else "cost" if other < one else "better"
    return NotThere(
        kind, (), changes(piece, now, tried.placing), moves(now, tried.placing), tried.placing, tried.proved
    )


def _within(piece: Instance, placing: Placing) -> Placing:
    return Placing(
        {child: group for child, group in placing.seats.items() if child in piece.child},
        {family: group for family, group in placing.parents.items() if family in piece.family},
    )


def _blame(instance: Instance, child: str, group: str, limit: float, until: float) -> list[Reason]:
    """Name the rule without which a demand could be met, by leaving one out at a time."""
    without = {
        "too_small": replace(instance, groups=tuple(replace(each, smallest=1) for each in instance.groups)),
        "leaders": replace(instance, leaders=None),
        "apart": replace(instance, families=tuple(replace(each, siblings="any") for each in instance.families)),
        "parent_missing": replace(instance, families=tuple(replace(each, parent="no") for each in instance.families)),
        "conflict_child": replace(
            instance, children=tuple(replace(each, conflicts=frozenset()) for each in instance.children)
        ),
        "same_hours": replace(instance, children=tuple(replace(each, who="") for each in instance.children)),
    }
    found = []
    for code, changed in without.items():
        try:
            solver.solve(replace(changed, order=("placed",)), limit=limit, until=until, forced={child: group})
        except (NoPlacing, NotDecided):
            continue
        found.append(Reason(code, {"child": child, "group": group}))
    return found or [Reason("several_rules", {"child": child, "group": group})]


@dataclass(frozen=True)
class Side:
    """One side of a comparison: the placing, and what it means for those who wait."""

    answer: Answer
    placed: int
    waiting: int
    longest: int
    mean: float
    together: int
    half: int
    parents: int
    opened: tuple[str, ...]


@dataclass(frozen=True)
class Compared:
    """Two worlds beside each other, and the children who would sit elsewhere."""

    before: Side
    after: Side
    moves: tuple[Move, ...]


def what_if(instance: Instance, changed: Instance, *, limit: float = solver.LIMIT) -> Compared:
    """Solve what is and what could be, and lay them side by side; the second stays as near the first as it can."""
    until = by_now()
    one = solver.solve(instance, limit=limit, until=until)
    other = solver.solve(changed, limit=limit, until=until, near=one.placing)
    return Compared(side(instance, one), side(changed, other), moves(one.placing, other.placing))


def side(instance: Instance, answer: Answer) -> Side:
    """Count what a placing means: who sits, and how long those have waited who still wait."""
    placing = answer.placing
    seated = {instance.child[key].person for key in placing.seats}
    waiting = [child for child in instance.children if child.person not in seated]
    still = [instance.weeks(child) for child in waiting]
    return Side(
        answer=answer,
        placed=len(seated),
        waiting=len({child.person for child in waiting}),
        longest=max(still, default=0),
        mean=sum(still) / len(still) if still else 0.0,
        together=len(rules.together(instance, placing)),
        half=len(rules.half_placed(instance, placing)),
        parents=len(placing.parents),
        opened=tuple(rules.opened(instance, placing)),
    )
