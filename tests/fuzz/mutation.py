"""Statements that write into arrays, lists and dicts, and the views and aliases that they are seen through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fuzz.draws import Draws
from tests.fuzz.scope import LOOP_DEPTH, indented, is_kind, is_shape


class Mutations(Draws):
    """A part of the generator; what it takes from the rest is declared here."""

    scope: Any
    filling: bool
    weighted: Callable[[dict[Any, float]], Any]

    def mutations(self) -> dict[Callable[[], list[str]], float]:
        """The statements, each with how often it is chosen; most fill arrays in loops where that is the profile."""
        if self.filling:
            return {self._recurrence: 3, self._table: 3, self._store: 0.3, self._buffer: 0.3}
        return {
            self._store: 6, self._update_array: 3, self._view: 3, self._effect: 2, self._buffer: 1.5,
            self._store_container: 1.5, self._call_writer: 1.5, self._rows: 0.8, self._swap_arrays: 0.6,
            self._scatter: 1.2, self._list_method: 1.2, self._time_loop: 0.5, self._held_view: 0.6, self._zipped: 0.4,
            self._nested_list: 0.5, self._many: 0.3, self._recurrence: 2.0, self._table: 1.0,
        }  # fmt: skip

    # ------------------------------------------------------------------------------------------ stores
    def buffers(self) -> list[str]:
        """Arrays that may be written to."""
        return self.scope.of(is_shape)

    def place(self, name: str) -> tuple[str, Any]:
        """A part of an array to write to, and the type of what goes there."""
        shape = self.scope.names[name]
        kind = self.weighted({"element": 4, "slice": 4, "row": 3, "all": 1, "mask": 1, "fancy": 1})
        if kind == "element":
            return self.element(name), "f"
        if kind == "row" and len(shape) == 2:
            if self.chance(0.5):
                return f"{name}[{self.index(shape[0])}]", shape[1:]
            return f"{name}[:, {self.index(shape[1])}]", shape[:1]
        if kind == "mask":
            return f"{name}[{name} > {self.constant()}]", "f"
        if kind == "fancy" and len(shape) == 1:
            chosen = [self.rng.randrange(shape[0]) for _ in range(2)]
            return f"{name}[{chosen}]", self.pick(["f", (2,)])
        if kind == "slice":
            sizes = tuple(self.rng.randint(1, n) for n in shape)
            cuts = [self.bounds(n, m) for n, m in zip(shape, sizes)]
            return f"{name}[{', '.join(map(str, cuts))}]", self.pick(["f", sizes, sizes])
        return f"{name}[{self.pick([':', '...'])}]", self.pick(["f", shape, shape])

    def _store(self) -> list[str]:
        names = self.buffers()
        return self._store_to(self.pick(names)) if names else self._buffer()

    def _store_to(self, name: str) -> list[str]:
        place, known = self.place(name)
        value = self.value(known, 1)
        if self.chance(0.35):
            op, form = self.pick([("+=", "0.5 * ({})"), ("-=", "({})"), ("*=", "np.cos({})"), ("/=", "(1.3 + ({}) ** 2)")])
            return [f"{place} {op} {form.format(value)}"]
        return [f"{place} = {self.tame(value)}"]

    def _update_array(self) -> list[str]:
        names = self.scope.of(is_shape, free=True)
        if not names:
            return self._store()
        name = self.pick(names)
        value = self.value(self.pick(["f", self.scope.names[name], self.scope.names[name]]), 1)
        op, form = self.pick([("+=", "0.5 * ({})"), ("-=", "0.5 * ({})"), ("*=", "np.cos({})"), ("/=", "(1.3 + ({}) ** 2)")])
        return [f"{name} {op} {form.format(value)}"]

    def _view(self) -> list[str]:
        """A second name for an array or a part of one."""
        names = self.buffers()
        if not names:
            return self._buffer()
        name = self.pick(names)
        shape = self.scope.names[name]
        if self.chance(0.25):
            target = self.target(shape, "b")
            self._bind(target, shape)
            return [f"{target} = {name}"]
        sizes = tuple(self.rng.randint(1, n) for n in shape)
        wanted = self.pick([sizes, shape[::-1], shape[1:] or shape, shape])
        found = list(self._views_of(name, shape, wanted))
        if not found:
            return self._store()
        target = self.target(wanted, "w")
        self._bind(target, wanted)
        return [f"{target} = {self.pick(found)}"]

    def _buffer(self) -> list[str]:
        shape = self.shape()
        size = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        names = self.scope.of(lambda t: t == shape)
        forms = [f"np.zeros(({size}))", f"np.ones(({size}))"]
        if names:
            forms += [f"np.zeros_like({self.pick(names)})", f"{self.pick(names)}.copy()", f"np.array({self.pick(names)})"]
        name = self.target(shape, "a")
        self._bind(name, shape)
        return [f"{name} = {self.pick(forms)}"]

    def _effect(self) -> list[str]:
        names = self.buffers()
        if not names:
            return self._buffer()
        name = self.pick(names)
        shape = self.scope.names[name]
        forms = [
            f"{name}.fill({self.tame(self.scalar(1))})",
            f"np.copyto({name}, {self.array(shape, 1)})",
            f"np.multiply({name}, {self.array(shape, 0)}, out={name})",
            f"np.sin({self.array(shape, 0)}, out={name})",
            f"np.add({self.array(shape, 0)}, {self.scalar(0)}, out={name})",
        ]
        if len(shape) == 1:
            chosen = [self.rng.randrange(shape[0]) for _ in range(3)]
            forms += [f"np.add.at({name}, {chosen}, {self.scalar(1)})"]
        return [self.pick(forms)]

    def _store_container(self) -> list[str]:
        names = self.scope.of(lambda t: any(is_kind(k)(t) for k in ("list", "dict", "rows")))
        if not names:
            return self._container()
        name = self.pick(names)
        known = self.scope.names[name]
        op = self.pick(["=", "=", "+="])
        value = self.tame(self.scalar(1))
        if known[0] == "dict":
            return [f"{name}[{self.pick(known[1])!r}] {op} {value}"]
        if known[0] == "list":
            where = self.rng.randrange(known[1])
            extra = [f"{name}.insert({where}, {value})", f"{name}.extend([{value}])", f"{name} += [{value}]"]
            if name in self.scope.fixed:
                extra.pop()
            return [f"{name}[{where}] {op} {value}" if self.chance(0.75) else self.pick(extra)]
        where = self.rng.randrange(-known[1], known[1])
        inner = ", ".join(self.index(n) for n in known[2])
        forms = [f"{name}[{where}][{inner}] {op} {value}", f"{name}[{where}][:] {op} {value}"]
        arrays = self.scope.of(lambda t: t == known[2])
        if arrays:
            forms.append(f"{name}[{where}] = {self.pick(arrays)}")
        return [self.pick(forms)]

    def _call_writer(self) -> list[str]:
        known = [f for f in self.scope.functions if f.writes]
        if not known:
            return self._store()
        function = self.pick(known)
        names = self.scope.of(lambda t: t == function.params[0])
        first = self.pick(names) if names else self.view(function.params[0])
        if not first:
            return self._buffer()
        rest = [self.value(t, 1) for t in function.params[1:]]
        call = f"{function.name}({', '.join([first, *rest])})"
        if function.result is None or self.chance(0.2):
            return [call]
        name = self.target(function.result, "b")
        self._bind(name, function.result)
        return [f"{name} = {call}"]

    def _rows(self) -> list[str]:
        names = self.scope.of(lambda t: is_shape(t) and len(t) == 2)
        if not names or self.scope.loops >= LOOP_DEPTH:
            return self._store()
        chosen, name = self.pick(names), self.fresh("row")
        scope = self.loop_scope()
        scope.names[name] = self.scope.names[chosen][1:]
        scope.fixed.add(name)
        with self.within(scope):
            body = self._store_to(name)
        return [f"for {name} in {chosen}:", *indented(body + (self.block(scope, 1) if self.chance(0.4) else []))]

    def _swap_arrays(self) -> list[str]:
        names = self.scope.of(is_shape, free=True)
        pairs = [(a, b) for a in names for b in names if a < b and self.scope.names[a] == self.scope.names[b]]
        if not pairs:
            return self._view()
        a, b = self.pick(pairs)
        return [f"{a}, {b} = {b}, {a}"]

    # ------------------------------------------------------------------------------------------ NumPy's writers

    def places(self, n: int, count: int) -> str:
        """Some places of an axis, repeats included."""
        chosen = [self.rng.randrange(-n, n) for _ in range(count)]
        return self.pick([f"{chosen}", f"np.array({chosen})"])

    def _scatter(self) -> list[str]:
        """`np.put` and its relatives, `.flat`, integer arrays and masks."""
        names = self.buffers()
        if not names:
            return self._buffer()
        name = self.pick(names)
        shape = self.scope.names[name]
        size = shape[0] * (shape[1] if len(shape) == 2 else 1)
        count = self.rng.randint(1, 3)
        value, values = self.tame(self.scalar(1)), self.array((count,), 1)
        limit = self.constant()
        forms = [
            f"np.put({name}, {self.places(size, count)}, {self.pick([value, values])})",
            f"np.place({name}, {name} > {limit}, [{value}, {self.scalar(0)}])",
            f"np.putmask({name}, {name} > {limit}, {self.pick([value, self.array(shape, 1)])})",
            f"np.copyto({name}, {self.array(shape, 1)}, where={name} < {limit})",
            f"{name}.flat[{self.rng.randrange(-size, size)}] = {value}",
            f"{name}.flat[{self.places(size, count)}] = {self.pick([value, values])}",
            f"{name}[{name} > {limit}] *= {self.scalar(0)}",
            f"{name}[{name} < {limit}] = {self.array(shape, 0)}[{name} < {limit}]",
            f"{name}[{self.places(shape[0], count)}] = {self.array((count, *shape[1:]), 1)}",
            f"{name}[{self.places(shape[0], count)}] += {self.array((count, *shape[1:]), 0)}",
            f"np.add.at({name}, {self.places(shape[0], count)}, {self.array((count, *shape[1:]), 1)})",
            f"np.subtract.at({name}, {self.places(shape[0], count)}, {self.array((count, *shape[1:]), 0)})",
        ]
        if len(shape) == 1:
            forms.append(f"np.multiply.at({name}, {self.places(shape[0], count)}, np.cos({values}))")
        else:
            where = f"{self.places(shape[0], count)}, {self.places(shape[1], count)}"
            forms += [
                f"{name}[{where}] = {values}",
                f"np.add.at({name}, ({where}), {values})",
                f"{name}[:, {self.places(shape[1], count)}] = {self.array((shape[0], count), 0)}",
                f"np.fill_diagonal({name}, {self.pick([value, self.array((min(shape),), 0)])})",
            ]
        return [self.pick(forms)]

    # ------------------------------------------------------------------------------------------ containers

    def _list_method(self) -> list[str]:
        """Methods of a list, in pairs that leave its length at least what it was."""
        lists = self.scope.of(is_kind("list"), free=True)
        rows = self.scope.of(is_kind("rows"), free=True)
        if rows and self.chance(0.5):
            return self._rows_method(self.pick(rows))
        if not lists:
            return self._container()
        name = self.pick(lists)
        n = self.scope.names[name][1]
        value, other = self.tame(self.scalar(1)), self.scalar(0)
        where = self.rng.randrange(n) if n else 0
        taken = self.target("f", "s")
        forms = [
            [f"{name}.append({value})", f"{taken} = {name}.pop({self.pick(['', 0, -1])})"],
            [f"{name}.insert({where}, {value})"],
            [f"{name}.extend([{value}, {other}])", f"{taken} = {name}.pop()"],
            [f"{name}.reverse()"],
            [f"{name}[{where}:{where + 1}] = [{value}, {other}]"],
            [f"{name} += [{value}]", f"del {name}[0]"],
            [f"{name}[:] = [{value} * q_ for q_ in {name}]"],
        ]
        chosen = self.pick(forms)
        if any("pop" in line for line in chosen):
            self._bind(taken, "f")
        return chosen

    def _rows_method(self, name: str) -> list[str]:
        _, n, shape = self.scope.names[name]
        value, place = self.array(shape, 1), ", ".join(self.index(m) for m in shape)
        taken = self.fresh("b")
        one, two = self.rng.randrange(n), self.rng.randrange(n)
        counters = self.scope.of(is_kind("int"))
        where = f"{self.pick(counters)} % {n}" if counters else str(one)
        forms = [
            [f"{name}.append({value})", f"{taken} = {name}.pop({self.pick(['', 0])})", f"{taken}[{place}] = {self.scalar(1)}"],
            [f"{name}.reverse()"],
            [f"{name}[{one}], {name}[{two}] = {name}[{two}], {name}[{one}]"],
            [f"{name}.insert({one}, ({value}).copy())"],
            [f"{name}[{where}][{place}] = {self.tame(self.scalar(1))}"],
            [f"{name}[{where}] *= np.cos({self.array(shape, 0)})"],
            [f"{taken} = {name}[{where}]", f"{taken} += {self.array(shape, 0)} * 0.5"],
        ]
        chosen = self.pick(forms)
        if chosen[0].startswith(taken):
            self._bind(taken, shape)
        return chosen

    def _nested_list(self) -> list[str]:
        """A list of lists, written by two indices and by row."""
        name, row = self.fresh("g"), self.fresh("v")
        n, m = self.rng.randint(1, 3), self.rng.randint(1, 3)
        rows = ", ".join(f"[{', '.join(self.scalar(0) for _ in range(m))}]" for _ in range(n))
        total = self.target("f", "s")
        lines = [
            f"{name} = [{rows}]",
            f"{name}[{self.rng.randrange(n)}][{self.rng.randrange(m)}] {self.pick(['=', '+='])} {self.scalar(1)}",
            f"for {row} in {name}:",
            f"    {row}[0] = {row}[-1] * {self.scalar(0)}",
            f"{total} = np.sum(np.array({name}))" if self.chance(0.5) else f"{total} = sum({name}[0])",
        ]
        self._bind(total, "f")
        return lines

    # ------------------------------------------------------------------------------------------ patterns

    def _time_loop(self) -> list[str]:
        """Two buffers that are swapped after each step."""
        if self.scope.loops >= LOOP_DEPTH:
            return self._store()
        n = self.pick([3, 4])
        a, b, step = self.fresh("u"), self.fresh("u"), self.fresh("i")
        lines = [f"{a} = {self.array((n,), 1)} * 1.0", f"{b} = {self.pick([f'np.zeros({n})', f'{a}.copy()'])}"]
        scope = self.loop_scope()
        scope.names |= {a: (n,), b: (n,)}
        scope.fixed |= {a, b}
        with self.within(scope):
            update = self.pick([f"{b}[1:-1] = {a}[1:-1] + 0.3 * ({a}[2:] - {a}[:-2])", f"{b}[:] = np.tanh({a}[::-1] + {b})"])
            body = [update, *(self._store_to(b) if self.chance(0.5) else []), f"{a}, {b} = {b}, {a}"]
        self._bind(a, (n,))
        self._bind(b, (n,))
        return [*lines, f"for {step} in range({self.rng.randint(0, 3)}):", *indented(body)]

    def _neighbours(self, name: str, axes: list[tuple[str, int, int, int]], step: int) -> list[str]:
        """Three items beside the one that loops are at; each axis has a counter, its least and greatest value, and a size.

        `step`: the first is the one that they are at, the others what they have left behind; zero: any.
        """
        found = [f"{name}[{', '.join(counter for counter, *_ in axes)}]"] if step else []
        while len(found) < 3:
            parts = []
            for counter, low, high, size in axes:
                every = (0, -step, -step) if step else (-1, 0, 0, 1)
                shifts = [shift for shift in every if low + shift >= -size and high + shift < size]
                shift = self.pick(shifts)
                parts.append(f"{counter} {'+' if shift > 0 else '-'} {abs(shift)}" if shift else counter)
            if len(parts) == 2 and axes[0][3] == axes[1][3] and not step and self.chance(0.15):
                parts.reverse()
            found.append(f"{name}[{', '.join(parts)}]")
        return found

    def _step(self, name: str, axes: list[tuple[str, int, int, int]], step: int) -> list[str]:
        """A few statements that read and write items around the one that loops are at."""
        lines: list[str] = []
        held: list[str] = []
        for _ in range(self.rng.randint(1, 3)):
            one, two, three = self._neighbours(name, axes, step if self.chance(0.8) else 0)
            factor = self.pick([*held, two, two, self.scalar(0)])
            kind = self.weighted({"store": 4, "hold": 2, "update": 2, "branch": 0.7})
            if kind == "hold":
                held.append(self.fresh("t"))
                lines.append(f"{held[-1]} = {one}" if self.chance(0.7) else f"{held[-1]} = np.cos({one}) * {factor}")
            elif kind == "update":
                lines.append(f"{one} {self.pick(['+=', '-='])} 0.3 * {factor} * {three}")
            else:
                value = self.pick([f"np.sin({three}) * {factor}", f"0.5 * {three} * {factor} + {self.constant()}"])
                store = f"{one} = {value}"
                lines += [f"if {three} > {self.constant()}:", f"    {store}"] if kind == "branch" else [store]
        return lines

    def _recurrence(self) -> list[str]:
        """A loop over the items or rows of an array, in either direction, that reads what it has left behind."""
        names = self.scope.of(is_shape)
        if not names or self.scope.loops >= LOOP_DEPTH:
            return self._buffer()
        counter = self.fresh("i")
        name, shape, before = self._filled(self.pick(names))
        low = self.pick([0, 1, 1]) if shape[0] > 1 else 0
        high = shape[0] - self.pick([1, 1, 2]) if shape[0] > 1 else 0
        if low > high:
            low = high = 0
        ranges = [f"range({low}, {high + 1})", f"range({low}, {high - shape[0] + 1} + len({name}))"]
        step = 1
        if self.chance(0.4):
            step = -1
            ranges = [f"range({high}, {low - 1}, -1)", f"range(len({name}) - {shape[0] - high}, {low - 1}, -1)"]
        axes = [(counter, low, high, shape[0])]
        step = step if self.chance(0.7) else 0
        if len(shape) == 1:
            body = self._step(name, axes, step)
        else:
            one, two, _ = self._neighbours(name, axes, step)
            body = [f"{one} {self.pick(['=', '=', '+='])} 0.5 * np.sin({two}) * {self.array(shape[1:], 0)}"]
            if self.chance(0.4):
                body.insert(0, f"{one}[{self.index(shape[1])}] = {self.tame(self.scalar(1))}")
        return [*before, f"for {counter} in {self.pick(ranges)}:", *indented(body), *self._summed(name)]

    def _filled(self, like: str) -> tuple[str, Any, list[str]]:
        """An array, or a new one that nothing else writes to: its name, its shape, and what makes it."""
        shape = self.scope.names[like]
        if self.chance(0.4):
            return like, shape, []
        made = self.pick([f"{like}.copy()", f"np.sin({like})", f"np.ones_like({like}) * 0.5", f"np.array({like})"])
        name = self.fresh("y")
        return name, shape, [f"{name} = {made}"]

    def _summed(self, name: str) -> list[str]:
        """A number made of an array that nothing else knows."""
        if name in self.scope.names:
            return []
        total = self.target("f", "s")
        self._bind(total, "f")
        return [f"{total} = np.sum({name} ** 2) * 0.3"]

    def _table(self) -> list[str]:
        """Loops in loops over the items of a matrix: whole rows, or one half of it."""
        names = self.scope.of(lambda t: is_shape(t) and len(t) == 2)
        if not names or self.scope.loops >= LOOP_DEPTH - 1:
            return self._recurrence()
        one, two = self.fresh("i"), self.fresh("j")
        name, (n, m), before = self._filled(self.pick(names))
        low = 1 if n > 1 and self.chance(0.6) else 0
        step = 1 if self.chance(0.7) else -1
        outer = f"range({low}, {n})" if step == 1 else f"range({n - 1}, {low - 1}, -1)"
        inner, least, greatest = self.pick([
            (f"range({m})", 0, m - 1),
            (f"range(min({one}, {m}))", 0, m - 1),
            (f"range({one} + 1, {m})", low + 1, m - 1),
            (f"range({m - 1}, -1, -1)", 0, m - 1),
        ])  # fmt: skip
        axes = [(one, low, n - 1, n), (two, least, max(least, greatest), m)]
        if any(high + 1 > size or low < -size for _, low, high, size in axes):
            return self._recurrence()
        body = [f"for {two} in {inner}:", *indented(self._step(name, axes, step if self.chance(0.7) else 0))]
        if self.chance(0.3):
            body.append(f"{name}[{one}, {self.index(m)}] *= 0.7")
        return [*before, f"for {one} in {outer}:", *indented(body), *self._summed(name)]

    def _held_view(self) -> list[str]:
        """A view that nothing can be written through, read after what it shows was written."""
        names = self.scope.of(is_shape)
        if not names:
            return self._buffer()
        name = self.pick(names)
        shape = self.scope.names[name]
        view, total = self.fresh("o"), self.target("f", "s")
        forms = [f"np.broadcast_to({name}, (2, {', '.join(map(str, shape))}))"]
        if len(shape) == 2:
            forms += [f"np.diagonal({name})", f"np.diagonal({name}.T, 0)"]
        lines = [f"{view} = {self.pick(forms)}", *self._store_to(name), f"{total} = np.sum({view} ** 2) * 0.3"]
        self._bind(total, "f")
        return lines

    def _zipped(self) -> list[str]:
        """Rows of two matrices, or of one and its elements' number, side by side."""
        names = self.scope.of(lambda t: is_shape(t) and len(t) == 2)
        if not names or self.scope.loops >= LOOP_DEPTH:
            return self._store()
        one, two = self.pick(names), self.pick(names)
        row, other = self.fresh("row"), self.fresh("row")
        scope = self.loop_scope()
        scope.fixed |= {row, other}
        if self.chance(0.5):
            scope.names |= {row: self.scope.names[one][1:], other: self.scope.names[two][1:]}
            header = f"for {row}, {other} in zip({one}, {two}):"
        else:
            scope.names |= {row: self.scope.names[one][1:], other: ("int", 0, self.scope.names[one][0] - 1)}
            header = f"for {other}, {row} in enumerate({one}):"
        with self.within(scope):
            body = self._store_to(row)
        return [header, *indented(body)]

    def _many(self) -> list[str]:
        """Several views of one array, made before and after writes."""
        names = self.buffers()
        if not names:
            return self._buffer()
        name = self.pick(names)
        shape = self.scope.names[name]
        size = shape[0] * (shape[1] if len(shape) == 2 else 1)
        one, two = self.fresh("w"), self.fresh("w")
        whole = f"{name}.{self.pick(['T', 'copy()', 'reshape(-1)', 'squeeze()'])}" if self.chance(0.5) else name
        lines = [
            f"{one} = {whole}.reshape({self.pick([-1, size])})",
            f"{one}[{self.rng.randrange(-size, size)}] = {self.tame(self.scalar(1))}",
            *self._store_to(name),
            f"{two} = {self.pick([f'np.ravel({name})', f'np.asarray({name}).ravel()', f'{one}[::-1]'])}",
            f"{two}[{self.rng.randrange(-size, size)}] *= {self.scalar(0)}",
        ]
        self._bind(one, (size,))
        self._bind(two, (size,))
        return lines
