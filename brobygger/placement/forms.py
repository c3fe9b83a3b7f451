"""What is asked before a proposal is made, and what could be otherwise: one form for each thing that may change."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.forms import a_number, an_hour, one_of
from brobygger.ground.templatetags.house import said
from brobygger.groups import queries as seating
from brobygger.groups.templatetags import asking
from brobygger.groups.templatetags.groups import weekdays
from brobygger.groups.templatetags.waiting import asked, begun, everybody, named, running

from . import queries, rules, services
from .templatetags.known import parity
from .templatetags.placing import order_named
from .templatetags.reasons import ORDERS

if TYPE_CHECKING:
    from brobygger.groups.models import Group

    from .models import Plan

PARENT_FIRST = _("The parent must have the seat beside. Write the parent on the waiting list first.")
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
#: How long an evening is taken to last before anybody has said it.
LASTS = timedelta(minutes=90)


#: From so many on it is said that a proposal takes a while.
MANY = 500
#: How many first meetings a group's weeks are read from.
FIRST = 6


def offers_waited_for() -> list[str]:
    """Name the offers somebody waits for."""
    return sorted(set(everybody().order_by().values_list("offer", flat=True)))


def many_wait() -> bool:
    """Tell whether so many wait that a proposal may take longer than somebody expects of a page."""
    return everybody().count() > MANY


def orders() -> list[tuple[str, Any]]:
    """List the orders of wishes: the house's own first, by its name where it has one, then those that are not it."""
    other = [key for key in ORDERS if queries.order_of(key) != queries.order_of(queries.HOUSE)]
    return [(queries.HOUSE, order_named(queries.HOUSE)), *((key, ORDERS[key]) for key in other)]


class Propose(forms.Form):
    """For which offer, and what comes first."""

    def __init__(self, *args: Any, plans: "Iterable[Plan]" = (), **options: Any) -> None:
        """Offer what somebody waits for; and what one of the `plans` was made of, which is made anew with a press."""
        super().__init__(*args, **options)
        asked = str(self.data.get("offer") or ""), str(self.data.get("order") or "")
        waited, listed = offers_waited_for(), orders()
        waited += {each.offer for each in plans if each.offer == asked[0]} - set(waited) - {""}
        listed += [(key, name) for key, name in ORDERS.items() if key == asked[1] and key not in dict(listed)]
        offers = [(EVERYTHING, _("Everything")), *((key, named(key)) for key in waited)]
        self.fields["offer"] = forms.ChoiceField(label=_("For which offer?"), choices=offers)
        self.fields["order"] = forms.ChoiceField(label=_("What comes first?"), choices=listed)

    def clean_offer(self) -> str:
        """Everything is no offer."""
        chosen = str(self.cleaned_data["offer"])
        return "" if chosen == EVERYTHING else chosen


class Press:
    """What is asked before a proposed seat is offered: for its group, and for the parents' group beside it."""

    def __init__(self, sent: Any, *, viewer: Any, laid: queries.Laid, waiting: str) -> None:
        """Ask each group's own questions; the parent's seat may be left out."""
        group, parent, beside = laid.proposed(waiting)
        if group is None:
            raise services.NotProposed
        member = laid.shown.people[waiting].waiting.member
        self.alone, self.beside = False, None
        self.child = asking.Offer(sent, asked=asked(viewer, member, [group]), group=group)
        child, there = laid.instance.child[waiting], laid.instance.group[str(group.pk)]
        if "even_so" in self.child.fields and rules.only_beside(child, there):
            self.child.fields["even_so"].initial = "sibling_there"
        if laid.parent_first(waiting, must=True):
            self.alone = sent is not None and "alone" in sent
            label = _("Offer the child's seat alone, although the parent must have one beside")
            self.child.fields["alone"] = forms.BooleanField(label=label, required=False)
        if parent and beside:
            self.alone = sent is not None and "parent-too" not in sent
            both = None if self.alone else sent
            told = asked(viewer, parent.waiting.member, [beside])
            self.beside = asking.Offer(both, asked=told, group=beside, prefix="parent")
            label = _("Offer the parent the seat beside, with the same press")
            ticked = not self.alone and bool(self.beside.starts)
            self.beside.fields["too"] = forms.BooleanField(label=label, required=False, initial=ticked)
            self.beside.order_fields(["too"])

    def is_valid(self) -> bool:
        """Look at the questions of each seat that is to be offered."""
        beside = self.alone or self.beside is None or self.beside.is_valid()
        return self.child.is_valid() and beside

    def told(self) -> dict[str, Any]:
        """Give what the deed needs."""
        beside = None if self.alone or self.beside is None else self.beside.told()
        return {"told": self.child.told(), "beside": beside, "alone": self.alone}

    @contextmanager
    def refused(self) -> Iterator[None]:
        """Say at the right seat what is in the way; that nothing was offered, and how the child's alone can be."""
        with asking.refused(self.child):
            try:
                yield
            except services.ParentFirst:
                self.child.add_error("alone", PARENT_FIRST)
            except services.BesideIsRefused as refused:
                if self.beside is None:
                    raise
                with asking.refused(self.beside):
                    raise refused.why from refused
                why = _("The parent's seat cannot be offered like this, so nothing is offered yet.")
                alone = _("Take this tick away, and the child's seat is offered alone.")
                self.beside.add_error("too", f"{why} {alone}")


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
    siblings_to = a_number(
        _("Older brothers and sisters are welcome up to and including"), 0, 99, required=False,
        help_text=_("In years. Leave it empty where the ages above hold for everybody."),
    )  # fmt: skip
    seats = a_number(_("How many seats?"), 1, 60, initial=8)
    smallest = a_number(_("How few does it open with?"), 1, 60, initial=4)
    leaders_at_once = a_number(_("How many lead at the same time?"), 1, 6, initial=2)
    led_by = a_number(_("How many of them have you?"), 0, 6, initial=2)
    parent_seats = a_number(_("How many seats for parents, in a group beside it?"), 0, 60, initial=0, required=False)
    #: What is always asked, in rows, and what few need.
    ROWS = (("offer",), ("place",), ("weekday", "begins"), ("asked",), ("age_from", "age_to"), ("seats", "smallest"))
    FOLDED = (("leaders_at_once", "led_by"), ("siblings_to",), ("parents_offer",), ("parent_seats",))
    field_order = [name for row in (*ROWS, *FOLDED) for name in row]

    def __init__(self, *args: Any, **options: Any) -> None:
        """Choose among what the house has."""
        super().__init__(*args, **options)
        self.fields["place"].choices = _places()  # type: ignore[attr-defined]
        self.fields["weekday"].choices = list(enumerate(weekdays()))  # type: ignore[attr-defined]
        waited = offers_waited_for()
        self.fields["offer"].choices = [(key, named(key)) for key in waited]  # type: ignore[attr-defined]
        self.fields["begins"].initial = "15:30"
        beside = [(row.key, said(row.name)) for row in catalogue.offers() if row.audience == "parent"]
        label = _("Is there a parents' group beside it?")
        choices = [("", _("No")), *beside]
        self.fields["parents_offer"] = forms.ChoiceField(label=label, choices=choices, required=False)
        self.order_fields(self.field_order)

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The fields that are always asked, in rows."""
        return [[self[name] for name in row] for row in self.ROWS]

    @property
    def folded(self) -> list[list[forms.BoundField]]:
        """The fields few need, in rows."""
        return [[self[name] for name in row] for row in self.FOLDED]

    @property
    def unfolded(self) -> bool:
        """Whether something was said in those few need, or is wrong there."""
        return self.is_bound and any(field.errors or self.has_said(field) for row in self.folded for field in row)

    def has_said(self, field: forms.BoundField) -> bool:
        """Tell whether something else was typed than what stood there."""
        return str(field.value() or "") != str(field.initial or "")

    def clean(self) -> dict[str, Any]:
        """Ages in order, and room for as many as it opens with."""
        clean = super().clean() or {}
        low, high = clean.get("age_from"), clean.get("age_to")
        if low is not None and high is not None and high < low:
            self.add_error("age_to", _("The upper age is below the lower one."))
        if clean.get("seats") and clean.get("smallest") and clean["smallest"] > clean["seats"]:
            self.add_error("smallest", _("It cannot open with more than it has seats."))
        older = clean.get("siblings_to")
        if older is not None and high is not None and older < high:
            self.add_error("siblings_to", _("Older brothers and sisters are older than the group's own age."))
        if clean.get("parents_offer") and not clean.get("parent_seats"):
            self.add_error("parent_seats", _("Write how many seats the parents' group has."))
        return clean

    def changes(self) -> dict[str, Any]:
        """Give the group as the solver reads it: its weeks from its first dates, as those of a real group."""
        clean, days = self.cleaned_data, self._days()
        names = ("place", "weekday", "asked", "offer", "seats", "smallest", "leaders_at_once", "parents_offer")
        older, beside = clean["siblings_to"], clean["parents_offer"] and clean["parent_seats"]
        ends = datetime.combine(clock.today(), clean["begins"]) + LASTS
        return {name: clean[name] for name in names} | {
            "what": "group",
            "start": clean["begins"].strftime("%H:%M"),
            "end": f"{ends:%H:%M}" if ends.date() == clock.today() else "24:00",
            "first": days[0].isoformat(),
            "months_from": clean["age_from"] * 12,
            "months_to": clean["age_to"] * 12 + 11,
            "parity": parity(days),
            "siblings_to": 0 if older is None else older * 12 + 11,
            "lacking": max(0, clean["leaders_at_once"] - clean["led_by"]),
            "parent_seats": beside or 0,
        }

    def _days(self) -> list[date]:
        """Find its first meetings, from tomorrow on."""
        clean = self.cleaned_data
        day = clock.today() + timedelta(days=1)
        day += timedelta(days=(clean["weekday"] - day.weekday()) % 7)
        while clean["asked"] != "any" and parity([day]) != clean["asked"]:
            day += timedelta(weeks=1)
        return _dates_from(day, 1 if clean["asked"] == "any" else 2)


def _dates_from(first: date, weeks: int) -> list[date]:
    """List the first days of a group that would meet every so many weeks, without the days the house is closed."""
    days = [first + timedelta(weeks=weeks * number) for number in range(FIRST * 4)]
    closed = catalogue.days_without_groups(days[0], days[-1])
    return [day for day in days if day not in closed][:FIRST]


def _takes(group: "Group") -> bool:
    """Tell whether somebody may begin in a group still."""
    _room, coming = seating.starts(group)
    return bool(coming) and not begun(group, coming)


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
        # Parents' seats beside a group follow the children's.
        rows = [each for each in running() if not (each.beside_id and each.kind == "parent")]
        rows = [each for each in rows if each.kind != "cafe" and _takes(each)]
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
        """Offer the orders that are not the house's."""
        super().__init__(*args, **options)
        self.fields["order"].choices = orders()[1:]  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return {"what": "order", **self.cleaned_data}


FORMS: dict[str, type[forms.Form]] = {
    "group": OneMoreGroup,
    "leader": MoreLeaders,
    "seats": MoreSeats,
    "order": AnotherOrder,
}
