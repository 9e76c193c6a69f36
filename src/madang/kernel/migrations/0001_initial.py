from django.db import migrations, models

import madang.kernel.journal


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=madang.kernel.journal.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor_id", models.CharField(blank=True, max_length=100)),
                ("actor_label", models.CharField(blank=True, max_length=200)),
                ("command", models.CharField(max_length=100)),
                ("object_kind", models.CharField(max_length=50)),
                ("object_id", models.CharField(max_length=200)),
                ("before_sha256", models.CharField(blank=True, max_length=64)),
                ("after_sha256", models.CharField(blank=True, max_length=64)),
                ("payload", models.TextField(default="{}")),
            ],
            options={
                "verbose_name_plural": "journal entries",
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["object_kind", "object_id"], name="journal_object"),
                    models.Index(fields=["at"], name="journal_at"),
                ],
            },
        ),
    ]
