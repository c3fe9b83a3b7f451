"""The pages of placement: a proposal laid out by group, who still waits and why, two worlds side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.ground.templatetags.house import say_day
from brobygger.groups import queries as seating
from brobygger.groups.templatetags.groups import at_place, weekdays
from brobygger.placement import program, queries, rules, solver
from brobygger.placement.queries import Laid, Someone
from brobygger.placement.rules import Instance

from . import reasons

register = template.Library()

SIBLINGS = {
    "together": _("brothers and sisters on the same day"),
    "apart": _("brothers and sisters in groups of their own"),
}


# ---- A proposal ----


@dataclass(frozen=True)
class Other:
    """A group somebody was not proposed: what stands in the way; nothing does when it can be tried."""

    key: str
    group: Any
    reasons: list[str]


@dataclass(frozen=True)
class Line:
    """Somebody on the page: what is known and used, why here or why not yet, and the other groups."""

    someone: Someone
    weeks: int
    facts: list[str]
    why: list[str]
    others: list[Other]
    parent: Someone | None = None
    beside: Any = None
    offers: bool = False
    #: With which group the fewest rules stand in the way.
    nearest: Other | None = None


@dataclass
class Place:
    """A group that gets somebody: who of them the viewer sees, and how many others."""

    group: Any
    lines: list[Line] = field(default_factory=list)
    others: int = 0


@register.filter
def named(someone: Someone) -> str:
    """Name somebody as the viewer knows them: by nickname, and by what they are called in one's own courses."""
    if not someone.nickname:
        return gettext("Another family")
    return f"{someone.nickname} · {someone.called}" if someone.called else someone.nickname


def facts(someone: Someone) -> list[str]:
    """Say every fact the proposal uses of somebody: age, places, days, weeks, brothers and sisters."""
    wishes, found = someone.wishes, []
    if someone.months is not None:
        found.append(reasons.age(someone.months))
    found.append(", ".join(map(at_place, wishes.get("places") or ())) or gettext("any place"))
    days = [weekdays()[each].lower() for each in wishes.get("days") or ()]
    found.append(", ".join(days) or gettext("any day"))
    if wishes.get("parity"):
        found.append(str(reasons.WEEKS[wishes["parity"]]))
    if wishes.get("siblings") in SIBLINGS:
        found.append(str(SIBLINGS[wishes["siblings"]]))
    return found


def laid_out(viewer: Any, laid: Laid) -> dict[str, Any]:
    """Lay a proposal out: group by group, then who waits on; others' families are only counted."""
    placing, built = laid.placing, laid.instance
    arranges = may(viewer, Permission.ARRANGE_GROUPS)
    places: dict[str, Place] = {}
    still, hidden = list[Line](), 0
    for child in built.children:
        someone, at = laid.shown.people[child.key], placing.seats.get(child.key)
        if at is not None:
            place = places.setdefault(at, Place(laid.shown.groups[at]))
            if someone.nickname:
                place.lines.append(_line(laid, someone, at, arranges=arranges))
            else:
                place.others += 1
        elif someone.nickname:
            still.append(_line(laid, someone, "", arranges=arranges))
        else:
            hidden += 1
    shown = sorted(places.values(), key=lambda each: (each.group.place, each.group.name))
    return {
        "laid": laid,
        "places": shown,
        "still": still,
        "hidden": hidden,
        "placed": len(placing.seats),
        "waiting": len(built.children) - len(placing.seats),
        "offered": _offered(laid),
        "ageless": [laid.shown.people[key] for key in laid.shown.ageless if laid.shown.people[key].nickname],
        "parents": _parents(laid, placing),
        "levels": [(reasons.WISHES[each["wish"]], reasons.met(**each)) for each in laid.body["levels"]],
        "proved": all(each["value"] == each["bound"] for each in laid.body["levels"]),
        "order": reasons.ORDERS[laid.body["order"]],
    }


def _line(laid: Laid, someone: Someone, at: str, *, arranges: bool) -> Line:
    built, key = laid.instance, someone.key
    child = built.child[key]
    why = [reasons.here(each, child) for each in rules.why_here(built, laid.placing, key)]
    _group, parent, beside = laid.proposed(key)
    others = _others(laid, someone, at)
    lacking = [each for each in others if each.reasons]
    return Line(
        someone,
        built.weeks(child),
        facts(someone),
        [each for each in why if each],
        others,
        parent,
        beside,
        offers=bool(at) and (someone.own or arranges),
        nearest=min(lacking, key=lambda each: len(each.reasons), default=None) if not at else None,
    )


def _others(laid: Laid, someone: Someone, at: str) -> list[Other]:
    """List the other groups of what somebody waits for: those without a rule in the way first."""
    found = []
    for key, group in laid.shown.groups.items():
        if group.offer != someone.waiting.offer or key == at:
            continue
        if key in laid.shown.shut:
            found.append(Other(key, group, [str(reasons.SHUT[laid.shown.shut[key]])]))
            continue
        against = program.in_the_way(laid.instance, someone.key, key)
        said = [reasons.in_the_way(each, laid.instance.group[key]) for each in against]
        found.append(Other(key, group, said))
    return sorted(found, key=lambda each: (len(each.reasons), each.group.name))


def _offered(laid: Laid) -> list[str]:
    """List the seats that were offered from this proposal and are seats still, for a way to each."""
    return list(laid.body["offered"].values())


def _parents(laid: Laid, placing: rules.Placing) -> list[tuple[Someone, Any]]:
    """List the parents who wait for a group beside their child's and get no seat here; where their child sits, that."""
    found = []
    for family, key in laid.shown.parents.items():
        someone = laid.shown.people[key]
        if family in placing.parents or not someone.nickname:
            continue
        near = laid.instance.family.get(family)
        seated = near.seated if near else seating_of(laid, someone)
        beside = [laid.shown.parallels[at] for at in seated if at in laid.shown.parallels]
        found.append((someone, beside[0] if beside else None))
    return found


def seating_of(laid: Laid, someone: Someone) -> list[str]:
    """Find the groups in which somebody of a family sits."""
    there = laid.shown.groups.items()
    course = someone.waiting.member.course_id
    return [key for key, group in there if seating.seated(group).filter(member__course_id=course).exists()]


def moved(shown: queries.Shown, built: Instance, child: str, before: str, after: str) -> str:
    """Say whose place would be another: "Blå Hejre: Stjernerne, instead of waiting"."""
    someone = shown.people.get(child)
    names = {key: group.name for key, group in shown.groups.items()} | {"new": gettext("the new group")}
    told = {
        "name": named(someone) if someone else gettext("Somebody who waits no more"),
        "before": names.get(before, gettext("a group that is closed")),
        "after": names.get(after, gettext("a group that is closed")),
    }
    if not before:
        return gettext("%(name)s gets a place in %(after)s.") % told
    if not after:
        return gettext("%(name)s waits on, instead of %(before)s.") % told
    return gettext("%(name)s: %(after)s instead of %(before)s.") % told


def tried(laid: Laid, waiting: str, key: str, found: solver.NotThere) -> dict[str, Any]:
    """Lay out why somebody was not proposed a group: the rule, or what it would cost whom."""
    group = laid.instance.group[key]
    less = next((each for each in found.changes if each.after < each.before), None)
    rows = [(move.child, move.before or "", move.after or "") for move in found.moves if move.child != waiting]
    seen = [each for each in rows if laid.shown.people[each[0]].nickname]
    return {
        "laid": laid,
        "someone": laid.shown.people[waiting],
        "group": laid.shown.groups[key],
        "kind": found.kind,
        "rules": [reasons.in_the_way(each, group) for each in found.reasons],
        "cost": reasons.cost(less.wish, less.before - less.after) if less else "",
        "moves": [moved(laid.shown, laid.instance, *each) for each in seen],
        "others": len(rows) - len(seen),
        "proved": found.proved,
    }


# ---- What if ----


def changed(changes: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say what is otherwise: "One more group in Hillerød on Tuesdays in even weeks"."""
    count = int(changes.get("count", 1))
    if changes["what"] == "group":
        told = {"place": at_place(changes["place"]), "day": weekdays()[changes["weekday"]].lower()}
        told["weeks"] = str(reasons.WEEKS[changes["asked"]])
        return gettext("One more group in %(place)s, %(day)s, %(weeks)s") % told
    if changes["what"] == "leader":
        told = {"n": count, "place": at_place(changes["place"])}
        return ngettext("%(n)s more leader in %(place)s", "%(n)s more leaders in %(place)s", count) % told
    if changes["what"] == "seats":
        told = {"n": count, "group": names.get(changes["group"], "")}
        return ngettext("%(n)s more seat in %(group)s", "%(n)s more seats in %(group)s", count) % told
    return gettext("Another order: %(order)s") % {"order": str(reasons.ORDERS[changes["order"]]).lower()}


def sentence(said: str, body: Mapping[str, Any]) -> str:
    """Say in one line what it would bring: "3 more children; the longest wait 34 → 21 weeks"."""
    before, after = body["before"], body["after"]
    more = after["placed"] - before["placed"]
    if more > 0:
        gain = ngettext("%(n)s more child gets a place", "%(n)s more children get a place", more) % {"n": more}
    elif more < 0:
        gain = ngettext("%(n)s child fewer gets a place", "%(n)s children fewer get a place", -more) % {"n": -more}
    else:
        gain = gettext("no more children get a place")
    told = {"what": said, "gain": gain, "was": before["longest"], "now": after["longest"]}
    if before["longest"] == after["longest"]:
        return gettext("%(what)s: %(gain)s; the longest wait is %(now)s weeks as before.") % told
    return gettext("%(what)s: %(gain)s; the longest wait goes from %(was)s to %(now)s weeks.") % told


COMPARED = {
    "placed": _("Get a place"),
    "waiting": _("Wait on"),
    "longest": _("Longest wait among those, in weeks"),
    "mean": _("Mean wait among those, in weeks"),
    "together": _("Families with brothers and sisters on the same day"),
    "half": _("Families where some get a place and some do not"),
    "parents": _("Parents with a seat beside"),
}


def side_by_side(body: Mapping[str, Any], shown: queries.Shown, built: Instance) -> dict[str, Any]:
    """Lay two worlds out beside each other, with who would sit elsewhere."""
    names = {key: group.name for key, group in shown.groups.items()}
    said = changed(body["changes"], names)
    before, after = body["before"], body["after"]
    return {
        "changes": body["changes"],
        "said": said,
        "sentence": sentence(said, body),
        "rows": [(label, before[key], after[key]) for key, label in COMPARED.items()],
        "moves": [moved(shown, built, *each) for each in body["moves"]],
        "proved": before["proved"] and after["proved"],
        "empty": body["changes"]["what"] == "group" and "new" not in after["opened"],
    }


# ---- Filters ----


@register.filter
def as_group(someone: Someone) -> str:
    """Write what is known of somebody as a group that would suit: for a link to the page that asks what if."""
    told = {"what": "group", "offer": someone.waiting.offer}
    places, days = someone.wishes.get("places"), someone.wishes.get("days")
    if places:
        told["place"] = places[0]
    if days:
        told["weekday"] = str(days[0])
    if someone.months is not None:
        age = someone.months // 12
        told |= {"age_from": str(max(0, age - 1)), "age_to": str(age + 1)}
    return urlencode(told)


@register.filter
def since(someone: Someone) -> str:
    """Say since which day somebody waits."""
    return say_day(someone.waiting.since)
