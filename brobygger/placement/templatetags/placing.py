"""The pages of placement: a proposal laid out by group, who still waits and why, two worlds side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import template
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.ground.templatetags.house import in_language, say_day
from brobygger.groups import queries as seating
from brobygger.groups.templatetags.groups import at_place, weekdays
from brobygger.groups.templatetags.wishes import said_of
from brobygger.placement import program, queries, rules
from brobygger.placement.models import Why
from brobygger.placement.queries import Laid, Someone
from brobygger.placement.rules import Instance

from . import answers, reasons, whatif

if TYPE_CHECKING:
    from brobygger.groups.models import Seat

register = template.Library()

#: How often a group meets, as the page that makes groups calls it.
RHYTHMS = {"any": "week", "even": "even", "odd": "odd"}
#: A group of children no older than this sits with a grown-up each.
YOUNG = 36
SIBLINGS = {
    "together": _("brothers and sisters on the same day in the same place"),
    "apart": _("brothers and sisters in groups of their own"),
}
PARENTS = {"wish": _("would like a seat for a parent beside"), "must": _("must have a seat for a parent beside")}


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
    said: list[str] = field(default_factory=list)
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
    """Say every fact the proposal uses of somebody: age, places, days, weeks, siblings, a parent, language."""
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
    if wishes.get("parent") in PARENTS:
        found.append(str(PARENTS[wishes["parent"]]))
    if wishes.get("language"):
        found.append(in_language(wishes["language"]))
    return found


def in_words(someone: Someone) -> list[str]:
    """Say what the family said besides, in its own words, to who has the course."""
    told = {key: value for key, value in someone.wishes.items() if key == "words"}
    if someone.own or not told.get("words"):
        return said_of(told) if someone.own else []
    return [gettext("The family has said something in its own words. Who has the course can tell you.")]


def order_named(key: str) -> str:
    """Name an order of wishes; the house's own is said to be the house's setting."""
    if key != queries.HOUSE:
        return str(reasons.ORDERS[key])
    own = queries.order_of(key)
    same = next((reasons.ORDERS[each] for each in queries.ORDERS if queries.order_of(each) == own), None)
    return gettext("%(order)s (the house's setting)") % {"order": same or gettext("The house's own order")}


def laid_out(viewer: Any, laid: Laid) -> dict[str, Any]:
    """Lay a proposal out: group by group, then who waits on; others' families are only counted.

    Of one that is old nothing is but the seats offered from it: it names groups and people who may be gone.
    """
    if not laid.fresh:
        return {"laid": laid, "offered": _offered(viewer, laid)}
    placing, built = laid.placing, laid.instance
    arranges = may(viewer, Permission.ARRANGE_GROUPS)
    could = program.near(built)
    places: dict[str, Place] = {}
    still, hidden = list[Line](), 0
    for child in built.children:
        someone, at = laid.shown.people[child.key], placing.seats.get(child.key)
        if at is not None:
            place = places.setdefault(at, Place(laid.shown.groups[at]))
            if someone.nickname:
                place.lines.append(_line(laid, someone, at, could, arranges=arranges))
            else:
                place.others += 1
        elif someone.nickname:
            still.append(_line(laid, someone, "", could, arranges=arranges))
        else:
            hidden += 1
    shown = sorted(places.values(), key=lambda each: (each.group.place, each.group.name))
    seated = {built.child[key].person for key in placing.seats}
    return {
        "laid": laid,
        "places": shown,
        "still": still,
        "hidden": hidden,
        "nobody": not (built.children or laid.shown.ageless or laid.shown.parents),
        # A child who waits for two things is one child.
        "placed": len(seated),
        "waiting": len({each.person for each in built.children} - seated),
        "offered": _offered(viewer, laid),
        "ageless": [laid.shown.people[key] for key in laid.shown.ageless if laid.shown.people[key].nickname],
        "parents": _parents(laid, placing),
        "levels": reasons.levels(laid.body["levels"], built.limit_weeks),
        "proved": all(each["value"] == each["bound"] for each in laid.body["levels"]),
        "order": order_named(laid.body["order"]),
    }


def _line(laid: Laid, someone: Someone, at: str, could: Mapping[str, int], *, arranges: bool) -> Line:
    built, key = laid.instance, someone.key
    child = built.child[key]
    why = [reasons.here(each, child) for each in answers.true_of(laid, key, could)]
    _group, parent, beside = laid.proposed(key)
    others = _others(laid, someone, at, could)
    lacking = [each for each in others if each.reasons]
    return Line(
        someone,
        built.weeks(child),
        facts(someone),
        [each for each in why if each],
        others,
        in_words(someone),
        parent,
        beside,
        offers=bool(at) and (someone.own or arranges),
        nearest=min(lacking, key=lambda each: len(each.reasons), default=None) if not at else None,
    )


def _others(laid: Laid, someone: Someone, at: str, could: Mapping[str, int]) -> list[Other]:
    """List the other groups of what somebody waits for: those without a rule in the way first."""
    found = []
    for key, group in laid.shown.groups.items():
        if group.offer != someone.waiting.offer or key == at:
            continue
        if key in laid.shown.shut:
            found.append(Other(key, group, [str(reasons.SHUT[laid.shown.shut[key]])]))
            continue
        against = program.in_the_way(laid.instance, someone.key, key, could)
        knows = laid.shown.arranges
        said = [reasons.in_the_way(each, laid.instance.group[key], knows=knows) for each in against]
        found.append(Other(key, group, said))
    return sorted(found, key=lambda each: (len(each.reasons), each.group.name))


def _offered(viewer: Any, laid: Laid) -> list[tuple["Seat", bool]]:
    """List the seats that were offered from this proposal and are seats still, and whether the viewer may open each."""
    offered = list(laid.body["offered"].values())
    rows = Why.objects.filter(seat__in=offered, seat__state__in=seating.LIVING).order_by("seat__group__name", "seat")
    seats = [row.seat for row in rows.select_related("seat__group", "seat__member__course")]
    return [(seat, seating.get_seat(viewer, seat.pk) is not None) for seat in seats]


def _parents(laid: Laid, placing: rules.Placing) -> list[tuple[Someone, Any]]:
    """List the parents who wait for a group beside their child's and get no seat here; where their child sits, that."""
    seated = {parent.key for key in placing.seats for parent in [laid.proposed(key)[1]] if parent}
    found = []
    for key, family in laid.shown.parents.items():
        someone = laid.shown.people[key]
        if key in seated or not someone.nickname:
            continue
        near = laid.instance.family.get(family)
        there = near.there if near else seating_of(laid, someone)
        beside = [row for at in sorted(there) for row in laid.shown.parallels.get(at, ())]
        found.append((someone, next((row for row in beside if row.offer == someone.waiting.offer), None)))
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


def tried(laid: Laid, waiting: str, key: str, found: answers.NotThere) -> dict[str, Any]:
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
        "rules": [reasons.in_the_way(each, group, knows=laid.shown.arranges) for each in found.reasons],
        "cost": reasons.cost(less.wish, less.before - less.after, laid.instance.limit_weeks) if less else "",
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
        told = {"n": count, "group": names.get(changes["group"], gettext("a group that is closed"))}
        return ngettext("%(n)s more seat in %(group)s", "%(n)s more seats in %(group)s", count) % told
    return gettext("Another order: %(order)s") % {"order": order_named(changes["order"]).lower()}


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
        # What is nought in both worlds says nothing.
        "rows": [(label, before[key], after[key]) for key, label in COMPARED.items() if before[key] or after[key]],
        "moves": [moved(shown, built, *each) for each in body["moves"]],
        "proved": before["proved"] and after["proved"],
        "opens": body["changes"]["what"] == "group" and whatif.NEW in after["opened"],
        "causes": whatif.said(body["causes"], names),
        "make": to_make(body["changes"]) if body["changes"]["what"] == "group" else "",
    }


def to_make(changes: Mapping[str, Any]) -> str:
    """Write the group that was asked about as the page that makes groups reads it: all but its name."""
    young = changes["months_to"] < YOUNG
    told = {
        **{name: changes[name] for name in ("offer", "weekday", "seats", "smallest", "leaders_at_once")},
        **{"kind": "pair" if young else "child", "where": f"{changes['place']}:1", "starts_on": changes["first"]},
        **{"rhythm": RHYTHMS[changes["asked"]], "begins": changes["start"]},
        "ends": "" if changes["end"] == "24:00" else changes["end"],
        **{"age_from": changes["months_from"] // 12, "age_to": changes["months_to"] // 12},
        "siblings_to": changes["siblings_to"] // 12 if changes["siblings_to"] else "",
    }
    return urlencode(told)


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
