"""Who hears what, and what the worker does: the one page that says so."""

from madang.apps.calls.commands import tell_alerts
from madang.kernel import mail, worker


def connect() -> None:
    """Called once, when Django is ready."""
    worker.every(1, "mail", mail.deliver_due)
    worker.every(300, "alerts", tell_alerts)
