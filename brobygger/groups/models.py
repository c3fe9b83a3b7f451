"""Groups as the house runs them: the group and its rule, its dated meetings, who leads, who has a seat, who came."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from brobygger.ground import clock
from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate

from . import rules


class Group(Row):
    """One group: for whom, where, by which rule it meets, and how many there is room for. About no person.

    `rule` is an RFC 5545 recurrence rule without COUNT or UNTIL; how long it runs is `meetings_wanted` or `ends_on`.
    Hours are wall-clock time in Copenhagen, so that a group at four stays at four when the clocks change.
    """

    class Kind(models.TextChoices):
        """Who sits in it. In a pair a grown-up and a baby share one seat."""

        CHILD = "child"
        PAIR = "pair"
        PARENT = "parent"
        CAFE = "cafe"

    class Intake(models.TextChoices):
        """Whether somebody new may begin at any meeting, or only at the first."""

        ROLLING = "rolling"
        FIXED = "fixed"

    class WhenClosed(models.TextChoices):
        """What becomes of a meeting on a day the house is closed: left out, or held a week later."""

        SKIP = "skip"
        WEEK_LATER = "week_later"

    class State(models.TextChoices):
        """Planned groups have dates and take seats; closed ones have neither any more."""

        PLANNED = "planned"
        OPEN = "open"
        CLOSED = "closed"

    name = models.CharField(max_length=80)
    #: The offer of the catalogue it is one of, and where it meets.
    offer = models.SlugField(max_length=40)
    place = models.SlugField(max_length=40)
    room = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.CHILD)
    intake = models.CharField(max_length=7, choices=Intake, default=Intake.ROLLING)
    state = models.CharField(max_length=7, choices=State, default=State.PLANNED)
    rule = models.CharField(max_length=120)
    starts_on = models.DateField()
    begins = models.TimeField()
    ends = models.TimeField()
    meetings_wanted = models.PositiveSmallIntegerField(null=True)
    ends_on = models.DateField(null=True)
    when_closed = models.CharField(max_length=10, choices=WhenClosed, default=WhenClosed.SKIP)
    #: ISO week numbers it does not meet in, beside the house's own closures and public holidays.
    skips_weeks = models.JSONField(default=list)
    seats = models.PositiveSmallIntegerField()
    #: How many may begin at one meeting of a running group, and how few a new one opens with.
    newcomers = models.PositiveSmallIntegerField(default=3)
    smallest = models.PositiveSmallIntegerField(default=4)
    #: Ages in months; the upper one is the first month too old. An older sibling is welcome until `siblings_to`.
    months_from = models.PositiveSmallIntegerField(default=0)
    months_to = models.PositiveSmallIntegerField()
    siblings_to = models.PositiveSmallIntegerField(null=True)
    #: How many talks there are before the first evening.
    talks_before = models.PositiveSmallIntegerField(default=0)
    #: What is spoken in it, as "ar"; empty is Danish.
    language = models.CharField(max_length=3, blank=True, default="")
    #: The group this one meets beside (a parents' group), and at which of its meetings, by number; empty is all.
    beside = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parallels")
    beside_numbers = models.JSONField(default=list)
    leaders_at_once = models.PositiveSmallIntegerField(default=2)
    #: Shown in the public finder.
    public = models.BooleanField(default=True)
    #: Counted up whenever the series changes: the number a calendar compares (RFC 5545, SEQUENCE).
    sequence = models.PositiveIntegerField(default=0)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(
        (
            *("id", "name", "offer", "place", "room", "kind", "intake", "state", "rule", "starts_on", "begins", "ends"),
            *("meetings_wanted", "ends_on", "when_closed", "skips_weeks", "seats", "newcomers", "smallest"),
            *("months_from", "months_to", "siblings_to", "talks_before", "language", "beside"),
            *("beside_numbers", "leaders_at_once", "public", "sequence"),
        ),
        Fate.KEPT,
    )

    class Meta:
        """An end follows a start, and there is room for somebody."""

        ordering: ClassVar = ["place", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="group_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(months_to__gt=F("months_from")), name="group_ages_in_order"),
            models.CheckConstraint(condition=Q(seats__gt=0), name="group_has_a_seat"),
            models.CheckConstraint(condition=Q(leaders_at_once__gt=0), name="group_has_a_leader"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="group_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def root(self) -> UUID:
        """The group that those which meet at the same house and hour are beside; itself when it is beside none."""
        return self.beside_id or self.pk


class Leader(Row):
    """That somebody here leads a group, from a day until a day; `turn` is their place in the rotation."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="leaders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="leads")
    turn = models.PositiveSmallIntegerField(default=0)
    valid_from = models.DateField(default=clock.today)
    valid_to = models.DateField(null=True)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(
        ("id", "group", "user", "turn", "valid_from", "valid_to"), Fate.STAFF
    )

    class Meta:
        """Once at a time, and an end follows a start."""

        ordering: ClassVar = ["turn", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="leader_ends_after_it_began"
            ),
            models.UniqueConstraint(
                fields=["group", "user"], name="leads_a_group_once", condition=Q(valid_to__isnull=True)
            ),
        ]


class Meeting(Row):
    """One dated meeting of a group. `planned_on` is the day the rule gave it, wherever it was moved since."""

    class State(models.TextChoices):
        """Ahead (moved or not), called off, or held: held is what the evening's page has been sent for."""

        PLANNED = "planned"
        CANCELLED = "cancelled"
        HELD = "held"

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="meetings")
    number = models.PositiveSmallIntegerField()
    planned_on = models.DateField()
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    place = models.SlugField(max_length=40)
    room = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.PLANNED)
    #: The meeting of another group it is held beside.
    beside = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="parallels")
    #: Core elements used (catalogue `elements`), and the page the evening was sent from: sent twice, it is one.
    elements = models.JSONField(default=list)
    once = models.UUIDField(null=True, unique=True)
    #: When it was told of first, and when it was last set right.
    held_at = models.DateTimeField(null=True)
    corrected_at = models.DateTimeField(null=True)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(
        (
            *("id", "group", "number", "planned_on", "starts_at", "ends_at", "place", "room", "state", "beside"),
            *("elements", "once", "held_at", "corrected_at"),
        ),
        Fate.KEPT,
    )

    class Meta:
        """One meeting a number and a day; the rooms and people it takes are the appointments' room to guard."""

        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "number"], name="one_meeting_a_number"),
            models.UniqueConstraint(fields=["group", "planned_on"], name="one_meeting_a_day_of_the_rule"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(state="held", held_at__isnull=False) | (~Q(state="held") & Q(held_at__isnull=True)),
                name="a_held_meeting_has_its_hour",
            ),
        ]


class Sentence(Row):
    """One sentence about an evening, under a key of its own; never about one child. The evening stays when it goes."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="sentence")
    key = models.UUIDField()
    sealed = models.BinaryField()

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "meeting", "sealed"), Fate.EVENING),
        "key": Fate.KEY,
    }


class Lead(Row):
    """Who leads one meeting: from the rotation, or standing in for somebody."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="leads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="meetings_led")
    stands_in = models.BooleanField(default=False)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "meeting", "user", "stands_in"), Fate.STAFF)

    class Meta:
        """Once a meeting."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["meeting", "user"], name="leads_a_meeting_once")]


class Waiting(Row):
    """That a person in a course waits for a seat in one kind of group, since when, and what suits them, sealed.

    What suits (places, days, even or odd weeks, siblings together or apart) is under the person's own key.
    """

    class Outcome(models.TextChoices):
        """How the waiting ended."""

        SEATED = "seated"
        WITHDRAWN = "withdrawn"
        OTHER = "other"

    member = models.ForeignKey("casework.Member", on_delete=models.CASCADE, related_name="waits")
    offer = models.SlugField(max_length=40)
    since = models.DateField(default=clock.today, db_index=True)
    sealed = models.BinaryField()
    ended_on = models.DateField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True, default="")
    #: What the family's box was last told of when there may be a seat, as "2027-03 l 261124"; empty when nothing was.
    told_as = models.CharField(max_length=16, blank=True, default="")
    #: Who was who in the family then: as of a seat. It stays when they wait no more: their name lies there still.
    told_who = models.CharField(max_length=16, blank=True, default="")

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "member", "offer", "since", "ended_on", "outcome", "told_as", "told_who"), Fate.COURSE),
        "sealed": Fate.WITH_COURSE,
    }

    class Meta:
        """A person waits once for one thing; it ends with an outcome."""

        ordering: ClassVar = ["since", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member", "offer"], name="waits_once_for_a_thing", condition=Q(ended_on__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, outcome="") | (Q(ended_on__isnull=False) & ~Q(outcome="")),
                name="waiting_ends_with_an_outcome",
            ),
        ]


class Seats(models.QuerySet["Seat"]):
    """Words for sets of seats."""

    def around(self, group: Group) -> "Seats":
        """Those in a group and in all that meet beside it."""
        return self.filter(Q(group=group.root) | Q(group__beside=group.root))


class Seat(Row):
    """A seat in a group for one person in a course, or for a baby and the grown-up `beside` it.

    While it is offered, taken or on pause it has a `chair`: the database gives no chair in a group to two.
    """

    class State(models.TextChoices):
        """Offered until `answer_by`; taken; on pause (the chair is kept); or over, and how it ended."""

        OFFERED = "offered"
        TAKEN = "taken"
        PAUSED = "paused"
        DECLINED = "declined"
        LAPSED = "lapsed"
        WITHDRAWN = "withdrawn"
        LEFT = "left"

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="taken")
    member = models.ForeignKey("casework.Member", on_delete=models.CASCADE, related_name="seats")
    beside = models.ForeignKey("casework.Member", null=True, on_delete=models.SET_NULL, related_name="seats_beside")
    chair = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.OFFERED)
    offered_on = models.DateField(default=clock.today)
    answer_by = models.DateField(null=True)
    #: The first meeting it holds for.
    starts_with = models.ForeignKey(Meeting, null=True, on_delete=models.SET_NULL, related_name="starters")
    taken_on = models.DateField(null=True)
    paused_until = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    reason = models.CharField(max_length=12, choices=[(each, each) for each in rules.LEAVING], blank=True, default="")
    #: The last day somebody rang about missed meetings, so that it is suggested once.
    rang_on = models.DateField(null=True)
    #: The last day the family's box was told of it; empty when it never was, and they must be rung.
    told_on = models.DateField(null=True)
    #: Who was who in the family when it was: told anew when that is otherwise, and so is whom it may be said to.
    told_as = models.CharField(max_length=16, blank=True, default="")
    #: When the break began that it is on, or was on last; and when the family itself last answered with its key.
    paused_on = models.DateField(null=True)
    family_on = models.DateField(null=True)
    #: Since when somebody must ring about a change that no message could carry; empty once they have.
    ring_since = models.DateTimeField(null=True)

    objects = Seats.as_manager()

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(
        (
            *("id", "group", "member", "beside", "chair", "state", "offered_on", "answer_by", "starts_with"),
            *("taken_on", "paused_until", "ended_on", "reason", "rang_on", "told_on", "told_as", "paused_on"),
            *("family_on", "ring_since"),
        ),
        Fate.COURSE,
    )

    class Meta:
        """One living seat a person in a group, one person a chair; a seat that is over has no chair."""

        ordering: ClassVar = ["offered_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "chair"], name="one_a_chair", condition=Q(chair__isnull=False)),
            models.UniqueConstraint(
                fields=["group", "member"], name="one_seat_a_person", condition=Q(chair__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(state__in=["offered", "taken", "paused"], chair__isnull=False, ended_on__isnull=True)
                | Q(state__in=["declined", "lapsed", "withdrawn", "left"], chair__isnull=True, ended_on__isnull=False),
                name="a_living_seat_has_a_chair",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(answer_by__isnull=False), name="an_offer_has_an_answer_day"
            ),
        ]


class Apart(Row):
    """That two people are not placed in the same group: who said so, and when; why is written nowhere.

    Each of them is somebody else's family to the other: what is handed out to one never shows that the other exists.
    """

    one = models.ForeignKey("casework.Member", on_delete=models.CASCADE, related_name="kept_apart")
    other = models.ForeignKey("casework.Member", on_delete=models.CASCADE, related_name="kept_apart_too")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_on = models.DateField(default=clock.today)
    ended_on = models.DateField(null=True)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(
        ("id", "one", "other", "said_by", "said_on", "ended_on"), Fate.COURSE
    )

    class Meta:
        """Two people, once at a time; which of them is `one` says nothing: it is the lower id."""

        ordering: ClassVar = ["said_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="apart_is_two_people_in_order"),
            models.UniqueConstraint(
                fields=["one", "other"], name="kept_apart_once", condition=Q(ended_on__isnull=True)
            ),
        ]


class Attendance(Row):
    """Whether somebody came to a meeting: here, said no beforehand, or did not come. One mark a person a meeting."""

    class Mark(models.TextChoices):
        """What the evening's page says of them; `said_no` may be sent by the family before."""

        HERE = "here"
        SAID_NO = "said_no"
        ABSENT = "absent"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    member = models.ForeignKey("casework.Member", on_delete=models.CASCADE, related_name="attendances")
    mark = models.CharField(max_length=7, choices=Mark)
    marked_at = models.DateTimeField(default=clock.now)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "meeting", "member", "mark", "marked_at"), Fate.COURSE)

    class Meta:
        """Once a meeting."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["meeting", "member"], name="one_mark_a_meeting")]
