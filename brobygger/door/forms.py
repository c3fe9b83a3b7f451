"""What can be written at the door, as clean values. Keeps what was typed; asks for as little as there is."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground.forms import Phone
from brobygger.ground.templatetags.house import said

from . import rules

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
#: What is wrong with a whole page that is sent.
PLANTED = _("The page was sent from somewhere else. Nothing has been sent yet; look at your text and press again.")
EXPIRED = _("The page had been open for a long time. Your text is still here; press once more to send it.")
FORGED = _("The page could not be used any more. Your text is still here; press once more to send it.")
#: The house has changed its words between the page and the press: nobody says yes to what nobody read.
NEW_WORDS = _(
    "The text the parent says yes to has just been changed. Nothing has been sent. Read the new one together, and tick "
    "again; the rest is still here."
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


def _choices(rows: Any, named: str = "label") -> list[tuple[str, Any]]:
    return [(row.key, said(getattr(row, named))) for row in rows]


class Letter(forms.Form):
    """What every first letter may carry."""

    text = Words(label=_("Your letter"))

    def __init__(self, *args: Any, door: Any, **options: Any) -> None:
        """Word the form as this door does."""
        super().__init__(*args, **options)
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


def _professions() -> list[tuple[str, Any]]:
    return [("", _("Choose"))] + [(key, said(label)) for key, label in rules.PROFESSIONS.items()]


class Sparring(Letter):
    """Asking for advice about a child nobody names."""

    where = forms.ChoiceField(
        choices=[("write", _("Write to me here")), ("sparring", _("Ten minutes on the phone"))],
        widget=forms.RadioSelect,
        label=_("How shall we answer?"),
        error_messages={"required": _("Choose how we shall answer.")},
    )
    phone = Phone(
        required=False,
        label=_("Your own number at work"),
        help_text=_("If we are to ring. We offer you times here first."),
    )

    field_order = ("profession", "text", "where", "phone")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask in the way that names nobody."""
        super().__init__(*args, **options)
        self.fields["profession"] = forms.ChoiceField(
            choices=_professions(),
            label=_("What do you work as?"),
            error_messages={"required": _("Choose what you work as.")},
        )
        self.order_fields(self.field_order)
        self.fields["text"].label = _("What are you thinking about?")
        self.fields["text"].help_text = _(
            "Write “a boy of six”. Leave out names, school and address. We need not know who the child is."
        )
        self.fields["text"].widget.attrs["rows"] = 6
        for name in ("theme", "age_band"):
            self.fields.pop(name, None)

    def clean_where(self) -> str:
        """Leave it empty when the answer is written."""
        return "sparring" if self.cleaned_data["where"] == "sparring" else ""


FORMS: dict[str, type[Letter]] = {"write": Letter, "call": Call, "time": Time, "sparring": Sparring}


def wish_at(door: str, wish: str | None) -> str:
    """Choose the form for what somebody wishes at a door; to write, when there is no such wish there."""
    return wish if wish in WISHES or (wish == "sparring" and door == "professional") else "write"


SHARE = [
    ("none", _("Nothing")),
    ("contact", _("Only whether we have got in touch")),
    ("ladder", _("How it goes, step by step: begun, ended, helped on")),
]
UNITS = [("months", _("months")), ("years", _("years"))]
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


class Refer(forms.Form):
    """A family sent on, filled in by two people at one table. Nothing about the drinking is asked."""

    agreed = forms.BooleanField(
        label=_("The parent is here with me, has read this and says yes"),
        error_messages={"required": _("We may only have the number if the parent is with you and says yes.")},
    )
    share = forms.ChoiceField(
        choices=SHARE,
        widget=forms.RadioSelect,
        label=_("What may the one who refers be told afterwards?"),
        error_messages={"required": _("Let the parent choose what may be told afterwards.")},
    )
    first_name = Plain(
        label=_("The parent's first name"), error_messages={"required": _("Write a first name to ask for.")}
    )
    phone = Phone(label=_("The parent's number"), error_messages={"required": _("Write the number we may ring.")})
    when = forms.ChoiceField(choices=WHEN, initial="any", widget=forms.RadioSelect, label=_("When is it safe to ring?"))
    message = forms.BooleanField(required=False, label=_("We may leave a message if nobody answers"))
    text_message = forms.BooleanField(
        required=False, label=_("Send the parent a text message: who rings, and how to take it back")
    )
    age_n = forms.IntegerField(required=False, min_value=0, max_value=36, label=_("The youngest child's age"))
    age_unit = forms.ChoiceField(required=False, choices=UNITS, initial="years", label=_("Months or years?"))
    expecting = forms.BooleanField(required=False, label=_("They are expecting a child"))
    interpreter = Plain(required=False, label=_("Interpreter: which language?"))
    text = Words(required=False, label=_("What the parent wishes, in her or his own words"), max_length=1000)

    #: What stands folded, for whoever wants to say more.
    FOLDED = ("age_n", "age_unit", "expecting", "interpreter", "place", "profession", "text", "text_message")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer this house's places, and a text message only where one can be sent."""
        super().__init__(*args, **options)
        self.fields["phone"].widget.attrs["type"] = "tel"
        places = _choices(catalogue.places(), "name")
        if places:
            self.fields["place"] = forms.ChoiceField(
                choices=[("", _("It does not matter")), *places], required=False, label=_("Where suits best?")
            )
        self.fields["profession"] = forms.ChoiceField(
            choices=[("", _("I would rather not say")), *_professions()[1:]],
            required=False,
            label=_("What do you work as?"),
        )
        self.fields["text"].widget.attrs |= {"rows": 3, "autocomplete": "off", "maxlength": 1000}
        if "sms" not in settings.CHANNELS_OFFERED:
            self.fields.pop("text_message")

    @property
    def first(self) -> list[forms.BoundField]:
        """Give what everybody fills in, after the consent."""
        return [self[name] for name in ("share", "first_name", "phone", "when", "message")]

    @property
    def more(self) -> list[forms.BoundField]:
        """Give what may be left out."""
        return [self[name] for name in self.FOLDED if name in self.fields]

    @property
    def unfolded(self) -> bool:
        """Tell whether something among what may be left out has been filled in or is wrong."""
        return any(
            self[name].errors or self[name].data for name in self.FOLDED if name in self.fields and name != "age_unit"
        )

    def clean(self) -> dict[str, Any]:
        """See that a number of months or years is what it says."""
        clean = super().clean() or {}
        if clean.get("age_n") is not None and clean.get("age_unit") != "months" and clean["age_n"] > 25:
            self.add_error("age_n", _("Are these months? Then choose months below."))
        return clean


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
