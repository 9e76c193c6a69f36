"""Programs, by their first bytes and by the endings that make a system run them. Imports no Django."""

import re
from typing import Final

_ENDINGS: Final = re.compile(
    r"\.(exe|com|scr|pif|bat|cmd|vbs|vbe|jse|wsf|wsh|ps1|msi|msp|hta|cpl|lnk|reg|dll|sys|jar|apk|app|dmg)[\s.]*$",
    re.IGNORECASE,
)
_OTHERS: Final = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"#!/",
)


def named_as_program(name: str) -> bool:
    """Whether a system would run a file of this name when it is opened."""
    return bool(_ENDINGS.search(name))


def is_program(head: bytes) -> bool:
    """Whether a file that begins so (some hundred bytes) is a program of Windows, Linux or macOS."""
    if head.startswith(_OTHERS):
        return True
    if not head.startswith(b"MZ") or len(head) < 64:
        return False
    at = int.from_bytes(head[60:64], "little")
    return head[at : at + 2] in (b"PE", b"NE", b"LE") or b"This program " in head
