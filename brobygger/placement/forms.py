"""What is asked before a proposal is made, and what could be otherwise: one form for each thing that may change."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.forms import a_number, an_hour, one_of
from brobygger.ground.templatetags.house import said
from brobygger.groups.templatetags.groups import weekdays
from brobygger.groups.templatetags.waiting import named, running

from . import queries
from .templatetags.reasons import ORDERS

WEEKS = {"even": _("Even weeks"), "odd": _("Odd weeks"), "any": _("Every week")}
#: What may be otherwise, and what it is called.
KINDS = {
    "group": _("One more group"),
    "leader": _("More leaders"),
    "seats": _("More seats"),
    "order": _("Another order"),
}
PLACE = _("Choose a place.")
EVERYTHING = "everything"


class Propose(forms.Form):
    """For which offer, and what comes first."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer what somebody waits for."""
        super().__init__(*args, **options)
        offers = [(EVERYTHING, _("Everything")), *((key, named(key)) for key in queries.offers_waited_for())]
        self.fields["offer"] = forms.ChoiceField(label=_("For which offer?"), choices=offers)
        self.fields["order"] = forms.ChoiceField(label=_("What comes first?"), choices=list(ORDERS.items()))

    def clean_offer(self) -> str:
        """Everything is no offer."""
        chosen = str(self.cleaned_data["offer"])
        return "" if chosen == EVERYTHING else chosen


def _places() -> list[tuple[str, str]]:
    return [(row.key, said(row.name)) for row in catalogue.places()]


class OneMoreGroup(forms.Form):
    """A group that does not exist yet, as far as it decides who could come."""

    place = forms.ChoiceField(label=_("Where?"), error_messages={"required": PLACE})
    weekday = forms.TypedChoiceField(label=_("On which day?"), coerce=int, initial="1")
    asked = forms.ChoiceField(label=_("In which weeks?"), choices=list(WEEKS.items()), initial="even")
    begins = an_hour(_("Begins"))
    offer = forms.ChoiceField(label=_("What kind of group?"))
    age_from = a_number(_("From age, in years"), 0, 99, initial=6)
    age_to = a_number(_("To age, in years (included)"), 0, 99, initial=8)
    seats = a_number(_("How many seats?"), 1, 60, initial=8)
    smallest = a_number(_("How few does it open with?"), 1, 60, initial=4)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Choose among what the house has."""
        super().__init__(*args, **options)
        self.fields["place"].choices = _places()  # type: ignore[attr-defined]
        self.fields["weekday"].choices = list(enumerate(weekdays()))  # type: ignore[attr-defined]
        waited = queries.offers_waited_for()
        self.fields["offer"].choices = [(key, named(key)) for key in waited]  # type: ignore[attr-defined]
        self.fields["begins"].initial = "15:30"

    def clean(self) -> dict[str, Any]:
        """Ages in order, and room for as many as it opens with."""
        clean = super().clean() or {}
        low, high = clean.get("age_from"), clean.get("age_to")
        if low is not None and high is not None and high < low:
            self.add_error("age_to", _("The upper age is below the lower one."))
        if clean.get("seats") and clean.get("smallest") and clean["smallest"] > clean["seats"]:
            self.add_error("smallest", _("It cannot open with more than it has seats."))
        return clean

    def changes(self) -> dict[str, Any]:
        """Give the group as the solver reads it: its weeks from its first dates, as those of a real group."""
        clean = self.cleaned_data
        names = ("place", "weekday", "asked", "offer", "seats", "smallest")
        return {name: clean[name] for name in names} | {
            "what": "group",
            "start": clean["begins"].strftime("%H:%M"),
            "months_from": clean["age_from"] * 12,
            "months_to": clean["age_to"] * 12 + 11,
            "parity": queries.parity(self._days()),
            "siblings_to": 0,
            "parent_seats": 0,
        }

    def _days(self) -> list[date]:
        """Find its first meetings, from tomorrow on."""
        clean = self.cleaned_data
        day = clock.today() + timedelta(days=1)
        day += timedelta(days=(clean["weekday"] - day.weekday()) % 7)
        while clean["asked"] != "any" and queries.parity([day]) != clean["asked"]:
            day += timedelta(weeks=1)
        return queries.dates_from(day, 1 if clean["asked"] == "any" else 2)


class MoreLeaders(forms.Form):
    """How many more could lead a group, and where."""

    place = forms.ChoiceField(label=_("Where?"), error_messages={"required": PLACE})
    count = a_number(_("How many more?"), 1, 20, initial=1)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Choose a place."""
        super().__init__(*args, **options)
        self.fields["place"].choices = _places()  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return {"what": "leader", **self.cleaned_data}


class MoreSeats(forms.Form):
    """How many more seats, in which group."""

    count = a_number(_("How many more?"), 1, 20, initial=1)
    field_order = ("group", "count")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Choose a group."""
        super().__init__(*args, **options)
        rows = [each for each in running() if each.kind != "cafe" and not each.beside_id]
        choices = [(str(each.pk), each.name) for each in rows]
        self.fields["group"] = one_of(_("In which group?"), choices, _("Choose a group."))
        self.order_fields(self.field_order)

    def changes(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return {"what": "seats", **self.cleaned_data}


class AnotherOrder(forms.Form):
    """Which wish comes first."""

    order = forms.ChoiceField(label=_("What comes first?"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the orders that are not the usual one."""
        super().__init__(*args, **options)
        self.fields["order"].choices = [each for each in ORDERS.items() if each[0] != "usual"]  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return {"what": "order", **self.cleaned_data}


FORMS: dict[str, type[forms.Form]] = {
    "group": OneMoreGroup,
    "leader": MoreLeaders,
    "seats": MoreSeats,
    "order": AnotherOrder,
}
