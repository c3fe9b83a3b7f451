"""What a person asked of us, what was held back, why a record must not end yet, and what went to a municipality."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from brobygger.ground import clock
from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate


class LegalHold(Row):
    """Why a course is not to end with its period: supervision, a complaint, the archive."""

    class Reason(models.TextChoices):
        """What it waits for."""

        SUPERVISION = "supervision"
        COMPLAINT = "complaint"
        ARCHIVE = "archive"
        OTHER = "other"

    course = models.ForeignKey("casework.Course", on_delete=models.CASCADE, related_name="holds")
    reason = models.CharField(max_length=11, choices=Reason)
    #: Why, in words, under the course's key.
    sealed = models.BinaryField()
    placed_on = models.DateField(default=clock.today)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_on = models.DateField(null=True)

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "course", "reason", "placed_on", "placed_by", "lifted_on"), Fate.COURSE),
        "sealed": Fate.WITH_COURSE,
    }

    class Meta:
        """It is lifted after it was placed."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True) | Q(lifted_on__gte=F("placed_on")), name="hold_lifted_after_placed"
            )
        ]


class SubjectRequest(Row):
    """Something a person asked of us about themselves: to see it, to have it set right, to have it gone."""

    class Kind(models.TextChoices):
        """What is asked."""

        ACCESS = "access"
        CORRECTION = "correction"
        ERASURE = "erasure"

    class State(models.TextChoices):
        """How far it has come."""

        RECEIVED = "received"
        READY = "ready"
        DONE = "done"
        REFUSED = "refused"

    course = models.ForeignKey("casework.Course", on_delete=models.CASCADE, related_name="requests")
    #: Whose data it is about.
    member = models.ForeignKey("casework.Member", on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.RECEIVED)
    asked_on = models.DateField(default=clock.today)
    #: Within a month (GDPR article 12(3)).
    due_on = models.DateField()
    #: The professional who weighs what is held back.
    weighs = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(null=True)
    #: Who asks, by what right, how it came, what was decided and why; under the person's key.
    sealed = models.BinaryField()

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(
            ("id", "course", "member", "kind", "state", "asked_on", "due_on", "weighs", "closed_on"), Fate.COURSE
        ),
        "sealed": Fate.WITH_COURSE,
    }


class Withholding(Row):
    """That something in one note or part is held back from one request: which sentences, and why."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.CASCADE, related_name="withholdings")
    item = models.UUIDField()
    sealed = models.BinaryField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=clock.now)

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "request", "item", "decided_by", "decided_at"), Fate.COURSE),
        "sealed": Fate.WITH_COURSE,
    }

    class Meta:
        """Decided once an item; decided anew, it takes the old one's place."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "item"], name="one_withholding_an_item")]


class HandOver(Row):
    """That a course went on to a municipality's own record system: when, to whom, under which KLE number. No copy."""

    course = models.OneToOneField("casework.Course", on_delete=models.CASCADE, related_name="handed_over")
    municipality = models.CharField(max_length=4)
    kle = models.CharField(max_length=20)
    on = models.DateField(default=clock.today)
    #: The hash of what was handed over, so that the receiver's copy can be recognised.
    digest = models.CharField(max_length=64)
    #: On what ground (a consent, a law), and who took it, under the course's key.
    sealed = models.BinaryField()

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "course", "municipality", "kle", "on", "digest"), Fate.COURSE),
        "sealed": Fate.WITH_COURSE,
    }
