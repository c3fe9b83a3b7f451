"""SQLite's writers stand in line, and the line never outlives a transaction."""

import fcntl
import os
import threading
from pathlib import Path

import pytest
from django.db import OperationalError

from brobygger.ground.sqlite.base import DatabaseWrapper

from .conftest import Connect


def begin(wrapper: DatabaseWrapper) -> None:
    wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def end(wrapper: DatabaseWrapper) -> None:
    wrapper.commit()
    wrapper.set_autocommit(True)


def line_is_free(wrapper: DatabaseWrapper) -> bool:
    handle = os.open(f"{wrapper.settings_dict['NAME']}.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def test_a_writer_holds_the_line_until_it_has_committed(connect: Connect) -> None:
    one = connect("default")
    begin(one)
    assert not line_is_free(one)
    end(one)
    assert line_is_free(one)


def test_a_rollback_gives_the_turn_back(connect: Connect) -> None:
    one = connect("default")
    begin(one)
    one.rollback()
    one.set_autocommit(True)
    assert line_is_free(one)


def test_closing_in_the_middle_gives_the_turn_back(connect: Connect) -> None:
    one = connect("default")
    begin(one)
    one.close()
    assert line_is_free(one)


def test_the_next_writer_waits_and_then_writes(connect: Connect) -> None:
    one, two = connect("default"), connect("default")
    with one.cursor() as cursor:
        cursor.execute("CREATE TABLE rows (n integer)")
    begin(one)
    with one.cursor() as cursor:
        cursor.execute("INSERT INTO rows VALUES (1)")
    seen: list[int] = []

    def second() -> None:
        begin(two)
        with two.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM rows")
            seen.append(cursor.fetchone()[0])
        end(two)

    other = threading.Thread(target=second)
    other.start()
    # Longer than SQLite's own timeout in this test: without the line the second writer would have failed by now.
    other.join(0.5)
    assert other.is_alive() and seen == []
    end(one)
    other.join(5)
    assert seen == [1]


def test_a_thread_that_waits_for_itself_is_told_so_instead_of_hanging(connect: Connect) -> None:
    one, two = connect("default"), connect("default")
    begin(one)
    with pytest.raises(OperationalError, match="locked"):
        begin(two)
    end(one)
    begin(two)
    end(two)
    assert line_is_free(two)


def test_a_database_in_memory_has_no_line(tmp_path: Path) -> None:
    wrapper = DatabaseWrapper({"NAME": "file:x?mode=memory&cache=shared", "OPTIONS": {}}, "default")
    assert wrapper._own_turn() is None
