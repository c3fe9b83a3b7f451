"""What staff type about groups, as clean values: the group itself, a meeting's other hour, who leads."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.forms import Days, Numbers, a_day, a_number, an_hour, one_of, radio
from brobygger.ground.templatetags.house import said
from brobygger.series import rules as series

from .models import Group, Meeting
from .templatetags.groups import GROWN_UP, INTAKES, KINDS, LENGTHS, RHYTHMS, WHEN_CLOSED, as_typed, languages, weekdays

# ---- Groups ----

MOST_SEATS, MOST_MEETINGS, OLDEST = 60, 200, 120


def rooms() -> Iterator[tuple[str, str]]:
    """List every room of the house: "glostrup:2" is the second one there."""
    for place in catalogue.places():
        for room in range(1, place.rooms + 1):
            number = _("%(place)s, room %(number)s") % {"place": said(place.name), "number": room}
            yield f"{place.key}:{room}", str(number) if place.rooms > 1 else said(place.name)


def _where(text: str) -> tuple[str, int]:
    place, _colon, room = text.partition(":")
    return place, int(room)


class Turns(forms.Form):
    """Who leads, in the order they take turns."""

    PLACES = 4

    def __init__(self, *args: Any, people: list[Any], leads: Iterable[str] = (), **options: Any) -> None:
        """Offer the colleagues who may, with who leads now chosen."""
        super().__init__(*args, **options)
        self.people, now = {each.handle: each for each in people}, [each for each in leads]
        choices = [("", "–"), *((each.handle, each.first_name) for each in people)]
        for place in range(max(self.PLACES, len(now) + 1)):
            label = _("Leader %(number)s") % {"number": place + 1}
            chosen = now[place] if place < len(now) else ""
            self.fields[f"leader_{place}"] = forms.ChoiceField(
                label=label, choices=choices, required=False, initial=chosen
            )

    @property
    def turns(self) -> list[forms.BoundField]:
        """The places in the rotation."""
        return [self[name] for name in self.fields if name.startswith("leader_")]

    def clean(self) -> dict[str, Any]:
        """Nobody takes turns with themselves."""
        clean = super().clean() or {}
        taken: set[str] = set()
        for name in [name for name in self.fields if name.startswith("leader_")]:
            if (handle := clean.get(name)) and handle in taken:
                self.add_error(name, _("Choose somebody else here: the same person stands above."))
            taken.add(str(handle or ""))
        return clean

    def leaders(self) -> list[Any]:
        """Give who was chosen, in their order."""
        chosen = [self.cleaned_data.get(name) for name in self.fields if name.startswith("leader_")]
        return [self.people[handle] for handle in chosen if handle]


class GroupForm(Turns):
    """A group in one page: what, when, for whom, how it runs, who leads."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    name = forms.CharField(
        label=_("What do we call it?"),
        max_length=80,
        help_text=_("Families read this, so it names no trouble: Tuesday group, Baby group."),
        error_messages={"required": _("Give the group a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = radio(_("Who sits in it?"), KINDS, required=True, error_messages={"required": _("Choose who sits in it.")})
    starts_on = a_day(_("From which day?"), help_text=_("It begins on the first day from then on that fits."))
    begins, ends = an_hour(_("Begins")), an_hour(_("Ends"))
    length = radio(_("How long does it run?"), LENGTHS, required=True, initial="on")
    meetings_wanted = a_number(_("How many times?"), 1, MOST_MEETINGS, required=False)
    ends_on = a_day(_("The last day"))
    age_unit = radio(_("Ages are in"), {"years": _("years"), "months": _("months")}, required=True, initial="years")
    age_from = a_number(_("From"), 0, OLDEST)
    age_to = a_number(_("Up to and including"), 0, OLDEST)
    siblings_to = a_number(
        _("Older brothers and sisters are welcome up to and including"),
        0, OLDEST, required=False, help_text=_("In years. Leave it empty where the ages above hold for everybody."),
    )  # fmt: skip
    seats = a_number(_("How many seats?"), 1, MOST_SEATS, help_text=_("A grown-up and a baby share one."))
    smallest = a_number(_("With how few does a new group begin?"), 1, MOST_SEATS, initial=4)
    intake = radio(_("When may somebody begin?"), INTAKES, required=True, initial="rolling")
    newcomers = a_number(_("How many may begin at the same meeting?"), 1, MOST_SEATS, initial=3)
    talks_before = a_number(_("How many talks before the first time?"), 0, 10, initial=0)
    when_closed = radio(
        _("What if the day is a holiday, or we are closed?"), WHEN_CLOSED, required=True, initial="skip"
    )
    skips_weeks = Numbers(
        label=_("Weeks it never meets in"), most=53, wrong=_("Write week numbers from 1 to 53, as 7, 8, 42."),
        help_text=_("Week numbers, as 7, 8, 42."),
    )  # fmt: skip
    dates = Days(
        label=_("On which days?"), help_text=_("One day a line, as 2027-01-31. Only where you choose them one by one.")
    )
    beside_numbers = Numbers(
        label=_("At which of its meetings?"), most=MOST_MEETINGS, wrong=_("Write their numbers, as 2, 4, 6."),
        help_text=_("As 2, 4, 6. Leave it empty for all of them."),
    )  # fmt: skip
    leaders_at_once = a_number(_("How many lead at the same time?"), 1, 6, initial=2)
    language = forms.ChoiceField(
        label=_("Which language is spoken in it?"), choices=languages, required=False,
        help_text=_("A group in another language than Danish is for those who speak it."),
    )  # fmt: skip
    public = forms.BooleanField(label=_("Families can find it on our pages"), required=False, initial=True)

    #: Headings, and the rows of fields under them; what few need is folded.
    SECTIONS = (
        (_("What it is"), (("offer",), ("name",), ("kind",), ("where",), ("language",), ("public",)), False),
        (_("Beside another group"), (("beside",), ("beside_numbers",)), True),
        (_("When"), (("rhythm",), ("weekday", "starts_on"), ("begins", "ends"), ("dates",)), False),
        (_("How long it runs"), (("length",), ("meetings_wanted", "ends_on")), False),
        (_("Holidays and closed weeks"), (("when_closed",), ("skips_weeks",)), False),
        (_("Which ages"), (("age_unit",), ("age_from", "age_to"), ("siblings_to",)), False),
        (_("Seats"), (("seats", "smallest"), ("intake",), ("newcomers", "talks_before")), False),
    )

    def __init__(self, *args: Any, group: Group | None = None, others: Iterable[Group] = (), **options: Any) -> None:
        """Begin with the group as it is."""
        initial = as_typed(group) if group else {}
        super().__init__(*args, initial=initial, **options)
        offers = [(row.key, said(row.name)) for row in catalogue.offers() if row.audience != "professional"]
        rhythms = {key: label for key, label in RHYTHMS.items() if key != "kept" or initial.get("rhythm") == key}
        missing = {"required": _("Choose how often.")}
        self.fields |= {
            "offer": one_of(_("Which of our offers is it?"), offers, _("Choose which offer it is.")),
            "where": one_of(_("Where?"), rooms(), _("Choose a place and a room.")),
            "weekday": one_of(
                _("Which day of the week?"),
                [(str(day), name) for day, name in enumerate(weekdays())],
                _("Choose a day of the week."),
            ),
            "rhythm": radio(_("How often?"), rhythms, required=True, error_messages=missing),
            "beside": forms.ChoiceField(
                label=_("Which group does it meet beside?"),
                help_text=_(
                    "As a parents' group beside the children's. It has that group's days and hours: leave those empty."
                ),
                choices=[("", _("It meets by itself")), *((str(each.pk), each.name) for each in others)],
                required=False,
            ),
        }
        for name in ("offer", "where", "weekday", "rhythm", "beside"):
            self.fields[name].initial = initial.get(name)
        self.group, self.others = group, {str(each.pk): each for each in others}
        self.fields["starts_on"].required = True
        self.fields["starts_on"].error_messages["required"] = _("Write from which day.")
        for name in [name for name in self.fields if group and name.startswith("leader_")]:
            del self.fields[name]
        if group:
            # Where it meets beside another is settled when it is made.
            del self.fields["beside"]
            if not group.beside_id:
                del self.fields["beside_numbers"]
        self._spare()

    def _spare(self) -> None:
        """Ask for no days and hours that come from another group, no weekday of chosen days, no age of grown-ups."""
        beside = self.data.get("beside") or (self.group and self.group.beside_id)
        spared = ["weekday", "rhythm", "starts_on", "begins", "ends", "length"] if beside else []
        spared += ["weekday", "starts_on"] if self.data.get("rhythm") == "dates" else []
        spared += ["age_from", "age_to"] if self.data.get("kind") in ("parent", "cafe") else []
        for name in spared:
            self.fields[name].required = False

    @property
    def sections(self) -> Iterator[tuple[Any, list[list[forms.BoundField]], str]]:
        """The fields in rows under their headings, each "open", "folded" or, with something in it, "unfolded"."""
        for heading, rows, folds in self.SECTIONS:
            fields = [[self[name] for name in names if name in self.fields] for names in rows]
            if any(fields):
                used = any(field.value() or field.errors for row in fields for field in row)
                yield heading, [row for row in fields if row], ("unfolded" if used else "folded") if folds else "open"

    def clean(self) -> dict[str, Any]:
        """See that hours, days, ages and numbers go together; everything typed stays where it is."""
        clean = super().clean()
        if clean.get("seats") and clean.get("smallest") and clean["smallest"] > clean["seats"]:
            self.add_error("smallest", _("It cannot begin with more than there are seats."))
        if clean.get("beside_numbers") and "beside" in self.fields and not clean.get("beside"):
            self.add_error("beside", _("Choose which group it meets beside, or empty the numbers of the meetings."))
        if not (clean.get("beside") or (self.group and self.group.beside_id)):
            self._when(clean)
        self._ages(clean)
        return clean

    def _when(self, clean: dict[str, Any]) -> None:
        """Hours in their order, a first day, and an end after it."""
        begins, ends, length = clean.get("begins"), clean.get("ends"), clean.get("length")
        if begins and ends and ends <= begins:
            self.add_error("ends", _("It ends before it begins."))
        one_by_one = clean.get("rhythm") == "dates"
        lacking = {
            "dates": (one_by_one, _("Write the days, one a line.")),
            "meetings_wanted": (length == "number", _("Write how many times it meets.")),
            "ends_on": (length == "until", _("Write the last day.")),
        }
        for name, (needed, why) in lacking.items():
            if needed and not clean.get(name) and not self.has_error(name):
                self.add_error(name, why)
        if self.errors:
            return
        first, now = self.first(), self.group
        if length == "until" and clean["ends_on"] < first:
            self.add_error("ends_on", _("It ends before it begins."))
        if (
            now
            and not one_by_one
            and first <= clock.today()
            and (self._rule(first), first) != (now.rule, now.starts_on)
        ):
            self.add_error("starts_on", _("Other days hold from a day that is to come. Write from which."))

    def _ages(self, clean: dict[str, Any]) -> None:
        """Children's groups have ages, in their order; a group of grown-ups needs none."""
        if clean.get("kind") in ("parent", "cafe") and clean.get("age_to") is None:
            clean["age_from"], clean["age_to"] = None, None
            return
        low, high, older = clean.get("age_from"), clean.get("age_to"), clean.get("siblings_to")
        if low is not None and high is not None and high < low:
            self.add_error("age_to", _("The upper age is below the lower one."))
        years = clean.get("age_unit") == "years"
        if high is not None and older is not None and older < (high if years else high // 12):
            self.add_error("siblings_to", _("Older brothers and sisters are older than the group's own age."))

    def newest(self) -> dict[str, str]:
        """Say what to send, so that one more press saves over a colleague's change."""
        return {
            "seen": str(Group.objects.values_list("sequence", flat=True).get(pk=self.group.pk) if self.group else 0)
        }

    def first(self) -> date:
        """Find the first day of the group: on its weekday, and in an even or odd week where that was chosen."""
        clean = self.cleaned_data
        if clean["rhythm"] == "dates":
            return min([*clean["dates"], clean["starts_on"] or date.max])
        day: date = clean["starts_on"]
        day += timedelta(days=(int(clean["weekday"]) - day.weekday()) % 7)
        if clean["rhythm"] in ("even", "odd"):
            while bool(day.isocalendar().week % 2) != (clean["rhythm"] == "odd"):
                day += timedelta(weeks=1)
        return day

    def said(self) -> dict[str, Any]:
        """Give the group as it is kept."""
        clean = self.cleaned_data
        place, room = _where(clean["where"])
        plain = (
            *("offer", "name", "kind", "begins", "ends", "seats", "smallest", "intake", "newcomers", "talks_before"),
            *("when_closed", "skips_weeks", "leaders_at_once", "language", "public"),
        )
        months = 12 if clean["age_unit"] == "years" else 1
        low, high, older = clean["age_from"], clean["age_to"], clean["siblings_to"]
        beside = self.others.get(clean.get("beside", "")) or (self.group and self.group.beside)
        return {
            **{name: clean[name] for name in plain},
            **{"place": place, "room": room, "beside": beside, "beside_numbers": clean.get("beside_numbers") or []},
            "months_from": GROWN_UP[0] if low is None else low * months,
            "months_to": GROWN_UP[1] if high is None else (high + 1) * months,
            "siblings_to": None if older is None else (older + 1) * 12,
            **({} if beside else self._series()),
            **({} if self.group else {"leaders": self.leaders()}),
        }

    def _series(self) -> dict[str, Any]:
        """Give what the dates are made of."""
        clean, first = self.cleaned_data, self.first()
        length = clean["length"]
        return {
            **{"starts_on": first, "rule": self._rule(first)},
            **({"dates": clean["dates"]} if clean["rhythm"] == "dates" else {}),
            "meetings_wanted": clean["meetings_wanted"] if length == "number" else None,
            "ends_on": clean["ends_on"] if length == "until" else None,
        }

    def plan(self) -> series.Plan | None:
        """Give the series as plain values, to show its dates before anything is kept; none where there is no rule."""
        said = self.said()
        if not said.get("rule"):
            return None
        later = said["when_closed"] == Group.WhenClosed.WEEK_LATER
        return series.Plan(said["rule"], said["starts_on"], later, said["meetings_wanted"], said["ends_on"])

    def _rule(self, first: date) -> str:
        """Write the rhythm as a rule of RFC 5545."""
        rhythm = self.cleaned_data["rhythm"]
        if rhythm == "kept" and self.group:
            return str(self.group.rule)
        if rhythm == "dates":
            return ""
        if rhythm == "month":
            nth = (first.day - 1) // 7 + 1
            return f"FREQ=MONTHLY;BYDAY={nth if nth < 5 else -1}{series.DAYS[first.weekday()]}"
        return series.every(1 if rhythm == "week" else 2, first)


class Move(forms.Form):
    """Another day, hour or room for one meeting."""

    def __init__(self, *args: Any, meeting: Meeting, **options: Any) -> None:
        """Begin with when and where it is."""
        super().__init__(*args, **options)
        self.meeting = meeting
        start, end = clock.local(meeting.starts_at), clock.local(meeting.ends_at)
        where = one_of(_("Where?"), rooms(), _("Choose a place and a room."), initial=f"{meeting.place}:{meeting.room}")
        self.fields |= {"day": a_day(_("Which day?"), initial=start.date()), "begins": an_hour(_("Begins"))}
        self.fields |= {"ends": an_hour(_("Ends")), "where": where}
        self.fields["begins"].initial, self.fields["ends"].initial = start.time(), end.time()
        self.fields["day"].required = True
        self.fields["day"].error_messages["required"] = _("Write the day, as 2027-01-31.")
        self.fields["was"] = forms.CharField(widget=forms.HiddenInput, initial=start.isoformat())
        if "even_so" in self.data:
            self.even_so()

    def even_so(self) -> None:
        """Let it be said that it is held on a closed day all the same."""
        self.fields["even_so"] = forms.BooleanField(label=_("Hold it on that day all the same"), required=False)

    def newest(self) -> dict[str, str]:
        """Say what to send, so that one more press moves it from where a colleague has moved it."""
        return {"was": Meeting.objects.get(pk=self.meeting.pk).starts_at.isoformat()}

    def clean_was(self) -> datetime:
        """Read when it began on the page."""
        try:
            return datetime.fromisoformat(self.cleaned_data["was"])
        except ValueError:
            raise forms.ValidationError(_("Look at the page again.")) from None

    def clean(self) -> dict[str, Any]:
        """It ends after it begins, and is to come."""
        clean = super().clean() or {}
        begins, ends, day = clean.get("begins"), clean.get("ends"), clean.get("day")
        if begins and ends and ends <= begins:
            self.add_error("ends", _("It ends before it begins."))
        if begins and day and series.moment(day, begins) <= clock.now():
            self.add_error("day", _("That hour has gone by. Choose one that is to come."))
        return clean

    def moved(self) -> dict[str, Any]:
        """Give when and where it is from now on."""
        clean = self.cleaned_data
        place, room = _where(clean["where"])
        starts, ends = (series.moment(clean["day"], clean[name]) for name in ("begins", "ends"))
        more = {"even_so": clean.get("even_so", False), "was": clean["was"]}
        return {"starts_at": starts, "ends_at": ends, "place": place, "room": room, **more}


class StandIn(forms.Form):
    """Who leads one evening instead of whom."""

    def __init__(self, *args: Any, out: list[Any], people: list[Any], **options: Any) -> None:
        """Offer who leads that evening, and the colleagues who do not."""
        super().__init__(*args, **options)
        self.people = {each.handle: each for each in (*out, *people)}
        missing = _("Choose who.")
        for name, label, rows in (("out", _("Who cannot come?"), out), ("into", _("Who leads instead?"), people)):
            self.fields[name] = one_of(label, [(each.handle, each.first_name) for each in rows], missing)

    def stands(self) -> dict[str, Any]:
        """Give both."""
        return {name: self.people[self.cleaned_data[name]] for name in ("out", "into")}


class Close(forms.Form):
    """The last day of a group."""

    on = a_day(_("The last day"), initial=clock.today, help_text=_("Meetings after that day are called off."))

    def clean_on(self) -> date:
        """Today, or a day to come."""
        day: date | None = self.cleaned_data["on"]
        if day is None or day < clock.today():
            raise forms.ValidationError(_("Choose today or a later day."))
        return day


class Plain(forms.Form):
    """Nothing but a press."""
