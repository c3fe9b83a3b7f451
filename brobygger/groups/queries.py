"""Reading about groups: begins with the viewer. A group shows no person; its roster and its evening ask for more."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.series import rules as series

from . import rules
from .models import Attendance, Group, Lead, Leader, Meeting, Seat, Waiting

if TYPE_CHECKING:
    from brobygger.casework.models import Member


@dataclass(frozen=True)
class HeldGroup:
    """A group somebody may see, and how much of it."""

    group: Group
    sight: rules.Sight


@dataclass(frozen=True)
class Listed:
    """A group in a list: its next meeting, its free seats, who leads it, and in which weeks it meets."""

    group: Group
    sight: rules.Sight
    next: Meeting | None
    taken: int
    leaders: tuple[Any, ...]
    parity: series.Parity
    meetings: list[Meeting] = field(default_factory=list)

    @property
    def free(self) -> int:
        """How many seats nobody has, and nobody is offered."""
        return max(0, self.group.seats - self.taken)


def standing_on(on: date) -> Q:
    """Say which leaders lead on a day."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def _sight(viewer: Any, *, leads: bool) -> rules.Sight:
    arranges = may(viewer, Permission.ARRANGE_GROUPS)
    runs = leads and may(viewer, Permission.RUN_GROUPS)
    sees = runs or arranges or may(viewer, Permission.SEE_GROUPS)
    return rules.Sight(group=sees, roster=runs or arranges, run=runs, arrange=arranges)


def leads_today(viewer: Any, group: Group) -> bool:
    """Tell whether somebody is one of a group's leaders today."""
    return Leader.objects.filter(standing_on(clock.today()), group=group, user_id=viewer.pk).exists()


def get_group(viewer: Any, ident: UUID) -> HeldGroup | None:
    """Fetch a group somebody may see anything of, and how much; None when there is none for them."""
    group = Group.objects.select_related("beside").filter(pk=ident).first()
    if group is None:
        return None
    sight = _sight(viewer, leads=leads_today(viewer, group))
    return HeldGroup(group, sight) if sight.group else None


#: How far into the next day who stood in may still send the page they had open.
UNTIL_NOON = timedelta(hours=12)


def get_meeting(viewer: Any, ident: UUID, *, opened: bool = False) -> tuple[HeldGroup, Meeting] | None:
    """Fetch one meeting and how much somebody may see of it; None when there is none for them.

    Who stands in has that evening, from midnight to midnight, and nothing else of the group; who `opened` its page
    that day may send it until the next noon.
    """
    meeting = Meeting.objects.select_related("group", "group__beside").filter(pk=ident).first()
    if meeting is None:
        return None
    leads = leads_today(viewer, meeting.group)
    now = clock.local(clock.now())
    if not leads and clock.local(meeting.starts_at).date() in {now.date(), (now - UNTIL_NOON * opened).date()}:
        leads = Lead.objects.filter(meeting=meeting, user_id=viewer.pk).exists()
    sight = _sight(viewer, leads=leads)
    return (HeldGroup(meeting.group, sight), meeting) if sight.group else None


def groups(viewer: Any, *, closed: bool = False) -> list[Listed]:
    """List the groups that run or are planned, or those that are closed, for who may see groups; by place and name."""
    if not may(viewer, Permission.SEE_GROUPS):
        return []
    states = [Group.State.CLOSED] if closed else [Group.State.PLANNED, Group.State.OPEN]
    return [listed(viewer, each) for each in _with_all(Group.objects.filter(state__in=states))]


def _with_all(rows: QuerySet[Group]) -> QuerySet[Group]:
    """Fetch groups with what a list says of them, in few questions."""
    ahead = Meeting.objects.filter(ends_at__gt=clock.now()).order_by("starts_at")
    leaders = Leader.objects.filter(standing_on(clock.today())).select_related("user")
    rows = rows.annotate(chairs_taken=Count("taken", filter=Q(taken__chair__isnull=False)))
    return rows.select_related("beside").prefetch_related(
        Prefetch("meetings", queryset=ahead, to_attr="ahead"), Prefetch("leaders", queryset=leaders, to_attr="leading")
    )


def listed(viewer: Any, group: Group) -> Listed:
    """Say of one group what a list says of it."""
    row: Any = group if hasattr(group, "ahead") else _with_all(Group.objects.filter(pk=group.pk)).get()
    living = [each for each in row.ahead if each.state != Meeting.State.CANCELLED]
    leaders = tuple(each.user for each in row.leading)
    return Listed(
        group=group,
        sight=_sight(viewer, leads=any(each.pk == viewer.pk for each in leaders)),
        next=living[0] if living else None,
        taken=row.chairs_taken,
        leaders=leaders,
        parity=series.parity(each.planned_on for each in living),
        meetings=row.ahead,
    )


def meetings(group: Group, *, ahead: bool = True) -> list[Meeting]:
    """List a group's meetings in order, with who leads each: those ahead, or those that are over, newest first."""
    rows = _led(Meeting.objects.filter(group=group))
    if ahead:
        return list(rows.filter(ends_at__gt=clock.now()).order_by("starts_at"))
    return list(rows.filter(ends_at__lte=clock.now()).order_by("-starts_at"))


def _led(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    leads = Lead.objects.select_related("user").order_by("stands_in", "user__first_name")
    return rows.select_related("group").prefetch_related(Prefetch("leads", queryset=leads))


def between(
    viewer: Any, first: date, last: date, *, place: str = "", group: Group | None = None, own: bool = False
) -> list[Meeting]:
    """List the meetings from one day to another, both included, in order of the clock; `own` are those one leads."""
    if not may(viewer, Permission.SEE_GROUPS):
        return []
    rows = Meeting.objects.filter(starts_at__gte=_midnight(first), starts_at__lt=_midnight(last + timedelta(days=1)))
    if place:
        rows = rows.filter(place=place)
    if group is not None:
        rows = rows.filter(group=group)
    if own:
        rows = rows.filter(leads__user_id=viewer.pk)
    return list(_led(rows).order_by("starts_at", "place", "room"))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.TZ)


def mine(viewer: Any, on: date) -> list[Meeting]:
    """List the meetings somebody leads on a day, those they stand in for included; called-off ones are left out."""
    rows = between(viewer, on, on, own=True)
    return [each for each in rows if each.state != Meeting.State.CANCELLED]


def plan(group: Group) -> series.Plan:
    """Give a group's rule as plain values."""
    later = group.when_closed == Group.WhenClosed.WEEK_LATER
    return series.Plan(group.rule, group.starts_on, later, group.meetings_wanted, group.ends_on)


def dated(rows: Iterable[Meeting]) -> list[series.Held]:
    """Give meetings as plain values, for a calendar; the place is its key."""
    return [
        series.Held(str(each.pk), each.planned_on, each.starts_at, each.ends_at, each.place, each.state == "cancelled")
        for each in rows
    ]


def on_closed_days(viewer: Any) -> list[Meeting]:
    """List the meetings ahead that lie on a day the house has closed since they were dated: somebody must decide."""
    if not may(viewer, Permission.ARRANGE_GROUPS):
        return []
    rows = list(_led(Meeting.objects.filter(starts_at__gt=clock.now(), state=Meeting.State.PLANNED)))
    if not rows:
        return []
    held = {each.pk: clock.local(each.starts_at).date() for each in rows}
    closed = days_off(min(held.values()), max(held.values()), frozenset())
    return [each for each in rows if held[each.pk] in closed]


def days_off(first: date, last: date, weeks: Iterable[int]) -> frozenset[date]:
    """Name the days on which a group does not meet: the house's, and those in the group's own weeks off."""
    own = set(weeks)
    every = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return catalogue.days_without_groups(first, last) | {day for day in every if day.isocalendar().week in own}


# ---- Seats ----

#: A seat that has a chair.
LIVING = (Seat.State.OFFERED, Seat.State.TAKEN, Seat.State.PAUSED)


def seated(group: Group) -> QuerySet[Seat]:
    """Say which seats have a chair: offered, taken or on pause, of people who are not being erased."""
    return Seat.objects.filter(group=group, state__in=LIVING, member__erasing=False).order_by("chair")


def chairs(group: Group) -> list[int]:
    """Number the free chairs of a group."""
    taken = set(Seat.objects.filter(group=group, chair__isnull=False).values_list("chair", flat=True))
    free = [number for number in range(1, group.seats + 1) if number not in taken]
    # A group that was made smaller has people on chairs behind its last one.
    return free[: max(0, group.seats - len(taken))]


def beginners(group: Group, seats: Iterable[Seat]) -> dict[UUID, set[UUID]]:
    """Say by meeting whose first one it is, of some seats: where it was called off, the next that was not."""
    living = group.meetings.exclude(state=Meeting.State.CANCELLED).order_by("starts_at")
    meetings = list(living.values_list("pk", "starts_at"))
    found: dict[UUID, set[UUID]] = {}
    for seat in seats:
        first = seat.starts_with.starts_at if seat.starts_with else None
        begins = next((pk for pk, at in meetings if first and at >= first), None)
        if begins:
            found.setdefault(begins, set()).add(seat.pk)
    return found


def opening(group: Group) -> Meeting | None:
    """Find the first meeting of a group that was not called off."""
    return group.meetings.exclude(state=Meeting.State.CANCELLED).order_by("starts_at").first()


def starts(group: Group, *besides: Seat | None) -> tuple[list[Meeting], list[Meeting]]:
    """List the coming meetings at which somebody new may begin, and all that come; some seats may be left out.

    The first evening of a new group has room for everybody; a fixed one takes nobody new later.
    """
    ahead = group.meetings.filter(state=Meeting.State.PLANNED, starts_at__gt=clock.now())
    coming = list(ahead.order_by("starts_at")[:26])
    first = opening(group)
    new = beginners(group, [each for each in seated(group).select_related("starts_with") if each not in besides])
    room = [each for each in coming if each == first or len(new.get(each.pk, ())) < group.newcomers]
    if group.intake == Group.Intake.FIXED and first in coming:
        room = [first]
    return room, coming


def unheard(group: Group | None = None) -> QuerySet[Seat]:
    """Say of which seats somebody must ring about a change, everywhere or in a group and those beside it."""
    # Who left before has nothing to be told; who left because the group is closed has.
    ended = Q(group__state=Group.State.CLOSED) & (Q(reason="completed") | Q(state=Seat.State.LAPSED))
    rows = Seat.objects.filter(Q(chair__isnull=False) | ended, ring_since__isnull=False, member__erasing=False)
    return (rows if group is None else rows.around(group)).order_by("ring_since")


def get_seat(viewer: Any, ident: UUID) -> Seat | None:
    """Fetch a seat for who has the course, leads the group today or arranges groups; None when there is none for them.

    What is over is only for who has the course.
    """
    rows = Seat.objects.select_related("group", "member__course__thread", "beside", "starts_with")
    seat = rows.filter(pk=ident, member__erasing=False).first()
    if seat is None:
        return None
    if has_whole(viewer, seat.member):
        return seat
    held = get_group(viewer, seat.group_id)
    return seat if held is not None and held.sight.roster and seat.state in LIVING else None


def has_whole(viewer: Any, member: "Member") -> bool:
    """Tell whether somebody has the course of a person today, and runs groups."""
    held = casework.get_course(viewer, member.course_id)
    return held is not None and held.sight.write and may(viewer, Permission.RUN_GROUPS)


def may_offer(viewer: Any, member: "Member", offer: str = "") -> bool:
    """Tell whether somebody may offer a seat: in courses they have; who arranges groups, to those who wait."""
    if has_whole(viewer, member):
        return True
    waits = Waiting.objects.filter(member=member, ended_on=None, member__course__state="open")
    waits = waits.filter(offer=offer) if offer else waits
    return may(viewer, Permission.ARRANGE_GROUPS) and waits.exists()


# ---- The evening ----

#: Whoever has sat in a group, now or before.
SAT = (Seat.State.TAKEN, Seat.State.PAUSED, Seat.State.LEFT)


@dataclass(frozen=True)
class Tonight:
    """An evening somebody runs today, and how many are expected."""

    meeting: Meeting
    expected: int
    stands_in: bool


@dataclass(frozen=True)
class Missed:
    """Somebody in a course the viewer has, who did not come so many times in a row, without a word."""

    seat: Seat
    nickname: str
    times: int


def seats_of(meeting: Meeting, *, leaving: bool = False) -> list[Seat]:
    """List the seats an evening is for: begun by then and not left, or marked; for a deed that knows who runs it.

    With `leaving`, those who left that very day too.
    """
    day = clock.local(meeting.starts_at).date()
    begun = Q(starts_with=None) | Q(starts_with__starts_at__lte=meeting.starts_at)
    begun &= Q(taken_on=None) | Q(taken_on__lte=day)
    last = day if leaving else day + timedelta(days=1)
    sitting = Q(state__in=(Seat.State.TAKEN, Seat.State.PAUSED)) | Q(state=Seat.State.LEFT, ended_on__gte=last)
    marked = Q(member__in=Attendance.objects.filter(meeting=meeting).values("member"), state__in=SAT)
    rows = Seat.objects.filter((begun & sitting) | marked, group=meeting.group_id)
    rows = rows.select_related("group", "member", "starts_with")
    # Left and taken again: the one that lives.
    return list({row.member_id: row for row in sorted(rows, key=lambda each: each.chair is not None)}.values())


def marks_of(meeting: Meeting) -> list[Attendance]:
    """List what is written of who came to a meeting; for a deed that knows who runs it."""
    return list(Attendance.objects.filter(meeting=meeting))


def seated_among(meeting: Meeting, people: Iterable[UUID]) -> dict[UUID, UUID]:
    """Name those of some people an evening is for, each with their course; the others are nobody there."""
    seats, asked = seats_of(meeting, leaving=True), set(people)
    return {row.member_id: row.member.course_id for row in seats if row.member_id in asked and not row.member.erasing}


def courses_among(members: Iterable[UUID]) -> set[UUID]:
    """Name the courses some people who have a seat are in."""
    return set(Seat.objects.filter(member__in=list(members)).values_list("member__course_id", flat=True))


def missed_in(seats: Iterable[Seat]) -> dict[UUID, int]:
    """Count, by seat, how many times in a row somebody did not come without a word, where it is time to call."""
    sitting = [each for each in seats if each.state == Seat.State.TAKEN]
    rows = Attendance.objects.filter(
        meeting__state=Meeting.State.HELD,
        meeting__group__in={each.group_id for each in sitting},
        member__in=[each.member_id for each in sitting],
    )
    marks: dict[tuple[UUID, UUID], list[tuple[date, str]]] = {}
    for group, member, at, mark in rows.values_list("meeting__group", "member", "meeting__starts_at", "mark"):
        marks.setdefault((group, member), []).append((clock.local(at).date(), mark))
    counted = {each.pk: rules.missed(marks.get((each.group_id, each.member_id), ()), each.rang_on) for each in sitting}
    return {ident: times for ident, times in counted.items() if times >= rules.TIMES_MISSED}


def get_seat_to_ring(viewer: Any, ident: UUID) -> Seat | None:
    """Fetch a seat whose person the viewer may be asked to ring: they lead the group, or have the course."""
    seat = Seat.objects.filter(pk=ident).select_related("member").first()
    if seat is None:
        return None
    held, course = get_group(viewer, seat.group_id), casework.get_course(viewer, seat.member.course_id)
    return seat if (held and held.sight.run) or (course and course.sight.write) else None


def tonight(viewer: Any) -> list[Tonight]:
    """List the evenings somebody runs today, first to begin first."""
    if not may(viewer, Permission.RUN_GROUPS):
        return []
    begins = datetime.combine(clock.today(), time(), clock.TZ)
    rows = Meeting.objects.filter(starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1))
    rows = rows.filter(Q(leads__user_id=viewer.pk) | Q(group__leaders__user_id=viewer.pk))
    found = []
    for row in rows.exclude(state=Meeting.State.CANCELLED).select_related("group").distinct():
        turn = list(Lead.objects.filter(meeting=row))
        mine = [each for each in turn if each.user_id == viewer.pk]
        held = get_meeting(viewer, row.pk)
        if held and held[0].sight.run and (mine or not turn):
            expected = sum(each.state == Seat.State.TAKEN for each in seats_of(row))
            found.append(Tonight(row, expected, any(each.stands_in for each in mine)))
    return found


def to_ring(viewer: Any) -> list[Missed]:
    """List those in the viewer's own courses who did not come so often in a row that a call would be good."""
    courses = casework.whole(viewer)
    taken = Seat.objects.filter(state=Seat.State.TAKEN, member__course__in=courses, group__state=Group.State.OPEN)
    seats = {row.pk: row for row in taken.select_related("group", "member").order_by("group__name", "pk")}
    times = missed_in(seats.values())
    return [Missed(row, courses[row.member.course_id], times[pk]) for pk, row in seats.items() if pk in times]
