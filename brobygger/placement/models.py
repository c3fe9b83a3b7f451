"""A proposal that was made, and a year that was played. Nobody's name, age or wish is in either."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from brobygger.ground import clock
from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate


class Plan(Row):
    """A proposal of who could sit where, or two of them side by side. What it says is sealed under a key of its own.

    It is about the facts of one moment: `digest` tells whether they still are as they were. Shown for two days.
    """

    class What(models.TextChoices):
        """Who could sit where today; what would be if something were otherwise; or which seats the last one named."""

        PROPOSAL = "proposal"
        WHAT_IF = "what_if"
        SEATS = "seats"

    what = models.CharField(max_length=8, choices=What, default=What.PROPOSAL)
    made_at = models.DateTimeField(default=clock.now, db_index=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="plans")
    #: The offer it is for; empty is all of them.
    offer = models.SlugField(max_length=40, blank=True, default="")
    digest = models.CharField(max_length=64)
    key = models.UUIDField()
    sealed = models.BinaryField()

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "what", "made_at", "made_by", "offer", "digest", "sealed"), Fate.PASSING),
        "key": Fate.KEY,
    }

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-made_at", "id"]


class Why(Row):
    """Why a seat was proposed to somebody: the reasons by their codes, under the person's key, as long as the seat."""

    seat = models.OneToOneField("groups.Seat", on_delete=models.CASCADE, related_name="why")
    sealed = models.BinaryField()

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "seat"), Fate.COURSE),
        "sealed": Fate.WITH_COURSE,
    }


class PlayedYear(Row):
    """What came of playing a year of an invented service: when, with how many seeds, and the counts. About nobody."""

    played_on = models.DateField(default=clock.today)
    seeds = models.PositiveSmallIntegerField()
    weeks = models.PositiveSmallIntegerField()
    result = models.JSONField()

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "played_on", "seeds", "weeks", "result"), Fate.KEPT)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-played_on", "id"]
