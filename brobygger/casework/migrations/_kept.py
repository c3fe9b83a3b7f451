"""What the database itself sees to in this room: what was written is not changed, and ends only with its person.

On SQLite a later migration that rebuilds one of these tables loses its triggers: let it end with `create` as well.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from brobygger.ground.models import put_in_place, take_away

KEPT = "what_was_written_stays"
NOTES, PARTS, COURSES, MEMBERS = "casework_note", "casework_part", "casework_course", "casework_member"
_COURSE_STAYS = f"NOT EXISTS (SELECT 1 FROM {COURSES} c WHERE c.id = OLD.course_id AND c.state = 'erasing')"
_MEMBER_STAYS = f"NOT EXISTS (SELECT 1 FROM {MEMBERS} m WHERE m.id = OLD.member_id AND m.erasing)"
_STAYS = f"({_COURSE_STAYS}) AND ({_MEMBER_STAYS})"
#: (name, deed, table, when it is refused)
RULES = [
    (KEPT, "UPDATE", NOTES, "1 = 1"),
    (KEPT, "UPDATE", PARTS, "1 = 1"),
    (KEPT, "DELETE", NOTES, _STAYS),
    (KEPT, "DELETE", PARTS, _STAYS),
    (KEPT, "TRUNCATE", NOTES, "1 = 1"),
    (KEPT, "TRUNCATE", PARTS, "1 = 1"),
]


def create(connection: BaseDatabaseWrapper) -> None:
    """Refuse from now on what no page may do either."""
    drop(connection)
    put_in_place(connection, RULES)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for undoing the migration, and for emptying a test database."""
    take_away(connection, RULES)
