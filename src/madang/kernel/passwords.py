"""Passwords, for those who want one: Argon2id at 19 MiB, two passes, one lane.

Django's default costs 7 to 10 times as much processor time and 100 MiB a hash: a rush of sign-ins would stop the site.
These are the parameters that OWASP's password storage page gives as equal in strength.
"""

import threading
from typing import Final

from django.contrib.auth.hashers import Argon2PasswordHasher

ONE_AT_A_TIME: Final = threading.Lock()
"""In one process: a storm of sign-ins shall cost one core's time and 19 MiB, not all of both. The door lets only one in
at a time (`web/door/plan.py`), so that nobody waits here with a place that others need; this holds for every other way.
"""


class Argon2id(Argon2PasswordHasher):
    """`argon2` hashes with the parameters of this house; older ones are renewed at the next sign-in."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with ONE_AT_A_TIME:
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        with ONE_AT_A_TIME:
            return bool(super().verify(password, encoded))
