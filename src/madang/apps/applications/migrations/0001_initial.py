import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("calls", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReceptionBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("imported_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="batches", to="calls.call"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "reception batches",
                "ordering": ["call", "imported_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="PreviousRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("undone_at", models.DateTimeField(null=True)),
                ("year", models.PositiveIntegerField()),
                ("cases", models.PositiveIntegerField()),
                ("countries", models.PositiveIntegerField()),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="previous_rounds", to="calls.call"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="applications.receptionbatch"),
                ),
            ],
            options={
                "ordering": ["call", "year"],
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("undone_at", models.DateTimeField(null=True)),
                ("position", models.PositiveIntegerField()),
                ("reference", models.CharField(max_length=200)),
                ("applicant_name", models.CharField(max_length=500)),
                ("organisation", models.CharField(blank=True, max_length=500)),
                ("kind", models.CharField(blank=True, max_length=50)),
                ("track", models.CharField(blank=True, max_length=80)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("field", models.CharField(blank=True, max_length=80)),
                ("answers", models.JSONField(default=dict)),
                ("members", models.JSONField(default=list)),
                ("received", models.CharField(blank=True, max_length=19)),
                ("received_at", models.DateTimeField()),
                ("is_sample", models.BooleanField()),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="applications", to="calls.call"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="applications.receptionbatch"),
                ),
            ],
            options={
                "ordering": ["call", "batch", "position"],
            },
        ),
        migrations.AddConstraint(
            model_name="receptionbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("call", "sha256"),
                name="one_standing_batch_of_a_content",
            ),
        ),
        migrations.AddConstraint(
            model_name="previousround",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)), fields=("call", "year"), name="one_round_of_a_year"
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["call", "received_at"], name="application_received"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("call", "reference"),
                name="one_application_of_a_reference",
            ),
        ),
    ]
