"""A group that does not exist yet, as the solver reads it; and what is in the way when it brings nobody a seat."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext, ngettext

from brobygger.placement import queries, rules
from brobygger.placement.rules import Family, Group, Instance, Placing, Reason

from . import reasons

#: What the group that does not exist yet is called among the others.
NEW = "new"
#: So many rules are named, those that are in the way of most.
NAMED = 2


def one_more(built: Instance, changed: Mapping[str, Any], shown: queries.Shown) -> Instance:
    """Add a group that does not exist yet, for who waits for its offer; and for parents who wait for one beside."""
    names = ("place", "weekday", "start", "months_from", "months_to", "parity", "siblings_to", "smallest")
    told = {name: changed[name] for name in (*names, "parent_seats")}
    told |= {"end": changed.get("end", ""), "leaders": changed.get("lacking", 0)}
    new = Group(key=NEW, name="", seats_free=changed["seats"], running=False, **told)
    other = {key for key, each in shown.people.items() if each.waiting.offer != changed["offer"]}
    children = (replace(each, others=each.others | {NEW}) if each.key in other else each for each in built.children)
    wanted = changed.get("parents_offer")
    parents = {
        str(each.waiting.member.course_id) for each in shown.people.values() if wanted and each.waiting.offer == wanted
    }
    families = (_beside(each) if each.key in parents else each for each in built.families)
    return replace(built, groups=(*built.groups, new), children=tuple(children), families=tuple(families))


def _beside(family: Family) -> Family:
    """Say that the parent waits for a seat beside the new group, too."""
    if family.parent == "no":
        return replace(family, parent="wish", beside=frozenset({NEW}))
    return family if family.beside is None else replace(family, beside=family.beside | {NEW})


# ---- When it brings nobody a seat ----


def causes(
    built: Instance, other: Instance, changed: Mapping[str, Any], shown: queries.Shown, placing: Placing
) -> list[dict[str, Any]]:
    """Name what is in the way: a rule by its code, of how many; for one more group, more leaders, more seats."""
    kind = changed["what"]
    if kind == "leader":
        return _no_leader(other, changed, placing)
    if kind not in ("group", "seats"):
        return []
    key = NEW if kind == "group" else changed["group"]
    group, was = other.group.get(key), built.group.get(key)
    if group is None:
        return [_cause(Reason(shown.shut.get(key, "no_dates")), key)]
    inside = sum(at == key for at in placing.seats.values())
    if was is not None and was.room == group.room <= inside:
        return [_cause(Reason("newcomers"), key)]
    if not group.running and group.leaders > (other.leaders or {}).get(group.place, 0):
        return [_cause(Reason("leaders", {"leaders": group.leaders}), key)]
    still = [
        each for each in other.children if each.key not in placing.seats and _waits_for(each.key, group, shown, changed)
    ]
    return _rules_of(other, group, still)


def _waits_for(key: str, group: Group, shown: queries.Shown, changed: Mapping[str, Any]) -> bool:
    offer = changed["offer"] if group.key == NEW else shown.groups[group.key].offer
    return bool(shown.people[key].waiting.offer == offer)


def _no_leader(other: Instance, changed: Mapping[str, Any], placing: Placing) -> list[dict[str, Any]]:
    """Say that no planned group at the place lacks a leader, that one lacks more, or that too few can come."""
    there = [each for each in other.groups if each.place == changed["place"] and not each.running and each.leaders]
    if not there:
        return [_cause(Reason("no_group"), "")]
    group = min(there, key=lambda each: (each.leaders, each.key))
    lacks = group.leaders - (other.leaders or {}).get(group.place, 0)
    if lacks > 0:
        return [_cause(Reason("leaders", {"leaders": lacks}), group.key)]
    still = [each for each in other.children if each.key not in placing.seats]
    return _rules_of(other, group, [each for each in still if group.key not in each.others])


def _rules_of(other: Instance, group: Group, still: list[rules.Child]) -> list[dict[str, Any]]:
    """Count which rule is in the way of how many who wait on; without one they are too few."""
    found: Counter[tuple[str, tuple[tuple[str, str | int], ...]]] = Counter()
    for child in still:
        for each in rules.fits(child, group, other.family.get(child.family)):
            # What is about one child alone is not counted together.
            facts = {name: fact for name, fact in each.facts.items() if name not in ("months", "child")}
            found[each.code, tuple(sorted(facts.items()))] += 1
            break
    can = len(still) - found.total()
    few = [_cause(Reason("too_small", {"smallest": group.opens_with, "children": can}), group.key)]
    named = [
        _cause(Reason(code, dict(facts)), group.key, count, len(still))
        for (code, facts), count in sorted(found.items(), key=lambda each: (-each[1], each[0]))[:NAMED]
    ]
    if not still:
        return [_cause(Reason("nobody"), group.key)]
    return [*(few if 0 < can < group.opens_with else []), *named]


def _cause(reason: Reason, group: str, count: int = 0, of: int = 0) -> dict[str, Any]:
    return {"code": reason.code, "facts": dict(reason.facts), "group": group, "count": count, "of": of}


def said(causes: list[dict[str, Any]], names: Mapping[str, str]) -> list[str]:
    """Say what is in the way, a sentence each: "3 of 5 cannot: ..."."""
    return [_said(each, names) for each in causes]


def _said(cause: Mapping[str, Any], names: Mapping[str, str]) -> str:
    own = {
        "newcomers": gettext("So many begin at the next meeting already. More seats help only later."),
        "nobody": gettext("Nobody waits for it who has no place."),
        "no_group": gettext("No planned group there lacks somebody who leads it."),
    }
    if cause["code"] in own:
        return own[cause["code"]]
    # This page is for who arranges groups.
    sentence = reasons.in_the_way(Reason(cause["code"], cause["facts"]), knows=True)
    if cause["of"]:
        told = {"n": cause["count"], "of": cause["of"], "why": sentence}
        return ngettext("%(n)s of %(of)s: %(why)s", "%(n)s of %(of)s: %(why)s", cause["count"]) % told
    return f"{names[cause['group']]}: {sentence}" if cause["group"] in names else sentence
