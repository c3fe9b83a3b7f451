"""Every text that leaves the house by other people's wires, and what went wrong in words.

A text may be read over somebody's shoulder, on a locked screen, by the one it is hidden from. So none of them says who
writes, or what about; not even that there is a key.
"""

from datetime import datetime
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from brobygger.ground import clock
from brobygger.ground import rules as ground

from .models import Notice

TEXTS = {
    Notice.Kind.ANSWER: _("There is something new for you."),
    Notice.Kind.CALLED_OFF: _("The appointment on %(when)s is called off. There is more for you to read."),
    Notice.Kind.MOVED: _("The appointment has been moved to %(when)s. There is more for you to read."),
    Notice.Kind.REMINDER: _("Remember your appointment on %(when)s."),
    Notice.Kind.REFERRED: _("You said yes to a call before %(when)s. If you change your mind, say so when we ring."),
    Notice.Kind.CALENDAR: _("Your calendar has changed. Have a look when you have time."),
    Notice.Kind.ASKED: _("Here are a few questions for you. You may leave out any of them: %(link)s"),
    Notice.Kind.AGAIN: _("Something is still waiting for you. It is fine to leave it."),
    Notice.Kind.TEST: _("This is a test. It came through."),
}
#: The same for a house that can be rung.
RING_US = _("You said yes to a call before %(when)s. If you change your mind, ring %(phone)s.")
SUBJECT = _("A message")

#: What a notice is about, on the page of those that did not get through.
KINDS = {
    Notice.Kind.ANSWER: _("Word of an answer"),
    Notice.Kind.CALLED_OFF: _("Word that a time is called off"),
    Notice.Kind.MOVED: _("Word that a time is moved"),
    Notice.Kind.REMINDER: _("Reminder of a time"),
    Notice.Kind.REFERRED: _("Word of who rings after a referral"),
    Notice.Kind.CALENDAR: _("Word to a colleague that the calendar has changed"),
    Notice.Kind.ASKED: _("A link to a few questions"),
    Notice.Kind.AGAIN: _("Reminder of a few questions"),
    Notice.Kind.TEST: _("A test message"),
}
CHANNELS = {"sms": _("by text message"), "mail": _("by mail")}
PROBLEMS = {
    "unreachable": _("The one who carries our messages could not be reached. We tried for half a day."),
    "later": _("The one who carries our messages put us off each time. We tried for half a day."),
    "refused": _("The message was refused."),
    "bad_address": _("The number or address does not exist, or takes no messages."),
    "not_private": _("The line was not closed to others, so we sent nothing. Tell the one who runs the machine."),
    "names_the_house": _("Our sender's name shows who we are, so we sent nothing. Tell the one who runs the machine."),
    "no_channel": _("There is no way to send it from here. Tell the one who runs the machine."),
    "unreadable": _("What we keep of this family is damaged. Tell the one who runs the machine."),
    "too_late": _("It could not be sent before the time it was about."),
    "unknown_end": _("We were stopped while sending. It may have arrived, or not."),
}


def language_of(facts: dict[str, Any] | None) -> str:
    """Choose a family's language among those we speak; Danish when it is none of them."""
    wished = str((facts or {}).get("language") or "")
    return wished if wished in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def text(kind: str, params: dict[str, Any], language: str) -> str:
    """Make the words of one message in a family's language; plain spaces, for an old telephone."""
    when = ""
    if params.get("starts_at"):
        at = clock.local(datetime.fromisoformat(params["starts_at"]))
        pattern = {"da": "EEEE 'den' d. MMMM"}.get(language, "EEEE d MMMM")
        # The day by its date: "tomorrow" would be wrong on a phone that was off tonight.
        day = format_date(at.date(), pattern, locale=language)
        when = ground.WORDS[language]["at"].format(day=day, clock=ground.say_clock(at, language))
    with override(language):
        words = RING_US if kind == Notice.Kind.REFERRED and params.get("phone") else TEXTS[Notice.Kind(kind)]
        said = str(words) % {"when": when, "phone": params.get("phone", ""), "link": params.get("link", "")}
    return said.replace("\u00a0", " ")


def subject(language: str) -> str:
    """Say above a mail that it is one."""
    with override(language):
        return str(SUBJECT)
