"""The door of the web process: an ASGI application for granian or any other ASGI server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")

django = get_asgi_application()

from madang.web.keeper import Keeper  # noqa: E402 - Django must be set up first
from madang.web.keeping import SITE  # noqa: E402

application = Keeper(django, SITE)
