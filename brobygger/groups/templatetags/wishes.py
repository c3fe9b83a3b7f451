"""What a family may wish of a seat, in words: the forms choose from them, pages and papers say them."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brobygger.ground.templatetags.house import in_language

from .groups import at_place, weekdays

PARITIES = {"": _("Either will do"), "even": _("Even weeks"), "odd": _("Odd weeks")}
SIBLINGS = {
    "": _("Either will do"),
    "together": _("On the same day in the same place"),
    "apart": _("In groups of their own"),
}
PARENTS = {
    "": _("They need none"),
    "wish": _("They would like one"),
    "must": _("There must be one, or the child cannot come"),
}
WISHES = {
    "places": _("Where can they come?"),
    "days": _("On which days?"),
    "parity": _("Which weeks?"),
    "siblings": _("Brothers and sisters"),
    "parent": _("A seat for a parent in the group beside"),
    "language": _("Which language do they speak best?"),
    "talks": _("The talks before the first evening are done"),
    "words": _("In a few words"),
}


def said_of(wishes: dict[str, Any]) -> list[str]:
    """Say what somebody wishes, each in a line: "Which weeks? Even weeks"."""
    labels = {key: label if str(label).endswith("?") else f"{label}:" for key, label in WISHES.items()}
    return [f"{label} {_plain(key, wishes[key])}" for key, label in labels.items() if wishes.get(key)]


def _plain(key: str, value: Any) -> str:
    words = {"parity": PARITIES, "siblings": SIBLINGS, "parent": PARENTS}.get(key, {})
    if key == "places":
        return ", ".join(map(at_place, value))
    if key == "days":
        return ", ".join(weekdays()[each] for each in value)
    if key == "talks":
        return gettext("yes")
    return in_language(value) if key == "language" else str(words.get(value, value))
