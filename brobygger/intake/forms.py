"""What staff type on the worklist, as clean values."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.appointments import queries as appointments
from brobygger.appointments.rules import LENGTH

MOST_TIMES = 3


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
        try:
            parts = [value.split("|") for value in values]
            found = [
                appointments.Choice(datetime.fromisoformat(one), datetime.fromisoformat(other), place)
                for one, other, place in parts
            ]
            if any(not each.starts_at.tzinfo or each.ends_at - each.starts_at != LENGTH[where] for each in found):
                raise ValueError("not a time of ours")
            return found
        except (ValueError, TypeError, KeyError):
            raise forms.ValidationError(_("One of the times could not be read. Tick them again.")) from None


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
