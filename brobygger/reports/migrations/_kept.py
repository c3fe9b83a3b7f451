"""What the database itself sees to in this room: a counted figure never changes, and a released report stays.

On SQLite a later migration that rebuilds this table loses its triggers: let it end with `create` as well.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from brobygger.ground.models import put_in_place, take_away

FROZEN = "a_counted_figure_stays"
RELEASED = "a_released_report_stays"
REPORTS = "reports_report"


def _other(*columns: str) -> str:
    return " OR ".join(f"NEW.{each} IS DISTINCT FROM OLD.{each}" for each in columns)


_COUNTED = _other(
    *("figures", "inputs", "code", "made_on", "period_from", "period_to", "kind", "template", "partner"),
)
#: (name, deed, table, when it is refused)
RULES = [
    (FROZEN, "UPDATE", REPORTS, f"OLD.figures IS NOT NULL AND ({_COUNTED})"),
    (RELEASED, "UPDATE", REPORTS, f"OLD.released_on IS NOT NULL AND ({_other('words', 'released_on')})"),
    (RELEASED, "DELETE", REPORTS, "OLD.released_on IS NOT NULL"),
    (RELEASED, "TRUNCATE", REPORTS, "1 = 1"),
]


def create(connection: BaseDatabaseWrapper) -> None:
    """Refuse from now on what no page may do either."""
    drop(connection)
    put_in_place(connection, RULES)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for undoing the migration, and for emptying a test database."""
    take_away(connection, RULES)
