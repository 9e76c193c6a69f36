"""The one way in which state changes. A command is a function in `apps/<noun>/commands`, keyword-only, actor first:

    @command("calls.publish_definition")
    def publish_definition(*, actor: Actor, text: str) -> DefinitionVersion:
        call = locked(Call.objects).get(...)                    # 1 lock the row
        ...                                                     # 2 load facts
        refuse_if(rules.may_publish(actor, call))               # 3 ask the rule: may this person?
        refuse_if(check(CALL, "publish", state, facts))         # 4 ask the lifecycle: is it allowed now?
        version = DefinitionVersion.objects.create(...)         # 5 write the state ...
        record(version.call, after=...)                         #   ... and its one journal row, in one transaction
        announce(DefinitionPublished(...))                      # 6 tell after commit
        return version

Screens, API, CLI and imports call the same function. The decorator holds the order together: it opens the transaction,
and a command that ends without a journal row (or `unchanged`) is undone, because nothing may change unseen.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.db import connections, models, transaction

from madang.core.reasons import Reason
from madang.kernel import journal
from madang.kernel.actors import Actor
from madang.kernel.append_only import AppendOnly
from madang.kernel.turns import turn

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)


class Refused(Exception):
    """The command was not carried out, for these reasons; nothing was written."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = list(reasons)
        super().__init__(", ".join(reason.code for reason in self.reasons))


class NotRecorded(RuntimeError):
    """A command ended without a journal row, or wrote two: a fault in the command itself."""


@dataclass(slots=True)
class _Running:
    name: str
    actor: Actor
    recorded: int = 0
    unchanged: bool = False


_running: ContextVar[_Running] = ContextVar("madang_command")

COMMANDS: dict[str, Callable[..., Any]] = {}
"""Every command of the house by name, as they stand in the journal."""


def command(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function the command `name` (`app.verb_noun`): one transaction, exactly one journal row.

    A command may call another; it then writes its own row, and both stand or fall together.
    """

    def make(function: Callable[P, R]) -> Callable[P, R]:
        parameters = list(inspect.signature(function).parameters.values())
        if any(p.kind is not p.KEYWORD_ONLY for p in parameters) or not parameters or parameters[0].name != "actor":
            raise TypeError(f"{name}: a command takes keywords only, `actor` first")
        if name in COMMANDS:
            raise TypeError(f"{name}: there is such a command already")

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            running = _Running(name, kwargs["actor"])  # type: ignore[arg-type]  # checked above; P cannot say it
            token = _running.set(running)
            try:
                with turn(), transaction.atomic():
                    result = function(*args, **kwargs)
                    if running.recorded != (0 if running.unchanged else 1):
                        raise NotRecorded(f"{name} wrote {running.recorded} journal rows")
                    return result
            finally:
                _running.reset(token)

        COMMANDS[name] = run
        return run

    return make


def locked(rows: models.QuerySet[M] | models.Manager[M]) -> models.QuerySet[M]:
    """The same rows, locked until the end of the transaction.

    On PostgreSQL the row itself; on SQLite the transaction already holds the only pen (IMMEDIATE). Rows that are
    written once cannot be locked, as that takes the right to change them: lock what they are about.
    """
    if issubclass(rows.model, AppendOnly):
        raise TypeError(f"{rows.model.__name__} rows are written once: lock what they are about")
    return rows.select_for_update(of=("self",))


def locked_whole(rows: models.QuerySet[M], pk: Any) -> Any:
    """One row, locked, with everything that `rows` joins to it, as it is now.

    Locked first, then read: on PostgreSQL whoever waited for a row gets that row anew, but what is joined to it as it
    was before the wait. Cost: one statement more there.
    """
    if connections[rows.db].features.has_select_for_update:
        locked(rows.select_related(None)).only("pk").get(pk=pk)
    return rows.get(pk=pk)


def refuse_if(reasons: Iterable[Reason]) -> None:
    """Raise `Refused` when there is any reason against it."""
    if found := list(reasons):
        raise Refused(found)


def record(
    on: models.Model,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    payload: dict[str, Any] | None = None,
) -> journal.JournalEntry:
    """Write this command's journal row about the object `on`; its states are JSON values, of which hashes are kept."""
    running = _running.get()
    running.recorded += 1
    return journal.write(
        actor=running.actor,
        command=running.name,
        object_kind=on._meta.label_lower,
        object_id=str(on.pk),
        before=before,
        after=after,
        payload=payload,
    )


def unchanged(result: R) -> R:
    """End a command that found everything as it should be (a repeated import): nothing written, no journal row."""
    _running.get().unchanged = True
    return result
