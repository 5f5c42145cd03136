"""What programs use from outside: functions are imported, values are handed over as arguments.

A compiled function holds on to the globals that it saw when it was compiled.  So that a global that is rebound is seen
rebound, as in the reference backend, numbers and arrays from outside become parameters, read anew at each call; then
the compiled code depends on types alone, and so may be kept on disk.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Iterable, Sequence
from types import FunctionType, ModuleType
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Emitted
from s2sad.backends.numba.overloads import KNOWN
from s2sad.errors import AmbiguousAlias
from s2sad.names import unused
from s2sad.program import Program
from s2sad.tree.build import dotted, name
from s2sad.tree.dataflow import (
    DEFERRED,
    binds,
    headers,
    map_blocks,
    map_headers,
    own_names,
    parameters,
    rewrite,
    walk,
    with_fields,
)

_MODULES = {"np": np, "math": math}
_IMPORTED = {"np": np, "math": math, "operator": operator}
_VALUES = (bool, int, float, complex, np.ndarray, np.generic)


class Outside:
    """The outside names of some programs that call each other.

    Attributes
    ----------
    programs : list of Program
        The programs, with parameters for the values that they use from outside.
    objects : dict from str to object
        The values that are handed over, by their dotted path in the user's function.
    spelled : dict from str to str
        The parameter that each of these paths became.
    imports : list of str
        The import statements that the programs need.
    unknown : list of (str, object, Program, statement)
        What can be neither imported nor handed over.
    """

    def __init__(self, programs: Sequence[Program]) -> None:
        self.names = {program.name for program in programs}
        self.objects: dict[str, Any] = {}
        self.lines: set[str] = set()
        self.unknown: list[tuple[str, Any, Program, Any]] = []
        used = {program.name: self._used(program) for program in programs}
        calls = {program.name: _called(program) & self.names for program in programs}
        _close(used, calls)
        self.parameters = {key: sorted(paths) for key, paths in used.items()}
        taken = {part for program in programs for part in _locals(program)}
        self.spelled = {
            path: unused(path.replace(".", "_"), taken) for path in sorted(set().union(*used.values(), set()))
        }
        self.programs = [self._closed(program) for program in programs]

    @property
    def imports(self) -> list[str]:
        return sorted(self.lines, key=lambda line: (line.startswith("from"), line))

    def of(self, program: Program) -> list[str]:
        """The outside paths whose values a program takes, in the order of its parameters."""
        return self.parameters[program.name]

    # ---- what is used -------------------------------------------------------------------------------------------

    def _used(self, program: Program) -> set[str]:
        local = _locals(program)
        found: set[str] = set()
        for node in walk(program.body):
            for part in headers(node):
                for path in _paths(part, local):
                    self._note(path, program, node, found)
        return found

    def _note(self, path: str, program: Program, node: Any, found: set[str]) -> None:
        known, value = resolved(path, program)
        if known in self.names or isinstance(value, Emitted):
            return
        if known == "" and path != "prange":
            if not hasattr(builtins, path.split(".")[0]):
                self.unknown.append((path, None, program, node))
        elif is_value(value) and not _is_module_constant(known):
            found.add(known)
            self.objects[known] = value
        else:
            line = imported(known, value)
            if line is None:
                self.unknown.append((known, value, program, node))
            elif line:
                self.lines.add(line)

    # ---- parameters ---------------------------------------------------------------------------------------------

    def _closed(self, program: Program) -> Program:
        """The program with the parameters added, and handed on in its calls."""
        local = _locals(program)

        def leave(part: Any) -> Any:
            path = dotted(part) if isinstance(part, (gast.Name, gast.Attribute)) else None
            if path is not None and path in self.spelled and path.split(".")[0] not in local:
                return gast.copy_location(name(self.spelled[path]), part)
            if (
                isinstance(part, gast.Call)
                and isinstance(part.func, gast.Name)
                and part.func.id in self.names
            ):
                extra = [name(self.spelled[path]) for path in self.parameters[part.func.id]]
                return with_fields(part, args=[*part.args, *extra]) if extra else part
            if isinstance(part, DEFERRED):
                return self._inside(part, leave)
            return part

        def block(body: Any) -> list[gast.stmt]:
            return [map_blocks(map_headers(node, lambda part: rewrite(part, leave)), block) for node in body]

        wanted = [self.spelled[path] for path in self.parameters[program.name]]
        new = [gast.Name(id=key, ctx=gast.Param(), annotation=None, type_comment=None) for key in wanted]
        last = len(program.args.args) - len(program.args.defaults)
        args = [*program.args.args[:last], *new, *program.args.args[last:]]
        return program.replace(args=with_fields(program.args, args=args), body=tuple(block(program.body)))

    def _inside(self, scope: Any, leave: Any) -> Any:
        fields = {}
        own = own_names(scope)
        for field in scope._fields:
            value = scope.__dict__.get(field)
            if isinstance(value, gast.expr) and not own & set(self.spelled):
                fields[field] = rewrite(value, leave)
        return with_fields(scope, **fields)


def resolved(path: str, program: Program) -> tuple[str, Any]:
    """The longest part of a dotted path whose object is known, and that object; an empty path if none is."""
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        known = ".".join(parts[:count])
        if known in program.objects:
            return known, program.objects[known]
    if parts[0] in _MODULES:
        value: Any = _MODULES[parts[0]]
        for count, part in enumerate(parts[1:], 1):
            if not hasattr(value, part) or not isinstance(value, ModuleType):
                return ".".join(parts[:count]), value
            value = getattr(value, part)
        return path, value
    return "", None


def is_value(value: Any) -> bool:
    """Whether an object from outside can be handed over: a number, an array, or a tuple or list of these."""
    if isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
        return bool(value) and all(map(is_value, value))
    return isinstance(value, _VALUES)


def imported(path: str, value: Any) -> str | None:
    """The statement that makes a path mean its object: "" for builtins, None where there is none."""
    root, *rest = path.split(".")
    if rest and "random" in rest:
        return None  # compiled code has a state of its own, which `np.random.seed` does not reach
    if isinstance(value, ModuleType) and not rest:
        return f"import {value.__name__}" + (f" as {root}" if value.__name__ != root else "")
    if rest:
        module = _IMPORTED.get(root)
        return (
            (f"import numpy as {root}" if module is np else f"import {root}") if module is not None else None
        )
    if getattr(builtins, root, None) is value:
        return ""
    if value is AmbiguousAlias:
        return f"from s2sad.errors import AmbiguousAlias{'' if root == 'AmbiguousAlias' else f' as {root}'}"
    if isinstance(value, FunctionType) and value in KNOWN:
        return KNOWN[value] + (f" as {root}" if value.__name__ != root else "")
    for module in (math, np, np.linalg, operator):
        found = next((key for key in dir(module) if getattr(module, key, None) is value), None)
        if found is not None:
            return f"from {module.__name__} import {found}" + (f" as {root}" if found != root else "")
    return None


def _is_module_constant(path: str) -> bool:
    return path.split(".")[0] in _MODULES and "." in path


def _locals(program: Program) -> set[str]:
    return {*parameters(program.args), *(bound for node in walk(program.body) for bound in binds(node))}


def _paths(node: Any, local: set[str]) -> Iterable[str]:
    """The dotted paths in an expression that start outside."""
    if isinstance(node, (gast.Name, gast.Attribute)):
        path = dotted(node)
        if path is not None:
            if path.split(".")[0] not in local:
                yield path
            return
    inner = local | own_names(node) if isinstance(node, DEFERRED) else local
    for field in node._fields:
        value = node.__dict__.get(field)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, gast.AST):
                yield from _paths(part, inner)


def _called(program: Program) -> set[str]:
    found: set[str] = set()
    for node in walk(program.body):
        for part in headers(node):
            found.update(_paths(part, set()))
    return found


def _close(used: dict[str, set[str]], calls: dict[str, set[str]]) -> None:
    """Whoever calls a program needs what that program uses."""
    changed = True
    while changed:
        changed = False
        for key, callees in calls.items():
            for callee in callees:
                if not used[callee] <= used[key]:
                    used[key] |= used[callee]
                    changed = True
