"""How anybody checks the decision, and what the words of this report mean."""

from __future__ import annotations

from collections.abc import Iterator

from madang.papers import pictures
from madang.papers.blocks import Block, Facts, Heading, Paragraph, Row, Words
from madang.papers.chapters.telling import Teller, groups_of_four

_TERMS = ("record", "root", "signature", "anchor", "computed", "line", "reserve", "undetermined", "sample")


def verifying(t: Teller) -> Iterator[Block]:
    seen = t.seen
    content, signed, root = seen.verify
    yield Heading(2, t.say("verify.command"))
    yield Paragraph(content)
    yield Paragraph(t.say("verify.command_lead"))
    yield Paragraph("\n".join(seen.commands), "code")
    yield Paragraph(t.say("verify.web"))
    yield Heading(2, t.say("verify.root"))
    yield Paragraph(root)
    yield Paragraph(groups_of_four(seen.root, in_line=8), "code")
    text = f"madang:{seen.root}"
    yield pictures.qr(text, alt=t.say("verify.qr_alt", text=text), caption=t.say("verify.qr"))
    yield Paragraph(t.say("verify.root_lead"), "note")
    yield Heading(2, t.say("verify.key"))
    yield Paragraph(signed)
    if seen.keys:
        yield Facts((Row(t.say("verify.key_label"), tuple(Words(groups_of_four(key)) for key in seen.keys)),))
        yield Paragraph(t.say("verify.key_lead"))
    yield Heading(2, t.say("verify.anchor"))
    yield Paragraph(t.say("verify.anchor_lead"))


def terms(t: Teller) -> Iterator[Block]:
    rows = [Row(t.say(f"term.{name}"), (Words(t.say(f"term.{name}.told")),)) for name in _TERMS]
    yield Facts(tuple(rows))
