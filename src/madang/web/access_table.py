"""The whole table of addresses and who gets what there, put together from the audiences' own tables."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Any

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
    """Route name -> address pattern, of everything that the site answers to.

    Of two routes at one address only the first is ever reached; the other is left out.
    """
    found: dict[str, str] = {}
    for route, address in _routes(get_resolver(), "", ""):
        if address not in found.values():
            found.setdefault(route, address)
    return found


def unnamed() -> list[Any]:
    """The views of addresses that have no name."""
    return [one.callback.view_class for _, one in _patterns(get_resolver(), "") if not one.name]


def _modules() -> Iterator[Any]:
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
            yield from _routes(one, where, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern) and one.name:
            yield f"{space}{one.name}", "/" + where


def _patterns(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one, prefix + str(one.pattern))
        else:
            yield prefix + str(one.pattern), one
