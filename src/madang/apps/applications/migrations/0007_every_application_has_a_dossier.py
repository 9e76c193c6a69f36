"""By itself: PostgreSQL changes no table in the transaction that has just filled it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0006_dossiers")]

    operations = [
        migrations.AlterField(
            model_name="application",
            name="dossier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="applications", to="applications.dossier"
            ),
        ),
    ]
