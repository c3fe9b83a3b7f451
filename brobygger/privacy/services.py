"""The deeds: leaving a line in the trail."""

from typing import Any

from django.db.models import Model

from .models import AuditEntry


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
