from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class KernelConfig(AppConfig):
    name = "madang.kernel"
    label = "kernel"

    def ready(self) -> None:
        from madang.kernel import guards

        pre_migrate.connect(guards.before_migrate, sender=self)
        post_migrate.connect(guards.after_migrate, sender=self)
