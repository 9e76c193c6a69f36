"""`madang bounces`: what a mail server pipes in, what is no report, what cannot be read."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from madang.cli.main import main
from madang.kernel.mail import OutgoingMail, State
from tests.apps.test_outbox import report, sent_one


@pytest.fixture(autouse=True)
def _in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.mark.django_db
def test_a_report_is_piped_in_and_marks_its_mail(monkeypatch: Any, capsys: Any) -> None:
    mail = sent_one()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(report(mail))))
    assert main(["bounces"]) == 0
    assert capsys.readouterr().out == f"{mail.uid} 5.1.1\n1 marked as come back\n"
    assert OutgoingMail.objects.get().state is State.BOUNCED


@pytest.mark.django_db
def test_files_and_a_maildir_and_nothing_of_ours_is_no_fault(tmp_path: Path, capsys: Any) -> None:
    mail = sent_one()
    (tmp_path / "a.eml").write_bytes(b"Subject: I am on holiday\n\nBack soon")
    (tmp_path / "b.eml").write_bytes(report(mail, to="other@example.org"))
    assert main(["bounces", str(tmp_path / "a.eml"), str(tmp_path / "b.eml")]) == 0
    assert capsys.readouterr().out == f"{mail.uid} 5.1.1: no mail of ours\n0 marked as come back\n"
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(report(mail))
    assert main(["bounces", "--maildir", str(tmp_path)]) == 0
    assert "1 marked" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: Any) -> None:
    assert main(["bounces", str(tmp_path / "none.eml")]) == 2
    assert main(["bounces", "--maildir", str(tmp_path / "none")]) == 2
    assert "none.eml: No such file" in capsys.readouterr().err
