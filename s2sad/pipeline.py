"""The compiler from top to bottom.  Read this file first.

source       the function's text, its file and line numbers, the names it sees
accept       SURFACE      what is not supported is refused, all at once, with a caret
lower        STRUCTURED   walrus, comprehensions, chained assignment and the like are gone
single_exit  STRUCTURED   one return, last; break only in tail position
atomic       STRUCTURED   every try is done whole or not at all
interpret    CORE         names, methods and callees resolved; one active primitive per statement; every name has a type
fractions    CORE         a test where a float may be stored into an array that NumPy made of integers
scalars      CORE         optimize="scalars" only: short vectors as numbers
adjoint      CORE         forward and reverse sweep, with what is recorded   (mode grad, value_and_grad, vjp)
tangent      CORE         each statement followed by its tangent              (modes jvp, tangent)
batch        CORE         several directions at once: one leading axis         (modes jvps, tangents, vjps)
CLEAN        CORE         the passes below, in this order
load         a Python function
"""

from __future__ import annotations

import contextlib
import functools
import gc
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from s2sad.abstract.callees import Callee, Emitted
from s2sad.abstract.functions import prepared, set_front
from s2sad.abstract.interpreter import Interpreted, interpret
from s2sad.abstract.state import same_object
from s2sad.analysis.kinds import is_derivative, is_shadow
from s2sad.analysis.linearity import reads_only_sizes
from s2sad.backends import numba, numpy
from s2sad.batch.lead import NotBatched, lead
from s2sad.errors import (
    BackendError,
    InternalError,
    S2sadError,
    UnsupportedSyntax,
    problem_at,
    raise_problems,
)
from s2sad.load import load
from s2sad.passes.accept import accept
from s2sad.passes.adjoint import Adjoint
from s2sad.passes.atomic import atomic
from s2sad.passes.backwards import backwards
from s2sad.passes.batch import Convention, batch
from s2sad.passes.bounds import bounds
from s2sad.passes.first import first
from s2sad.passes.fractions import fractions
from s2sad.passes.fuse import fuse
from s2sad.passes.gather import gather
from s2sad.passes.ieee import ieee
from s2sad.passes.kinks import kinks
from s2sad.passes.lists import lists
from s2sad.passes.loops import loops, parallel_loops
from s2sad.passes.loops.carried import carried
from s2sad.passes.loops.hold import hold
from s2sad.passes.loops.jam import jam
from s2sad.passes.loops.strips import strips
from s2sad.passes.loops.vectors import vectors
from s2sad.passes.lower import lower
from s2sad.passes.merge import merge
from s2sad.passes.name import name, name_by_type
from s2sad.passes.outers import outers
from s2sad.passes.own import own
from s2sad.passes.prune import prune
from s2sad.passes.recompute import recompute
from s2sad.passes.reread import reread
from s2sad.passes.reserve import reserve
from s2sad.passes.scalars import scalars
from s2sad.passes.scalars.effects import may_run_twice
from s2sad.passes.simplify import simplify
from s2sad.passes.single_exit import single_exit
from s2sad.passes.spell import spell, spell_powers_as_they_are
from s2sad.passes.taken import taken
from s2sad.passes.tangent import tangent
from s2sad.passes.together import together
from s2sad.passes.tuples import tuples
from s2sad.passes.united import united
from s2sad.passes.unpack import unpack
from s2sad.passes.untested import untested
from s2sad.program import Program
from s2sad.signature import Array, Opaque, Scalar, Type, letters_of, shown
from s2sad.signature import Mapping as TypeMapping
from s2sad.signature import Sequence as TypeSequence
from s2sad.sweep.replay import quiet
from s2sad.tree.build import names_in
from s2sad.tree.identifiers import Identifiers
from s2sad.tree.printer import function_source
from s2sad.tree.source import load_function

CLEAN: tuple[Callable[[Program], Program], ...] = (
    untested,  # tests that make no difference
    simplify,  # identities, our own zero and unit seeds, copies
    together,  # both sweeps of independent iterations in one loop
    reread,  # what still stands in an array is not recorded
    prune,  # what nothing needs, what is computed twice
    united,  # two cotangents that a loop only adds up
    taken,  # what is taken from a cotangent is zeroed only where that is read again
    fuse,  # single-use temporaries back into expressions
    gather,  # several directions only: what is the same in all of them is put together
    first,  # the first contribution to a buffer makes it
    outers,  # outer products that a loop adds up: one product of matrices; where `backwards` is
    spell,  # the cheaper of two spellings; then, with optimize="scalars", pass `lists`
    name,  # merge copies vanish; readable names
    own,  # accumulation in place, only on buffers known to be unshared
    backwards,  # reversed loops go through tapes; not where the result is differentiated again, nor for Numba
)

# for the backend `numba`, `merge` and `recompute` follow `simplify`: less is recorded
NUMBA: tuple[Callable[[Program], Program], ...] = (
    tuples,  # containers of known items are tuples
    bounds,  # what is read and written is tested to fit, where that is not known
    loops,  # array statements are loops, neighbours fused
    reserve,  # memory is taken before loops
    jam,  # neighbouring loops over one range
    hold,  # elements that all turns of a loop use are variables
    carried,  # elements that the next turn looks up are variables
    strips,  # what is recorded along a long dimension is cut
    vectors,  # loops over exponentials work on several items at once
)
"""The passes of the backend `numba`, after those."""


FORWARD = ("jvp", "tangent", "jvps", "tangents")
"""Modes of the tangent sweep: ``tangent`` leaves the value out; the plural ones take several directions."""
PAIRS = ("vjp", "vjps")
SEVERAL = ("jvps", "tangents", "vjps")


@dataclass(frozen=True)
class Compiled:
    """What the compiler gives for one function, signature and mode.

    Attributes
    ----------
    function : callable
        The emitted function; for mode ``vjp`` the forward one.
    source : str
        Its source; for mode ``vjp`` of both functions.
    result_type : Type
        Type of the primal's result.
    stages : mapping from str to str
        The program's text after each pass.
    dependencies : mapping from str to Type
        Types of the globals and captured variables it relies on.
    forward, reverse : callable or None
        Mode ``vjp``: ``forward(*params) -> (value, saved)``, ``reverse(saved, cotangent) -> tuple``.
    programs : tuple of Program
        The final programs.
    guards : tuple
        Those of the derivatives that the function calls.
    in_scalars : bool
        Whether NumPy's numbers are Python's in it: they raise where NumPy's give an infinity or a NaN.
    """

    function: Callable[..., Any]
    source: str
    result_type: Type
    stages: Mapping[str, str]
    dependencies: Mapping[str, Type]
    forward: Callable[..., Any] | None = None
    reverse: Callable[..., Any] | None = None
    programs: tuple[Program, ...] = ()

    forms: dict[str, str] = field(default_factory=dict)
    runners: dict[str, Callable[..., Callable[..., Any]]] = field(default_factory=dict)
    guards: tuple[Any, ...] = ()
    in_scalars: bool = False

    def runnable(self, stage: str, now: Mapping[str, Any] | None = None) -> Callable[..., Any]:
        """The program after a pass, as a function; `now` has the user's names that were rebound since."""
        return self.runners[stage](now or {})


Note = Callable[..., None]
"""Is told the name of each stage and the programs that it gave."""


class Stages(Mapping[str, str]):
    """The programs after each pass, as text.

    They are made again when the first of them is asked for: kept, they would be half of a derivative's memory.
    """

    def __init__(self, names: Iterable[str], derive: Callable[[Note], Any]) -> None:
        self._names, self._derive = tuple(names), derive

    @functools.cached_property
    def programs(self) -> Mapping[str, list[Program]]:
        """The programs after each pass, callees first."""
        found: dict[str, list[Program]] = {}
        with _LOCK, _collection_paused():
            self._derive(lambda stage, *programs: found.setdefault(stage, []).extend(programs))
        return found

    def __getitem__(self, stage: str) -> str:
        return "\n\n".join(text_of(program) for program in self.programs[stage])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def prepare(function: Any) -> tuple[Any, Any]:
    """Source, and its function as structured Python."""
    source = load_function(function)
    accept(source.node, source.filename, source.lines)
    fresh = Identifiers(source.node)
    node = front(lower(source.node, fresh), fresh)
    return replace(source, node=node), node


def internal_error(error: Exception, fun: Any) -> S2sadError:
    """What the user sees of an exception of the compiler's own: the statement in work, and what to do."""
    source, _ = prepared(fun)
    what = f"{type(error).__name__}: {error}".splitlines()[0].rstrip(": ")
    advice = "Please report it, with the function and this traceback; write the statement in another way meanwhile."
    node, filename, lines = statement_in_work(error)
    problem = problem_at(
        node, "S901", f"the compiler failed here ({what})", advice, filename or source.filename,
        source.lines if lines is None else lines,
    )  # fmt: skip
    return InternalError("", [problem])


def endless(error: RecursionError, fun: Any) -> S2sadError:
    """What the user sees of a function whose derivative takes derivatives of itself, without end for the compiler."""
    source, _ = prepared(fun)
    node, filename, lines = statement_in_work(error)
    message = "this is nested deeper than the compiler follows: a function is entered from its own derivative, perhaps"
    problem = problem_at(
        node, "S109", message, "Write the recursion as a loop, or as functions of their own for each order.",
        filename or source.filename, source.lines if lines is None else lines,
    )  # fmt: skip
    return UnsupportedSyntax("", [problem])


def statement_in_work(error: Exception) -> tuple[Any, str, Any]:
    """The user's statement that a part of the compiler was at, its file and lines where that part knows them."""
    found: tuple[Any, str, Any] = (None, "", None)
    trace = error.__traceback__
    while trace is not None:
        worker = trace.tb_frame.f_locals.get("self")
        place = getattr(worker, "at", None)
        if getattr(place, "lineno", None) is not None:
            frame = getattr(worker, "frame", None)
            found = (place, getattr(frame, "filename", ""), getattr(frame, "lines", None))
        trace = trace.tb_next
    return found


def front(node: Any, fresh: Any) -> Any:
    """Lowered to structured Python."""
    return atomic(single_exit(node, fresh), fresh)


set_front(prepare, front)
_LOCK = threading.RLock()


def compile_function(
    fun: Any,
    signature: Mapping[str, Type],
    wrt: tuple[str, ...],
    mode: str,
    options: Any = None,
    closed: bool = False,
) -> Compiled:
    """Compile the derivative of a function for one signature.

    Parameters
    ----------
    fun : function
        The primal.
    signature : mapping from str to Type
        The type of each parameter.
    wrt : tuple of str
        The parameters to differentiate.
    mode : {"grad", "value_and_grad", "vjp", "vjps", "jvp", "jvps", "tangent", "tangents"}
        What to emit; the plural ones for several directions at once.
    options : Options, optional
        As in the public interface.
    closed : bool, default False
        Whether what is emitted will be differentiated itself: recursive functions then compute again what they would
        save, since what they save nests as deep as they recur and so has no type.

    Raises
    ------
    S2sadError
        With every problem of the function and where it is.
    NotBatched
        For several directions, if some step of the derivative has no form for them.
    """
    with _LOCK, _collection_paused():
        try:
            return _compile(fun, signature, wrt, mode, options, closed)
        except (S2sadError, NotBatched):
            raise
        except RecursionError as error:
            raise endless(error, fun) from None
        except Exception as error:
            raise internal_error(error, fun) from error


@contextlib.contextmanager
def _collection_paused() -> Iterator[None]:
    """Trees are freed by their counts: to look for cycles among them again and again takes a tenth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass(frozen=True)
class Facts:
    """What the compiler found out on the way, of one function and signature: for a report.

    Attributes
    ----------
    core : Interpreted
        Typed core of the primal.
    adjoint : Adjoint
        Both sweeps, with what is recorded.
    printed : mapping from str to str
        The name that a reader of the emitted source sees, of each name in core.
    source : object
        The primal's file and lines.
    callees : mapping from str to Adjoint
        The sweeps of the functions that keep a body of their own, by name.
    """

    core: Interpreted
    adjoint: Adjoint
    printed: Mapping[str, str]
    source: Any
    callees: Mapping[str, Adjoint]


def facts_of(fun: Any, signature: Mapping[str, Type], wrt: tuple[str, ...], options: Any = None) -> Facts:
    """What is active and what is recorded, for one signature.

    Parameters
    ----------
    fun, signature, wrt, options
        As for `compile_function`.
    """
    with _LOCK:
        source, _ = prepared(fun)
        core = interpret(fun, signature, wrt, frozenset([source.name]), mixed=getattr(options, "mixed", True))
        family = Family(source, options)
        programs = family.derivatives(core, wrt, "vjp", "")
        for clean in passes(options, in_lists=family.in_lists):
            programs = [clean(program) for program in programs]
        printed = {**programs[-1].printed, **programs[-2].printed}
        adjoint = family.adjoints[source.name]
        return Facts(adjoint.core if family.in_lists else core, adjoint, printed, source, family.adjoints)


def _compile(
    fun: Any, signature: Mapping[str, Type], wrt: tuple[str, ...], mode: str, options: Any, closed: bool
) -> Compiled:
    source, node = prepared(fun)
    # a callee's parts would have the names of the function's own
    same_form = mode in (*FORWARD, *PAIRS) or closed
    mixed = mode not in (*FORWARD, "primal") and getattr(options, "mixed", True)
    core = own_tables(
        interpret(fun, signature, wrt, frozenset([source.name] if same_form else []), closed, mixed)
    )
    doc = docstring(source.name, mode, described(signature, wrt))
    derive = functools.partial(_derived, core, source, wrt, mode, options, closed, doc)
    names: dict[str, None] = {}
    programs = derive(lambda stage, *_: names.setdefault(stage))
    stages = Stages(names, derive)
    texts = [text_of(program) for program in programs]
    text = "\n\n".join(texts)
    mains = programs[-2:] if mode in PAIRS else programs[-1:]
    if compiled_by_numba(options, closed):
        module = numba.Module(programs, options)
        text = module.text
        layouts = layouts_of(mains, signature, wrt, mode, core.result.type)
        functions = module.functions(fun, layouts)
    else:
        functions = numpy.functions(text, mains, fun, merged_objects(programs), programs)
    forward, reverse = (functions[0], functions[1]) if mode in PAIRS else (None, None)
    forms = dict.fromkeys(names, "derivative" if mode not in PAIRS else "pair")
    forms[next(iter(names))] = "primal"
    runners: dict[str, Callable[..., Callable[..., Any]]] = {
        key: functools.partial(_runner, stages, fun, key, source) for key in names
    }
    return Compiled(
        functions[0], text, core.result.type, stages, dict(core.dependencies), forward, reverse,
        tuple(programs), forms, runners, core.inner_guards, any(program.in_scalars for program in programs),
    )  # fmt: skip


def own_tables(core: Interpreted) -> Interpreted:
    """Typed core with tables of its own: the transforms note in them the functions that they make."""
    return replace(core, calls=dict(core.calls), paths=dict(core.paths))


def _derived(
    core: Interpreted, source: Any, wrt: tuple[str, ...], mode: str, options: Any, closed: bool, doc: str, note: Note
) -> list[Program]:  # fmt: skip
    """The final programs, from the typed core."""
    core = own_tables(core)
    family = Family(source, options, closed)
    note("interpret", *family.primals(core), core_program(core, source))
    programs = family.derivatives(core, wrt, mode, doc)
    note("core" if mode == "primal" else "tangent" if mode in FORWARD else "adjoint", *programs)
    if mode in SEVERAL:
        programs = [family.for_several(program) for program in programs]
        note("batch", *programs)
    chosen = passes(options, closed, mode in SEVERAL, family.in_lists)
    del family  # its sweeps: what is not there is not in the way of the trees that come
    for clean in chosen:
        programs = [clean(program) for program in programs]
        note(clean.__name__, *programs)
    return programs


def with_ieee_division(compiled: Compiled, fun: Any, mode: str, now: Mapping[str, Any]) -> Compiled:
    """The same code for points where a slope is infinite: Python's own division raises there."""
    programs = [ieee(program) for program in compiled.programs]
    text = "\n\n".join(text_of(program) for program in programs)
    mains = programs[-2:] if mode in PAIRS else programs[-1:]
    functions = numpy.functions(text, mains, fun, _objects_now(programs, now), programs)
    forward, reverse = (functions[0], functions[1]) if mode in PAIRS else (None, None)
    return replace(compiled, function=functions[0], forward=forward, reverse=reverse)


def _runner(stages: Stages, fun: Any, stage: str, source: Any, now: Mapping[str, Any]) -> Callable[..., Any]:
    """A program as it stands after a pass, loaded."""
    programs = stages.programs[stage]
    text = "\n\n".join(text_of(program) for program in programs)
    objects = _objects_now(programs, now)
    return load(text, programs[-1].name, fun, objects, f"{source.filename} after {stage}")


def _objects_now(programs: Sequence[Program], now: Mapping[str, Any]) -> dict[str, Any]:
    """What the names are: a global that has another value than it had is still a global."""
    objects = merged_objects(list(programs))
    return objects | {path: value for path, value in now.items() if path in objects}


def merged_objects(programs: list[Program]) -> dict[str, Any]:
    """What the global names of several programs are."""
    objects: dict[str, Any] = {}
    for program in programs:
        for path, value in program.objects.items():
            assert isinstance(value, Emitted) or same_object(objects.get(path, value), value), path
            objects[path] = value
    return {path: value for path, value in objects.items() if not isinstance(value, Emitted)}


class Family:
    """The programs of one derivative: those of its callees, then its own."""

    def __init__(self, source: Any, options: Any = None, closed: bool = False) -> None:
        self.source, self.options, self.closed = source, options, closed
        self.policy = getattr(options, "kinks", "subgradient")
        self.masked = getattr(options, "where", "masked") == "masked"
        self.in_lists = False
        self.tries_scalars = works_on_scalars(options, closed)
        self.done: dict[str, list[Program]] = {}
        self.adjoints: dict[str, Adjoint] = {}
        self.conventions: dict[str, Convention] = {}

    def for_several(self, program: Program) -> Program:
        """A program for several directions; what has none is left alone."""
        own = self.conventions.get(program.name)
        if own is None:
            return program
        if own.unsure & set(own.parameters) and compiled_by_numba(self.options, self.closed):
            raise BackendError(
                f"{self.source.name}: what a checkpoint is given may be None, so that compiled code for several "
                'directions cannot ask it for its size: start with a value, or use backend="numpy"'
            )
        return batch(program, own, self.conventions)

    def primals(self, core: Interpreted) -> list[Program]:
        """The callees of a primal, as programs."""
        found: dict[str, Program] = {}
        stack = list(core.calls.values())
        while stack:
            callee = stack.pop(0)
            if callee.name not in found and callee.core is not None:
                found[callee.name] = callee_program(callee)
                stack.extend(callee.core.calls.values())
        return list(found.values())

    def derivatives(self, core: Interpreted, wrt: tuple[str, ...], mode: str, doc: str) -> list[Program]:
        """All programs, callees first; for mode ``vjp`` the last two are the pair."""
        if mode == "primal":
            if core.copied:
                raise BackendError(
                    f"{self.source.name} writes to its arguments, and what is compiled would write to copies of "
                    "them: return what it computes, or copy the arguments in it"
                )
            changed = self._on_scalars(core)
            program = core_program(changed, self.source).replace(doc=doc, in_scalars=changed is not core)
            return [*self.primals(core), program]
        own = self._of(core, wrt, mode, self.source.name, doc, self.source)
        parts = [program for programs in self.done.values() for program in programs]
        plain = self._needed_primals(core, [*parts, *own])
        return [*plain, *parts, *own]

    def _needed_primals(self, core: Interpreted, programs: list[Program]) -> list[Program]:
        """The callees that are also called as they are, themselves or by such callees."""
        available = {program.name: program for program in self.primals(core)}
        needed: dict[str, Program] = {}
        stack = list(programs)
        while stack:
            used = names_in(list(stack.pop().body))
            for callee in sorted(used & set(available) - set(needed)):
                needed[callee] = available[callee]
                stack.append(available[callee])
        return [program for program in available.values() if program.name in needed]

    def _on_scalars(self, core: Interpreted) -> Interpreted:
        """With ``optimize="scalars"``, the function with short vectors as numbers, where it may run twice."""
        if not self.tries_scalars or not may_run_twice(core):
            return core
        self.in_lists = True
        return scalars(core)

    def _of(
        self, core: Interpreted, wrt: tuple[str, ...], mode: str, name: str, doc: str, source: Any
    ) -> list[Program]:
        """The programs of one function; `source` has its file and its lines."""
        core = fractions(core, source.filename, source.lines)
        if self.policy != "subgradient":
            core = kinks(core, self.policy, source.filename, source.lines)
        before = core
        if mode not in SEVERAL and source is self.source:  # what is called runs as often as its caller
            core = self._on_scalars(core)
        if mode in FORWARD:
            program, callees, forms, dots = tangent(core, wrt, name, doc, source.filename, source.lines, mode)
            programs = [program]
            given = tuple(arg.id for arg in program.args.args[-len(wrt) :])
            unsure = core.unsure | {dot for dot, key in zip(given, wrt) if key in core.unsure}
            self.conventions[program.name] = Convention(given, dots, mode in ("jvp", "jvps"), unsure)
        else:
            seeded = not (self.closed and name == self.source.name)
            adjoint = Adjoint(core, wrt, source.filename, source.lines, self.masked, self.closed)
            self.adjoints[name] = adjoint
            callees, forms = adjoint.reverse.callees, adjoint.reverse.forms
            if mode in PAIRS:
                if reread in passes(self.options, self.closed):
                    adjoint.thin(reread)
                programs = list(adjoint.split(name, doc, source.lines, source.filename, mode))
            else:
                programs = [
                    adjoint.joint(name, mode == "value_and_grad", doc, source.lines, source.filename, seeded)
                ]
            self.conventions[programs[-1].name] = Convention(
                (adjoint.seed,),
                cotangents(adjoint),
                unsure=adjoint.unsure,
                early=frozenset() if self.closed else adjoint.early,
            )
        form = "grad" if self.closed else "vjp"
        for callee in callees.values():
            if callee.name not in self.done and callee.core is not None:
                self.done[callee.name] = []
                again = callee.checkpoint and mode not in FORWARD
                self.done[callee.name] = self._of(
                    quiet(callee.core) if again else callee.core,
                    callee.wrt,
                    forms.get(callee.name, "jvp" if mode in FORWARD else form),
                    callee.name,
                    "",
                    callee.function.frame,
                )
                if callee.nonlinear and not reads_only_sizes(self.done[callee.name][-1].body, callee.wrt):
                    raise_problems([callee.nonlinear])
                if callee.forward:  # its slopes are the same for all directions of a reverse sweep
                    self.conventions.pop(self.done[callee.name][-1].name, None)
        return [program.replace(primal_name=name, in_scalars=core is not before) for program in programs]


def cotangents(adjoint: Adjoint) -> frozenset[str]:
    """The names of the reverse sweep's own cotangents."""
    made = set(adjoint.reverse.types) - set(adjoint.core.types)
    return frozenset(key for key in made if is_derivative(key) or is_shadow(key))


def callee_program(callee: Callee) -> Program:
    """The primal of a callee, as a program."""
    core = callee.core
    assert core is not None
    frame = callee.function.frame
    return Program(
        callee.primal, core.args, core.body, core.types, core.objects, "", (), frame.filename, frame.lines,
        callee.function.name,
    )  # fmt: skip


def passes(
    options: Any, closed: bool = False, several: bool = False, in_lists: bool = False
) -> tuple[Callable[[Program], Program], ...]:
    """The clean-up passes that the options leave on, and those of the backend; `in_lists`: with pass `lists`."""
    chosen = CLEAN if several else tuple(clean for clean in CLEAN if clean is not gather)
    if options is not None and getattr(options, "optimize", True) is False:
        chosen = (name, own)
    if in_lists and not several:
        k = chosen.index(name)
        chosen = (*chosen[:k], lists, *chosen[k:])
    if closed:
        chosen = tuple(spell_powers_as_they_are if clean is spell else clean for clean in chosen)
    if closed or compiled_by_numba(options, closed):
        chosen = tuple(clean for clean in chosen if clean not in (backwards, outers))
    if compiled_by_numba(options, closed):
        # what is cheap in CPython is not what is cheap in loops
        chosen = tuple(name_by_type if clean is name else clean for clean in chosen if clean is not spell)
        if simplify in chosen and not several:
            chosen = (simplify, merge, recompute, *chosen[1:])
        parallel = getattr(options, "parallel", False)
        return (*chosen, *(parallel_loops if parallel and clean is loops else clean for clean in NUMBA))
    return (*chosen, unpack) if fuse in chosen else chosen


def compiled_by_numba(options: Any, closed: bool) -> bool:
    """Whether Numba compiles what is emitted; what is differentiated again stays Python."""
    return getattr(options, "backend", "numpy") == "numba" and not closed


def works_on_scalars(options: Any, closed: bool = False) -> bool:
    """Whether short vectors are worked on as numbers; what is differentiated again stays as the user has it."""
    chosen = getattr(options, "optimize", True) == "scalars"
    return chosen and not closed and getattr(options, "backend", "numpy") == "numpy"


def layouts_of(
    mains: Sequence[Program], signature: Mapping[str, Type], wrt: tuple[str, ...], mode: str, result: Type
) -> dict[str, tuple[tuple[Type, ...], Type]]:
    """The types of the arguments and of the result of the functions that are called from outside."""
    given, inner = tuple(signature.values()), tuple(signature[key] for key in wrt)
    gradients = TypeSequence(tuple, inner)
    if mode in PAIRS:
        forward, reverse = mains
        several = mode == "vjps"
        return {
            forward.name: (given, TypeSequence(tuple, (result, Opaque()))),
            reverse.name: (
                (Opaque(), lead(result) if several else result), lead(gradients) if several else gradients
            ),
        }  # fmt: skip
    if mode in FORWARD:
        directions, tangent_ = inner, tangent_type(result)
        if mode in SEVERAL:
            directions, tangent_ = tuple(map(lead, inner)), lead(tangent_)
        both = TypeSequence(tuple, (result, tangent_))
        return {mains[-1].name: ((*given, *directions), both if mode in ("jvp", "jvps") else tangent_)}
    gradient = inner[0] if len(inner) == 1 else gradients
    if mode == "primal":
        inner = ()
    results = {
        "grad": gradient,
        "value_and_grad": TypeSequence(tuple, (result, gradient)),
        "primal": result,
    }
    return {mains[-1].name: (given, results[mode])}


def tangent_type(known: Type) -> Type:
    """The type of a value's tangent: that of a float where the value is an integer or a bool."""
    if isinstance(known, (TypeSequence, TypeMapping)):
        return replace(known, items=tuple(map(tangent_type, known.items)))
    if isinstance(known, Scalar) and not known.is_real:
        return Scalar("float")
    if isinstance(known, Array) and not known.is_real:
        return Array("float64", known.shape)
    return known


def core_program(core: Interpreted, source: Any) -> Program:
    """Typed core of the primal, as a program."""
    return Program(
        source.name, core.args, core.body, core.types, core.objects, "", (), source.filename, source.lines
    )


def text_of(program: Program) -> str:
    """The source of a program."""
    return function_source(program.function(), program.doc)


TITLES = {
    "grad": "Gradient of {}", "value_and_grad": "Value and gradient of {}", "jvp": "Value and tangent of {}",
    "vjp": "Forward and reverse sweep of {}", "tangent": "Tangent of {}",
    "jvps": "Value of {} and tangents in several directions, along a leading axis,",
    "tangents": "Tangents of {} in several directions, along a leading axis,",
    "vjps": "Forward and reverse sweep of {}", "primal": "{}",
}  # fmt: skip


def docstring(name: str, mode: str, signature: str) -> str:
    """The docstring of what is emitted: what it gives, and for which types."""
    line = f"{TITLES[mode].format(name)} for {signature}."
    return "\n    ".join(textwrap.wrap(line, 92, break_long_words=False))


def described(signature: Mapping[str, Type], wrt: tuple[str, ...]) -> str:
    """The signature in words: ``x: float64[:, 1], n: int (constant)``."""
    letters = letters_of(signature.values())
    parts = [
        f"{key}: {shown(known, letters)}{'' if key in wrt else ' (constant)'}"
        for key, known in signature.items()
    ]
    return ", ".join(parts)
