"""Rules, wishes and facts of placing in words: each code of `rules` and `proof` has its sentence here, once."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from brobygger.ground.templatetags.house import say_day
from brobygger.groups.templatetags.groups import at_place, weekdays
from brobygger.placement.rules import BANDS, Child, Group, Reason

register = template.Library()

#: What the house wishes, first things first.
WISHES = {
    "overdue": _("Those who have waited longer than %(limit)s weeks get a place."),
    "placed": _("As many as possible get a place."),
    "weeks": _("Those who have waited longest come first, step by step: over %(steps)s weeks."),
    "siblings": _("Brothers and sisters come on the same day to the same place, when the family wishes it."),
    "parents": _("Parents get a seat in the group beside."),
    "kept": _("What was proposed last time stands, when nothing better has come."),
    "alone": _("Nobody is the only girl or the only boy."),
    "few": _("No more new groups are opened than are needed."),
    "comfort": _("Children sit with others of about their age."),
}
ORDERS = {
    "usual": _("Most places first"),
    "longest": _("The longest wait first"),
    "families": _("Brothers, sisters and parents first"),
}
WEEKS = {"even": _("even weeks"), "odd": _("odd weeks"), "any": _("every week")}
#: Why a group is not in the proposal at all.
SHUT = {"begun": _("It has begun, and takes nobody new."), "no_dates": _("It has no dates ahead.")}

Facts = Mapping[str, Any]


def age(months: int) -> str:
    """Say an age: "8 months", "7 years"."""
    if months < 36:
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    return ngettext("%(n)s year", "%(n)s years", months // 12) % {"n": months // 12}


def weeks(count: int) -> str:
    """Say how many weeks."""
    return ngettext("%(n)s week", "%(n)s weeks", count) % {"n": count}


def _too_young(facts: Facts) -> str:
    return gettext("Too young: the group is from %(age)s.") % {"age": age(facts["from"])}


def _too_old(facts: Facts) -> str:
    return gettext("Too old: the group is up to %(age)s.") % {"age": age(facts["to"])}


def _not_free(facts: Facts) -> str:
    return gettext("It meets on a %(day)s, which does not suit them.") % {"day": weekdays()[facts["weekday"]].lower()}


def _week(facts: Facts) -> str:
    if facts["group"] == "any":
        return gettext("They can come in %(weeks)s only, and it meets in both.") % {"weeks": WEEKS[facts["child"]]}
    told = {"weeks": WEEKS[facts["child"]], "other": WEEKS[facts["group"]]}
    return gettext("They can come in %(weeks)s only, and it meets in %(other)s.") % told


def _ends(facts: Facts) -> str:
    told = {"day": say_day(date.fromisoformat(str(facts["last"]))), "n": facts["left"]}
    return (
        ngettext(
            "It ends on %(day)s, with %(n)s evening left.",
            "It ends on %(day)s, with %(n)s evenings left.",
            facts["left"],
        )
        % told
    )


def _unreachable(facts: Facts) -> str:
    return gettext("They cannot come to %(place)s.") % {"place": at_place(facts["place"])}


def _conflict(facts: Facts) -> str:
    if facts["with"] == "sibling":
        return gettext("A brother or sister sits there, and they wish groups of their own.")
    # Only who may know of both is told that it is about somebody who sits there.
    return gettext("Not this group. Ask who arranges the groups.")


def _too_small(facts: Facts) -> str:
    told = {"n": facts.get("smallest", 1), "can": facts.get("children", 0)}
    return gettext("It opens with %(n)s, and only %(can)s can come.") % told


def _leaders(facts: Facts) -> str:
    count = facts.get("leaders", 1)
    return ngettext("It lacks %(n)s who leads it.", "It lacks %(n)s who lead it.", count) % {"n": count}


def _plain(sentence: Any) -> Callable[[Facts], str]:
    return lambda facts: str(sentence)


#: What stands in the way of a seat.
RULES: dict[str, Callable[[Facts], str]] = {
    "too_young": _too_young,
    "too_old": _too_old,
    "not_free": _not_free,
    "week": _week,
    "busy": _plain(_("They sit in another group at that time.")),
    "ends": _ends,
    "same_hours": _plain(_("They would sit in another group at that time.")),
    "unreachable": _unreachable,
    "language": _plain(_("The group speaks another language.")),
    "talks": _plain(_("The talks before the first evening are not done.")),
    "other_offer": _plain(_("It is another kind of group than they wait for.")),
    "child_waits": _plain(_("Here it is the child who waits. Write the child on the list.")),
    "conflict": _conflict,
    "conflict_child": _plain(_("Somebody sits there whom they must not meet.")),
    "full": _plain(_("No free seat.")),
    "no_parallel": _plain(_("There is no free seat for the parent beside it.")),
    "sibling_missing": _plain(_("Older children sit there only beside a younger brother or sister.")),
    "too_small": _too_small,
    "leaders": _leaders,
    "apart": _plain(_("Their brother or sister would sit there too, and they wish groups of their own.")),
    "parent_missing": _plain(_("The parent would have no seat beside it.")),
    "several_rules": _plain(_("Several rules together stand in the way.")),
    "begun": _plain(SHUT["begun"]),
    "no_dates": _plain(SHUT["no_dates"]),
}


def in_the_way(reason: Reason, group: Group | None = None, *, knows: bool = False) -> str:
    """Say one rule that stands between a child and a group; who sits there is for who `knows` who is kept apart."""
    if reason.code in ("conflict", "conflict_child") and reason.facts.get("with") != "sibling":
        return str(RULES["conflict_child"](reason.facts)) if knows else _conflict(reason.facts)
    if reason.code == "full" and group is not None and group.seats_free > 0:
        return gettext("So many begin there already. It has room at a later meeting.")
    return RULES[reason.code](reason.facts)


# ---- Why here, why not yet ----


def here(reason: Reason, child: Child) -> str:
    """Say one fact that speaks for a seat, or why somebody still waits; empty when it says nothing new."""
    facts = reason.facts
    if reason.code == "waited":
        told = {"weeks": weeks(int(facts["weeks"])), "limit": facts["limit"]}
        if facts["over"]:
            return gettext("Has waited %(weeks)s. Over %(limit)s weeks comes first.") % told
        return gettext("Has waited %(weeks)s.") % told
    if reason.code == "choices":
        return _suited(facts)
    if reason.code == "outbid":
        return _outbid(facts)
    if reason.code == "all_full":
        count = int(facts["groups"])
        return ngettext("The group that suits is full.", "The %(n)s groups that suit are full.", count) % {"n": count}
    if reason.code == "cannot_open":
        if int(facts["groups"]) > 1:
            return gettext("%(n)s groups suit, but each is full or cannot begin yet.") % {"n": facts["groups"]}
        return gettext("The group that suits cannot begin yet.") + " " + COULD[str(facts["why"])](facts)
    if reason.code == "opens":
        return gettext("The group begins when %(n)s come.") % {"n": facts["smallest"]}
    return str(SAID.get(reason.code, ""))


def _suited(facts: Facts) -> str:
    """Say how many groups suit somebody, and in how many of them a seat was free."""
    count = int(facts["groups"])
    return ngettext("Only this group suits.", "%(n)s groups suit.", count) % {"n": count} + _free(facts)


def _free(facts: Facts) -> str:
    """Say in how many of the groups that suit a seat was free, where it was not in all."""
    free = int(facts["free"])
    if free == int(facts["groups"]):
        return ""
    return " " + ngettext("%(n)s of them has a free seat.", "%(n)s of them have a free seat.", free) % {"n": free}


def _outbid(facts: Facts) -> str:
    """Say that others got the seats, and whether those have waited longer."""
    count = int(facts["groups"])
    said = ngettext("One group suits.", "%(n)s groups suit.", count) % {"n": count} + _free(facts)
    if facts["longer"] == facts["seats"]:
        return said + " " + gettext("Those who get a place there have waited longer, or just as long.")
    return said + " " + gettext("Some there have waited less. Look below at what it would cost to change it.")


#: Why a new group cannot begin.
COULD: dict[str, Callable[[Facts], str]] = {
    "too_small": _too_small,
    "leaders": _leaders,
    "chosen": _plain(_("Too few are left for it, or who would lead it leads another group.")),
}
SAID = {
    "nowhere": _("No group suits today."),
    "held_up": _(
        "There is a seat, but a rule about brothers, sisters or others there, or a wish that comes first, holds it."
    ),
    "sibling_same_trip": _("Comes on the same day to the same place as a brother or sister."),
    "sibling_elsewhere": _("A brother or sister gets a place in another group."),
    "parent_seat": _("The parent gets a seat in the group beside."),
    "parent_first": _("There is a seat for a parent beside it. Write the parent on the waiting list first."),
    "wished_time": _("It is a time they wished."),
    "as_before": _("It was proposed before too."),
}


def levels(found: Iterable[Mapping[str, Any]], limit: int) -> list[tuple[str, str]]:
    """Say each wish and how far it is met; the steps of the longest wait are one. `limit` is the house's, in weeks."""
    said: dict[str, list[int]] = {}
    for each in found:
        said.setdefault(str(each["wish"]).partition("_")[0], []).append(each["bound"] - each["value"])
    told = {"limit": limit, "steps": ", ".join(map(str, BANDS))}
    return [(str(WISHES[wish]) % told, met(next((gap for gap in gaps if gap), 0))) for wish, gaps in said.items()]


def met(gap: int) -> str:
    """Say whether it can be proved that a wish cannot be met further, and how much further at most."""
    if gap == 0:
        return gettext("It is proved that it cannot be better.")
    return gettext("It could be better by %(n)s at most. There was no time to look at everything.") % {"n": abs(gap)}


# ---- What it would cost ----

COSTS: dict[str, Callable[[int], str]] = {
    # The limit is the house's, and is put in by `cost`.
    "overdue": lambda n: (
        ngettext(
            "%(n)s who has waited over %(limit)s weeks would wait on.",
            "%(n)s who have waited over %(limit)s weeks would wait on.",
            n,
        )
        % {"n": n, "limit": "%(limit)s"}
    ),
    "placed": lambda n: ngettext("%(n)s child fewer gets a place.", "%(n)s children fewer get a place.", n) % {"n": n},
    "weeks": lambda n: (
        gettext("Somebody who has waited longer would wait on. The difference is %(weeks)s.") % {"weeks": weeks(n)}
    ),
    "siblings": lambda n: gettext("Brothers and sisters would be parted."),
    "parents": lambda n: (
        ngettext("%(n)s parent loses the seat beside.", "%(n)s parents lose the seat beside.", n) % {"n": n}
    ),
    "kept": lambda n: gettext("More would change since the last proposal."),
    "alone": lambda n: gettext("Somebody would be the only girl or boy."),
    "few": lambda n: gettext("One more new group would have to open."),
    "comfort": lambda n: gettext("The children would be less alike in age."),
}


def cost(wish: str, less: int, limit: int) -> str:
    """Say what somebody would lose: the first wish that would be met less; `limit` is the house's, in weeks."""
    step = wish.removeprefix("weeks_") if wish.startswith("weeks_") else ""
    return COSTS["overdue" if step else wish](abs(less)) % {"limit": step or limit}
