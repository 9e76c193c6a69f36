"""Mail under faults, with real worker processes and a real mail server: the server gone, a worker killed with -9.

Each function runs so many rounds on a database of its own and returns what it counted; it raises `AssertionError` where
a promise is broken. `MADANG_DATABASE_URL` (an empty PostgreSQL) is used where it is given, else SQLite.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kernel.smtp import Received, free_port, listening

MAILS = 30
PATIENCE_S = 120
"""How long something may take that must come by itself; on a quiet machine it is seconds."""

_CONSOLE = """
import json, sys
import django; django.setup()
from django.core.management import call_command
from madang.kernel.clock import now
from madang.kernel.mail import MailServer, OutgoingMail, deliver_due, in_state, post
call_command("migrate", verbosity=0)
def counted(key):
    rows = OutgoingMail.objects.filter(key__startswith=key + "-")
    return [in_state(rows, state).count() for state in ("sent", "waiting", "sending")] + [max(rows.values_list("attempts", flat=True))]
def posted(key, n):
    for i in range(n):
        post("notice", to=f"reader{i}@example.org", language="en", context={"what": "password_set"}, key=f"{key}-{i}")
def hours_pass():
    OutgoingMail.objects.filter(due_at__gt=now()).update(due_at=now())
    MailServer.objects.update(next_try_at=now())
for line in sys.stdin:
    print(json.dumps(eval(line)), flush=True)
"""  # noqa: E501 - a program, read as one


@dataclass
class Installation:
    """A data folder with a migrated database: a console that stays open in it, and workers as an operator runs them."""

    folder: Path
    url: str
    port: int
    console: "subprocess.Popen[str]" = field(init=False)
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.console = subprocess.Popen(
            [sys.executable, "-c", _CONSOLE],
            env=self._environment(self.port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _environment(self, port: int) -> dict[str, str]:
        return os.environ | {
            "MADANG_DATA": str(self.folder),
            "MADANG_DATABASE_URL": self.url,
            "MADANG_MAIL_URL": f"smtp://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": "madang.site.settings",
        }

    def ask(self, expression: str) -> Any:
        """What the console answers."""
        assert self.console.stdin
        assert self.console.stdout
        print(expression, file=self.console.stdin, flush=True)
        return json.loads(self.console.stdout.readline())

    def counted(self, key: str) -> tuple[int, int, int, int]:
        """Sent, waiting, being sent, and the most tries that any mail has had."""
        sent, waiting, sending, tries = self.ask(f"counted({key!r})")
        return sent, waiting, sending, tries

    def worker(self, port: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "madang.cli.main", "worker"]
        started = subprocess.Popen(command, env=self._environment(port), stderr=subprocess.DEVNULL)
        self.workers.append(started)
        return started

    def stop(self) -> None:
        """Ask every worker to stop, and wait for it: what it has begun it ends."""
        for one in self.workers:
            one.terminate()
        for one in self.workers:
            one.wait(PATIENCE_S)
        self.workers.clear()


@contextmanager
def installation(port: int) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="madang-torture-mail-") as folder:
        found = Installation(Path(folder), os.environ.get("MADANG_DATABASE_URL", ""), port)
        try:
            assert found.ask("1") == 1
            yield found
        finally:
            for one in (*found.workers, found.console):
                one.kill()
                one.wait()


def comes(what: Callable[[], bool], why: str) -> None:
    """Wait until it is so."""
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until, why
        time.sleep(0.05)


def readers(*envelopes: Any) -> Counter[str]:
    return Counter(one.rcpt_tos[0] for one in envelopes)


EVERYBODY = Counter({f"reader{i}@example.org": 1 for i in range(MAILS)})


# --- The mail server is gone ------------------------------------------------------------------------------------------


def mail_gone(rounds: int) -> dict[str, int]:
    """No mail server, mails are posted; then there is one, which breaks its lines in the middle, and mends.

    Every mail arrives exactly once, by itself. While nobody listens no mail loses a try; a broken line costs one to the
    mail on it. What has a wait of minutes is made due by setting the clock of its row on, in place of waiting.
    """
    port = free_port()
    with installation(port) as here:
        here.worker(port)
        for turn in range(rounds):
            _gone_once(here, port, f"gone-{turn}")
        here.stop()
    return {"rounds": rounds, "delivered": rounds * MAILS}


def _gone_once(here: Installation, port: int, key: str) -> None:
    received = Received()
    here.ask(f"posted({key!r}, {MAILS})")
    comes(lambda: bool(here.ask("MailServer.known().tries")), "the worker finds nobody")
    assert here.counted(key) == (0, MAILS, 0, 0), "nothing is sent, and nothing is lost, while nobody listens"
    received.until_it_breaks = MAILS // 3
    with listening(received, port):
        comes(lambda: received.broken >= 1, "mails go out by themselves once it is back, until a line breaks")
        received.until_it_breaks = None
        here.ask("hours_pass()")
        comes(lambda: here.counted(key)[0] >= MAILS - 2, "and on a new line")
        here.ask("hours_pass()")
        comes(lambda: here.counted(key)[0] == MAILS, "those on the broken lines too")
    assert readers(*received.envelopes) == EVERYBODY, "each exactly once"
    assert here.counted(key)[3] <= 3


# --- A worker is killed -----------------------------------------------------------------------------------------------


class Deadly(Received):
    """A server that kills the worker that speaks to it, once: before it has accepted its mail, or after."""

    def __init__(self, after: int, accepted: bool) -> None:
        super().__init__()
        self.after, self.accepted = after, accepted
        self.victim: Any = None
        self.killed = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        dies = not self.killed and len(self.envelopes) >= self.after
        if not dies or self.accepted:
            self.envelopes.append(envelope)
        if dies:
            self.victim.send_signal(signal.SIGKILL)
            self.victim.wait()
            self.killed += 1
        return "250 OK"


def worker_killed(rounds: int) -> dict[str, int]:
    """Two workers send; one is killed with -9 while it speaks to the server, before or after that has accepted.

    No mail is lost. Killed before: each arrives exactly once. Killed after the server has accepted, and before the
    worker could write that down: this one mail arrives twice, with the same Message-ID, and no other does.
    """
    twice = 0
    port = free_port()
    with installation(port) as here:
        for turn in range(rounds):
            twice += _killed_once(here, port, turn)
    return {"rounds": rounds, "delivered": rounds * MAILS, "twice": twice}


def _killed_once(here: Installation, port: int, turn: int) -> int:
    """How many mails arrived twice."""
    key, accepted, deadly_port = f"killed-{turn}", turn % 2 == 1, free_port()
    deadly, calm = Deadly(2 + turn % 5, accepted), Received()
    with listening(deadly, deadly_port), listening(calm, port):
        deadly.victim = here.worker(deadly_port)
        here.ask(f"posted({key!r}, {MAILS})")
        comes(lambda: bool(deadly.envelopes), "the first worker begins")
        here.worker(port)
        comes(lambda: deadly.killed == 1, "it is killed")
        comes(lambda: here.counted(key)[1] == 0, "the other goes on")
        here.stop()
        assert here.counted(key)[:3] == (MAILS - 1, 0, 1), "all but the one in the dead worker's hands"
        here.ask("hours_pass()")  # the lease runs out
        assert here.ask("deliver_due()") == 1
    both = [*deadly.envelopes, *calm.envelopes]
    doubled = readers(*both) - EVERYBODY
    assert set(readers(*both)) == set(EVERYBODY), "nothing is lost"
    assert doubled.total() == (1 if accepted else 0), (accepted, doubled)
    for to in doubled:
        assert len({_name(one) for one in both if one.rcpt_tos == [to]}) == 1, "the same Message-ID"
    assert here.counted(key)[0] == MAILS
    return doubled.total()


def _name(envelope: Any) -> bytes:
    return next(line for line in envelope.content.splitlines() if line.lower().startswith(b"message-id:"))
