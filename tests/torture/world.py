"""A call and the applicants of a run, made by the platform's own commands; a program of its own (`children.py`).

Asked: `call`, `count`, `complete` (the drafts can be pressed as they are), `closes` (`2026-12-01 18:00` in Seoul),
`definition` (another one, with the places `call` and `closes`).
Answers who there is: session, draft, its revision, language, address.
"""

from __future__ import annotations

import time
from typing import Any, Final

from tests.torture.children import answer

DEFINITION: Final = """\
madang: 1
id: {call}
programme: torture
sample: true
languages: [en, ko]
title: {{en: Torture, ko: 시험 공모}}
host: {{organisation: sample-agency}}
intake: {{mode: window}}
schedule: {{zone: Asia/Seoul, opens: 2020-01-01, closes: {{at: {closes}}}}}
tracks: [{{id: plan, title: {{en: Plan, ko: 계획}}, applicants: [city]}}]
classifications: {{country: iso-user-assigned, field: molit-release-2021}}
form:
  - section: project
    title: {{en: Project, ko: 사업}}
    fields:
      - {{id: name, type: text, required: true, label: {{en: Name, ko: 이름}}}}
      - {{id: summary, type: long_text, required: true, label: {{en: Summary, ko: 개요}}}}
      - {{id: paper, type: file, formats: [pdf], max_mb: 1, required: true, label: {{en: Paper, ko: 서류}}}}
evaluation:
  - id: read
    kind: judged
    scale: {{min: 0, max: 10}}
    criteria: [{{id: need, weight: 100, label: {{en: Need, ko: 필요}}}}]
decide: {{by: rank, combine: {{read: 100}}, seats: {{max: 1}}, ties: [need, lot]}}
outcome: {{kind: award}}
"""
STEP: Final = "project"
PAPER: Final = "paper"
NEVER: Final = "2999-12-31 18:00"


def paper(of: str, size: int) -> bytes:
    """A PDF of so many bytes that no other applicant has."""
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n% " + of.encode() + b"\n"
    tail = b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"
    return head + b"% " + b"x" * max(0, size - len(head) - len(tail) - 3) + b"\n" + tail


def made(asked: dict[str, Any]) -> list[dict[str, Any]]:
    from django.db import transaction

    from madang.apps.calls.commands import publish_definition
    from madang.kernel import files
    from madang.kernel.actors import DEMO

    text = asked.get("definition", DEFINITION).format(call=asked["call"], closes=asked.get("closes", NEVER))
    kept = files.keep(paper("everybody", 600)) if asked["complete"] else None
    with transaction.atomic():  # one commit for all: this is the stage, not the play
        call = publish_definition(actor=DEMO, text=text, sample=True).call
        return [_applicant(call, number, kept) for number in range(asked["count"])]


def _applicant(call: Any, number: int, kept: Any) -> dict[str, Any]:
    from django.conf import settings

    from madang.apps.accounts.commands import actor_of, register_person
    from madang.apps.applications import commands
    from madang.apps.directory.commands import found_organisation
    from madang.kernel.actors import DEMO

    language = ("ko", "en")[number % 2]
    person = register_person(
        actor=DEMO,
        email=f"{call.slug}-{number}@example.org",
        name=f"Sample {number}",
        language=language,
        consents={kind: settings.CONSENT_VERSIONS[kind] for kind in ("terms", "privacy")},
        sample=True,
        verified=True,
    )
    actor = actor_of(person)
    city = found_organisation(actor=actor, kind="city", country="XA", name=f"City {number} of {call.slug}", sample=True)
    draft = commands.start_draft(actor=actor, call=call, organisation=city, track="plan", language=language)
    if kept is not None:
        typed = {"name": f"Project {number}", "summary": "What the residents notice."}
        commands.save_entries(actor=actor, draft=draft, changes=typed, base={})
        commands.keep_file(actor=actor, draft=draft, key=PAPER, name="paper.pdf", kept=kept, format="pdf")
        draft.refresh_from_db()
    return {
        "session": _session(person),
        "draft": draft.uid,
        "revision": draft.revision,
        "language": language,
        "address": person.email,
    }


def _session(person: Any) -> str:
    """Signed in a moment ago: the cookie's value."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from madang.web.middleware import SEEN

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session[SEEN] = int(time.time())
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    answer(made)
