"""What the leader chooses for a report: a period and a template, words beside the figures, who may see a sheet."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.forms import a_day, line, one_of, text
from brobygger.ground.templatetags.house import said

from . import queries, rules
from .templatetags import figures

#: How many years back can be chosen at a press; other periods are typed.
YEARS = 5
OWN = "own"
FARTHEST = date(2000, 1, 1)


def _choices(pairs: dict[str, Any]) -> list[tuple[str, Any]]:
    return [("", "–"), *pairs.items()]


def periods() -> dict[str, rules.Period]:
    """Offer periods that are over and somebody asks about: the last years, and the thirds of the last twelve months."""
    today = clock.today()
    found = {str(number): rules.year(number) for number in range(today.year - 1, today.year - 1 - YEARS, -1)}
    for number in (today.year, today.year - 1):
        for third in (3, 2, 1):
            days = rules.third(number, third)
            if days.last < today < days.last + timedelta(days=366):
                found[f"{number}-{third}"] = days
    return found


class Make(forms.Form):
    """A period that is over, and which report to make of it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the last years and thirds of years, the templates there are and the partners of today."""
        super().__init__(*args, **options)
        self.periods = periods()
        years = {key: figures.say_period(days) for key, days in self.periods.items()} | {OWN: _("Other days")}
        last = str(clock.today().year - 1)
        self.fields["year"] = one_of(_("Which period?"), list(years.items()), _("Choose a period."), initial=last)
        self.fields["first"] = a_day(_("From"), help_text=_("Only for other days."))
        self.fields["last"] = a_day(_("The last day"), help_text=_("Only for other days."))
        shapes = {key: said(shape["name"]) for key, shape in queries.templates().items()}
        self.fields["template"] = one_of(
            _("Which report?"), list(shapes.items()), _("Choose a report."), initial=queries.YEARLY
        )
        partners = {row.key: row.name for row in catalogue.partners()}
        self.fields["partner"] = forms.ChoiceField(
            label=_("Which partner?"),
            choices=_choices(partners),
            required=False,
            help_text=_("Only for a partner's sheet."),
        )

    def clean(self) -> dict[str, Any]:
        """A period has two ends in their order and is over; a partner's sheet is for a partner."""
        clean = super().clean() or {}
        if clean.get("year") == OWN and not (self.errors.keys() & {"first", "last"}):
            self._own(clean)
        elif clean.get("year") in self.periods:
            clean["period"] = self.periods[clean["year"]]
        kind = queries.templates().get(clean.get("template", ""), {}).get("kind")
        if kind == "partner" and not clean.get("partner"):
            self.add_error("partner", _("Choose whom the sheet is for."))
        return clean

    def _own(self, clean: dict[str, Any]) -> None:
        first, last = clean.get("first"), clean.get("last")
        if not first or first < FARTHEST:
            self.add_error("first", _("Choose the first day."))
        elif not last or last < first:
            self.add_error("last", _("Choose the last day: it is not before the first."))
        elif last >= clock.today():
            self.add_error("last", _("Choose a day that is over. Today's figures would be others tomorrow."))
        elif last - first > timedelta(days=3660):
            self.add_error("first", _("Choose ten years at the most."))
        else:
            clean["period"] = rules.Period(first, last)


class Words(forms.Form):
    """The text boxes of a report."""

    def __init__(self, *args: Any, boxes: list[dict[str, Any]], **options: Any) -> None:
        """Make a field of each box."""
        super().__init__(*args, **options)
        for box in boxes:
            self.fields[box["key"]] = text(said(box["label"]), 4)


class Agree(forms.Form):
    """Which coordinator may see which partner's sheets, from when until when, and where what was signed lies."""

    since = a_day(_("From"))
    last = a_day(_("The last day"), help_text=_("They see the sheets on that day too, and from the next day nothing."))
    paper = line(
        _("Where the agreement lies"), 120, help_text=_("A number in your own files. The paper itself stays there.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the coordinators at work and the partners of today."""
        super().__init__(*args, **options)
        people = {person.handle: person.first_name for person in queries.coordinators()}
        partners = {row.key: row.name for row in catalogue.partners()}
        for name, label, choices, missing in (
            ("partner", _("Which partner?"), partners, _("Choose a partner.")),
            ("user", _("Who?"), people, _("Choose who.")),
        ):
            told = {"required": missing}
            self.fields[name] = forms.ChoiceField(label=label, choices=_choices(choices), error_messages=told)
        self.order_fields(["partner", "user", "since", "last", "paper"])
        for name, missing in (("since", _("Choose the first day.")), ("last", _("Choose the last day."))):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = missing
        self.fields["since"].initial = clock.today()

    def clean(self) -> dict[str, Any]:
        """An agreement ends today or later, and not before it begins."""
        clean = super().clean() or {}
        since, last = clean.get("since"), clean.get("last")
        if last and last < clock.today():
            self.add_error("last", _("Choose today or a day to come."))
        elif since and last and last < since:
            self.add_error("last", _("Choose the last day: it is not before the first."))
        return clean


class Comment(forms.Form):
    """What a coordinator says of a sheet."""

    text = text(_("Your own comments"), 4, help_text=_("For the steering group. Write nothing about a single family."))


class Evaluator(forms.Form):
    """To whom a file goes, and of which year."""

    name = forms.CharField(
        label=_("Who evaluates?"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("The same name gives the same pseudonyms next year. Another name gives others."),
        error_messages={"required": _("Write who gets the file.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the years that are over."""
        super().__init__(*args, **options)
        now = clock.today().year
        years = [(str(number), str(number)) for number in range(now - 1, now - 1 - YEARS, -1)]
        self.fields["year"] = one_of(_("Which year?"), years, _("Choose a year."), initial=now - 1)
