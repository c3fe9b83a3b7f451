"""How a course is said: who somebody is in it, and what is known, in plain lines. Forms choose from the same words."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from babel.lists import format_list
from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from brobygger.casework.models import Assignment, Course
from brobygger.casework.queries import Person, Version
from brobygger.catalogue import queries as catalogue
from brobygger.consents import queries as consents
from brobygger.consents import wording
from brobygger.content import queries as content
from brobygger.ground import clock
from brobygger.ground.templatetags.house import said, say_day

register = template.Library()
Line = tuple[str, str]

ROLES = {
    "child": _("Child"),
    "sibling": _("Brother or sister"),
    "mother": _("Mother"),
    "father": _("Father"),
    "parent": _("Parent"),
    "step": _("Step-parent or step-sibling"),
    "bonus": _("Bonus parent or bonus sibling"),
    "foster": _("Foster parent or foster child"),
    "grandparent": _("Grandparent"),
    "other": _("Somebody else close"),
}
WAYS = {
    "key": _("with their key"),
    "present": _("here with us"),
    "phone": _("on the phone"),
    "referral": _("with whoever sent them on"),
}
ENDINGS = {
    "completed": _("We are done together"),
    "family_stopped": _("The family stopped"),
    "no_contact": _("We could not reach them any more"),
    "moved": _("They have moved"),
    "other_help": _("They have other help"),
    "handed_over": _("It went on to the municipality"),
    "other": _("Another reason"),
}
HOMES = {
    "both": _("With both parents"),
    "mother": _("With their mother"),
    "father": _("With their father"),
    "shared": _("Some days with each parent"),
    "grandparents": _("With grandparents"),
    "foster": _("With a foster family"),
    "other": _("Somewhere else"),
}
CUSTODY = {
    "yes": _("Has custody alone"),
    "shared": _("Shares custody"),
    "no": _("Has no custody"),
    "unknown": _("We do not know who has custody"),
}
TOLD = {"yes": _("May be told how it goes"), "ask": _("Ask the family first"), "no": _("May be told nothing")}
CHANNELS = {
    "phone": _("Ring them"),
    "sms": _("Send a text message"),
    "mail": _("Send a mail"),
    "none": _("Do not contact them"),
}
WHEN = {
    "any": _("At any time"),
    "morning": _("In the morning"),
    "afternoon": _("In the afternoon"),
    "evening": _("In the evening"),
}
TIMES = {"now": _("now"), "past": _("before")}

#: What each kind is called where it is read.
TITLES = {
    "agreement": _("The family's yes"),
    "living": _("Where the children live"),
    "problems": _("What else is hard"),
    "offers": _("What they use here"),
    "elements": _("What we have used"),
    "coordination": _("Other help"),
    "tags": _("Marks"),
    "end": _("How it ended"),
    "person": _("Who it is"),
    "custody": _("Custody"),
    "contact": _("Safe contact"),
    "use": _("Uses"),
    "care": _("On an evening"),
}
#: The words a value is chosen from, by kind and name; everything else is text as it was typed.
CHOSEN: dict[tuple[str, str], dict[str, Any]] = {
    ("living", "with"): HOMES,
    ("end", "reason"): ENDINGS,
    ("agreement", "how"): WAYS,
    ("person", "role"): ROLES,
    ("custody", "holder"): CUSTODY,
    ("custody", "told"): TOLD,
    ("contact", "channel"): CHANNELS,
    ("contact", "when"): WHEN,
}
#: What is said of a thing, in this order, and what stands before it.
SAID: dict[str, dict[str, Any]] = {
    "agreement": {"on": _("Day"), "how": _("How"), "words": _("They said"), "text": _("What they were told")},
    "living": {"with": "", "municipality": _("Municipality"), "words": ""},
    "end": {"reason": "", "words": ""},
    "person": {"role": "", "called": _("Called"), "birth": _("Born")},
    "custody": {"holder": "", "told": "", "words": ""},
    "contact": {"channel": "", "when": "", "message": "", "sender": _("Say you are"), "words": ""},
    "care": {"allergies": _("Cannot have"), "brings": _("Brought and fetched by"), "remember": _("Remember")},
    "problems": {"keys": "", "words": ""},
    "elements": {"keys": ""},
    "tags": {"tags": ""},
}
HOUSES = {"problems": catalogue.problems, "elements": catalogue.elements, "tags": catalogue.tags}
#: How it is asked which municipality a family lives in: nobody has to say.
MUNICIPALITY: dict[str, Any] = {
    "label": _("In which municipality?"),
    "help_text": _("Only if the family has said. It is counted, for the municipalities behind the house."),
    "required": False,
}
#: What is read of a course, and of each person in it, in this order; the rest has a place of its own on the page.
TOGETHER = ("living", "problems", "coordination", "offers", "elements", "tags", "end")
OF_PERSON = ("contact", "custody", "use", "care")


def municipalities() -> list[tuple[str, str]]:
    """List the 98 by code and name, as they are chosen from, and none of them first."""
    return [("", "–"), *((one.code, one.name) for named in content.municipalities().values() for one in named)]


def born(value: str) -> str:
    """Write "2019-04" as people do: "04-2019"."""
    return "-".join(reversed(value.split("-")))


@register.filter
def matter(kind: str) -> Any:
    """Name a kind of thing known."""
    return TITLES.get(kind, kind)


@register.filter
def ending(reason: str) -> Any:
    """Say why a course ended."""
    return ENDINGS.get(reason, reason)


@register.filter
def who(person: Person | None) -> dict[str, str]:
    """Say what we call somebody, and who they are in the family: "Liv", "child, 8 years"."""
    if person is None:
        return {"name": "", "is": ""}
    role, age = str(ROLES.get(person.role, person.role)), person.age
    told = role if age is None else str(_("%(role)s, %(age)s years")) % {"role": role, "age": age}
    return {"name": person.called or role, "is": told if person.called or age is not None else ""}


@register.filter
def lines(body: dict[str, Any], kind: str) -> list[Line]:
    """Say one thing known, line by line: what stands before a value, if anything does, and the value."""
    rows = {"use": _uses, "offers": _offers, "coordination": _help}.get(kind)
    if rows is not None:
        return list(rows(body))
    return [(str(name), _value(kind, key, body[key])) for key, name in SAID[kind].items() if body.get(key)]


def _value(kind: str, key: str, value: Any) -> str:
    if value is True:
        return str(_("We may leave a message"))
    if key == "municipality":
        return dict(municipalities()).get(str(value), str(value))
    if (kind, key) in CHOSEN:
        return str(CHOSEN[kind, key].get(value, value))
    if kind in HOUSES and isinstance(value, list):
        named = {row.key: said(row.label) for row in HOUSES[kind]()}
        return listed(named.get(each, each) for each in value)
    if key == "on":
        return say_day(date.fromisoformat(value))
    return born(value) if key == "birth" else str(value)


def listed(values: Iterable[Any]) -> str:
    """Put some words together as one does: "a, b og c"."""
    return format_list([str(value) for value in values], locale=get_language() or "da")


def _uses(body: dict[str, Any]) -> Iterator[Line]:
    named = {row.key: said(row.label) for row in catalogue.substances()}
    for each in body.get("uses") or ():
        yield named.get(each["substance"], each["substance"]), str(TIMES.get(each["when"], each["when"]))


def _offers(body: dict[str, Any]) -> Iterator[Line]:
    named = {row.key: said(row.name) for row in catalogue.offers()}
    for each in body.get("offers") or ():
        begins, ends = (say_day(date.fromisoformat(each[name])) if each.get(name) else "" for name in ("from", "to"))
        days = [str(_("from %(day)s")) % {"day": begins} if begins else "", str(_("until %(day)s")) % {"day": ends}]
        offer, told = named.get(each["key"], each["key"]), " ".join(filter(None, [days[0], days[1] if ends else ""]))
        yield (offer, told) if told else ("", offer)


def _help(body: dict[str, Any]) -> Iterator[Line]:
    for each in body.get("help") or ():
        over = str(_("The yes to this is over.")) if each.get("over") else ""
        yield str(each.get("who") or ""), ". ".join(filter(None, (str(each.get("words") or ""), over)))


# ---- What a page about a course gathers ----


def standing(thread: Any) -> list[tuple[str, str]]:
    """Name the consents of a family that stand: whom they are about, and until when."""
    given = [each for each in consents.consents(thread) if each.standing]
    until = str(_("%(name)s, until %(day)s"))
    return [
        (str(each.consent.pk), until % {"name": wording.receiver(each), "day": say_day(each.consent.until)})
        for each in given
    ]


def _marked(course: Course, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """Mark the help whose yes is over."""
    if kind != "coordination":
        return body
    given = dict(standing(course.thread)) if course.thread else {}
    return {"help": [each | {"over": each.get("consent") not in given} for each in body.get("help") or ()]}


def _gathered(course: Course, parts: dict[str, Version], kinds: Iterable[str]) -> dict[str, Any]:
    known = {kind: parts[kind] for kind in kinds if kind in parts and parts[kind].body}
    facts = [
        {"kind": kind, "version": each, "body": _marked(course, kind, each.body), "was": each.number > 1}
        for kind, each in known.items()
    ]
    return {"facts": facts, "more": [kind for kind in kinds if kind not in known and kind != "end"]}


@register.filter
def together(parts: dict[str, Version], course: Course) -> dict[str, Any]:
    """Gather what is known of a course, and the kinds of which nothing is yet."""
    return _gathered(course, parts, TOGETHER)


@register.filter
def about(person: Person) -> dict[str, Any]:
    """Gather what is known of one person, and the kinds of which nothing is yet."""
    return _gathered(person.member.course, person.parts, OF_PERSON)


@register.filter
def holds(assignment: Assignment) -> bool:
    """Tell whether somebody has a course today."""
    today, ends = clock.today(), assignment.valid_to
    return assignment.valid_from <= today and (ends is None or ends > today)


@register.filter
def having(rows: list[Assignment]) -> list[Assignment]:
    """Pick those who have a course today."""
    return [each for each in rows if holds(each)]


@register.filter
def over(assignment: Assignment) -> bool:
    """Tell whether somebody's time with a course has gone by."""
    return assignment.valid_to is not None and assignment.valid_to <= clock.today()


@register.filter
def yes(agreed: dict[str, Any]) -> list[Line]:
    """Say how and when a family said yes, in short; what they were told stands under its history."""
    return [line for line in lines({key: agreed.get(key) for key in ("on", "how")}, "agreement") if line[1]]
