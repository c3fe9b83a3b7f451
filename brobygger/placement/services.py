"""Deeds of placement: a proposal is made, a person takes one seat of it, two worlds are laid side by side.

Nothing here seats anybody: that is `groups.seats.offer_seat`, when somebody presses.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction

from brobygger.access.guards import require
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.groups import seats
from brobygger.privacy import keyring
from brobygger.privacy import services as audit

from . import queries, rules, solver
from .models import Plan, PlayedYear
from .rules import Group, Instance

if TYPE_CHECKING:
    from brobygger.groups.models import Seat

#: Seconds for each wish. A service of two hundred who wait is proved in one or two; a longer list is told how near.
LIMIT = 3.0
#: How long a proposal lives.
LIVES = timedelta(days=2)


class PlanIsOld(Exception):
    """Something has changed since the proposal was made: it must be made anew."""


class NotProposed(Exception):
    """No seat was proposed to them, or it has been offered already."""


# ---- Proposed ----


def propose(*, offer: str, by: Any, order: str = "usual") -> Plan:
    """Propose who could sit where, by the wishes in an order of `queries.ORDERS`; for one offer, or "" for all.

    Raises `NotAllowed`, `KeyError` for an order there is not.
    """
    require(by, Permission.SEE_WAITING)
    wishes = queries.ORDERS[order]
    seats.look_at_waiting(by=by, offer=offer)
    held = queries.last(offer)
    built, _shown = queries.instance(by, offer, held)
    answer = solver.solve(replace(built, order=wishes), limit=LIMIT)
    body = {
        "seats": dict(answer.placing.seats),
        "parents": dict(answer.placing.parents),
        "levels": [{"wish": each.wish, "value": each.value, "bound": each.bound} for each in answer.levels],
        "order": order,
        "waiting": len(built.children),
        "held": held,
        "offered": {},
    }
    return _keep(Plan(offer=offer, made_by=by, digest=queries.digest(built)), body, "placement.proposed", by=by)


def _keep(plan: Plan, body: Mapping[str, Any], action: str, *, by: Any, reason: str = "") -> Plan:
    """Seal what a plan says under a key of its own, and keep it for two days."""
    plan.pk = uuid4()
    with keyring.undone_together(), transaction.atomic():
        plan.key = keyring.new_data_key(about=plan.pk, kind="plan")
        plan.sealed = keyring.seal(plan.key, body, context=queries.sealed_at(plan))
        plan.save()
        audit.record(by=by, action=action, about=plan, reason=reason)
    return plan


def accept(*, plan: Plan, waiting: str, by: Any, told: Mapping[str, Any] | None = None) -> "Seat":
    """Offer somebody the seat that was proposed to them, and their parent the one beside it; `told` is for an offer.

    Raises `PlanIsOld` when anything has changed since that is not our own doing, `NotProposed`, and as `offer_seat`.
    """
    require(by, Permission.SEE_WAITING)
    with transaction.atomic():
        row = Plan.objects.select_for_update().get(pk=plan.pk)
        laid = queries.laid(by, row)
        if waiting in laid.body["offered"]:
            raise NotProposed
        if not laid.fresh:
            raise PlanIsOld
        group, parent, beside = laid.proposed(waiting)
        if group is None:
            raise NotProposed
        member, more = laid.shown.people[waiting].waiting.member, dict(told or {})
        seat = seats.offer_seat(group=group, member=member, by=by, **{**_besides(laid, waiting), **more})
        if parent and beside:
            talks = bool(more.get("talks_done"))
            seats.offer_seat(group=beside, member=parent.waiting.member, by=by, talks_done=talks)
        laid.body["offered"][waiting] = str(seat.pk)
        # What we have just done is no surprise: the rest of the proposal stands.
        row.digest = queries.digest(queries.instance(by, row.offer)[0])
        row.sealed = keyring.seal(row.key, laid.body, context=queries.sealed_at(row))
        row.save(update_fields=["digest", "sealed"])
        audit.record(by=by, action="placement.accepted", about=member)
    return seat


def _besides(laid: queries.Laid, waiting: str) -> dict[str, str]:
    """Say why a child too old for a group may sit there: beside a brother or sister who is of its age."""
    child, key = laid.instance.child.get(waiting), laid.placing.seats.get(waiting, "")
    older = child is not None and rules.only_beside(child, laid.instance.group[key])
    return {"even_so": "sibling_there"} if older else {}


# ---- What if ----


def what_if(*, changes: Mapping[str, Any], by: Any) -> Plan:
    """Lay what is beside what would be if one thing were otherwise: see `_as_if`. Changes nothing.

    Raises `NotAllowed`.
    """
    require(by, Permission.ARRANGE_GROUPS)
    seats.look_at_waiting(by=by)
    built, shown = queries.instance(by)
    compared = solver.what_if(built, _as_if(built, changes, shown), limit=LIMIT)
    body = {
        "changes": dict(changes),
        "before": _side(compared.before),
        "after": _side(compared.after),
        "moves": [[move.child, move.before or "", move.after or ""] for move in compared.moves],
        "waiting": len(built.children),
    }
    row = Plan(what=Plan.What.WHAT_IF, made_by=by, digest=queries.digest(built))
    return _keep(row, body, "placement.what_if", by=by, reason=str(changes["what"]))


def _as_if(built: Instance, changed: Mapping[str, Any], shown: queries.Shown) -> Instance:
    """Change one thing in the facts: one more group, more leaders at a place, more seats in a group, another order."""
    kind = changed["what"]
    if kind == "order":
        return replace(built, order=queries.ORDERS[changed["order"]])
    if kind == "leader":
        leaders = dict(built.leaders or {})
        leaders[changed["place"]] = leaders.get(changed["place"], 0) + changed["count"]
        return replace(built, leaders=leaders)
    if kind == "seats":
        more = (
            replace(each, seats_free=each.seats_free + changed["count"]) if each.key == changed["group"] else each
            for each in built.groups
        )
        return replace(built, groups=tuple(more))
    names = ("place", "weekday", "start", "months_from", "months_to", "parity", "siblings_to", "smallest")
    told = {name: changed[name] for name in (*names, "parent_seats")}
    new = Group(key="new", name="", seats_free=changed["seats"], running=False, leaders=0, **told)
    other = {key for key, each in shown.people.items() if each.waiting.offer != changed["offer"]}
    children = (
        replace(each, conflicts=each.conflicts | {"new"}) if each.key in other else each for each in built.children
    )
    return replace(built, groups=(*built.groups, new), children=tuple(children))


def _side(side: solver.Side) -> dict[str, Any]:
    """Write down what one world means for those who wait."""
    return {
        "placed": side.placed,
        "waiting": side.waiting,
        "longest": side.longest,
        "mean": round(side.mean, 1),
        "together": side.together,
        "half": side.half,
        "parents": side.parents,
        "opened": list(side.opened),
        "proved": side.answer.proved,
    }


# ---- Looked at ----


def look_at_plan(*, plan: Plan, by: Any) -> queries.Laid:
    """Note that somebody looks at who waits, and open a plan beside the facts as they are now. Raises `NotAllowed`."""
    require(by, Permission.SEE_WAITING)
    seats.look_at_waiting(by=by, offer=plan.offer)
    return queries.laid(by, plan)


def look_why_not(*, plan: Plan, waiting: str, group: str, by: Any) -> tuple[queries.Laid, solver.NotThere | None]:
    """Say why somebody was not proposed another group: the rule in the way, or what it would cost, by trying it.

    None when the facts have changed since the proposal, or the viewer may not see them. Raises `NotAllowed`.
    """
    laid = look_at_plan(plan=plan, by=by)
    someone = laid.shown.people.get(waiting)
    known = waiting in laid.instance.child and group in laid.instance.group
    if not laid.fresh or someone is None or not someone.nickname or not known:
        return laid, None
    return laid, solver.why_not(laid.instance, laid.placing, waiting, group, limit=LIMIT)


# ---- A year ----


def keep_year(*, seeds: int, weeks: int, result: Mapping[str, Any], by: Any) -> PlayedYear:
    """Keep what came of playing a year; the page shows the newest."""
    with transaction.atomic():
        row = PlayedYear.objects.create(seeds=seeds, weeks=weeks, result=dict(result))
        audit.record(by=by, action="placement.year_played", about=row)
    return row


# ---- Endings ----


def sweep(now: datetime) -> int:
    """Delete the proposals that are two days old, and the key of each; tell how many."""
    rows = list(Plan.objects.filter(made_at__lt=clock.local(now) - LIVES))
    for row in rows:
        with transaction.atomic():
            row.delete()
            keyring.shred(row.key)
    return len(rows)
