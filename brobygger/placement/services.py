"""Deeds of placement: a proposal is made, a person takes one seat of it, two worlds are laid side by side.

Nothing here seats anybody: that is `groups.seats.offer_seat`, when somebody presses.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction

from brobygger.access.guards import NotAllowed, require
from brobygger.access.roles import Permission
from brobygger.casework.record import CourseIsClosed
from brobygger.ground import clock
from brobygger.groups import rules as sitting
from brobygger.groups import seats
from brobygger.privacy import keyring
from brobygger.privacy import services as audit

from . import queries, rules, solver
from .models import Plan, PlayedYear, Why
from .rules import Instance
from .templatetags import answers, whatif, why

if TYPE_CHECKING:
    from brobygger.groups.models import Seat

log = logging.getLogger(__name__)
#: Seconds for each wish. A service of two hundred who wait is proved in one or two; a longer list is told how near.
LIMIT = 3.0
KEEPER = "keeper"
#: Why a seat may be refused.
REFUSALS = (
    sitting.GroupIsFull, sitting.GroupIsOver, sitting.TooManyNewcomers, sitting.AlreadySeated, sitting.TalksFirst,
    sitting.NotInPairs, sitting.SpeaksAgainst, sitting.KeptApart, CourseIsClosed, NotAllowed,
)  # fmt: skip


class PlanIsOld(Exception):
    """Something has changed since the proposal was made: it must be made anew."""


class NotProposed(Exception):
    """No seat was proposed to them, or it has been offered already."""


class ParentFirst(Exception):
    """The parent must have the seat beside, and is not on the waiting list; the child's alone can be offered."""


class BesideIsRefused(Exception):
    """The parent's seat beside cannot be offered, for `why`; so nothing was. The child's alone can be."""

    def __init__(self, why: Exception) -> None:
        """Keep what is in the way."""
        super().__init__()
        self.why = why


# ---- Proposed ----


def propose(*, offer: str, by: Any, order: str = queries.HOUSE) -> Plan:
    """Propose who could sit where, in the house's order of wishes or one of `queries.ORDERS`; "" is for every offer.

    Raises `NotAllowed`, `KeyError` for an order there is not.
    """
    require(by, Permission.SEE_WAITING)
    wishes = queries.order_of(order)
    seats.look_at_waiting(by=by, offer=offer)
    held = queries.last(offer)
    built, _shown = queries.instance(by, offer, held)
    body = {"order": order, "wishes": list(wishes), "before": held, "offered": {}}
    body |= _solved(replace(built, order=wishes), held)
    row = Plan(offer=offer, made_by=by, digest=queries.digest(built))
    with keyring.undone_together(), transaction.atomic():
        for old in Plan.objects.filter(offer=offer):
            if old.what == Plan.What.SEATS or queries.gone(old):
                _forget(old)
        return _keep(row, body, "placement.proposed", by=by)


def _solved(built: Instance, held: Mapping[str, str]) -> dict[str, Any]:
    """Find the best placing of some facts, and write down how far it meets each wish, and how far any could."""
    answer = solver.solve(built, limit=LIMIT, until=answers.by_now())
    return {
        "seats": dict(answer.placing.seats),
        "parents": dict(answer.placing.parents),
        "levels": [{"wish": each.wish, "value": each.value, "bound": each.bound} for each in answer.levels],
        "waiting": len(built.children),
        "held": dict(held),
    }


def _keep(plan: Plan, body: Mapping[str, Any], action: str, *, by: Any, reason: str = "") -> Plan:
    """Seal what a plan says under a key of its own, and keep it."""
    plan.pk = uuid4()
    with keyring.undone_together(), transaction.atomic():
        plan.key = keyring.new_data_key(about=plan.pk, kind="plan")
        plan.sealed = keyring.seal(plan.key, body, context=queries.sealed_at(plan))
        plan.save()
        audit.record(by=by, action=action, about=plan, reason=reason)
    return plan


# ---- Taken by a press ----


def accept(
    *, plan: Plan, waiting: str, by: Any, told: Mapping[str, Any] | None = None,
    beside: Mapping[str, Any] | None = None, alone: bool = False,
) -> "Seat":  # fmt: skip
    """Offer somebody the seat that was proposed to them, and unless `alone` their parent the one beside it.

    `told` and `beside` are for `offer_seat`, each for its group. Who is left is placed anew, so that what is called
    proved is of today. Raises `PlanIsOld`, `NotProposed`, `ParentFirst`, `BesideIsRefused`, and as `offer_seat` of the
    first seat.
    """
    require(by, Permission.SEE_WAITING)
    with transaction.atomic():
        row = Plan.objects.select_for_update().get(pk=plan.pk)
        laid = queries.laid(by, row)
        if waiting in laid.body["offered"]:
            raise NotProposed
        if not laid.fresh:
            raise PlanIsOld
        group, parent, parallel = laid.proposed(waiting)
        if group is None:
            raise NotProposed
        if not alone and laid.parent_first(waiting, must=True):
            raise ParentFirst
        member, more = laid.shown.people[waiting].waiting.member, {**_besides(laid, waiting), **(told or {})}
        seat = seats.offer_seat(group=group, member=member, by=by, **more)
        too = parent is not None and not alone
        said = answers.true_of(laid, waiting)
        _say_why(seat, (each for each in said if each.code != "parent_first" and (too or each.code != "parent_seat")))
        if parent and parallel and too:
            try:
                other = seats.offer_seat(group=parallel, member=parent.waiting.member, by=by, **(beside or {}))
            except REFUSALS as refused:
                raise BesideIsRefused(refused) from refused
            _say_why(other, [rules.Reason("parent_seat")])
        laid.body["offered"][waiting] = str(seat.pk)
        # Until the rest is placed anew, nothing it says is of today.
        row.digest, row.sealed = "", keyring.seal(row.key, laid.body, context=queries.sealed_at(row))
        row.save(update_fields=["digest", "sealed"])
        audit.record(by=by, action="placement.accepted", about=member)
    try:
        _place_the_rest(row, by=by)
    except Exception as error:  # the seat is given: what is lacking is a proposal of today, and the page says so
        log.error("Who is left of a proposal was not placed anew: %s", type(error).__name__)
    return seat


def _besides(laid: queries.Laid, waiting: str) -> dict[str, str]:
    """Say why a child too old for a group may sit there: beside a brother or sister who is of its age."""
    child, key = laid.instance.child.get(waiting), laid.placing.seats.get(waiting, "")
    older = child is not None and rules.only_beside(child, laid.instance.group[key])
    return {"even_so": "sibling_there"} if older else {}


def _place_the_rest(plan: Plan, *, by: Any) -> None:
    """Place anew who is left of a proposal, as it was where that is as good; with what a colleague has just changed."""
    body = queries.said(plan)
    built, _shown = queries.instance(by, plan.offer, body["seats"])
    body |= _solved(replace(built, order=tuple(body["wishes"])), body["seats"])
    with transaction.atomic():
        row = Plan.objects.select_for_update().filter(pk=plan.pk, digest="").first()
        if row is not None:
            row.digest, row.sealed = queries.digest(built), keyring.seal(row.key, body, context=queries.sealed_at(row))
            row.save(update_fields=["digest", "sealed"])


def _say_why(seat: "Seat", reasons: Iterable[rules.Reason]) -> None:
    """Keep why a seat was proposed, by codes and numbers, for as long as the seat: no key of anybody else."""
    row = Why(id=uuid4(), seat=seat)
    known = [[each.code, {name: fact for name, fact in each.facts.items() if name != "child"}] for each in reasons]
    row.sealed = keyring.seal(seat.member.key, {"reasons": known}, context=keyring.place("why", row.pk, "sealed"))
    row.save(force_insert=True)


def look_at_why(*, seat: "Seat", by: Any) -> list[rules.Reason] | None:
    """Note that somebody looks at why a seat was proposed, and give the reasons; None when no proposal led to it.

    For who has the course, and who arranges groups. Raises `NotAllowed`.
    """
    if not why.may_read(by, seat):
        raise NotAllowed("run_groups")
    with transaction.atomic():
        audit.record(by=by, action="placement.why_looked", about=seat.member)
    return why.kept(seat)


# ---- What if ----


def what_if(*, changes: Mapping[str, Any], by: Any) -> Plan:
    """Lay what is beside what would be if one thing were otherwise: see `_as_if`. Changes nothing.

    Raises `NotAllowed`.
    """
    require(by, Permission.ARRANGE_GROUPS)
    seats.look_at_waiting(by=by)
    built, shown = queries.instance(by)
    other = _as_if(built, changes, shown)
    compared = answers.what_if(built, other, limit=LIMIT)
    gains = compared.after.placed > compared.before.placed
    body = {
        "changes": dict(changes),
        "causes": [] if gains else whatif.causes(built, other, changes, shown, compared.after.answer.placing),
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
    return whatif.one_more(built, changed, shown)


def _side(side: answers.Side) -> dict[str, Any]:
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


def look_why_not(*, plan: Plan, waiting: str, group: str, by: Any) -> tuple[queries.Laid, answers.NotThere | None]:
    """Say why somebody was not proposed another group: the rule in the way, or what it would cost, by trying it.

    None when the facts have changed since the proposal, or the viewer may not see them. Raises `NotAllowed`.
    """
    laid = look_at_plan(plan=plan, by=by)
    someone = laid.shown.people.get(waiting)
    known = waiting in laid.instance.child and group in laid.instance.group
    if not laid.fresh or someone is None or not someone.nickname or not known:
        return laid, None
    return laid, answers.why_not(laid.instance, laid.placing, waiting, group, limit=LIMIT)


# ---- A year ----


def keep_year(*, seeds: int, weeks: int, result: Mapping[str, Any], by: Any) -> PlayedYear:
    """Keep what came of playing a year; the page shows the newest."""
    with transaction.atomic():
        row = PlayedYear.objects.create(seeds=seeds, weeks=weeks, result=dict(result))
        audit.record(by=by, action="placement.year_played", about=row)
    return row


# ---- Endings ----


def sweep(now: datetime) -> int:
    """Delete the proposals that are no longer shown, and the key of each; tell how many.

    Of the newest for an offer the seats are kept under another key for a month, so that the next one stays near it.
    """
    old, far = clock.local(now) - queries.LIVES, clock.local(now) - queries.NEAR
    rows = [row for row in Plan.objects.all() if row.made_at <= old or queries.gone(row)]
    kept = (Plan.What.PROPOSAL, Plan.What.SEATS)
    newest = {row.offer: row.pk for row in Plan.objects.filter(what__in=kept).reverse()}
    gone = 0
    for row in rows:
        near = newest.get(row.offer) == row.pk and row.made_at > far and not queries.gone(row)
        if near and row.what == Plan.What.SEATS:
            continue
        with keyring.undone_together(), transaction.atomic():
            if near:
                _keep_seats(row)
            _forget(row)
        gone += 1
    return gone


def _keep_seats(plan: Plan) -> None:
    """Keep which seats a proposal named, and nothing else of it, under a key of their own."""
    made = {"made_at": plan.made_at, "made_by": plan.made_by, "offer": plan.offer}
    _keep(Plan(what=Plan.What.SEATS, **made), {"seats": queries.said(plan)["seats"]}, "placement.kept", by=KEEPER)


def _forget(plan: Plan) -> None:
    plan.delete()
    keyring.shred(plan.key)
