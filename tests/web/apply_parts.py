"""What the tests of the applicant's pages share: people at their browsers, without the ways of signing in."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.test import Client

from madang.apps.accounts.models import Person


def signed_in(person: Person, language: str = "en") -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["madang-language"] = language  # a person's own language counts where no cookie says another
    client.force_login(person)
    return client


def session_of(person: Person, server: Any) -> dict[str, Any]:
    """The same for a browser: what `visit(..., storage_state=...)` takes."""
    value = signed_in(person).cookies["madang-session"].value
    host = server.url.split("//")[1].split(":")[0]
    cookie = {"name": "madang-session", "value": value, "domain": host, "path": "/", "expires": -1}
    return {"cookies": [{**cookie, "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}


def words(html: str) -> str:
    """The text of a page's main part, as a reader sees it."""
    main = html.split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def sent(client: Client, uid: str, changes: Any, base: Any = None, **more: Any) -> Any:
    """What the page's script sends."""
    body = {"changes": changes, "base": base or {}, **more}
    return client.post(f"/applications/{uid}/save", json.dumps(body), content_type="application/json")


def apart(work: Any, *given: Any) -> Any:
    """What an asynchronous function gives, run in a thread and a loop of its own: a browser's loop may run in this one.

    Its database connection is its own too, so whoever uses this needs `committing`; it is closed at the end, because
    the thread in which Django's views run lives on and would meet the next test with it.
    """

    async def whole() -> Any:
        try:
            return await work(*given)
        finally:
            await sync_to_async(connections.close_all)()

    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, whole()).result()
