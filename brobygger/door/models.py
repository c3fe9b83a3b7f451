"""What lies between the street and the house; a database of its own, never in the long backups."""

from typing import ClassVar

from django.db import models

from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate


class Letter(Row):
    """Something written at the door, sealed to the week's key; lives until the keeper opens it, seconds later.

    There is no time column on purpose: the exact time is inside the seal.
    """

    week = models.CharField(max_length=8)
    sealed = models.BinaryField()

    FATES: ClassVar[dict[str, Fate]] = {"id": Fate.LETTER, "week": Fate.LETTER, "sealed": Fate.LETTER}


class Box(Row):
    """A box with a number that may be said aloud; only the return key opens what lies in it."""

    number = models.CharField(max_length=4, db_index=True)
    salt = models.BinaryField()
    kdf_version = models.PositiveSmallIntegerField()
    wrapped_private = models.BinaryField()
    public = models.BinaryField()
    post_hash = models.BinaryField()
    burn_hash = models.BinaryField()
    expires_on = models.DateField(db_index=True)
    #: Others have seen its key, on a slip or read aloud. Not said by what lies in the box: that runs out before it.
    lent = models.BooleanField(default=False)

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.WITH_BOX,
        "number": Fate.WITH_BOX,
        "salt": Fate.WITH_BOX,
        "kdf_version": Fate.WITH_BOX,
        "wrapped_private": Fate.WITH_BOX,
        "public": Fate.WITH_BOX,
        "post_hash": Fate.WITH_BOX,
        "burn_hash": Fate.WITH_BOX,
        "expires_on": Fate.WITH_BOX,
        "lent": Fate.WITH_BOX,
    }


class Answer(Row):
    """Something for the one who holds the key, sealed to the box and signed by the house.

    A receipt is sealed to a key that lives for one request: it tells the page that is waiting what came of it.
    """

    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="answers")
    receipt = models.BooleanField(default=False)
    sealed = models.BinaryField()
    expires_on = models.DateField(db_index=True)

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.WITH_ANSWER,
        "box": Fate.WITH_ANSWER,
        "receipt": Fate.WITH_ANSWER,
        "sealed": Fate.WITH_ANSWER,
        "expires_on": Fate.WITH_ANSWER,
    }


class Questions(Row):
    """The questions of one instrument in one version, in every language there is; about nobody. Put here by the keeper.

    `code` is what stands in a link: whoever sees it learns nothing of what is asked.
    """

    code = models.SlugField(max_length=8, unique=True)
    instrument, version = models.SlugField(max_length=40), models.CharField(max_length=8)
    words = models.JSONField()

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "code", "instrument", "version", "words"), Fate.KEPT)


class Pulse(Row):
    """When the keeper last opened a drill letter, sent through this same door; about nobody. One row."""

    opened_at = models.DateTimeField()

    FATES: ClassVar[dict[str, Fate]] = {"id": Fate.KEPT, "opened_at": Fate.KEPT}
