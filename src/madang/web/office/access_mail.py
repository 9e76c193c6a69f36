"""Who gets what at the addresses of the desk for mail."""

from typing import Final

from madang.web.access import Access, Who

_HANDLERS: Final = ("officer", "approver", "secretariat", "administrator")
_READERS: Final = (*_HANDLERS, "auditor")


_READ: Final = Who(_READERS)
_ASK: Final = Who(_HANDLERS)
_DO: Final = Who(_HANDLERS, ok=422)

ACCESS: Final = {
    "office:mails": Access(get=Who((*_READERS, "other_secretariat")), why="Each one sees the mails of their calls."),
    "office:mail": Access(get=_READ, thing="mail"),
    "office:mail-edit": Access(get=_ASK, post=_DO, thing="mail"),
    "office:mail-act": Access(get=_ASK, post=_DO, thing="mail", why="hold, release, cancel, again"),
    "office:mail-batches": Access(get=Who((*_READERS, "other_secretariat"))),
    "office:mail-batch-new": Access(
        get=Who((*_HANDLERS, "other_secretariat")), post=Who((*_HANDLERS, "other_secretariat"), ok=422)
    ),
    "office:mail-batch": Access(get=_READ, thing="mail_batch"),
    "office:mail-batch-edit": Access(get=_ASK, post=_DO, thing="mail_batch"),
    "office:mail-batch-act": Access(get=_ASK, post=_DO, thing="mail_batch", why="release, cancel"),
}
