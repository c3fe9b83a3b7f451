"""What staff type about seats and waiting, as clean values; and what a refusal is called.

Beside the words of the waiting list, since the forms choose from them; the group's own forms are in `forms`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

from django import forms, template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brobygger.access.guards import NotAllowed
from brobygger.casework.record import CourseIsClosed
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.forms import a_day, radio, text
from brobygger.ground.templatetags.house import said, say_day, say_when
from brobygger.groups import answers, queries, rules, seats
from brobygger.groups.models import Group, Seat, Waiting

from .groups import languages, weekdays
from .stands import LEAVING, STATES
from .waiting import Asked
from .wishes import PARENTS, PARITIES, SIBLINGS, WISHES

EVEN_SO = {
    "soon_of_age": _("Soon the right age"),
    "ready_for_it": _("Ready for it already"),
    "sibling_there": _("A brother or sister sits there"),
    "family_wishes": _("The family wishes it"),
    "other": _("For another reason"),
}
#: What is said when a deed about a seat is refused.
REFUSED: dict[type[Exception], Any] = {
    rules.GroupIsFull: _("Somebody has taken the last seat in the meantime. Nothing has been offered."),
    rules.GroupIsOver: _("The group takes nobody any more: it is closed, or has no dates ahead."),
    rules.TooManyNewcomers: _("So many begin at that meeting already. Choose a later one."),
    rules.AlreadySeated: _("They have a seat in this group already, or an offer of one."),
    rules.TalksFirst: _("There are talks before the first evening. Tick when they are done."),
    rules.NotInPairs: _("A grown-up and a baby share the seat. Choose the grown-up."),
    rules.SpeaksAgainst: _("Something speaks against it. Choose why you offer it all the same."),
    rules.KeptApart: _("They do not get a seat in this group. Who arranges the groups knows why: ask them."),
    rules.NotOffered: _("That meeting has been, or is called off."),
    rules.OfferIsOver: _("It is answered or over already. Look at it again."),
    CourseIsClosed: _("The course has ended, so there is no seat to offer."),
    NotAllowed: _("A colleague has changed who may do this. Look at it again."),
}
#: The field a refusal is about.
ABOUT: dict[type[Exception], str] = {
    rules.TooManyNewcomers: "starts_with",
    rules.TalksFirst: "talks_done",
    rules.NotInPairs: "beside",
    rules.SpeaksAgainst: "even_so",
}


#: What a family may say on the telephone, what the deed needs besides, and what is said when it is done.
DEEDS: dict[str, Callable[..., Any]] = {
    "take": seats.take_seat,
    "decline": seats.decline_seat,
    "withdraw": seats.withdraw_offer,
    "pause": seats.pause_seat,
    "resume": seats.resume_seat,
    "leave": seats.leave_seat,
    "away": seats.say_no,
    "come": partial(seats.say_no, away=False),
}
NEEDS = {"pause": ("until",), "leave": ("reason",), "away": ("meeting",), "come": ("meeting",)}
DONE = {
    "take": _("The seat is theirs."),
    "decline": _("They said no thank you. The seat is free again."),
    "withdraw": _("The offer is taken back. The seat is free again."),
    "pause": _("They are on a break. The seat is kept, and it goes on by itself."),
    "resume": _("The break is over."),
    "leave": _("They have left the group. The seat is free."),
    "away": _("It is noted that they do not come that day."),
    "come": _("It is noted that they come after all."),
}


def _ticks(label: Any, choices: Iterable[tuple[str, Any]], **more: Any) -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=list(choices), required=False, widget=widget, **more)


class Wait(forms.Form):
    """What somebody waits for, and what suits them. Only the first must be said."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    siblings = radio(WISHES["siblings"], SIBLINGS)
    parity = radio(WISHES["parity"], PARITIES)
    parent = radio(
        WISHES["parent"],
        PARENTS,
        help_text=_("Write the parent down as waiting for that group too, so that the seat can be offered to them."),
    )
    language = forms.ChoiceField(label=WISHES["language"], choices=languages, required=False)
    talks = forms.BooleanField(label=WISHES["talks"], required=False)
    words = text(WISHES["words"], 2)
    field_order = ("offer", "talks", "places", "days", "parity", "siblings", "parent", "language", "words", "once")

    def __init__(
        self, *args: Any, asked: Asked, held: Iterable[tuple[Waiting, dict[str, Any]]] = (), **more: Any
    ) -> None:
        """Choose among what the house has today; begin with what suits them already."""
        super().__init__(*args, **more)
        self.initial = next((as_typed(*each) for each in held), {})
        offers = [(row.key, said(row.name)) for row in catalogue.offers() if row.audience != "professional"]
        missing = {"required": _("Choose what they wait for.")}
        self.fields["offer"] = forms.ChoiceField(
            label=_("What do they wait for?"), choices=[("", "–"), *offers], error_messages=missing
        )
        houses = [(row.key, said(row.name)) for row in catalogue.places() if row.kind != "phone"]
        self.fields["places"] = _ticks(WISHES["places"], houses, help_text=_("None ticked is anywhere."))
        days = [(str(number), name) for number, name in enumerate(weekdays())]
        self.fields["days"] = _ticks(WISHES["days"], days, help_text=_("None ticked is any day."))
        if asked.adult:
            del self.fields["parent"]
        self.order_fields(self.field_order)

    def wishes(self) -> dict[str, Any]:
        """Give what suits them, without what does not matter."""
        clean = {name: self.cleaned_data.get(name) for name in self.field_order[1:-1]}
        days = [int(each) for each in clean["days"] or []]
        return {name: value for name, value in (clean | {"days": days}).items() if value}


def as_typed(row: Waiting, wishes: dict[str, Any]) -> dict[str, Any]:
    """Turn what suits somebody back into what was typed."""
    return {**wishes, "offer": row.offer, "days": [str(each) for each in wishes.get("days") or ()]}


class Offer(forms.Form):
    """The seat that is offered: from which meeting, until when we wait for an answer, and what must be said first."""

    def __init__(self, *args: Any, asked: Asked, group: Group, **more: Any) -> None:
        """Ask only for what this group and this person need."""
        super().__init__(*args, **more)
        self.member, starts = asked.member, queries.starts(group)[0][:8]
        self.starts = {str(each.pk): each for each in starts}
        if rules.AGAINST & set(asked.chances[0].reasons) or self.add_prefix("even_so") in self.data:
            self.ask_why()
        if group.kind == Group.Kind.PAIR:
            self.fields["beside"] = radio(_("Which grown-up comes along?"), dict(asked.grown))
        if group.talks_before:
            done = _("The talks before the first evening are done")
            talked = group.offer in asked.talked
            self.fields["talks_done"] = forms.BooleanField(label=done, required=False, initial=talked)
        days = [(key, say_when(each.starts_at)) for key, each in self.starts.items()]
        missing = {"required": _("Choose a meeting.")}
        self.fields["starts_with"] = forms.ChoiceField(label=_("From when?"), choices=days, error_messages=missing)
        until = _("Leave it empty for a week, or the day before the first meeting if that is sooner.")
        self.fields["answer_by"] = a_day(_("Until when do we wait for an answer?"), help_text=until)

    def clean(self) -> dict[str, Any]:
        """See that the family has a day to answer before the group meets."""
        clean = super().clean() or {}
        first, until = self.starts.get(str(clean.get("starts_with"))), clean.get("answer_by")
        if until and first and not clock.today() <= until <= clock.local(first.starts_at).date():
            self.add_error("answer_by", _("Choose a day from today until the first meeting."))
        return clean

    def ask_why(self) -> None:
        """Ask why the seat is offered all the same, though something speaks against it."""
        self.fields.setdefault("even_so", radio(_("Why all the same?"), EVEN_SO))
        # First, as when it is known beforehand; after the tick that says whether a parent's seat is offered at all.
        self.order_fields(["too", "even_so"])

    def told(self) -> dict[str, Any]:
        """Give what the deed needs."""
        clean = self.cleaned_data
        beside = self.member.course.members.filter(pk=clean["beside"]).first() if clean.get("beside") else None
        return {
            "starts_with": self.starts[clean["starts_with"]],
            "answer_by": clean["answer_by"],
            "even_so": clean.get("even_so", ""),
            "talks_done": bool(clean.get("talks_done")),
            "beside": beside,
        }


def offered(seat: Seat) -> Any:
    """Say what becomes of an offer: it lies behind their key, or somebody rings."""
    if seat.told_on or Seat.objects.filter(pk=seat.pk, told_on__isnull=False).exists():
        return _("The seat is offered. It lies behind their key; write the answer here if they ring.")
    return _("The seat is kept for them. Nothing of it lies behind a key, so ring them, and write the answer here.")


class Answer(forms.Form):
    """What a family says of its seat on the telephone."""

    do = forms.ChoiceField(choices=[(each, each) for each in DEEDS])
    until = a_day(_("Until when?"))
    reason = radio(_("Why do they leave?"), LEAVING)
    meeting = forms.UUIDField(required=False)

    def __init__(self, *args: Any, seat: Seat, **more: Any) -> None:
        """Know which seat."""
        super().__init__(*args, **more)
        self.seat = seat

    def clean(self) -> dict[str, Any]:
        """See that a break has an end, leaving a reason, and a word about one meeting its meeting."""
        clean = super().clean() or {}
        last, until = answers.longest_pause(self.seat), clean.get("until")
        if clean.get("do") == "pause" and "until" not in self.errors:
            if last <= clock.today():
                self.add_error("until", _("A break lasts four months at most. Now they come, or they leave."))
            elif until is None or not clock.today() < until <= last:
                wrong = _("Choose a day after today, and not later than %(day)s.") % {"day": say_day(last)}
                self.add_error("until", wrong)
        elif clean.get("do") == "leave" and not clean.get("reason"):
            self.add_error("reason", _("Choose why."))
        elif clean.get("do") in ("away", "come"):
            asked = clean.get("meeting")
            clean["meeting"] = self.seat.group.meetings.filter(pk=asked).first() if asked else None
            if clean["meeting"] is None:
                self.add_error(None, REFUSED[rules.NotOffered])
        return clean

    def deed(self, by: Any) -> Any:
        """Do it, and give what is said of it."""
        do = self.cleaned_data["do"]
        DEEDS[do](seat=self.seat, by=by, **{name: self.cleaned_data[name] for name in NEEDS.get(do, ())})
        return DONE[do]


@contextmanager
def refused(form: Any) -> Iterator[None]:
    """Say at the right field what is in the way of a deed; nothing typed is lost."""
    try:
        yield
    except tuple(REFUSED) as why:
        if isinstance(why, rules.SpeaksAgainst) and isinstance(form, Offer):
            # It may be about the grown-up who comes along, or be of this minute: then it was not asked before.
            form.ask_why()
        name = ABOUT.get(type(why), "")
        form.add_error(name if name in form.fields else None, REFUSED[type(why)])


# ---- In words ----

register = template.Library()


@register.filter
def state(seat: Seat) -> Any:
    """Say how a seat stands."""
    return STATES[seat.state]


@register.filter
def so_far(seat: Seat) -> str:
    """Say the day that matters now: until when we wait, from when they come, until when the break lasts, since when."""
    first = seat.starts_with
    if seat.state == "offered":
        return gettext("We wait for an answer until %(day)s.") % {"day": say_day(seat.answer_by)}
    if seat.state == "paused":
        return gettext("It goes on %(day)s.") % {"day": say_day(seat.paused_until)}
    if seat.state == "taken":
        ahead = first is not None and first.starts_at > clock.now()
        return gettext("Begins %(day)s.") % {"day": say_day(first.starts_at)} if first is not None and ahead else ""
    why = f" {LEAVING[seat.reason]}." if seat.reason else ""
    return gettext("Over since %(day)s.") % {"day": say_day(seat.ended_on)} + why
