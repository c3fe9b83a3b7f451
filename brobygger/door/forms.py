"""What can be written at the door, as clean values. Keeps what was typed; asks for as little as there is."""

from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.catalogue import queries as catalogue

#: Fits into the largest envelope in any language.
LONGEST = 10_000
WISHES = ("write", "call", "time")
WHEN = [
    ("morning", _("In the morning")),
    ("afternoon", _("In the afternoon")),
    ("evening", _("In the evening")),
    ("any", _("It does not matter")),
]
AGE = {
    "child": _("How old are you?"),
    "young": _("How old is the one it is about?"),
    "parent": _("How old is the child?"),
}
TOO_LONG = _("This is too long for one letter. Send the first part now; you can write more right after.")
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


class Phone(forms.CharField):
    """A number that can be rung; Danish unless it begins with another country's code."""

    default_error_messages = {"number": _("This does not look like a number we can ring. Look at the digits again.")}

    def __init__(self, **options: Any) -> None:
        """Take the ordinary options of a text field, and ask the phone for its number keys."""
        super().__init__(**{"max_length": 30, **options})
        self.widget.attrs |= {"inputmode": "tel", "autocomplete": "off"}

    def clean(self, value: Any) -> str:
        """Write the number as E.164, or say that it is none."""
        text = str(super().clean(value))
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, "DK")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise forms.ValidationError(self.error_messages["number"], code="number")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _choices(rows: Any) -> list[tuple[str, Any]]:
    from brobygger.ground.templatetags.house import said

    return [(row.key, said(row.label)) for row in rows]


class Letter(forms.Form):
    """What every first letter may carry."""

    text = Words(label=_("Your letter"))

    def __init__(self, *args: Any, door: Any, **options: Any) -> None:
        """Word the form as this door does."""
        super().__init__(*args, **options)
        from brobygger.ground.templatetags.house import said

        self.fields["text"].label = said(door.prompt)
        self.fields["text"].widget.attrs |= {"rows": 9, "autocomplete": "off", "maxlength": LONGEST}
        self.fields["text"].error_messages["required"] = _("Write a few words first. One line is enough.")
        # "I would rather not say" is already there, as the empty choice.
        bands = [band for band in _choices(catalogue.age_bands(door.key)) if band[0] != "unknown"]
        if bands:
            self.fields["age_band"] = _maybe(bands, AGE.get(door.key, AGE["parent"]))
        themes = _choices(catalogue.themes(door.key))
        if themes:
            self.fields["theme"] = _maybe(themes, _("What is it about?"))


def _maybe(choices: list[tuple[str, Any]], label: Any) -> forms.ChoiceField:
    """Offer a choice nobody has to make."""
    return forms.ChoiceField(choices=[("", _("I would rather not say")), *choices], label=label, required=False)


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


class Call(Safely, Letter):
    """Asking to be rung: a number and when it is safe. Two choices, with the door and the wish four."""

    phone = Phone(label=_("Which number may we ring?"))
    when = forms.ChoiceField(choices=WHEN, widget=forms.RadioSelect, label=_("When is it safe to ring?"))

    field_order = ("phone", "when", "message", "sender", "alias", "text")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Make the words a wish and not a must."""
        super().__init__(*args, **options)
        self.fields["text"].required = False
        self.fields["text"].label = _("Do you want to say what it is about?")
        self.fields["text"].widget.attrs["rows"] = 4
        self.fields["phone"].error_messages["required"] = _("Write the number we may ring.")
        self.fields["when"].error_messages["required"] = _("Choose when it is safe to ring.")
        for name in ("theme", "age_band"):
            self.fields.pop(name, None)


class Time(Letter):
    """Asking for a time: where and when. Two choices, with the door and the wish four."""

    when = forms.ChoiceField(choices=WHEN, widget=forms.RadioSelect, label=_("When suits you best?"))

    field_order = ("where", "when", "text")

    def __init__(self, *args: Any, door: Any, **options: Any) -> None:
        """Offer the ways to meet that this house has."""
        super().__init__(*args, door=door, **options)
        modes = _choices(catalogue.meeting_modes(door.key))
        self.fields["where"] = forms.ChoiceField(
            choices=modes, widget=forms.RadioSelect, label=_("Where would you like to meet?")
        )
        self.order_fields(self.field_order)
        self.fields["text"].required = False
        self.fields["text"].label = _("Do you want to say what it is about?")
        self.fields["text"].widget.attrs["rows"] = 4
        self.fields["where"].error_messages["required"] = _("Choose where you would like to meet.")
        self.fields["when"].error_messages["required"] = _("Choose when it suits you best.")
        self.fields.pop("theme", None)


FORMS: dict[str, type[Letter]] = {"write": Letter, "call": Call, "time": Time}


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
    """A way to be reached, given freely, with what is safe."""

    phone = Phone(label=_("Which number may we use?"), error_messages={"required": _("Write the number we may ring.")})
    channel = forms.ChoiceField(
        choices=[("call", _("Ring me")), ("sms", _("Send a text message"))],
        initial="call",
        widget=forms.RadioSelect,
        label=_("How?"),
    )
    when = forms.ChoiceField(choices=WHEN, initial="any", widget=forms.RadioSelect, label=_("When is it safe?"))

    field_order = ("phone", "channel", "when", "message", "sender", "alias")


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
