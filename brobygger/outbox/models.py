"""What is on its way to one person by text message or mail. The number is not here, and no word of any letter."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate


class Notice(Row):
    """One neutral message to a family, or to somebody who works here. Its id is the key by which it is sent once.

    The number or address is opened from the contact card at the moment of sending, and the words are made then.
    """

    class Kind(models.TextChoices):
        """What it is about; the words of each are in `words.py`."""

        ANSWER = "answer"
        CALLED_OFF = "called_off"
        MOVED = "moved"
        REMINDER = "reminder"
        REFERRED = "referred"
        CALENDAR = "calendar"
        ASKED = "asked"
        AGAIN = "again"
        TEST = "test"

    class State(models.TextChoices):
        """How far it has come. `uncertain` may have arrived or not, and waits for a person, as `failed` does."""

        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNCERTAIN = "uncertain"
        GIVEN_UP = "given_up"

    kind = models.CharField(max_length=10, choices=Kind)
    #: Empty until the card has been opened: the family may choose another way until then.
    channel = models.CharField(max_length=4, blank=True, default="")
    thread = models.ForeignKey("threads.Thread", null=True, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="notices")
    params = models.BinaryField(null=True)
    #: When it is to be sent or tried again; of one that is over: when it ended.
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    problem = models.CharField(max_length=16, blank=True, default="")

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(
            ("id", "kind", "channel", "thread", "due_at", "attempts", "lease_until", "state", "problem"), Fate.UNTIL_END
        ),
        "user": Fate.STAFF,
        "params": Fate.WITH_THREAD,
    }

    class Meta:
        """It is to a family or to somebody who works here; what is due is found without reading the rest."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(thread__isnull=False, user__isnull=True) | Q(thread__isnull=True, user__isnull=False),
                name="a_notice_has_one_receiver",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False), name="a_notice_being_sent_is_leased"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="notices_waiting", condition=Q(state="waiting")),
            models.Index(fields=["due_at"], name="notices_for_us", condition=Q(state__in=["failed", "uncertain"])),
        ]
