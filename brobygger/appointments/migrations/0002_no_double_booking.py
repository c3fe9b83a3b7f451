"""The database refuses two talks at once for one person, and for one room.

PostgreSQL has exclusion constraints. SQLite has none, so a trigger says the same and raises the same IntegrityError.
"""

from django.db import migrations

WORKER, ROOM = "one_talk_at_a_time", "one_talk_in_a_room"

POSTGRES = f"""
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE appointments_appointment ADD CONSTRAINT {WORKER}
  EXCLUDE USING gist (worker_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (NOT cancelled);
ALTER TABLE appointments_appointment ADD CONSTRAINT {ROOM}
  EXCLUDE USING gist (place WITH =, room WITH =, tstzrange(starts_at, ends_at) WITH &&)
  WHERE (NOT cancelled AND room IS NOT NULL);
"""

_OVERLAP = """
CREATE TRIGGER {name}_{event} BEFORE {event} ON appointments_appointment
WHEN NOT NEW.cancelled {more} AND EXISTS (
  SELECT 1 FROM appointments_appointment AS other
  WHERE NOT other.cancelled AND other.id <> NEW.id AND {same}
    AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at)
BEGIN SELECT RAISE(ABORT, '{name}'); END
"""
_RULES = [
    (WORKER, "", "other.worker_id = NEW.worker_id"),
    (ROOM, "AND NEW.room IS NOT NULL", "other.place = NEW.place AND other.room = NEW.room"),
]
SQLITE = [
    _OVERLAP.format(name=name, event=event, more=more, same=same)
    for name, more, same in _RULES
    for event in ("INSERT", "UPDATE")
]


def forbid(apps, schema_editor):
    """Add the constraint or the triggers, in the database that holds the table."""
    if schema_editor.connection.alias != "default":
        return
    statements = [POSTGRES] if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("appointments", "0001_initial")]
    operations = [migrations.RunPython(forbid, migrations.RunPython.noop)]
