"""The room's one table: secret calendar addresses."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from brobygger.ground import clock
from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate


class Feed(Row):
    """A secret calendar address for somebody's telephone; only its hash is kept, and it can be revoked."""

    class Shows(models.TextChoices):
        """One's own groups, one group, everything in the house, or one place's rooms."""

        MINE = "mine"
        GROUP = "group"
        HOUSE = "house"
        PLACE = "place"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds")
    shows = models.CharField(max_length=5, choices=Shows)
    group = models.ForeignKey("groups.Group", null=True, on_delete=models.CASCADE, related_name="feeds")
    place = models.SlugField(max_length=40, blank=True, default="")
    token = models.BinaryField(unique=True)
    made_on = models.DateField(default=clock.today)
    revoked_on = models.DateField(null=True)

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "user", "shows", "group", "place", "made_on", "revoked_on"), Fate.STAFF),
        "token": Fate.TOKEN,
    }
