"""Who may see what, as a page: docs/permissions.md from the tables of the code.

python scripts/permissions.py           write the page
python scripts/permissions.py --check   change nothing; exit 1 where the page says something else
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "permissions.md"

HEAD = """# Who may see what

Written by `python scripts/permissions.py` from the tables in `src/madang/web/*/access*.py`; do not edit it by hand.
`tests/web/test_permissions.py` asks the running site every cell of it.

- 200 a page, 204 nothing new, 302/303 sent on, 403 not for this person, 404 as if it did not exist, 405 no such method,
  422 the form, with what is wrong in it (the test posts an empty form).
- A visitor who is sent on (302) goes to the sign-in page. Another's object is 404: its existence is nobody's business.
- Where an object has states, a row holds in every state, unless the state is named.

"""


def main() -> int:
    os.environ.setdefault("MADANG_DATA", tempfile.mkdtemp(prefix="madang-permissions-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    import django

    django.setup()
    text = page()
    if "--check" not in sys.argv:
        PAGE.write_text(text, "utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text("utf-8") != text:
        print("docs/permissions.md is not what the code says: run python scripts/permissions.py")
        return 1
    return 0


def page() -> str:
    from madang.kernel.permissions import PERMISSIONS
    from madang.web.access import PERSONAS
    from madang.web.access_table import addresses, table

    where = addresses()
    lines = [HEAD, "## Personas\n"]
    lines += [f"- `{persona}`: {meaning}" for persona, meaning in meanings().items()]
    assert list(meanings()) == list(PERSONAS)
    lines += ["", "## Rights\n", "| right | who has it | lists |", "|---|---|---|"]
    for name, right in sorted(PERMISSIONS.items()):
        who = str(right.predicate.name).replace("|", "or").replace("&", "and")
        lines.append(f"| `{name}` | {who} | {'yes' if right.filter else 'no'} |")
    lines += ["", "## Addresses\n"]
    audience = ""
    for route, access in sorted(table().items(), key=lambda item: (":" not in item[0], item[0])):
        of = route.partition(":")[0] if ":" in route else "signing in (django-allauth)"
        if of != audience:
            audience = of
            lines += [f"\n### {audience}\n", "| address | method | state | allowed | status | visitor | others |"]
            lines += ["|---|---|---|---|---|---|---|"]
        for method, state, who in rows(access):
            names = "everybody" if set(who.allowed) == set(PERSONAS) else ", ".join(who.allowed) or "nobody"
            names = "everybody signed in" if set(who.allowed) == set(PERSONAS[1:]) else names
            others = ", ".join([str(who.otherwise), *(f"403 {persona}" for persona in who.forbidden)])
            lines.append(f"| `{where[route]}` | {method} | {state} | {names} | {who.ok} | {who.visitor} | {others} |")
        if access.why:
            lines.append(f"| | | | *{access.why}* | | | |")
    return "\n".join(lines) + "\n"


def rows(access):  # type: ignore[no-untyped-def]  # a script
    from madang.web.access import NOBODY

    for state, pair in {"": (access.get, access.post), **access.states}.items():
        for method, who in zip(("GET", "POST"), pair, strict=True):
            if who != NOBODY or state:
                yield method, state, who


def meanings() -> dict[str, str]:
    return {
        "visitor": "not signed in",
        "stranger": "signed in, without role, organisation or draft",
        "member": "belongs to the organisation, writes in none of its drafts",
        "manager": "manages the organisation",
        "filler": "invited to fill the draft, not to file it",
        "filer": "started the draft, may file it; asked the enquiry",
        "officer": "the ministry's programme officer who wrote the definition's draft",
        "approver": "another programme officer",
        "secretariat": "the secretariat of the call's track",
        "other_secretariat": "the secretariat of another programme",
        "opinion_desk": "a mission or ministry that is asked for opinions",
        "evaluator": "an evaluator",
        "decision_maker": "a decision maker",
        "auditor": "an auditor",
        "administrator": "a system administrator",
    }


if __name__ == "__main__":
    sys.exit(main())
