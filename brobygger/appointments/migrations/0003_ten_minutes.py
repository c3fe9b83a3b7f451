"""Ten minutes of advice for a professional are a way to meet of their own.

SQLite makes the whole table anew to widen a column, and the triggers of 0002 go with the old one: they come again.
"""

from importlib import import_module

from django.db import migrations, models

WHERE = models.CharField(
    choices=[
        ("house", "House"),
        ("home", "Home"),
        ("phone", "Phone"),
        ("video", "Video"),
        ("sparring", "Sparring"),
    ],
    max_length=8,
)


def forbid_again(apps, schema_editor):
    """Put the triggers back where they were lost; PostgreSQL's constraints stand as they stood."""
    if schema_editor.connection.alias == "default" and schema_editor.connection.vendor == "sqlite":
        for statement in import_module("brobygger.appointments.migrations.0002_no_double_booking").SQLITE:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("appointments", "0002_no_double_booking")]
    operations = [
        migrations.AlterField("appointment", "where", WHERE),
        migrations.AlterField("proposal", "where", WHERE),
        migrations.RunPython(forbid_again, migrations.RunPython.noop),
    ]
