"""Rows that are written once: the journal, published definitions, sealed decisions.

This stops our own code. What stops everybody else are triggers and roles in the database (`madang.kernel.guards`).
"""

from typing import Any, NoReturn, TypeVar

from django.db import models


class WrittenOnce(TypeError):
    """Somebody tried to change or remove a row that is written once."""


M = TypeVar("M", bound=models.Model)


class AppendOnlyQuerySet(models.QuerySet[M]):
    """Reads and inserts; every other way of writing is refused."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise WrittenOnce(f"{self.model.__name__} rows are written once")

    update = bulk_update = update_or_create = delete = _refuse
    aupdate = abulk_update = aupdate_or_create = adelete = _refuse

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> list[M]:
        if options.get("update_conflicts") or options.get("ignore_conflicts"):
            self._refuse()  # (what is ignored on one database is refused by the trigger of the other)
        return super().bulk_create(objs, *args, **options)


class AppendOnly(models.Model):
    """A model whose rows are inserted and never touched again."""

    objects = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WrittenOnce(f"{type(self).__name__} rows are written once")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise WrittenOnce(f"{type(self).__name__} rows are written once")
