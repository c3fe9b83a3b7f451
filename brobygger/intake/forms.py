"""What staff type on the worklist, as clean values."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from brobygger.appointments import queries as appointments
from brobygger.appointments.rules import LENGTH
from brobygger.catalogue import queries as catalogue
from brobygger.door import rules as door
from brobygger.ground import clock
from brobygger.ground.forms import Phone
from brobygger.ground.templatetags.house import said

from . import rules

MOST_TIMES = 3
#: No time is agreed further off than this; beyond it there is only a slip of the hand.
FURTHEST = timedelta(days=400)


class Answer(forms.Form):
    """An answer in words, with up to three times."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
        error_messages={"required": _("Write a few words; a time alone is a cold answer.")},
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def times(self, values: list[str], where: str) -> list[appointments.Choice]:
        """Read the times that were ticked. Raises `forms.ValidationError` for more than three, or one misread."""
        if len(values) > MOST_TIMES:
            raise forms.ValidationError(_("Tick three times at the most."))
        return _times(values, where)


def _times(values: list[str], where: str) -> list[appointments.Choice]:
    """Read times as a page sends them. Raises `forms.ValidationError` for one that is none of ours."""
    try:
        parts = [value.split("|") for value in values]
        found = [
            appointments.Choice(datetime.fromisoformat(one), datetime.fromisoformat(other), place)
            for one, other, place in parts
        ]
        for each in found:
            if not each.starts_at.tzinfo or each.ends_at - each.starts_at != LENGTH[where]:
                raise ValueError("not a time of ours")
            if abs(each.starts_at - clock.now()) > FURTHEST:
                raise ValueError("not a time one agrees on")
        return found
    except (ValueError, TypeError, KeyError, OverflowError):
        raise forms.ValidationError(_("One of the times could not be read. Tick them again.")) from None


class Agree(forms.Form):
    """One time agreed while talking."""

    time = forms.CharField(
        label=_("Which time did you agree on?"), error_messages={"required": _("Choose the time you agreed on.")}
    )

    def choice(self, where: str) -> appointments.Choice:
        """Read the time. Raises `forms.ValidationError`."""
        return _times([self.cleaned_data["time"]], where)[0]


class Signpost(Answer):
    """Helping somebody on to a place that suits them better."""

    to = forms.CharField(label=_("Where do we help them on to?"), max_length=80)


class End(forms.Form):
    """Ending a thread, with a last word."""

    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=[
            ("helped", _("They got what they came for")),
            ("signposted", _("We helped them on")),
            ("course", _("It goes on with a name, as a course")),
            ("quiet", _("They have not come back")),
        ],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("A last word"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        help_text=_("It can be read with the key for a month."),
    )


class Reason(forms.Form):
    """Why something is opened; kept in the audit."""

    reason = forms.CharField(
        label=_("Why do you open it?"),
        max_length=200,
        min_length=5,
        error_messages={"required": _("Write why, in a few words. It is kept.")},
    )


class HandOver(forms.Form):
    """To whom a thread goes."""

    def __init__(self, *args: Any, people: list[Any], **options: Any) -> None:
        """Offer the colleagues who can answer."""
        super().__init__(*args, **options)
        choices = [(person.handle, person.first_name) for person in people]
        self.fields["to"] = forms.ChoiceField(label=_("To whom?"), choices=choices)


def tools(colleagues: list[Any], seen: int) -> dict[str, forms.Form]:
    """Make the empty forms for what else one may do with a thread."""
    return {
        "hand_over": HandOver(people=colleagues),
        "signpost": Signpost(prefix="on", initial={"seen": seen}),
        "end": End(prefix="end"),
        "agree": Agree(prefix="agree"),
        "reason": Reason(prefix="why"),
    }


WHO = {"parent": _("Parent"), "young": _("Young person"), "child": _("Child"), "professional": _("Professional")}
CALLERS = [("phone", _("Rings")), ("walk_in", _("Came in"))]
NEXT = [
    ("done", _("Advised, nothing more")),
    ("to", _("Helped on to another place")),
    ("sparring", _("Sparring with a professional")),
    ("ring", _("We ring back")),
    ("key", _("They write themselves: a key")),
    ("time", _("A time")),
]
SAFE = [
    ("any", _("At any time")),
    ("morning", _("In the morning")),
    ("afternoon", _("In the afternoon")),
    ("evening", _("In the evening")),
]
#: What a person may have been named in; and what has no place beside a mere count.
FREE = ("text", "alias", "sender", "to")
ABOUT_SOMEBODY = ("text", "phone", "alias", "sender")


def _line(label: Any, length: int = 60, **more: Any) -> forms.CharField:
    """One line nobody has to fill in, and no browser remembers."""
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=length, widget=widget, **more)


def _pick(label: Any, choices: list[tuple[str, Any]], empty: Any = None) -> forms.ChoiceField:
    """A choice from a list, which may be left alone."""
    first = [("", empty)] if empty else []
    return forms.ChoiceField(label=label, required=False, choices=[*first, *choices])


def _must(label: Any, choices: list[tuple[str, Any]], missing: Any) -> forms.ChoiceField:
    """A choice that has to be made, in sight."""
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, error_messages={"required": missing}
    )


class Call(forms.Form):
    """One line about somebody who rings or comes in, typed while they talk."""

    how = forms.ChoiceField(choices=CALLERS, initial="phone", widget=forms.RadioSelect, label=_("How"))
    text = _line(_("One line of words, if they want it passed on"), 500)
    to = _line(_("Where do we help them on to?"), 80)
    phone = Phone(label=_("Which number may we ring?"), required=False)
    when = _pick(_("When is it safe?"), SAFE)
    message = forms.BooleanField(required=False, label=_("We may leave a message"))
    sender = _line(_("What shall we say we are?"))
    alias = _line(_("What may we call them?"))
    give_key = forms.BooleanField(required=False, label=_("Read a key aloud too"))

    def __init__(self, *args: Any, answers: bool, **options: Any) -> None:
        """Offer the doors, themes and places of this house; who `answers` can agree on a time straight away."""
        super().__init__(*args, **options)
        self.answers = answers
        who = [(each.key, WHO[each.key]) for each in catalogue.doors()]
        modes = [(each.key, said(each.label)) for each in catalogue.meeting_modes()]
        bands = [(each.key, said(each.label)) for each in catalogue.age_bands() if each.key != "unknown"]
        work = [(key, said(label)) for key, label in door.PROFESSIONS.items()]
        self.fields["door"] = _must(_("Who"), who, _("Choose who it is."))
        self.fields["what"] = _must(_("What next"), NEXT, _("Choose what comes of it."))
        self.fields["theme"] = _pick(
            _("About"), [(each.key, said(each.label)) for each in catalogue.themes()], _("not said")
        )
        self.fields["age_band"] = _pick(_("The child's age"), bands, _("not said"))
        self.fields["profession"] = _pick(_("Profession"), work, _("not said"))
        self.fields["where"] = _pick(_("Where would they like to meet?"), modes)

    def clean(self) -> dict[str, Any]:
        """Ask for what the choice needs, and refuse what would be thrown away or must not be kept."""
        clean: dict[str, Any] = super().clean() or {}
        for name in FREE:
            self._refuse_names(name, str(clean.get(name) or ""), clean.get("door"))
        what = clean.get("what")
        if what in rules.COUNTED:
            for name in ABOUT_SOMEBODY:
                if clean.get(name):
                    self.add_error(name, _("Only a count is kept of this. Take it out, or choose another “What next”."))
        if what == "to" and not clean.get("to"):
            self.add_error("to", _("Write where you helped them on to."))
        if what == "sparring" or (what == "time" and clean.get("where") == "sparring"):
            self._check_sparring(clean)
        if what == "ring" and not (clean.get("phone") or self.has_error("phone")):
            self.add_error("phone", _("Write the number we may ring."))
        if what == "time" and not (clean.get("phone") or clean.get("give_key") or self.answers):
            self.add_error("phone", _("Write a number, or read a key aloud. Else nobody can tell them the time."))
        return clean

    def _refuse_names(self, name: str, typed: str, who: Any) -> None:
        """Refuse a CPR number anywhere, and the name of a child a professional tells of."""
        find = door.slips_about_a_child if who == "professional" and name == "text" else door.slips
        kinds = set(door.kinds(find(typed)))
        if "cpr" in kinds:
            self.add_error(name, _("There is a CPR number here. We do not need it; take it out."))
        elif find is not door.slips and "name" in kinds:
            self.add_error(name, _("There is a name here. Write “a boy of six” instead."))

    def _check_sparring(self, clean: dict[str, Any]) -> None:
        """Advice for professionals is counted by profession, so it needs one."""
        if clean.get("door") and clean["door"] != "professional":
            self.add_error("door", _("Sparring is for professionals. Choose another “What next” for a family."))
        elif not clean.get("profession"):
            self.add_error("profession", _("Choose the profession; it is what we count."))

    @property
    def wants_key(self) -> bool:
        """Tell whether a key is to be read aloud."""
        clean = self.cleaned_data
        return clean["what"] == "key" or (clean["what"] in rules.OPENED and clean["give_key"])

    def call(self) -> rules.Call:
        """Put what was typed into the shape of a call."""
        clean = self.cleaned_data
        professional = clean["door"] == "professional"
        names = ("door", "what", "theme", "age_band", "to", "text")
        return rules.Call(
            **{name: clean[name] for name in names},
            channel=clean["how"],
            profession=clean["profession"] if professional else "",
            where=clean["where"] if clean["what"] == "time" else "",
            when=clean["when"] or "any",
            language=get_language() or "da",
            reach=self._reach() if clean["phone"] else None,
        )

    def _reach(self) -> dict[str, Any]:
        clean = self.cleaned_data
        names = ("phone", "message", "sender", "alias")
        return {"channel": "call", "when": clean["when"] or "any"} | {name: clean[name] for name in names}
