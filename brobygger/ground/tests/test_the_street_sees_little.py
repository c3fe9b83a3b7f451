"""The street's login on SQLite: what it may do beside everything it may not."""

import uuid

import pytest
from django.conf import LazySettings
from django.db import DatabaseError

from brobygger.ground.sqlite.base import DatabaseWrapper

from .conftest import Connect

LETTER = uuid.uuid4().hex


@pytest.fixture
def street(connect: Connect, settings: LazySettings) -> DatabaseWrapper:
    """A street login to a database where one row of each kind already lies."""
    settings.STREET_RIGHTS = {"letter": {"insert"}, "box": {"select"}}
    with connect("default").cursor() as cursor:
        cursor.execute("CREATE TABLE letter (id text PRIMARY KEY, week integer CHECK (week > 0), sealed blob)")
        cursor.execute("CREATE TABLE box (id text PRIMARY KEY, number text)")
        cursor.execute("CREATE TABLE other (id text PRIMARY KEY)")
        cursor.execute("INSERT INTO letter VALUES ('a', 1, x'00')")
        cursor.execute("INSERT INTO box VALUES ('b', 'X49B')")
    return connect("street")


def ask(wrapper: DatabaseWrapper, sql: str, *values: object) -> list[tuple[object, ...]]:
    with wrapper.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def test_the_street_may_drop_a_letter_in_and_read_a_box(street: DatabaseWrapper) -> None:
    street.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    ask(street, "INSERT INTO letter (id, week, sealed) VALUES (%s, %s, %s)", LETTER, 30, b"sealed")
    street.commit()
    street.set_autocommit(True)

    assert ask(street, "SELECT number FROM box WHERE upper(number) = %s", "X49B") == [("X49B",)]


def test_the_opening_pragmas_still_run(street: DatabaseWrapper) -> None:
    assert ask(street, "SELECT 1") == [(1,)]
    assert street.connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM letter",
        "SELECT count(*) FROM letter",
        "INSERT INTO letter SELECT id || 'x', 1, sealed FROM letter",
        "UPDATE letter SET week = 2",
        "DELETE FROM letter",
        "INSERT INTO box VALUES ('c', 'Y')",
        "UPDATE box SET number = 'Y'",
        "DELETE FROM box",
        "SELECT * FROM other",
        "INSERT INTO other VALUES ('d')",
        "CREATE TABLE mine (id text)",
        "CREATE TEMP TABLE mine AS SELECT 1",
        "DROP TABLE letter",
        "ALTER TABLE box ADD COLUMN x text",
        "CREATE TRIGGER t AFTER INSERT ON letter BEGIN DELETE FROM box; END",
        "ATTACH DATABASE ':memory:' AS beside",
        "PRAGMA writable_schema = ON",
        "VACUUM",
        "INSERT INTO letter VALUES ('z', 1, x'00') RETURNING sealed",
    ],
)
def test_the_street_is_refused_everything_else(street: DatabaseWrapper, sql: str) -> None:
    with pytest.raises(DatabaseError):
        ask(street, sql)


def test_another_alias_of_the_same_file_keeps_its_rights(street: DatabaseWrapper, connect: Connect) -> None:
    assert ask(connect("default"), "SELECT count(*) FROM letter") == [(1,)]


def test_a_street_without_rights_in_the_settings_may_do_nothing(connect: Connect, settings: LazySettings) -> None:
    settings.STREET_RIGHTS = {}
    with connect("default").cursor() as cursor:
        cursor.execute("CREATE TABLE box (id text)")
    with pytest.raises(DatabaseError):
        ask(connect("street"), "SELECT id FROM box")
