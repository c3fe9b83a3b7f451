"""Let a test database be emptied: the trail refuses it, as it should, and tests that commit must start afresh."""

from typing import Any

from django.db import connections, router
from django.test import TransactionTestCase


def allow() -> None:
    """Take the trail's triggers away while Django empties the tables after a committing test, and put them back."""
    flush = TransactionTestCase._fixture_teardown
    if getattr(flush, "minds_the_trail", False):
        return

    def emptied(case: Any) -> None:
        from brobygger.privacy.migrations import _append_only
        from brobygger.privacy.models import AuditEntry

        connection = connections[router.db_for_write(AuditEntry)]
        _append_only.drop(connection)
        flush(case)
        _append_only.create(connection)

    emptied.minds_the_trail = True  # type: ignore[attr-defined]
    TransactionTestCase._fixture_teardown = emptied  # type: ignore[method-assign]
