"""Imports and exports: what was handed in, the file that a batch came from, files that came, what was taken along."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import madang.kernel.tokens


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0008_supplements"),
        ("calls", "0003_filing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BatchSource",
            fields=[
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="origin",
                        serialize=False,
                        to="applications.receptionbatch",
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("replaced", models.JSONField(default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReceivedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "uid",
                    models.CharField(default=madang.kernel.tokens.new_uid, editable=False, max_length=22, unique=True),
                ),
                ("key", models.CharField(blank=True, max_length=250)),
                ("name", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("format", models.CharField(max_length=20)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="received_files",
                        to="applications.application",
                    ),
                ),
            ],
            options={
                "ordering": ["application", "key", "name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "uid",
                    models.CharField(default=madang.kernel.tokens.new_uid, editable=False, max_length=22, unique=True),
                ),
                ("form", models.CharField(max_length=4)),
                ("q", models.CharField(blank=True, max_length=500)),
                ("state", models.CharField(default="waiting", max_length=20)),
                ("counts", models.JSONField(default=dict)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size_bytes", models.PositiveBigIntegerField(default=0)),
                ("reasons", models.JSONField(default=list)),
                ("asked_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exports", to="calls.call"
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "id"],
                "indexes": [models.Index(fields=["state", "expires_at"], name="export_state_expires")],
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "uid",
                    models.CharField(default=madang.kernel.tokens.new_uid, editable=False, max_length=22, unique=True),
                ),
                ("name", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("state", models.CharField(default="waiting", max_length=20)),
                ("chosen", models.JSONField(default=dict)),
                ("dates", models.CharField(blank=True, max_length=3)),
                ("found", models.JSONField(default=dict)),
                ("base_sha256", models.CharField(blank=True, max_length=64)),
                ("note", models.JSONField(default=dict)),
                ("reasons", models.JSONField(default=list)),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="applications.receptionbatch",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imports", to="calls.call"
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "id"],
                "indexes": [models.Index(fields=["state", "started_at"], name="import_state_started")],
            },
        ),
    ]
