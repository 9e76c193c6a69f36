"""The log never holds an address that opens something by itself."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from madang.site.logs import WithoutSecrets
from tests.factories.filing import FilingWorld
from tests.web.test_partner_pages import ask

SECRETS = (
    "/papers/{}",
    "/papers/{}/files/abc",
    "/invitations/drafts/{}",
    "/invitations/organisations/{}",
    "/alerts/end/{}",
    "/mail/stop/{}",
    "/account/password/reset/key/{}/",
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the site's own handler writes."""
    out = io.StringIO()
    [formatter] = [one.formatter for one in logging.getLogger().handlers if isinstance(one.formatter, WithoutSecrets)]
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("address", SECRETS)
def test_what_opens_something_is_left_out_also_of_a_traceback(log: io.StringIO, address: str) -> None:
    path = address.format("s3cret-T0ken")
    try:
        raise ValueError(f"nothing at {path}?x=1")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", path)
    assert "nothing at" in log.getvalue()
    assert "s3cret" not in log.getvalue()


def test_other_addresses_are_written_as_they_are(log: io.StringIO) -> None:
    logging.getLogger("django.request").error("Internal Server Error: %s", "/calls/papers/2027/apply")
    logging.getLogger("django.request").error("Internal Server Error: %s", "/applications/abc/file")
    assert "/applications/abc/file" in log.getvalue()


@pytest.mark.django_db
def test_a_form_of_a_partner_from_elsewhere_is_not_logged_with_its_token(log: io.StringIO) -> None:
    """Django's refusal of a forged form names the path."""
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    _, address = ask(FilingWorld())
    assert client.post(address, {"do": "hand x"}).status_code == 403
    assert "Forbidden" in log.getvalue()
    assert address not in log.getvalue()
