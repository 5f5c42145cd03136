"""The backend ``numba``: whole programs as machine code.

The emitted functions, callees and both sweeps included, are written into one module that Numba compiles at the first
call.  What Numba cannot take is refused by name before anything is compiled, as far as that can be told; what only
Numba itself can tell is refused when it does, with the line of the user's that it is about.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gast

from s2sad.analysis.expression_types import type_of_expression
from s2sad.analysis.memory import is_append
from s2sad.backends.numba import cache
from s2sad.backends.numba.outside import Outside
from s2sad.backends.numba.overloads import register
from s2sad.backends.numba.running import Runner
from s2sad.backends.numba.spelling import with_lists_kept
from s2sad.errors import BackendError, problem_at
from s2sad.load import load
from s2sad.program import Program
from s2sad.signature import DictOf, ListOf, Opaque, Scalar, Static, Type
from s2sad.signature import Sequence as Items
from s2sad.tracebacks import note_places
from s2sad.tree.build import dotted, names_in
from s2sad.tree.dataflow import (
    DEFERRED,
    assigned,
    children,
    headers,
    parameters,
    statement_reads,
    walk,
    with_fields,
)
from s2sad.tree.printer import function_source

ADVICE = (
    'use backend="numpy", which runs all that s2sad emits, or backend="auto", which chooses for each function'
)


def is_installed() -> bool:
    """Whether Numba can be imported."""
    return importlib.util.find_spec("numba") is not None


def check_installed() -> None:
    """Refuse to go on without Numba."""
    if not is_installed():
        raise BackendError(
            'backend="numba" needs the package numba: install it with `pip install "s2sad[numba]"`, '
            'or use backend="numpy"'
        )


def decorator(program: Program, options: Any) -> str:
    """How an emitted function is compiled.

    Division by zero gives an infinity, as NumPy's does; ``a * b + c`` may be rounded once instead of twice.
    """
    flags = "True" if getattr(options, "fastmath", False) else '{"contract"}'
    parallel = "parallel=True, " if _has_prange(program) else ""
    checked = "boundscheck=True, " if program.checked else ""
    return f'@njit(error_model="numpy", fastmath={flags}, {checked}{parallel}cache=True)'


def _has_prange(program: Program) -> bool:
    return any(
        isinstance(node, gast.For) and isinstance(node.iter, gast.Call) and dotted(node.iter.func) == "prange"
        for node in walk(program.body)
    )


class Module:
    """Programs as one module of compiled functions.

    Parameters
    ----------
    programs : sequence of Program
        Callees before their callers.
    options : Options
        How to compile.

    Attributes
    ----------
    text : str
        The source of the functions, as it is shown.
    """

    def __init__(self, programs: Sequence[Program], options: Any) -> None:
        self.kept = {program.name: _needed(program) for program in programs}
        self.outside = Outside([with_lists_kept(_without_static(program)) for program in programs])
        self.programs = self.outside.programs
        self.texts = [
            f"{decorator(program, options)}\n{function_source(program.function(), program.doc)}"
            for program in self.programs
        ]
        self.text = "\n\n".join(self.texts)

    @property
    def source(self) -> str:
        """The whole module."""
        name = self.programs[-1].name
        names = "njit, prange" if any(map(_has_prange, self.programs)) else "njit"
        imports = [*self.outside.imports, f"from numba import {names}"]
        head = [
            f'"""{name}, emitted by s2sad and compiled by Numba."""',
            "",
            *sorted(imports, key=_import_order),
        ]
        return "\n".join(head) + "\n\n\n" + "\n\n\n".join(text.strip("\n") for text in self.texts) + "\n"

    def functions(
        self, fun: Any, layouts: Mapping[str, tuple[Sequence[Type], Type]]
    ) -> list[Callable[..., Any]]:
        """The functions that take and give what the reference backend's would.

        Parameters
        ----------
        fun : callable
            The user's function, whose globals and captured variables are read at each call.
        layouts : mapping from str to (sequence of Type, Type)
            The functions that are wanted, with the types of their arguments and of their result.
        """
        check_installed()
        register()
        self._refuse_unknown()
        for program in self.programs:
            _refuse_dicts(program)
            _refuse_closures(program)
            _refuse_handlers(program)
            _refuse_text(program)
        source = self.source
        loaded = cache.imported(source, self.programs[-1].name)
        note_places(str(loaded.__file__), source, self.programs)
        made = []
        for program in self.programs:
            if program.name in layouts:
                arguments, result = layouts[program.name]
                if isinstance(result, Items) and Opaque() in result.items:
                    _refuse_lists_of_lists(program)
                kept = [k for k in self.kept[program.name] if k < len(arguments)]
                _refuse_opaque(program, arguments, kept)
                compiled, paths = getattr(loaded, program.name), self.outside.of(program)
                caller = self._caller(paths, fun)
                made.append(Runner(compiled, loaded, self.programs, arguments, kept, paths, caller, result))
        return [runner.function() for runner in made]

    def _caller(self, paths: Sequence[str], fun: Any) -> Callable[..., Any]:
        """What makes a function that reads values from outside as the user's own function would."""
        outside = {path: self.outside.objects[path] for path in paths}
        return lambda text, name, objects: load(text, name, fun, {**outside, **objects})

    def _refuse_unknown(self) -> None:
        problems = []
        for path, value, program, node in self.outside.unknown:
            kind = "" if value is None else f", {_described(value)},"
            problems.append(
                problem_at(
                    node, "S501", f"`{path}`{kind} cannot be used in code that Numba compiles", ADVICE,
                    program.filename, program.source_lines,
                )
            )  # fmt: skip
        if problems:
            raise BackendError("", sorted(set(problems), key=lambda problem: problem.lineno))


def _import_order(line: str) -> tuple[bool, bool, str]:
    standard = line.split()[1].split(".")[0] == "math"
    return not standard, line.startswith("from"), line


def _described(value: Any) -> str:
    return f"a {type(value).__name__}" if not callable(value) else "which Numba does not know"


def _needed(program: Program) -> list[int]:
    """The places of the parameters that are handed over: what is known when compiling is not, unless it is read."""
    read = {name for node in walk(program.body) for name in statement_reads(node)}
    return [
        k
        for k, key in enumerate(parameters(program.args))
        if key in read or not isinstance(program.types.get(key), (Static, Opaque))
    ]


def _without_static(program: Program) -> Program:
    """The program without the parameters that are known when compiling; only users hand those over."""
    names = parameters(program.args)
    dropped = {names[k] for k in set(range(len(names))) - set(_needed(program))}
    if not dropped:
        return program
    args = [arg for arg in program.args.args if arg.id not in dropped]
    return program.replace(args=with_fields(program.args, args=args))


def _refuse_dicts(program: Program) -> None:
    """Dicts that are written to are no tuples."""
    problems = [
        problem_at(
            node, "S501", f"`{key}` is a dict that is changed, which code that Numba compiles cannot hold", ADVICE,
            program.filename, program.source_lines,
        )
        for node in walk(program.body)
        for key in statement_reads(node)
        if isinstance(program.types.get(key), DictOf)
    ]  # fmt: skip
    if problems:
        raise BackendError("", sorted(set(problems), key=lambda problem: problem.lineno))


def _refuse_closures(program: Program) -> None:
    """Numba inlines them, and then removes as dead what a list or a tuple still holds."""
    problems = [
        problem_at(
            node, "S501", "a function or comprehension inside of code that Numba compiles is not supported", ADVICE,
            program.filename, program.source_lines,
        )
        for node in walk(program.body)
        if isinstance(node, gast.FunctionDef) or any(map(_has_closure, headers(node)))
    ]  # fmt: skip
    if problems:
        raise BackendError("", sorted(set(problems), key=lambda problem: problem.lineno))


def _refuse_handlers(program: Program) -> None:
    """Compiled arithmetic does not raise where CPython's does, so a handler would not run."""
    problems = [
        problem_at(
            node, "S501", "`try` is not supported in code that Numba compiles: its arithmetic raises nothing", ADVICE,
            program.filename, program.source_lines,
        )
        for node in walk(program.body)
        if isinstance(node, gast.Try)
    ]  # fmt: skip
    if problems:
        raise BackendError("", sorted(set(problems), key=lambda problem: problem.lineno))


def _refuse_text(program: Program) -> None:
    """Numba writes a float as ``<object type:float64>``: text is made of whole numbers only."""
    problems = [
        problem_at(
            node, "S501", "text is made of a number here, which code that Numba compiles writes otherwise", ADVICE,
            program.filename, program.source_lines,
        )
        for node in walk(program.body)
        if not isinstance(node, gast.Raise)  # an exception's text may differ
        for part in headers(node)
        for value in _written_as_text(part)
        if not _is_whole(type_of_expression(value, program.types))
    ]  # fmt: skip
    if problems:
        raise BackendError("", sorted(set(problems), key=lambda problem: problem.lineno))


def _written_as_text(node: Any) -> list[Any]:
    """The values that an expression makes text of."""
    found = [value for part in children(node) for value in _written_as_text(part)]
    if isinstance(node, gast.FormattedValue):
        found.append(node.value)
    if isinstance(node, gast.Call) and dotted(node.func) in ("str", "repr", "format") and node.args:
        found.append(node.args[0])
    return found


def _is_whole(known: Type | None) -> bool:
    return isinstance(known, Static) or (
        isinstance(known, Scalar) and known.dtype in ("int", "bool", "int64")
    )


def _refuse_lists_of_lists(program: Program) -> None:
    """What a forward sweep hands to Python and back: Numba reads lists of lists from freed memory there."""
    kinds = program.types
    lists = {key for key, known in kinds.items() if isinstance(known, ListOf)}
    nested = {
        key for key, known in kinds.items() if isinstance(known, ListOf) and isinstance(known.item, ListOf)
    }
    for node in walk(program.body):
        key = assigned(node)
        if key is not None and isinstance(node.value, gast.List):  # type: ignore[attr-defined]
            lists.add(key)
    for node in walk(program.body):
        if isinstance(node, gast.Expr) and is_append(node.value):
            item = node.value.args[0]
            unknown = isinstance(item, gast.Name) and isinstance(kinds.get(item.id), (Opaque, Items))
            if unknown or _holds_list(item, lists):
                nested.add(node.value.func.value.id)
    problems = [
        problem_at(
            node, "S501", f"`{key}` is a list of lists, which Numba cannot hand from the forward to the reverse sweep",
            ADVICE, program.filename, program.source_lines,
        )
        for node in program.body[-1:] if isinstance(node, gast.Return)
        for key in sorted(names_in(node.value) & nested)
    ]  # fmt: skip
    if problems:
        raise BackendError("", sorted(set(problems), key=lambda problem: problem.lineno))


def _holds_list(node: Any, lists: set[str]) -> bool:
    if isinstance(node, gast.Tuple):
        return any(_holds_list(item, lists) for item in node.elts)
    return isinstance(node, gast.List) or (isinstance(node, gast.Name) and node.id in lists)


def _has_closure(node: Any) -> bool:
    return isinstance(node, DEFERRED) or any(map(_has_closure, children(node)))


def _refuse_opaque(program: Program, arguments: Sequence[Type], kept: Sequence[int]) -> None:
    for k in kept:
        known = arguments[k]
        if isinstance(known, Opaque) and known.cls is not None:
            raise BackendError(
                f"{program.primal_name or program.name}: parameter {parameters(program.args)[k]} is a "
                f"{known.cls.__name__}, which code that Numba compiles cannot take: {ADVICE}"
            )
