"""A group's meeting takes a room and its leaders' time, as a talk does: the database refuses two at once.

Reserved rows among themselves are held apart as appointments are (0002). Between the two tables no constraint reaches,
so a trigger on each looks into the other. On PostgreSQL it first takes one lock for the whole house, held until the
transaction ends: what a colleague books in the same moment is then seen, and nobody waits in a circle.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TALKS, RESERVED = "appointments_appointment", "appointments_reserved"
WORKER, ROOM = "one_talk_at_a_time", "one_talk_in_a_room"
#: What both tables mean by one person, and by one room.
SAME = {
    WORKER: "NEW.worker_id IS NOT NULL AND other.worker_id = NEW.worker_id",
    ROOM: "NEW.room IS NOT NULL AND other.place = NEW.place AND other.room = NEW.room",
}
COLUMNS = "worker_id, place, room, starts_at, ends_at"
OVERLAP = "other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at"
#: Which table is written, which one is looked into, what does not count in the one and in the other.
PAIRS = (
    (TALKS, RESERVED, f"{COLUMNS}, cancelled", "NOT NEW.cancelled", "TRUE"),
    (RESERVED, TALKS, COLUMNS, "TRUE", "NOT other.cancelled"),
)

ALONE = f"""
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE {RESERVED} ADD CONSTRAINT {WORKER}_reserved
  EXCLUDE USING gist (worker_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (worker_id IS NOT NULL);
ALTER TABLE {RESERVED} ADD CONSTRAINT {ROOM}_reserved
  EXCLUDE USING gist (place WITH =, room WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (room IS NOT NULL);
"""


def _in_postgres():
    yield ALONE
    for written, other, columns, counts, others in PAIRS:
        looks = "".join(
            f"IF EXISTS (SELECT 1 FROM {other} AS other WHERE {others} AND {same} AND {OVERLAP}) THEN "
            f"RAISE EXCEPTION '{name}' USING ERRCODE = 'exclusion_violation'; END IF; "
            for name, same in SAME.items()
        )
        yield (
            f"CREATE FUNCTION {written}_beside() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"PERFORM pg_advisory_xact_lock(hashtext('{RESERVED}')); "
            f"IF {counts} THEN {looks} END IF; RETURN NEW; END $$"
        )
        yield (
            f"CREATE TRIGGER {written}_beside BEFORE INSERT OR UPDATE OF {columns} ON {written} "
            f"FOR EACH ROW EXECUTE FUNCTION {written}_beside()"
        )


def _in_sqlite():
    looked_into = [*PAIRS, (RESERVED, RESERVED, COLUMNS, "TRUE", "other.id <> NEW.id")]
    for written, other, columns, counts, others in looked_into:
        for name, same in SAME.items():
            for event, when in (("insert", "INSERT"), ("update", f"UPDATE OF {columns}")):
                yield (
                    f"CREATE TRIGGER {written}_{other}_{name}_{event} BEFORE {when} ON {written} "
                    f"WHEN {counts} AND EXISTS ("
                    f"SELECT 1 FROM {other} AS other WHERE {others} AND {same} AND {OVERLAP}) "
                    f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
                )


def forbid(apps, schema_editor):
    """Put the triggers in place, in the database that holds the tables."""
    if schema_editor.connection.alias != "default":
        return
    for statement in _in_postgres() if schema_editor.connection.vendor == "postgresql" else _in_sqlite():
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0003_ten_minutes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reserved",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("of", models.UUIDField(db_index=True)),
                ("place", models.SlugField(blank=True, default="")),
                ("room", models.PositiveSmallIntegerField(null=True)),
                ("starts_at", models.DateTimeField(db_index=True)),
                ("ends_at", models.DateTimeField()),
                (
                    "worker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reserved",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="reserved_ends_after_it_starts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("room__isnull", True), ("worker__isnull", False)),
                            models.Q(("room__isnull", False), ("worker__isnull", True)),
                            _connector="OR",
                        ),
                        name="reserved_is_somebody_or_a_room",
                    ),
                ],
            },
        ),
        migrations.RunPython(forbid, migrations.RunPython.noop),
    ]
