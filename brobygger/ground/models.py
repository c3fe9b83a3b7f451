"""The row every table begins with, and what a database refuses by itself (see the rooms' `migrations/_kept.py`)."""

import uuid
from collections.abc import Iterable

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class Row(models.Model):
    """A row whose key is drawn here and not by the database.

    A key made by the database must be read back, and whoever may only drop letters in may not read.
    A random key also says nothing about how many came before, or when.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


#: Its name (which the error carries), INSERT, UPDATE, DELETE or TRUNCATE (which SQLite has not), the table, and the SQL
#: condition under which it refuses.
Rule = tuple[str, str, str, str]


def _trigger(name: str, deed: str, table: str) -> str:
    return f"{table}_{deed.lower()}_{name}"[:60]


def put_in_place(connection: BaseDatabaseWrapper, rules: Iterable[Rule]) -> None:
    """Refuse from now on, row by row, what each rule names."""
    with connection.cursor() as cursor:
        for name, deed, table, when in rules:
            trigger = _trigger(name, deed, table)
            if connection.vendor == "postgresql":
                given_back = "OLD" if deed == "DELETE" else "NEW"
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"IF {when} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END IF; "
                    f"RETURN {given_back}; END $$"
                )
                each = "STATEMENT" if deed == "TRUNCATE" else "ROW"
                cursor.execute(
                    f"CREATE TRIGGER {trigger} BEFORE {deed} ON {table} FOR EACH {each} EXECUTE FUNCTION {trigger}()"
                )
            elif deed != "TRUNCATE":
                cursor.execute(
                    f"CREATE TRIGGER {trigger} BEFORE {deed} ON {table} WHEN {when} "
                    f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
                )


def take_away(connection: BaseDatabaseWrapper, rules: Iterable[Rule]) -> None:
    """Let happen again what each rule refused: for undoing a migration, and for emptying a test database."""
    with connection.cursor() as cursor:
        for name, deed, table, _when in rules:
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {_trigger(name, deed, table)}{on}")
