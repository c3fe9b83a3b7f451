"""The database refuses to change what was counted, and to take back what was released."""

from django.db import migrations

from . import _kept


def create(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        _kept.create(schema_editor.connection)


def drop(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        _kept.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
