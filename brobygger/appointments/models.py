"""Times offered and times that stand."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate


class WorkingHours(Row):
    """When a member of staff can meet somebody, on one weekday (0 is Monday), at one place, dated."""

    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    place = models.SlugField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    FATES: ClassVar[dict[str, Fate]] = {
        name: Fate.STAFF for name in ("id", "worker", "weekday", "opens", "closes", "place", "valid_from", "valid_to")
    }

    class Meta:
        """An end follows a start."""

        ordering: ClassVar = ["weekday", "opens"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="hours_close_after_they_open"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_on_a_weekday"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="hours_end_after_they_start"
            ),
        ]


class Where(models.TextChoices):
    """Where two people meet."""

    HOUSE = "house"
    HOME = "home"
    PHONE = "phone"
    VIDEO = "video"
    SPARRING = "sparring"


class Proposal(Row):
    """A time offered to one family. It is not held: the first to choose has it."""

    thread = models.ForeignKey("threads.Thread", on_delete=models.CASCADE, related_name="proposals")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    where = models.CharField(max_length=8, choices=Where)
    place = models.SlugField(blank=True)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()

    FATES: ClassVar[dict[str, Fate]] = {
        name: Fate.UNTIL_END for name in ("id", "thread", "worker", "where", "place", "starts_at", "ends_at")
    }

    class Meta:
        """An end follows a start."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="proposal_ends_after_it_starts")
        ]


class Appointment(Row):
    """A time that stands. `room` is a numbered room in the house, so that a room cannot be booked twice either."""

    thread = models.ForeignKey("threads.Thread", on_delete=models.CASCADE, related_name="appointments")
    number = models.CharField(max_length=4)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="appointments")
    where = models.CharField(max_length=8, choices=Where)
    place = models.SlugField(blank=True)
    room = models.PositiveSmallIntegerField(null=True)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)

    FATES: ClassVar[dict[str, Fate]] = {
        name: Fate.UNTIL_END
        for name in ("id", "thread", "number", "worker", "where", "place", "room", "starts_at", "ends_at", "cancelled")
    }

    class Meta:
        """Overlaps are refused by the migration's own constraints (0002)."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_ends_after_it_starts"),
            models.CheckConstraint(
                condition=~Q(where="house") | Q(room__isnull=False), name="a_talk_in_the_house_has_a_room"
            ),
        ]


class Reserved(Row):
    """A room, or somebody's time, that another thing takes: a group's meeting. `of` is that thing's id.

    The database refuses two at once, here and beside the appointments (migration 0004).
    """

    of = models.UUIDField(db_index=True)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="reserved")
    place = models.SlugField(blank=True, default="")
    room = models.PositiveSmallIntegerField(null=True)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(
        ("id", "of", "worker", "place", "room", "starts_at", "ends_at"), Fate.STAFF
    )

    class Meta:
        """Either somebody or a room, for a while."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="reserved_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(worker__isnull=False, room__isnull=True) | Q(worker__isnull=True, room__isnull=False),
                name="reserved_is_somebody_or_a_room",
            ),
        ]


class VisitAddress(Row):
    """Where to go, for a visit at home: under a key of its own, shown on the day, destroyed the day after."""

    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="address")
    key = models.UUIDField()
    sealed = models.BinaryField()

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.DAY_AFTER,
        "appointment": Fate.DAY_AFTER,
        "key": Fate.KEY,
        "sealed": Fate.DAY_AFTER,
    }
