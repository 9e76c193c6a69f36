"""Writes: receive a batch of applications and undo it; everything that happens to a draft, and its filing.

A draft is one organisation's form for one call, written by several people over days. Its revision grows with every
command that changes what stands in it. Whoever saves says which revision was read, place by place: what somebody else
changed since is never overwritten silently, and everything else is saved all the same.
"""

from madang.apps.applications.commands.attachments import (
    MOST_FILE_MB,
    attach_file,
    keep_file,
    remove_file,
    restore_file,
)
from madang.apps.applications.commands.filing import (
    file_draft,
    keep_filed,
    resume_application,
    revise_filed,
    withdraw_application,
)
from madang.apps.applications.commands.late import (
    admit_late,
    ask_late_admission,
    propose_late_admission,
    refuse_late_admission,
)
from madang.apps.applications.commands.life import (
    FOLLOW_MERGE,
    TAKE_OVER,
    discard_draft,
    follow_merge,
    follow_version,
    restore_draft,
    start_draft,
    take_over_draft,
    take_over_drafts,
)
from madang.apps.applications.commands.papers import (
    LONGEST_NOTE,
    LONGEST_PARTNER,
    ask_for_paper,
    hand_over_paper,
    keep_paper,
    link,
    open_paper_request,
    partner_faults,
    resend_paper_request,
    restore_paper,
    revoke_paper_request,
    take_back_paper,
)
from madang.apps.applications.commands.people import (
    INVITATION_GOOD_FOR,
    MOST_INVITATIONS,
    accept_invitation,
    invite_colleague,
    leave_draft,
    remove_member,
    revoke_invitation,
    set_may_file,
)
from madang.apps.applications.commands.reception import receive_from_folder, undo_batch
from madang.apps.applications.commands.reminders import remind_writers
from madang.apps.applications.commands.rows import add_row, move_row, remove_row, restore_row
from madang.apps.applications.commands.saving import (
    MOST_KEYS,
    Conflict,
    Saved,
    overwrite_entry,
    save_entries,
    save_step,
)
from madang.apps.applications.commands.translations import (
    keep_machine_translation,
    set_translation,
    take_over_translation,
    translate_by_machine,
)

__all__ = [
    "FOLLOW_MERGE",
    "INVITATION_GOOD_FOR",
    "LONGEST_NOTE",
    "LONGEST_PARTNER",
    "MOST_FILE_MB",
    "MOST_INVITATIONS",
    "MOST_KEYS",
    "TAKE_OVER",
    "Conflict",
    "Saved",
    "accept_invitation",
    "add_row",
    "admit_late",
    "ask_for_paper",
    "ask_late_admission",
    "attach_file",
    "discard_draft",
    "file_draft",
    "follow_merge",
    "follow_version",
    "hand_over_paper",
    "invite_colleague",
    "keep_file",
    "keep_filed",
    "keep_machine_translation",
    "keep_paper",
    "leave_draft",
    "link",
    "move_row",
    "open_paper_request",
    "overwrite_entry",
    "partner_faults",
    "propose_late_admission",
    "receive_from_folder",
    "refuse_late_admission",
    "remind_writers",
    "remove_file",
    "remove_member",
    "remove_row",
    "resend_paper_request",
    "restore_draft",
    "restore_file",
    "restore_paper",
    "restore_row",
    "resume_application",
    "revise_filed",
    "revoke_invitation",
    "revoke_paper_request",
    "save_entries",
    "save_step",
    "set_may_file",
    "set_translation",
    "start_draft",
    "take_back_paper",
    "take_over_draft",
    "take_over_drafts",
    "take_over_translation",
    "translate_by_machine",
    "undo_batch",
    "withdraw_application",
]
