"""The wrapped keys and blind tokens (in a database of their own), the trail of what was done, what was destroyed."""

import uuid
from typing import ClassVar

from django.db import models

from brobygger.ground import clock

from .fields import Fate


class DataKey(models.Model):
    """The key of one thread or one identity, wrapped by the key of a month. Lives in the database `keys`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    month = models.CharField(max_length=7, db_index=True)
    wrapped = models.BinaryField(max_length=200)

    FATES: ClassVar[dict[str, Fate]] = {"id": Fate.LINK, "month": Fate.KEY, "wrapped": Fate.KEY}

    def __str__(self) -> str:
        """Name the key by its id."""
        return str(self.id)


class BlindToken(models.Model):
    """One word somebody in a course may be found by, as a digest under a key of the house. Lives beside the keys.

    There, and not beside the courses: copies of the keys live seven days, so a word that was erased is gone from them.
    """

    digest = models.BinaryField(max_length=16)
    about = models.UUIDField(db_index=True)
    #: What is found: the course it belongs to.
    course = models.UUIDField()

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "digest", "about", "course"), Fate.WITH_IDENTITY)

    class Meta:
        """Found by the digest, in a few courses or in all."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "course", "about"], name="one_token_a_word_and_thing")
        ]


class Tombstone(models.Model):
    """That a key, a burned box or a blind token was destroyed, and in which month: no copy is to bring it back."""

    id = models.UUIDField(primary_key=True, editable=False)
    on = models.DateField(db_index=True)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "on"), Fate.LOG)


class Erasure(models.Model):
    """That somebody's record, or one person in it, was destroyed: when, by what rule, and which keys went.

    `ref` is what is written on the receipt; no name, and no row of theirs, is left to find by it.
    """

    ref = models.CharField(max_length=12, unique=True)
    about = models.CharField(max_length=60)
    on = models.DateField()
    #: "wish", "period", "handed_over", …: why it ended.
    why = models.CharField(max_length=20)
    keys = models.JSONField(default=list)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "ref", "about", "on", "why", "keys"), Fate.LOG)


class AuditEntry(models.Model):
    """One line of the trail. Triggers in the database refuse to change or delete it; it points to nothing."""

    at = models.DateTimeField(default=clock.now, db_index=True)
    by = models.CharField(max_length=60)
    action = models.CharField(max_length=80)
    about = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "at", "by", "action", "about", "reason"), Fate.AUDIT)

    class Meta:
        """Found by what it is about, in order."""

        ordering: ClassVar[list[str]] = ["pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["about", "at"], name="trail_of_one_thing"),
            models.Index(fields=["by", "at"], name="trail_of_one_hand"),
        ]

    def __str__(self) -> str:
        """Say the line."""
        return f"{self.by} {self.action} {self.about}"
