from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0006_placement"),
    ]

    operations = [
        migrations.AddField(
            model_name="house",
            name="measuring",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="house",
            name="report",
            field=models.JSONField(default=dict),
        ),
    ]
