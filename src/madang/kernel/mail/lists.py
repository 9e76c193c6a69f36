"""Lists that a reader leaves with one click (RFC 8058): alerts and reminders; never codes and receipts.

The address in the mail names the list and the reader, signed: nothing is kept for it, and it works without signing in.
"""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from madang.kernel.mail.models import MailStop


def stopped(name: str, reader: str) -> bool:
    """Whether this reader wants no mails of the list. One statement."""
    return MailStop.objects.filter(list=name, reader=reader, stopped_at__isnull=False).exists()


def stop_address(name: str, reader: str) -> str:
    """The address by which this reader leaves the list without signing in; it holds for ever."""
    return settings.SITE_ADDRESS + reverse("public:mail-stop", args=[_signer().sign(f"{name}.{reader}")])


def stopping(token: str) -> tuple[str, str] | None:
    """The list and the reader that such an address names; nothing where we did not make it."""
    try:
        name, _, reader = _signer().unsign(token).rpartition(".")
    except BadSignature:
        return None
    return name, reader


def _signer() -> Signer:
    return Signer(sep=".", salt="madang.mail.stop")
