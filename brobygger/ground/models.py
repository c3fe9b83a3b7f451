"""The row every table begins with."""

import uuid

from django.db import models


class Row(models.Model):
    """A row whose key is drawn here and not by the database.

    A key made by the database must be read back, and whoever may only drop letters in may not read.
    A random key also says nothing about how many came before, or when.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True
