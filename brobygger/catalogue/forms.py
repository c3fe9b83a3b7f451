"""The finders: two or three questions without a name in them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.ground.rules import pick

from .rules import Situation


class Finder(forms.Form):
    """Ask how old the child is, and where it would suit; both may stay unanswered, and nothing is kept."""

    age = forms.IntegerField(
        label=_("How old is the child?"),
        min_value=0,
        max_value=99,
        required=False,
        error_messages={
            "invalid": _("Write the age as a number, such as 7."),
            "max_value": _("Write a number below 100."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    place = forms.ChoiceField(label=_("Where would suit you?"), required=False)

    def __init__(self, *args: Any, places: list[tuple[str, Any]], language: str, **kwargs: Any) -> None:
        """Offer the places of this house; where there is only one, do not ask."""
        super().__init__(*args, **kwargs)
        if len(places) < 2:
            del self.fields["place"]
            return
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Anywhere")), *((key, pick(name, language)) for key, name in places)]

    def situation(self) -> Situation:
        """Turn the answers into a situation."""
        return Situation(age=self.cleaned_data.get("age"), place=self.cleaned_data.get("place") or None)


class GroupFinder(Finder):
    """Ask besides in which weeks it would suit; a child may live in two homes."""

    weeks = forms.ChoiceField(
        label=_("Which weeks suit you?"),
        required=False,
        choices=[("", _("All weeks")), ("even", _("Even weeks")), ("odd", _("Odd weeks"))],
    )

    def __init__(self, *args: Any, week: int, **kwargs: Any) -> None:
        """Say which week it is: few know by heart."""
        super().__init__(*args, **kwargs)
        self.fields["age"].help_text = _("Write 0 for a baby.")
        said = _("This is week %(week)s, an odd week.") if week % 2 else _("This is week %(week)s, an even week.")
        self.fields["weeks"].help_text = said % {"week": week}
