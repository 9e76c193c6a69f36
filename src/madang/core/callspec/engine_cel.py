"""The one place that touches the CEL library (common-expression-language).

Chosen for speed (0.14 ms a rule) and for syntax errors with line and column. Its package imports an interactive shell
(prompt_toolkit, typer; 0.15 s); we load only its extension module, so that `madang decide` starts at once.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import PathFinder
from types import ModuleType


def _extension() -> ModuleType:
    if loaded := sys.modules.get("cel.cel"):
        return loaded
    package = importlib.util.find_spec("cel")
    found = PathFinder.find_spec("cel.cel", package.submodule_search_locations) if package else None
    if found is None or found.loader is None:
        raise ImportError("common-expression-language is not installed")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


_cel = _extension()
compile_expression = _cel.compile
Context = _cel.Context
