"""What somebody answered, question by question, as it stands in the paper they are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brobygger.ground.templatetags.house import said
from brobygger.outcomes import instruments, queries

if TYPE_CHECKING:
    from brobygger.casework.models import Member

NOT_SAID = {"skipped": gettext_lazy("Did not want to say"), "empty": gettext_lazy("Nothing was chosen")}


@dataclass(frozen=True)
class Held:
    """One sheet in words: when, whether the person answered themselves, and every question with its answer."""

    ident: UUID
    title: str
    on: date
    own: bool
    said: tuple[tuple[str, str], ...]
    #: It was set right afterwards: what stood there before is kept beside it.
    before: tuple[tuple[str, str], ...] = ()


def answer(item: instruments.Item, value: int | str) -> str:
    """Say one answer in words; a number alone where the choice has none."""
    if isinstance(value, str):
        return str(NOT_SAID[value])
    words = dict(item.choices).get(value)
    if words is None:
        return str(value)
    return f"{value}: {said(words)}" if item.scale else str(said(words))


def _lines(form: instruments.Instrument, body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    lines = [(str(said(item.text)), answer(item, body["answers"].get(item.ident, "empty"))) for item in form.items]
    counted = [(_("Counted together"), f"{body['score']} / {form.top}")] if body["score"] is not None else []
    return (*lines, *counted)


def everything_about(member: "Member") -> list[Held]:
    """Put together what was answered about a person, oldest first, for who has said that they look."""
    found = []
    for row, body in queries.opened(queries.sheets_of(member)):
        form = instruments.get(row.instrument, row.version)
        if form is None:
            continue
        before = tuple(line for each in body["corrections"] for line in _lines(form, each))
        own = row.round.by_id == member.pk
        found.append(Held(row.pk, str(said(form.title)), row.answered_on, own, _lines(form, body), before))
    return found
