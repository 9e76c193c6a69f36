"""Put mails into the outbox: one to one reader from a template, or one announcement to many.

Text is rendered when it is posted, from `mail/<template>.txt`, whose first line is the subject. Codes and receipts
never wait. What an operator wants to read first (`MADANG_MAIL_HELD`), and every announcement to many, is held until
somebody of the office releases it.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.validators import validate_email
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from madang.kernel.cipher import CODES, seal
from madang.kernel.clock import now
from madang.kernel.mail.languages import pick
from madang.kernel.mail.lists import stop_address, stopped
from madang.kernel.mail.models import MANY, ORDINARY, PROMPT, STOPPED, MailBatch, OutgoingMail

_SPARE: Final = re.compile(r"\n(?:[ \t]*\n){2,}")  # blank lines that parts of a template left behind
_AT_ONCE: Final = 500  # rows in one statement


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets an announcement: the address, and the language that he or she reads."""

    to: str
    language: str


def post(
    template: str,
    *,
    to: str,
    language: str,
    context: Mapping[str, Any] | None = None,
    key: str | None = None,
    not_before: dt.datetime | None = None,
    secret: bool = False,
    prompt: bool = False,
    about: str = "",
    languages: Sequence[str] = (),
    stoppable: str = "",
    reader: str = "",
) -> OutgoingMail:
    """Put one mail into the outbox, inside the caller's transaction; the standing one where `key` is there already.

    `language` is the reader's own. Where the site does not speak it, the mail is in the first of `languages` (the
    call's) that it speaks, else in English; words of the call in `context` are chosen by whoever posts (`words_in`).
    `mail/<template>.txt` gets `context`, `site` (the site's address) and `stop` (below). Cost: one rendering and one or
    two statements. Raises `ValidationError` where `to` is no address.

    `secret`: the text opens something (a code, a link); the subject never may, it stays readable.
    `prompt`: a receipt, or what else is wanted at once: like a code it is sent first, never held and never changed.
    `about`: the slug of the call; blank: accounts, organisations.
    `stoppable`, `reader`: a list that its readers can leave with one click, and the uid of this one. Who has left it
    gets nothing; the mail is there, cancelled, so that its key holds.
    """
    validate_email(to)
    if key is not None and (standing := OutgoingMail.objects.filter(key=key).first()):
        return standing
    chosen = pick(language, dict(settings.LANGUAGES), languages) or "en"
    leave = stop_address(stoppable, reader) if stoppable else ""
    with translation.override(chosen):
        given = {"site": settings.SITE_ADDRESS, "stop": leave, **(context or {})}
        whole = get_template(f"mail/{template}.txt").template.render(Context(given, autoescape=False))  # not HTML
    subject, _, text = whole.lstrip().partition("\n")
    text = _SPARE.sub("\n\n", text.strip()) + "\n"
    moment = now()
    gone = bool(stoppable) and stopped(stoppable, reader)
    held = template in settings.MAIL_HELD and not (secret or prompt or gone)
    return OutgoingMail.objects.create(
        key=key,
        about=about,
        to=to,
        own_language=language[:10],
        language=chosen,
        template=template,
        subject=" ".join(subject.split())[:300],
        text=seal(text.encode(), key=CODES) if secret else text,
        is_secret=secret,
        urgency=PROMPT if secret or prompt else ORDINARY,
        stoppable=stoppable,
        reader=reader,
        posted_at=moment,
        not_before=not_before,
        due_at=None if held or gone else not_before or moment,
        held_at=moment if held else None,
        cancelled_at=moment if gone else None,
        reason=STOPPED if gone else "",
    )


def post_to_many(
    *,
    about: str,
    languages: Sequence[str],
    texts: Mapping[str, Mapping[str, str]],
    readers: Iterable[Reader],
    made_by: str,
    key: str | None = None,
    not_before: dt.datetime | None = None,
) -> MailBatch:
    """One announcement to many, held; the standing one where `key` is there already.

    `texts`: language -> {"subject", "text"}, at least one of them whole. An address that is named twice gets one mail.
    A statement for 500 readers (SQLite: for 37). Raises `ValidationError` where one of them is no address.
    """
    if key is not None and (standing := MailBatch.objects.filter(key=key).first()):
        return standing
    moment = now()
    batch = MailBatch.objects.create(
        key=key,
        about=about,
        languages=list(languages),
        texts={tag: dict(text) for tag, text in texts.items()},
        made_at=moment,
        made_by=made_by,
        not_before=not_before,
    )
    there = batch.written
    rows: dict[str, OutgoingMail] = {}
    for one in readers:
        to = one.to.strip().lower()
        validate_email(to)
        chosen = pick(one.language, there, languages)
        rows.setdefault(
            to,
            OutgoingMail(
                batch=batch,
                about=about,
                to=to,
                own_language=one.language[:10],
                language=chosen,
                urgency=MANY,
                posted_at=moment,
                not_before=not_before,
                held_at=moment,
                **batch.texts[chosen],
            ),
        )
    OutgoingMail.objects.bulk_create(rows.values(), batch_size=_AT_ONCE)
    return batch


def known_keys(keys: Iterable[str]) -> set[str]:
    """Those of these keys under which a mail was posted already. One statement."""
    return set(OutgoingMail.objects.filter(key__in=list(keys)).values_list("key", flat=True))
