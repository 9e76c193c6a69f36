"""A dossier for every application that was received so far, under its reference."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import madang.kernel.tokens


def open_dossiers(apps: Any, editor: Any) -> None:
    """The last row of a reference says the type; the first one when it was opened."""
    application, dossier = apps.get_model("applications", "Application"), apps.get_model("applications", "Dossier")
    known: dict[tuple[int, str], Any] = {}
    for one in application.objects.order_by("pk").iterator():
        found = known.get((one.call_id, one.reference))
        if found is None:
            found = known[one.call_id, one.reference] = dossier.objects.create(
                uid=madang.kernel.tokens.new_uid(),
                call_id=one.call_id,
                reference=one.reference,
                track=one.track,
                opened_at=one.filing.filed_at if one.filing_id else one.batch.imported_at,
            )
        elif found.track != one.track:
            found.track = one.track
            found.save(update_fields=["track"])
        application.objects.filter(pk=one.pk).update(dossier=found)


class Migration(migrations.Migration):
    dependencies = [("applications", "0005_uploads"), ("calls", "0003_filing")]

    operations = [
        migrations.CreateModel(
            name="Dossier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "uid",
                    models.CharField(default=madang.kernel.tokens.new_uid, editable=False, max_length=22, unique=True),
                ),
                ("reference", models.CharField(max_length=200)),
                ("track", models.CharField(blank=True, max_length=80)),
                ("opened_at", models.DateTimeField()),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dossiers", to="calls.call"
                    ),
                ),
            ],
            options={
                "ordering": ["call", "reference"],
                "indexes": [models.Index(fields=["call", "track"], name="dossier_call_track")],
                "constraints": [
                    models.UniqueConstraint(fields=("call", "reference"), name="one_dossier_of_a_reference")
                ],
            },
        ),
        migrations.AddField(
            model_name="application",
            name="dossier",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="applications",
                to="applications.dossier",
            ),
        ),
        migrations.RunPython(open_dossiers, migrations.RunPython.noop),
    ]
