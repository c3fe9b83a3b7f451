"""The wrapped keys (in a database of their own) and the trail of what was done."""

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
