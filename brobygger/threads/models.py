"""One conversation behind a return key. Clear columns say that it exists; everything said is under its key."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate


class Thread(Row):
    """A conversation. `facts` (door, wish, language, age band, theme) is sealed like the messages."""

    key = models.UUIDField()
    box = models.UUIDField(db_index=True)
    number = models.CharField(max_length=4, db_index=True)
    week = models.CharField(max_length=8)
    facts = models.BinaryField()
    #: Empty while it lives; then "burned", "ended" or "expired" until the later rooms have let go of it. "named" is a
    #: shell: its family goes on in another thread, and nothing here says which (`crossing`).
    ending = models.CharField(max_length=8, blank=True, default="", db_index=True)
    #: The count row has been written; what is left to do is to destroy the thread.
    counted = models.BooleanField(default=False)

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.UNTIL_END,
        "key": Fate.KEY,
        "box": Fate.UNTIL_END,
        "number": Fate.UNTIL_END,
        "week": Fate.COUNTED,
        "facts": Fate.COUNTED,
        "ending": Fate.UNTIL_END,
        "counted": Fate.UNTIL_END,
    }


class Message(Row):
    """One thing said or asked for, by the family or by the house, in order of arrival."""

    class Kind(models.TextChoices):
        """What a message is; the first three are read by people, the rest are asked of the house."""

        TEXT = "text"
        ANSWER = "answer"
        NEWS = "news"
        CHOOSE = "choose"
        MOVE = "move"
        CANCEL = "cancel"
        ADDRESS = "address"
        REACH = "reach"
        UNREACH = "unreach"
        REFERRAL = "referral"
        WITHDRAW = "withdraw"
        NAME = "name"
        RIGHTS = "rights"
        SEAT = "seat"
        SHEET = "sheet"

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    from_house = models.BooleanField(default=False)
    body = models.BinaryField()
    #: A later room has done what was asked for.
    handled = models.BooleanField(default=True)

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.UNTIL_END,
        "thread": Fate.UNTIL_END,
        "number": Fate.UNTIL_END,
        "kind": Fate.UNTIL_END,
        "from_house": Fate.UNTIL_END,
        "body": Fate.WITH_THREAD,
        "handled": Fate.UNTIL_END,
    }

    class Meta:
        """Numbers are unique in a thread; what waits for a later room is found without reading the rest."""

        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "number"], name="one_message_a_number")]
        indexes: ClassVar = [
            models.Index(fields=["kind"], name="messages_unhandled", condition=models.Q(handled=False)),
        ]


class ContactCard(Row):
    """A way to be reached, given freely: under a key of its own, so that it can be taken back alone.

    A number somebody else gave stands on a consent; the room that owns consents makes the database see to it.
    """

    class Giver(models.TextChoices):
        """Who gave it to us."""

        FAMILY = "family"
        REFERRER = "referrer"

    thread = models.OneToOneField(Thread, on_delete=models.CASCADE, related_name="card")
    key = models.UUIDField()
    sealed = models.BinaryField()
    given_by = models.CharField(max_length=8, choices=Giver, default=Giver.FAMILY)
    consent = models.UUIDField(null=True)

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.UNTIL_END,
        "thread": Fate.UNTIL_END,
        "key": Fate.KEY,
        "sealed": Fate.WITH_IDENTITY,
        "given_by": Fate.UNTIL_END,
        "consent": Fate.LINK,
    }

    class Meta:
        """Without a consent the database refuses a number that was given by somebody else."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(given_by="family", consent__isnull=True) | Q(given_by="referrer", consent__isnull=False),
                name="a_number_needs_a_consent",
            )
        ]


class Hold(Row):
    """A later room still has rows about a thread: it is not destroyed before that room has let go."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="holds")
    room = models.CharField(max_length=12)

    FATES: ClassVar[dict[str, Fate]] = {"id": Fate.UNTIL_END, "thread": Fate.UNTIL_END, "room": Fate.UNTIL_END}

    class Meta:
        """Held once a room."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "room"], name="one_hold_a_room")]


class Outgoing(Row):
    """Something on its way to a box, already sealed; written with its cause and gone when it has been put there."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="outgoing")
    box = models.UUIDField()
    sealed = models.BinaryField()
    receipt = models.BooleanField(default=False)

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.PASSING,
        "thread": Fate.PASSING,
        "box": Fate.PASSING,
        "sealed": Fate.PASSING,
        "receipt": Fate.PASSING,
    }


class OpenedLetter(Row):
    """The number of a letter that was opened, remembered for two days: the same letter sent again is one letter."""

    box = models.UUIDField(null=True)
    opened_on = models.DateField(db_index=True)

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.PASSING,
        "box": Fate.PASSING,
        "opened_on": Fate.PASSING,
    }
