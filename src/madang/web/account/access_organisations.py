"""Who gets what at the addresses of organisations (`madang.web.access`)."""

from typing import Final

from madang.web.access import ALL, SIGNED_IN, Access, Who

_OFFICE: Final = ("officer", "approver", "secretariat", "other_secretariat", "auditor", "administrator")
_READERS: Final = ("member", "manager", *_OFFICE)
_MANAGERS: Final = ("manager", "administrator")
_BELONG: Final = ("member", "manager")

_MANAGE: Final = Who(_MANAGERS)
_REFUSED_FORM: Final = Who(_MANAGERS, ok=422)
_DONE: Final = Who(_MANAGERS, ok=303)

ACCESS: Final = {
    "account:organisations": Access(get=SIGNED_IN),
    "account:found-organisation": Access(get=SIGNED_IN, post=Who(SIGNED_IN.allowed, ok=422)),
    "account:similar-organisations": Access(
        get=SIGNED_IN, why="Only entries whose name looks the same as the one typed; never a person acting alone."
    ),
    "account:ask-to-join": Access(
        get=Who(()), post=Who(()), why="Needs an offer signed for this person, which one of our own pages gives."
    ),
    "account:organisation": Access(get=Who(_READERS), thing="organisation"),
    "account:organisation-edit": Access(get=_MANAGE, post=_REFUSED_FORM, thing="organisation"),
    "account:organisation-numbers": Access(get=_MANAGE, post=_REFUSED_FORM, thing="organisation"),
    "account:organisation-number-end": Access(get=_MANAGE, post=_DONE, thing="organisation_number"),
    "account:organisation-domains": Access(get=_MANAGE, post=_REFUSED_FORM, thing="organisation"),
    "account:organisation-domain": Access(
        get=_MANAGE, post=Who(()), thing="organisation_domain", why="A POST names its act, send or verify; else 404."
    ),
    "account:organisation-domain-end": Access(get=_MANAGE, post=_DONE, thing="organisation_domain"),
    "account:organisation-join": Access(
        post=Who(()), thing="organisation", why="For those with a verified address at a verified domain of it."
    ),
    "account:organisation-invite": Access(get=_MANAGE, post=_REFUSED_FORM, thing="organisation"),
    "account:organisation-revoke": Access(post=_DONE, thing="organisation_invitation"),
    "account:organisation-request": Access(
        get=_MANAGE, post=Who(()), thing="organisation_request", why="A POST names its answer, yes or no; else 404."
    ),
    "account:organisation-person": Access(
        get=_MANAGE,
        post=_DONE,
        thing="organisation_person",
        why="An empty form takes every duty; the last manager keeps it.",
    ),
    "account:organisation-person-end": Access(
        get=Who((*_MANAGERS, "member")),
        post=Who((*_MANAGERS, "member"), ok=303),
        thing="organisation_person",
        why="Asked about the member: for oneself it means to leave.",
    ),
    "account:organisation-hand-over": Access(
        get=Who(_BELONG),
        post=Who(_BELONG, ok=422),
        thing="organisation",
        why="Managers and administrators also for others.",
    ),
    "account:organisation-invitation": Access(
        get=ALL,
        post=Who((), visitor=303, otherwise=422),
        thing="organisation_invitation_token",
        why="Who has the link reads it; accepting needs the invited address, confirmed.",
    ),
}
