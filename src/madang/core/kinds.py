"""The kinds of problem that `madang solve` knows, each loaded only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ValidationError

from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.problem import faults_of
from madang.core.reasons import Checked, Fault, Malformed, Reason
from madang.core.salvage import has_holes, salvage


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind and its package, which holds `<Name>Problem`, `<Name>Result`, `solve_<name>`, `verify_<name>` and
    `faults_in(problem)`: what is wrong with the meaning of a problem whose form is right.
    """

    name: str
    package: str
    steps_over_holes: bool = False  # its `faults_in` also takes what `salvage` could read of a broken form
    timed: bool = False  # it searches: `solve` takes a `Deadline`, the problem has `time_limit_s`
    matrices: tuple[str, ...] = ()  # fields that may name a file: the shell reads it and puts a `Matrix` there
    tables: tuple[str, ...] = ()  # the same of a result
    documents: tuple[str, ...] = ()  # fields that may name a file of documents: the shell reads its lines into a list

    @property
    def problem_model(self) -> type[BaseModel]:
        model: type[BaseModel] = self._part(f"{self.name.title()}Problem")
        return model

    @property
    def result_model(self) -> type[BaseModel]:
        model: type[BaseModel] = self._part(f"{self.name.title()}Result")
        return model

    def solve(self, problem: Any, deadline: Deadline = NO_DEADLINE) -> dict[str, Any]:
        """Problem -> result, ready for JSON. Raises `Malformed` for faults of meaning."""
        solver = self._part(f"solve_{self.name}")
        result: dict[str, Any] = solver(problem, deadline) if self.timed else solver(problem)
        return result

    @property
    def verify(self) -> Callable[[Any, object], list[Reason]]:
        """(Problem, result) -> what does not follow; empty if all does."""
        verifier: Callable[[Any, object], list[Reason]] = self._part(f"verify_{self.name}")
        return verifier

    def read(self, data: object) -> Any:
        """`data` (from `read_json`) as this kind's problem.

        Raises `Malformed`: if the form is wrong anywhere, with every fault of form and every fault of meaning that the
        readable rest has, in the order of the source. A problem of the right form still has its meaning checked by
        `solve` and `verify`.
        """
        unnamed = isinstance(data, dict) and "kind" not in data
        faults = [Fault("missing_field", "/kind")] if unnamed else []
        try:
            problem = self.problem_model.model_validate(data)
        except ValidationError as error:
            found = faults_of(error, data)
            faults += [fault for fault in found if not (unnamed and fault.at == "/kind")]
        else:
            if not unnamed:
                return problem
        rest = salvage(self.problem_model, data)
        if rest is not None and (self.steps_over_holes or not has_holes(rest)):
            faults += self._part("faults_in")(rest)
        raise Malformed(in_source_order(faults, data))

    def check(self, problem: Any, result: object) -> Checked:
        """The same with what the verifier had to leave open."""
        package = import_module(self.package)
        if hasattr(package, f"check_{self.name}"):
            checked: Checked = getattr(package, f"check_{self.name}")(problem, result)
            return checked
        return Checked(self.verify(problem, result), [])

    def schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the problem and of the result."""
        return {
            "problem": _schema(self.problem_model, f"{self.name}.problem"),
            "result": _schema(self.result_model, f"{self.name}.result"),
        }

    def _part(self, name: str) -> Any:
        return getattr(import_module(self.package), name)


#: name -> kind, in the order in which a call meets them.
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("lots", "madang.core.lots", steps_over_holes=True),
        Kind("conflicts", "madang.core.conflicts"),
        Kind("panel", "madang.core.panels", steps_over_holes=True),
        Kind("affinity", "madang.core.affinity", tables=("affinity",)),
        Kind("assignment", "madang.core.assignment", timed=True, matrices=("affinity",)),
        Kind("ranking", "madang.core.scoring", steps_over_holes=True),
        Kind("selection", "madang.core.selection", timed=True),
        Kind("vote", "madang.core.votes", steps_over_holes=True),
        Kind("timetable", "madang.core.timetable", timed=True),
        Kind("duplicates", "madang.core.matching.duplicates", documents=("documents",)),
    )
}


def in_source_order(faults: list[Fault], data: object) -> list[Fault]:
    """Faults in the order in which a reader meets their places; what is missing comes after its siblings."""
    return sorted(faults, key=lambda fault: _place(fault.at, data))


def _place(pointer: str, data: object) -> tuple[int, ...]:
    steps = []
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, dict):
            steps.append(list(data).index(name) if name in data else len(data))
            data = data.get(name)
        elif isinstance(data, list) and name.isdecimal() and int(name) < len(data):
            steps.append(int(name))
            data = data[int(name)]
        else:
            break
    return tuple(steps)


def _schema(model: type[BaseModel], name: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:madang:schema:{name}:1",
        **model.model_json_schema(),
    }
