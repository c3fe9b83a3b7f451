"""T1: the login of the street may put letters in and read boxes and answers; it is refused everything else."""

import sqlite3
from typing import Any

import pytest

from tests.promises import searching
from tests.running import House

pytestmark = pytest.mark.promise(
    "T1",
    da="Den del af systemet, der vender ud mod nettet, kan lægge breve ind. Den kan ikke læse dem, ændre dem eller "
    "slette dem igen.",
    en="The part of the system that faces the internet can put letters in. It cannot read them again, change them or "
    "delete them.",
)
ALLOWED = {
    ("door", "door_letter", "INSERT"),
    ("door", "door_box", "SELECT"),
    ("door", "door_answer", "SELECT"),
    # When a letter of our own was last opened: about nobody (docs/adr/0004).
    ("door", "door_pulse", "SELECT"),
    # The questions of a questionnaire, word for word as anybody may read them: about nobody (docs/adr/0011).
    ("door", "door_questions", "SELECT"),
}
#: What each verb is tried with. No statement needs a second right: a default row, and a value out of the air.
VERBS = {
    "SELECT": "SELECT 1 FROM {table}",
    "SELECT *": "SELECT * FROM {table}",
    "INSERT": "INSERT INTO {table} DEFAULT VALUES",
    "UPDATE": "UPDATE {table} SET {column} = NULL",
    "DELETE": "DELETE FROM {table}",
}


def columns(house: House, alias: str, table: str) -> str:
    """Name some column of a table."""
    if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite":
        return str(searching.rows(house, alias, f"PRAGMA table_info({table})")[0][1])
    question = f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' ORDER BY 1 LIMIT 1"
    return str(searching.rows(house, alias, question)[0][0])


def everything(house: House) -> list[tuple[str, str, str, str]]:
    """List every table of every database with every verb, and the statement that tries it."""
    return [
        (alias, table, verb, statement.format(table=f'"{table}"', column=f'"{columns(house, alias, table)}"'))
        for alias in searching.ALIASES
        for table in searching.tables(house, alias)
        for verb, statement in VERBS.items()
    ]


def test_every_verb_on_every_table_is_refused_but_the_few_it_lives_by(house: House) -> None:
    tried = everything(house)
    on = _on_sqlite if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite" else _on_postgres
    got_through = {(alias, table, verb.split()[0]) for alias, table, verb in on(house, tried)}
    # On PostgreSQL the house's own public texts are read with the same login.
    texts = {each for each in got_through if each[0] == "default" and each[1].startswith("catalogue_")}

    assert len(tried) > 200
    assert got_through - texts == ALLOWED
    assert {verb for _alias, _table, verb in texts} <= {"SELECT"}


_TRY = """
import json, sys
from django.db import DatabaseError, IntegrityError, connections, transaction
through = []
for alias, table, verb, statement in json.load(open({path!r})):
    try:
        with transaction.atomic(using="street"), connections["street"].cursor() as cursor:
            cursor.execute(statement)
            through.append([alias, table, verb])
            transaction.set_rollback(True, using="street")
    except IntegrityError:
        through.append([alias, table, verb])
    except DatabaseError as refused:
        said = str(refused)
        assert "not authorized" in said or "prohibited" in said or "no such table" in said, (statement, said)
print(json.dumps(through))
"""


def _on_sqlite(house: House, tried: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str]]:
    """Try through the house's own street connection, in a process of the house."""
    import json

    path = house.var / "tried.json"
    path.write_text(json.dumps(tried))
    return [tuple(each) for each in json.loads(house.ask(_TRY.format(path=str(path))))]


def street(house: House) -> dict[str, str]:
    """The street's login on PostgreSQL."""
    return {"user": house.env["BROBYGGER_PG_STREET_USER"], "password": house.env["BROBYGGER_PG_STREET_PASSWORD"]}


def _on_postgres(house: House, tried: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str]]:
    """Try with the street's own login; a database it cannot even connect to refuses everything in it."""
    import psycopg

    through = []
    for alias in searching.ALIASES:
        try:
            with searching.link(house, alias, **street(house)) as opened:
                for _alias, table, verb, statement in (each for each in tried if each[0] == alias):
                    try:
                        with opened.transaction(force_rollback=True):
                            opened.execute(statement)
                    except psycopg.errors.InsufficientPrivilege:
                        continue
                    except psycopg.errors.IntegrityError:
                        pass
                    through.append((alias, table, verb))
        except psycopg.OperationalError as closed:
            assert "permission denied for database" in str(closed)
    return through


def test_the_street_cannot_even_reach_the_keys(house: House) -> None:
    if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite":
        keys = house.var / "data" / "keys.sqlite3"
        asked = f"""
from django.db import DatabaseError, connections
try:
    connections["street"].cursor().execute("ATTACH DATABASE {str(keys)!r} AS keys")
except DatabaseError as refused:
    print("refused:", refused)
"""
        assert house.ask(asked).startswith("refused:")
        return
    import psycopg

    refused = pytest.raises(psycopg.OperationalError, match="permission denied for database")
    with refused, searching.link(house, "keys", **street(house)):
        pass


def test_the_street_can_build_nothing_and_lock_nothing(house: House) -> None:
    tries = [
        "CREATE TABLE mine (id integer)",
        "CREATE TEMPORARY TABLE mine (id integer)",
        "DROP TABLE door_letter",
        "ALTER TABLE door_box ADD COLUMN mine integer",
        "INSERT INTO door_letter (id, week, sealed) VALUES ('00000000000000000000000000000001', 'w', 'x') RETURNING id",
        "INSERT INTO door_letter SELECT * FROM door_letter",
    ]
    if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite":
        tries += ["PRAGMA writable_schema = ON", "VACUUM INTO '/tmp/mine'"]
        code = (
            "import json\nfrom django.db import DatabaseError, connections\n"
            f"for each in {tries!r}:\n"
            "    try:\n        connections['street'].cursor().execute(each)\n        print('through:', each)\n"
            "    except DatabaseError:\n        pass\n"
        )
        assert house.ask(code) == ""
        return
    import psycopg

    tries += ["TRUNCATE door_letter", "COPY door_letter TO STDOUT", "COPY door_box TO PROGRAM 'cat'"]
    tries += ["LOCK TABLE door_letter IN ACCESS EXCLUSIVE MODE", "SELECT pg_read_file('/etc/passwd')"]
    with searching.link(house, "door", **street(house)) as opened:
        for each in tries:
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidTableDefinition)):
                _run(opened, each)


def _run(opened: Any, statement: str) -> None:
    with opened.transaction(force_rollback=True):
        opened.execute(statement)


def test_the_door_uses_the_streets_login(house: House) -> None:
    said = house.ask(
        "from django.conf import settings; from django.db import connections\n"
        "print(settings.STREET, connections['street'].settings_dict['USER'] or '-')"
    ).split()

    assert said[0] == "street"
    if house.env.get("BROBYGGER_DB", "sqlite") != "sqlite":
        assert said[1] == house.env["BROBYGGER_PG_STREET_USER"] != house.env["BROBYGGER_PG_USER"]


def test_the_owners_login_would_not_have_been_refused(house: House) -> None:
    """The refusals above are the doorkeeper's, not the statements' own mistakes."""
    import psycopg

    with searching.link(house, "door") as opened:
        assert opened.execute("SELECT count(*) FROM door_letter").fetchone() is not None
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.IntegrityError)):
            opened.execute("INSERT INTO door_letter DEFAULT VALUES")
        opened.rollback()
