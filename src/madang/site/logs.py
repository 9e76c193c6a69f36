"""What the site writes into its log: never an address that opens something by itself.

Django logs the path of a request that fails. In the paths below a part is a secret: whoever reads the log could use it.
"""

import logging
import re
from typing import Final

_SECRET: Final = re.compile(
    r"(/(?:papers|invitations/[a-z]+|alerts/end|mail/stop"
    r"|account/confirm-email|account/password/reset/key)/)[^/?#\s\"'<>)]+"
)


class WithoutSecrets(logging.Formatter):
    """A line with its traceback, the secret parts of addresses left out."""

    def format(self, record: logging.LogRecord) -> str:
        return _SECRET.sub(r"\1…", super().format(record))
