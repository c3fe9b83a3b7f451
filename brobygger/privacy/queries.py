"""Reading the trail. Who may read whose is for the page that asks; nothing here holds content."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from .models import AuditEntry, DataKey, Erasure, Tombstone
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


def erasure(ref: str) -> Erasure | None:
    """Find what was destroyed by the number on its receipt."""
    return Erasure.objects.filter(ref=ref.strip()).first()


def receipt(about: str) -> str:
    """Tell the number on the receipt of something that was destroyed."""
    return str(Erasure.objects.filter(about=about).latest("pk").ref)


def erasures() -> QuerySet[Erasure]:
    """Give the deletion log, newest first; slice it. It names nobody."""
    return Erasure.objects.order_by("-on", "-pk")


def erased_keys() -> set[UUID]:
    """Name every key that went with a record."""
    return {UUID(key) for keys in Erasure.objects.values_list("keys", flat=True) for key in keys}


def buried(ids: Iterable[UUID] | None = None) -> set[UUID]:
    """Name those that were destroyed: of all there are, or among some."""
    graves = Tombstone.objects.values_list("pk", flat=True)
    if ids is None:
        return set(graves)
    wanted = list(dict.fromkeys(ids))
    return {each for at in range(0, len(wanted), 500) for each in graves.filter(pk__in=wanted[at : at + 500])}
