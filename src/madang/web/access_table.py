"""The whole table of addresses and who gets what there, put together from the audiences' own tables."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

import madang.web
from madang.web.access import Access


@cache
def table() -> dict[str, Access]:
    """Route name -> access. Raises `ValueError` where two audiences speak of the same route."""
    found: dict[str, Access] = {}
    for module in _modules():
        for route, access in module.ACCESS.items():
            if route in found:
                raise ValueError(f"{route}: two tables speak of it")
            found[route] = access
    return found


def addresses() -> dict[str, str]:
    """Route name -> address pattern, of everything that the site answers to."""
    return dict(_routes(get_resolver(), "", ""))


def _modules() -> Iterator[object]:
    for audience in pkgutil.iter_modules(madang.web.__path__, "madang.web."):
        if not audience.ispkg:
            continue
        package = importlib.import_module(audience.name)
        for module in pkgutil.iter_modules(package.__path__, f"{audience.name}."):
            if module.name.rpartition(".")[2].startswith("access"):
                yield importlib.import_module(module.name)


def _routes(resolver: URLResolver, prefix: str, space: str) -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        where = prefix + str(one.pattern).removeprefix("^")
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _routes(one, where, inner)
        elif isinstance(one, URLPattern):
            yield f"{space}{one.name or where}", "/" + where
