from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("door", "0002_pulse"),
    ]

    operations = [
        migrations.AddField(
            model_name="box",
            name="lent",
            field=models.BooleanField(default=False),
        ),
    ]
