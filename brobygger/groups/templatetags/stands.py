"""How a seat or a place on the waiting list stands, in words: for pages, and for whoever asks what is held of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.ground import clock
from brobygger.groups.models import Group, Leader, Seat, Waiting
from brobygger.groups.queries import standing_on

STATES = {
    "offered": _("Offered"),
    "taken": _("Has a seat"),
    "paused": _("On a break"),
    "declined": _("Said no thank you"),
    "lapsed": _("Did not answer"),
    "withdrawn": _("Taken back"),
    "left": _("Has left"),
}
LEAVING = {
    "completed": _("They are done"),
    "own_wish": _("They wish to stop"),
    "too_old": _("Too old for the group"),
    "other_group": _("They go on in another group"),
    "moved": _("They have moved"),
    "no_contact": _("We cannot reach them any more"),
    "other": _("For another reason"),
}
OUTCOMES = {
    "seated": _("They got a seat"),
    "withdrawn": _("They did not wish it any more"),
    "other": _("For another reason"),
}
Facts = tuple[tuple[str, str | date], ...]


def facts_of(seat: Seat) -> Facts:
    """Say all that is held of a seat, for whoever it is about."""
    first = seat.starts_with
    held: dict[str, Any] = {
        gettext("Offered"): seat.offered_on,
        gettext("We wait for an answer until"): seat.answer_by,
        gettext("Taken"): seat.taken_on,
        gettext("Begins with the meeting on"): clock.local(first.starts_at).date() if first else None,
        gettext("How it stands"): str(STATES[seat.state]),
        gettext("A break since"): seat.paused_on,
        gettext("A break until"): seat.paused_until,
        gettext("Somebody rang about the meetings missed"): seat.rang_on,
        gettext("Answered with the key"): seat.family_on,
        gettext("Told behind the key"): seat.told_on,
        gettext("To be rung about a change since"): clock.local(seat.ring_since).date() if seat.ring_since else None,
        gettext("Ended"): seat.ended_on,
        gettext("Why it ended"): str(LEAVING[seat.reason]) if seat.reason else None,
    }
    return tuple((label, said) for label, said in held.items() if said)


def facts_of_waiting(row: Waiting) -> Facts:
    """Say since when somebody waits, or waited, until when, and what came of it."""
    held: dict[str, Any] = {
        gettext("From"): row.since,
        gettext("Until"): row.ended_on,
        gettext("Why it ended"): str(OUTCOMES[row.outcome]) if row.outcome else None,
    }
    return tuple((label, said) for label, said in held.items() if said)


#: How long those who should know read on their day what a family has answered itself.
NEWS = timedelta(days=7)


@dataclass(frozen=True)
class Answered:
    """That a family took, declined or gave up a seat with its own key; its nickname is for who has the course."""

    seat: Seat
    nickname: str

    @property
    def what(self) -> str:
        """Say which: "taken", "declined" or "left"."""
        return "taken" if self.seat.state in (Seat.State.TAKEN, Seat.State.PAUSED) else str(self.seat.state)


def answered(viewer: Any) -> list[Answered]:
    """List what families answered themselves in the last days: in courses one has, and in groups one leads today."""
    if not may(viewer, Permission.RUN_GROUPS):
        return []
    courses = casework.whole(viewer)
    leads = Leader.objects.filter(standing_on(clock.today()), user_id=viewer.pk).values("group")
    rows = Seat.objects.filter(Q(member__course__in=courses) | Q(group__in=leads), family_on__gt=clock.today() - NEWS)
    rows = rows.filter(member__erasing=False).exclude(group__state=Group.State.CLOSED)
    listed = rows.select_related("group", "member").order_by("-family_on", "group__name", "pk")
    return [Answered(row, courses.get(row.member.course_id, "")) for row in listed]
