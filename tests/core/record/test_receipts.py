"""What a forger who holds the whole record can do, and what finds it: a key, an anchor, or a receipt."""

import json
import random
from dataclasses import replace
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from madang.core.callspec import parse
from madang.core.deciding import decide
from madang.core.reasons import Malformed
from madang.core.record.anchors import read_anchor
from madang.core.record.authenticity import Known
from madang.core.record.editions import Editor
from madang.core.record.read import read
from madang.core.record.receipts import check_receipt, read_receipt, safe_name
from madang.core.record.seal import Meta, build, contents, sign, write
from madang.core.record.veil import veil
from madang.core.record.verify import State, verify
from tests.core.record.sealed import PUBLIC, changed, sealed, sealed_text

PROGRAMME = "small-cities-2022"


@cache
def receipts():
    return {name: text.decode() for name, text in Editor(sealed(PROGRAMME)).receipts().items()}


def found(text, **known):
    return {f.check: (f.state, [r.code for r in f.reasons]) for f in verify(text, known=Known(**known)).findings}


def unveiled(case):
    """The case with true ids, as a forger with the auditor's edition has it."""
    true = {one.pseudonym: one.id for one in case.evaluators}
    bare = {
        table: tuple(replace(row, evaluator=true[row.evaluator]) for row in getattr(case, table))
        for table in ("sheets", "conflicts", "panel")
    }
    return replace(case, **bare, evaluators=())


def forged_case(case, chance):
    """Another case in one place, and the true id of the evaluator whose sheet was changed, if one was."""
    what = chance.choice(("score", "score", "comment", "answer", "lot", "outcome"))
    if what in ("score", "comment", "outcome"):
        at = chance.randrange(len(case.sheets))
        sheet = case.sheets[at]
        scores = dict(sheet.scores)
        name = chance.choice(sorted(scores))
        if what == "score":
            scores[name] = str((int(scores[name].split(".")[0]) + chance.choice((1, 3, 40))) % 101)
        elif what == "outcome":
            scores = dict.fromkeys(scores, chance.choice(("0", "100")))
        other = replace(sheet, scores=scores, comment="Another word." if what == "comment" else sheet.comment)
        if other == sheet:
            return forged_case(case, chance)
        return replace(case, sheets=(*case.sheets[:at], other, *case.sheets[at + 1 :])), sheet.evaluator
    if what == "answer":
        at = chance.randrange(len(case.applications))
        one = case.applications[at]
        other = replace(one, applicant=changed(one.applicant, chance))
        return replace(case, applications=(*case.applications[:at], other, *case.applications[at + 1 :])), None
    draws = tuple(replace(d, public=f"lot {chance.random()}") if d.draw == "lots" else d for d in case.draws)
    return replace(case, draws=draws), None


def forgery(number):
    """An internally consistent record of another case, signed with a stranger's key; and whose sheet was changed."""
    chance = random.Random(number)
    record = read(sealed_text(PROGRAMME))
    text, meta = record.values["definition-text"], dict(record.meta)
    case, evaluator = forged_case(unveiled(record.case()), chance)
    case = veil(case, chance.randbytes(32))
    definition, classifications = parse(text), record.classifications()
    values = contents(
        meta=Meta(**meta),
        definition_text=text,
        definition=definition,
        classifications=classifications,
        case=case,
        computed=decide(definition, case, classifications),
    )
    stranger = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    return write(sign(build(values, salt_key=chance.randbytes(32)), stranger)).decode(), evaluator


@pytest.mark.parametrize("number", range(50))
def test_a_consistent_forgery_holds_in_itself_says_so_and_is_found_by_key_anchor_or_receipt(number):
    forged, evaluator = forgery(number)
    alone = found(forged)
    assert all(state is not State.FAILS for state, _ in alone.values())
    assert alone["authenticity"] == (State.NOT_CHECKED, ["authenticity_cannot_be_judged"])
    assert found(forged, key=PUBLIC)["key"][0] is State.FAILS
    deposited = read_anchor(f"root: {read(sealed_text(PROGRAMME)).root}\n".encode())
    assert found(forged, anchors=[deposited])["anchor"][0] is State.FAILS
    receipt = read_receipt(receipts()[evaluator or min(receipts())])
    state, codes = found(forged, receipts=[receipt])["receipt"]
    assert state is State.FAILS
    assert codes[0] == "receipt_of_another_root"
    assert codes[1:] == (["sealed_sheet_differs"] if evaluator else [])


def test_the_sheet_that_differs_is_named_and_other_evaluators_are_not_accused():
    forged, evaluator = next(forgery(n) for n in range(50) if forgery(n)[1])
    record = read(forged)
    told = {name: check_receipt(record, read_receipt(text)) for name, text in receipts().items()}
    assert [r.params["evaluator"] for r in told[evaluator] if r.code == "sealed_sheet_differs"] == [evaluator]
    assert all(len(reasons) == 1 for name, reasons in told.items() if name != evaluator)


@pytest.mark.parametrize("edition", ["auditor", "public", "party"])
def test_every_receipt_holds_against_every_edition(edition):
    record = sealed(PROGRAMME)
    editor = Editor(record)
    text = write({"auditor": record, "public": editor.public(), "party": editor.party("A02")}[edition]).decode()
    for receipt in receipts().values():
        state, codes = found(text, receipts=[read_receipt(receipt)])["receipt"]
        assert (state, codes) == (State.HOLDS, ["receipt_holds"])


def test_the_receipts_together_hold_every_sheet_once():
    names = [
        leaf["name"]
        for text in receipts().values()
        for leaf in json.loads(text)["leaves"]
        if leaf["name"].startswith("sheets/")
    ]
    assert sorted(names) == sorted(n for n in read(sealed_text(PROGRAMME)).values if n.startswith("sheets/"))


def test_a_changed_receipt_is_found_and_says_that_it_is_the_receipt():
    record = read(sealed_text(PROGRAMME))
    chance = random.Random(3)
    text = next(iter(receipts().values()))
    for _ in range(60):
        data = json.loads(text)
        leaf = chance.choice(data["leaves"])
        what = chance.choice(("salt", "path", "index", "value", "evaluator"))
        if what == "salt":
            leaf["salt"] = changed(leaf["salt"], chance)
        elif what == "path":
            at = chance.randrange(len(leaf["path"]))
            leaf["path"][at] = changed(leaf["path"][at], chance)
        elif what == "index":
            leaf["index"] += chance.choice((-1, 1))
        elif what == "value":
            leaf["value"] = {**leaf["value"], "more": 1}
        else:
            data["evaluator"] = "somebody else"
        assert check_receipt(record, read_receipt(json.dumps(data))), what


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"madang_receipt": 1}', '{"madang_receipt": 2}', "[" * 5000])
def test_what_is_no_receipt_is_refused_and_never_a_traceback(text):
    with pytest.raises(Malformed):
        read_receipt(text)


def test_a_hostile_receipt_is_a_contradiction_and_never_a_traceback():
    chance = random.Random(5)
    base = json.loads(next(iter(receipts().values())))
    for strange in (None, [], "x", 7, {"id": []}, {"application": {}, "stage": []}):
        data = json.loads(json.dumps(base))
        chance.choice(data["leaves"])["value"] = strange
        data["root"] = "0" * 64
        assert verify(sealed_text(PROGRAMME), known=Known(receipts=[read_receipt(json.dumps(data))])).exit_code == 1


def test_ids_become_file_names_that_every_system_takes():
    assert safe_name("E01") == "E01"
    assert safe_name("../../etc/passwd") == "_.._etc_passwd"
    assert safe_name("홍길동 (국토부)") == "홍길동 (국토부)"
    for name in ("", "..", 'a/b\\c:d*e?"<>|', "\x00\n", "x" * 500):
        safe = safe_name(name)
        assert safe
        assert safe not in (".", "..")
        assert not set(safe) & set('/\\:*?"<>|\x00\n')
        assert len(safe) <= 100
