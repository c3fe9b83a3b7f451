"""What the database itself sees to in this room: a record that is held back does not end, and a hold tells no lie.

On SQLite a later migration that rebuilds one of these tables (also casework's) loses its triggers: let it end with
`create` as well.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from brobygger.ground.models import put_in_place, take_away

HELD = "a_held_record_stays"
SAID = "a_hold_stays_as_it_was_placed"
HOLDS, COURSES, MEMBERS = "rights_legalhold", "casework_course", "casework_member"

_STANDS = f"EXISTS (SELECT 1 FROM {HOLDS} h WHERE h.course_id = {{course}} AND h.lifted_on IS NULL)"
_BEGINS_TO_GO = "NEW.state = 'erasing' AND OLD.state <> 'erasing'"
_GOING = f"EXISTS (SELECT 1 FROM {COURSES} c WHERE c.id = NEW.course_id AND c.state = 'erasing')"
_CHANGED = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in ("course_id", "reason", "sealed", "placed_on"))
#: (name, deed, table, when it is refused)
RULES = [
    (HELD, "UPDATE", COURSES, f"{_BEGINS_TO_GO} AND {_STANDS.format(course='NEW.id')}"),
    (HELD, "DELETE", COURSES, _STANDS.format(course="OLD.id")),
    (HELD, "UPDATE", MEMBERS, f"NEW.erasing AND NOT OLD.erasing AND {_STANDS.format(course='NEW.course_id')}"),
    (HELD, "DELETE", MEMBERS, _STANDS.format(course="OLD.course_id")),
    # A row that goes with its course goes first: without this, no hold would be left to ask.
    (HELD, "DELETE", HOLDS, "OLD.lifted_on IS NULL"),
    (HELD, "INSERT", HOLDS, _GOING),
    (SAID, "UPDATE", HOLDS, f"OLD.lifted_on IS NOT NULL OR {_CHANGED}"),
]


def create(connection: BaseDatabaseWrapper) -> None:
    """Refuse from now on what no page may do either."""
    drop(connection)
    put_in_place(connection, RULES)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for undoing the migration, and for emptying a test database."""
    take_away(connection, RULES)
