"""Rows on their way out of a database and into another, of the same kind or not: one line of JSON each.

Every table of every room goes along but those named in `LEFT`; a new room need not be told here. Rows that are about
a destroyed thing are left out on the way in (`Dead`).
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections, models, router, transaction
from django.db.migrations.recorder import MigrationRecorder

from brobygger.privacy.fields import Fate

from . import rules

#: The databases of each kind of copy.
ALIASES = {rules.CONTENT: ("default",), rules.KEYS: ("keys", "door")}
#: Rooms of Django's own whose rows are made anew by `migrate`, or that nobody here uses; and who is signed in.
LEFT = {"auth", "contenttypes", "sessions"}
#: A letter lives for minutes and is never copied.
NEVER = {"door.letter"}
#: First, so that whoever looks only for what was destroyed need not read on.
FIRST = ("privacy.tombstone", "privacy.erasure")
_CHUNK = 500

Model = type[models.Model]


# --- which tables, in which order ------------------------------------------------------------------------------------


def tables(alias: str) -> list[Model]:
    """Name the tables of a database that are copied: each after those it points to, those with guards last.

    A trigger that looks at another table before it lets a row in (a number needs a consent) finds it filled.
    """
    ours = [model for model in _here(alias) if model._meta.label_lower not in NEVER]
    guarded = _guarded(alias)
    waiting = sorted(ours, key=lambda model: (model._meta.label_lower not in FIRST, model._meta.db_table in guarded))
    placed: list[Model] = []
    while waiting:
        free = (model for model in waiting if not (_points_to(model) & set(waiting)) - {model})
        placed.append(next(free, waiting[0]))
        waiting.remove(placed[-1])
    return placed


def _here(alias: str) -> list[Model]:
    every = apps.get_models(include_auto_created=True)
    return [
        model
        for model in every
        if model._meta.managed and not model._meta.proxy and model._meta.app_label not in LEFT and home(model) == alias
    ]


def _points_to(model: Model) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation}


def _guarded(alias: str) -> set[str]:
    """Name the tables where a trigger looks at each row that comes in."""
    connection = connections[alias]
    question = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '% BEFORE INSERT %'"
    if connection.vendor == "postgresql":
        question = "SELECT event_object_table FROM information_schema.triggers WHERE event_manipulation = 'INSERT'"
    with connection.cursor() as cursor:
        cursor.execute(question)
        return {name for (name,) in cursor.fetchall()}


def home(model: Model) -> str:
    """Name the database a table lives in."""
    return router.db_for_write(model)


def ids(label: str) -> set[Any]:
    """Give the primary keys of a table."""
    return set(apps.get_model(label)._base_manager.using(home(apps.get_model(label))).values_list("pk", flat=True))


def key_columns(model: Model) -> list[str]:
    """Name the columns that hold the id of a data key."""
    fates = getattr(model, "FATES", {})
    columns = [each for each in model._meta.concrete_fields if isinstance(each, models.UUIDField)]
    return [each.attname for each in columns if fates.get(each.name) == Fate.KEY]


def migrations(alias: str) -> list[str]:
    """Name the migrations a database has been through."""
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


# --- out -------------------------------------------------------------------------------------------------------------


@contextmanager
def still(alias: str) -> Iterator[None]:
    """See a database as it is at one moment, while others go on writing."""
    connection = connections[alias]
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(using=alias):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Not `atomic`: ours takes the writers' turn on SQLite, and we only read.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def columns(model: Model) -> list[str]:
    """Name the columns of a table that are copied."""
    return [field.attname for field in model._meta.concrete_fields if not field.generated]


def dump(model: Model, alias: str) -> Iterator[bytes]:
    """Give every row of a table, oldest key first, without holding them all."""
    rows = model._base_manager.using(alias).order_by("pk").values_list(*columns(model))
    for row in rows.iterator(chunk_size=_CHUNK):
        yield line(list(row))


def line(value: Any) -> bytes:
    """Write a value as one line."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview | bytearray):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"A backup does not know how to write a {type(value).__name__}.")


# --- in --------------------------------------------------------------------------------------------------------------


class Dead:
    """What was destroyed, and the rows that are left out because of it."""

    def __init__(self, ids: Iterable[UUID] = ()) -> None:
        """Remember the destroyed keys and boxes."""
        self.ids = set(ids)
        self.gone: dict[Any, set[Any]] = {}
        self.count = 0

    def takes(self, model: Model, row: dict[str, Any]) -> bool:
        """Tell whether a row is left out; one that only points to such a row without needing it points nowhere."""
        keys = [row[column] for column in key_columns(model) if row[column] is not None]
        dead = bool(keys) and all(key in self.ids for key in keys)
        dead = dead or row[model._meta.pk.attname] in self.ids or self._hangs_on_one(model, row)
        if dead:
            self.gone.setdefault(model, set()).add(row[model._meta.pk.attname])
            self.count += 1
        return dead

    def _hangs_on_one(self, model: Model, row: dict[str, Any]) -> bool:
        for field in model._meta.concrete_fields:
            if field.is_relation and row[field.attname] in self.gone.get(field.related_model, ()):
                if getattr(field.remote_field, "on_delete", None) is not models.SET_NULL:
                    return True
                row[field.attname] = None
        return False


#: Whether a row is put in.
Wanted = Callable[[Model, dict[str, Any]], bool]
#: May be there already, and then stay as they are.
MAY_BE_THERE = {"privacy.tombstone", "door.pulse"}


class Loader:
    """Puts rows into one database, in the caller's transaction."""

    def __init__(self, alias: str, wanted: Wanted) -> None:
        """Remember where to, and what is wanted."""
        self.alias, self.wanted = alias, wanted
        self.filled: list[Model] = []

    def table(self, model: Model, came: Iterable[dict[str, Any]]) -> tuple[int, int]:
        """Fill a table; tell how many rows came, and how many were put in."""
        count = kept = 0
        batch: list[models.Model] = []
        for row in came:
            count += 1
            if self.wanted(model, row):
                batch.append(model(**row))
                kept += 1
            if len(batch) == _CHUNK:
                self._put(model, batch)
                batch = []
        self._put(model, batch)
        self.filled.append(model)
        return count, kept

    def _put(self, model: Model, batch: list[models.Model]) -> None:
        there = model._meta.label_lower in MAY_BE_THERE
        model._base_manager.using(self.alias).bulk_create(batch, ignore_conflicts=there)

    def settle(self) -> None:
        """Let the database count on from the highest number that came."""
        connection = connections[self.alias]
        statements = connection.ops.sequence_reset_sql(no_style(), self.filled)
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def first_filled(alias: str, besides: Iterable[str] = ()) -> str | None:
    """Name a table of a database that has rows; None when it is empty."""
    for model in _here(alias):
        if model._meta.label_lower not in set(besides) and model._base_manager.using(alias).exists():
            return model._meta.label_lower
    return None


def known_keys(alias: str = "default") -> tuple[set[UUID], set[UUID]]:
    """Name the keys a database's rows are sealed under, and the rows that are."""
    keys: set[UUID] = set()
    rows: set[UUID] = set()
    for model in _here(alias):
        names = key_columns(model)
        if names:
            for pk, *found in model._base_manager.using(alias).values_list("pk", *names).iterator():
                rows.add(pk)
                keys |= {each for each in found if each is not None}
    return keys, rows


def wrapped_keys(among: Iterable[UUID] | None = None) -> Iterator[tuple[UUID, bytes]]:
    """Give the wrapped data keys there are now: all, or some."""
    model = apps.get_model("privacy.datakey")
    found = model._base_manager.using(home(model)).values_list("pk", "wrapped")
    if among is not None:
        found = found.filter(pk__in=list(among))
    for ident, wrapped in found.iterator():
        yield ident, bytes(wrapped)
