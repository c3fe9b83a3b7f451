"""A working week, as a person fills it in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.ground.templatetags.house import said

from . import rules

DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


class WorkingWeek(forms.Form):
    """From and to for each day, and where; an empty day is a day off."""

    def __init__(
        self, *args: Any, places: list[tuple[str, Any]], standing: dict[int, rules.Hours], **options: Any
    ) -> None:
        """Show the week as it stands."""
        super().__init__(*args, **options)
        choices = [(key, said(place.name)) for key, place in places]
        for weekday, name in enumerate(DAYS):
            now = standing.get(weekday)
            for part, label, value in (
                ("opens", _("from"), now and now.opens),
                ("closes", _("to"), now and now.closes),
            ):
                self.fields[f"{part}_{weekday}"] = forms.TimeField(
                    required=False,
                    label=label,
                    initial=value or None,
                    widget=forms.TimeInput(attrs={"type": "time", "aria-label": f"{name} {label}"}, format="%H:%M"),
                )
            self.fields[f"place_{weekday}"] = forms.ChoiceField(
                required=False,
                label=_("where"),
                choices=choices,
                initial=now.place if now else None,
                widget=forms.Select(attrs={"aria-label": f"{name} {_('where')}"}),
            )

    def rows(self) -> list[tuple[Any, list[Any]]]:
        """List the days with their three fields, for the page."""
        return [
            (name, [self[f"{part}_{day}"] for part in ("opens", "closes", "place")]) for day, name in enumerate(DAYS)
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse a day with one end only, or an end before its start."""
        clean: dict[str, Any] = super().clean() or {}
        for weekday, name in enumerate(DAYS):
            opens, closes = clean.get(f"opens_{weekday}"), clean.get(f"closes_{weekday}")
            if bool(opens) != bool(closes):
                self.add_error(f"opens_{weekday}", _("%(day)s: write both from and to, or neither.") % {"day": name})
            elif opens and closes <= opens:
                self.add_error(f"closes_{weekday}", _("%(day)s: the end comes before the start.") % {"day": name})
        return clean

    def hours(self) -> list[rules.Hours]:
        """Give the working hours that were filled in."""
        clean = self.cleaned_data
        return [
            rules.Hours(day, clean[f"opens_{day}"], clean[f"closes_{day}"], clean[f"place_{day}"])
            for day in range(len(DAYS))
            if clean.get(f"opens_{day}")
        ]
