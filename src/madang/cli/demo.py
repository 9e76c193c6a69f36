"""`madang demo`: the sample programmes and people, loaded by the same commands as all else, then site and worker.

Loaded again, nothing is doubled: every command says itself that it has been done.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madang.papers.folder import Folder

#: name (and address at example.org), role (blank: an applicant, a company, a resident), language, time zone
PEOPLE = (
    ("Aram", "", "ko", "Asia/Seoul"),
    ("Kiran", "", "en", "Asia/Jakarta"),
    ("Mira", "", "en", "Europe/Bucharest"),
    ("Baram", "officer", "ko", "Asia/Seoul"),
    ("Sol", "officer", "ko", "Asia/Seoul"),
    ("Noeul", "secretariat", "ko", "Asia/Seoul"),
    ("Haneul", "opinion_desk", "ko", "Asia/Seoul"),
    ("Byeol", "evaluator", "ko", "Asia/Seoul"),
    ("Gang", "decision_maker", "ko", "Asia/Seoul"),
    ("Dolgil", "project_manager", "ko", "Asia/Seoul"),
    ("Bada", "centre_officer", "ko", "Asia/Jakarta"),
    ("Sup", "institution_officer", "ko", "Asia/Seoul"),
    ("Dal", "auditor", "ko", "Asia/Seoul"),
    ("Ttang", "administrator", "ko", "Asia/Seoul"),
)

STAGES = ("announced", "received", "decided")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", choices=STAGES, default="decided", help="how far the samples have come")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="other invented applicants and scores")
    parser.add_argument("--data", metavar="DIR", type=Path, help="data folder (MADANG_DATA, ./var)")
    parser.add_argument("--no-serve", action="store_true", help="load and stop")
    parser.add_argument("--port", type=int, default=8000, metavar="PORT")


def run(args: argparse.Namespace) -> int:
    from madang.cli import demo_open
    from madang.cli.files import refuse
    from madang.core.reasons import Fault, Malformed

    started = time.monotonic()
    if args.data:
        os.environ["MADANG_DATA"] = str(args.data.expanduser().absolute())
    os.environ.setdefault("MADANG_SITE_ADDRESS", _address(args.port))  # receipts of what is loaded name it too
    _prepare()
    from madang.kernel.commands import Refused  # Django's models wait for its setup

    try:
        _load(args.stage, args.seed)
        _load_people()
        demo_open.load()
        _publish_keys()
    except Malformed as malformed:
        return refuse(malformed.faults, None)
    except Refused as refused:
        folder = os.environ.get("MADANG_DATA") or "./var"
        older = Fault("demo_of_another_version", "", {"folder": folder})
        return refuse([*(Fault(reason.code, "", reason.params) for reason in refused.reasons), older], None)
    print(f"Loaded in {time.monotonic() - started:.1f} s.", flush=True)
    return 0 if args.no_serve else _serve(args.port)


def _prepare() -> None:
    """Django, the database and the browser's files."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    import django
    from django.core.management import call_command

    django.setup()
    print("Setting up the database and the browser's files ...", flush=True)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def _load(stage: str, seed: int) -> None:
    """Every shipped programme announced; the examples received and decided as far as they go."""
    from madang.papers.library import examples, programmes

    for name, path in programmes().items():
        _publish(path.read_text("utf-8"), sample=False)
        print(f"  {name}", flush=True)
    for name, path in examples().items():
        _load_example(name, path, stage, seed)
        print(f"  {name}", flush=True)


def _publish(text: str, *, sample: bool) -> Any:
    from madang.apps.calls.commands import publish_definition
    from madang.kernel.actors import DEMO

    return publish_definition(actor=DEMO, text=text, sample=sample).call


def _load_example(name: str, path: Path, stage: str, seed: int) -> None:
    from madang.apps.applications.commands import receive_from_folder
    from madang.kernel.actors import DEMO
    from madang.papers.library import programmes

    decidable = name not in programmes()  # a folder named like a programme holds its reception only
    folder = _folder(path, seed, decidable)
    call = _publish(folder.definition_text, sample=decidable and folder.case.sample)
    if stage != "announced":
        receive_from_folder(actor=DEMO, call=call, case=folder.case, source=name, note=folder.note)
    if stage == "decided" and decidable:
        _decide(folder, call)


def _folder(path: Path, seed: int, decidable: bool) -> Folder:
    """The folder as shipped; with another seed its sample has other applicants, as many."""
    from madang.papers.folder import read
    from madang.papers.samples import sample_case, sample_roster, write_folder

    folder = read(path, for_decision=decidable)
    if seed == 1 or not decidable or not folder.case.sample:
        return folder
    count = len(folder.case.applications)
    case = sample_case(folder.definition, seed=seed, applications=count, sisters=folder.case.sisters)
    with tempfile.TemporaryDirectory() as drawn:
        roster = sample_roster(folder.definition, case, seed=seed)
        write_folder(
            folder.definition_text, case, Path(drawn), note=folder.note, decided_at=folder.decided_at, roster=roster
        )
        return read(Path(drawn))


def _decide(folder: Folder, call: Any) -> None:
    from madang.apps.decisions.commands import seal_decision
    from madang.apps.decisions.queries import latest_decision
    from madang.cli.decide import RECORD, REPORT, WORKBOOK, seal_folder, write_outputs
    from madang.cli.main import language
    from madang.kernel import keys
    from madang.kernel.actors import DEMO

    if latest_decision(call) is not None:  # a record made again has new salts, so another root: one is enough
        return
    record, _ = seal_folder(folder, key=keys.load_or_make())
    with tempfile.TemporaryDirectory() as out:
        write_outputs(record, Path(out), language())
        seal_decision(
            actor=DEMO,
            call=call,
            record_text=(Path(out) / RECORD).read_text("utf-8"),
            report=(Path(out) / REPORT).read_bytes(),
            workbook=(Path(out) / WORKBOOK).read_bytes(),
        )


def _load_people() -> None:
    """Somebody for each role, all invented; nobody has a password. Who left a role by hand does not get it back."""
    from django.conf import settings

    from madang.apps.accounts.commands import grant_role, register_person
    from madang.apps.accounts.queries import by_email
    from madang.kernel.actors import DEMO

    for name, role, language, zone in PEOPLE:
        email = f"{name.lower()}@example.org"
        if by_email(email) is not None:
            continue
        consents = {kind: settings.CONSENT_VERSIONS[kind] for kind in ("terms", "privacy")}
        person = register_person(
            actor=DEMO,
            email=email,
            name=name,
            language=language,
            zone=zone,
            consents=consents,
            sample=True,
            verified=True,
        )
        if role:
            grant_role(actor=DEMO, person=person, role=role)


def _publish_keys() -> None:
    """The list of signing keys, good from the first day on which a sample was decided."""
    from madang.apps.decisions.models import Decision
    from madang.apps.decisions.queries import decided_on
    from madang.kernel import keyring

    days = [decided_on(decision) for decision in Decision.objects.all()]
    if days:
        keyring.publish(min(days))


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _serve(port: int) -> int:
    """The site on this machine only, and the worker, as `madang serve` runs them; all end with this process."""
    from madang.cli.serve import serve

    address = _address(port)
    environment = {**os.environ, "MADANG_DEMO": "1"}
    print(f"Open {address}  (Ctrl+C stops it)", flush=True)
    print(f"Sign in as an invented person: {address}/demo/people   Mail: {address}/demo/mail", flush=True)
    return serve(host="127.0.0.1", port=port, processes=2, grace_s=10, apply=True, environment=environment)
