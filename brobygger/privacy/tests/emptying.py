"""Let a test database be emptied: some tables refuse it, as they should, and tests that commit must start afresh."""

from typing import Any

from django.db import connections, router
from django.test import TransactionTestCase


def allow(*more: Any) -> None:
    """Take those triggers away while Django empties the tables after a committing test, and put them back.

    `more` are what later rooms have: modules with `create` and `drop`, as `privacy.migrations._append_only`.
    """
    flush = TransactionTestCase._fixture_teardown
    if getattr(flush, "minds_the_trail", False):
        return

    def emptied(case: Any) -> None:
        from brobygger.privacy.migrations import _append_only
        from brobygger.privacy.models import AuditEntry

        connection = connections[router.db_for_write(AuditEntry)]
        for kept in (_append_only, *more):
            kept.drop(connection)
        flush(case)
        for kept in (_append_only, *more):
            kept.create(connection)

    emptied.minds_the_trail = True  # type: ignore[attr-defined]
    TransactionTestCase._fixture_teardown = emptied  # type: ignore[method-assign]
