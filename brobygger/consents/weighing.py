"""Our own duty to notify: weighed by one, read by another, changed by nobody, destroyed after its years."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from brobygger.access.guards import require
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.privacy import keyring
from brobygger.privacy import services as audit

from . import queries, rules
from .models import Duty, DutyReading

KEEPER = "keeper"


class NotTheSecond(Exception):
    """Somebody else was asked to be the second person."""


class AlreadyRead(Exception):
    """The second person has said what they think, and cannot say it again."""


def weigh(*, about: UUID, said: dict[str, str], second: Any, by: Any, once: UUID | None = None) -> Duty:
    """Write down how somebody weighed our duty to notify, for a second person to read. Nothing can change it later.

    `said` holds the four parts of `rules.WEIGHED`; `once` names the page it was written on: sent twice, it is one.
    Raises `ValueError` when a part is empty or the second is oneself.
    """
    require(by, Permission.WEIGH_DUTY)
    require(second, Permission.WEIGH_DUTY)
    if second.pk == by.pk or not all(said.get(name, "").strip() for name in rules.WEIGHED):
        raise ValueError("a weighing has four parts and two people")
    ident, today = once or uuid4(), clock.today()
    if (known := Duty.objects.filter(pk=ident, written_by=by).first()) is not None:
        return known
    key = keyring.new_data_key(about=ident, kind="duty")
    with transaction.atomic():
        duty = Duty.objects.create(
            id=ident,
            about=about,
            key=key,
            sealed=keyring.seal(key, dict(said), context=keyring.place("duty", ident, "sealed")),
            written_by_id=by.pk,
            written_at=clock.now(),
            second_id=second.pk,
            kept_until=rules.years_on(today, settings.DUTY_KEPT_YEARS),
        )
        audit.record(by=by, action="consents.duty_weighed", about=f"thread:{about}", reason=f"second: {second.handle}")
    return duty


def read_second(*, duty: Duty, agrees: bool, words: str, by: Any) -> DutyReading:
    """Say as the second person what one makes of a weighing, once. Raises `NotTheSecond`, `AlreadyRead`."""
    require(by, Permission.WEIGH_DUTY)
    if duty.second_id != by.pk:
        raise NotTheSecond
    body = {"agrees": agrees, "words": words}
    sealed = keyring.seal(duty.key, body, context=keyring.place("duty_reading", duty.pk, "sealed"))
    try:
        with transaction.atomic():
            reading = DutyReading.objects.create(duty=duty, sealed=sealed, read_by_id=by.pk, read_at=clock.now())
            audit.record(by=by, action="consents.duty_read", about=f"thread:{duty.about}")
    except IntegrityError:
        raise AlreadyRead from None
    return reading


def look_at_duty(*, duty: Duty, by: Any) -> queries.Weighing:
    """Open a weighing to one of the two it is for, and write down that they looked."""
    with transaction.atomic():
        audit.record(by=by, action="consents.duty_looked", about=f"thread:{duty.about}")
    said = keyring.open_sealed(duty.key, bytes(duty.sealed), context=keyring.place("duty", duty.pk, "sealed"))
    row = DutyReading.objects.filter(duty=duty).first()
    place = keyring.place("duty_reading", duty.pk, "sealed")
    reading = keyring.open_sealed(duty.key, bytes(row.sealed), context=place) if row else None
    return queries.Weighing(duty, said, reading, row is None and duty.second_id == by.pk)


def sweep(now: datetime) -> int:
    """Destroy the weighings whose years have gone by: the key first, then the row."""
    # By the database's own day, which is UTC's: it refuses to let go of one before that.
    over = list(Duty.objects.filter(kept_until__lt=min(now.astimezone(UTC).date(), clock.local(now).date()))[:100])
    for duty in over:
        keyring.shred(duty.key)
        with transaction.atomic():
            DutyReading.objects.filter(duty=duty).delete()
            audit.record(by=KEEPER, action="consents.duty_destroyed", about=f"duty:{duty.pk}")
            duty.delete()
    return len(over)
