"""What can be written behind a key, as clean values. Keeps what was typed; asks for as little as there is.

The forms of a first letter and of a referral stand beside their pages.
"""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from brobygger.ground import clock
from brobygger.ground.forms import Phone
from brobygger.ground.templatetags.house import said

from . import rules

#: Fits into the largest envelope in any language.
LONGEST = 10_000
WHEN = [
    ("morning", _("In the morning")),
    ("afternoon", _("In the afternoon")),
    ("evening", _("In the evening")),
    ("any", _("It does not matter")),
]
TOO_LONG = _("This is too long for one letter. Send the first part now; you can write more right after.")
#: What is wrong with a whole page that is sent.
PLANTED = _("The page was sent from somewhere else. Nothing has been sent yet; look at your text and press again.")
EXPIRED = _("The page had been open for a long time. Your text is still here; press once more to send it.")
FORGED = _("The page could not be used any more. Your text is still here; press once more to send it.")
#: The house has changed its words between the page and the press, or they are those of another door.
CHANGED_WORDS = _(
    "The text about what changes has just been changed. Nothing has been sent. Read it again and tick; the rest is "
    "still here."
)
UNREADABLE = _("Some of the letters could not be read. Look through your text and send it again.")


class Words(forms.CharField):
    """A piece of text of any kind a person types, up to what one letter can hold."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        """Take the ordinary options of a text field."""
        super().__init__(**{"max_length": LONGEST, "error_messages": {"max_length": TOO_LONG}, **options})

    def clean(self, value: Any) -> str:
        """Refuse text whose bytes were not the letters they should be."""
        text = str(super().clean(value))
        if "\ufffd" in text:
            raise forms.ValidationError(UNREADABLE)
        return text


def choices(rows: Any, named: str = "label") -> list[tuple[str, Any]]:
    """Make choices of some rows of the house."""
    return [(row.key, said(getattr(row, named))) for row in rows]


def professions() -> list[tuple[str, Any]]:
    """Name what a professional may be."""
    return [("", _("Choose"))] + [(key, said(label)) for key, label in rules.PROFESSIONS.items()]


class Safely(forms.Form):
    """What is safe when we use a number somebody gave."""

    message = forms.BooleanField(required=False, label=_("You may leave a message if I do not answer"))
    sender = forms.CharField(
        required=False,
        max_length=60,
        label=_("What shall we say we are, if somebody else answers?"),
        help_text=_("We say nothing about the house unless you write it here."),
    )
    alias = forms.CharField(
        required=False, max_length=60, label=_("What may we call you?"), help_text=_("It need not be your name.")
    )


NO_DIGITS = _("Write it without digits. We need no numbers here.")


class Plain(forms.CharField):
    """A few letters: a first name, a language. Nobody can put a number of any kind in it."""

    def __init__(self, **options: Any) -> None:
        """Keep it short, and keep the browser from remembering it."""
        super().__init__(**{"max_length": 40, **options})
        self.widget.attrs["autocomplete"] = "off"

    def clean(self, value: Any) -> str:
        """Refuse digits, and what could not be read."""
        text = " ".join(str(super().clean(value)).split())
        if "\ufffd" in text:
            raise forms.ValidationError(UNREADABLE)
        if any(sign.isdigit() for sign in text):
            raise forms.ValidationError(NO_DIGITS)
        return text


class KeyEntry(forms.Form):
    """The return key, typed as it comes."""

    key = forms.CharField(
        max_length=80,
        label=_("Your key"),
        error_messages={"required": _("Write your key: four groups of letters and digits.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Keep the phone from correcting or remembering it."""
        super().__init__(*args, **options)
        self.fields["key"].widget.attrs |= {
            "autocomplete": "off",
            "autocapitalize": "characters",
            "autocorrect": "off",
            "spellcheck": "false",
            "class": "key-entry",
            "placeholder": "",
        }


class More(forms.Form):
    """Writing more in a conversation that is open."""

    text = Words(
        label=_("Write more"),
        error_messages={"required": _("Write a few words first. One line is enough."), "max_length": TOO_LONG},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give room to write."""
        super().__init__(*args, **options)
        self.fields["text"].widget.attrs |= {"rows": 6, "autocomplete": "off", "maxlength": LONGEST}


class Reach(Safely):
    """A way to be reached, given freely, with what is safe. Offers what this house has wires for."""

    # What is not needed for the chosen way may be left empty; `clean` knows.
    use_required_attribute = False
    phone = Phone(label=_("Which number may we use?"), error_messages={"required": _("Write the number we may use.")})
    channel = forms.ChoiceField()
    mail = forms.EmailField(
        max_length=200,
        label=_("Which mail address may we use?"),
        help_text=_("Choose one that only you read."),
        error_messages={"required": _("Write the address we may use.")},
    )
    when = forms.ChoiceField(choices=WHEN, initial="any", widget=forms.RadioSelect, label=_("When is it safe?"))
    remind = forms.BooleanField(required=False, label=_("Remind me the day before an appointment"))

    field_order = ("channel", "phone", "mail", "when", "remind", "message", "sender", "alias")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Leave out what this house cannot do."""
        super().__init__(*args, **options)
        ways = [("sms", _("Send a text message")), ("mail", _("Send a mail"))]
        here = [way for way in ways if way[0] in settings.CHANNELS_OFFERED]
        self.fields["channel"] = forms.ChoiceField(
            choices=[("call", _("Ring me")), *here],
            widget=forms.RadioSelect,
            initial="call",
            label=_("How?"),
            help_text=_("We only write that there is something new, or when the appointment is; never who we are."),
        )
        self.fields["mail"].widget.attrs |= {"autocomplete": "off"}
        self.fields["sender"].help_text = _("We say nothing about the house unless you write it here.")
        if here:
            self.fields["sender"].help_text += " " + _("When we write, it stands in front.")
        if "mail" in settings.CHANNELS_OFFERED:
            self.fields["phone"].help_text = _("For a call or a text message.")
        else:
            del self.fields["mail"]
        for name in () if here else ("channel", "remind"):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Keep the number or the address, whichever the choice needs; the other may be empty, odd, and is not kept."""
        clean = {"channel": "call", **(super().clean() or {})}
        other = "phone" if clean["channel"] == "mail" else "mail"
        self.errors.pop(other, None)
        if clean["channel"] == "call":
            clean["remind"] = False
        return {**clean, other: ""}


class Address(forms.Form):
    """Where to go, asked for only when a visit at home is agreed."""

    address = Words(
        label=_("Where shall we come?"),
        help_text=_("Street, number and floor. Which door, and what the bell says, if that helps."),
        max_length=300,
        error_messages={"required": _("Write where we shall come.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Keep the browser from remembering it."""
        super().__init__(*args, **options)
        self.fields["address"].widget.attrs |= {"rows": 3, "autocomplete": "off", "maxlength": 300}


class Rights(forms.Form):
    """What somebody known here asks about what we have written of them."""

    what = forms.ChoiceField(
        choices=[
            ("access", _("See everything you have about me")),
            ("correction", _("Have something put right")),
            ("erasure", _("Have it deleted")),
        ],
        widget=forms.RadioSelect,
        label=_("What do you ask for?"),
        error_messages={"required": _("Choose what you ask for.")},
    )
    words = Words(required=False, label=_("Do you want to say more?"), max_length=4000)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give a little room to write."""
        super().__init__(*args, **options)
        self.fields["words"].widget.attrs |= {"rows": 3, "autocomplete": "off", "maxlength": 4000}

    def clean(self) -> dict[str, Any]:
        """See that something to be put right is said."""
        clean = super().clean() or {}
        if clean.get("what") == "correction" and not clean.get("words"):
            self.add_error("words", _("Write what is wrong, and what it should be."))
        return clean


class Seat(forms.Form):
    """What somebody says of a seat in a group; every part of it comes from a button."""

    seat = forms.UUIDField(widget=forms.HiddenInput)
    what = forms.ChoiceField(choices=[(each, each) for each in rules.SEAT], widget=forms.HiddenInput)
    meeting = forms.UUIDField(widget=forms.HiddenInput, required=False)
    #: When that meeting began on the page the button stood on.
    on = forms.DateTimeField(widget=forms.HiddenInput, required=False)


#: How many children there is room for on the page.
CHILDREN = 4
_MONTHS = [("", "–"), *MONTHS.items()]


def _birth(name: str) -> dict[str, forms.Field]:
    """Ask for a month and a year; nobody needs the day."""
    year = forms.CharField(required=False, label=_("Year of birth"))
    year.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off", "size": 4, "maxlength": 4}
    month = forms.ChoiceField(choices=_MONTHS, required=False, label=_("Month of birth"))
    return {f"{name}_month": month, f"{name}_year": year}


class Named(forms.Form):
    """Who somebody is, when they want to say so: a name, and a yes to what it changes. Everything else is a wish."""

    # The page is long; what is missing is said when it is sent, and nothing is lost.
    use_required_attribute = False
    door = forms.ChoiceField(choices=[(each, each) for each in rules.NAMED_AT], widget=forms.HiddenInput)
    name = Plain(max_length=80, label=_("Your name"), error_messages={"required": _("Write your name.")})
    role = forms.ChoiceField(
        widget=forms.RadioSelect,
        label=_("Who are you in the family?"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose who you are in the family.")),
    )
    called = Plain(required=False, label=_("What may we call you?"))
    phone = Phone(required=False, label=_("A number we may ring"))
    carry = forms.BooleanField(required=False, label=_("Take along what we have written to each other"))
    agreed = forms.BooleanField(
        label=_("I have read what changes"),
        error_messages={"required": _("Read what changes, and tick when you have.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask a grown-up about the children, and a child about itself."""
        super().__init__(*args, **options)
        door = str(self.data.get(self.add_prefix("door")) or self.initial.get("door") or "parent")
        self.door_key, self.young = door, door != "parent"
        roles = self.fields["role"]
        assert isinstance(roles, forms.ChoiceField)
        roles.choices = [(role, said(label)) for role, label in rules.GROWN.items()]
        if self.young:
            del self.fields["role"]
            self.fields |= _birth("own")
        for number in range(1, 1 + (0 if self.young else CHILDREN)):
            self.fields[f"child{number}_name"] = Plain(required=False, label=_("Name, or what we may call the child"))
            self.fields |= _birth(f"child{number}")

    def born(self, name: str) -> list[forms.BoundField]:
        """Give the two fields of a month of birth."""
        return [self[f"{name}_month"], self[f"{name}_year"]]

    @property
    def own_birth(self) -> list[forms.BoundField]:
        """Give the fields of a young one's own birth; none at a parent's door."""
        return self.born("own") if self.young else []

    @property
    def children(self) -> list[tuple[forms.BoundField, list[forms.BoundField]]]:
        """Give the fields of each child there is room for."""
        numbers = () if self.young else range(1, CHILDREN + 1)
        return [(self[f"child{number}_name"], self.born(f"child{number}")) for number in numbers]

    @property
    def more_children(self) -> bool:
        """Tell whether something has been written about more than one child."""
        return any(field.data or field.errors for one, born in self.children[1:] for field in (one, *born))

    @property
    def more_about(self) -> bool:
        """Tell whether something has been written among what may be left out, or is wrong there."""
        first = {"door", "name", "role", "carry", "agreed"}
        return any(field.data or field.errors for field in self if field.name not in first)

    def clean(self) -> dict[str, Any]:
        """See that a birth is a month of a year that has been."""
        clean = super().clean() or {}
        for name in ["own"] if self.young else [f"child{number}" for number in range(1, CHILDREN + 1)]:
            self._clean_birth(clean, name)
        return clean

    def _clean_birth(self, clean: dict[str, Any], name: str) -> None:
        month, year = int(clean.get(f"{name}_month") or 0), str(clean.get(f"{name}_year") or "").strip()
        if not month and not year:
            return
        today = clock.today()
        lately = re.fullmatch("[0-9]{4}", year) and today.year - 110 <= int(year) <= today.year
        if not lately or (int(year) == today.year and month and month > today.month):
            self.add_error(f"{name}_year", _("Write the year with four digits, and none that is still to come."))
        elif not month:
            self.add_error(f"{name}_month", _("Choose the month as well, or leave the year out."))
        else:
            clean[f"{name}_birth"] = f"{year}-{month:02}"

    @property
    def people(self) -> list[dict[str, str]]:
        """Give everybody who was written down, as a letter carries them: first the one who writes."""
        clean = self.cleaned_data
        role = "child" if self.young else clean["role"]
        found = [(role, clean["name"], clean["called"], clean.get("own_birth", ""), clean["phone"])]
        for number in range(1, 1 + (0 if self.young else CHILDREN)):
            name, birth = clean[f"child{number}_name"], clean.get(f"child{number}_birth", "")
            found += [("child", name, "", birth, "")] if name or birth else []
        names = ("role", "name", "called", "birth", "phone")
        people = [dict(zip(names, each, strict=True)) for each in found]
        return [each | {"called": each["called"] or each["name"].split(" ")[0]} for each in people]


def under_other_words(data: Any, door: str, digest: str) -> Any:
    """Give what was typed without its tick, when that was set under other words than stand now; None when it was not.

    Nobody says yes to what nobody read.
    """
    if data.get("digest") == digest and data.get("name-door") == door:
        return None
    typed = data.copy()
    typed.pop("name-agreed", None)
    typed["digest"], typed["name-door"] = digest, door
    return typed
