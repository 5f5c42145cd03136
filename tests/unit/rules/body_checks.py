"""Rule bodies called as plain Python, against central differences and the dot-product identity."""

import inspect
from dataclasses import replace

import numpy as np

from s2sad.rules.record import Operand, Rule, Sample
from s2sad.signature import ListOf, Sequence, Type, literal, type_of

NUMBERS = (float, complex, np.ndarray, np.floating, np.complexfloating)


def is_number(value):
    return isinstance(value, NUMBERS) and np.asarray(value).dtype.kind in "fc"


def leaves(value):
    """The numbers of a nested argument."""
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def like(value, items):
    """A container of the same class."""
    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)


def rebuilt(value, new):
    """The same nesting with other leaves, taken from an iterator."""
    if isinstance(value, (list, tuple)):
        return like(value, [rebuilt(item, new) for item in value])
    return next(new)


def inner(u, v):
    """The real inner product of two results."""
    pairs = zip(leaves(u), leaves(v))
    return sum(float(np.sum(np.real(np.conj(np.asarray(p)) * np.asarray(q)))) for p, q in pairs)


def direction(value, rng):
    """A random tangent; zero for what is not a number."""
    if isinstance(value, (list, tuple)):
        return like(value, [direction(item, rng) for item in value])
    if not is_number(value):
        return value
    array = np.asarray(value)
    tangent = rng.normal(size=array.shape)
    if array.dtype.kind == "c":
        tangent = tangent + 1j * rng.normal(size=array.shape)
    tangent = tangent.astype(array.dtype)
    return tangent if isinstance(value, np.ndarray) else tangent[()]


def moved(value, tangent, step):
    """The argument a step along its tangent."""
    if isinstance(value, (list, tuple)):
        return like(value, [moved(item, dot, step) for item, dot in zip(value, tangent)])
    return value + step * tangent if is_number(value) else value


class Case:
    """One rule at one sample."""

    def __init__(self, rule: Rule, at: Sample) -> None:
        self.rule, self.args, self.kwargs = rule, at.args, dict(at.kwargs)
        self.primitive = rule.primitives[0]
        self.rng = np.random.default_rng(0)
        names = list(inspect.signature(rule.vjp).parameters.values())
        positional = [p.name for p in names if p.kind is p.POSITIONAL_OR_KEYWORD]
        self.names = positional
        self.rest = next((p.name for p in names if p.kind is p.VAR_POSITIONAL), "")
        if rule.kind == "template":
            self.wrt = [k for k, arg in enumerate(self.args) if any(map(is_number, leaves(arg)))]
        else:
            self.wrt = [k for k, name in enumerate(positional) if name in rule.wrt and k < len(self.args)]
            self.wrt = [k for k in self.wrt if is_number(self.args[k])]
        self.dots = {k: direction(self.args[k], self.rng) for k in self.wrt}

    def value(self, args=None):
        return self.primitive(*(self.args if args is None else args), **self.kwargs)

    def difference(self, step=1e-6):
        """The derivative of the result along the tangents, by central differences."""
        ends = []
        for sign in (1.0, -1.0):
            args = [
                moved(arg, self.dots[k], sign * step) if k in self.dots else arg for k, arg in enumerate(self.args)
            ]
            ends.append(leaves(self.value(args)))
        return [(np.asarray(p) - np.asarray(q)) / (2 * step) for p, q in zip(*ends)]

    # ---- tangents -----------------------------------------------------------------------------
    def tangent(self):
        if self.rule.kind == "template":
            return self._text_tangent()
        if self.rule.kind == "linear":
            args = [self.dots.get(k, arg) for k, arg in enumerate(self.args)]
            return self.value(args)
        given = {f"{name}_dot": self.dots.get(k, 0.0) for k, name in enumerate(self.names) if name in self.rule.wrt}
        given = {name: given.get(name, 0.0) for name in self._keywords(self.rule.jvp) if name.endswith("_dot")} | {
            name: given[name] for name in given if name in self._keywords(self.rule.jvp)
        }
        if "y" in self._keywords(self.rule.jvp):
            given["y"] = self.value()
        terms = self.rule.jvp(*self.args, **self.kwargs, **given)
        dots = [name for name in self._keywords(self.rule.jvp) if name.endswith("_dot")]
        terms = terms if len(dots) > 1 else (terms,)
        active = {self.names[k] for k in self.wrt}
        kept = [term for name, term in zip(dots, terms) if name[:-4] in active]
        if hasattr(kept[0], "_fields"):
            return tuple(sum(parts) for parts in zip(*kept))
        return sum(kept[1:], start=kept[0])

    @staticmethod
    def _keywords(body):
        parameters = inspect.signature(body).parameters.values()
        return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]

    # ---- cotangents ---------------------------------------------------------------------------
    def cotangents(self, y_bar):
        """By position of the argument."""
        if self.rule.kind == "template":
            return self._text_cotangents(y_bar)
        given = {"y_bar": y_bar}
        if "y" in self._keywords(self.rule.vjp):
            given["y"] = self.value()
        bars = self.rule.vjp(*self.args, **self.kwargs, **given)
        bars = bars if len(self.rule.wrt) > 1 else (bars,)
        by_name = dict(zip(self.rule.wrt, bars))
        return {k: by_name[self.names[k]] for k in self.wrt}

    # ---- templates ----------------------------------------------------------------------------
    def _operand(self, name, value, space):
        space[name] = value
        if isinstance(value, (list, tuple)) and any(map(is_number, leaves(value))):
            items = tuple(self._operand(f"{name}_{k}", item, space) for k, item in enumerate(value))
            known: Type = Sequence(type(value), tuple(item.type for item in items))
            show = lambda parts: f"({', '.join(parts)},)" if isinstance(value, tuple) else f"[{', '.join(parts)}]"
            source, dot = show([item.source for item in items]), show([item.dot or "0.0" for item in items])
            return Operand(source, known, True, items, dot)
        if isinstance(value, (int, str, bool, tuple, list)) or value is None:
            return Operand(repr(value), _static(value), False)
        active = is_number(value)
        return Operand(name, type_of(value, name), active, (), f"{name}_dot" if active else "")

    def _operands(self, space):
        args = [self._operand(f"p{k}", arg, space) for k, arg in enumerate(self.args)]
        for k in self.wrt:
            for path, dot in _paths(f"p{k}", self.args[k], self.dots[k]):
                space[f"{path}_dot"] = dot
        passive = {name: self._operand(name, value, space) for name, value in self.kwargs.items()}
        return args, {name: replace(operand, active=False) for name, operand in passive.items()}

    def _text_tangent(self):
        space = {}
        args, kwargs = self._operands(space)
        y = self.value()
        text = self.rule.jvp(*args, y="y", **kwargs)
        space["y"] = y
        return eval(text, {**self.rule.jvp.__globals__, **space})

    def _text_cotangents(self, y_bar):
        space = {"y": self.value(), "y_bar": y_bar}
        args, kwargs = self._operands(space)
        texts = self.rule.vjp(*args, y="y", y_bar="y_bar", **kwargs)
        bars = {key: eval(text, {**self.rule.vjp.__globals__, **space}) for key, text in texts.items()}
        return {k: self._gathered(bars, k) for k in self.wrt}

    def _gathered(self, bars, k):
        name = f"{self.rest}[{k}]" if self.rest else self.names[k]
        found = iter(bars.get(path, 0.0) for path in _keys(name, self.args[k], bars))
        return rebuilt(self.args[k], found)


def _static(value):
    if isinstance(value, (tuple, list)):
        return Sequence(type(value), tuple(_static(item) for item in value))
    return literal(value)


def _paths(name, value, dot):
    if isinstance(value, (list, tuple)):
        return [pair for k, item in enumerate(value) for pair in _paths(f"{name}_{k}", item, dot[k])]
    return [(name, dot)]


def _keys(name, value, bars):
    if isinstance(value, (list, tuple)) and name not in bars:
        return [key for k, item in enumerate(value) for key in _keys(f"{name}[{k}]", item, bars)]
    return [name]


def cotangent_like(value, rng):
    """A random cotangent of a result."""
    if isinstance(value, (list, tuple)):
        return like(value, [cotangent_like(item, rng) for item in value])
    return direction(np.asarray(value) if np.ndim(value) else value, rng)


def check(rule, at, tolerance=1e-6):
    """Tangent against differences; cotangent by the dot-product identity; shapes."""
    case = Case(rule, at)
    tangent = case.tangent()
    for found, expected in zip(leaves(tangent), case.difference()):
        np.testing.assert_allclose(np.broadcast_to(found, np.shape(expected)), expected, rtol=tolerance, atol=tolerance)
    y = case.value()
    y_bar = cotangent_like(y, case.rng)
    before = [np.array(leaf) for leaf in leaves(y_bar)]
    bars = case.cotangents(y_bar)
    spread = []
    for k in case.wrt:
        for bar, arg in zip(leaves(bars[k]), leaves(case.args[k])):
            if is_number(arg):
                spread.append((np.broadcast_to(bar, np.shape(arg)), arg))
    dots = [dot for k in case.wrt for dot, arg in zip(leaves(case.dots[k]), leaves(case.args[k])) if is_number(arg)]
    right = sum(inner(bar, dot) for (bar, _), dot in zip(spread, dots))
    expected = [np.broadcast_to(t, np.shape(v)) for t, v in zip(leaves(tangent), leaves(y))]
    left = inner(leaves(y_bar), expected)
    np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9)
    assert all(np.array_equal(p, q) for p, q in zip(before, leaves(y_bar))), "the cotangent was written to"


def check_single_precision(rule, at):
    """float32 in, float32 out."""
    narrow = lambda value: (
        type(value)(map(narrow, value)) if isinstance(value, (list, tuple))
        else np.asarray(value, "float32")[()] if is_number(value) else value
    )
    case = Case(rule, Sample(tuple(map(narrow, at.args)), at.kwargs))
    y = case.value()
    if any(np.asarray(leaf).dtype != np.float32 for leaf in leaves(y)):
        return
    bars = case.cotangents(cotangent_like(y, case.rng))
    wide = [
        (k, np.asarray(leaf).dtype.name) for k in case.wrt for leaf in leaves(bars[k])
        if np.asarray(leaf).dtype != np.float32 and not isinstance(leaf, float)
    ]  # fmt: skip
    assert not wide, wide


def check_type(rule, at):
    """The inferred type says what the value is: dtype, rank, and sizes as far as they can be read off."""
    y = rule.primitives[0](*at.args, **at.kwargs)
    sizes = {}
    args = [known_type(arg, f"p{k}", sizes) for k, arg in enumerate(at.args)]
    kwargs = {key: known_type(value, key, sizes) for key, value in at.kwargs.items()}
    known = rule.infer(*args, **kwargs)
    compare(known, y, sizes)


def compare(known, y, sizes):
    if isinstance(known, Sequence):
        assert known.cls is type(y)
        assert len(known.items) == len(y)
        for item, value in zip(known.items, y):
            compare(item, value, sizes)
        return
    if isinstance(known, ListOf):
        for value in y:
            compare(known.item, value, sizes)
        return
    plain = type(y) in (bool, int, float, complex) and known.dtype == type(y).__name__
    assert plain or known.dtype == np.asarray(y).dtype.name
    assert known.shape is not None
    assert known.rank == np.ndim(y), known
    for size, actual in zip(known.shape, np.shape(y)):
        if isinstance(size, int):
            assert size == actual, known
        elif size.one is False:
            assert actual != 1
        if not isinstance(size, int) and size.symbol in sizes:
            assert max(sizes[size.symbol] + size.offset, 0) == actual, known


def known_type(value, name, sizes):
    """The type of an argument, ints and strings known; the sizes that its symbols stand for are entered."""
    if isinstance(value, (list, tuple)):
        return Sequence(type(value), tuple(known_type(v, f"{name}_{k}", sizes) for k, v in enumerate(value)))
    if isinstance(value, np.ndarray):
        sizes.update({f"{name}.{axis}": size for axis, size in enumerate(value.shape)})
        return type_of(value, name)
    return literal(value) if isinstance(value, (int, str)) or value is None else type_of(value, name)


def cases(module):
    """Every (rule, sample) whose body a module defines."""
    from s2sad.rules.record import all_rules

    return [
        (rule, at) for rule in all_rules() if rule.vjp is not None and rule.vjp.__module__ == module.__name__
        for at in rule.at
    ]  # fmt: skip


def label(case):
    rule, at = case
    shapes = ",".join(str(np.shape(a)) if isinstance(a, np.ndarray) else str(a)[:20] for a in at.args)
    return f"{getattr(rule.primitives[0], '__name__', '?')}({shapes}{at.kwargs or ''})".replace(" ", "")
