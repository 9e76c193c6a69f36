import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("calls", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("status", models.CharField(max_length=20)),
                ("sealed_at", models.DateTimeField()),
                ("is_sample", models.BooleanField()),
                ("record_sha256", models.CharField(max_length=64)),
                ("report_sha256", models.CharField(blank=True, max_length=64)),
                ("workbook_sha256", models.CharField(blank=True, max_length=64)),
                ("summary", models.JSONField(default=dict)),
                ("reason", models.TextField(blank=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="calls.call"
                    ),
                ),
                (
                    "definition_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="calls.definitionversion",
                    ),
                ),
            ],
            options={
                "ordering": ["call", "number"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("call", "number"), name="one_decision_of_a_number"),
                    models.UniqueConstraint(fields=("call", "root"), name="one_decision_of_a_root"),
                ],
            },
        ),
    ]
