"""Django's SQLite backend with two things added: a queue for writers, and few rights for the street.

Writers that all rush at SQLite's own lock starve each other (one got 1 commit while another got 300). Whoever first
waits in line for a file lock beside the database gets a turn within 0.1 s.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.sqlite3 import base

#: What any login needs only to ask a question: none of it touches a table.
_HARMLESS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_RECURSIVE}
_PRAGMAS = {"foreign_keys", "foreign_key_check", "table_info", "table_list", "legacy_alter_table", "data_version"}
_SCHEMA = {"sqlite_master", "sqlite_schema"}
_ALIAS = "street"

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def authorizer(rights: Mapping[str, set[str]]) -> Authorizer:
    """Make SQLite's doorkeeper from {table: {"select", "insert"}}; everything not named is refused."""

    def may(action: int, one: str | None, two: str | None, database: str | None, trigger: str | None) -> int:
        allowed = (
            action in _HARMLESS
            or (action == sqlite3.SQLITE_READ and (one in _SCHEMA or "select" in rights.get(one or "", ())))
            or (action == sqlite3.SQLITE_INSERT and "insert" in rights.get(one or "", ()))
            or (action == sqlite3.SQLITE_FUNCTION and two != "load_extension")
            or (action == sqlite3.SQLITE_PRAGMA and one in _PRAGMAS)
        )
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return may


class Turn:
    """One connection's place in the line of those who want to write to one file."""

    _mine = threading.local()

    def __init__(self, database: str) -> None:
        """Remember which file the line is for; nothing is opened until somebody wants to write."""
        self.path = f"{database}.lock"
        self.handle: int | None = None
        self.held = False

    def take(self) -> None:
        """Wait for the turn.

        A thread that already holds it through another connection goes on without: waiting for oneself would last for
        ever, while SQLite itself gives up after its timeout and says why.
        """
        holding = self._holding()
        if self.held or self.path in holding:
            return
        if self.handle is None:
            # A handle of its own for every connection: the kernel keeps the line between open files, not processes.
            self.handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        fcntl.flock(self.handle, fcntl.LOCK_EX)
        self.held = True
        holding.add(self.path)

    def give(self) -> None:
        """Let the next one in."""
        if self.held and self.handle is not None:
            fcntl.flock(self.handle, fcntl.LOCK_UN)
            self.held = False
            self._holding().discard(self.path)

    def leave(self) -> None:
        """Let the next one in and close the file."""
        self.give()
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None

    def _holding(self) -> set[str]:
        if not hasattr(self._mine, "paths"):
            self._mine.paths = set()
        paths: set[str] = self._mine.paths
        return paths


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits for its turn before it begins to write."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        """Prepare the place in line."""
        super().__init__(settings_dict, alias)
        self._turn: Turn | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, run the opening pragmas, and only then put the doorkeeper in place."""
        connection = super().get_new_connection(conn_params)
        if self.alias == _ALIAS:
            connection.set_authorizer(authorizer(getattr(settings, "STREET_RIGHTS", {})))
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        turn = self._own_turn()
        if turn:
            turn.take()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        # A commit that fails is followed by a rollback: the turn is kept until then.
        super()._commit()  # type: ignore[misc]
        self._give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self._turn:
                self._turn.leave()
                self._turn = None

    def _own_turn(self) -> Turn | None:
        """Find the place in line; a database in memory has no file and no line."""
        if self._turn is None and not self.is_in_memory_db():
            # Tests may give the connection another file after it was made, so the name is read at the first write.
            self._turn = Turn(str(Path(str(self.settings_dict["NAME"]).removeprefix("file:").split("?")[0]).absolute()))
        return self._turn

    def _give_turn(self) -> None:
        if self._turn:
            self._turn.give()
