"""Writes: found and edit organisations, show what they are, let people in and out, pass on, join two entries in one.

Whatever changes who belongs to an organisation locks the organisation first, so that two changes at once can never
leave it without a manager. Journal rows stand at the organisation, with ids and counts only.
"""

from madang.apps.directory.commands.domains import (
    CODE_AGAIN_AFTER,
    CODE_TRIES,
    CODES_A_DAY,
    claim_domain,
    end_domain,
    send_domain_code,
    verify_domain,
)
from madang.apps.directory.commands.handover import hand_over
from madang.apps.directory.commands.merging import MOST_AT_ONCE, merge_organisations, move_by_merge, undo_merge
from madang.apps.directory.commands.numbers import add_number, end_number
from madang.apps.directory.commands.organisations import (
    ALL_DUTIES,
    FOUNDED_A_DAY,
    edit_organisation,
    found_organisation,
)
from madang.apps.directory.commands.people import (
    INVITATION_GOOD_FOR,
    INVITATIONS_A_DAY,
    REQUESTS_AT_ONCE,
    accept_invitation,
    answer_request,
    ask_to_join,
    end_affiliation,
    invitation_faults,
    invite_person,
    join_by_domain,
    masked,
    revoke_invitation,
    set_duties,
)
from madang.apps.directory.commands.shared import MOST

__all__ = [
    "ALL_DUTIES",
    "CODES_A_DAY",
    "CODE_AGAIN_AFTER",
    "CODE_TRIES",
    "FOUNDED_A_DAY",
    "INVITATIONS_A_DAY",
    "INVITATION_GOOD_FOR",
    "MOST",
    "MOST_AT_ONCE",
    "REQUESTS_AT_ONCE",
    "accept_invitation",
    "add_number",
    "answer_request",
    "ask_to_join",
    "claim_domain",
    "edit_organisation",
    "end_affiliation",
    "end_domain",
    "end_number",
    "found_organisation",
    "hand_over",
    "invitation_faults",
    "invite_person",
    "join_by_domain",
    "masked",
    "merge_organisations",
    "move_by_merge",
    "revoke_invitation",
    "send_domain_code",
    "set_duties",
    "undo_merge",
    "verify_domain",
]
