"""What the environment says, and what it may not say."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from madang.site.environment import database, file_store, flag, number, scanner, translator, words


@pytest.mark.parametrize(("given", "meant"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_a_flag_is_yes_or_no(monkeypatch, given, meant):
    monkeypatch.setenv("MADANG_HTTPS", given)
    assert flag("MADANG_HTTPS") is meant


def test_an_unclear_flag_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("MADANG_HTTPS", "maybe")
    with pytest.raises(ImproperlyConfigured, match="MADANG_HTTPS"):
        flag("MADANG_HTTPS")


def test_a_list_is_separated_by_commas(monkeypatch):
    monkeypatch.setenv("MADANG_HOSTS", " a.example, ,b.example ")
    assert words("MADANG_HOSTS", default=["x"]) == ["a.example", "b.example"]
    monkeypatch.setenv("MADANG_HOSTS", "")
    assert words("MADANG_HOSTS", default=["x"]) == ["x"]


def test_a_number_is_whole_and_within_its_bounds(monkeypatch):
    monkeypatch.setenv("MADANG_WEB_THREADS", " 8 ")
    assert number("MADANG_WEB_THREADS", default=2, most=64) == 8
    monkeypatch.setenv("MADANG_WEB_THREADS", "")
    assert number("MADANG_WEB_THREADS", default=2, most=64) == 2
    for unclear in ("0", "65", "-1", "4.5", "many", "٤"):
        monkeypatch.setenv("MADANG_WEB_THREADS", unclear)
        with pytest.raises(ImproperlyConfigured, match="MADANG_WEB_THREADS"):
            number("MADANG_WEB_THREADS", default=2, most=64)


def test_without_an_address_the_database_is_a_durable_sqlite_in_the_data_folder(tmp_path):
    found = database("", tmp_path)
    assert found["NAME"] == tmp_path / "madang.sqlite3"
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"].replace(" ", "")


def test_a_postgresql_address_is_taken_apart_and_percent_signs_undone():
    found = database("postgresql://city%40gov:p%2Fw@db.example:5433/madang?sslmode=require", Path())
    told = [found[name] for name in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")]
    assert told == ["django.db.backends.postgresql", "madang", "city@gov", "p/w", "db.example", "5433"]
    assert found["OPTIONS"]["sslmode"] == "require"


def test_another_kind_of_address_is_refused():
    with pytest.raises(ImproperlyConfigured):
        database("mysql://x/y", Path())


def test_a_translation_service_has_an_address_of_the_web():
    assert translator("https://translate.example/") == "https://translate.example"
    assert translator("") == ""
    with pytest.raises(ImproperlyConfigured, match="MADANG_TRANSLATOR_URL"):
        translator("file:///etc/passwd")


@pytest.mark.parametrize("url", ["", "s3://k:s@host:9000/bucket?tls=0", "s3:///bucket", "file:///folder"])
def test_an_address_of_the_file_store_is_taken_without_going_there(url):
    file_store(url)


@pytest.mark.parametrize("url", ["gs://bucket", "s3://host", "/folder", "http://host/bucket"])
def test_an_address_that_is_no_file_store_is_refused_by_name(url):
    with pytest.raises(ImproperlyConfigured, match="MADANG_FILES_URL"):
        file_store(url)


def test_a_scanner_has_a_host_and_a_port_or_a_socket():
    for where in ("", "127.0.0.1:3310", "[::1]:3310", "unix:/run/clamav/clamd.ctl"):
        scanner(where)
    for where in ("127.0.0.1", "unix:relative", "/run/clamd"):
        with pytest.raises(ImproperlyConfigured, match="MADANG_CLAMAV"):
            scanner(where)
