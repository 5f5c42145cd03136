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

from s2sad.backends.numba import cache
from s2sad.backends.numba.outside import Outside
from s2sad.backends.numba.overloads import register
from s2sad.backends.numba.refusals import (
    problem,
    refuse,
    refuse_opaque,
    refuse_saved,
    refuse_unsupported,
)
from s2sad.backends.numba.running import Runner
from s2sad.backends.numba.spelling import with_lists_kept, with_tests_in_loops
from s2sad.errors import BackendError
from s2sad.load import load
from s2sad.program import Program
from s2sad.signature import Opaque, Static, Type
from s2sad.signature import Sequence as Items
from s2sad.tracebacks import note_places
from s2sad.tree.build import dotted
from s2sad.tree.dataflow import parameters, statement_reads, walk, with_fields
from s2sad.tree.printer import function_source


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
        spelled = [with_tests_in_loops(with_lists_kept(_without_static(program))) for program in programs]
        self.outside = Outside(spelled)
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
            refuse_unsupported(program)
        source = self.source
        loaded = cache.imported(source, self.programs[-1].name)
        note_places(str(loaded.__file__), source, self.programs)
        made = []
        for program in self.programs:
            if program.name in layouts:
                arguments, result = layouts[program.name]
                if isinstance(result, Items) and Opaque() in result.items:
                    refuse_saved(program)
                kept = [k for k in self.kept[program.name] if k < len(arguments)]
                refuse_opaque(program, arguments, kept)
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
                problem(program, node, f"`{path}`{kind} cannot be used in code that Numba compiles")
            )
        refuse(problems)


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
