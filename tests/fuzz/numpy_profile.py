"""Random programs of arrays of every rank with the whole vocabulary of NumPy, broadcast, cut, joined and written to.

A statement is drawn from templates and tried out where it would stand: one that raises, or makes too much or too large
numbers, is drawn again. So the templates say nothing of shapes.

>>> program(5) == program(5)
True
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tests.fuzz.draws import Draws

HEADER = "import math\n\nimport numpy as np\n\n\n"
LARGEST = 40.0
MOST_ITEMS = 40
TRIES = 40
REFUSALS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, DeprecationWarning, SyntaxError)
"""What a statement raises that does not fit, also a slice that is drawn for an argument of a call; any other error is one
of a template."""

ELEMENTWISE = [
    "np.sin({a})", "np.cos({a})", "np.tanh({a})", "-{a}", "{a} ** 2", "{a} ** 3", "np.exp(-{a} ** 2)", "np.sqrt(1.0 + {a} ** 2)",
    "np.log(2.0 + np.sin({a}))", "np.arctan({a})", "np.square({a})", "{c} * {a}", "{a} / {c}", "np.expm1(0.3 * {a})",
    "np.log1p({a} * {a})", "np.reciprocal(1.3 + {a} * {a})", "np.sinc({a})", "np.abs({a})", "np.clip({a}, -{c}, {c})",
    "np.maximum({a}, {c})", "np.where({a} > {c}, {a}, 0.5 * {a})", "{a}.copy()", "1.0 / (1.0 + np.exp(-{a}))",
    "np.where({a} > 0.3, {a}, {b})", "np.cbrt(2.5 + np.sin({a}))", "abs({a})", "np.sign({a}) * {b}", "np.floor({a}) + {a}",
    "{a} * ({a} > 0)", "np.heaviside({a}, 0.5) * {a}", "np.deg2rad({a})", "np.nan_to_num({a})", "np.positive({a})",
]  # fmt: skip
PAIRS = [
    "{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} * {b}", "{a} / (1.5 + {b} ** 2)", "np.maximum({a}, {b})", "np.minimum({a}, {b})",
    "np.hypot({a}, 1.2 + {b} ** 2)", "np.arctan2({a}, 1.5 + {b} * {b})", "(1.2 + np.sin({a})) ** {b}", "np.logaddexp({a}, {b})",
    "np.power(1.5 + np.cos({a}), {b})", "np.multiply({a}, {b})", "np.add({a}, {b})", "np.subtract({a}, {b}) ** 2", "np.fmax({a}, {b})",
    "np.copysign({a}, {b})", "np.where({a} > {b}, {a} * {b}, {c})", "{a} + {i}", "{a} * {i}",
]  # fmt: skip
REDUCTIONS = [
    "np.sum({a}, axis={axis})", "{a}.sum(axis={axis}, keepdims=True)", "np.mean({a}, axis={axis})", "{a}.mean({axis})", "np.max({a}, axis={axis})",
    "{a}.min(axis={axis}, keepdims=True)", "np.prod(np.cos({a}), axis={axis})", "np.var({a}, axis={axis})", "np.std({a} + np.arange({a}.size).reshape({a}.shape), axis={axis})",
    "np.linalg.norm(1.1 + np.sin({a}), axis={axis})", "np.cumsum({a}, axis={axis})", "np.cumsum({a})", "np.cumprod(np.cos({a}), axis={axis})",
    "np.average({a}, axis={axis}, weights=1.5 + np.sin({b}))", "np.average({a}, axis={axis})", "np.median({a}, axis={axis})", "np.ptp({a}, axis={axis})",
    "np.sum({a}, axis=({axis}, {axis}))", "np.sum({a})", "{a}.sum()", "np.mean({a})", "np.max({a})", "{a}.min()", "np.prod(np.sin({a}) + 1.5)",
    "np.nansum({a}, axis={axis})", "np.log(np.sum(np.exp({a}), axis={axis}, keepdims=True))", "np.exp({a} - np.max({a}, axis={axis}, keepdims=True))",
    "np.sum({a}, axis={axis}, keepdims=True) * {b}", "np.trace({a})", "np.any({a} > {c}) * {a}", "np.linalg.norm({a} + 2.0)", "np.mean({a}, axis=None, keepdims=True)",
    "np.sum({a}, axis={axis}, where={a} > 0.1)", "np.diff({a}, axis={axis})", "np.diff({a}, n=2)", "np.nanmax({a}, axis={axis})", "np.add.reduce({a}, axis={axis})",
    "np.argmax({a}) * {b}", "np.max({a}, initial=0.2)", "np.sum({a}, initial={s})", "np.count_nonzero({a} > {c}) * {b}", "np.nanmean({a}, axis={axis})",
]  # fmt: skip
STRUCTURE = [
    "{a}.reshape(-1)", "np.reshape({a}, ({k}, -1))", "{a}.reshape({k}, {k}, -1)", "{a}.ravel()", "{a}.flatten()", "{a}.T", "np.transpose({a})",
    "{a}.swapaxes({axis}, {axis})", "np.moveaxis({a}, {axis}, {axis})", "np.expand_dims({a}, {axis})", "np.squeeze({a})", "np.atleast_1d({a})",
    "np.atleast_2d({a})", "np.atleast_3d({a})", "np.concatenate([{a}, {b}], axis={axis})", "np.concatenate(({a}, {b}))", "np.stack([{a}, {b}], axis={axis})",
    "np.vstack([{a}, {b}])", "np.hstack([{a}, {b}])", "np.dstack([{a}, {b}])", "np.column_stack([{a}, {b}])", "np.append({a}, {b})",
    "np.append({a}, {b}, axis={axis})", "np.tile({a}, {k})", "np.tile({a}, ({k}, {k}))", "np.repeat({a}, {k}, axis={axis})", "np.repeat({a}, 2)",
    "np.roll({a}, {k}, axis={axis})", "np.roll({a}, -1)", "np.flip({a}, {axis})", "np.flip({a})", "np.fliplr({a})", "np.flipud({a})", "np.rot90({a})",
    "np.pad({a}, {k})", "np.pad({a}, 1, mode='edge')", "np.pad({a}, 1, mode='reflect')", "np.pad({a}, 1, mode='wrap')", "np.pad({a}, 1, constant_values={c})",
    "np.diag({a})", "np.diagonal({a})", "np.tril({a})", "np.triu({a}, 1)", "np.broadcast_to({a}, {b}.shape) * {b}", "np.split({a}, {k}, axis={axis})[0]",
    "np.array_split({a}, 2)[{k} - 1]", "np.take({a}, [0, 0, {k} - 1], axis={axis})", "np.take({a}, {k})", "np.take_along_axis({a}, np.argsort({a}, axis={axis}), axis={axis})",
    "np.sort({a}, axis={axis})", "np.sort({a})", "{a}[np.argsort({a})]", "np.compress([True, False, True], {a}, axis={axis})", "np.extract({a} > {c}, {a}).sum()",
    "np.meshgrid({a}, {b})[0]", "np.meshgrid({a}, {b}, indexing='ij')[1]", "np.array([{a}, {b}])", "np.array([{s}, {s}, {s}])", "np.array([[{s}, {c}], [0.2, {s}]])",
    "np.full({a}.shape, {s})", "np.full_like({a}, {s})", "np.ones_like({a}) * {s}", "np.zeros_like({a}) + {s}", "np.linspace({s}, {s}, {k})",
    "np.eye({k}) * {s}", "np.asarray({a})", "{a}.transpose()", "np.array({a})", "np.choose([0, 1, 0], [{a}, {b}])", "np.arange({k}) * {s}", "np.identity(3) + {a}",
    "np.ravel({a})", "np.rollaxis({a}, {axis})", "np.hsplit({a}, {k})[0]", "np.vsplit({a}, {k})[-1]", "{a}.squeeze({axis})", "np.resize({a}, 3)", "np.delete({a}, 0, axis={axis})",
]  # fmt: skip
PRODUCTS = [
    "{a} @ {b}", "{a} @ {b}", "np.dot({a}, {b})", "{a}.dot({b})", "np.outer({a}, {b})", "np.inner({a}, {b})", "np.matmul({a}, {b})", "np.tensordot({a}, {b}, 1)",
    "np.tensordot({a}, {b}, axes=([{axis}], [{axis}]))", "np.vdot({a}, {b})", "np.kron({a}, {b})", "np.cross({a}, {b})", "np.convolve({a}, {b})",
    "np.convolve({a}, {b}, mode='same')", "np.convolve({a}, {b}, 'valid')", "np.einsum('ij,jk->ik', {a}, {b})", "np.einsum('ij,ij->i', {a}, {b})", "np.einsum('i,j->ij', {a}, {b})",
    "np.einsum('...i,...i->...', {a}, {b})", "np.einsum('ij->ji', {a})", "np.einsum('ii->i', {a})", "np.einsum('i,i', {a}, {b})", "np.einsum('ijk,k->ij', {a}, {b})",
    "np.linalg.inv(2.0 * np.eye(3) + 0.3 * np.tanh({a}))", "np.linalg.solve(2.0 * np.eye(3) + 0.3 * np.tanh({a}), {b})", "np.linalg.det(np.eye(2) + 0.2 * {a})",
    "np.linalg.slogdet(2.0 * np.eye(3) + 0.3 * np.tanh({a}))[1]", "np.linalg.cholesky({a} @ {a}.T + 1.5 * np.eye({a}.shape[0]))", "np.linalg.eigh({a} + {a}.T)[0]",
    "np.linalg.svd({a}, compute_uv=False)", "np.linalg.norm({a}, 'fro')", "{a} @ {a}.T", "{a}.T @ {a}", "np.linalg.pinv({a})", "np.linalg.matrix_power({a}, 2)",
    "np.linalg.multi_dot([{a}, {b}, {a}])", "np.trace({a} @ {b})", "np.sum({a} * {b}, axis={axis})", "np.sum({a}[:, None] * {b}[None, :], axis={axis})",
]  # fmt: skip
READS = ["{a}[{at}]", "{a}[{at}]", "{a}[{at}, {at}]", "{a}[..., {at}]", "{a}[{at}][{at}]", "{a}[{at}] * {b}[{at}]", "{a}.flat[{j}]", "{a}.item({j})"]
SLICES = [
    ":", "1:", ":-1", "::2", "::-1", ":2", "-2:", "{j}", "{j}", "{j}", "{n}", "None", "...", "[0, 1]", "[1, 0, 1]", "[-1, 0]", "[[0, 1], [1, 0]]", "{p}", "{n}:", ":{n}",
    "1:-1", "-1", "0", "np.arange(2)", "slice(None, 2)",
]  # fmt: skip
WHOLE = ["{a} > {c}", "{a} > 0", "np.abs({a}) < 0.5", "~({a} > {c})", "({a} > -0.4) & ({a} < 0.6)", "np.argmax({a})", "np.argsort({a})", "np.nonzero({a} > 0.1)"]
STORES = [
    "{w}[{at}] = {e}", "{w}[{at}] = {e}", "{w}[{at}] += {e}", "{w}[{at}] += {e}", "{w}[{at}, {at}] = {e}", "{w}[{at}, {at}] += {e}", "{w}[{at}] *= {e}", "{w}[..., {at}] = {e}",
    "{w}[..., {at}] -= {e}", "{w} += {e}", "{w} *= np.cos({e})", "{w} -= {e}", "{w}[:] = {e}", "{w}[...] = {e}", "np.add.at({w}, {at}, {s})", "np.add.at({w}, ({at}, {at}), {s})", "np.add.at({w}, [0, 1, 0], {e})", "np.add.at({w}, ([0, 1, 0], [0, 0, -1]), {e})",
    "np.put({w}, [{j}, {j}], {e})", "np.copyto({w}, {e})", "np.copyto({w}, 0.5 * ({e}), where={w} > 0.1)", "{w}.fill({s})", "{w}.sort()", "np.fill_diagonal({w}, {s})",
    "np.multiply({w}, {a}, out={w})", "np.sin({a}, out={w})", "{w}.flat[{j}] = {s}", "{w}[{w} > {c}] = {s}", "{w}[{w} > {c}] *= 0.5", "{w}[{a} < {c}] += {s}", "np.putmask({w}, {w} > {c}, 0.3 * {w})",
    "{w} /= 1.4 + np.sin({e})", "{w} **= 2", "{w}[{at}] /= 1.5 + {s} ** 2", "np.subtract.at({w}, {at}, {s})", "{w}[{at}][{at}] = {s}", "{w}[{at}], {w}[{at}] = {w}[{at}], {w}[{at}]",
    "np.put_along_axis({w}, np.argmax({w}, axis={axis}, keepdims=True), {c}, axis={axis})", "{w}.T[{at}] = {e}", "{w}.reshape(-1)[{j}] += {s}", "{w}.ravel()[{at}] *= {c}", "{w}.real[{at}] = {e}",
]  # fmt: skip
COMPLEX = [
    "{a} + 1j * {b}", "({a} + 0.5j) * {z}", "{z} * {z}", "np.conj({z})", "{z}.real", "{z}.imag", "np.abs({z})", "np.real({z} * {b})", "np.exp(1j * {a})", "np.fft.fft({a})",
    "np.fft.ifft({z})", "np.fft.rfft({a})", "np.fft.fft({z}).real", "{z} / (2.5 + {a})", "np.angle({z} + 3.0)", "np.vdot({z}, {z}).real", "{z} @ {z}", "np.sum({z}, axis={axis})",
    "{z}.conj()", "np.imag({z} ** 2)", "np.tanh({z} * 0.3)", "np.sqrt({z} + 4.0)", "np.fft.irfft(np.fft.rfft({a}))", "np.fft.fft2({z})", "complex({s}, {s}) * {z}", "{z} ** 2", "abs({z})",
]  # fmt: skip
TESTS = ["np.sum({a}) > {c}", "{s} > {c}", "{s} < 0.1", "{a}.max() > 0.4", "{n} % 2 == 0", "{n} > 0", "np.any({a} > 0.5)", "np.all({a} < 0.9)", "{a}.ndim == 2", "len({a}) > 2", "{s} > {c} and {s} < 1.0"]


class Here(Exception):
    """The place that is asked for is reached."""


class Writer(Draws):
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        super().__init__(random.Random(f"numpy {seed}"))
        self.lines: list[str] = []
        self.depth = 0
        self.loops = 0
        self.complex = self.chance(0.15)
        self.single = not self.complex and self.chance(0.12)
        self.fixed: list[str] = []
        self.point: dict[str, str] = {}
        self.made: list[str] = []
        self.counts: list[str] = []
        self.places: list[str] = []

    # ---- running what there is ------------------------------------------------------------------
    def now(self, *more: str) -> dict[str, Any] | None:
        """The names where the next statement stands, once these have run; None if they raise or are not reached."""
        indent = "    " * self.depth
        text = "\n".join([*self.lines, *[indent + line for line in more], indent + "raise Here"])
        space: dict[str, Any] = {"np": np, "Here": Here}
        for name, value in self.point.items():
            space[name] = eval(value, space)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", DeprecationWarning)
            try:
                exec(HEADER + text, space)
            except Here:
                return space if all(self.tame(space.get(name, 0.0)) for name in self.made) else None
            except REFUSALS:
                return None
        return None

    @staticmethod
    def tame(value: Any) -> bool:
        """Whether a value is small, in its numbers and in how many they are."""
        if isinstance(value, (bool, str, list, tuple)):
            return False
        array = np.asarray(value)
        return bool(array.dtype.kind in "fciu" and 0 < array.size <= MOST_ITEMS and array.ndim < 5 and np.all(np.abs(array) < LARGEST))

    # ---- expressions ----------------------------------------------------------------------------
    def names(self, space: dict[str, Any], kinds: str, scalar: bool | None = None) -> list[str]:
        """Names of numbers and arrays of these kinds."""
        return [n for n in self.made if n in space and np.asarray(space[n]).dtype.kind in kinds and scalar in (None, np.ndim(space[n]) == 0)]

    def filled(self, template: str, space: dict[str, Any], depth: int) -> str:
        """A template with its places filled."""
        parts = template.split("{")
        text = parts[0]
        for part in parts[1:]:
            kind, rest = part.split("}", 1)
            text += self.part(kind, space, depth) + rest
        return text

    def part(self, kind: str, space: dict[str, Any], depth: int) -> str:
        """What fills a place of a template."""
        if kind == "c":
            return str(round(self.rng.uniform(0.1, 1.2), 2))
        if kind == "k":
            return str(self.pick([1, 2, 2, 3, 3]))
        if kind == "axis":
            return str(self.pick([0, 0, 1, 1, -1, -1, -2, 2]))
        if kind in "ni":
            return self.pick(self.counts) if self.counts and self.chance(0.8) else str(self.pick([0, 1, 2]))
        if kind == "j":
            return self.pick([*[f"{one} % 2" for one in self.counts], *self.counts, "0", "1", "-1"])
        if kind == "p":
            return self.pick(self.places) if self.places else "[0, 0, 1]"
        if kind == "at":
            if self.chance(0.15):
                return self.filled(self.pick(WHOLE), space, 0)
            return self.filled(self.pick(SLICES), space, 0)
        if kind == "w":
            return self.pick([name for name in self.names(space, "fc", False)] or ["x"])
        if kind == "s":
            found = self.names(space, "f", True)
            return self.pick(found) if found and self.chance(0.7) else self.filled(self.pick(["np.sum({a})", "{a}[{j}]", "{a}[{j}, {j}]", "{c}", "np.mean({a})", "{a}.max()", "{a}[-1]"]), space, 0)
        if kind == "z":
            return self.pick(self.names(space, "c") or ["1j"])
        if kind == "e" or (depth and self.chance(0.3)):
            made = self.expression(space, depth - 1)
            return made if kind == "e" else f"({made})"
        if self.fixed and self.chance(0.15):
            return self.pick(self.fixed)
        return self.pick(self.names(space, "f", False if self.chance(0.8) else None) or ["x"])

    def expression(self, space: dict[str, Any], depth: int) -> str:
        """An expression that fits where `space` is what there is."""
        families = [ELEMENTWISE, ELEMENTWISE, PAIRS, PAIRS, REDUCTIONS, STRUCTURE, STRUCTURE, PRODUCTS, READS, READS]
        if self.complex:
            families += [COMPLEX] * 3
        for _ in range(TRIES):
            text = self.filled(self.pick(self.pick(families)), space, depth)
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    value = eval(text, dict(space))
                except REFUSALS:
                    continue
            if self.tame(value):
                return text
        return "0.5 * x"

    # ---- statements -----------------------------------------------------------------------------
    def statement(self) -> None:
        space = self.now()
        if space is None:
            return
        kinds = [self.assign] * 5 + [self.store] * 4
        if self.depth < 3:
            kinds += [self.branch]
        if self.loops < 2 and self.depth < 3:
            kinds += [self.loop]
        self.pick(kinds)(space)

    def try_out(self, line: str, space: dict[str, Any]) -> bool:
        """Write a line if it runs, and leaves what was there in the shape that it had."""
        after = self.now(line)
        if after is None or (self.depth and not self.same(space, after)):
            return False
        self.lines.append("    " * self.depth + line)
        return True

    def same(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """Whether all names hold what they held, by kind and shape."""
        return all(n in after and self.kind(before[n]) == self.kind(after[n]) for n in self.made if n in before)

    @staticmethod
    def kind(value: Any) -> tuple[Any, ...]:
        return (type(value), np.shape(value), np.asarray(value).dtype)

    def assign(self, space: dict[str, Any]) -> None:
        """A name for a value: a new one, or one that had another."""
        for _ in range(TRIES):
            name = self.pick(self.made) if self.chance(0.25) else self.fresh("v")
            self.made.append(name)
            if self.try_out(f"{name} = {self.expression(space, 2)}", space):
                self.made = list(dict.fromkeys(self.made))
                return
            self.made.pop()

    def store(self, space: dict[str, Any]) -> None:
        """A write into an array."""
        for _ in range(TRIES):
            if self.try_out(self.filled(self.pick(STORES), space, 1), space):
                return

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """An indented block; what it makes is its own."""
        kept = list(self.made), list(self.counts)
        self.lines.append("    " * self.depth + head)
        self.depth += 1
        yield
        self.depth -= 1
        self.made, self.counts = kept

    def body(self, head: str, most: int) -> list[str]:
        """A block under a head, taken off the program again."""
        start = len(self.lines)
        with self.block(head):
            self.lines.append("    " * self.depth + "pass")
            for _ in range(self.rng.randint(1, most)):
                self.statement()
        made, self.lines[start:] = self.lines[start + 2 :], []
        return made

    def add(self, lines: list[str], space: dict[str, Any]) -> None:
        """Write a compound statement, if it runs from start to end."""
        self.lines += lines
        after = self.now()
        if after is None or not self.same(space, after):
            del self.lines[-len(lines) :]

    def branch(self, space: dict[str, Any]) -> None:
        indent = "    " * self.depth
        test = self.filled(self.pick(TESTS), space, 0)
        if self.now(f"if {test}:", "    pass") is None:
            return
        first, second = self.body("if True:", 3), self.body("if True:", 3) if self.chance(0.6) else []
        lines = [indent + f"if {test}:", *first] if first else []
        if first and second:
            lines += [indent + "else:", *second]
        if lines:
            self.add(lines, space)

    def loop(self, space: dict[str, Any]) -> None:
        indent = "    " * self.depth
        count = self.fresh("i")
        heads = [f"for {count} in range({self.pick([2, 3])}):"] * 3 + [f"for {count} in range(1, 3):", f"for {count} in range(2, -1, -1):", f"for {count} in range(len(x)):"]
        head = self.pick(heads)
        self.counts.append(count)
        row = ""
        if self.chance(0.25):
            row = self.fresh("v")
            head = self.pick([f"for {count}, {row} in enumerate({{a}}):", f"for {row} in {{a}}:"]).replace("{a}", self.pick(self.names(space, "f", False) or ["x"]))
            self.made.append(row)
            if count not in head:
                self.counts.pop()
        self.loops += 1
        made = self.body(head, 4)
        self.loops -= 1
        if count in self.counts:
            self.counts.remove(count)
        if row:
            self.made.remove(row)
        if made:
            self.add([indent + head, *made], space)

    # ---- the program ----------------------------------------------------------------------------
    def argument(self) -> str:
        """The text of an array."""
        n, m = self.pick([2, 3, 3]), self.pick([1, 2, 3, 3])
        shape = self.pick([(3,), (3,), (n,), (3, 3), (n, m), (n, m), (2, n, m), (1, n), ()])
        values = np.array([round(self.rng.uniform(-0.95, 0.95), 3) for _ in range(int(np.prod(shape)))]).reshape(shape)
        if not shape:
            return str(float(values))
        if self.complex and self.chance(0.3):
            return f"np.array({(values + 1j * values[::-1].round(1)).tolist()})"
        return f"np.array({values.tolist()}{', np.float32' if self.single else ''})"

    def total(self, space: dict[str, Any]) -> str:
        """A number that all arrays enter."""
        terms = []
        for k, name in enumerate(n for n in self.made if n in space):
            value = space[name]
            if np.asarray(value).dtype.kind == "c":
                terms.append(f"{k + 1} * np.sum(({name} * np.conj({name})).real) + np.sum({name}.imag)")
            elif np.ndim(value) == 0:
                terms.append(self.pick([f"{k + 1} * {name}", f"math.sin({name})"]))
            else:
                terms.append(self.pick([f"{k + 1} * np.sum({name} ** 2)", f"np.sum(np.sin({name} + {k}))", f"np.mean({name} * {name})", f"np.sum({name}) * {k + 1}"]))
        return " + ".join(terms)

    def text(self) -> str:
        """The module."""
        self.point = {name: self.argument() for name in "xyw"[: self.rng.randint(1, 3)]}
        self.point["a"] = str(round(self.rng.uniform(-0.9, 0.9), 3))
        if "[" not in self.point["x"] or "j" in self.point["x"]:
            self.point["x"] = f"np.array([0.31, -0.42, 0.73]{', np.float32' if self.single else ''})"
        self.made = list(self.point)
        wrt = tuple(range(len(self.point)))
        if self.chance(0.25):
            self.fixed.append("k")
            self.point["k"] = self.pick(["np.array([1, 2, 0])", "np.array([[2, 0, 1]])", "2", "np.array([1.5, 0.5], np.float32)", "np.array([[0.5], [1.5], [0.25]])"])
        if self.chance(0.3):
            self.places.append("places")
            self.lines.append("places = " + self.pick(["np.array([1, 0])", "np.array([0, 0, 1])", "np.argsort(x, axis=0)", "[1, 1, 0]"]))
        most = self.rng.randint(4, 9)
        for _ in range(most):
            self.statement()
        space = self.now() or {}
        body = "\n".join(f"    {line}" for line in [*self.lines, f"return {self.total(space)}"])
        return f"{HEADER}def f({', '.join(self.point)}):\n{body}\n\n\nPOINT = ({', '.join(self.point.values())},)\nWRT = {wrt}\n"


def program(seed: int) -> str:
    """The text of a program."""
    return Writer(seed).text()
