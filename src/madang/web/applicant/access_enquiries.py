"""Who gets what at the addresses of one's own questions and briefing sessions."""

from typing import Final

from madang.web.access import ALL, PERSONAS, SIGN_IN, SIGNED_IN, Access, Who

_REFUSED: Final = Who(PERSONAS[1:], ok=422)

ACCESS: Final = {
    "applicant:ask": Access(get=SIGNED_IN, post=_REFUSED, thing="call", why="An empty question is refused."),
    "applicant:enquiries": Access(get=SIGNED_IN),
    "applicant:enquiry": Access(
        get=Who(("filer",)),
        post=Who(("filer",), ok=422),
        thing="enquiry",
        why="The asker's own page; the desk has its own.",
    ),
    "applicant:briefing": Access(get=ALL, thing="briefing"),
    "applicant:briefing-calendar": Access(get=ALL, thing="briefing", why="With the online link for a seat."),
    "applicant:briefing-register": Access(post=Who(PERSONAS[1:], ok=303), thing="briefing"),
    "applicant:briefing-leave": Access(
        get=Who((), visitor=SIGN_IN), post=Who((), visitor=SIGN_IN), thing="briefing", why="404 for the unregistered."
    ),
}
