"""The worklist's rows while a thread lives, and the count that is left when it has ended."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate


class Enquiry(Row):
    """A family that waits for us, or whom we have answered. Both times are emptied by the answer."""

    thread = models.OneToOneField("threads.Thread", on_delete=models.CASCADE, related_name="enquiry")
    arrived_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered = models.BooleanField(default=False)
    promise_kept = models.BooleanField(null=True)
    #: A first talk has been offered: times to choose from, or one agreed on the phone.
    offered = models.BooleanField(default=False)
    #: The thread's own week, so that a quarter's promises are counted from one index.
    week = models.CharField(max_length=8, blank=True, default="")

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.UNTIL_END,
        "thread": Fate.UNTIL_END,
        "arrived_at": Fate.EMPTIED,
        "due_at": Fate.EMPTIED,
        "taken_by": Fate.UNTIL_END,
        "answered": Fate.UNTIL_END,
        "promise_kept": Fate.COUNTED,
        "offered": Fate.UNTIL_END,
        "week": Fate.COUNTED,
    }

    class Meta:
        """A worklist of any length is read from the front of an index."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(due_at__isnull=True, arrived_at__isnull=True) | Q(due_at__gte=F("arrived_at")),
                name="enquiry_due_after_it_arrived",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="waiting", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["due_at"], name="waiting_untaken", condition=Q(due_at__isnull=False, taken_by__isnull=True)
            ),
            models.Index(fields=["taken_by", "due_at"], name="taken_waiting", condition=Q(due_at__isnull=False)),
            models.Index(fields=["taken_by", "id"], name="taken_answered", condition=Q(due_at__isnull=True)),
            models.Index(fields=["arrived_at"], name="waiting_longest", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["week", "promise_kept"], name="promises_by_week", condition=Q(promise_kept__isnull=False)
            ),
        ]


class Tally(models.Model):
    """How many threads of one kind ended in one week's letters. No row about anybody."""

    week = models.CharField(max_length=8)
    channel = models.CharField(max_length=12)
    door = models.CharField(max_length=12)
    theme = models.CharField(max_length=40, blank=True)
    age_band = models.CharField(max_length=20, blank=True)
    promise = models.CharField(max_length=4)  # kept, not, none
    outcome = models.CharField(max_length=20)
    #: Of a professional who asked for advice or sent a family on; empty for everybody else.
    profession = models.CharField(max_length=40, blank=True)
    count = models.PositiveIntegerField(default=0)

    FATES: ClassVar[dict[str, Fate]] = {
        name: Fate.COUNTED
        for name in (
            *("id", "week", "channel", "door", "theme", "age_band", "promise", "outcome", "profession", "count"),
        )
    }

    class Meta:
        """One row a kind."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["week", "channel", "door", "theme", "age_band", "promise", "outcome", "profession"],
                name="one_tally_a_kind",
            )
        ]


class Signpost(models.Model):
    """How often we helped somebody on to a place, in a week. No row about anybody."""

    week = models.CharField(max_length=8)
    to = models.CharField(max_length=80)
    count = models.PositiveIntegerField(default=0)

    FATES: ClassVar[dict[str, Fate]] = {name: Fate.COUNTED for name in ("id", "week", "to", "count")}

    class Meta:
        """One row a week and place."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["week", "to"], name="one_signpost_a_week_and_place")]


class CallLine(Row):
    """That a line typed during a call was counted, and where: so that two presses count once, and it can be undone.

    Says nothing of the call or who rang. Its number is made from the page it was typed on; gone within two days.
    """

    tally = models.ForeignKey(Tally, null=True, on_delete=models.SET_NULL, related_name="+")
    signpost = models.ForeignKey(Signpost, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_back = models.BooleanField(default=False)
    made_on = models.DateField(db_index=True)

    FATES: ClassVar[dict[str, Fate]] = {
        name: Fate.PASSING for name in ("id", "tally", "signpost", "taken_back", "made_on")
    }
