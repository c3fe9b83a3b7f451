"""How every form of the house is drawn: errors on top and at the field, big targets, help before the box."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import phonenumbers
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from . import clock


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


class Month(forms.CharField):
    """A month that has been, kept as "2019-04", however it is typed: "04-2019", "4/2019", "2019-04"."""

    def __init__(self, **options: Any) -> None:
        """Say how it may be written."""
        options = {"required": False, "help_text": _("Month and year, as 04-2019. Not the day."), **options}
        super().__init__(max_length=20, **options)
        self.widget.attrs |= {"autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Show "2019-04" as people write it."""
        found = re.fullmatch(r"(\d{4})-(\d\d)", str(value or ""), re.ASCII)
        return f"{found[2]}-{found[1]}" if found else value

    def clean(self, value: Any) -> str:
        """Write it as "2019-04", or say how to."""
        typed = str(super().clean(value)).strip()
        if not typed:
            return ""
        found = re.fullmatch(r"(\d{1,4})\W+(\d{1,4})", typed, re.ASCII)
        month, year = sorted(int(part) for part in found.groups()) if found else (0, 0)
        today = clock.today()
        if not 1 <= month <= 12 or not (today.year - 130, 1) < (year, month) <= (today.year, today.month):
            raise forms.ValidationError(_("Write the month and the year, as 04-2019."))
        return f"{year:04d}-{month:02d}"


class Numbers(forms.CharField):
    """Numbers with commas or spaces between them: "7, 8, 42"."""

    def __init__(self, *, most: int, wrong: Any, **options: Any) -> None:
        """Remember the largest one, and what to say."""
        super().__init__(required=False, max_length=200, **options)
        self.most, self.wrong = most, wrong
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Show them as they are typed."""
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[int]:  # type: ignore[override]
        """Give them in order, each once."""
        typed = re.split(r"[,;.\s]+|\bog\b|\band\b", str(super().clean(value)).strip())
        found = {int(part) if part.isdecimal() and part.isascii() else 0 for part in typed if part}
        if found and not 1 <= min(found) <= max(found) <= self.most:
            raise forms.ValidationError(self.wrong)
        return sorted(found)


class Days(forms.CharField):
    """Days, one a line: "2027-01-31" or "31-1-2027"."""

    def __init__(self, **options: Any) -> None:
        """Make room for some."""
        widget = forms.Textarea(attrs={"rows": 4, "autocomplete": "off"})
        super().__init__(required=False, max_length=2000, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show them as they are typed."""
        return "\n".join(each.isoformat() for each in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[date]:  # type: ignore[override]
        """Give them in order, each once."""
        found = set()
        for line in str(super().clean(value)).split():
            parts = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)|(\d\d?)[-./](\d\d?)[-./](\d{4})", line.strip(",;"), re.ASCII)
            try:
                year, month, day = parts.group(1, 2, 3) if parts[1] else parts.group(6, 5, 4)  # type: ignore[index,union-attr]
                found.add(date(int(year), int(month), int(day)))
            except (TypeError, ValueError):
                raise forms.ValidationError(_("Write one day a line, as 2027-01-31.")) from None
        return sorted(found)


def line(label: Any, length: int = 80, **more: Any) -> forms.CharField:
    """Make one line nobody has to fill in, and no browser remembers."""
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=length, widget=widget, **more)


def text(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    """Make room for some words nobody has to write."""
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=4000, widget=widget, **more)


def a_day(label: Any, **more: Any) -> forms.DateField:
    """Ask for a day that may be left open."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    wrong = {"invalid": _("Write the day, as 2027-01-31.")}
    return forms.DateField(label=label, required=False, widget=widget, error_messages=wrong, **more)


def radio(label: Any, choices: dict[str, Any], **more: Any) -> forms.ChoiceField:
    """Ask for one of a few, in sight, which may be left alone."""
    options = {"required": False, "widget": forms.RadioSelect, **more}
    return forms.ChoiceField(label=label, choices=list(choices.items()), **options)


def one_of(label: Any, choices: Iterable[tuple[str, Any]], missing: Any, **more: Any) -> forms.ChoiceField:
    """Choose one from a list that begins with nothing chosen."""
    return forms.ChoiceField(label=label, choices=[("", "–"), *choices], error_messages={"required": missing}, **more)


def a_number(label: Any, least: int, most: int, **more: Any) -> forms.IntegerField:
    """Ask for a whole number, and say between what."""
    wrong = {
        "required": _("Write a number."),
        "invalid": _("Write a whole number."),
        "min_value": _("Write %(limit_value)s or more."),
        "max_value": _("Write %(limit_value)s or less."),
    }
    return forms.IntegerField(label=label, min_value=least, max_value=most, error_messages=wrong, **more)


def an_hour(label: Any) -> forms.TimeField:
    """Ask for an hour of the day."""
    wrong = {"required": _("Write the hour, as 15:30."), "invalid": _("Write the hour, as 15:30.")}
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, error_messages=wrong, widget=widget, input_formats=["%H:%M", "%H.%M", "%H"])


def sent_again(data: Any, **changed: str) -> Any:
    """Copy what was sent, with a few of its values changed, for a form that is shown once more."""
    sent = data.copy()
    for name, value in changed.items():
        sent[name] = value
    return sent
