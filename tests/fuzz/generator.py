"""Random programs over the supported language, from a seed: what a person could have written, with tame values.

A program is the text of a module with functions, an entry point ``f`` and the arguments ``POINT`` to call it with.
Types of variables are followed while the text is written, so that every program runs:
``"f"`` is a scalar, a tuple of ints the shape of an array, ``("int", low, high)`` an integer within bounds,
``("list", n)`` a list of at least `n` scalars, ``("tuple", n)`` a tuple of scalars, ``("dict", keys)`` a dictionary of
scalars, ``("rows", n, shape)`` a list of `n` arrays.

>>> program(3) == program(3)
True
>>> program(3).startswith("import math")
True
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.fuzz import numpy_profile, python_profile, state_profile
from tests.fuzz.mutation import Mutations
from tests.fuzz.scope import (
    LOOP_DEPTH,
    SHAPES,
    Function,
    Scope,
    indented,
    is_kind,
    is_shape,
    leaves_block,
)

PROFILES = ("language", "mutation", "filled", "python", "state", "numpy")
OF_THEIR_OWN = {"python": python_profile, "state": state_profile, "numpy": numpy_profile}
DEPTH = 2


class Generator(Mutations):
    """Writes one program."""

    def __init__(self, seed: int, profile: str = "language") -> None:
        super().__init__(random.Random(f"{profile} {seed}"))
        self.mutation = profile in ("mutation", "filled")
        self.filling = profile == "filled"
        self.scope = Scope()
        self.outside: dict[str, Any] = {}

    # ------------------------------------------------------------------------------------------ choices

    def weighted(self, table: dict[Any, float]) -> Any:
        return self.rng.choices(list(table), list(table.values()))[0]

    def constant(self) -> str:
        value = round(self.rng.uniform(-1.5, 1.5), 2) or 0.5
        return f"({value})" if value < 0 else str(value)

    @contextmanager
    def within(self, scope: Scope) -> Iterator[Scope]:
        outer, self.scope = self.scope, scope
        try:
            yield scope
        finally:
            self.scope = outer

    # ------------------------------------------------------------------------------------------ integers and tests

    def index(self, n: int) -> str:
        """An index into an axis of length `n`."""
        fitting = [
            name for name, t in self.scope.names.items() if is_kind("int")(t) and t[1] >= -n and t[2] < n
        ]
        if fitting and self.chance(0.6):
            return self.pick(fitting)
        others = self.scope.of(is_kind("int"))
        if others and self.chance(0.3):
            return self.pick([f"{self.pick(others)} % {n}", f"({self.pick(others)} + 1) % {n}"])
        return str(self.rng.randrange(-n, n))

    def bounds(self, n: int, m: int) -> str | None:
        """A slice of an axis of length `n` that keeps `m`."""
        if m == n:
            return self.pick([":", "::-1"] if n > 1 else [":"])
        if m > n or m < 1:
            return None
        start = self.rng.randrange(0, n - m + 1)
        choices = [f"{start or ''}:{start + m}", f"{start - n}:" if start + m == n else f"{start}:{start + m - n}"]
        if 2 * m - 1 <= n:
            choices.append(f"{0}:{2 * m - 1}:2")
        if (n + 1) // 2 == m:
            choices.append("::2")
        return str(self.pick(choices))

    def test(self) -> str:
        """A condition, most of the time on data."""
        kind = self.weighted({"value": 6, "sum": 2, "int": 2, "and": 1, "not": 0.5, "chain": 0.7, "call": 0.7})
        ints = self.scope.of(is_kind("int"))
        if kind == "int" and ints:
            name = self.pick(ints)
            return self.pick([f"{name} > 1", f"{name} % 2 == 0", f"{name} == 1", f"{name} < 2"])
        if kind == "and":
            return f"{self.test()} {self.pick(['and', 'or'])} {self.test()}"
        if kind == "not":
            return f"not ({self.test()})"
        if kind == "chain":
            return f"-0.7 < {self.scalar(0)} < 0.9"
        calls = [f for f in self.scope.functions if f.result == "f"]
        if kind == "call" and calls:
            return f"{self.call(self.pick(calls), 0)} {self.pick(['>', '<'])} {self.constant()}"
        left = self.scalar(0 if kind == "value" else 1)
        return f"{left} {self.pick(['>', '<', '>=', '<='])} {self.constant()}"

    # ------------------------------------------------------------------------------------------ scalars

    def scalar(self, depth: int) -> str:
        """An expression for a scalar."""
        if depth <= 0:
            return self.scalar_leaf()
        table: dict[Callable[[int], str], float] = {
            self._unary: 3, self._binary: 5, self._reduction: 3, self._call_scalar: 2, self._choice: 0.6,
            self._generator: 0.6, lambda d: self.scalar_leaf(): 1.5,
        }  # fmt: skip
        return str(self.weighted(table)(depth - 1))

    def scalar_leaf(self) -> str:
        scope = self.scope
        kind = self.weighted({"name": 6, "element": 3, "item": 2, "constant": 1.5, "int": 0.5})
        if kind == "name" and (names := scope.of(lambda t: t == "f")):
            return str(self.pick(names))
        if kind == "element" and (names := scope.of(is_shape)):
            return self.element(self.pick(names))
        if kind == "item" and (found := self.item()):
            return found
        if kind == "int" and (names := scope.of(is_kind("int"))):
            return f"0.3 * {self.pick(names)}"
        return self.constant()

    def element(self, name: str) -> str:
        shape = self.scope.names[name]
        parts = [self.index(n) for n in shape]
        return f"{name}[{']['.join(parts)}]" if self.chance(0.15) else f"{name}[{', '.join(parts)}]"

    def item(self) -> str | None:
        holders = self.scope.of(lambda t: any(is_kind(k)(t) for k in ("list", "tuple", "dict", "rows")))
        if not holders:
            return None
        name = self.pick(holders)
        known = self.scope.names[name]
        if known[0] == "dict":
            return f"{name}[{self.pick(known[1])!r}]"
        if known[0] == "rows":
            inner = ", ".join(self.index(n) for n in known[2])
            return f"{name}[{self.rng.randrange(-known[1], known[1])}][{inner}]"
        if not known[1]:
            return None
        return f"{name}[{self.index(known[1]) if known[0] == 'tuple' else self.rng.randrange(known[1])}]"

    def _unary(self, depth: int) -> str:
        e = self.scalar(depth)
        forms = [
            "-({})", "math.sin({})", "np.sin({})", "np.tanh({})", "math.tanh({})", "np.cos({})", "math.cos({})",
            "np.exp(-({}) ** 2)", "np.sqrt(1.0 + ({}) ** 2)", "math.log(2.0 + math.sin({}))", "({}) ** 2",
            "np.arctan({})", "0.5 * ({})", "float({})", "math.exp(math.sin({}))", "np.square({})",
        ]  # fmt: skip
        if self.chance(0.1):
            forms = ["abs({})", "max({}, 0.21)", "min(0.4, {})"]
        return str(self.pick(forms)).format(e)

    def _binary(self, depth: int) -> str:
        a, b = self.scalar(depth), self.scalar(depth)
        forms = [
            "{} + {}", "{} - {}", "({}) * ({})", "({}) * ({})", "({}) / (1.5 + ({}) ** 2)", "0.5 * ({} + {})",
            "np.hypot({}, 1.0 + ({}) ** 2)", "{} + 0.3 * ({})",
        ]  # fmt: skip
        if self.chance(0.08):
            forms = ["np.maximum({}, {})", "min({}, {})", "(1.2 + np.sin({})) ** ({})"]
        text = str(self.pick(forms)).format(a, b)
        return f"({text})"

    def _reduction(self, depth: int) -> str:
        shape = self.shape()
        a = self.array(shape, depth)
        forms = ["np.sum({})", "np.mean({})", "({}).sum()", "({}).mean()", "np.sum(({}) ** 2)", "np.prod(np.cos({}))"]
        if len(shape) == 1:
            forms += ["({}) @ " + self.array(shape, 0), "np.dot({}, " + self.array(shape, 0) + ")", "sum({})"]
        if self.chance(0.08):
            forms = ["np.max({})", "({}).min()", "np.linalg.norm(1.1 + np.sin({}))"]
        return "(" + str(self.pick(forms)).replace("{}", a, 1) + ")"

    def _call_scalar(self, depth: int) -> str:
        known = [f for f in self.scope.functions if f.result == "f" and not (f.writes and self.chance(0.8))]
        return self.call(self.pick(known), depth) if known else self._binary(depth)

    def _choice(self, depth: int) -> str:
        return f"({self.scalar(depth)} if {self.test()} else {self.scalar(depth)})"

    def _generator(self, depth: int) -> str:
        name = self.fresh("q")
        arrays = self.scope.of(lambda t: is_shape(t) and len(t) == 1) + self.scope.of(is_kind("list"))
        if arrays and self.chance(0.6):
            source, known = self.pick(arrays), "f"
        else:
            source, known = f"range({self.rng.randrange(0, 4)})", ("int", 0, 3)
        with self.within(self.scope.inner()) as scope:
            scope.names[name] = known
            body = self.scalar(min(depth, 1))
        return f"sum({body} for {name} in {source})" if self.chance(0.6) else f"sum([{body} for {name} in {source}])"

    def call(self, function: Function, depth: int) -> str:
        given = function.params
        if function.defaults and self.chance(0.5):
            given = given[: -function.defaults]
        args = [self.value(known, min(depth, 1)) for known in given]
        if args and function.defaults and self.chance(0.5):
            args[-1] = f"p{len(args) - 1}={args[-1]}"
        return f"{function.name}({', '.join(args)})"

    # ------------------------------------------------------------------------------------------ arrays

    def shape(self) -> tuple[int, ...]:
        """A shape: most of the time one that a variable has."""
        names = self.scope.of(is_shape)
        return tuple(self.scope.names[self.pick(names)]) if names and self.chance(0.8) else self.pick(SHAPES)

    def array(self, shape: tuple[int, ...], depth: int) -> str:
        """An expression for an array of this shape."""
        if depth <= 0:
            return self.array_leaf(shape)
        table: dict[Callable[[Any, int], str], float] = {
            self._array_unary: 3, self._array_binary: 5, self._array_structure: 3,
            lambda s, d: self.array_leaf(s): 2, self._array_call: 1,
        }  # fmt: skip
        return str(self.weighted(table)(shape, depth - 1))

    def array_leaf(self, shape: tuple[int, ...]) -> str:
        names = self.scope.of(lambda t: t == shape)
        if names and self.chance(0.7):
            return str(self.pick(names))
        if self.chance(0.6) and (found := self.view(shape)):
            return found
        size = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        if len(shape) == 1 and self.chance(0.5):
            return f"np.array([{', '.join(self.scalar_leaf() for _ in range(shape[0]))}])"
        return str(self.pick([f"np.full(({size}), {self.scalar_leaf()})", f"(0.4 * np.ones(({size})))"]))

    def view(self, shape: tuple[int, ...]) -> str | None:
        """Part of a variable that has this shape."""
        found: list[str] = []
        for name in self.scope.of(is_shape):
            found.extend(self._views_of(name, self.scope.names[name], shape))
        for name in self.scope.of(is_kind("rows")):
            if self.scope.names[name][2] == shape:
                found.append(f"{name}[{self.rng.randrange(self.scope.names[name][1])}]")
        return self.pick(found) if found else None

    def _views_of(self, name: str, whole: tuple[int, ...], shape: tuple[int, ...]) -> Iterator[str]:
        if len(whole) == len(shape):
            cuts = [self.bounds(n, m) for n, m in zip(whole, shape)]
            if all(cuts):
                yield f"{name}[{', '.join(map(str, cuts))}]"
        if len(whole) == 2 and len(shape) == 1:
            if cut := self.bounds(whole[1], shape[0]):
                row = self.index(whole[0])
                yield f"{name}[{row}]" if cut == ":" else f"{name}[{row}, {cut}]"
            if cut := self.bounds(whole[0], shape[0]):
                yield f"{name}[{cut}, {self.index(whole[1])}]"
            if whole[0] * whole[1] == shape[0]:
                yield self.pick([f"{name}.ravel()", f"{name}.reshape(-1)", f"{name}.flatten()"])
        if len(whole) == 1 and len(shape) == 2 and 1 in shape and max(shape) == whole[0]:
            yield f"{name}[None, :]" if shape[0] == 1 else f"{name}[:, None]"
        if len(whole) == 2 and whole == shape[::-1]:
            yield self.pick([f"{name}.T", f"np.transpose({name})", f"np.swapaxes({name}, 0, 1)"])

    def _array_unary(self, shape: tuple[int, ...], depth: int) -> str:
        forms = [
            "np.sin({})", "np.tanh({})", "-({})", "np.cos({})", "({}) ** 2", "np.exp(-({}) ** 2)", "0.5 * ({})",
            "np.sqrt(1.0 + ({}) ** 2)", "np.arctan({})", "({}).copy()",
        ]  # fmt: skip
        return str(self.pick(forms)).format(self.array(shape, depth))

    def _array_binary(self, shape: tuple[int, ...], depth: int) -> str:
        other = self.weighted({"same": 4, "scalar": 3, "broadcast": 2})
        a = self.array(shape, depth)
        if other == "same":
            b = self.array(shape, depth)
        elif other == "scalar":
            b = self.scalar(depth)
        else:
            narrower = shape[1:] if len(shape) > 1 and self.chance(0.5) else (*shape[:-1], 1)
            b = self.array(narrower, depth)
        if self.chance(0.4):
            a, b = b, a
            if other != "same":
                a = f"({a})"
        forms = ["({} + {})", "({} - {})", "({}) * ({})", "({}) * ({})", "({}) / (1.5 + ({}) ** 2)"]
        if self.chance(0.08):
            forms = ["np.maximum({}, {})", "np.where(({a}) > 0.13, {a}, {b})"]
        text = str(self.pick(forms))
        text = text.format(a=a, b=b) if "{a}" in text else text.format(a, b)
        return f"({text})"

    def _array_structure(self, shape: tuple[int, ...], depth: int) -> str:
        made = self._vector(shape[0], depth) if len(shape) == 1 else self._matrix(shape, depth)
        return str(made)

    def _vector(self, n: int, depth: int) -> str:
        a = self.array((n,), depth)
        k, m = self.pick([2, 3]), self.rng.randrange(1, n) if n > 1 else 1
        forms: list[Callable[[], str]] = [
            lambda: f"np.cumsum({a})",
            lambda: f"({a})[::-1]",
            lambda: f"np.roll({a}, {self.pick([1, -1])})",
            lambda: f"({a})[{[self.rng.randrange(n) for _ in range(n)]}]",
            lambda: f"np.sum({self.array((k, n), depth)}, axis=0)",
            lambda: f"({self.array((n, k), depth)}).mean(axis=1)",
            lambda: f"({self.array((n, k), depth)} @ {self.array((k,), 0)})",
            lambda: f"({self.array((k,), 0)} @ {self.array((k, n), depth)})",
            lambda: f"np.array([{self.scalar(depth)} for {self._comprehension(n)}])",
        ]
        if n > 1:
            forms.append(lambda: f"np.concatenate([{self.array((m,), depth)}, {self.array((n - m,), depth)}])")
        return str(self.pick(forms)())

    def _comprehension(self, n: int) -> str:
        return f"{self.fresh('_u')} in range({n})"

    def _matrix(self, shape: tuple[int, ...], depth: int) -> str:
        n, m = shape
        forms: list[Callable[[], str]] = [
            lambda: f"np.outer({self.array((n,), depth)}, {self.array((m,), depth)})",
            lambda: f"({self.array((m, n), depth)}).T",
            lambda: f"np.stack([{', '.join(self.array((m,), 0) for _ in range(n))}])",
            lambda: f"({self.array((n, 2), depth)} @ {self.array((2, m), 0)})",
            lambda: f"np.sum({self.array((n, m), depth)}, axis={self.pick([0, 1])}, keepdims=True) + {self.array((n, m), 0)}",
            lambda: f"np.reshape({self.array((n * m,), depth)}, ({n}, {m}))",
        ]
        return f"({self.pick(forms)()})"

    def _array_call(self, shape: tuple[int, ...], depth: int) -> str:
        known = [f for f in self.scope.functions if f.result == shape and not f.writes]
        return self.call(self.pick(known), depth) if known else self._array_unary(shape, depth)

    def value(self, known: Any, depth: int) -> str:
        """An expression of this type."""
        if known == "f":
            return self.scalar(depth)
        if is_shape(known):
            return self.array(known, depth)
        same = self.scope.of(lambda t: t == known)
        if same and self.chance(0.8):
            return str(self.pick(same))
        if known[0] == "int":
            return str(self.rng.randint(known[1], known[2]))
        if known[0] == "dict":
            return "{" + ", ".join(f"{key!r}: {self.scalar(depth)}" for key in known[1]) + "}"
        if known[0] == "rows":
            return f"[{', '.join(f'({self.array(known[2], 1)}).copy()' for _ in range(known[1]))}]"
        parts = ", ".join(self.scalar(depth) for _ in range(known[1]))
        return f"[{parts}]" if known[0] == "list" else f"({parts},)" if known[1] == 1 else f"({parts})"

    def tame(self, text: str) -> str:
        """Keeps a scalar or an array small."""
        if not self.scope.loops and self.chance(0.6):
            return text
        return str(self.pick(["np.tanh({})", "np.sin({})", "0.4 * ({})"])).format(text)

    # ------------------------------------------------------------------------------------------ statements

    def block(self, scope: Scope, most: int) -> list[str]:
        """Statements."""
        lines: list[str] = []
        with self.within(scope):
            for _ in range(self.rng.randint(1, most)):
                lines.extend(self.statement())
                if lines[-1].strip() in ("break", "continue") or lines[-1].startswith("return"):
                    break
        return lines

    def statement(self) -> list[str]:
        scope = self.scope
        deep = scope.loops + (not scope.top)
        table: dict[Callable[[], list[str]], float] = {
            self._assign_scalar: 5, self._assign_array: 3, self._update_scalar: 3, self._swap: 0.7,
            self._container: 1.5, self._list_append: 1, self._comprehended: 0.7, self._unpack: 0.7,
        }  # fmt: skip
        if deep < 3:
            table |= {self._if: 2.5, self._guarded: 0.5}
        if scope.loops < LOOP_DEPTH and deep < 3:
            table |= {self._for: 2.5, self._while: 1.0, self._for_each: 1.0, self._counted: 0.6}
        if scope.breakable:
            table[self._leave] = 1.0
        if scope.top and not scope.nested:
            table |= {self._nested: 1.2, self._early_return: 0.6, self._retype: 0.4}
        elif not scope.loops or self.chance(0.3):
            table[self._early_return] = 0.2
        if self.mutation:
            table |= self.mutations()
        return list(self.weighted(table)())

    def target(self, known: Any, base: str) -> str:
        """A variable to assign: an old one of the same type, or a new one."""
        old = self.scope.of(lambda t: t == known, free=True)
        return str(self.pick(old)) if old and self.chance(0.65) else self.fresh(base)

    def _bind(self, name: str, known: Any) -> None:
        self.scope.names[name] = known

    def _assign_scalar(self) -> list[str]:
        value, name = self.tame(self.scalar(DEPTH)), self.target("f", "s")
        self._bind(name, "f")
        if self.chance(0.06):
            other = self.target("f", "s")
            self._bind(other, "f")
            return [f"{name} = {other} = {value}"]
        return [f"{name} = {value}"]

    def _assign_array(self) -> list[str]:
        shape = self.shape()
        value, name = self.tame(self.array(shape, DEPTH)), self.target(shape, "a")
        self._bind(name, shape)
        return [f"{name} = {value}"]

    def _update_scalar(self) -> list[str]:
        names = self.scope.of(lambda t: t == "f", free=True)
        if not names:
            return self._assign_scalar()
        op, form = self.pick([("+=", "{}"), ("-=", "{}"), ("*=", "np.cos({})"), ("/=", "(1.2 + ({}) ** 2)")])
        return [f"{self.pick(names)} {op} {form.format(self.tame(self.scalar(1)))}"]

    def _swap(self) -> list[str]:
        names = self.scope.of(lambda t: t == "f", free=True)
        if len(names) < 2:
            return self._assign_scalar()
        a, b = self.rng.sample(names, 2)
        return [self.pick([f"{a}, {b} = {b}, {a}", f"{a}, {b} = {self.tame(self.scalar(1))}, {a}"])]

    def _retype(self) -> list[str]:
        names = self.scope.of(lambda t: is_shape(t) or t == "f", free=True)
        name = self.pick(names) if names else self.fresh("s")
        value = self.scalar(1) if name in names and is_shape(self.scope.names[name]) else self.array(self.shape(), 1)
        shape = "f" if name in names and is_shape(self.scope.names[name]) else None
        if shape is None:
            wanted = self.shape()
            value, shape = self.array(wanted, 1), wanted
        self._bind(name, shape)
        return [f"{name} = {value}"]

    def _container(self) -> list[str]:
        kind = self.weighted({"list": 2, "tuple": 1, "dict": 1, "rows": 2 if self.mutation else 0.5})
        size = self.rng.randint(1, 3)
        known: Any = (kind, size)
        if kind == "dict":
            known = (kind, ("a", "b", "c")[:size])
        if kind == "rows":
            known = (kind, size, self.pick(SHAPES[:3]))
        value, name = self.value(known, 1), self.fresh({"list": "l", "tuple": "t", "dict": "d", "rows": "r"}[kind])
        self._bind(name, known)
        return [f"{name} = {value}"]

    def _list_append(self) -> list[str]:
        names = self.scope.of(is_kind("list"))
        if not names:
            return self._container()
        return [f"{self.pick(names)}.append({self.tame(self.scalar(1))})"]

    def _comprehended(self) -> list[str]:
        name, variable, size = self.fresh("l"), self.fresh("q"), self.rng.randint(1, 3)
        with self.within(self.scope.inner()) as scope:
            scope.names[variable] = ("int", 0, size - 1)
            body = self.scalar(1)
            condition = f" if {variable} != 5" if self.chance(0.2) else ""
        self._bind(name, ("list", size))
        return [f"{name} = [{body} for {variable} in range({size}){condition}]"]

    def _unpack(self) -> list[str]:
        tuples = self.scope.of(lambda t: is_kind("tuple")(t) and t[1] == 2)
        names = [self.fresh("s"), self.fresh("s")]
        value = self.pick(tuples) if tuples else f"{self.scalar(1)}, {self.scalar(1)}"
        for name in names:
            self._bind(name, "f")
        return [f"{', '.join(names)} = {value}"]

    # ------------------------------------------------------------------------------------------ control

    def _if(self) -> list[str]:
        before = dict(self.scope.names)
        lines = [f"if {self.test()}:"]
        branches = [self.scope.inner()]
        lines += indented(self.block(branches[0], self.scope.width))
        if self.chance(0.25):
            branches.append(self.scope.inner())
            body = self.block(branches[-1], self.scope.width)
            if self.scope.breakable and self.chance(0.3) and not leaves_block(body):
                body.append(self.pick(["break", "continue"]))
            lines += [f"elif {self.test()}:", *indented(body)]
        if self.chance(0.55):
            branches.append(self.scope.inner())
            lines += ["else:"]
            body = self.block(branches[-1], self.scope.width)
            if self.chance(0.3):
                body = self._matching(branches, body)
            lines += indented(body)
        self.scope.names = before | {n: self.scope.names[n] for n in before}
        return lines

    def _guarded(self) -> list[str]:
        """A branch beside one that raises: what it makes is there after both."""
        inner, value, most = self.scope.inner(), self.scalar(1), self.pick([40.0, 1e3])
        body = self.block(inner, self.scope.width)
        if not leaves_block(body):
            self.scope.names |= {name: known for name, known in inner.names.items() if name not in self.scope.names}
        ends = ["    raise ValueError('too large')"]
        if self.chance(0.5):
            return [f"if {value} > {most}:", *ends, "else:", *indented(body)]
        return [f"if not {value} > {most}:", *indented(body), "else:", *ends]

    def _matching(self, branches: list[Scope], body: list[str]) -> list[str]:
        new = [n for n, t in branches[0].names.items() if n not in self.scope.names and t == "f"]
        if len(branches) != 2 or not new or leaves_block(body):
            return body
        with self.within(branches[1]):
            return [*body, f"{new[0]} = {self.scalar(1)}"]

    def _for(self) -> list[str]:
        kind = self.weighted({"up": 5, "from": 2, "down": 2, "step": 2, "length": 1, "empty": 0.3})
        name = self.fresh("i")
        n = self.rng.randint(1, 4)
        arrays = self.scope.of(is_shape)
        iterable, low, high = f"range({n})", 0, n - 1
        if kind == "from":
            iterable, low, high = f"range(1, {n + 1})", 1, n
        elif kind == "down":
            iterable, low, high = f"range({n}, -1, -1)", 0, n
        elif kind == "step":
            iterable, low, high = f"range(0, {n + 2}, {self.pick([2, 3])})", 0, n + 1
        elif kind == "length" and arrays:
            chosen = self.pick(arrays)
            iterable, high = f"range(len({chosen}))", self.scope.names[chosen][0] - 1
        elif kind == "empty":
            iterable, low, high = "range(2, 2)", 0, 2
        scope = self.loop_scope()
        scope.names[name] = ("int", low, high)
        scope.fixed.add(name)
        lines = [f"for {name} in {iterable}:", *indented(self.block(scope, self.scope.width))]
        if self.chance(0.06):
            lines += ["else:", *indented(self.block(self.scope.inner(), 1))]
        return lines

    def loop_scope(self) -> Scope:
        return self.scope.inner(loops=self.scope.loops + 1, breakable=True)

    def _counted(self) -> list[str]:
        """Counts, tests and numbers that a container holds from turn to turn, some of them expressions without a name."""
        count, made, last, turn, n = self.fresh("c"), self.fresh("m"), self.fresh("l"), self.fresh("i"), self.rng.randint(0, 3)
        keys = self.pick([(0, 1, 2), (0, 1, 2), ("a", "b", "f")])

        def display(*items: str) -> str:
            return f"({', '.join(items)})" if keys[0] == 0 else f"{{{', '.join(f'{k!r}: {v}' for k, v in zip(keys, items))}}}"

        def number(name: str) -> str:
            return self.pick([f"{count} + 1", f"{count} * 2", f"{turn} - {count}", count, f"{name}[{keys[0]!r}] + {turn}"])

        def truth(name: str) -> str:
            return self.pick([f"{count} > 2", f"not {count} > 3", f"{name}[{keys[1]!r}]", self.test(), f"{turn} < {count}"])

        start = display(str(self.rng.randint(0, 3)), self.pick(["True", "False"]), self.constant())
        scope = self.loop_scope()
        scope.names[turn] = ("int", 0, max(n - 1, 0))
        scope.fixed.add(turn)
        with self.within(scope):
            third = self.pick([self.tame(self.scalar(1)), f"0.5 * {last}[{keys[2]!r}]", f"{last}[{keys[2]!r}]"])
            body = [f"{made} = {display(number(last), truth(last), third)}"]
            again = display(number(made), truth(made), f"{made}[{keys[2]!r}] * {self.scalar(0)}")
            held = [f"{last} = {self.pick([made, made, made, again])}"]
            if self.chance(0.2):
                held.insert(0, self.pick([f"if {truth(made)}: continue", f"if {truth(made)}: break"]))
            moves = [f"{count} {self.pick(['+= 5', '-= 2', f'+= {made}[{keys[0]!r}] + 1', f'= {turn} - {count}'])}"]
            parts = [moves, held, *([self.block(scope, 1)] if self.chance(0.4) else [])]
            if parts[-1][-1].strip() in ("break", "continue") or parts[-1][-1].startswith("return"):
                parts.pop()
            self.rng.shuffle(parts)
            body += [line for part in parts for line in part]
        result = f"{last}[{keys[0]!r}] * {self.scalar(0)} + {last}[{keys[2]!r}]"
        other = f"{self.scalar(0)} - 0.1 * {count}"
        total = self.target("f", "s")
        self._bind(total, "f")
        return [
            f"{count} = {self.rng.randint(0, 2)}",
            f"{last} = {start}",
            f"for {turn} in range({n}):",
            *indented(body),
            f"{total} = np.tanh(0.2 * ({result} if {last}[{keys[1]!r}] else {other}))",
        ]

    def _while(self) -> list[str]:
        name, n = self.fresh("k"), self.rng.randint(1, 4)
        condition = f"{name} < {n}"
        if self.chance(0.5):
            condition += f" and {self.scalar(0)} < 1.3"
        scope = self.loop_scope()
        scope.names[name] = ("int", 0, n)
        scope.fixed.add(name)
        with self.within(self.scope.inner()):
            body = self.block(scope, self.scope.width)
        step = f"{name} += 1"
        # the counter moves first, so that `continue` cannot loop for ever
        return [f"{name} = 0", f"while {condition}:", *indented([step, *body])]

    def _for_each(self) -> list[str]:
        vectors = self.scope.of(lambda t: (is_shape(t) and len(t) == 1) or is_kind("list")(t) or is_kind("tuple")(t))
        matrices = self.scope.of(lambda t: is_shape(t) and len(t) == 2)
        lists = self.scope.of(is_kind("rows"))
        scope, name = self.loop_scope(), self.fresh("e")
        scope.fixed.add(name)
        if matrices and self.chance(0.3):
            chosen = self.pick(matrices)
            scope.names[name] = self.scope.names[chosen][1:]
            header = f"for {name} in {chosen}:"
        elif lists and self.chance(0.4):
            chosen = self.pick(lists)
            scope.names[name] = self.scope.names[chosen][2]
            header = f"for {name} in {chosen}:"
        elif vectors:
            chosen = self.pick(vectors)
            scope.names[name] = "f"
            header = f"for {name} in {chosen}:"
            # a list that grows while it is walked never ends
            for grows in [n for n, t in scope.names.items() if is_kind("list")(t)]:
                del scope.names[grows]
            if len(vectors) > 1 and self.chance(0.4):
                second, other = self.fresh("e"), self.pick(vectors)
                scope.names[second] = "f"
                scope.fixed.add(second)
                header = f"for {name}, {second} in zip({chosen}, {other}):"
            elif self.chance(0.4):
                count = self.fresh("i")
                scope.names[count] = ("int", 0, 9)
                scope.fixed.add(count)
                header = f"for {count}, {name} in enumerate({chosen}):"
            elif self.chance(0.2):
                header = f"for {name} in reversed({chosen}):"
        else:
            return self._for()
        return [header, *indented(self.block(scope, self.scope.width))]

    def _leave(self) -> list[str]:
        word = self.pick(["break", "continue", "break"])
        scope = self.scope.inner(breakable=False)
        before = self.block(scope, 1) if self.chance(0.4) else []
        return [f"if {self.test()}:", *indented([*before, word])]

    def _early_return(self) -> list[str]:
        return [f"if {self.test()}:", f"    return {self.returned()}"]

    def returned(self) -> str:
        if self.scope.result is None:
            return ""
        return self.value(self.scope.result, 1)

    # ------------------------------------------------------------------------------------------ functions

    def _nested(self) -> list[str]:
        if self.chance(0.35):
            return self._lambda()
        lines, function = self.function(self.fresh("h"), self.scope.inner(nested=True, loops=0, breakable=False))
        self.scope.functions.append(function)
        return lines

    def _lambda(self) -> list[str]:
        name = self.fresh("g")
        with self.within(self.scope.inner()) as scope:
            scope.names["z"] = "f"
            body = self.scalar(DEPTH)
        self.scope.functions.append(Function(name, ("f",), "f"))
        return [f"{name} = lambda z: {body}"]

    def function(self, name: str, outer: Scope | None = None, result: Any = "f") -> tuple[list[str], Function]:
        """A function of some parameters, with several statements."""
        scope = outer or Scope(dict(self.outside), functions=list(self.scope.functions), nested=True)
        scope.width, scope.nested, scope.top = 2, True, True
        scope.fixed |= set(scope.names)
        params = tuple(self.pick(["f", "f", (3,), (2, 3), (4,)]) for _ in range(self.rng.randint(1, 2)))
        writes = self.mutation and self.chance(0.5)
        if writes:
            params = (self.pick(SHAPES[:3]), *params[:1])
            result = self.pick([None, "f", params[0]])
        elif outer is None and self.chance(0.3):
            result = self.pick(SHAPES[:3])
        else:
            result = "f"
        names = [f"p{k}" for k in range(len(params))]
        defaults = int(len(params) > 1 and params[-1] == "f" and self.chance(0.3))
        for known, local in zip(params, names):
            scope.names[local] = known
            scope.fixed.discard(local)
        scope.result = result
        mutation, self.mutation = self.mutation, writes
        body = self.block(scope, 3)
        with self.within(scope):
            if writes:
                body += self._store_to("p0") if "p0" in scope.names and scope.names["p0"] == params[0] else []
            if result == params[0] and writes and scope.names.get("p0") == params[0]:
                body.append(f"return {self.pick(['p0', 'p0', 'p0[:]'])}")
            elif result is not None:
                body.append(f"return {self.returned()}")
        self.mutation = mutation
        names = [f"{n}=0.6" if defaults and n == names[-1] else n for n in names]
        lines = [f"def {name}({', '.join(names)}):", *indented(body)]
        return lines, Function(name, params, result, writes, defaults)

    def recursive(self, name: str) -> tuple[list[str], Function]:
        """A function that calls itself."""
        scope = Scope(names={"p0": "f"}, result="f")
        with self.within(scope):
            last, step, again = self.scalar(1), self.scalar(1), self.scalar(1)
        lines = [
            f"def {name}(p0, k=2):",
            "    if k <= 0:",
            f"        return {last}",
            f"    return np.sin({name}({step}, k - 1)) + 0.5 * ({again})",
        ]
        return lines, Function(name, ("f",), "f")

    # ------------------------------------------------------------------------------------------ programs

    def module(self) -> str:
        """The text of a program."""
        lines = ["import math", "", "import numpy as np", "", *self._arrays_outside()]
        for _ in range(self.weighted({0: 3, 1: 4, 2: 2})):
            name = self.fresh("h")
            made, function = self.recursive(name) if self.chance(0.12) else self.function(name)
            lines += ["", *made, ""]
            self.scope.functions.append(function)
        kinds = self.weighted({("f",): 1, ("f", "f"): 2, ("f", "a"): 4, ("a",): 2, ("f", "a", "a"): 2, ("f", "m"): 2,
                               ("f", "list"): 0.6, ("f", "dict"): 0.4, ("a", "m"): 1})  # fmt: skip
        if self.mutation and self.chance(0.25):
            kinds = self.pick([("a", "rows"), ("f", "rows"), ("f", "m", "m"), ("a", "a", "m"), ("f", "rows", "a")])
        params = {f"x{k}": self._parameter(kind) for k, kind in enumerate(kinds)}
        result = self.weighted({"f": 6, (3,): 1, ("tuple", 2): 1})
        scope = Scope({**params, **self.outside}, set(self.outside), list(self.scope.functions), result)
        body = self.block(scope, 6)
        with self.within(scope):
            body += [f"return {self.returned()}" if result != "f" else f"return {self._everything()}"]
        lines += ["", f"def f({', '.join(params)}):", *indented(body), "", ""]
        point = ", ".join(self._argument(known) for known in params.values())
        lines.append(f"POINT = ({point},)")
        if len(kinds) > 1 and self.chance(0.4):
            chosen = sorted(self.rng.sample(range(len(kinds)), self.rng.randint(1, len(kinds) - 1)))
            lines.append(f"WRT = {tuple(chosen)}")
        return "\n".join(lines) + "\n"

    def _arrays_outside(self) -> list[str]:
        """Arrays of the module, which functions read and write."""
        if not self.mutation or self.chance(0.75):
            return []
        self.outside = {self.fresh("o"): self._parameter(self.pick("am")) for _ in range(self.rng.randint(1, 2))}
        made = [f"{name} = {self._argument(known)}" for name, known in self.outside.items()]
        return [*made, f"OUTSIDE = ({', '.join(self.outside)},)", ""]

    def _everything(self) -> str:
        """A scalar that reads most variables, so that few statements are dead."""
        terms = [self.scalar(1)]
        for name, known in self.scope.names.items():
            if known == "f" and self.chance(0.6):
                terms.append(name)
            if is_shape(known) and self.chance(0.6):
                terms.append(self.pick(["np.sum({})", "np.sum({} ** 2)", "np.mean(np.sin({}))"]).format(name))
            if is_kind("list")(known) and self.chance(0.6):
                terms.append(f"sum({name})")
        return " + ".join(terms)

    def _parameter(self, kind: str) -> Any:
        shapes = {"a": [(3,), (4,)], "m": [(2, 3), (3, 3)]}
        if kind in shapes:
            return self.pick(shapes[kind])
        if kind == "rows":
            return ("rows", self.rng.randint(1, 3), self.pick([(3,), (2, 3)]))
        return {"f": "f", "list": ("list", 2), "dict": ("dict", ("a", "b"))}[kind]

    def _number(self) -> str:
        return str(round(self.rng.uniform(-1.2, 1.2), 3))

    def _argument(self, known: Any) -> str:
        if known == "f":
            return self._number()
        if known[0] == "list":
            return f"[{', '.join(self._number() for _ in range(known[1]))}]"
        if known[0] == "dict":
            return "{" + ", ".join(f"{key!r}: {self._number()}" for key in known[1]) + "}"
        if known[0] == "rows":
            return f"[{', '.join(self._argument(known[2]) for _ in range(known[1]))}]"
        if len(known) == 1:
            return f"np.array([{', '.join(self._number() for _ in range(known[0]))}])"
        if self.mutation and self.chance(0.15):  # lies in memory by columns
            return f"{self._argument_rows(known[::-1])}.T"
        return self._argument_rows(known)

    def _argument_rows(self, known: tuple[int, ...]) -> str:
        rows = [", ".join(self._number() for _ in range(known[1])) for _ in range(known[0])]
        return f"np.array([{', '.join(f'[{row}]' for row in rows)}])"


def program(seed: int, profile: str = "language") -> str:
    """The program of a seed."""
    if profile in OF_THEIR_OWN:
        return OF_THEIR_OWN[profile].program(seed)
    return Generator(seed, profile).module()
