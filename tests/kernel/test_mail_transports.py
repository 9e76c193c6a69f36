"""Over which lines mail leaves: SMTP with TLS and a password, and any backend of Django, by one address."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from django.core import mail as django_mail
from django.core.exceptions import ImproperlyConfigured

from madang.kernel.mail import MailServer, OutgoingMail, deliver_due, post
from madang.site.environment import mail
from tests.kernel.smtp import Received, certificate, free_port, listening


def use(settings: Any, url: str, data: Path) -> None:
    """As `madang.site.settings` reads MADANG_MAIL_URL."""
    for name, value in mail(url, data).items():
        setattr(settings, name, value)


def notice(to: str = "sari@example.org") -> OutgoingMail:
    return post("notice", to=to, language="en", context={"what": "password_set"})


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"))


def knows(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"office@agency", b"p/w")
    return AuthResult(success=right, handled=False)  # the server answers: 235 or 535


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # over TLS from the start there is no STARTTLS to require
@pytest.mark.parametrize("scheme", ["smtps", "smtp+tls"])
def test_with_tls_and_a_password(
    scheme: str, certified: tuple[Path, ssl.SSLContext], settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    trusted, context = certified
    port = free_port()
    secured: dict[str, Any] = (
        {"ssl_context": context} if scheme == "smtps" else {"tls_context": context, "require_starttls": True}
    )
    with listening(
        Received(), port, **secured, authenticator=knows, auth_required=True, auth_require_tls=scheme != "smtps"
    ) as received:
        use(settings, f"{scheme}://office%40agency:wrong@127.0.0.1:{port}", tmp_path)
        one = notice()
        assert deliver_due() == 0  # nobody has signed this certificate
        assert MailServer.known().last_error == "SSLCertVerificationError"
        MailServer.objects.all().delete()
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert deliver_due() == 0  # the wrong password
        assert MailServer.known().last_error == "SMTPAuthenticationError"
        one.refresh_from_db()
        assert one.attempts == 0
        MailServer.objects.all().delete()
        use(settings, f"{scheme}://office%40agency:p%2Fw@127.0.0.1:{port}", tmp_path)
        assert deliver_due() == 1
    assert len(received.envelopes) == 1


@pytest.mark.django_db
def test_any_backend_of_django_and_its_options(settings: Any, tmp_path: Path, capsys: Any) -> None:
    notice("one@example.org")
    use(settings, "django:django.core.mail.backends.locmem.EmailBackend", tmp_path)
    assert deliver_due() == 1
    assert [one.to for one in django_mail.outbox] == [["one@example.org"]]

    notice("two@example.org")
    folder = tmp_path / "elsewhere"
    use(settings, f"django:django.core.mail.backends.filebased.EmailBackend?file_path={folder}", tmp_path)
    assert deliver_due() == 1
    assert "To: two@example.org" in next(folder.iterdir()).read_text("utf-8")

    notice("three@example.org")
    use(settings, "console:", tmp_path)
    assert deliver_due() == 1
    assert "To: three@example.org" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_backend_that_speaks_another_protocol_gets_the_text_as_it_was_written(settings: Any, tmp_path: Path) -> None:
    long = notice()
    long.text = "word " * 60
    long.save()
    use(settings, "django:django.core.mail.backends.locmem.EmailBackend", tmp_path)
    deliver_due()
    [sent] = django_mail.outbox
    assert sent.body == long.text
    assert all(len(line) < 80 for line in sent.message().get_payload().splitlines())


def test_names_in_capitals_are_settings_of_the_backend_and_never_of_the_site(tmp_path: Path) -> None:
    backend = "django:django.core.mail.backends.smtp.EmailBackend"
    found = mail(f"{backend}?ANYMAIL_KEY=x%2Fy&timeout=25&use_tls=true", tmp_path)
    assert found["MAIL_OPTIONS"] == {"timeout": 25, "use_tls": True}
    assert found["ANYMAIL_KEY"] == "x/y"
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        mail(f"{backend}?DEBUG=true", tmp_path)


@pytest.mark.parametrize("url", ["django:no.such.Backend", "django:", "gopher://x", "imap://mail.example.org"])
def test_what_is_no_way_to_send_is_refused_at_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="MADANG_MAIL_URL"):
        mail(url, tmp_path)
