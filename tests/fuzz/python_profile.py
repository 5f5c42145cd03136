"""Random programs of the Python people write: exceptions, generators, `match`, objects, iterators, functions as values.

A program works on floats (``a``, ``b``, ``xs``) and on integers that carry no derivative (``n``, ``flags``), which decide
where exceptions are raised and which case is taken, so that no branch depends on what is differentiated.

>>> program(5) == program(5)
True
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.fuzz.object_statements import Objects

HEADER = """\
import contextlib
import copy
import dataclasses
import functools
import itertools
import math
import operator
from typing import NamedTuple

import numpy as np


class Failure(Exception):
    pass


def risky(v, k):
    w = v * 1.1 + 0.2
    if k % 3 == 0:
        raise Failure(k)
    return math.sin(w) * w


def powers(v, count):
    p = 1.0
    for _ in range(count):
        yield p
        p = p * v * 0.7 + 0.1


def scaled(v, *, by=0.5, **rest):
    return v * by + sum(rest.values())


def n_of(w):
    return N


def chained(q, w, count):
    if count == 0:
        return q.u * w
    return q.v + chained(q, w * 0.5, count - 1)


def nudge(q, w):
    q.u += 0.1 * w
    return q.v

"""
ERRORS = {
    "ZeroDivisionError": "1.0 / {k}", "Failure": "risky({v}, {k})", "IndexError": "xs[{k} + 1]",
    "KeyError": "table[{k}]",
}  # fmt: skip


class Writer(Objects):
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        super().__init__(random.Random(f"python {seed}"))
        self.lines: list[str] = []
        self.depth = 1
        self.floats = ["a", "b"]
        self.ints = ["n"]
        self.fixed: set[str] = set()
        self.loops = 0
        self.inside = 0
        self.deepest = self.rng.choice([1, 2, 2, 2, 3])
        self.start_objects()
        self.header = f"{HEADER}\n\n{self.classes()}\n" if self.chance(0.7) else HEADER

    # ---- small things ---------------------------------------------------------------------------
    def put(self, text: str) -> None:
        self.lines += ["    " * self.depth + line for line in text.splitlines()]

    def number(self) -> str:
        return str(round(self.rng.uniform(0.2, 1.5), 2))

    def value(self) -> str:
        return self.pick([*self.floats, f"xs[{self.pick(range(3))}]"])

    def integer(self) -> str:
        return self.pick([*self.ints, f"flags[{self.pick(range(4))}]", str(self.pick(range(4)))])

    def expression(self, size: int = 2) -> str:
        """A float, bounded."""
        if size == 0 or self.chance(0.2):
            return self.pick([self.value(), self.number()])
        part = lambda: self.expression(size - 1)  # noqa: E731
        forms: list[Callable[[], str]] = [
            lambda: f"{part()} * {part()}",
            lambda: f"({part()} + {part()})",
            lambda: f"({part()} - {part()})",
            lambda: f"math.sin({part()})",
            lambda: f"math.tanh({part()})",
            lambda: f"({part()} if {self.integer()} > 1 else {part()})",
            lambda: f"scaled({part()}, by={part()})",
            lambda: f"scaled({part()}, **{{'c': {part()}}})",
            lambda: f"sum(v * {self.number()} for v in xs)",
            lambda: f"sum(p * q for p, q in itertools.pairwise([{part()}, {part()}, {part()}]))",
            lambda: f"functools.reduce(lambda p, q: p * 0.5 + q, xs, {part()})",
            lambda: f"sum(itertools.accumulate(xs, operator.mul)) * {part()}",
            lambda: f"sum(p * q for p, q in itertools.combinations(xs, 2)) * {self.number()}",
            lambda: f"sum(powers({part()}, {self.pick(range(1, 4))}))",
            lambda: f"{{0: math.sin, 1: math.cos}}[{self.integer()} % 2]({part()})",
            lambda: f"[math.sin, math.tanh, abs][{self.integer()} % 2]({part()})",
            lambda: f"next((v for v in xs if v > 0.5), {part()})",
            lambda: f"operator.mul(*[{part()}, {part()}])",
            lambda: f"sorted(xs, key=lambda v: (v - 0.35) * (v + 5.0))[{self.pick(range(3))}] * {part()}",
            lambda: f"max(xs, key=lambda v: -v) * {part()}",
            lambda: f"-{part()}",
        ]
        if self.chance(0.3) and (text := self.object_expression(part)):
            return text
        if self.chance(0.2) and (text := self.container_expression(part)):
            return text
        return self.pick(forms)()

    def bounded(self) -> str:
        return f"math.tanh({self.expression()})"

    def target(self) -> str:
        """A variable that may be assigned."""
        free = [name for name in self.floats if name not in self.fixed]
        if free and self.chance(0.6):
            return self.pick(free)
        return self.fresh("s")

    # ---- statements -----------------------------------------------------------------------------
    def block(self, count: int = 2) -> None:
        """An indented block; variables that it makes are its own."""
        with self.own_variables():
            self.depth += 1
            self.inside += 1
            for _ in range(self.rng.randint(1, count)):
                self.statement()
            self.depth -= 1
            self.inside -= 1

    @contextmanager
    def own_variables(self) -> Iterator[None]:
        """Statements whose variables are their own."""
        before = list(self.floats), list(self.ints), dict(self.objects), dict(self.teams), list(self.lists), list(self.tables)
        yield
        self.floats, self.ints, self.objects, self.teams, self.lists, self.tables = before

    def assign(self) -> None:
        name = self.target()
        self.put(f"{name} = {self.bounded()}")
        if name not in self.floats:
            self.floats.append(name)

    def update(self) -> None:
        free = [name for name in self.floats if name not in self.fixed]
        if free:
            self.put(f"{self.pick(free)} {self.pick(['+=', '-='])} {self.number()} * {self.bounded()}")

    def statement(self) -> None:
        simple = [self.assign, self.update, self.unpack, self.append]
        compound = [
            self.tried, self.tried, self.tried, self.branch, self.loop, self.loop, self.match, self.generator,
            self.counter, self.context, self.while_loop, self.guarded,
        ]  # fmt: skip
        if self.kinds and self.chance(0.35):
            return self.pick(self.object_statements())()
        deep = self.inside >= self.deepest
        return self.pick(simple if deep or self.chance(0.45) else compound)()

    def unpack(self) -> None:
        one, two = self.fresh("u"), self.fresh("u")
        self.put(f"{one}, *rest, {two} = [{self.bounded()}, {self.value()}, *xs]")
        self.floats += [one, two]

    def append(self) -> None:
        self.put(self.pick([f"log.append({self.bounded()})", f"log[{self.pick(range(2))}] = {self.bounded()}",
                            f"log[-1] *= {self.bounded()}"]))  # fmt: skip

    def raising(self) -> tuple[str, str]:
        """An expression that may raise, and the exception."""
        kind = self.pick(ERRORS)
        return kind, ERRORS[kind].format(v=self.value(), k=self.integer())

    def tried(self) -> None:
        kind, text = self.raising()
        out = self.pick([n for n in self.floats if n not in self.fixed] or ["a"])
        floats = list(self.floats)
        self.put("try:")
        with self.own_variables():
            self.depth += 1
            self.inside += 1
            if self.chance(0.5):
                self.statement()
            self.put(f"{out} = math.tanh({text} * {self.expression(1)})")
            if self.chance(0.3):
                self.statement()
            if self.loops and self.chance(0.15):
                self.put(self.pick(["break", "continue"]))
            self.depth -= 1
            self.inside -= 1
        named = self.chance(0.3)
        classes = self.pick([kind, f"({kind}, OverflowError)", "Exception", "LookupError, ArithmeticError, Failure"])
        classes = f"({classes})" if "," in classes and not classes.startswith("(") else classes
        self.put(f"except {classes}{' as error' if named else ''}:")
        if self.loops and self.chance(0.2):
            self.depth += 1
            self.put(self.pick(["break", "continue"]))
            self.depth -= 1
        else:
            self.block()
        self.floats = list(floats)
        if self.chance(0.25):
            self.put("else:")
            self.block(1)
        if self.chance(0.25):
            self.put("finally:")
            self.depth += 1
            self.update()
            self.put("count = count + 1")
            self.depth -= 1
        self.floats = floats

    def branch(self) -> None:
        self.put(f"if {self.integer()} > {self.pick(range(3))}:")
        self.block()
        if self.chance(0.3):
            self.put(f"elif {self.integer()} == {self.pick(range(3))}:")
            self.block()
            if self.loops and self.chance(0.4):
                self.put(f"    {self.pick(['break', 'continue'])}")
        if self.chance(0.5):
            self.put("else:")
            self.block()

    def guarded(self) -> None:
        """A branch beside one that raises: what it makes is there after both."""
        test = f"{self.integer()} > {self.pick([5, 9])}"
        ends_first = self.chance(0.5)
        self.put(f"if {test}:" if ends_first else f"if not {test}:")
        if ends_first:
            self.put("    raise ValueError('too large')")
            self.put("else:")
        self.depth += 1
        self.inside += 1
        for _ in range(self.rng.randint(1, 2)):
            self.statement()
        self.depth -= 1
        self.inside -= 1
        if not ends_first:
            self.put("else:")
            self.put("    raise ValueError('too large')")

    def loop(self) -> None:
        k, v = self.fresh("k"), self.fresh("v")
        heads = [
            (f"for {k} in range({self.pick(range(1, 4))}):", [k], []),
            (f"for {v} in xs:", [], [v]),
            (f"for {k}, {v} in enumerate(xs):", [k], [v]),
            (f"for {k}, {v} in zip(flags, xs):", [k], [v]),
            (f"for {v} in powers({self.value()}, {self.pick(range(1, 4))}):", [], [v]),
            (f"for {k}, {v} in itertools.product(range(2), xs[:2]):", [k], [v]),
            (f"for {v} in itertools.chain(xs[:1], [{self.value()}]):", [], [v]),
            (f"for {k} in itertools.islice(itertools.count(1), 3):", [k], []),
        ]
        head, ints, floats = self.pick(heads)
        before = list(self.floats), list(self.ints), set(self.fixed)
        self.put(head)
        self.floats += floats
        self.fixed |= set(floats)
        self.ints += ints
        self.loops += 1
        self.block(3)
        self.loops -= 1
        self.floats, self.ints, self.fixed = before
        if self.chance(0.15):
            self.put("else:")
            self.block(1)

    def while_loop(self) -> None:
        k = self.fresh("k")
        self.put(f"{k} = 0\nwhile {k} < {self.pick(range(1, 4))}:")
        self.depth += 1
        self.put(f"{k} += 1")
        self.depth -= 1
        self.ints.append(k)
        self.loops += 1
        self.block()
        self.loops -= 1

    def match(self) -> None:
        form = self.pick(["number", "pair", "list"])
        if form == "number":
            self.put(f"match {self.integer()}:")
            cases = ["0 | 1", "2", "int(m)", "_"]
        elif form == "pair":
            self.put(f"match ({self.integer()}, {self.value()}):")
            cases = ["(0, m)", "(1 | 2, m) if n > 0", "(_, m)"]
        else:
            self.put("match xs:")
            cases = ["[m]", "[m, *_] if n > 1", "[_, *_, m]"]
        self.depth += 1
        for case in cases:
            floats = list(self.floats)
            self.put(f"case {case}:")
            if "m" in case and form != "number":
                self.floats.append("m")
                self.fixed.add("m")
            self.block(1)
            self.floats = floats
        self.depth -= 1

    def generator(self) -> None:
        name, v = self.fresh("gen"), self.fresh("v")
        self.put(f"def {name}(start):")
        self.depth += 1
        self.put("g = start")
        self.put(f"for j in range({self.pick(range(1, 4))}):")
        self.put(f"    if j > {self.integer()}:\n        return")
        self.put(f"    yield g * {self.value()}\n    g = math.sin(g + {self.number()})")
        self.put(self.pick(["yield g", f"yield from [g, {self.value()}]"]))
        self.depth -= 1
        before = list(self.floats), set(self.fixed)
        self.put(f"for {v} in {name}({self.value()}):")
        self.floats.append(v)
        self.fixed.add(v)
        self.loops += 1
        self.block(2)
        self.loops -= 1
        self.floats, self.fixed = before

    def counter(self) -> None:
        """A function that assigns variables around it."""
        name = self.fresh("step")
        if self.inside:
            return self.assign()
        total = self.fresh("total")
        self.put(f"{total} = {self.value()}")
        self.put(f"def {name}(v, w={self.number()}):")
        self.put(f"    nonlocal {total}")
        if self.chance(0.4):
            self.put(f"    if {self.integer()} > 1:\n        {total} = {total} * w")
        self.put(f"    {total} = math.tanh({total} + v * {self.number()})")
        self.put(f"    return {total} * v")
        self.floats.append(total)
        for _ in range(2):
            out = self.fresh("s")
            self.put(f"{out} = {name}({self.value()})")
            self.floats.append(out)
        if self.chance(0.6):
            self.put(f"for k in range(2):\n    {name}({self.value()})")
        return None

    def context(self) -> None:
        self.put(self.pick([
            "with np.errstate(all='ignore'):", f"with contextlib.nullcontext({self.value()}) as m:",
            "with contextlib.ExitStack() as stack, np.errstate(divide='ignore'):",
        ]))  # fmt: skip
        self.block()

    # ---- the program ----------------------------------------------------------------------------
    def text(self) -> str:
        """The module."""
        given = self.given_object() if self.kinds and self.chance(0.3) else None
        self.put("count = 0\nlog = [a * b, b]\ntable = {0: a, 2: b}")
        for _ in range(self.rng.randint(2, 7 - self.deepest)):
            self.statement()
        total = " + ".join(f"{k + 1} * {name}" for k, name in enumerate([*self.floats, *self.objects_at_the_end()]))
        self.put(f"return {total} + sum(log) * 0.1 + count * a")
        point = (
            self.rng.uniform(0.3, 1.2), self.rng.uniform(0.3, 1.2), [0.3, 0.7, 1.1],
        )  # fmt: skip
        values = ", ".join(repr(round(v, 3)) if isinstance(v, float) else repr(v) for v in point)
        flags = [self.pick(range(4)) for _ in range(4)]
        body = "\n".join(self.lines)
        parameters = "a, b, xs"
        if given is not None:
            parameters, values = f"{parameters}, {given}", f"{values}, {self.argument_object(given)}"
        settings = f"\nN = {self.pick(range(4))}\nFLAGS = {flags}\n"
        return f"{self.header}{settings}\n\ndef f({parameters}):\n    n, flags = N, FLAGS\n{body}\n\n\nPOINT = ({values})\n"


def program(seed: int) -> str:
    """The text of a program."""
    return Writer(seed).text()
