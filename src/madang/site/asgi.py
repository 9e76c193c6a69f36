"""The door of the web process: an ASGI application for granian or any other ASGI server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")

application = get_asgi_application()
