"""What staff type of answers: a paper in one page, why one is left out, what was typed wrong; what a refusal says."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brobygger.access.guards import NotAllowed
from brobygger.ground import clock
from brobygger.ground.forms import a_day, a_number, radio
from brobygger.ground.templatetags.house import in_language, said

from . import rules, services
from .instruments import EMPTY, SKIPPED, BadAnswer, Instrument, Item
from .models import Round
from .templatetags.asked import WHY
from .templatetags.held import NOT_SAID
from .templatetags.told import whole

#: What is said when a deed about an answer is refused.
REFUSED: dict[type[Exception], Any] = {
    rules.AlreadyAnswered: _("We have an answer already. What you typed is not kept: look at what is there."),
    rules.RoundIsOver: _("It is not asked any more. Look at how it stands now."),
    rules.NotThatDay: _("The day does not fit: they were not asked then, or it is ahead of us."),
    rules.NotThatWay: _("These questions cannot be answered so. Type them from the paper, or ask them here."),
    rules.NeedsYes: _("They have not said yes to being asked half a year after. Note their yes first."),
    rules.NeedsLicence: _("Nobody has confirmed yet that we may use these questions."),
    services.NothingSaid: _("Nothing is otherwise than before."),
    services.NoWay: _("We know no telephone or mailbox that may be written to. Give them the link instead."),
    BadAnswer: _("One of the answers is none that can be given. Look at it again."),
    NotAllowed: _("A colleague has changed who may do this. Look at it again."),
}
ABOUT: dict[type[Exception], str] = {rules.NotThatDay: "answered_on"}
MODES = {"paper": _("They filled in a paper"), "interview": _("I asked, and they answered")}
_CHOOSE = _("Choose what stands there, or that nothing does.")


@contextmanager
def refused(form: forms.Form) -> Iterator[None]:
    """Say at the right field what is in the way of a deed; nothing typed is lost."""
    try:
        yield
    except tuple(REFUSED) as why:
        name = ABOUT.get(type(why), "")
        form.add_error(name if name in form.fields else None, REFUSED[type(why)])


def _field(form: Instrument, item: Item) -> forms.Field:
    """Ask for one answer: a number from the paper, or one of the choices, or that nothing is there."""
    label = said(item.text)
    if form.entry == "totals" or (not item.choices and item.high - item.low > 20):
        ends = {"low": item.low, "high": item.high}
        told = gettext("From %(low)s to %(high)s. Leave it empty if it is not there.") % ends
        return a_number(label, item.low, item.high, required=False, help_text=told)
    words = dict(item.choices)
    choices: list[tuple[str, Any]] = [(str(value), _choice(item, value, words.get(value))) for value in item.values]
    choices += [(SKIPPED, NOT_SAID[SKIPPED]), (EMPTY, NOT_SAID[EMPTY])]
    wrong = {"required": _CHOOSE, "invalid_choice": _CHOOSE}
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, error_messages=wrong)


def _choice(item: Item, value: int, words: Mapping[str, str] | None) -> str:
    if words is None:
        return str(value)
    return f"{value}: {said(words)}" if item.scale else said(words)


class _Answers(forms.Form):
    """The questions of some instruments, all of them on one page, in their order."""

    answered_on = a_day(_("On which day was it answered?"))

    def __init__(self, *args: Any, row: Round, asked: Sequence[Instrument], **more: Any) -> None:
        """Ask what has not been answered yet."""
        super().__init__(*args, **more)
        self.row, self.asked = row, list(asked)
        days = {"first": whole(row.opens_on), "last": whole(min(row.closes_on + rules.GRACE, clock.today()))}
        day = self.fields["answered_on"]
        day.required, day.error_messages["required"] = True, gettext("Write the day, as 2027-01-31.")
        day.help_text = gettext("The day that stands on the paper: from %(first)s to %(last)s.") % days
        for form in self.asked:
            for item in form.items:
                self.fields[self.name(form, item)] = _field(form, item)

    @staticmethod
    def name(form: Instrument, item: Item) -> str:
        """Name the field of one question."""
        return f"{form.key}-{item.ident}"

    def parts(self) -> Iterator[tuple[Instrument, Any, list[forms.BoundField]]]:
        """Give each instrument with the field that says it was not there, and its questions."""
        for form in self.asked:
            there = f"{form.key}-there"
            fields = [self[self.name(form, item)] for item in form.items]
            yield form, self[there] if there in self.fields else None, fields

    def said(self, form: Instrument) -> dict[str, Any]:
        """Give the answers to one instrument as they are kept."""
        found = {item.ident: self.cleaned_data.get(self.name(form, item)) for item in form.items}
        return {name: _value(value) for name, value in found.items()}


def _value(value: Any) -> int | str:
    if value is None or value == "":
        return EMPTY
    return value if isinstance(value, int) or value in (SKIPPED, EMPTY) else int(value)


class Paper(_Answers):
    """A paper that was filled in, or what somebody answered aloud: everything on one page, with its true day."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    mode = radio(
        _("How was it answered?"), MODES, required=True, error_messages={"required": _("Choose how it was answered.")}
    )
    field_order = ("once", "mode", "answered_on", "language")

    def __init__(self, *args: Any, row: Round, asked: Sequence[Instrument], **more: Any) -> None:
        """Let each set of questions be one that was not there, where there are more than one."""
        super().__init__(*args, row=row, asked=asked, **more)
        if len(self.asked) > 1:
            for form in self.asked:
                absent = forms.BooleanField(label=_("These questions were not asked this time"), required=False)
                self.fields[f"{form.key}-there"] = absent
        spoken = [code for code in ("da", "en") if all(code in form.languages() for form in self.asked)]
        if len(spoken) > 1:
            choices = [(code, in_language(code)) for code in spoken]
            self.fields["language"] = forms.ChoiceField(label=_("In which language?"), choices=choices, initial="da")
        self.order_fields(self.field_order)

    def _absent(self, form: Instrument) -> bool:
        return bool(self.data.get(self.add_prefix(f"{form.key}-there")))

    def full_clean(self) -> None:
        """Ask nothing of questions that were not asked."""
        absent = [form for form in self.asked if self.is_bound and self._absent(form)]
        for form in absent:
            for item in form.items:
                self.fields[self.name(form, item)].required = False
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        """See that something was answered."""
        clean = super().clean() or {}
        if not self.errors and not any(isinstance(value, int) for form in self.kept() for value in self._of(form)):
            none = _("There is no answer here. If they would rather not, leave it out instead.")
            self.add_error(None, none)
        return clean

    def _of(self, form: Instrument) -> list[Any]:
        return list(self.said(form).values())

    def kept(self) -> list[Instrument]:
        """Give the instruments that were answered: a paper with totals alone may hold only some of them."""
        there = [form for form in self.asked if not self._absent(form)]
        return [form for form in there if form.entry == "items" or any(value != EMPTY for value in self._of(form))]

    def told(self) -> dict[str, Any]:
        """Give what is kept, as the deed takes it."""
        clean = self.cleaned_data
        return {
            "answers": {form.key: self.said(form) for form in self.kept()},
            "mode": clean["mode"],
            "answered_on": clean["answered_on"],
            "language": clean.get("language") or "da",
            "once": clean["once"] or uuid4(),
        }


class Correct(_Answers):
    """One sheet as it should have been typed, and why."""

    reason = forms.CharField(
        label=_("Why is it set right?"),
        max_length=300,
        help_text=_("What stands there now is kept beside it, with your reason and your name."),
        error_messages={"required": _("Write why, in words a colleague can read later.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, row: Round, asked: Sequence[Instrument], **more: Any) -> None:
        """Ask for the answers, then for why."""
        super().__init__(*args, row=row, asked=asked, **more)
        self.order_fields([name for name in self.fields if name != "reason"])

    @classmethod
    def known(cls, form: Instrument, body: Mapping[str, Any], answered_on: Any) -> dict[str, Any]:
        """Give what stands there, to begin with."""
        found: dict[str, Any] = {cls.name(form, item): body["answers"].get(item.ident, EMPTY) for item in form.items}
        if form.entry == "totals":
            found = {name: value if isinstance(value, int) else None for name, value in found.items()}
        return {"answered_on": answered_on, **found}

    def told(self) -> dict[str, Any]:
        """Give what is set right, as the deed takes it."""
        clean = self.cleaned_data
        return {"answers": self.said(self.asked[0]), "reason": clean["reason"], "answered_on": clean["answered_on"]}


class Skip(forms.Form):
    """Why somebody is not asked this time. None of the reasons is a fault."""

    why = radio(
        _("Why?"), dict(WHY), required=True, error_messages={"required": _("Choose why. All of them are fine.")}
    )
