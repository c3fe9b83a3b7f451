"""The database refuses a number without a consent, and a change to a weighing of our duty."""

from django.db import migrations

from . import _kept


def create(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        _kept.create(schema_editor.connection)


def drop(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        _kept.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("consents", "0001_initial"), ("threads", "0002_referrals_and_holds")]
    operations = [migrations.RunPython(create, drop)]
