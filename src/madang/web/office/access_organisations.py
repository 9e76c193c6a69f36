"""Who gets what at the office's addresses of organisations (`madang.web.access`)."""

from typing import Final

from madang.web.access import Access, Who

_LIST: Final = ("officer", "approver", "secretariat", "other_secretariat", "auditor", "administrator")
_MERGE: Final = ("officer", "approver", "administrator")

ACCESS: Final = {
    "office:organisations": Access(get=Who(_LIST)),
    "office:organisation-duplicates": Access(get=Who(_LIST)),
    "office:organisation-merge": Access(
        get=Who(()), post=Who(()), why="Names two organisations (kept, absorbed); without them there is no such page."
    ),
    "office:organisation-merges": Access(get=Who(_LIST)),
    "office:organisation-merge-undo": Access(get=Who(_MERGE), post=Who(_MERGE, ok=303), thing="merge"),
}
