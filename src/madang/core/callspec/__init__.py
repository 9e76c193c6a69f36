"""The call definition: read it (`parse`), hold its parts against each other (`check`, `lint`), print its schema.

Source: `docs/formats/call-definition.md`. The model itself is `madang.core.callspec.model`.
"""

from madang.core.callspec.lint import check, lint
from madang.core.callspec.model import Definition
from madang.core.callspec.parse import parse, schema
from madang.core.callspec.source import Source

__all__ = ["Definition", "Source", "check", "lint", "parse", "schema"]
