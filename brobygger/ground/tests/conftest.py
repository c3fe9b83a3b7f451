"""Files for the rooms' floor: a database on disk, beside the ones the suite opens."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from brobygger.ground.sqlite.base import DatabaseWrapper

Connect = Callable[[str], DatabaseWrapper]


@pytest.fixture
def connect(tmp_path: Path, django_db_blocker: Any) -> Iterator[Connect]:
    """Open connections to one database file, each under the alias asked for, and close them afterwards."""
    opened: list[DatabaseWrapper] = []

    def open_one(alias: str = "default") -> DatabaseWrapper:
        wrapper = DatabaseWrapper(
            {
                "NAME": str(tmp_path / "rows.sqlite3"),
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 0.2,
                    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL",
                },
                "TIME_ZONE": None,
                "CONN_MAX_AGE": None,
                "CONN_HEALTH_CHECKS": False,
                "AUTOCOMMIT": True,
                "ATOMIC_REQUESTS": False,
                "TEST": {"NAME": None},
            },
            alias,
        )
        wrapper.inc_thread_sharing()
        opened.append(wrapper)
        return wrapper

    with django_db_blocker.unblock():
        yield open_one
    for wrapper in opened:
        if wrapper.connection is not None:
            wrapper.connection.close()
            wrapper.connection = None
        if wrapper._turn:
            wrapper._turn.leave()
