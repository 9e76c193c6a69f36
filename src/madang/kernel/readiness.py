"""Whether the platform can do its work at this moment: database, files, disk. Each question is a small one."""

import os
import shutil
import tempfile
from typing import Final

from django.db import Error, connection

from madang.kernel.datadir import data_dir, root

LEAST_FREE: Final = 64 * 1024 * 1024
"""Bytes without which nothing shall be taken in: a filing with its attachments must not stop half-way."""


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
    """Empty where a file can be written into the store, and taken away again; else what the system says."""
    try:
        handle, probe = tempfile.mkstemp(dir=data_dir() / "files", prefix=".probe-")
        try:
            os.write(handle, b"probe")
            os.fsync(handle)
        finally:
            os.close(handle)
            os.unlink(probe)
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def free_bytes() -> int:
    """Free space where the data folder lies, for this user."""
    return shutil.disk_usage(root()).free
