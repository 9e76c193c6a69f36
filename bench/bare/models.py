"""Three tables: an application with one column an answer, its files, and what was filed."""

from django.conf import settings
from django.db import models


class Application(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    name = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=200, blank=True)
    summary = models.TextField(blank=True)
    problem = models.TextField(blank=True)
    field = models.CharField(max_length=20, blank=True, choices=[("water", "Water"), ("traffic", "Traffic")])
    people = models.IntegerField(null=True, blank=True)
    since = models.DateField(null=True, blank=True)
    contact = models.EmailField(blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    filed_at = models.DateTimeField(null=True)


class Attachment(models.Model):
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    size = models.IntegerField()


class Filing(models.Model):
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    number = models.CharField(max_length=40, unique=True)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    filed_at = models.DateTimeField()
