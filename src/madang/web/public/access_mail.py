"""Who gets what at the address by which a list of mails is left."""

from typing import Final

from madang.web.access import ALL, Access, Who

ACCESS: Final = {
    "public:mail-stop": Access(
        get=ALL,
        post=Who(ALL.allowed, ok=303, visitor=303),
        thing="mail_stop_token",
        why="whoever holds the link",
    ),
}
