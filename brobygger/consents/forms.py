"""What staff type about consents, referrals and our own duty, as clean values."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.ground import clock

from . import rules, wording


def _choices(names: Any, words: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(name, words[name]) for name in names]


class Once(forms.Form):
    """A form that is one thing however often it is sent."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)


class Record(Once):
    """A consent as a sentence: receiver, what, what for, until when, who said yes and how."""

    receiver = forms.ChoiceField(
        label=_("Who may know?"), choices=_choices(rules.RECEIVERS[2:], wording.RECEIVERS), widget=forms.RadioSelect
    )
    receiver_words = forms.CharField(
        label=_("Who exactly?"),
        max_length=120,
        required=False,
        help_text=_("A place or a role. A name only if it must be."),
    )
    fields_told = forms.MultipleChoiceField(
        label=_("What may they know?"),
        choices=_choices(rules.FIELDS, wording.FIELDS),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick what may be told.")},
    )
    purpose_words = forms.CharField(
        label=_("What is it for?"),
        max_length=200,
        help_text=_("As you would say it to the family: “so that we can help together”."),
        error_messages={"required": _("Write what it is for, in a few words.")},
    )
    until = forms.DateField(
        label=_("Until when?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("A consent has a last day."), "invalid": _("Write the day, as 2027-01-31.")},
    )
    giver = forms.ChoiceField(
        label=_("Who said yes?"),
        choices=_choices(rules.GIVERS, wording.GIVERS),
        widget=forms.RadioSelect,
        initial="holder",
    )
    how = forms.ChoiceField(
        label=_("How?"), choices=_choices(rules.WAYS[1:], wording.WAYS), widget=forms.RadioSelect, initial="spoken"
    )
    confided = forms.BooleanField(
        label=_("Given in confidence: do not show it to the parent who has the key"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Propose half a year, and let nobody choose a day outside what is allowed."""
        super().__init__(*args, **options)
        today = clock.today()
        self.fields["until"].initial = today + timedelta(days=rules.STATUS_DAYS)
        last = today + timedelta(days=rules.LONGEST_DAYS)
        self.fields["until"].widget.attrs |= {"min": today.isoformat(), "max": last.isoformat()}

    def clean_until(self) -> date:
        """Refuse a day that has gone by, or lies further off than a consent may reach."""
        until: date = self.cleaned_data["until"]
        if not clock.today() <= until <= clock.today() + timedelta(days=rules.LONGEST_DAYS):
            raise forms.ValidationError(_("Choose a day from today and up to two years ahead."))
        return until

    def clean(self) -> dict[str, Any]:
        """Ask for words where the choice alone does not say who."""
        clean = super().clean() or {}
        if clean.get("receiver") == "other" and not clean.get("receiver_words", "").strip():
            self.add_error("receiver_words", _("Write who it is, in a few words."))
        return clean

    def sentence(self, by: str) -> rules.Sentence:
        """Give the sentence that was written."""
        clean = self.cleaned_data
        return rules.Sentence(
            receiver=clean["receiver"],
            receiver_words=clean["receiver_words"],
            purpose="other",
            purpose_words=clean["purpose_words"],
            fields=tuple(name for name in rules.FIELDS if name in clean["fields_told"]),
            how=clean["how"],
            giver=clean["giver"],
            by=by,
            confided=clean["confided"],
        )


class Step(forms.Form):
    """How far a referral has come."""

    def __init__(self, *args: Any, steps: tuple[str, ...], **options: Any) -> None:
        """Offer the steps one may go to from here."""
        super().__init__(*args, **options)
        self.fields["to"] = forms.ChoiceField(
            label=_("What happened?"),
            choices=_choices(steps, wording.STEPS),
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose what happened.")},
        )
        if "not_started" in steps:
            self.fields["reason"] = forms.ChoiceField(
                label=_("If they did not start: why?"),
                choices=[("", "–"), *_choices(rules.REASONS, wording.REASONS)],
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Ask why, when a family did not start."""
        clean = super().clean() or {}
        if clean.get("to") == "not_started" and not clean.get("reason"):
            self.add_error("reason", _("Choose why they did not start."))
        return clean


def _words(label: Any, rows: int = 4, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
        error_messages={"required": _("Write a few words here.")},
        **options,
    )


class Weigh(Once):
    """How somebody weighed our duty to notify."""

    worry = _words(_("What are we worried about?"), help_text=_("What was seen or said, and when. Strengths too."))
    decided = _words(_("What did we decide?"), 3)
    why = _words(_("Why?"), 3)
    parents = _words(_("Do the parents know? If not, why not?"), 3)

    def __init__(self, *args: Any, people: list[Any], **options: Any) -> None:
        """Offer the colleagues who may be the second person."""
        super().__init__(*args, **options)
        self.fields["second"] = forms.ChoiceField(
            label=_("Who reads it as the second person?"), choices=[(one.handle, one.first_name) for one in people]
        )


class ReadSecond(forms.Form):
    """What the second person makes of it."""

    agrees = forms.ChoiceField(
        label=_("Do you weigh it the same way?"),
        choices=[("yes", _("Yes, I weigh it the same way")), ("no", _("No, I weigh it otherwise"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    words = _words(_("In your own words"), 3)
