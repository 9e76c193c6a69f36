"""Reads what was handed in to be imported: opens it, finds tables and files, reads the rows, compares them.

Nothing is stored here. It is run twice: for the preview, and again when it is taken in, which then is the same.
"""

import hashlib
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from madang.apps.applications.models import Application, Import, ReceivedFile
from madang.apps.applications.queries import row_of
from madang.apps.calls.models import Call
from madang.core.callspec import Definition
from madang.core.conflicts.naming import organisation_name
from madang.core.deciding import case
from madang.core.reasons import Fault, Malformed
from madang.core.record.canonical import digest
from madang.kernel import spool
from madang.kernel.datadir import data_dir
from madang.kernel.file_formats import format_of, harmless_name
from madang.kernel.incoming.look import look
from madang.kernel.incoming.unwanted import Unwanted
from madang.papers.days import Order
from madang.papers.intake import archive
from madang.papers.intake.archive import APPLICATIONS, Entry
from madang.papers.intake.columns import Titled
from madang.papers.intake.comparing import differences, merged
from madang.papers.intake.matching import Matched, match, places_of
from madang.papers.intake.reading import Intake, plans_of, read_intake, read_tables, titles_of
from madang.papers.refusal import shown

Tell = Callable[[str, int, int], None]
"""Hears how far it is: phase, done, of how many."""

MOST_ROWS: Final = 20_000
"""Applications of one import."""
LARGEST_FILE_MB: Final = 200
_ORDERS: Final[Mapping[str, Order]] = {"dmy": "dmy", "mdy": "mdy"}
_IN_MEMORY: Final = 8 * 1024**2


@dataclass(frozen=True, slots=True)
class CameFile:
    """A file of an application, as it came: its place, a harmless name, what it is."""

    member: int
    path: str
    key: str
    name: str
    sha256: str
    size_bytes: int
    format: str


@dataclass(frozen=True, slots=True)
class Line:
    """One application of the import: what it is now, what it would be, and how the two differ.

    `standing`: the row that it would take the place of. `files`: what came; `kept`: what stays of the row before.
    """

    application: case.Application
    row: int
    standing: Application | None = None
    fields: tuple[str, ...] = ()
    files: tuple[CameFile, ...] = ()
    kept: tuple[ReceivedFile, ...] = ()


@dataclass(slots=True)
class Compared:
    """What the import would do. `alike`: a new one, and what was filed here by the same applicant for the same type."""

    new: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    unchanged: list[Line] = field(default_factory=list)
    conflicts: list[Line] = field(default_factory=list)
    alike: list[tuple[Line, str]] = field(default_factory=list)
    left: list[Entry] = field(default_factory=list)
    remarks: tuple[Fault, ...] = ()
    titles: Sequence[Titled] = ()
    base_sha256: str = ""

    @property
    def taken(self) -> list[Line]:
        """What would be stored."""
        return [*self.new, *self.changed]


class FaultyTables(Malformed):
    """Tables that could be read, with faults; and what each of their titles was read as."""

    def __init__(self, faults: list[Fault], titles: Sequence[Titled]) -> None:
        self.titles = titles
        super().__init__(faults)


class AsksColumns(Exception):
    """Titles that nobody knows: somebody must say which column each is."""

    def __init__(self, titles: Sequence[Titled]) -> None:
        self.titles = titles
        super().__init__("titles to be chosen")


@dataclass(frozen=True, slots=True)
class Opened:
    """What was handed in, open: the whole, its tables as files, its other files, and a way to their content."""

    whole: BinaryIO
    tables: Mapping[str, Path]
    files: Sequence[Entry]
    archive: zipfile.ZipFile | None

    @contextmanager
    def content(self, member: int) -> Iterator[BinaryIO]:
        """A file of the archive, unpacked aside so that one can go back and forth in it."""
        assert self.archive is not None, "only an archive holds files"
        source = self.archive.open(self.archive.infolist()[member])
        with source, tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(data_dir() / "cache")) as aside:
            for piece in archive.pieces(source):
                aside.write(piece)
            aside.seek(0)
            yield aside  # type: ignore[misc]  # it reads and seeks as a file does


@contextmanager
def opened(imported: Import, definition: Definition) -> Iterator[Opened]:
    """Look at what came and open it. Raises `Malformed`: what must not come in, no table, several that may be it."""
    try:
        with (
            spool.whole(imported.uid) as file,
            tempfile.TemporaryDirectory(dir=data_dir() / "cache", prefix=".new-") as folder,
        ):
            _looked_at(file, imported.name)
            if handed_format(file) != "zip":
                yield Opened(file, {APPLICATIONS: _copied(file, Path(folder) / archive.safe(imported.name))}, (), None)
                return
            with zipfile.ZipFile(file) as packed:
                found = archive.entries(packed)
                tables = archive.tables_in(found, plans_of(definition))
                paths = archive.unpack(packed, tables, Path(folder))
                yield Opened(file, paths, [one for one in found if one not in tables.values()], packed)
    except spool.NotSpooled:
        raise Malformed([Fault("import_gone", "")]) from None


def handed_format(file: BinaryIO) -> str | None:
    """Its format. A ZIP that begins with a PDF, not compressed, is taken for the ZIP as which it is opened here."""
    file.seek(0)
    begins = file.read(4)
    found = format_of(file)
    return "zip" if begins == b"PK\x03\x04" and found == "pdf" else found


def _looked_at(file: BinaryIO, name: str) -> None:
    try:
        look(file, handed_format(file))
    except Unwanted as unwanted:
        raise Malformed([Fault(unwanted.reason.code, "", {"name": shown(name), **unwanted.reason.params})]) from None
    file.seek(0)


def _copied(file: BinaryIO, path: Path) -> Path:
    file.seek(0)
    with path.open("wb") as target:
        for piece in archive.pieces(file):
            target.write(piece)
    return path


def compare(imported: Import, handed: Opened, definition: Definition, tell: Tell) -> Compared:
    """Read the rows and hold them against what stands. Raises `AsksColumns`, or `Malformed` with every fault.

    Three statements, whatever the number of rows.
    """
    tell("reading", 0, 0)
    plans = plans_of(definition)
    tables = read_tables(handed.tables, plans)
    titles = titles_of(tables, plans, imported.chosen)
    if any(one.how in ("near", "none") for one in titles):
        raise AsksColumns(titles)
    if sum(len(table.rows) for name, table in tables.items() if name == APPLICATIONS) > MOST_ROWS:
        raise Malformed([Fault("import_too_many_rows", shown(imported.name), {"most": MOST_ROWS})])
    try:
        intake = read_intake(
            tables,
            definition,
            imported.chosen,
            sample=imported.call.is_sample,
            dates=_ORDERS.get(imported.dates),
        )
        files, left = _files(handed, intake, definition, tell)
    except Malformed as malformed:
        raise FaultyTables(malformed.faults, titles) from None
    tell("comparing", 0, 0)
    found = _sorted_out(imported.call, intake, definition, files)
    found.left, found.titles = left, titles
    return found


def _files(
    handed: Opened, intake: Intake, definition: Definition, tell: Tell
) -> tuple[dict[str, list[CameFile]], list[Entry]]:
    """Application -> its files, and those that are left out. Raises `Malformed` with every file that must not come."""
    matched, left = match(handed.files, intake.rows.keys(), places_of(definition))
    found: dict[str, list[CameFile]] = defaultdict(list)
    faults: list[Fault] = []
    for number, one in enumerate(matched):
        tell("files", number, len(matched))
        try:
            came = _came(handed, one)
        except Unwanted as unwanted:
            told = {"name": shown(one.entry.name), **unwanted.reason.params}
            faults.append(Fault(unwanted.reason.code, shown(one.entry.path), told))
            continue
        if came is None:
            left.append(one.entry)
        else:
            found[one.application].append(came)
    if faults:
        raise Malformed(faults)
    return found, sorted(left, key=lambda one: one.parts)


def _came(handed: Opened, one: Matched) -> CameFile | None:
    """The file, looked at; nothing where nobody knows what it is, or it is empty."""
    if one.entry.size > LARGEST_FILE_MB * 1024**2:
        raise Malformed(
            [
                Fault(
                    "form_file_too_large",
                    shown(one.entry.path),
                    {"name": shown(one.entry.name), "most_mb": LARGEST_FILE_MB},
                )
            ]
        )
    with handed.content(one.entry.member) as content:
        format = format_of(content)
        if format is None:
            return None
        look(content, format)
        content.seek(0)
        sha256 = _hash(content)
    return CameFile(
        member=one.entry.member,
        path=one.entry.path,
        key=one.key,
        name=harmless_name(one.entry.name, format),
        sha256=sha256,
        size_bytes=one.entry.size,
        format=format,
    )


def _hash(content: BinaryIO) -> str:
    digest = hashlib.sha256()
    for piece in archive.pieces(content):
        digest.update(piece)
    return digest.hexdigest()


def _sorted_out(
    call: Call, intake: Intake, definition: Definition, files: Mapping[str, Sequence[CameFile]]
) -> Compared:
    standing = {one.reference: one for one in Application.objects.filter(call=call, undone_at__isnull=True).order_by()}
    held = _files_held(one.pk for one in standing.values() if one.reference in intake.rows)
    filed = {_who(one.applicant_name, one.track): one.reference for one in standing.values() if one.filing_id}
    found = Compared(remarks=intake.remarks)
    for given in intake.applications:
        line = Line(given, intake.rows.get(given.id, 0), files=tuple(files.get(given.id, ())))
        before = standing.get(given.id)
        if before is None:
            found.new.append(line)
            if other := filed.get(_who(given.applicant, given.track)):
                found.alike.append((line, other))
        elif before.filing_id:
            found.conflicts.append(line)
        else:
            _against(found, line, before, intake, definition, held.get(before.pk, ()))
    found.base_sha256 = base_of(call, intake.rows.keys(), standing)
    return found


def _against(
    found: Compared,
    line: Line,
    before: Application,
    intake: Intake,
    definition: Definition,
    held: Sequence[ReceivedFile],
) -> None:
    """An application that an earlier import brought: what of it differs now."""
    after = merged(row_of(before), line.application, intake, definition)
    named = {(one.key, one.name): one.sha256 for one in held}
    fresh = tuple(one for one in line.files if named.get((one.key, one.name)) != one.sha256)
    over = {(one.key, one.name) for one in fresh}
    kept = tuple(one for one in held if (one.key, one.name) not in over)
    fields = (*differences(row_of(before), after), *(["files"] if fresh else []))
    line = Line(after, line.row, before, fields, fresh, kept)
    (found.changed if fields else found.unchanged).append(line)


def _files_held(applications: Iterator[int]) -> dict[int, list[ReceivedFile]]:
    found: dict[int, list[ReceivedFile]] = defaultdict(list)
    for one in ReceivedFile.objects.filter(application__in=list(applications)):
        found[one.application_id].append(one)
    return found


def _who(applicant: str, track: str) -> tuple[str, str]:
    """The applicant by its name, however it is written: what was filed here names organisations by ids of ours."""
    return organisation_name(applicant), track


def base_of(call: Call, references: Collection[str], standing: Mapping[str, Application]) -> str:
    """The hash of what a preview rests on: the definition, and which row of each named application stands."""
    rows = sorted((one.reference, one.pk) for one in standing.values() if one.reference in references)
    number = call.versions.order_by("-number").values_list("number", flat=True)[0]
    return digest({"definition": number, "standing": [[reference, pk] for reference, pk in rows]})


def standing_base(call: Call, references: Collection[str]) -> str:
    """The same, read anew: for the moment at which it is taken in."""
    rows = Application.objects.filter(call=call, undone_at__isnull=True).only("reference").order_by()
    return base_of(call, references, {one.reference: one for one in rows})
