"""What a page of notes gathers: the notes, the one being written, and why it was not taken."""

from typing import Any
from uuid import uuid4

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brobygger.access.guards import NotAllowed
from brobygger.casework import notes, record, rules
from brobygger.casework.forms import Writing
from brobygger.casework.queries import Held, Person

from .courses import who

register = template.Library()
#: What stopped a note; the words are still on the page.
UNWRITTEN: dict[type[Exception], Any] = {
    notes.NothingWritten: _("Write a few words first."),
    notes.SentBefore: _(
        "The note from this page was written already, with other words. What stands here now becomes a note of its own."
    ),
    record.CourseIsClosed: _(
        "The course has ended, so nothing more is written in it. Copy your words if you need them."
    ),
}
#: What stopped a draft.
UNKEPT: dict[type[Exception], Any] = {
    record.SomethingNew: _(
        "Not saved: this draft has been written further in another place. Reload the page, and you see both."
    ),
    record.CourseIsClosed: UNWRITTEN[record.CourseIsClosed],
}
TOO_LONG = _("Not saved: this is longer than a note can be. Send some of it first.")


def address(kind: str, member: Any) -> str:
    """Find the page of somebody's notes, or of a child's own talks."""
    ids = {"course": member.course_id, "member": member.pk}
    return reverse("casework:own_talks" if kind == notes.OWN_TALKS else "casework:notes", kwargs=ids)


def _begin(desk: notes.Desk) -> Writing:
    """Lay a sheet out: the draft that is begun, the note to be corrected as it stands, or an empty one."""
    if desk.draft:
        seen = desk.draft.saved_at.isoformat()
        told = {"text": desk.draft.text, "once": desk.draft.once, "corrects": desk.draft.corrects, "seen": seen}
    elif desk.original:
        newest = desk.original.corrections[-1] if desk.original.corrections else desk.original
        told = {"text": newest.text, "once": uuid4(), "corrects": desk.original.ident}
    else:
        told = {"once": uuid4()}
    return Writing(initial={**told, "page": uuid4()})


def laid_out(
    held: Held, desk: notes.Desk, person: Person | None, kind: str, form: Writing | None, seat: str
) -> dict[str, Any]:
    """Gather the page. Raises `NotAllowed` for the own talks of somebody who is no child and has had none."""
    own = kind == notes.OWN_TALKS
    child = person is not None and person.role in rules.CHILDREN
    if person is None or (own and not child and not desk.notes):
        raise NotAllowed("open_course")
    form = form or _begin(desk)
    return {
        "held": held,
        "member": person.member,
        "who": who(person),
        "kind": kind,
        "own": own,
        "own_talks": held.sight.own_talks and child,
        "notes": desk.notes,
        "begun": desk.begun,
        "draft": desk.draft,
        "original": desk.original,
        "form": form,
        "place": f"{person.member.pk}:{kind}:{form['corrects'].value() or ''}",
        "saved": desk.draft.saved_at.isoformat() if desk.draft and not form.is_bound else "",
        "device_key": notes.device_key(seat),
    }
