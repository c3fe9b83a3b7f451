"""The database refuses to let a record go that is held back, or to change why it is."""

from django.db import migrations

from . import _kept


def create(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        _kept.create(schema_editor.connection)


def drop(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        _kept.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("rights", "0001_initial"), ("casework", "0002_the_database_sees_to_it")]
    operations = [migrations.RunPython(create, drop)]
