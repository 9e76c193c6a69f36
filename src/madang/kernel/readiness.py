"""Whether the platform can do its work at this moment: database, files, disk. Each question is a small one."""

import contextlib
import os
import shutil
import tempfile
from typing import Final

from django.db import Error, connection

from madang.kernel import files
from madang.kernel.datadir import root

LEAST_FREE: Final = 64 * 1024 * 1024
"""Bytes without which nothing shall be taken in: a filing with its attachments must not stop half-way."""

NOBODYS: Final = "0" * 64
"""The hash of no file: asking for it asks the store, and reads nothing."""


def database() -> str:
    """Empty where the database answers, else the kind of error."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error as error:
        connection.close()  # the next one asks anew
        return type(error).__name__
    return ""


def store() -> str:
    """Empty where the file store answers, and a file can be gathered for it; else what is wrong."""
    try:
        here = files.store()
        with contextlib.suppress(files.NotKept):
            here.size(NOBODYS)
        handle, probe = tempfile.mkstemp(dir=here.aside(), prefix=".probe-")
        try:
            os.write(handle, b"probe")
            os.fsync(handle)
        finally:
            os.close(handle)
            os.unlink(probe)
    except (OSError, ValueError, files.StoreGone, files.DiskFull) as error:
        return getattr(error, "strerror", None) or str(error) or type(error).__name__
    return ""


def free_bytes() -> int:
    """Free space where the data folder lies, for this user."""
    return shutil.disk_usage(root()).free
