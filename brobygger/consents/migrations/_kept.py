"""What the database itself sees to in this room, on both databases; the migration and the tests put it in place.

On SQLite a later migration that rebuilds one of these tables loses its triggers: let it end with `create` as well.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from brobygger.ground.models import put_in_place, take_away

NUMBER = "a_number_needs_a_consent"
DUTY = "a_weighing_is_never_changed"
SECOND = "duty_is_read_by_the_second"
CARDS, CONSENTS, DUTIES, READINGS = "threads_contactcard", "consents_consent", "consents_duty", "consents_dutyreading"

_STANDS = f"""NEW.consent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {CONSENTS} c
  WHERE c.id = NEW.consent AND c.thread_id = NEW.thread_id AND c.kind = 'contact' AND c.closed_on IS NULL)"""
_NUMBER_LEFT = f"NEW.closed_on IS NOT NULL AND EXISTS (SELECT 1 FROM {CARDS} k WHERE k.consent = NEW.id)"
_STILL_KEPT = "OLD.kept_until >= CURRENT_DATE"
_READING_KEPT = f"EXISTS (SELECT 1 FROM {DUTIES} d WHERE d.id = OLD.duty_id AND d.kept_until >= CURRENT_DATE)"
_NOT_THE_SECOND = f"NOT EXISTS (SELECT 1 FROM {DUTIES} d WHERE d.id = NEW.duty_id AND d.second_id = NEW.read_by_id)"
#: (name, deed, table, when it is refused)
RULES = [
    (NUMBER, "INSERT", CARDS, _STANDS),
    (NUMBER, "UPDATE", CARDS, _STANDS),
    (NUMBER, "UPDATE", CONSENTS, _NUMBER_LEFT),
    (DUTY, "UPDATE", DUTIES, "1 = 1"),
    (DUTY, "UPDATE", READINGS, "1 = 1"),
    (DUTY, "DELETE", DUTIES, _STILL_KEPT),
    (DUTY, "DELETE", READINGS, _READING_KEPT),
    (SECOND, "INSERT", READINGS, _NOT_THE_SECOND),
]


def create(connection: BaseDatabaseWrapper) -> None:
    """Refuse from now on what no page may do either."""
    drop(connection)
    put_in_place(connection, RULES)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for undoing the migration, and for emptying a test database."""
    take_away(connection, RULES)
