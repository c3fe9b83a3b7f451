"""The deeds: leaving a line in the trail, and a stone over what was destroyed."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.db.models import Model

from brobygger.ground import clock

from .models import AuditEntry, Erasure, Tombstone

#: No copy of ours lives as long: what was destroyed before cannot be brought back. Counted from the month it was in.
TOMBSTONES_LIVE = timedelta(days=91)
#: No 0 and O, no 1, I and L: read aloud without doubt.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def actor(by: Any) -> str:
    """Name who acts: a handle as it is, or the `handle` of somebody signed in."""
    handle = by if isinstance(by, str) else getattr(by, "handle", None)
    if not isinstance(handle, str) or not handle.strip():
        raise TypeError("A deed needs somebody who does it: a handle, or a user with one.")
    return handle


def thing(about: Any) -> str:
    """Name what a deed is about: "thread:<id>" as it is, or a row as "<model name>:<primary key>"."""
    if isinstance(about, Model):
        return f"{about._meta.model_name}:{about.pk}"
    if not isinstance(about, str) or ":" not in about:
        raise TypeError('A deed is about a row, or about a string such as "thread:<id>".')
    return about


def record(*, by: Any, action: str, about: Any, reason: str = "") -> None:
    """Leave a line in the trail, in the caller's transaction: no deed without its line, no line without its deed."""
    AuditEntry.objects.create(by=actor(by), action=action, about=thing(about), reason=reason)


def record_many(*, by: Any, action: str, about: list[Any], reason: str = "") -> None:
    """Leave the same line about many things at once."""
    name = actor(by)
    lines = [AuditEntry(by=name, action=action, about=thing(one), reason=reason) for one in about]
    AuditEntry.objects.bulk_create(lines)


def note_erasure(*, about: str, keys: Iterable[UUID], why: str, by: Any) -> str:
    """Write down that a record is destroyed, in the caller's transaction, and give the number that proves it."""
    drawn = "".join(secrets.choice(_LETTERS) for _each in range(8))
    ref = f"{drawn[:4]}-{drawn[4:]}"
    Erasure.objects.create(ref=ref, about=about, on=clock.today(), why=why, keys=sorted(str(key) for key in keys))
    return ref


def bury(*, ids: Iterable[UUID], by: Any) -> None:
    """Write down that these were destroyed, so that no old copy brings them back; a second time changes nothing.

    Under the first of the month: the very day would tell which course began when which thread ended.
    """
    month = clock.today().replace(day=1)
    with transaction.atomic(using=router.db_for_write(Tombstone)):
        Tombstone.objects.bulk_create([Tombstone(id=each, on=month) for each in ids], ignore_conflicts=True)


def unbury(*, ids: Iterable[UUID], by: Any) -> None:
    """Let something be there again under the name it had."""
    with transaction.atomic(using=router.db_for_write(Tombstone)):
        Tombstone.objects.filter(pk__in=list(ids)).delete()


def sweep(now: datetime) -> int:
    """Forget what was destroyed so long ago that no copy can have it; tell how much."""
    with transaction.atomic(using=router.db_for_write(Tombstone)):
        gone, _rows = Tombstone.objects.filter(on__lt=clock.local(now).date() - TOMBSTONES_LIVE).delete()
    return gone
