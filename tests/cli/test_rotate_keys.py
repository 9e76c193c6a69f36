"""`madang rotate-keys` on a running platform: people stay signed in, a code on its way is good, old records verify."""

import http.cookiejar
import re
import urllib.parse
import urllib.request

import pytest

from madang.kernel import keys
from tests.cli.serving import copied, madang, migrated, serving


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return migrated(tmp_path_factory.mktemp("rotate") / "data")


@pytest.fixture
def folder(template, tmp_path, monkeypatch):
    monkeypatch.setenv("MADANG_DATA", str(tmp_path / "site"))
    return copied(template, tmp_path / "site")


class Reader:
    """A browser without pictures: it keeps cookies, and fills the first form of a page that has this field."""

    def __init__(self, site):
        self.site = f"http://127.0.0.1:{site.port}"
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path):
        with self.opener.open(self.site + path, timeout=60) as answer:
            return answer.url.removeprefix(self.site), answer.read().decode()

    def send(self, path, page, **fields):
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        request = urllib.request.Request(self.site + path, data, {"Referer": self.site + path})
        with self.opener.open(request, timeout=60) as answer:
            return answer.url.removeprefix(self.site), answer.read().decode()

    def ask_code(self, email):
        return self.send("/account/login/", self.get("/account/login/")[1], login=email, password="")

    def signed_in(self):
        return self.get("/me")[0] == "/me"


def code_for(folder, number):
    """The code in the newest of so many mails: the worker writes them into files."""
    while len(found := sorted((folder / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime)) < number:
        pass
    codes = []
    while not codes:
        codes = re.findall(r"\b(\d{4}-\d{4})\b", found[-1].read_text("utf-8"))
    return codes[-1]


def test_nobody_is_signed_out_and_no_code_on_its_way_is_lost(folder):
    madang(folder, "admin", "aram@example.org")
    madang(folder, "admin", "boram@example.org")
    assert madang(folder, "keys", "publish").returncode == 0
    before = {name: keys.secret(name) for name in ("secret-key", "session-key", "codes-key")}
    with serving(folder) as site:
        first, second = Reader(site), Reader(site)
        at, page = first.ask_code("aram@example.org")
        first.send(at, page, code=code_for(folder, 1))
        assert first.signed_in()
        waiting_at, waiting = second.ask_code("boram@example.org")
        code = code_for(folder, 2)

        asked = madang(folder, "rotate-keys")
        assert (asked.returncode, "--yes" in asked.stdout) == (1, True)
        assert keys.secret("session-key") == before["session-key"]
        done = madang(folder, "rotate-keys", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Replaced: the signing key" in done.stdout
        for _ in range(2):
            site.wait("Every process was replaced")
        assert all(keys.secret(name) != old for name, old in before.items())
        assert first.signed_in()
        assert not second.signed_in()
        second.send(waiting_at, waiting, code=code)
        assert second.signed_in()
        assert first.signed_in()
        site.stop()


def test_a_record_that_the_old_key_signed_still_verifies(tmp_path):
    folder = tmp_path / "site"
    decided = madang(folder, "decide", "examples/small-cities-2022-sample", "--out", str(tmp_path / "decided"))
    assert decided.returncode == 0, decided.stderr
    assert madang(folder, "keys", "publish", "--from", "2020-01-01").returncode == 0
    madang(folder, "migrate")
    done = madang(folder, "rotate-keys", "--yes")
    assert (done.returncode, "No madang serve runs" in done.stdout) == (0, True), done.stdout + done.stderr
    assert madang(folder, "keys", "publish", "--out", str(tmp_path / "keys.json")).returncode == 0
    record = tmp_path / "decided" / "record.json"
    told = madang(folder, "verify", str(record), "--key", str(tmp_path / "keys.json"))
    assert told.returncode == 0, told.stdout + told.stderr


def test_processes_that_do_not_take_the_next_keys_keep_the_old_ones(folder):
    with serving(folder) as site:
        before = keys.secret("session-key")
        (folder / "keys" / "secret-key").chmod(0o644)  # the settings refuse it, and so every new process
        done = madang(folder, "rotate-keys", "--yes")
        assert done.returncode == 2
        assert keys.secrets_of("session-key") == [before]
        assert site.get("/healthz")[0] == 200
