"""How a family's box is told of its seats, and of whose it may speak; and all that is held about one person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brobygger.casework import queries as casework
from brobygger.casework.rules import CHILDREN, may_be_told
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.templatetags.house import said
from brobygger.groups.models import Attendance, Group, Meeting, Seat, Waiting
from brobygger.groups.queries import LIVING
from brobygger.privacy import keyring

from .apart import parted
from .stands import facts_of, facts_of_waiting
from .wishes import said_of

if TYPE_CHECKING:
    from brobygger.casework.models import Member
    from brobygger.threads.models import Thread

#: How many coming meetings a box holds: as many as there are in the three months it lies there.
AHEAD = 6
#: So many seats there is room for in a box.
MOST = 10
State = Seat.State
MARKS = {"here": gettext_lazy("Came"), "said_no": gettext_lazy("Said no"), "absent": gettext_lazy("Did not come")}


def spoken_of(members: "Iterable[Member]") -> dict[UUID, UUID]:
    """Name those of some people a family's box may speak of, each with who has its key.

    Themselves, and the children of a grown-up who has it; but of no child while anybody in the course has an address
    that is kept from who has the key (a child lives where a parent lives), or while they may not be told how it goes.
    """
    listed = [each for each in members if each.course.thread_id is not None]
    there = {person.pk: person for member in listed for person in member.course.members.all()}
    known, hidden = casework.said_of(there.values()), casework.protected(there.values())
    first = {each.course_id: each for each in there.values() if each.position == 0}
    custody = casework.said_of(first.values(), kind="custody")
    found = {}
    for member in listed:
        holder = first.get(member.course_id)
        if holder is None:
            continue
        roles = known.get(holder.pk, {}).get("role"), known.get(member.pk, {}).get("role")
        told = may_be_told(custody.get(holder.pk, {}))
        theirs = roles[0] not in CHILDREN and roles[1] in CHILDREN and told
        kept_from = holder.pk not in hidden and any(each.pk in hidden for each in member.course.members.all())
        if member == holder or (theirs and not kept_from):
            found[member.pk] = holder.pk
    return found


def told_at_home(seats: Iterable[Seat]) -> list[Seat]:
    """Pick the seats a family's box may speak of: see `spoken_of`.

    Where somebody else can be found is never said there. A baby's seat needs its grown-up.
    """
    listed = list(seats)
    may = spoken_of(seat.member for seat in listed)
    found = []
    for seat in listed:
        alone = seat.beside_id is None and seat.group.kind == Group.Kind.PAIR
        if seat.member_id in may and not alone and seat.beside_id in (None, may[seat.member_id]):
            found.append(seat)
    return found


def in_box(thread: "Thread") -> list[dict[str, Any]]:
    """Say which seats a family has, as its box holds it: what, where, when, and the coming meetings."""
    rows = Seat.objects.filter(member__course__thread=thread, state__in=LIVING, member__erasing=False)
    seats = told_at_home(rows.select_related("group", "member__course", "starts_with").order_by("offered_on", "id"))
    known = casework.said_of(seat.member for seat in seats)
    listed = [_as_said(seat, str(known.get(seat.member_id, {}).get("called") or "")) for seat in seats]
    # There is only so much room in a box: an answer to give first, then whoever meets next.
    return sorted(listed, key=lambda each: (each["state"] != State.OFFERED, _next(each)))[:MOST]


def _next(listed: dict[str, Any]) -> str:
    return str(next((each["starts_at"] for each in listed["next"]), "~"))


def away(seat: Seat, coming: list[Meeting]) -> Iterable[UUID]:
    """Name the meetings somebody has said they cannot come to."""
    rows = Attendance.objects.filter(member=seat.member_id, meeting__in=coming, mark=Attendance.Mark.SAID_NO)
    return rows.values_list("meeting_id", flat=True)


def _as_said(seat: Seat, called: str) -> dict[str, Any]:
    ahead = seat.group.meetings.filter(ends_at__gt=clock.now()).exclude(state=Meeting.State.HELD)
    if seat.starts_with is not None:
        # With those called off just before it: they were told perhaps that they begin there.
        living = seat.group.meetings.exclude(state=Meeting.State.CANCELLED)
        before = living.filter(starts_at__lt=seat.starts_with.starts_at).order_by("starts_at").last()
        if seat.starts_with.state == Meeting.State.CANCELLED:
            ahead = ahead.filter(starts_at__gte=seat.starts_with.starts_at)
        elif before is not None:
            ahead = ahead.filter(starts_at__gt=before.starts_at)
    coming = list(ahead.order_by("starts_at")[:AHEAD])
    absent = set(away(seat, coming))
    return {
        "id": str(seat.pk),
        "group": seat.group.name,
        "offer": seat.group.offer,
        "pair": seat.group.kind == Group.Kind.PAIR,
        "state": seat.state,
        "answer_by": seat.answer_by.isoformat() if seat.answer_by else "",
        "until": seat.paused_until.isoformat() if seat.paused_until else "",
        "for": called if seat.member.position else "",
        "next": [
            {
                "id": str(each.pk),
                "starts_at": each.starts_at.isoformat(),
                "ends_at": each.ends_at.isoformat(),
                "place": each.place,
                "cancelled": each.state == Meeting.State.CANCELLED,
                "away": each.pk in absent,
            }
            for each in coming
        ],
    }


@dataclass(frozen=True)
class Known:
    """One thing held about a person and the groups: plain facts, and words somebody wrote down about them."""

    kind: str
    heading: str
    on: date
    facts: tuple[tuple[str, str | date], ...] = ()
    words: str = ""
    ident: UUID | None = None


def everything_about(member: "Member") -> list[Known]:
    """Put together what is held about a person and the groups, oldest first, for who has said that they look."""
    named = {row.key: said(row.name) for row in catalogue.offers()}
    found = []
    for wait in Waiting.objects.filter(member=member).order_by("since", "id"):
        sealed = keyring.place("waiting", wait.pk, "sealed")
        wishes = keyring.open_sealed(member.key, bytes(wait.sealed), context=sealed)
        words = "\n".join(said_of(wishes))
        offer = _("Waiting for %(offer)s") % {"offer": named.get(wait.offer, wait.offer)}
        found.append(Known("waiting", offer, wait.since, facts_of_waiting(wait), words, wait.pk))
    for seat in Seat.objects.filter(Q(member=member) | Q(beside=member)).select_related("group", "starts_with"):
        named_so = _("A seat in %(group)s") % {"group": seat.group.name}
        found.append(Known("seat", named_so, seat.offered_on, facts_of(seat)))
    for row in Attendance.objects.filter(member=member).select_related("meeting__group"):
        fact = ((row.meeting.group.name, str(MARKS[row.mark])),)
        found.append(Known("meeting", "", clock.local(row.meeting.starts_at).date(), fact))
    # Who the other is, and since when, is the other's: whoever weighs the paper decides about the sentence itself.
    for apart in parted([member]):
        there = _("There is somebody you are not placed in a group with.")
        found.append(Known("apart", _("A seat in a group"), apart.said_on, (), there, apart.pk))
    return sorted(found, key=lambda each: each.on)
