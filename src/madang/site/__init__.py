"""The wiring of one installation: settings, root addresses, the ASGI door."""
