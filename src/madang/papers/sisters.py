"""Who applied in the sister calls of a season: `sister_calls/*.json`, records of any edition or applicant lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from madang.core.callspec.blocks import Name
from madang.core.callspec.model import Definition
from madang.core.deciding.case import SisterApplication
from madang.core.problem import Items, Strict, read_json, read_problem
from madang.core.reasons import Fault, Malformed
from madang.papers.findings import Findings
from madang.papers.values import nearest, shown

FOLDER = "sister_calls"
MAX_BYTES = 256 * 2**20


class Listed(Strict):
    """One applicant of another call; `organisation` is its identity across calls."""

    applicant: str
    organisation: str = ""
    outcome: str = ""


class ApplicantList(Strict):
    """Who applied in a call, as its office hands it to a sister call."""

    madang_applicants: Literal[1]
    call: Name
    applicants: Items[Listed]


def read_sisters(
    folder: Path, definition: Definition, findings: Findings
) -> tuple[tuple[SisterApplication, ...], tuple[Fault, ...]]:
    """The rows of every file, and remarks; each fault goes to `findings` with its file. Linear in the files."""
    rows: list[SisterApplication] = []
    remarks: list[Fault] = []
    for path in _files(folder, findings):
        name = f"{FOLDER}/{shown(path.name)}"
        try:
            call, closed, applied = _rows(path)
        except (KeyError, TypeError, AttributeError):
            findings.add(0, 0, 0, Fault("sister_record_shape", name))
            continue
        except Malformed as error:
            for fault in error.faults:
                findings.add(0, 0, 0, Fault(fault.code, f"{name}, {fault.at}" if fault.at else name, fault.params))
            continue
        if (misplaced := _of_other(definition, call, name)) is not None:
            findings.add(0, 0, 0, misplaced)
            continue
        if closed:
            remarks.append(Fault("sister_record_not_whole", name, {"call": call}))
        rows += applied
    return tuple(rows), tuple(remarks)


def _files(folder: Path, findings: Findings) -> Iterator[Path]:
    place = folder / FOLDER
    if place.is_symlink():
        findings.add(0, 0, 0, Fault("file_is_link", FOLDER))
    elif place.is_dir():
        for path in sorted(place.iterdir(), key=lambda path: path.name):
            if path.name.startswith("."):
                continue
            if path.is_symlink():
                findings.add(0, 0, 0, Fault("file_is_link", f"{FOLDER}/{shown(path.name)}"))
            elif path.suffix.lower() == ".json" and path.is_file():
                yield path
            else:
                findings.add(0, 0, 0, Fault("sister_file_not_json", f"{FOLDER}/{shown(path.name)}"))


def _rows(path: Path) -> tuple[str, bool, list[SisterApplication]]:
    """The call, whether some of it is closed to us, and the rows."""
    if path.stat().st_size > MAX_BYTES:
        raise Malformed([Fault("file_too_large", "", {"max_mb": MAX_BYTES // 10**6})])
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed([Fault("encoding_not_utf8", "", {"byte": error.start})]) from None
    data = read_json(text)
    if isinstance(data, dict) and "madang_record" in data:
        return _of_record(text)
    listed = read_problem(ApplicantList, data)
    rows = [SisterApplication(listed.call, one.applicant, one.organisation, one.outcome) for one in listed.applicants]
    return listed.call, False, rows


def _of_record(text: str) -> tuple[str, bool, list[SisterApplication]]:
    """The applicants that an edition opens. A record whose leaves do not add up to its root is refused."""
    from madang.core.record.canonical import NotCanonical
    from madang.core.record.read import read
    from madang.core.record.seal import root_of

    record = read(text)
    try:
        root = root_of([dict(leaf) for leaf in record.leaves])
        whole = root is not None and root.hex() == record.root
    except NotCanonical:
        whole = False
    if not whole:
        raise Malformed([Fault("sister_record_changed", "", {})])
    call = str(record.meta["call"])
    identities = {name.split("/", 1)[1]: value for name, value in record.values.items() if name.startswith("answers/")}
    decided = {name.split("/", 1)[1]: value for name, value in record.values.items() if name.startswith("decided/")}
    rows = []
    for name, value in record.values.items():
        if name.startswith("applications/"):
            of = name.split("/", 1)[1]
            organisation = str(identities.get(of, {}).get("organisation") or value.get("organisation") or "")
            outcome = str(decided.get(of, {}).get("outcome") or "")
            rows.append(SisterApplication(call, str(value.get("applicant", "")), organisation, outcome))
    return call, record.edition != "auditor", rows


def _of_other(definition: Definition, call: str, name: str) -> Fault | None:
    """Why a file has no place here: the call names no sisters, or not this one."""
    sisters = definition.sisters
    if sisters is None:
        return Fault("sisters_not_named", name)
    if call not in sisters.calls:
        return Fault("not_a_sister", name, {"call": shown(call), "nearest": nearest(call, sisters.calls) or "-"})
    return None
