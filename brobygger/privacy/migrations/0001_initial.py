"""The wrapped keys in their database, the trail in the main one with its triggers."""

import uuid

from django.db import migrations, models

import brobygger.ground.clock
from brobygger.privacy.migrations import _append_only


def keep(apps, schema_editor):
    _append_only.create(schema_editor.connection)


def let_go(apps, schema_editor):
    _append_only.drop(schema_editor.connection)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("month", models.CharField(db_index=True, max_length=7)),
                ("wrapped", models.BinaryField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, default=brobygger.ground.clock.now)),
                ("by", models.CharField(max_length=60)),
                ("action", models.CharField(max_length=80)),
                ("about", models.CharField(max_length=120)),
                ("reason", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["about", "at"], name="trail_of_one_thing"),
                    models.Index(fields=["by", "at"], name="trail_of_one_hand"),
                ],
            },
        ),
        # The hint sends the triggers to the database where the trail is, and nowhere else.
        migrations.RunPython(keep, let_go, hints={"model_name": "auditentry"}),
    ]
