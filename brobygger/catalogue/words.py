"""Says reasons, ages and numbers as a parent can read them, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from brobygger.ground.rules import pick

from .rules import Reason

#: One sentence for every reason that rules.fits can give.
SENTENCES = {
    "ages": gettext_noop("It is for children aged %(ages)s."),
    "age_fits": gettext_noop("The age fits: it is for children aged %(ages)s."),
    "any_age": gettext_noop("It does not matter how old the child is."),
    "too_young": gettext_noop("The child needs to be a little older: it is for children aged %(ages)s."),
    "too_old": gettext_noop("The child is too old for this: it is for children aged %(ages)s."),
    "sibling_welcome": gettext_noop("Older siblings are welcome, up to %(to)s."),
    "sibling_fits": gettext_noop("Older siblings are welcome too, up to %(siblings_to)s."),
    "sibling_may": gettext_noop(
        "It is for children aged %(ages)s. Older siblings may come along, up to %(siblings_to)s."
    ),
    "at_home": gettext_noop("We can come to your home."),
    "place_fits": gettext_noop("We meet in %(place)s."),
    "place_other": gettext_noop("We only meet in %(places)s."),
    "relation_parent": gettext_noop("A mother or father is just whom we are here for."),
    "relation_step": gettext_noop("A stepmother or stepfather counts just as much."),
    "relation_sibling": gettext_noop("A brother or sister counts just as much."),
    "relation_grandparent": gettext_noop("A grandparent who is close counts just as much."),
    "relation_other": gettext_noop("We are here when it is a parent, a sibling or a grandparent. Write to us anyway."),
    "past_counts": gettext_noop("It counts too if it is in the past."),
    "area_fits": gettext_noop("You live where we work."),
    "area_any": gettext_noop("You may come wherever you live."),
    "area_other": gettext_noop(
        "We work where you do not live. Write anyway, and we will help you find the right place."
    ),
}

#: Up to this age people count in months.
TODDLER = 24
#: A span up to here leaves nobody out.
EVERYBODY = 60 * 12


def sentence(reason: Reason, places: Mapping[str, Any]) -> str:
    """Say a reason in words; `places` gives the names of the house's places by their keys."""
    values: dict[str, Any] = dict(reason.values)
    language = get_language() or "da"
    if "from" in values:
        values["ages"] = ages(values["from"], values.get("to"))
    if "place" in values:
        values["place"] = pick(places.get(values["place"], values["place"]), language)
    if "places" in values:
        values["places"] = one_or_other([pick(places.get(key, key), language) for key in values["places"]])
    return _(SENTENCES[reason.key]) % values


def ages(low: int | None, high: int | None) -> str:
    """Say an age span: "2–9 years", "from 10 years"."""
    if high is None:
        return _("from %(low)s years") % {"low": low or 0}
    if low == high:
        return ngettext("%(high)s year", "%(high)s years", high) % {"high": high}
    return ngettext("%(low)s–%(high)s year", "%(low)s–%(high)s years", high) % {"low": low or 0, "high": high}


def months(low: int, high: int | None) -> str:
    """Say an age span given in months, the upper one too old: "0–12 months", "9–11 years"; nothing without an end."""
    if high is None:
        return ""
    if not low and high >= EVERYBODY:
        return _("for everybody")
    if high <= TODDLER:
        return _("%(low)s–%(high)s months") % {"low": low, "high": high}
    return ages(low // 12, (high - 1) // 12)


def spaced(number: str) -> str:
    """Write a telephone number as people read it: "24 23 03 00", "116 111"."""
    bare = number.removeprefix("+45")
    size = 2 if len(bare) == 8 else 3
    return " ".join(bare[start : start + size] for start in range(0, len(bare), size)) if len(bare) != 4 else bare


def one_or_other(names: list[str]) -> str:
    """Say a list: "Glostrup, Hillerød or Hvidovre"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(some)s or %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}
