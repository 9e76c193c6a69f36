"""Who gets what at the addresses of the office."""

from typing import Final

from madang.web.access import Access, Who

READERS: Final = ("administrator", "auditor")
GIVERS: Final = ("administrator",)

ACCESS: Final[dict[str, Access]] = {
    "office:people": Access(get=Who(READERS)),
    "office:person": Access(get=Who(READERS), post=Who(GIVERS, ok=422), thing="person"),
    "office:person-end-role": Access(
        post=Who((), otherwise=404), thing="person", why="a role that the person holds must be named"
    ),
    "office:person-close": Access(post=Who(GIVERS, ok=303), thing="person"),
}
