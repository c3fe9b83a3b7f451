"""What staff type about a course, as clean values."""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.forms import Month, Phone, a_day, line, radio, sent_again, text
from brobygger.ground.templatetags.house import said

from .templatetags import courses as words

MOST_ROWS = 30


def _ticks(label: Any, rows: Iterable[Any], kept: Iterable[str], **more: Any) -> forms.MultipleChoiceField:
    """Things of this house to tick; what was ticked before stays there, though the house has it no more."""
    named = {row.key: said(row.label) for row in rows}
    choices = list((named | {key: key for key in kept if key not in named}).items())
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=widget, **more)


class Once(forms.Form):
    """A form that is one thing however often it is sent."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)


# ---- What is known, kind by kind ----


class PartForm(forms.Form):
    """One thing known: the version one had before one's eyes, and what it should say from now on."""

    kind = ""
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, known: dict[str, Any], given: Iterable[tuple[str, str]] = (), **options: Any):
        """Begin with what is known; `given` are the consents a line may stand on."""
        self.known, self.given = known, list(given)
        super().__init__(*args, **options)
        self.build()

    def build(self) -> None:
        """Add the fields of this kind, with what is known in them."""
        for name, field in FIELDS[self.kind](self.known).items():
            field.initial = self.known.get(name)
            self.fields[name] = field

    def clean_seen(self) -> int:
        """Nothing before one's eyes is the version before the first."""
        return self.cleaned_data["seen"] or 0

    def body(self) -> dict[str, Any]:
        """Give what was typed, without what was left empty."""
        return {name: value for name, value in self.cleaned_data.items() if value and name != "seen"}

    def show_newer(self, number: int) -> bool:
        """Let one more press save what was typed as the version after a colleague's."""
        self.data = sent_again(self.data, seen=str(number))
        return True

    @property
    def groups(self) -> list[list[forms.BoundField]]:
        """Fields that belong together; empty when the form is one column."""
        return []


def _someone() -> dict[str, forms.Field]:
    """Who somebody is in the family, and what we call them: the one thing a person cannot be without."""
    missing = {"required": _("Choose who it is in the family.")}
    return {
        "role": forms.ChoiceField(
            label=_("Who is it?"), choices=[("", "–"), *words.ROLES.items()], error_messages=missing
        ),
        "called": line(_("What do we call them?"), 60, help_text=_("A first name is enough.")),
        "birth": Month(label=_("Born")),
    }


ABOUT_MARKS = _("A mark is about how we work, and can be searched for. It says nothing about the family.")
#: The fields of the plain kinds; what has several places for the same thing has a form of its own below.
FIELDS: dict[str, Callable[[dict[str, Any]], dict[str, forms.Field]]] = {
    "living": lambda known: {
        "with": radio(_("Where do the children live?"), words.HOMES),
        "municipality": forms.ChoiceField(choices=words.municipalities, **words.MUNICIPALITY),
        "words": text(_("In a few words")),
    },
    "problems": lambda known: {
        "keys": _ticks(_("What else is hard?"), catalogue.problems(), known.get("keys", ())),
        "words": text(_("In a few words")),
    },
    "elements": lambda known: {"keys": _ticks(_("What have we used?"), catalogue.elements(), known.get("keys", ()))},
    "tags": lambda known: {
        "tags": _ticks(_("Which marks?"), catalogue.tags(), known.get("tags", ()), help_text=ABOUT_MARKS)
    },
    "person": lambda known: _someone(),
    "custody": lambda known: {
        "holder": radio(_("Do they have custody?"), words.CUSTODY),
        "told": radio(_("May they be told how it goes?"), words.TOLD),
        "words": text(_("In a few words"), 2),
    },
    "contact": lambda known: {
        "channel": radio(_("How may we reach them?"), words.CHANNELS),
        "when": radio(_("When is it safe?"), words.WHEN),
        "message": forms.BooleanField(label=_("We may leave a message"), required=False),
        "sender": line(_("What shall we say we are?"), 60),
        "words": text(_("What else must we take care of?"), 2),
    },
    "care": lambda known: {
        "allergies": line(_("What can they not eat or have?"), 200),
        "brings": line(_("Who brings and fetches?"), 100),
        "remember": text(_("What should we remember on an evening?"), help_text=_("Whoever stands in sees this too.")),
    },
}


class Use(PartForm):
    """What somebody uses, now or before; never how much."""

    def build(self) -> None:
        """Ask for each substance of the house."""
        known = {each["substance"]: each["when"] for each in self.known.get("uses", ())}
        named = {row.key: said(row.label) for row in catalogue.substances()}
        choices = [("", _("not said")), *words.TIMES.items()]
        for key, label in ({key: key for key in known} | named).items():
            field = forms.ChoiceField(label=label, choices=choices, required=False, initial=known.get(key))
            self.fields[f"use-{key}"] = field

    def body(self) -> dict[str, Any]:
        """Give the substances that were chosen."""
        chosen = {name[4:]: value for name, value in super().body().items()}
        return {"uses": [{"substance": key, "when": when} for key, when in chosen.items()]} if chosen else {}

    @property
    def groups(self) -> list[list[forms.BoundField]]:
        """All beside each other."""
        return [self.visible_fields()]


class Rows(PartForm):
    """Things of one kind, a few fields each, with two empty places for more."""

    of = ""

    def build(self) -> None:
        """Make a place for each that is known or was sent, and two more."""
        rows = list(self.known.get(self.of, ()))
        sent = [int(name.split("-")[0]) + 1 for name in self.data if re.fullmatch(r"[0-9]{1,2}-\w+", name)]
        self.places = min(max([len(rows) + 2, *sent]), MOST_ROWS)
        for place in range(self.places):
            known = rows[place] if place < len(rows) else {}
            for name, field in self.row(known).items():
                field.initial = known.get(name)
                self.fields[f"{place}-{name}"] = field

    def row(self, known: dict[str, Any]) -> dict[str, forms.Field]:
        """Make the fields of one place."""
        raise NotImplementedError

    @property
    def groups(self) -> list[list[forms.BoundField]]:
        """One group a place."""
        names = self.row({})
        return [[self[f"{place}-{name}"] for name in names] for place in range(self.places)]

    def missing(self, name: str, said_why: Any) -> None:
        """Ask for a field in every place where something else was typed."""
        for at in range(self.places):
            others = [self.cleaned_data.get(f"{at}-{other}") for other in self.row({}) if other != name]
            if any(others) and not self.cleaned_data.get(f"{at}-{name}") and not self.has_error(f"{at}-{name}"):
                self.add_error(f"{at}-{name}", said_why)

    def body(self) -> dict[str, Any]:
        """Give the places where something was typed, with days as they are kept."""
        names = self.row({})
        typed = [{name: self.cleaned_data.get(f"{at}-{name}") for name in names} for at in range(self.places)]
        rows = [{name: _kept(value) for name, value in each.items() if value} for each in typed if any(each.values())]
        return {self.of: rows} if rows else {}


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


class Offers(Rows):
    """What of the house the family uses."""

    of = "offers"

    def row(self, known: dict[str, Any]) -> dict[str, forms.Field]:
        """One offer, from when until when."""
        named = {row.key: said(row.name) for row in catalogue.offers()}
        named = {key: key for key in [known.get("key")] if key} | named
        offer = forms.ChoiceField(label=_("Which offer?"), choices=[("", "–"), *named.items()], required=False)
        return {"key": offer, "from": a_day(_("From")), "to": a_day(_("Until"))}

    def clean(self) -> dict[str, Any]:
        """Ask for the offer, and for days in their order."""
        clean = super().clean() or {}
        self.missing("key", _("Choose the offer, or empty the days."))
        for at in range(self.places):
            begins, ends = clean.get(f"{at}-from"), clean.get(f"{at}-to")
            if begins and ends and ends < begins:
                self.add_error(f"{at}-to", _("It ends before it begins."))
        return clean


class Coordination(Rows):
    """Other help that runs, on a consent of the family alone."""

    of = "help"

    def row(self, known: dict[str, Any]) -> dict[str, forms.Field]:
        """Who helps, with what, and the yes it stands on."""
        choices = [("", "–"), *self.given]
        choice = forms.ChoiceField(label=_("Which yes does it stand on?"), choices=choices, required=False)
        return {"who": line(_("Who helps?"), 120), "words": line(_("With what?"), 400), "consent": choice}

    def clean(self) -> dict[str, Any]:
        """Nothing stands here without a yes."""
        clean = super().clean() or {}
        self.missing("consent", _("Choose the yes it stands on, or empty the line."))
        self.missing("who", _("Write who helps, or empty the line."))
        return clean


OWN: dict[str, type[PartForm]] = {"use": Use, "offers": Offers, "coordination": Coordination}
KINDS = (*FIELDS, *OWN)


def part(kind: str, *args: Any, **options: Any) -> PartForm:
    """Make the form of one kind of thing known."""
    form = OWN.get(kind) or type(kind.capitalize(), (PartForm,), {"kind": kind})
    return form(*args, **options)


# ---- Who somebody is ----


class Identity(forms.Form):
    """Who somebody is and how they are reached, as far as they want to say."""

    name = line(_("Full name"), 120)
    phone = Phone(label=_("Telephone"), required=False)
    mail = forms.EmailField(
        label=_("Mail"), required=False, max_length=120, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    address = text(_("Address"), 2)
    protected = forms.BooleanField(
        label=_("Address and number are protected: nobody outside gets them"), required=False
    )

    def card(self) -> dict[str, Any]:
        """Give what was written on the card."""
        return {name: self.cleaned_data[name] for name in Identity.base_fields if self.cleaned_data.get(name)}


class NewPerson(Identity, Once):
    """Somebody in the family: who it is must be said, everything else may wait."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask who it is first."""
        super().__init__(*args, **options)
        self.fields |= _someone()

    def person(self) -> dict[str, Any]:
        """Give the person as a course takes one in."""
        names = ("role", "called", "birth")
        return {name: self.cleaned_data.get(name) or "" for name in names} | self.card()


class Begin(NewPerson):
    """Beginning a course: how the family said yes, and one person."""

    how = radio(
        _("How did they say yes?"),
        {key: words.WAYS[key] for key in ("present", "phone")},
        required=True,
        error_messages={"required": _("Choose how the family said yes.")},
    )
    words = text(_("What did they say?"), 2, help_text=_("In their own words, if you want to keep them."))
    carry = forms.BooleanField(
        label=_("They want what we have written together taken along, as one note"), required=False
    )

    def __init__(self, *args: Any, thread: bool, **options: Any) -> None:
        """Ask what to take along only where something was written."""
        super().__init__(*args, **options)
        if not thread:
            del self.fields["carry"]


class Reason(forms.Form):
    """Why something is opened; kept in the trail."""

    reason = forms.CharField(
        label=_("Why do you open it?"),
        max_length=200,
        min_length=5,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write why, in a few words. It is kept.")},
    )


# ---- Who has it ----


class StandIn(forms.Form):
    """Who stands in tonight."""

    def __init__(self, *args: Any, people: list[Any], **options: Any) -> None:
        """Offer the colleagues who may."""
        super().__init__(*args, **options)
        choices = [("", "–"), *((person.handle, person.first_name) for person in people)]
        missing = {"required": _("Choose who.")}
        self.fields["to"] = forms.ChoiceField(label=_("To whom?"), choices=choices, error_messages=missing)
        self.order_fields(["to"])

    def given(self, *, ended: bool = False) -> dict[str, Any]:
        """Give it as a course is given, for this evening."""
        return {"scope": "evening"}


class Give(StandIn):
    """Giving the whole of a course to a colleague."""

    valid_from = a_day(_("From"), initial=clock.today)
    until = a_day(_("The last day"), help_text=_("Leave it empty if it is not settled."))
    own_talks = forms.BooleanField(label=_("They may read the children's own talks"), required=False)
    follows = forms.BooleanField(label=_("The conversation goes along"), required=False)

    def __init__(self, *args: Any, own_talks: bool, follows: bool, **options: Any) -> None:
        """Ask only for what the giver can give."""
        super().__init__(*args, **options)
        for name, may in (("own_talks", own_talks), ("follows", follows)):
            if not may:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """A course is given from today on, and ends after it begins."""
        clean = super().clean() or {}
        begins, until = clean.get("valid_from") or clock.today(), clean.get("until")
        if begins < clock.today():
            self.add_error("valid_from", _("Choose today or a later day."))
        elif until and until < begins:
            self.add_error("until", _("It ends before it begins."))
        return clean

    def given(self, *, ended: bool = False) -> dict[str, Any]:
        """Give it as a course is given: until the first day it does not hold; one that has ended for a month."""
        clean = self.cleaned_data
        until = clean["until"] + timedelta(days=1) if clean.get("until") else None
        if ended and until is None:
            until = (clean["valid_from"] or clock.today()) + timedelta(days=30)
        return {"valid_from": clean["valid_from"], "valid_to": until, "own_talks": bool(clean.get("own_talks"))}


class End(forms.Form):
    """Ending a course."""

    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    reason = radio(
        _("Why does it end?"),
        {key: label for key, label in words.ENDINGS.items() if key != "handed_over"},
        required=True,
        error_messages={"required": _("Choose why it ends.")},
    )
    words = text(_("In a few words"))

    def told(self) -> dict[str, Any]:
        """Give why, and which version one had before one's eyes."""
        return self.cleaned_data | {"seen": self.cleaned_data["seen"] or 0}


class Writing(forms.Form):
    """A note being written: its words, and the page they are written on."""

    text = forms.CharField(max_length=20_000, required=False, strip=False, widget=forms.Textarea)
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    corrects = forms.UUIDField(required=False, widget=forms.HiddenInput)
    page = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput, initial=uuid4)
    seen = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        """Let a line end as it does everywhere, however the browser sent it."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n").replace("\r", "\n")

    def refuse(self, why: Any, *, anew: bool = False) -> None:
        """Say why nothing was written; `anew` makes what is typed a note of its own."""
        self.add_error(None, why)
        if anew:
            self.data = sent_again(self.data, once=str(uuid4()), seen="")
