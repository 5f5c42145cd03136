"""Runs one program in every mode, and compares with central differences.

>>> check("import math\\ndef f(x):\\n    return math.sin(x)\\n\\nPOINT = (0.3,)\\n").kind
'ok'
>>> check("def f(x):\\n    try:\\n        pass\\n    finally:\\n        return x\\n\\nPOINT = (0.3,)\\n")
Outcome(kind='refused', what='S101', detail='')
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import importlib
import linecache
import signal
import sys
import tempfile
import traceback
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad.derivative import Derivative
from s2sad.errors import InternalError, S2sadError
from s2sad.options import Options
from s2sad.runtime.layout import duplicate
from s2sad.structure import leaves, map_leaves
from s2sad.testing.vectors import in_double, inner, is_number, random_like, step_along

STEPS = (2e-4, 1e-4)
AGREE = 1e-5  # how far apart differences of two steps may be; further, there is a kink between them
TOLERANCE = 2e-6
IN_SINGLE = 2e-3
SECONDS = 120
PLANS = (
    ("value_and_grad", True), ("value_and_grad", False), ("jvp", True), ("vjp", True), ("jvp", False), ("vjp", False),
    ("value_and_grad", "scalars"), ("vjp", "scalars"), ("jvp", "scalars"),
)  # fmt: skip
LOOPS = (
    ("value_and_grad", "loops"), ("vjp", "loops"), ("jvp", "loops"),
    ("value_and_grad", "loops of any size"), ("vjp", "loops of any size"), ("jvp", "loops of any size"),
)  # fmt: skip
"""What is emitted for Numba, run as the Python that it is; without the sizes of small arrays in the types."""
ORDERS = (("jvp of grad", True), ("hessian", True), ("jacfwd", True), ("jacrev", True))
"""Derivatives of derivatives, and in several directions at once."""


@dataclass(frozen=True)
class Outcome:
    """What came of a program.

    Attributes
    ----------
    kind : {"ok", "refused", "skipped", "crash", "wrong"}
        A refusal has a code; a program that is not smooth or not finite at its point is skipped.
    what : str
        What failed, in few words: programs that fail the same way have the same.
    detail : str
        For a reader.
    """

    kind: str
    what: str = ""
    detail: str = ""

    @property
    def failed(self) -> bool:
        return self.kind in ("crash", "wrong")


class TooLong(Exception):
    """A program runs for too long."""


@contextlib.contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Stop what takes too long, where the platform can: seconds of the processor, since others may use it too."""

    def stop(*_: Any) -> None:
        raise TooLong

    if not hasattr(signal, "SIGPROF"):
        yield
        return
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def loaded(text: str) -> types.SimpleNamespace:
    """The names of a program, whose source can be read back."""
    filename = f"<fuzz {hashlib.sha1(text.encode()).hexdigest()[:12]}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": "fuzz"}
    sys.modules.setdefault("fuzz", types.ModuleType("fuzz"))  # dataclasses look at the module of the class
    exec(compile(text, filename, "exec"), namespace)
    point = namespace["POINT"]
    wrt = namespace.get("WRT", tuple(range(len(point))))
    outside = namespace.get("OUTSIDE", ())
    primal = from_the_start(namespace["f"], outside) if outside else namespace["f"]
    single = any(is_single(leaf) for k in wrt for _, leaf in leaves(point[k]))
    return types.SimpleNamespace(
        filename=filename, f=namespace["f"], primal=primal, point=point, wrt=wrt, outside=outside, single=single
    )


def is_single(leaf: Any) -> bool:
    """Whether a leaf is in single precision."""
    return isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype in (np.float32, np.complex64)


def from_the_start(f: Any, outside: tuple[np.ndarray, ...]) -> Any:
    """A function that finds the arrays outside of it as they are now, and leaves them so."""
    start = copy.deepcopy(outside)

    def primal(*args: Any) -> Any:
        try:
            return copy.deepcopy(f(*args))
        finally:
            for array, values in zip(outside, start):
                array[...] = values

    return primal


def check(text: str, plans: tuple[tuple[str, bool | str], ...] = PLANS) -> Outcome:
    """Run a program, and compare its derivatives with central differences.

    Parameters
    ----------
    text : str
        A module with a function ``f``, its arguments ``POINT``, and the positions ``WRT`` of those to differentiate
        (all where it is left out), and the arrays ``OUTSIDE`` that it may read and write.
    plans : tuple of (str, bool or str)
        The modes to try, and what `optimize` is in each.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"), limited(SECONDS):
        warnings.simplefilter("ignore")
        made = None
        try:
            made = loaded(text)
            direction = directions(made.point, made.wrt)
            if made.single:
                value, slope, rough = differences(made.primal, in_double(made.point), in_double(direction))
            else:
                value, slope, rough = differences(made.primal, made.point, direction)
        except (Exception, TooLong) as error:
            return Outcome("skipped", f"primal {type(error).__name__}", str(error))
        finally:
            if made is not None:
                linecache.cache.setdefault(made.filename, (0, None, [], made.filename))
        try:
            if not calm(value, slope) or rough or overflows(made.primal, made.point):
                return Outcome("skipped", "kink or not finite")
            return compared(made, direction, (value, slope), plans)
        finally:
            linecache.cache.pop(made.filename, None)


def is_of_loops(optimize: bool | str) -> bool:
    """Whether a plan is of what is emitted for Numba."""
    return isinstance(optimize, str) and optimize.startswith("loops")


@contextlib.contextmanager
def as_python(optimize: bool | str) -> Iterator[None]:
    """What would be compiled by Numba runs as it is, and memory that is not filled yet is full of what shows."""
    if not is_of_loops(optimize):
        yield
        return
    importlib.import_module("numba")
    importlib.import_module("numpy.ma")  # before `np.empty` is another
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
    ):
        patch.setenv("S2SAD_CACHE_DIR", folder)
        patch.setattr("numba.core.config.DISABLE_JIT", True)
        patch.setattr(np, "empty", unfilled)
        patch.setattr(np, "empty_like", lambda array: unfilled(array.shape, array.dtype))
        if optimize != "loops":
            patch.setattr("s2sad.derivative.SMALL", 1)
        yield


def unfilled(shape: Any, dtype: Any = float, order: Any = "C") -> np.ndarray:
    """``np.empty`` with values that no program computes: they make a result wrong, or an index one out of bounds."""
    made = np.zeros(shape, dtype, order)
    made.fill(np.nan if made.dtype.kind == "f" else True if made.dtype.kind == "b" else 10**9)
    return made


def plans_of(seed: int, more: int = 2) -> tuple[tuple[str, bool | str], ...]:
    """The gradient always, and some of the other modes in turn: many programs fit into the time."""
    others = [plan for plan in PLANS if plan != ("value_and_grad", True)]
    return (("value_and_grad", True), *(others[(seed + 2 * k) % len(others)] for k in range(more)))


def calm(*values: Any) -> bool:
    """Whether all numbers are finite and moderate."""
    return all(
        np.all(np.isfinite(leaf)) and np.all(np.abs(leaf) < 1e4)
        for value in values
        for _, leaf in leaves(value)
        if is_number(leaf)
    )


def own(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments that a program may write to, arrays as they lie in memory."""
    return tuple(map_leaves(lambda leaf: duplicate(leaf) if isinstance(leaf, np.ndarray) else leaf, arg) for arg in args)


def flat(value: Any) -> np.ndarray:
    """All numbers of a structure."""
    parts = [np.ravel(leaf) for _, leaf in leaves(value) if is_number(leaf) or isinstance(leaf, (int, np.integer, np.ndarray))]
    return np.concatenate([np.zeros(0), *parts]).astype(float)


def as_float(leaf: Any) -> Any:
    """A number or an array as a float one: the cotangent of an integer result is a float."""
    if isinstance(leaf, (int, np.integer)):
        return float(leaf)
    return leaf.astype(float) if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "iub" else leaf


def differences(f: Any, point: Any, direction: Any) -> tuple[Any, np.ndarray, bool]:
    """The value, the slope in a direction by extrapolated central differences, and whether it is no slope."""
    value = f(*own(point))
    slopes = []
    for h in STEPS:
        up, down = (flat(f(*map(step_along, own(point), direction, (s, s, s, s)))) for s in (h, -h))
        if up.shape != down.shape:
            return value, up, True
        slopes.append((up - down) / (2 * h))
    coarse, fine = slopes
    scale = 1.0 + np.abs(fine)
    middle = (flat(f(*map(step_along, own(point), direction, (1e-7,) * 4))) - flat(value)) / 1e-7
    rough = bool(np.any(np.abs(coarse - fine) > AGREE * scale)) or bool(np.any(np.abs(middle - fine) > 1e-3 * scale))
    return value, (4 * fine - coarse) / 3, rough


def overflows(f: Any, point: Any) -> bool:
    """Whether a value on the way is too large for a float: what is then multiplied by zero is no number."""
    try:
        with np.errstate(over="raise"):
            f(*own(point))
    except FloatingPointError:
        return True
    return False


def directions(point: tuple[Any, ...], wrt: tuple[int, ...]) -> tuple[Any, ...]:
    """A random direction for each argument that is differentiated, zeros for the others."""
    drawn = (random_like(arg, np.random.default_rng(7)) for arg in point)
    return tuple(d if k in wrt else map_leaves(lambda leaf: None if leaf is None else leaf * 0.0, d) for k, d in enumerate(drawn))


def label_of(mode: str, optimize: bool | str) -> str:
    """What a plan is called in a report."""
    return f"{mode}{ {True: '', False: ' raw'}.get(optimize, f' {optimize}') }"


def compared(made: Any, direction: Any, expected: Any, plans: Any) -> Outcome:
    """The derivatives in each mode against what differences give."""
    f, point, wrt = made.f, made.point, made.wrt
    moving = tuple(direction[k] for k in wrt)
    value, slope = expected
    start = copy.deepcopy(made.outside)
    rng = np.random.default_rng(11)
    weights = random_like(map_leaves(as_float, value), rng)
    scalar = is_number(value) and np.shape(value) == ()
    wanted = float(inner(flat(weights), slope))
    for mode, optimize in plans:
        if mode in ("value_and_grad", "jvp of grad", "hessian") and not scalar:
            continue
        label = label_of(mode, optimize)
        args = own(point)
        for array, values in zip(made.outside, start):  # a helper may have changed what `f` does not read
            array[...] = values
        try:
            with as_python(optimize):
                made_for = Options(backend="numba") if is_of_loops(optimize) else Options(optimize=optimize)
                if (mode, optimize) in ORDERS and made.single:
                    continue  # differences of gradients would need more digits
                if (mode, optimize) in ORDERS:
                    number, target = higher(f, mode, wrt, args, direction, slope)
                    if target is not None and not agree(number, target):
                        return Outcome("wrong", f"{label}: derivative", f"{label}: {number} instead of {target}")
                    continue
                got, number, gradient = one(Derivative(f, mode, wrt, False, made_for), mode, args, moving, weights)
        except InternalError as error:
            return Outcome("crash", f"{label}: {where(error.__cause__)}", "".join(traceback.format_exception(error)[-3:]))
        except S2sadError as error:
            return Outcome("refused", error.code or type(error).__name__, "")
        except TooLong:
            return Outcome("crash", f"{label}: too long")
        except Exception as error:
            return Outcome("crash", f"{label}: {where(error)}", "".join(traceback.format_exception(error)[-3:]))
        if not close(flat(got), flat(value), made.single):
            return Outcome("wrong", f"{label}: value", f"{label}: value {got!r}, primal {value!r}")
        if flat(args).tolist() != flat(point).tolist():
            return Outcome("wrong", f"{label}: writes its arguments", f"{args!r}")
        targets = {"jvp": slope, "value_and_grad": slope[:1], "vjp": np.array([wanted, wanted])}
        target = targets[mode]
        if not agree(number, target, float(np.linalg.norm(slope)), made.single):
            return Outcome("wrong", f"{label}: derivative", f"{label}: {number} instead of {target}")
        if mode == "value_and_grad" and (found := kinds_of(gradient)) != (wanted_kinds := kinds_of([args[k] for k in wrt])):
            return Outcome("wrong", f"{label}: dtype of the gradient", f"{label}: {found} instead of {wanted_kinds}")
    return Outcome("ok")


def kinds_of(value: Any) -> list[str]:
    """The dtypes of the arrays in a structure, in single precision or real and complex."""
    return [leaf.dtype.name for _, leaf in leaves(value) if isinstance(leaf, np.ndarray) and leaf.ndim]


def agree(number: np.ndarray, target: np.ndarray, size: float = 0.0, single: bool = False) -> bool:
    """Whether derivatives are the same to what differences resolve, or single precision."""
    bound = (IN_SINGLE if single else TOLERANCE) * (1.0 + np.abs(target) + size)
    return number.shape == target.shape and bool(np.all(np.abs(number - target) <= bound))


def higher(
    f: Any, mode: str, wrt: tuple[int, ...], args: Any, direction: Any, slope: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """A derivative of a derivative, or one in all directions, times a direction; and what differences give for it."""
    if mode in ("jacfwd", "jacrev"):
        return contracted(getattr(s2sad, mode)(f, argnums=wrt)(*args), wrt, args, direction), slope
    gradient = Derivative(f, "grad", wrt, False, Options())
    slopes = [
        sum(sign * flat(gradient(*map(step_along, own(args), direction, (sign * h,) * 4))) for sign in (1.0, -1.0)) / (2 * h)
        for h in STEPS
    ]
    wanted = (4 * slopes[1] - slopes[0]) / 3
    rough = np.any(np.abs(slopes[0] - slopes[1]) > AGREE * (1.0 + np.abs(wanted))) or not calm(wanted)
    if mode == "hessian":
        found = contracted(s2sad.hessian(f, argnums=wrt)(*args), wrt, args, direction)
    else:
        second = Derivative(gradient, "jvp", wrt, False, Options())
        values = second.bind(args, {})
        _, tangent = second.at(values).run(*values, *own(tuple(direction[k] for k in wrt)))
        found = flat(tangent)
    return found, None if rough else wanted


def contracted(whole: Any, wrt: tuple[int, ...], args: Any, direction: Any) -> np.ndarray:
    """A Jacobian, the leaves of a result by those of the arguments, times a direction."""
    parts = [np.asarray(leaf, float) for _, leaf in leaves(whole)]
    sizes = [int(np.size(leaf)) for k in wrt for _, leaf in leaves(args[k]) if is_number(leaf)]
    split = np.split(flat(tuple(direction[k] for k in wrt)), np.cumsum(sizes)[:-1])
    rows = [parts[k : k + len(sizes)] for k in range(0, len(parts), max(len(sizes), 1))]
    made = [sum(part.reshape(-1, size) @ d for part, size, d in zip(row, sizes, split)) for row in rows]
    return np.concatenate([np.zeros(0), *map(np.ravel, made)])


def one(derivative: Any, mode: str, args: Any, direction: Any, weights: Any) -> tuple[Any, np.ndarray, Any]:
    """Value and slope in one mode, and the gradient where it is asked for."""
    if mode == "value_and_grad":
        value, gradient = derivative(*args)
        return value, np.array([inner(list(gradient), list(direction))]), gradient
    values = derivative.bind(args, {})
    made = derivative.at(values)
    if mode == "jvp":
        value, tangent = made.run(*values, *own(direction))
        return value, flat(tangent), None
    value, saved = made.push(values)
    value = copy.deepcopy(value)
    pulled = [list(made.pull(saved, own((weights,))[0])) for _ in range(2)]  # it may be called many times
    return value, np.array([inner(cotangents, list(direction)) for cotangents in pulled]), None


def close(got: np.ndarray, expected: np.ndarray, single: bool = False) -> bool:
    """Whether values are the same to rounding."""
    error = 1e-3 if single else 1e-10
    return got.shape == expected.shape and bool(np.allclose(got, expected, rtol=error, atol=error))


def where(error: Exception) -> str:
    """An error in few words: its class, its message without names and numbers, and the innermost frame of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{frame.filename.rsplit('/', 1)[-1]} {frame.name}" for frame in frames if "s2sad/" in frame.filename]
    message = "".join(c for c in str(error).splitlines()[0] if not c.isdigit())[:60] if str(error) else ""
    return f"{type(error).__name__} {message} in {ours[-1] if ours else '?'}"
