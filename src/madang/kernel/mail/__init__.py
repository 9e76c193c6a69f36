"""Mail goes out through a table: written in the transaction of the command that causes it, sent by the worker.

So no mail is lost with a crash after commit, none goes out for what was rolled back, and a page never waits for a mail
server. `posting` writes, `sending` sends, `bounces` reads what mail servers send back; the office holds, edits and
releases by the commands of `madang.apps.outbox`. Why it is so: `docs/adr/0025-mail-that-can-be-held.md`.
"""

from madang.kernel.mail.languages import pick, words_in
from madang.kernel.mail.lists import stop_address, stopped, stopping
from madang.kernel.mail.models import (
    CLEARED,
    OF_A_DRAFT,
    STOPPED,
    MailBatch,
    MailEdit,
    MailServer,
    MailStop,
    OutgoingMail,
    State,
    coming_back,
    in_state,
)
from madang.kernel.mail.posting import Reader, known_keys, post, post_to_many
from madang.kernel.mail.sending import LEASE, WAITS, deliver_due

__all__ = [
    "CLEARED",
    "LEASE",
    "OF_A_DRAFT",
    "STOPPED",
    "WAITS",
    "MailBatch",
    "MailEdit",
    "MailServer",
    "MailStop",
    "OutgoingMail",
    "Reader",
    "State",
    "coming_back",
    "deliver_due",
    "in_state",
    "known_keys",
    "pick",
    "post",
    "post_to_many",
    "stop_address",
    "stopped",
    "stopping",
    "words_in",
]
