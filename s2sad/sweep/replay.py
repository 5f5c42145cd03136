"""Checkpoints run twice: what they print is printed once, random numbers are drawn again from the same state.

Whatever else a checkpoint does when it runs, besides computing, is refused.
"""

from __future__ import annotations

import builtins
import dataclasses
import random
import types
from collections.abc import Iterable
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Callee
from s2sad.abstract.hooks import hook_of
from s2sad.abstract.interpreter import Interpreted
from s2sad.errors import problem_at, raise_problems
from s2sad.rules.record import rule_of
from s2sad.signature import Opaque
from s2sad.sweep.emitter import PURE, Emitter
from s2sad.sweep.scan import without
from s2sad.tree.build import clone, dotted
from s2sad.tree.parts import nodes

BLOCKS = ("body", "orelse", "handlers", "finalbody")
GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)
CHANGING = {"random", "open", "input", "time"}
SHOWING = {"logging", "warnings"}


def quiet(core: Interpreted) -> Interpreted:
    """The core of a checkpoint as it is computed again: without what it printed the first time."""
    return dataclasses.replace(
        core, body=tuple(without(clone(list(core.body)), lambda s: shows(s, core.objects)))
    )


def shows(statement: gast.stmt, objects: Any) -> bool:
    """Whether a statement only shows something: prints or logs."""
    node = statement.value if isinstance(statement, gast.Expr) else None
    if not isinstance(node, gast.Call):
        return False
    path = dotted(node.func) or ""
    function = objects.get(path, getattr(builtins, path, None))
    return function is print or (getattr(function, "__module__", "") or "").split(".")[0] in SHOWING


def generators_of(sweep: Any, callee: Callee, given: dict[str, gast.expr]) -> list[gast.expr]:
    """The random generators that a checkpoint draws from, as its caller reaches them; S110 for any other effect."""
    found: dict[str, gast.expr] = {}
    _collect(sweep, callee, given, found, [])
    return list(found.values())


def _collect(
    sweep: Any, callee: Callee, given: dict[str, gast.expr], found: dict[str, gast.expr], seen: list[Callee]
) -> None:
    core = callee.core
    if core is None or callee in seen:
        return
    seen.append(callee)
    emitter = Emitter(core, set())
    for statement in _simple(core.body):
        if shows(statement, core.objects) or hook_of(statement, core.objects) is not None:
            continue  # neither is done again
        for part in _expressions(statement):
            if isinstance(part, gast.Call) and not emitter.is_pure_call(part):
                node = _generator(sweep, emitter, part, given, callee, statement)
                if node is not None:
                    found[gast.unparse(node)] = node
    for inner in core.calls.values():
        if isinstance(inner, Callee):
            _collect(sweep, inner, {}, found, seen)


def _simple(body: Iterable[gast.stmt]) -> Iterable[gast.stmt]:
    for statement in body:
        yield statement
        for part in BLOCKS:
            inner = getattr(statement, part, None)
            if isinstance(inner, list):
                yield from _simple(inner)


def _expressions(statement: gast.stmt) -> Iterable[gast.AST]:
    """The nodes of a statement itself, its blocks aside."""
    for key, part in statement.__dict__.items():
        if key not in BLOCKS:
            for node in part if isinstance(part, list) else [part]:
                if isinstance(node, gast.AST):
                    yield from nodes(node)


def _generator(
    sweep: Any,
    emitter: Emitter,
    node: gast.Call,
    given: dict[str, gast.expr],
    callee: Callee,
    statement: gast.stmt,
) -> gast.expr | None:
    """The random generator behind a call, None for a call that can be made again."""
    path = dotted(node.func) or ""
    function = emitter.objects.get(path, getattr(builtins, path, None))
    owner = getattr(function, "__self__", None)
    if isinstance(owner, GENERATORS):
        return sweep.object_node(owner, "generator")  # type: ignore[no-any-return]
    if isinstance(function, type) and issubclass(function, tuple):
        return None
    if isinstance(function, types.FunctionType) and _only_computes(function, []):
        return None
    if isinstance(node.func, gast.Attribute) and isinstance(node.func.value, gast.Name):
        known = emitter.types.get(node.func.value.id)
        if isinstance(known, Opaque) and known.cls is not None and issubclass(known.cls, GENERATORS):
            if node.func.value.id in given:
                return given[node.func.value.id]
    _refuse(node, callee, statement)
    return None


def _refuse(node: gast.Call, callee: Callee, statement: gast.stmt) -> None:
    message = (
        f"{gast.unparse(node.func).strip()} is called in a checkpoint, which runs again in the reverse sweep: whether "
        "it then does the same is not known"
    )
    advice = "Call it before, and pass the result; or leave the checkpoint out."
    frame = callee.function.frame
    raise_problems([problem_at(statement, "S110", message, advice, frame.filename, frame.lines)])


def _only_computes(function: types.FunctionType, seen: list[Any]) -> bool:
    """Whether a Python function calls only functions that compute."""
    if function in seen:
        return True
    seen.append(function)
    code = function.__code__
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    for key in (*code.co_names, *code.co_freevars):
        value = cells[key].cell_contents if key in cells else function.__globals__.get(key)
        value = getattr(builtins, key, None) if value is None else value
        computes = (
            _only_computes(value, seen)
            if isinstance(value, types.FunctionType)
            else not isinstance(value, types.BuiltinFunctionType)
            or value in PURE
            or rule_of(value) is not None
        )
        if not computes or isinstance(value, GENERATORS) or key in CHANGING:
            return False
    return "STORE_GLOBAL" not in _opcodes(code)


def _opcodes(code: types.CodeType) -> set[str]:
    import dis

    return {instruction.opname for instruction in dis.get_instructions(code)}
