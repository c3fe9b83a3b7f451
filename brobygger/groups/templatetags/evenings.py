"""The page of an evening: what it sends, a row a person with what was chosen, and what a colleague wrote meanwhile."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms, template
from django.http import QueryDict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from brobygger.casework import notes
from brobygger.catalogue import queries as catalogue
from brobygger.groups import evening as sittings
from brobygger.groups import rules

register = template.Library()
MARKS = {rules.HERE: _("Here"), rules.SAID_NO: _("Said no"), rules.ABSENT: _("Did not come")}
#: Of somebody on pause: nothing is said of them, unless they came.
AWAY = {rules.NO_MARK: _("Not here"), rules.HERE: _("Came anyway")}


class Telling(forms.Form):
    """An evening as it is told of, beside what stood there when the page was opened."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    sentence = forms.CharField(
        label=_("One sentence about the evening"),
        max_length=600,
        required=False,
        error_messages={"max_length": _("One sentence, so at most %(limit_value)d letters.")},
    )
    sentence_was = forms.CharField(required=False, strip=False)

    def _named(self, before: str) -> dict[UUID, str]:
        """Read what is said of each person under names such as "mark-<id>"; what is nobody's is left out."""
        found = {}
        for name in self.data:
            if name.startswith(before):
                with suppress(ValueError):
                    found[UUID(name.removeprefix(before))] = str(self.data[name])
        return found

    @property
    def marks(self) -> dict[UUID, str]:
        """Read the marks that were chosen."""
        return {who: mark for who, mark in self._named("mark-").items() if mark in (*rules.MARKS, rules.NO_MARK)}

    @property
    def elements(self) -> list[str]:
        """Read the elements that were tapped, of the house's own."""
        sent = self.data.getlist("used") if isinstance(self.data, QueryDict) else []
        return [each.key for each in catalogue.elements() if each.key in sent]

    @property
    def seen(self) -> rules.Said:
        """Read what stood there when the page was opened; an element the house has let go of could not be untapped."""
        marks = {who: mark for who, mark in self._named("was-").items() if mark in rules.MARKS}
        offered = {each.key for each in catalogue.elements()}
        elements = frozenset(str(self.data.get("used_was", "")).split()) & offered
        return rules.Said(marks, elements, str(self.data.get("sentence_was", "")).replace("\r\n", "\n"))

    def clean(self) -> dict[str, Any]:
        """See that somebody is marked, where anybody was expected."""
        clean = super().clean() or {}
        if self._named("was-") and not set(self.marks.values()) - {rules.NO_MARK} and "rest" not in self.data:
            raise forms.ValidationError(_("Nobody is marked yet. Press “The others are here”, or mark each of them."))
        return clean

    def told(self) -> dict[str, Any]:
        """Give it as the deed takes it."""
        clean = self.cleaned_data
        return {
            "marks": self.marks,
            "elements": self.elements,
            "sentence": clean["sentence"].replace("\r\n", "\n"),
            "once": clean["once"],
            "seen": self.seen,
        }


def stamp(user: Any, meeting: UUID) -> str:
    """Make what the page of an evening carries, so that the house knows who had it open."""
    return salted_hmac("groups.evening", f"{user.pk} {meeting}", algorithm="sha256").hexdigest()


@dataclass(frozen=True)
class Line:
    """One person on the page: what is chosen, what stood there when it was opened, and what stands there now."""

    guest: sittings.Guest
    mark: str
    was: str
    #: What somebody else wrote meanwhile, to choose between.
    theirs: str = ""

    @property
    def choices(self) -> list[tuple[str, Any]]:
        """Give the marks to choose from."""
        return list((AWAY if self.paused else MARKS).items())

    @property
    def paused(self) -> bool:
        """Tell whether they are on pause."""
        return self.guest.paused


@register.filter
def mark(value: str) -> Any:
    """Say a mark."""
    return MARKS.get(value, _("Nothing said"))


def _line(guest: sittings.Guest, form: Telling, differ: sittings.SomethingNew | None) -> Line:
    none = rules.NO_MARK if guest.paused else ""
    if not form.is_bound:
        return Line(guest, guest.mark or none, guest.mark)
    rest = rules.HERE if "rest" in form.data and not guest.paused else none
    chosen = form.marks.get(guest.ident) or guest.mark or rest
    if differ is None:
        return Line(guest, chosen, form.seen.marks.get(guest.ident, ""))
    there = differ.there.marks.get(guest.ident, "")
    return Line(guest, chosen, there, there or rules.NO_MARK if guest.ident in differ.met.differ else "")


def _sentence(evening: sittings.Evening, form: Telling, differ: sittings.SomethingNew | None) -> dict[str, str]:
    """Say what stands in the box, what stood there before, and what a colleague wrote beside it."""
    if not form.is_bound:
        return {"sentence": evening.said.sentence, "sentence_was": evening.said.sentence}
    mine = str(form["sentence"].value() or "")
    if differ is None:
        return {"sentence": mine, "sentence_was": form.seen.sentence}
    theirs = differ.there.sentence
    if not differ.met.two_sentences:
        return {"sentence": differ.met.said.sentence, "sentence_was": theirs}
    # Both stand in the box, so that none is lost by being quick.
    both = " ".join(filter(None, (theirs, mine.strip())))
    return {"sentence": both if len(both) <= 600 else mine, "sentence_was": theirs, "their_sentence": theirs}


def laid_out(
    evening: sittings.Evening, form: Telling, differ: sittings.SomethingNew | None = None, seat: str = ""
) -> dict[str, Any]:
    """Gather the page."""
    seen = form.seen.elements if form.is_bound else evening.said.elements
    used = frozenset(form.elements) if form.is_bound else evening.said.elements
    if differ:
        seen, used = differ.there.elements, differ.met.said.elements
    lines = [_line(guest, form, differ) for guest in evening.guests]
    away = [_line(guest, form, differ) for guest in evening.paused]
    counts = Counter(line.mark for line in [*lines, *away])
    return {
        "evening": evening,
        "meeting": evening.meeting,
        "form": form,
        "lines": lines,
        "away": away,
        "differ": [line.guest for line in [*lines, *away] if line.theirs],
        "used": used,
        "elements": catalogue.elements(),
        "elements_were": " ".join(sorted(seen)),
        "counts": [(key, label, counts[key]) for key, label in MARKS.items()],
        "unmarked": sum(not line.mark for line in lines),
        "device_key": notes.device_key(seat),
        **_sentence(evening, form, differ),
    }
