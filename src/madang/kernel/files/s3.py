"""The store as a bucket of any S3-compatible service. Imported only where one is set: boto3 is large.

One PUT per file, with its SHA-256: it is there whole, or not at all. What the service does not say to have checked is
read back. Every call ends within seconds, so that a dead service costs a refusal and not a page.
"""

import base64
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Final
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from madang.kernel.datadir import data_dir
from madang.kernel.files.store import CHUNK, Corrupted, DiskFull, Kept, NotKept, StoreGone, at_work, checked_name

_CONNECT_S: Final = 2
_ANSWER_S: Final = 5
_PUT_ANSWER_S: Final = 60
"""Seconds; a service may need long to store a large file, but has answered a question just before."""
_MISSING: Final = {"404", "NoSuchKey", "NotFound"}
_FULL: Final = {"507", "InsufficientStorage", "XMinioStorageFull", "QuotaExceeded"}


_making = Lock()


@cache
def _session() -> Any:
    """Read once: it knows the description of every service."""
    return boto3.session.Session()


class Bucket:
    """The files of one bucket, below a prefix. Safe for threads."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""
        options = parse_qs(parts.query)
        plain = options.get("tls", ["1"])[-1] == "0"
        port = f":{parts.port}" if parts.port else ""
        self._about: dict[str, Any] = {
            "endpoint_url": f"http{'' if plain else 's'}://{parts.hostname}{port}" if parts.hostname else None,
            "region_name": options.get("region", [None])[-1] or ("us-east-1" if parts.hostname else None),
            "aws_access_key_id": unquote(parts.username) if parts.username else None,
            "aws_secret_access_key": unquote(parts.password) if parts.password else None,
        }
        self._path_style = bool(parts.hostname)
        with self._reached():
            self._ask, self._send = self._client(_ANSWER_S), self._client(_PUT_ANSWER_S)

    def _client(self, answer_s: int) -> Any:
        config = Config(
            connect_timeout=_CONNECT_S,
            read_timeout=answer_s,
            retries={"mode": "standard", "total_max_attempts": 2},
            max_pool_connections=32,
            s3={"addressing_style": "path"} if self._path_style else {},
            # Only the checksum that is asked for: the default one comes in a form that many services do not know.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        with _making:  # clients are safe for threads, making one is not
            return _session().client("s3", config=config, **self._about)

    def aside(self) -> Path:
        return data_dir() / "cache"

    def put(self, aside: Path, kept: Kept) -> None:
        key, digest = self._key(kept.sha256), base64.b64encode(bytes.fromhex(kept.sha256)).decode()
        with self._reached():
            if self._stands(key, kept.size, digest):
                return
            with aside.open("rb") as file:
                answer = self._send.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=file,
                    ContentLength=kept.size,
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=digest,
                )
        if answer.get("ChecksumSHA256") != digest:  # this service did not look: we do
            try:
                self.opened(kept.sha256).close()
            except (Corrupted, NotKept) as error:
                raise StoreGone(f"bucket {self._bucket} does not give back what it was given") from error

    def _stands(self, key: str, size: int, digest: str) -> bool:
        """Whether this very content is there already."""
        try:
            there = self._ask.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if _code(error) in _MISSING:
                return False
            raise
        return bool(there.get("ContentLength") == size and there.get("ChecksumSHA256") == digest)

    def opened(self, sha256: str) -> BinaryIO:
        key = self._key(sha256)
        with at_work("the folder for what is read"):
            whole = tempfile.TemporaryFile(dir=data_dir() / "cache", prefix=".read-")  # noqa: SIM115  # handed on, open
        try:
            digest = hashlib.sha256()
            for piece in self._pieces(key, sha256):
                digest.update(piece)
                with at_work("the folder for what is read"):
                    whole.write(piece)
            if digest.hexdigest() != sha256:
                raise Corrupted(f"{key}: the content does not have this hash. Restore it from a backup.")
            with at_work("the folder for what is read"):
                whole.seek(0)
        except BaseException:
            whole.close()
            raise
        return whole

    def _pieces(self, key: str, sha256: str) -> Iterator[bytes]:
        with self._reached(sha256):
            body = self._ask.get_object(Bucket=self._bucket, Key=key)["Body"]
        try:
            while True:
                with self._reached(sha256):
                    piece = body.read(CHUNK)
                if not piece:
                    return
                yield piece
        finally:
            body.close()

    def size(self, sha256: str) -> int:
        key = self._key(sha256)
        with self._reached(sha256):
            return int(self._ask.head_object(Bucket=self._bucket, Key=key)["ContentLength"])

    def all(self) -> Iterator[Kept]:
        pages = iter(self._ask.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix))
        while True:
            with self._reached():
                page = next(pages, None)
            if page is None:
                return
            for one in page.get("Contents", ()):
                sha256 = one["Key"].rpartition("/")[2]
                if len(sha256) == 64 and one["Key"] == f"{self._prefix}{sha256[:2]}/{sha256}":
                    yield Kept(sha256, int(one["Size"]))

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}{checked_name(sha256)[:2]}/{sha256}"

    @contextmanager
    def _reached(self, sha256: str = "") -> Iterator[None]:
        """What the service or the line to it says, as this house says it. No message holds a secret."""
        where = f"bucket {self._bucket}" + (f" at {self._about['endpoint_url']}" if self._about["endpoint_url"] else "")
        try:
            yield
        except ClientError as error:
            code = _code(error)
            if code in _MISSING and sha256:
                raise NotKept(sha256) from None
            raise (DiskFull if code in _FULL else StoreGone)(f"{where}: {code}") from error
        except (BotoCoreError, HTTPError, OSError, ValueError) as error:
            raise StoreGone(f"{where}: {type(error).__name__}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code") or "")
