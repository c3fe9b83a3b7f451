"""Reading the trail. Who may read whose is for the page that asks; nothing here holds content."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from .models import AuditEntry, DataKey
from .services import actor, thing

#: An action that ends so is a look, not a change: "threads.looked", "casework.identity_looked".
LOOKED = "looked"


def trail(about: Any) -> list[tuple[str, str]]:
    """Tell what was done to a thing, oldest first, as (who, what)."""
    return list(AuditEntry.objects.filter(about=thing(about)).order_by("pk").values_list("by", "action"))


def looks(about: Any) -> list[tuple[str, datetime]]:
    """Tell who has looked at a thing and when, oldest first."""
    seen = AuditEntry.objects.filter(about=thing(about), action__endswith=LOOKED).order_by("pk")
    return list(seen.values_list("by", "at"))


def entries(
    *, about: Any = None, by: Any = None, action: str = "", since: datetime | None = None, until: datetime | None = None
) -> QuerySet[AuditEntry]:
    """Find lines of the trail, newest first; slice it."""
    found = AuditEntry.objects.order_by("-pk")
    if about is not None:
        found = found.filter(about=thing(about))
    if by is not None:
        found = found.filter(by=actor(by))
    if action:
        found = found.filter(action__startswith=action)
    if since is not None:
        found = found.filter(at__gte=since)
    return found.filter(at__lt=until) if until is not None else found


def has_data_keys() -> bool:
    """Tell whether anything is sealed under this house's keys."""
    return DataKey.objects.exists()
