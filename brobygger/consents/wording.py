"""Consents and steps in words, as people at work read them. What families read is worded at the door."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from babel.lists import format_list
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from brobygger.door import rules as door
from brobygger.ground.templatetags.house import said, say_day

from . import queries

RECEIVERS = {
    "house": gettext_lazy("The house"),
    "referrer": gettext_lazy("Whoever sent the family on"),
    "municipality": gettext_lazy("The municipality"),
    "school": gettext_lazy("The school or day care"),
    "health": gettext_lazy("The health visitor or doctor"),
    "other": gettext_lazy("Somebody else"),
}
FIELDS = {
    "name": gettext_lazy("the first name"),
    "number": gettext_lazy("the telephone number"),
    "age": gettext_lazy("the child's age"),
    "place": gettext_lazy("which place suits them"),
    "words": gettext_lazy("what the parent wishes"),
    "status_contact": gettext_lazy("whether we got in touch"),
    "status_ladder": gettext_lazy("how far it has come, step by step"),
    "appointment": gettext_lazy("when we meet"),
    "attendance": gettext_lazy("whether they come"),
}
PURPOSES = {
    "ring": gettext_lazy("so that we can ring"),
    "status": gettext_lazy("so that they know how it went"),
    "cooperate": gettext_lazy("so that we can help together"),
    "other": gettext_lazy("for another reason"),
}
WAYS = {
    "present": gettext_lazy("in the presence of whoever sent them on"),
    "spoken": gettext_lazy("in a talk with us"),
    "phone": gettext_lazy("on the phone"),
    "written": gettext_lazy("in writing"),
}
GIVERS = {
    "holder": gettext_lazy("The parent we talk with"),
    "other_parent": gettext_lazy("The other parent"),
    "young": gettext_lazy("The young person"),
}
STEPS = {
    "received": gettext_lazy("Received"),
    "trying": gettext_lazy("We are trying to reach them"),
    "contact": gettext_lazy("In contact"),
    "started": gettext_lazy("Started"),
    "ended": gettext_lazy("Ended"),
    "not_started": gettext_lazy("Did not start"),
    "handed_on": gettext_lazy("Helped on to another place"),
    "record": gettext_lazy("What we had written down"),
}
REASONS = {
    "no_answer": gettext_lazy("We did not reach them"),
    "no_thanks": gettext_lazy("They said no thank you"),
    "not_now": gettext_lazy("Not just now"),
    "other_help": gettext_lazy("They have other help"),
    "moved": gettext_lazy("They have moved"),
    "duplicate": gettext_lazy("The same family was sent on twice"),
    "other": gettext_lazy("Another reason"),
}


@dataclass(frozen=True)
class Said:
    """A consent as a sentence, and what else its row shows."""

    given: queries.Given
    sentence: str
    yes: str
    told: tuple[tuple[str, Any], ...]


def receiver(given: queries.Given) -> str:
    """Name who may know."""
    who = given.sentence
    named = door.PROFESSIONS.get(who.profession) if who.receiver == "referrer" else None
    if named:
        return _("The %(profession)s who sent them on") % {"profession": said(named).lower()}
    return who.receiver_words if who.receiver == "other" else str(RECEIVERS[who.receiver])


def say(given: queries.Given, day: Callable[[Any], str] = say_day) -> Said:
    """Put a consent into sentences: receiver, what, what for and until when; who said yes, how and on which day.

    `day` says a day; on a paper that is read years later, in full.
    """
    sentence, consent = given.sentence, given.consent
    listed = format_list([str(FIELDS[name]) for name in sentence.fields], locale=get_language() or "da")
    purpose = sentence.purpose_words if sentence.purpose == "other" else str(PURPOSES[sentence.purpose])
    who = {"receiver": receiver(given), "fields": listed, "purpose": purpose, "until": day(consent.until)}
    yes = {
        "giver": str(GIVERS[sentence.giver]),
        "how": str(WAYS[sentence.how]),
        "day": day(consent.given_on),
        "by": sentence.by,
    }
    may_know = pgettext("consent", "%(receiver)s may know %(fields)s, %(purpose)s, until %(until)s.") % who
    said_yes = _("%(giver)s said yes %(how)s, %(day)s. Written down by %(by)s.") % yes
    if sentence.by == "referrer":
        said_yes = _("%(giver)s said yes %(how)s, %(day)s.") % yes
    told = tuple((step(each.what), each.on) for each in given.told)
    return Said(given, may_know, said_yes, told)


def step(name: str) -> str:
    """Say a step of the ladder."""
    return str(STEPS.get(name, name))
