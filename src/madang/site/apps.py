from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "madang.site"
    label = "madang_site"

    def ready(self) -> None:
        from madang.site.wiring import connect

        connect()
