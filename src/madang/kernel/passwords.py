"""Passwords, for those who want one: Argon2id at 19 MiB, two passes, one lane.

Django's default costs 7 to 10 times as much processor time and 100 MiB a hash: a rush of sign-ins would stop the site.
These are the parameters that OWASP's password storage page gives as equal in strength.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """`argon2` hashes with the parameters of this house; older ones are renewed at the next sign-in."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
