"""Cases as a folder would hand them in. Applicants are invented; countries are user-assigned codes."""

from madang.core.deciding.case import Application, Case, Round


def application(number: int, **parts: object) -> Application:
    given: dict[str, object] = {
        "id": f"A{number}",
        "applicant": f"City of Aram {number}",
        "kind": "city",
        "organisation": f"aram-{number}",
        "track": "plan" if number % 2 else "trial",
        "country": "XA" if number % 3 else "XB",
        "received": f"2022-01-{10 + number % 20:02} 09:00:00",
        "answers": {"field": "transport", "requested": 300_000_000},
        "members": ({"role": "partner", "name": "Aram University", "kind": "university", "country": "XA"},),
    }
    return Application(**{**given, **parts})  # type: ignore[arg-type]  # the tests say what they mean


def case(*numbers: int, rounds: tuple[Round, ...] = ()) -> Case:
    """A case with these applications, in this order."""
    return Case(applications=tuple(application(n) for n in numbers), rounds=rounds, sample=True)
