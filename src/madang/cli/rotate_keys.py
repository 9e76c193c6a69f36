"""`madang rotate-keys --yes`: every key and secret of the installation is replaced, while it runs.

Nobody is signed out, no code on its way is lost, and old records still verify: `madang.kernel.rotation` says how.
`madang keys rotate` replaces the signing key alone. Exit 0: done. 1: refused, with the reason. 2: a key is unusable.
"""

from __future__ import annotations

import argparse
from typing import Final

from madang.cli.installation import add_data, set_up, tell
from madang.core.reasons import Fault, Malformed, Reason

REFUSED: Final = 1


def add(parser: argparse.ArgumentParser) -> None:
    add_data(parser)
    parser.add_argument("--yes", action="store_true", help="do it; without, only say what would be done")


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse
    from madang.kernel.keys import KeyUnusable

    if not args.yes:
        tell(Reason("rotate_unconfirmed"))
        return REFUSED
    try:
        set_up(args)
        return _rotate()
    except KeyUnusable as error:
        return refuse([Fault("key_unusable", "", {"problem": str(error)})], None)
    except Malformed as malformed:
        refuse(malformed.faults, None)
        return REFUSED


def _rotate() -> int:
    from madang.apps.accounts.tasks import reseal
    from madang.cli.serve import reload
    from madang.kernel import rotation, running
    from madang.kernel.clock import now

    serving = running.is_running()
    rotation.stage()
    tell(Reason("rotate_staged"))
    if serving and reload():
        tell(Reason("rotate_not_staged"))
        return REFUSED
    rotation.promote()
    tell(Reason("rotate_secrets", {"until": f"{now() + rotation.LONGEST:%Y-%m-%d}"}))
    tell(Reason("rotate_authenticators", {"people": reseal()}))
    _sign_anew()
    if serving and reload():
        return REFUSED
    tell(Reason("rotate_reloaded" if serving else "rotate_no_serve"))
    tell(Reason("rotate_back_up", {"days": rotation.LONGEST.days}))
    return 0


def _sign_anew() -> None:
    from madang.kernel import keyring
    from madang.kernel.clock import now

    if keyring.published() is None:
        tell(Reason("rotate_signing_not_published"))
        return
    listed = keyring.rotate(now().astimezone().date())
    tell(Reason("rotate_signing", {"key": listed.keys[-1].key, "old": listed.keys[-2].key}))
