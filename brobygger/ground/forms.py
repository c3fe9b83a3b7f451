"""How every form of the house is drawn: errors on top and at the field, big targets, help before the box."""

from typing import Any

import phonenumbers
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _


class HouseRenderer(DjangoTemplates):
    """Draw `{{ form }}` and `{{ field.as_field_group }}` with the house's own templates."""

    form_template_name = "ground/forms/form.html"
    field_template_name = "ground/forms/field.html"
    formset_template_name = "ground/forms/formset.html"


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
