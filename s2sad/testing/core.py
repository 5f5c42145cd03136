"""Programs in core, made from text, run and shown: what the tests and doctests of the passes are written in.

>>> program = core("def f(x):\\n    t__v1 = np.sin(x)\\n    return t__v1", 2.0)
>>> program.types["t~1"], sorted(program.objects)
(Scalar('float64'), ['np.sin'])
>>> show(program)
def f(x):
    t__v1 = np.sin(x)
    return t__v1
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import gast
import numpy as np

from s2sad.program import Program
from s2sad.signature import Array, Dim, ListOf, Scalar, Sequence, Type, join, literal, type_of, without_value
from s2sad.tree.dataflow import binds, blocks, children, comment, parameters, walk, with_fields
from s2sad.tree.printer import function_source, plain

_VERSION = re.compile(r"__v(\d+)\b")
_COMMENT = re.compile(r"^( *)# (.*)$", re.MULTILINE)


def core(text: str, *args: Any, parts: tuple[Program, ...] = (), **objects: Any) -> Program:
    """A program from the text of one function, in which ``x__v1`` stands for version 1 of `x`.

    Parameters
    ----------
    text : str
        The function.
    *args
        Arguments to run it on: the types of its names are those that are observed.  Without them every name is a
        float.
    parts : tuple of Program
        Functions that it calls; only their names matter.
    **objects
        What its global names are, beside ``np`` and ``math``.
    """
    function = gast.parse(_COMMENT.sub(r"\1'comment \2'", text.strip("\n"))).body[0]
    namespace = {"np": np, "math": math, **objects}
    tree = _versioned(function)
    program = Program(name=tree.name, args=tree.args, body=tuple(tree.body), filename="<core>", parts=parts)
    program = program.replace(objects=_paths(program, namespace))
    return program.replace(types=_observed(program, namespace, args) if args else _floats(program))


def source(program: Program) -> str:
    """The program's text, at any stage."""
    return function_source(program.function(), program.doc)


def show(program: Program) -> None:
    """Print a program."""
    print(source(program), end="")


def runnable(program: Program, **objects: Any) -> Callable[..., Any]:
    """The program as a function."""
    namespace = {"np": np, "math": math, **objects}
    exec(compile(source(program), program.filename, "exec"), namespace)
    return namespace[program.name]  # type: ignore[no-any-return]


def _versioned(node: Any) -> Any:
    if isinstance(node, list):
        return [_versioned(item) for item in node]
    if not isinstance(node, gast.AST):
        return node
    new = with_fields(node, **{field: _versioned(getattr(node, field, None)) for field in node._fields})
    if isinstance(new, gast.Name):
        new.id = _VERSION.sub(r"~\1", new.id)
    if isinstance(new, gast.Expr) and str(getattr(new.value, "value", "")).startswith("comment "):
        return comment(new.value.value.removeprefix("comment "))
    return new


def _paths(program: Program, namespace: Mapping[str, Any]) -> dict[str, Any]:
    local = set(parameters(program.args)) | {name for node in walk(program.body) for name in binds(node)}
    found: dict[str, Any] = {}

    def look(node: gast.AST) -> None:
        path, value = _resolved(node, namespace, local)
        if path:
            found[path] = value
            return
        for child in children(node):
            look(child)

    for node in program.body:
        look(node)
    return found


def _resolved(node: Any, namespace: Mapping[str, Any], local: set[str]) -> tuple[str, Any]:
    if isinstance(node, gast.Name) and node.id in namespace and node.id not in local:
        return node.id, namespace[node.id]
    if isinstance(node, gast.Attribute):
        path, value = _resolved(node.value, namespace, local)
        if path:
            return f"{path}.{node.attr}", getattr(value, node.attr)
    return "", None


def _floats(program: Program) -> dict[str, Type]:
    names = [*parameters(program.args), *(name for node in walk(program.body) for name in binds(node))]
    return {name: Scalar("float") for name in names if not name.endswith("_tape")}


def _observed(program: Program, namespace: Mapping[str, Any], args: tuple[Any, ...]) -> dict[str, Type]:
    seen: dict[str, Type] = {}

    def note(name: str, value: Any) -> None:
        known = without_value(_observed_type(value))
        both = join(seen.get(name, known), known)
        differ = isinstance(both, Array) and seen.get(name, known) != known
        seen[name] = Array(both.dtype) if differ and isinstance(both, Array) else both

    body = [_noting(name) for name in parameters(program.args)] + _with_notes(program.body)
    instrumented = program.replace(body=tuple(body))
    runnable(instrumented, **{**namespace, "_note": note, "print": _silent})(*args)
    return seen


def _silent(*_: Any, **__: Any) -> None:
    """Stands in for `print` while types are observed."""


def _with_notes(body: Any) -> list[gast.stmt]:
    noted: list[gast.stmt] = []
    for node in body:
        inner = {field: _with_notes(block) for field, block in zip(("body", "orelse"), blocks(node))}
        if isinstance(node, gast.For):
            inner["body"] = [_noting(name) for name in binds(node)] + inner["body"]
        noted.append(with_fields(node, **inner) if inner else node)
        if not isinstance(node, gast.For):
            noted.extend(_noting(name) for name in binds(node))
    return noted


def _noting(name: str) -> gast.stmt:
    return gast.parse(f"_note({name!r}, {plain(name)})").body[0]


def _observed_type(value: Any) -> Type:
    if isinstance(value, np.ndarray):
        return Array(value.dtype.name, tuple(1 if n == 1 else Dim(f"n{n}", one=False) for n in value.shape))
    if isinstance(value, np.generic):
        return Scalar(value.dtype.name)
    if type(value) in (int, float, bool):
        return literal(value)
    if type(value) is tuple:
        return Sequence(tuple, tuple(map(_observed_type, value)))
    if type(value) is list:
        items: list[Type] = [without_value(_observed_type(item)) for item in value]
        return ListOf(items[0] if items else Scalar("float"))
    return type_of(value)
