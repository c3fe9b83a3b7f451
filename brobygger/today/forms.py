"""What somebody looks for, as clean values."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.casework import rules as casework
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.templatetags.house import said

from . import rules

#: By what one may look, and how it is written.
KINDS = {
    "nickname": _("Nickname"),
    "name": _("Name"),
    "phone": _("Phone number"),
    "box": _("Box number"),
    "tag": _("Mark"),
    "day": _("The day it began"),
}
WRONG = {
    "nickname": _("Write one or both words of the nickname."),
    "name": _("Write a name of two letters or more."),
    "phone": _("Write the whole number, all its digits."),
    "box": _("A box number is four signs. Look at them once more."),
    "tag": _("There is no such mark. The marks are: %(marks)s."),
    "day": _("Write the day as 22.11.2026."),
}


class Find(forms.Form):
    """One box, and what is in it."""

    kind = forms.ChoiceField(label=_("Look by"))
    text = forms.CharField(
        label=_("What do you look for?"),
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false", "data-find": ""}),
        error_messages={"required": _("Write what you look for.")},
    )

    def __init__(self, *args: Any, kinds: Iterable[str], **options: Any) -> None:
        """Offer what this person may look by."""
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(kind, KINDS[kind]) for kind in kinds]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the words as what they are said to be, or say how to write them."""
        clean = super().clean() or {}
        kind, text = clean.get("kind", ""), clean.get("text", "")
        if kind and text:
            read = _read(kind, text)
            if not read:
                marks = ", ".join(said(each.label) for each in catalogue.tags())
                self.add_error("text", str(WRONG[kind]) % {"marks": marks or "–"})
            clean["text"] = read
        return clean


def _read(kind: str, text: str) -> str:
    """Give what can be looked for; empty when it is nothing of that kind."""
    if kind == "tag":
        marks = {name.casefold(): each.key for each in catalogue.tags() for name in (each.key, *each.label.values())}
        return marks.get(text.casefold(), "")
    if kind == "day":
        day = rules.typed_day(text, clock.today())
        return day.isoformat() if day else ""
    can = {
        "nickname": casework.nick_words,
        "name": casework.words,
        "phone": casework.digits,
        "box": casework.box_number,
    }
    return text if kind not in can or can[kind](text) else ""
