from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "madang.kernel"
    label = "kernel"
