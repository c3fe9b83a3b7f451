"""Deeds at the door. The street's side may only insert letters; the keeper's side places boxes and answers.

No deed here leaves a line in the audit: the door keeps no trace of who came. The keeper writes the line when it opens.
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connections, transaction
from psycopg import sql

from brobygger.ground import clock
from brobygger.privacy import seal

from . import rules
from .models import Answer, Box, Letter, Pulse, Questions

log = logging.getLogger(__name__)
#: The keeper's own view of the door's database.
KEEPER = "door"


class CannotTake(Exception):
    """The letter box cannot be written to just now."""


def receive_letter(*, letter: UUID, payload: Mapping[str, object], by: str) -> None:
    """Seal what was written to this week's key and put it in the letter box; the same letter twice is one.

    Raises `seal.TooLong` when it is over 64 KiB, `seal.NoKeys` when the house has no key to seal to, and `CannotTake`
    when the letter box is broken or full: whoever wrote must keep their words.
    """
    _put_in(letter, payload)


class NoConsent(Exception):
    """A referral without a parent's yes to a text that was read to them."""


def receive_referral(*, letter: UUID, payload: Mapping[str, Any], by: str) -> None:
    """Take a family a professional sends on, with the parent beside them: one letter, two boxes; the same twice is one.

    Raises `NoConsent` unless it carries the very text the parent said yes to, and what `receive_letter` raises.
    """
    consent = payload.get("consent") or {}
    text = str(consent.get("text", ""))
    if not text or consent.get("digest") != hashlib.sha256(text.encode()).hexdigest():
        raise NoConsent
    _put_in(letter, payload)


def _put_in(letter: UUID, payload: Mapping[str, object]) -> None:
    """Seal a letter to this week's key and insert it."""
    sealed = seal.seal_letter(payload, seal.door_keys())
    try:
        with transaction.atomic(using=settings.STREET):
            Letter.objects.using(settings.STREET).create(id=letter, week=seal.week_of(sealed), sealed=sealed)
    except IntegrityError:
        # A double press or a reload: the first one is already on its way.
        return
    except DatabaseError as why:
        log.exception("a letter could not be put into the letter box")
        raise CannotTake from why


def take_away(*, letters: list[UUID], by: str) -> None:
    """Delete letters that have been opened."""
    with transaction.atomic(using=KEEPER):
        Letter.objects.using(KEEPER).filter(pk__in=letters).delete()


def place_box(*, box: UUID, made: dict[str, object], expires_on: date, by: str, lent: bool = False) -> None:
    """Set up the box that only the new return key opens; a second time changes nothing.

    `lent` says that others have seen the key: it opens once, and becomes one that nobody has.
    """
    with transaction.atomic(using=KEEPER):
        Box.objects.using(KEEPER).get_or_create(id=box, defaults={**made, "expires_on": expires_on, "lent": lent})


def rekey_box(*, box: UUID, made: dict[str, object], by: str) -> None:
    """Give a box a new lock; number and content stay, and the new key alone opens them. It is nobody's loan."""
    with transaction.atomic(using=KEEPER):
        Box.objects.using(KEEPER).filter(pk=box).update(**made, lent=False)


def put_answer(*, answer: UUID, box: UUID, sealed: bytes, receipt: bool, expires_on: date, by: str) -> bool:
    """Put a sealed answer in a box and let the box live as long as it; tell whether the box was there."""
    with transaction.atomic(using=KEEPER):
        found = Box.objects.using(KEEPER).filter(pk=box)
        if not found.exists():
            return False
        found.filter(expires_on__lt=expires_on).update(expires_on=expires_on)
        Answer.objects.using(KEEPER).get_or_create(
            id=answer, defaults={"box_id": box, "sealed": sealed, "receipt": receipt, "expires_on": expires_on}
        )
        return True


def take_answer(*, answer: UUID, by: str) -> None:
    """Take one answer out of its box, if it still lies there."""
    with transaction.atomic(using=KEEPER):
        Answer.objects.using(KEEPER).filter(pk=answer).delete()


def empty_box(*, box: UUID, by: str) -> None:
    """Take every answer out of a box."""
    with transaction.atomic(using=KEEPER):
        Answer.objects.using(KEEPER).filter(box_id=box).delete()


def burn_box(*, box: UUID, by: str) -> None:
    """Destroy a box with everything in it."""
    with transaction.atomic(using=KEEPER):
        Box.objects.using(KEEPER).filter(pk=box).delete()


def send_drill(*, by: str) -> None:
    """Write a letter to ourselves through the real door: whether it is opened shows whether a family's would be."""
    receive_letter(letter=uuid4(), payload={"kind": "drill", "written_at": clock.now().isoformat()}, by=by)


def beat(*, by: str) -> None:
    """Note that a drill letter has been opened now."""
    with transaction.atomic(using=KEEPER):
        Pulse.objects.using(KEEPER).update_or_create(id=rules.PULSE, defaults={"opened_at": clock.now()})


def publish_questions(*, forms: list[dict[str, Any]], by: str) -> bool:
    """Put the questions that may be asked where the street can read them, and tell whether anything was otherwise."""
    wanted = {rules.form_code(each["instrument"], each["version"]): each for each in forms}
    with transaction.atomic(using=KEEPER):
        there = {row.code: row for row in Questions.objects.using(KEEPER).all()}
        if {code: (row.instrument, row.version, row.words) for code, row in there.items()} == {
            code: (each["instrument"], each["version"], each["words"]) for code, each in wanted.items()
        }:
            return False
        Questions.objects.using(KEEPER).exclude(code__in=wanted).delete()
        for code, each in wanted.items():
            Questions.objects.using(KEEPER).update_or_create(code=code, defaults=each)
    return True


def sweep(*, today: date, by: str) -> list[UUID]:
    """Destroy boxes and answers whose day has come, and name the boxes that went."""
    with transaction.atomic(using=KEEPER):
        Answer.objects.using(KEEPER).filter(expires_on__lt=today).delete()
        gone = list(Box.objects.using(KEEPER).filter(expires_on__lt=today).values_list("pk", flat=True))
        Box.objects.using(KEEPER).filter(pk__in=gone).delete()
    return gone


def grant_street(*, role: str, by: str) -> None:
    """Take every right from a login, then give back the few of `settings.STREET_RIGHTS`, and the catalogue to read."""
    name = sql.Identifier(role)
    for alias in ("default", "keys", "door"):
        _grant(alias, sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {}").format(name))
        database = sql.Identifier(str(connections[alias].settings_dict["NAME"]))
        _grant(alias, sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(database, name))
        if alias != "keys":
            _grant(alias, sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, name))
            _grant(alias, sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
    for table, allowed in settings.STREET_RIGHTS.items():
        for right in sorted(allowed):
            statement = sql.SQL("GRANT {} ON {} TO {}")
            _grant("door", statement.format(sql.SQL(right.upper()), sql.Identifier(table), name))
    for table in connections["default"].introspection.table_names():
        if table.startswith("catalogue_"):
            _grant("default", sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(table), name))


def _grant(alias: str, statement: sql.Composed) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement)
