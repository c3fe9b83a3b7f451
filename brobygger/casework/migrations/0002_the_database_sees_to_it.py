"""The database refuses to change what was written, or to delete it while its person is not being erased."""

from django.db import migrations

from . import _kept


def create(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        _kept.create(schema_editor.connection)


def drop(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        _kept.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
