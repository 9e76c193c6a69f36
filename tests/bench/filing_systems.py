"""The two systems of the filing benchmark, started alike: two web processes of granian, and what belongs to them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final, Protocol

from tests.bench.web_process import answers
from tests.torture import databases, processes
from tests.torture.children import ROOT, told_by
from tests.torture.site import Site
from tests.torture.waiting import until

PROCESSES: Final = 2
DEFINITION: Final = """\
madang: 1
id: {call}
programme: bench
sample: true
languages: [en, ko]
title: {{en: Bench, ko: 측정 공모}}
host: {{organisation: sample-agency}}
intake: {{mode: window}}
schedule: {{zone: Asia/Seoul, opens: 2020-01-01, closes: {{at: {closes}}}}}
tracks: [{{id: plan, title: {{en: Plan, ko: 계획}}, applicants: [city]}}]
classifications: {{country: iso-3166, field: molit-release-2021}}
form:
  - section: project
    title: {{en: Project, ko: 사업}}
    fields:
      - {{id: name, type: text, required: true, label: {{en: Name, ko: 이름}}}}
      - {{id: city, type: text, label: {{en: City, ko: 도시}}}}
      - {{id: summary, type: long_text, required: true, label: {{en: Summary, ko: 개요}}}}
      - {{id: problem, type: long_text, label: {{en: Problem, ko: 문제}}}}
      - {{id: field, type: choice, options: [{{id: water, label: {{en: Water, ko: 물}}}}, {{id: traffic, label: {{en: Traffic, ko: 교통}}}}], label: {{en: Field, ko: 분야}}}}
      - {{id: people, type: number, label: {{en: People, ko: 인구}}}}
      - {{id: since, type: date, label: {{en: Since, ko: 시작일}}}}
      - {{id: contact, type: email, label: {{en: Contact, ko: 연락처}}}}
      - {{id: paper, type: file, formats: [pdf], max_mb: 1, required: true, label: {{en: Paper, ko: 서류}}}}
evaluation:
  - {{id: read, kind: judged, scale: {{min: 0, max: 10}}, criteria: [{{id: need, weight: 100, label: {{en: N, ko: 필}}}}]}}
decide: {{by: rank, combine: {{read: 100}}, seats: {{max: 1}}, ties: [need, lot]}}
outcome: {{kind: award}}
"""  # noqa: E501 - one line a field
"""The bare app asks for the same eight answers and a file."""


class System(Protocol):
    name: str

    def ports(self) -> list[int]: ...

    def pids(self) -> list[int]: ...

    def people(self, count: int) -> list[dict[str, Any]]: ...


class Madang:
    name = "madang"

    def __init__(self, site: Site, codes: Path) -> None:
        self.site, self.codes, self._calls = site, codes, 0

    def ports(self) -> list[int]:
        return [self.site.port] * PROCESSES

    def pids(self) -> list[int]:
        return self.site.pids()

    def newcomers(self, count: int) -> list[dict[str, Any]]:
        """People who have no account yet, and a call that takes them."""
        call = self.people(0) or f"bench-{self._calls}"
        told = {"codes": str(self.codes), "call": call}
        return [
            {"number": number, "address": f"new-{self._calls}-{number}@example.org", **told} for number in range(count)
        ]

    def people(self, count: int) -> list[dict[str, Any]]:
        self._calls += 1
        asked = {"call": f"bench-{self._calls}", "count": count, "complete": False, "definition": DEFINITION}
        found = told_by("world", self.site.environment, asked)
        return [{**one, "number": number} for number, one in enumerate(found)]


class Bare:
    name = "bare"

    def __init__(self, home: Path, database: str) -> None:
        (home / "files").mkdir(parents=True)
        self.log, self.environment = (
            home / "log",
            {
                **processes.bare_environment(),
                "BARE_DATA": str(home),
                "BARE_DATABASE_URL": database,
                "DJANGO_SETTINGS_MODULE": "bench.bare.settings",
                "MADANG_DATA": str(home / "unused"),
                "PYTHONPATH": str(ROOT),
            },
        )
        command = [sys.executable, "-m", "django", "migrate", "-v0"]
        subprocess.run(command, env=self.environment, check=True, cwd=ROOT)
        self._ports = [processes.free_port() for _ in range(PROCESSES)]
        self._processes = [self._start(port) for port in self._ports]
        for port in self._ports:
            until(lambda port=port: answers(port, "/enter"), 30, f"the bare app answers; {self.log}")

    def _start(self, port: int) -> Any:
        command = [sys.executable, "-m", "granian", "--interface", "asginl", "--workers", "1", "--port", str(port)]
        command += ["--no-access-log", "--log-level", "warning", "bench.bare.asgi:application"]
        return processes.start(command, self.environment, self.log, cwd=ROOT)

    def ports(self) -> list[int]:
        return self._ports

    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    def people(self, count: int) -> list[dict[str, Any]]:
        found = []
        for number in range(count):
            with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[number % PROCESSES]}/enter") as answer:
                cookies: SimpleCookie = SimpleCookie()
                for line in answer.headers.get_all("set-cookie"):
                    cookies.load(line)
                session, draft = cookies["bare-session"].value, answer.read().decode()
            found.append({"session": session, "draft": draft, "number": number})
        return found

    def close(self) -> None:
        for process in self._processes:
            processes.kill(process)


@contextlib.contextmanager
def both(database: str) -> Iterator[tuple[Madang, Bare, list[int]]]:
    """Both systems on this kind of database, and the database server's processes, which both share."""
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="madang-bench-")))
        server = databases.of(database)
        stack.callback(server.clear)
        server.start()
        codes, port = home / "codes", processes.free_port()
        codes.mkdir()
        command = [sys.executable, "-m", "tests.bench.filing_mail", str(port), str(codes)]
        mail = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        stack.callback(mail.kill)
        assert mail.stdout is not None
        mail.stdout.readline()
        environment = {"MADANG_HOSTS": "127.0.0.1", "MADANG_MAIL_URL": f"smtp://127.0.0.1:{port}"}
        site = stack.enter_context(Site(server, web=PROCESSES, environment=environment))
        site.prepare()
        site.start()
        one = Bare(home / "bare", databases.beside(server, "bare"))
        stack.callback(one.close)
        yield Madang(site, codes), one, server.pids()
