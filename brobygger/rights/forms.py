"""What staff type about a person's rights, as clean values."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.catalogue import queries as catalogue
from brobygger.content import queries as content
from brobygger.ground import clock
from brobygger.ground.rules import pick

from . import document, endings, handing, rules


class Once(forms.Form):
    """A form that is one thing however often it is sent."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class _Asked:
    """Asked for by another answer and not by itself: the form's own `clean` says when it must be there."""

    def validate(self, value: Any) -> None:
        """Let nothing be chosen."""
        if value:
            super().validate(value)  # type: ignore[misc]


class Chosen(_Asked, forms.ChoiceField):
    """One of some, when another answer asks for it."""


class Ticked(_Asked, forms.MultipleChoiceField):
    """Some, or none."""


class Line(_Asked, forms.CharField):
    """A line, when another answer asks for it."""


def _words(label: Any, rows: int = 4, **options: Any) -> forms.CharField:
    wrong = {"required": _("Write a few words here.")}
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=8000, widget=widget, error_messages=wrong, **options)


def _radio(label: Any, choices: Any, wrong: Any, **options: Any) -> forms.ChoiceField:
    listed = list(choices.items()) if isinstance(choices, dict) else list(choices)
    return forms.ChoiceField(
        label=label, choices=listed, widget=forms.RadioSelect, error_messages={"required": wrong}, **options
    )


class ByRight(forms.Form):
    """By what right somebody asks."""

    right = _radio(_("Who asks?"), document.RIGHTS, _("Choose who asks."))
    who = Line(
        label=_("Who exactly, and how do we know?"),
        max_length=200,
        help_text=_("Needed when it is not the person. “The father, shares custody, we know him”."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask who it is, when it is not the person."""
        clean = super().clean() or {}
        if clean.get("right") in ("custody", "other") and not clean.get("who", "").strip():
            self.add_error("who", _("Write who it is, and how we know."))
        return clean


class Register(ByRight, Once):
    """Who asks for what, about whom, and by what right."""

    field_order = ("about", "kind", "right", "who", "way", "asked_on", "words", "once")
    kind = _radio(_("What do they ask?"), document.KINDS, _("Choose what they ask."), initial="access")
    way = _radio(
        _("How did they ask?"), {name: document.WAYS[name] for name in rules.WAYS[1:]}, _("Choose how they asked.")
    )
    asked_on = forms.DateField(
        label=_("On which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Write the day."), "invalid": _("Write the day, as 2027-01-31.")},
        help_text=_("They have their answer within a month from that day."),
    )
    words = _words(_("In their words"), 3, required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **options: Any) -> None:
        """Offer the people in the course, to who may know them."""
        super().__init__(*args, **options)
        today = clock.today()
        self.fields["asked_on"].initial = today
        self.fields["asked_on"].widget.attrs["max"] = today.isoformat()
        if people:
            self.fields["about"] = _radio(_("About whom?"), people, _("Choose whom it is about."))
            self.order_fields(self.field_order)

    def clean_asked_on(self) -> date:
        """Refuse a day that has not been."""
        asked_on: date = self.cleaned_data["asked_on"]
        if asked_on > clock.today():
            raise forms.ValidationError(_("That day has not come yet."))
        return asked_on


class Person(ByRight):
    """Whom a request is about, and by what right it is asked."""

    field_order = ("about", "right", "who")

    def __init__(self, *args: Any, people: list[tuple[str, str]], **options: Any) -> None:
        """Offer the people in the course."""
        super().__init__(*args, **options)
        self.fields["about"] = _radio(_("Whom is it about?"), people, _("Choose whom it is about."))
        self.order_fields(self.field_order)


class Weigher(forms.Form):
    """Who weighs a request."""

    def __init__(self, *args: Any, people: list[Any], **options: Any) -> None:
        """Offer the therapists who have the course."""
        super().__init__(*args, **options)
        self.fields["weighs"] = forms.ChoiceField(
            label=_("Who looks it through?"), choices=[(one.handle, one.first_name) for one in people]
        )


class Weigh(forms.Form):
    """Which sentences of one thing are held back, and why."""

    def __init__(self, *args: Any, sentences: list[str], **options: Any) -> None:
        """Offer each sentence."""
        super().__init__(*args, **options)
        self.fields["held"] = Ticked(
            label=_("Tick what is held back"),
            choices=[(str(number), said.strip() or "–") for number, said in enumerate(sentences)],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["why"] = Chosen(
            label=_("Why is it held back?"),
            choices=[("", "–"), *((name, document.WHY[name]) for name in rules.HELD_FOR)],
        )
        self.fields["words"] = Line(
            label=_("In words, for us"),
            max_length=400,
            help_text=_("Needed for another reason. It is not handed out."),
        )

    def clean(self) -> dict[str, Any]:
        """Ask why, when something is ticked."""
        clean = super().clean() or {}
        if clean.get("held") and not clean.get("why"):
            self.add_error("why", _("Choose why it is held back."))
        if clean.get("held") and clean.get("why") == "other" and not clean.get("words", "").strip():
            self.add_error("words", _("Write the reason in a few words."))
        return clean


class OwnTalks(forms.Form):
    """Whether a child's own talks are in the paper at all."""

    given = _radio(
        _("The child's own talks"),
        [
            ("no", _("Stay out: the paper does not show that they exist")),
            ("yes", _("Are looked through with the rest")),
        ],
        _("Choose one."),
    )
    why = Line(label=_("If they are given: why?"), max_length=400, help_text=_("It is kept with the request."))

    def clean(self) -> dict[str, Any]:
        """Ask why, when they are given."""
        clean = super().clean() or {}
        if clean.get("given") == "yes" and not clean.get("why", "").strip():
            self.add_error("why", _("Write why the child's own talks are given."))
        return clean


class Ready(forms.Form):
    """That the paper may go out as it is."""

    names = forms.BooleanField(
        label=_("With our first names. Otherwise it says what each of us works as."), required=False
    )


class Answer(forms.Form):
    """What we answer, in words the person reads."""

    words = _words(_("What do we answer?"), help_text=_("In words the person can read."))


class Correct(Once):
    """What is right, beside what stood there."""

    def __init__(self, *args: Any, written: list[tuple[str, str]], **options: Any) -> None:
        """Offer the notes that may be wrong."""
        super().__init__(*args, **options)
        self.fields["corrects"] = Chosen(
            label=_("What is wrong?"), choices=[("", _("Something else than a note")), *written]
        )
        self.fields["text"] = _words(
            _("What is right?"), help_text=_("It stands beside what was written first. Both can be read.")
        )
        self.fields["words"] = _words(_("What do we answer?"), 3, help_text=_("In words the person can read."))


class Erase(forms.Form):
    """How much is erased, and why it may be."""

    whole = _radio(
        _("What is erased?"),
        [("person", _("What is about this person")), ("course", _("The whole course, with everybody in it"))],
        _("Choose what is erased."),
    )
    why = forms.CharField(
        label=_("Why may it be erased?"),
        max_length=200,
        help_text=_("Without names: this line stays when everything else is gone."),
        error_messages={"required": _("Write why, in a few words.")},
    )
    sure = forms.BooleanField(
        label=_("I know that nobody can bring it back"), error_messages={"required": _("Tick that you know.")}
    )


class HandOver(Once):
    """Where a course goes, under which number, on what ground, and what goes along."""

    ground = _radio(
        _("On what ground?"),
        [("consent", _("The family has said yes")), ("law", _("A law says so"))],
        _("Nothing goes on without a ground. Choose one."),
    )
    law = Line(
        label=_("Which law?"),
        max_length=300,
        help_text=_("The act and the section, and why it applies."),
    )

    def __init__(
        self,
        *args: Any,
        people: list[tuple[str, str]],
        consents: list[tuple[str, str]],
        parts: list[tuple[str, Any]],
        **options: Any,
    ) -> None:
        """Offer the 98 municipalities, the numbers of their plan, and what is in this course."""
        super().__init__(*args, **options)
        municipalities = [(one.code, one.name) for named in content.municipalities().values() for one in named]
        numbers = [(row.number, f"{row.number} {pick(row.title, 'da')}") for row in catalogue.kle()]
        pick_one = {"required": _("Choose one.")}
        first = {
            "municipality": forms.ChoiceField(
                label=_("To which municipality?"), choices=[("", "–"), *municipalities], error_messages=pick_one
            ),
            "kle": forms.ChoiceField(
                label=_("Under which number in their plan?"), choices=[("", "–"), *numbers], error_messages=pick_one
            ),
        }
        last = {
            "consent": Chosen(label=_("Which yes?"), choices=[("", "–"), *consents]),
            "people": forms.MultipleChoiceField(
                label=_("Who is it about?"),
                choices=people,
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": _("Tick at least one person.")},
            ),
            "parts": forms.MultipleChoiceField(
                label=_("What goes along?"),
                choices=parts,
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": _("Tick what goes along.")},
            ),
        }
        rest = self.fields
        self.fields = {**first, "ground": rest["ground"], "consent": last.pop("consent"), "law": rest["law"], **last,
                       "once": rest["once"]}  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for the ground itself."""
        clean = super().clean() or {}
        if clean.get("ground") == "consent" and not clean.get("consent"):
            self.add_error(
                "consent", _("Choose which yes it stands on. Is there none? Write it down first, or name the law.")
            )
        if clean.get("ground") == "law" and len(clean.get("law", "").strip()) < 5:
            self.add_error("law", _("Write which law, and why it applies."))
        return clean

    def going(self) -> handing.Going:
        """Give what was decided."""
        clean = self.cleaned_data
        agreed = clean["ground"] == "consent"
        return handing.Going(
            municipality=clean["municipality"],
            kle=clean["kle"],
            people=tuple(UUID(one) for one in clean["people"]),
            parts=tuple(clean["parts"]),
            consent=UUID(clean["consent"]) if agreed else None,
            law="" if agreed else clean["law"],
        )


class Hold(Once):
    """Why a record must not end yet."""

    reason = _radio(_("Why does it stay?"), endings.REASONS, _("Choose why it stays."))
    words = _words(_("In words"), 3, help_text=_("Locked with the course. Who asked for it, when, and which letter."))

    def clean_words(self) -> str:
        """Ask for words somebody else can read."""
        words: str = self.cleaned_data["words"].strip()
        if len(words) < rules.SHORTEST_WHY:
            raise forms.ValidationError(_("Write a little more, so that a colleague understands it in five years."))
        return words


class ByNickname(forms.Form):
    """Which course, by what it is called here."""

    nickname = forms.CharField(
        label=_("What the course is called here"),
        max_length=60,
        help_text=_("Two words, such as “Blå Hejre”."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write what the course is called here.")},
    )
