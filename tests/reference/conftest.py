"""Tests on real data that are measured and not shipped: they run where `MADANG_REFERENCE_DATA` says where it lies."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference_data() -> Path:
    given = os.environ.get("MADANG_REFERENCE_DATA")
    if not given:
        pytest.skip("MADANG_REFERENCE_DATA is not set: real data are not at hand")
    folder = Path(given)
    assert folder.is_dir(), f"MADANG_REFERENCE_DATA is no folder: {folder}"
    return folder
