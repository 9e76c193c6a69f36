"""Everything that can be said of a receipt without the platform: its number, signature, key and form, line by line."""

from __future__ import annotations

from typing import Final

from madang.core.reasons import Reason
from madang.core.record.filing import Receipt, authentic, contradictions
from madang.core.record.findings import Verification
from madang.core.record.judgement import Judgement
from madang.core.record.keylist import KeyList

NUMBER, SIGNATURE, FORM, KEY = CHECKS = ("filing_number", "filing_signature", "filing_form", "filing_key")
_OF: Final = {
    "filing_number_wrong": NUMBER,
    "filing_receipt_unsigned": SIGNATURE,
    "signature_bad": SIGNATURE,
    "filing_form_differs": FORM,
}
OF_RECORDS: Final = (
    "signature_bad", "key_signed", "key_of_list", "key_did_not_sign", "key_not_in_list", "key_unsigned",
    "key_not_yet_valid", "key_no_longer_valid", "key_revoked", "key_revoked_later", "key_list_begins_later",
    "key_day_unreadable",
)  # fmt: skip
"""Reasons of which the sentence speaks of a decision record; `filing_` before them says the same of a receipt."""


def check_filing(
    receipt: Receipt, *, form: str | None = None, keys: KeyList | None = None, pinned: str | None = None
) -> Verification:
    """Every check of a receipt that was read. `form`: the exact text of the form that it is said to belong to; `keys`
    and `pinned` as `keylist.judge` takes them. Without form or keys that check says what it would need.
    """
    result = Verification()
    wrong = contradictions(receipt, form)
    result.add(NUMBER, [one for one in wrong if _OF[one.code] == NUMBER])
    held = Reason("filing_signature_holds")
    result.add(SIGNATURE, [_of_receipt(one) for one in wrong if _OF[one.code] == SIGNATURE], held)
    if keys is None:
        result.skip(KEY, Reason("filing_key_not_given"))
    else:
        found = authentic(receipt, keys, pinned=pinned)
        told = (tuple(map(_of_receipt, reasons)) for reasons in (found.wrong, found.holds, found.unjudged))
        result.judged(KEY, Judgement(*told))
    if form is None:
        result.skip(FORM, Reason("filing_form_not_given"))
    else:
        holds = Reason("filing_form_holds", {"sha256": receipt["form_sha256"]})
        result.add(FORM, [one for one in wrong if _OF[one.code] == FORM], holds)
    return result


def _of_receipt(reason: Reason) -> Reason:
    return Reason(f"filing_{reason.code}", reason.params) if reason.code in OF_RECORDS else reason
