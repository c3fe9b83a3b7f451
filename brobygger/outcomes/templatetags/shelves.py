"""The questions there are, on what terms, and whether we may use them; and what the house's file asks for in vain."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.utils.translation import gettext as _

from brobygger.outcomes import instruments, queries
from brobygger.outcomes.instruments import Instrument

register = template.Library()


@dataclass(frozen=True)
class Shelved:
    """Some questions in one version: whether this house asks them, and since when and by whom it is confirmed."""

    form: Instrument
    asked: bool
    since: date | None

    @property
    def pin(self) -> str:
        """Name them with their version, as a page sends it back."""
        return "-".join(self.form.pin)

    @property
    def usable(self) -> bool:
        """Tell whether we may use them today."""
        return not self.form.restricted or self.since is not None


def shelf() -> list[Shelved]:
    """List the questions there are: first those this house asks, then those that need a licence, then the others."""
    known, wanted = queries.confirmed(), {str(each["key"]) for each in queries.settings()["measures"]}
    found = [Shelved(each, each.key in wanted, known.get(each.pin)) for each in instruments.shelf().values()]
    return sorted(found, key=lambda each: (not each.asked, not each.form.restricted, each.form.key, each.form.version))


def unknown() -> list[tuple[str, str]]:
    """Name what the house's file asks for and nobody is asked, with why."""
    return [(key, _why(instruments.newest(key))) for key in queries.unknown()]


def _why(found: Instrument | None) -> str:
    if found is None:
        return _("There are no questions by that name. Look at how it is spelt in the house's file.")
    return _("It needs a licence, and nobody has confirmed that we have one.")


@register.filter
def ages(form: Instrument) -> str:
    """Say for which ages some questions are."""
    first, last = form.from_months // 12, form.to_months // 12
    if last >= 100:
        return _("from %(first)s years") % {"first": first}
    return _("%(first)s to %(last)s years") % {"first": first, "last": last - 1}


@register.filter
def answered_by(form: Instrument) -> Any:
    """Say who answers."""
    if form.who == "adult":
        return _("A grown-up answers about the child.")
    if form.who == "self" or form.self_from_months <= form.from_months:
        return _("Everybody answers for themselves.")
    return _("From %(age)s years the child answers; before that a grown-up does.") % {
        "age": form.self_from_months // 12
    }


@register.filter
def typed(form: Instrument) -> Any:
    """Say how it is answered."""
    if form.entry == "totals":
        return _("Only the sums are typed, from the paper. The questions themselves are not here.")
    return _("It can be answered with a key, by a link, on a tablet or on paper.")
