"""What this room does when nobody told it."""

from madang.apps.accounts.commands import reseal_authenticators
from madang.apps.accounts.queries import with_authenticators
from madang.kernel import rotation
from madang.kernel.actors import SYSTEM


def reseal() -> int:
    """Every secret of authenticator apps and recovery codes closed with the key in use; returns of how many people."""
    people = list(with_authenticators())
    for person in people:
        reseal_authenticators(actor=SYSTEM, person=person)
    return len(people)


def drop_old_keys() -> int:
    """Replaced secrets whose time has passed go; what authenticators still need of them is closed anew before.

    Where nothing was replaced lately it reads three small files.
    """
    if not any(rotation.older(name) for name in rotation.SECRETS):
        return 0
    reseal()
    return sum(rotation.drop(name) for name in rotation.SECRETS)
