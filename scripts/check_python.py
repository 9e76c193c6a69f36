"""Stop early, and say why, when Python is older than Madang needs."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells people with an older one
    sys.exit(f"Madang needs Python 3.11 or later; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 ...")
