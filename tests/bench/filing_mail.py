"""`python -m tests.bench.filing_mail PORT FOLDER`: a mail server; of each mail it keeps the code, in a file named by
its reader. A process of its own, so that it costs neither the servers nor the load client.
"""

from __future__ import annotations

import re
import sys
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

CODE = re.compile(rb"\b[0-9]{4}-?[0-9]{4}\b")


class Codes:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if found := CODE.search(envelope.content.partition(b"\r\n\r\n")[2]):
            for reader in envelope.rcpt_tos:
                aside = self._folder / f".{reader}"
                aside.write_bytes(found[0])
                aside.rename(self._folder / reader)
        return "250 OK"


def main() -> None:
    controller = Controller(Codes(Path(sys.argv[2])), hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
