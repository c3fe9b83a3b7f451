"""Looks where nothing may be found: a running house's files and rows, a backup of it, the machine's temp folders."""

import base64
import html
import json
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from tests import cluster
from tests.running import House

ALIASES = ("default", "keys", "door")


def disguises(text: str) -> set[bytes]:
    """Write a text in the ways it might lie on a disk: bytes, hex, base64 at any offset, escaped for a page."""
    raw = text.encode()
    found = {raw, text.encode("utf-16-le"), text.encode("latin-1", "replace"), raw.hex().encode()}
    found |= {raw.hex().upper().encode(), quote(text).encode(), quote_plus(text).encode()}
    found |= {json.dumps(text)[1:-1].encode(), html.escape(text).encode()}
    for lead in range(3):
        # What stands before decides the alignment; only the signs that belong to the text alone are sought.
        signs = base64.b64encode(b"\0" * lead + raw)[(lead * 8 + 5) // 6 :].rstrip(b"=")[:-1]
        found |= {signs, signs.replace(b"+", b"-").replace(b"/", b"_")}
    return {each for each in found if len(each) >= 8}


@contextmanager
def link(house: House, alias: str, **login: str) -> Iterator[Any]:
    """Open one of a running house's databases, as its owner unless a login says otherwise."""
    if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite":
        with closing(sqlite3.connect(house.var / "data" / f"{alias}.sqlite3", timeout=20)) as opened:
            yield opened
        return
    import psycopg

    with psycopg.connect(**{**place(house, alias), **login}, autocommit=True) as opened:
        yield opened


def place(house: House, alias: str) -> dict[str, str]:
    """Say where a PostgreSQL database of a house is, and how its owner comes in."""
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    found = {name: house.env[f"BROBYGGER_PG_{key}"] for name, key in names.items()}
    return {**found, "dbname": house.env["BROBYGGER_PG_PREFIX"] + alias}


def rows(house: House, alias: str, question: str) -> list[tuple[Any, ...]]:
    """Ask one of a running house's databases."""
    with link(house, alias) as opened:
        return list(opened.execute(question).fetchall())


def tables(house: House, alias: str) -> list[str]:
    """Name every table of one database."""
    if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite":
        question = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    else:
        question = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    return [name for (name,) in rows(house, alias, question)]


def count(house: House, alias: str, table: str, where: str = "1 = 1") -> int:
    """Count rows."""
    return int(rows(house, alias, f"SELECT count(*) FROM {table} WHERE {where}")[0][0])


def until(condition: Any, seconds: float = 20) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"this did not come true: {condition}"
        time.sleep(0.05)


def settled(house: House) -> bool:
    """Tell whether every letter is opened and everything asked for is done."""
    waiting = count(house, "door", "door_letter")
    return not waiting and not count(house, "default", "threads_message", "NOT handled") and not _on_the_way(house)


def _on_the_way(house: House) -> int:
    return count(house, "default", "threads_outgoing") + count(house, "default", "threads_thread", "ending <> ''")


def cells(house: House) -> Iterator[tuple[str, bytes]]:
    """Give every value of every row of every table, binary ones as they are."""
    for alias in ALIASES:
        for table in tables(house, alias):
            for row in rows(house, alias, f'SELECT * FROM "{table}"'):
                for value in row:
                    yield (
                        f"{alias}.{table}",
                        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode(),
                    )


def backup(house: House, folder: Path) -> None:
    """Copy the databases the way a backup does."""
    for alias in ALIASES:
        if house.env.get("BROBYGGER_DB", "sqlite") == "sqlite":
            with link(house, alias) as opened, closing(sqlite3.connect(folder / f"{alias}.sqlite3")) as copy:
                opened.backup(copy)
            continue
        programs = cluster.binaries()
        assert programs is not None
        at = place(house, alias)
        command = [str(programs / "pg_dump"), "-h", at["host"], "-p", at["port"], "-U", at["user"], at["dbname"]]
        with (folder / f"{alias}.sql").open("wb") as dump:
            subprocess.run(command, env={**os.environ, "PGPASSWORD": at["password"]}, stdout=dump, check=True)


def found_in(house: House, texts: Iterable[str], since: float, folder: Path) -> list[str]:
    """Say where any of some texts lies, in any disguise: an empty list is the proof.

    Searches every file of the house, every value in its databases, a backup made now into `folder`, the log, and every
    file in the machine's temp folders that was written since a moment (PostgreSQL's own files are among them).
    """
    backup(house, folder)
    needles = {each: text for text in texts for each in disguises(text)}
    found = {f"{text} in {where}" for where, value in cells(house) for each, text in needles.items() if each in value}
    places = [house.var, folder, *dict.fromkeys([Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/dev/shm")])]
    for file in _files(places, since, always={house.var, folder}):
        found |= {f"{needles[each]} in {file}" for each in _grep(file, needles)}
    return sorted(found)


def _files(places: Iterable[Path], since: float, always: set[Path]) -> Iterator[Path]:
    seen = set()
    for root in places:
        for folder, _folders, names in os.walk(root):
            for name in names:
                file = Path(folder, name)
                if file in seen or file.is_symlink() or not file.is_file():
                    continue
                seen.add(file)
                if root in always or file.stat().st_mtime >= since:
                    yield file


def _grep(file: Path, needles: Iterable[bytes]) -> list[bytes]:
    try:
        data = file.read_bytes()
    except OSError:
        # Gone in the meantime, as temporary files are.
        return []
    return [each for each in needles if each in data]
