"""Random programs that keep arrays: in fields of objects, lists, dicts, tuples and closures, often one array in several.

Every array has four items.  A *place* is an expression for one that is kept: ``q1.u``, ``rows[i]``, ``named['p']``, ``m[2]``.
A program writes to places, puts the array of one place into another, swaps them, makes views of them and hands them to
functions and methods, in loops and branches on data; what it returns reads them all.

>>> program(5) == program(5)
True
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.fuzz.draws import Draws

N = 4
HEADER = """\
import collections
import dataclasses
import math
from typing import NamedTuple

import numpy as np


class Pair(NamedTuple):
    left: np.ndarray
    right: np.ndarray


@dataclasses.dataclass
class Box:
    u: np.ndarray
    w: np.ndarray
    k: float = 0.7

    def energy(self):
        return self.u @ self.w + self.k

"""
STEPS = [
    "self.u += 0.3 * c * self.w", "self.u[1:] = self.w[:-1] * c", "self.w = self.u * c",
    "self.u, self.w = self.w, self.u", "self.u *= c\nself.k = self.k + 0.1 * c",
    "self.u = np.tanh(self.u + c)\nself.w[0] = c", "for i in range(1, 4):\n    self.u[i] = 0.5 * self.u[i - 1] + c * self.w[i]",
    "if self.u[0] > 0.11:\n    self.u[2] = c\nelse:\n    self.w = self.u.copy()", "self.log.append(self.u)\nself.u[1] = c",
    "self.log.append(self.u.copy())\nself.u *= c", "self.w[:] = self.u\nself.u = self.w", "self.u = self.w\nself.u[3] -= c",
    "if self.w[1] > c:\n    return\nself.w *= 0.8",
]  # fmt: skip
VIEWS = ["return self.u", "return self.w[::-1]", "if self.k > 0.4:\n    return self.u\nreturn self.w", "return self.u[:]", "return self.u * 0.9"]
FUNCTIONS = [
    ("bump(v, c)", "v[1] += c\nv *= 0.9\nreturn v"),
    ("bump(v, c)", "for i in range(len(v)):\n    v[i] = math.sin(v[i] + c)\nreturn v[::-1]"),
    ("bump(v, c)", "if c > 0.2:\n    v[0] = c\n    return v\nreturn v * c"),
    ("bump(v, c)", "v = v * c\nv[2] = 0.4\nreturn v"),
    ("mix(v, w)", "v[:] = 0.5 * (v + w)\nreturn w"),
    ("mix(v, w)", "if v[0] > w[0]:\n    return v\nreturn w"),
    ("mix(v, w)", "t = v[1:]\nt += 0.4 * w[:-1]\nreturn v"),
    ("mix(v, w)", "w[-1] = v[0] * w[1]\nreturn v * w"),
    ("both(v, w)", "v[0] *= 0.6\nreturn w, v"),
    ("both(v, w)", "return v[::-1], w + v"),
    ("both(v, w)", "p = Pair(v, w)\np.left[2] = p.right[1] * 0.5\nreturn p"),
]  # fmt: skip


class Writer(Draws):
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        super().__init__(random.Random(f"state {seed}"))
        self.lines: list[str] = []
        self.depth = 1
        self.loops = 0
        self.floats = ["a", "b"]
        self.arrays = ["x"]
        self.objects: dict[str, str] = {}
        self.rows: dict[str, int] = {}
        self.dicts: list[str] = []
        self.tables: dict[str, int] = {"m": 3}
        self.pairs: list[str] = []
        self.indices: list[str] = []
        self.maybe: list[str] = []
        self.several_results = self.chance(0.4)

    def put(self, text: str) -> None:
        self.lines += ["    " * self.depth + line for line in text.splitlines()]

    @contextmanager
    def block(self) -> Iterator[None]:
        """An indented block; what it makes is its own."""
        kept = (
            list(self.floats), list(self.arrays), dict(self.objects), dict(self.rows), list(self.dicts), dict(self.tables),
            list(self.pairs), list(self.indices), list(self.maybe),
        )  # fmt: skip
        self.depth += 1
        yield
        self.depth -= 1
        self.floats, self.arrays, self.objects, self.rows, self.dicts, self.tables, self.pairs, self.indices, self.maybe = kept

    # ---- expressions ----------------------------------------------------------------------------
    def number(self) -> str:
        return str(round(self.rng.uniform(0.2, 1.3), 2))

    def index(self, n: int) -> str:
        """An index into an axis of length `n`."""
        if self.indices and self.chance(0.6):
            one = self.pick(self.indices)
            return self.pick([f"{one} % {n}", f"({one} + 1) % {n}", f"-1 - {one} % {n}"])
        return str(self.rng.randrange(-n, n))

    def fields(self) -> list[str]:
        """Places that can be bound to another array."""
        found = [f"{one}.{field}" for one in self.objects for field in "uw"]
        found += [f"{name}[{self.index(n)}]" for name, n in self.rows.items()]
        return found + [f"{name}['{key}']" for name in self.dicts for key in "pq"]

    def place(self) -> str:
        """An expression for an array that is kept."""
        found = [*self.arrays, *self.fields(), *[f"{name}[{self.index(n)}]" for name, n in self.tables.items()]]
        found += [f"{one}.{side}" for one in self.pairs for side in ("left", "right")]
        found += [f"{one}[{self.index(2)}]" for one in self.pairs]
        return self.pick(found)

    def scalar(self, size: int = 1) -> str:
        """A float, bounded."""
        leaves = [self.pick(self.floats), f"{self.place()}[{self.index(N)}]", self.number()]
        leaves += [f"{one}.k" for one in self.objects]
        if size == 0:
            return self.pick(leaves)
        part = self.scalar(size - 1)
        forms = [
            f"math.sin({part})", f"0.5 * ({part} + {self.scalar(0)})", f"{part} * {self.scalar(0)}", f"np.sum({self.array(0)}) * 0.3",
            f"math.tanh({self.place()} @ {self.array(0)})", f"{self.place()}.mean()", *leaves,
        ]  # fmt: skip
        forms += [f"math.tanh({one}.energy())" for one in self.objects]
        return str(self.pick(forms))

    def array(self, size: int = 1) -> str:
        """An array of four items: a place, or one made of places."""
        if size == 0:
            return self.pick([self.place(), self.place(), f"{self.place()}[::-1]"])
        one, two = self.array(size - 1), self.array(0)
        forms = [
            f"np.sin({one})", f"np.tanh({one} + {two})", f"0.6 * {one} * {two}", f"{one} * {self.scalar(0)}", f"0.5 * ({one} + {two})",
            f"{one}.copy()", f"np.array([{self.scalar(0)}, {self.scalar(0)}, {two}[1], {self.scalar(0)}])", f"np.roll({one}, 1)",
            f"np.concatenate([{one}[2:], {two}[:2]])", f"np.where({one} > 0.17, {one}, {two})", f"np.cumsum({one}) * 0.3",
            f"mix({self.place()}, {two})", f"bump({self.place()}, {self.scalar(0)})",
        ]  # fmt: skip
        forms += [f"{name}.view()" for name, kind in self.objects.items() if kind == "Cell"]
        if self.rows:
            forms.append(f"sum({self.pick(self.rows)})")
        return str(self.pick(forms))

    def test(self) -> str:
        if self.indices and self.chance(0.4):
            return f"{self.pick(self.indices)} {self.pick(['> 0', '== 1', '% 2 == 0'])}"
        return f"{self.scalar(self.pick([0, 1]))} {self.pick('<>')} {self.number()}"

    def bounded(self) -> str:
        return f"np.tanh({self.array()})"

    def kept(self) -> str:
        """What is put into a place: an array of another, a view of it, or a new one."""
        return str(self.pick([self.place(), self.place(), f"{self.place()}[::-1]", self.bounded(), f"{self.place()}.copy()"]))

    # ---- statements -----------------------------------------------------------------------------
    def statement(self) -> None:
        """One statement, or a few that belong together."""
        forms = [self.store, self.store, self.store, self.rebind, self.rebind, self.name, self.float, self.call, self.swap, self.views]
        if self.depth < 3:
            forms += [self.loop] * 4 + [self.branch] * 2
        if self.depth < 4:
            forms += [self.branch]
        if self.depth == 1:
            forms += [self.make] * 4 + [self.closure, self.make_maybe]
        if self.unsure():
            forms += [self.change_maybe] * 2
        if self.loops and self.chance(0.12):
            forms = [self.leave]
        self.pick(forms)()

    def store(self) -> None:
        """A write into the array of a place."""
        place = self.place()
        self.put(self.pick([
            f"{place}[{self.index(N)}] = {self.scalar()}", f"{place}[{self.index(N)}] {self.pick(['+=', '-='])} 0.4 * {self.scalar()}",
            f"{place}[1:] = ({self.array()})[:-1]", f"{place}[:2] *= {self.scalar(0)}", f"{place}[:] = {self.bounded()}",
            f"{place}[::2] -= 0.3 * ({self.array(0)})[1::2]", f"{place}[{place} > 0.21] *= 0.5", f"{place}[[0, 2]] = {self.array(0)}[1:3]",
            f"np.copyto({place}, {self.bounded()})", f"{place}.fill({self.scalar(0)})", f"np.add({place}, {self.array(0)}, out={place})",
        ]))  # fmt: skip

    def rebind(self) -> None:
        """Another array in a place, or the same one worked on in place."""
        place = self.pick([*self.arrays, *self.fields()])
        self.put(self.pick([f"{place} = {self.kept()}", f"{place} = {self.kept()}", f"{place} *= {self.scalar(0)}", f"{place} += 0.4 * {self.array(0)}"]))

    def name(self) -> None:
        one = self.fresh("y")
        self.put(f"{one} = {self.kept()}")
        self.arrays.append(one)

    def float(self) -> None:
        one = self.pick(["a", "b", self.fresh("s")])
        self.put(f"{one} = math.tanh({self.scalar()})")
        if one not in self.floats:
            self.floats.append(one)

    def call(self) -> None:
        forms = [f"mix({self.place()}, {self.place()})", f"{self.pick(self.arrays)} = bump({self.place()}, {self.scalar(0)})"]
        forms += [f"{one}.step({self.scalar(0)})" for one, kind in self.objects.items() if kind == "Cell"] * 2
        p, q = self.fresh("y"), self.fresh("y")
        both = f"{p}, {q} = both({self.place()}, {self.place()})"
        text = self.pick([*forms, both])
        self.put(text)
        if text is both:
            self.arrays += [p, q]

    def swap(self) -> None:
        places = [*self.arrays, *self.fields()]
        one, two = self.pick(places), self.pick(places)
        self.put(f"{one}, {two} = {two}, {one}")
        lists = [name for name in self.rows if name.startswith("r")]
        if self.chance(0.2) and lists:
            name = self.pick(lists)
            self.put(self.pick([f"{name}.reverse()", f"{name}.append({name}.pop(0))", f"{name}[:] = {name}[::-1]", f"{name} = {name}[1:] + [{self.kept()}]"]))

    def views(self) -> None:
        """A view of a part, written after or before what it shows."""
        one, place = self.fresh("t"), self.place()
        self.put(f"{one} = {place}{self.pick(['[1:]', '[:3]', '[::2]', '[2:]'])}")
        for _ in range(self.pick([1, 2])):
            self.pick([self.store, lambda: self.put(f"{one} {self.pick(['*=', '+='])} {self.scalar(0)}"), lambda: self.put(f"{one}[0] = {self.scalar(0)}")])()
        self.put(f"a = math.sin(a + np.sum({one}))")

    def make(self) -> None:
        """Something that keeps arrays."""
        kind = self.pick(["Cell", "Box", "rows", "dict", "table", "pair", "queue"])
        name = self.fresh(kind[0].lower())
        one, two, three = self.kept(), self.kept(), self.kept()
        makers: dict[str, Callable[[], str]] = {
            "Cell": lambda: f"Cell({one}, {two}{self.more()})",
            "Box": lambda: f"Box({one}, {two}{self.more()})",
            "dict": lambda: self.pick([f"dict(p={one}, q={two})", f"{{'p': {one}, 'q': {two}}}"]),
            "table": lambda: self.pick([f"np.array([{one}, {two}])", f"np.stack([{one}, {two}])", "m[1:]", "m[::2]", f"np.zeros((2, {N}))"]),
            "pair": lambda: f"Pair({one}, {two})",
            "queue": lambda: f"collections.deque([{one}, {two}])",
            "rows": lambda: self.pick([
                f"[{one}, {two}, {three}]", f"[v * {self.scalar(0)} for v in m]", "list(m)", f"[{one} for _ in range(3)]", f"[{one}.copy()] * 3",
            ]),
        }  # fmt: skip
        self.put(f"{name} = {makers[kind]()}")
        if kind in ("Cell", "Box"):
            self.objects[name] = kind
        elif kind in ("dict", "pair"):
            {"dict": self.dicts, "pair": self.pairs}[kind].append(name)
        else:
            {"table": self.tables, "queue": self.rows, "rows": self.rows}[kind][name] = 3 if kind == "rows" else 2

    def more(self) -> str:
        """A third argument, or none."""
        return str(self.pick(["", f", {self.scalar(0)}", f", k={self.scalar(0)}"]))

    def unsure(self) -> list[str]:
        """Places that hold an array or None."""
        found = [f"{one}.spare" for one, kind in self.objects.items() if kind == "Cell"]
        return found + [f"{one}[{self.index(3)}]" if one.startswith("g") else one for one in self.maybe]

    def make_maybe(self) -> None:
        """None at first, or a list of such."""
        name = self.fresh(self.pick("eg"))
        self.put(f"{name} = None" if name.startswith("e") else f"{name} = {self.pick(['[None] * 3', f'[None, {self.kept()}, None]'])}")
        self.maybe.append(name)

    def change_maybe(self) -> None:
        """What is None, or not, is made, changed in place, put elsewhere, or given up."""
        place = self.pick(self.unsure())
        used = [
            f"{place} {self.pick(['*=', '+='])} {self.array(0)}", f"{place}[{self.index(N)}] = {self.scalar(0)}", f"{place} *= {self.scalar(0)}",
            f"a = math.sin(a + np.sum({place}))", f"{self.pick([*self.arrays, *self.fields()])} = {place}", f"{place} = {place} * {self.scalar(0)}",
            f"bump({place}, 0.3)", f"{place} = {place}[::-1]",
        ]  # fmt: skip
        one, two = self.pick(used), self.pick(used)
        self.put(self.pick([
            f"{place} = {self.kept()}", f"if {place} is None:\n    {place} = {self.kept()}\nelse:\n    {one}", f"if {place} is not None:\n    {one}\n    {two}",
            f"if {place} is not None:\n    {one}\n    {place} = None", f"{place} = None if {self.test()} else {self.kept()}",
            f"if {place} is None or {place}[0] > 0.4:\n    {place} = {self.kept()}", f"a = math.sin(a if {place} is None else {place}[1])",
        ]))  # fmt: skip

    def closure(self) -> None:
        """A function that writes to what is around it."""
        name = self.fresh("h")
        self.put(f"def {name}(c):")
        with self.block():
            self.store()
            self.put(f"return {self.scalar(0)} * c")
        self.put(f"a = math.sin(a + {name}({self.scalar(0)}))")
        if self.chance(0.5):
            self.put(f"for i in range(2):\n    b = math.sin(b + {name}(a))")

    def several(self, count: int) -> None:
        for _ in range(self.rng.randint(1, count)):
            self.statement()

    def branch(self) -> None:
        self.put(f"if {self.test()}:")
        with self.block():
            self.several(2)
        if self.chance(0.3):
            self.put(f"elif {self.test()}:")
            with self.block():
                self.several(2)
                if self.loops and self.chance(0.4):
                    self.put(self.pick(["break", "continue"]))
        if self.chance(0.5):
            self.put("else:")
            with self.block():
                self.several(2)

    def loop(self) -> None:
        """A loop over counts, arrays or objects."""
        i, v = self.fresh("i"), self.fresh("v")
        heads = [(f"for {i} in range({self.pick(range(1, 4))}):", True, False)] * 3
        heads += [(f"for {i} in range({self.pick([2, 3])}, 0, -1):", True, False), (f"for {v} in m:", False, True)]
        heads += [(f"for {i}, {v} in enumerate({name}):", True, True) for name in self.rows if name.startswith("r")]
        heads += [(f"for {v} in {name}.values():", False, True) for name in self.dicts]
        heads += [(f"for {v} in ({self.place()}, {self.place()}):", False, True)]
        head, counts, holds = self.pick(heads)
        self.put(head)
        with self.block():
            self.indices += [i] if counts else []
            self.arrays += [v] if holds else []
            self.loops += 1
            self.several(3)
            self.loops -= 1

    def leave(self) -> None:
        words = ["break", "continue", *([] if self.several_results else [f"return {self.scalar()}"])]
        self.put(f"if {self.test()}:\n    {self.pick(words)}")

    # ---- the program ----------------------------------------------------------------------------
    def classes(self) -> str:
        one, two = self.pick(STEPS), self.pick(VIEWS)
        lines = ["class Cell:", "    def __init__(self, u, w, k=0.5):", *self._indented(self.pick(["self.u = u\nself.w = w", "self.u, self.w = u, w.copy()"]), 2)]
        lines += ["        self.k = k", "        self.log = []", "        self.spare = None", "", "    def step(self, c):", *self._indented(one, 2)]
        lines += ["", "    def view(self):", *self._indented(two, 2), "", "    def energy(self):"]
        lines += ["        return self.k * np.sum(self.u * self.w) + sum(v[0] for v in self.log)"]
        made = []
        for name in ("bump", "mix", "both"):
            head, body = self.pick([pair for pair in FUNCTIONS if pair[0].startswith(name)])
            made += ["", "", f"def {head}:", *self._indented(body, 1)]
        return "\n".join(lines + made)

    @staticmethod
    def _indented(text: str, depth: int) -> list[str]:
        return ["    " * depth + line for line in text.splitlines()]

    def text(self) -> str:
        """The module."""
        classes = self.classes()
        self.make()
        for _ in range(self.rng.randint(3, 6)):
            self.statement()
        terms = [f"{k + 1} * {name}" for k, name in enumerate(self.floats)]
        for name in dict.fromkeys(self.arrays):
            terms.append(f"np.sum({name} * {name}[::-1])")
        terms += [f"{one}.energy() + np.sum({one}.u - {one}.w)" for one in self.objects]
        terms += [f"sum(np.sum(v ** 2) for v in {one} if v is not None)" for one in self.maybe if one.startswith("g")]
        terms += [f"(0.0 if {one} is None else {one} @ {one})" for one in self.unsure() if "[" not in one]
        terms += [f"sum(np.sum(v ** 2) for v in {one})" for one in (*self.rows, *self.pairs)]
        terms += [f"{one}['p'] @ {one}['q']" for one in self.dicts] + [f"np.sum({one}[0] * {one}[-1]) + np.sum({one})" for one in self.tables]
        total = " + ".join(terms)
        whole = [total]
        if self.several_results:
            whole = [f"{self.place()}, {total}", f"[{self.place()}, {self.place()}]", f"{{'y': {self.place()}, 'z': {total}}}", self.place(), f"({total}) * {self.place()}"]
        self.put(f"return {self.pick(whole)}")
        numbers = [round(self.rng.uniform(-0.9, 0.9), 3) for _ in range(2 + N + 3 * N)]
        x, m = numbers[2 : 2 + N], [numbers[2 + N + N * k :][:N] for k in range(3)]
        body = "\n".join(self.lines)
        point = f"{numbers[0]}, {numbers[1]}, np.array({x}), np.array({m})"
        return f"{HEADER}\n{classes}\n\n\ndef f(a, b, x, m):\n{body}\n\n\nPOINT = ({point})\n"


def program(seed: int) -> str:
    """The text of a program."""
    return Writer(seed).text()
