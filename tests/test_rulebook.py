"""Tests generated from the rule book: each rule at each of its samples, without the compiler.

A rule's body is called as plain Python on numbers.  Its tangent is compared with central differences (and with a
complex step where the function takes complex numbers), its cotangent with its tangent by the dot-product identity,
the type that the compiler would infer with the value, and every function that its body uses must have a rule too.
"""

import ast
import builtins
import inspect
import math
import textwrap
import warnings

import numpy as np
import pytest

import s2sad.rules  # noqa: F401  fills the book
from s2sad.rules.kinks import KINKS
from s2sad.rules.record import STATIC_FUNCTIONS, Operand, Sample, all_rules, conj, rule_of
from s2sad.rules.typing import result_type
from s2sad.runtime.arrays import unbroadcast
from s2sad.signature import Array, Dim, Opaque, Scalar, Sequence, literal, type_of

RULES = [rule for rule in all_rules() if rule.primitives and rule.primitives[0].__module__ != "tests"]
ACTIVE = [rule for rule in RULES if rule.kind in ("elementwise", "linear", "general", "template")]


def label(rule):
    return rule.primitives[0].__module__.split(".")[0] + "." + rule.primitives[0].__name__


CASES = [
    pytest.param(rule, primitive, sample, id=f"{label(rule)}-{getattr(primitive, '__name__', p)}-{k}")
    for rule in ACTIVE
    for p, primitive in enumerate(rule.primitives)
    for k, sample in enumerate(rule.at)
]


# ---- calling bodies as plain Python -----------------------------------------------------------------
class Trial:
    """A rule at a sample: the operands that a derivative flows through, and the rule's two modes on numbers."""

    def __init__(self, rule, primitive, sample):
        self.rule, self.primitive, self.sample = rule, primitive, sample
        body = rule.vjp if rule.kind in ("elementwise", "linear") else rule.jvp
        parameters = inspect.signature(body).parameters.values()
        given = {"y", "y_bar", *(f"{name}_dot" for name in rule.wrt)}
        self.signature = inspect.Signature([p for p in parameters if p.kind is not p.KEYWORD_ONLY or p.name not in given])
        self.bound = self.signature.bind(*sample.args, **sample.kwargs)
        self.names = [name for name in rule.wrt if name in self.bound.arguments and self.is_real(name)]
        self.y = self.value(self.primal())

    def is_real(self, name):
        return any(is_float(leaf) for leaf in leaves(self.bound.arguments[name]))

    def primal(self):
        return {name: self.bound.arguments[name] for name in self.names}

    def value(self, operands):
        """The primitive with other operands."""
        args, kwargs = list(self.sample.args), dict(self.sample.kwargs)
        for name, operand in operands.items():
            position = list(self.signature.parameters).index(name)
            if self.signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL:
                args[position:] = operand
            elif name in kwargs:
                kwargs[name] = operand
            else:
                args[position] = operand
        return self.primitive(*args, **kwargs)

    def keywords(self, body, **given):
        return {name: given[name] for name in inspect.signature(body).parameters if name in given}

    def arguments(self):
        return self.bound.args, self.bound.kwargs

    def tangent(self, dots):
        rule = self.rule
        if rule.kind == "linear":
            return self.value(dots)
        if rule.kind == "template":
            return self.template_tangent(dots)
        args, kwargs = self.arguments()
        if rule.kind == "elementwise":
            partials = self.per_operand(rule.vjp(*args, **kwargs, **self.keywords(rule.vjp, y=self.y)))
            terms = [dots[name] * partials[name] for name in self.names]
            total = sum(terms)
            return total if np.iscomplexobj(self.y) else np.real(total)
        zeros = {name: 0.0 for name in rule.wrt} | dots
        named = {f"{name}_dot": zeros[name] for name in rule.wrt}
        terms = rule.jvp(*args, **kwargs, **self.keywords(rule.jvp, y=self.y, **named))
        if len(rule.wrt) == 1:
            return terms
        return sum(term for name, term in zip(rule.wrt, terms) if name in self.names)

    def cotangents(self, y_bar):
        rule = self.rule
        if rule.kind == "template":
            return self.template_cotangents(y_bar)
        args, kwargs = self.arguments()
        results = self.per_operand(rule.vjp(*args, **kwargs, **self.keywords(rule.vjp, y=self.y, y_bar=y_bar)))
        if rule.kind == "elementwise":
            results = {name: unbroadcast(y_bar * conj(results[name]), operand) for name, operand in self.primal().items()}
        return {name: results[name] for name in self.names}

    def per_operand(self, results):
        if len(self.rule.wrt) == 1:
            return {self.rule.wrt[0]: results}
        assert len(results) == len(self.rule.wrt)
        return dict(zip(self.rule.wrt, results))

    # templates are given text, so their operands are names
    def operands(self, dots):
        space, made = dict(self.rule.jvp.__globals__), {}
        for name, value in self.bound.arguments.items():
            variadic = self.signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
            space[f"{name}_"] = value
            dot = dots.get(name)
            space[f"{name}_dot"] = dot
            active = name in self.names
            items = ()
            if isinstance(value, (tuple, list)):
                items = tuple(
                    Operand(f"{name}_[{k}]", known(item, f"{name}_{k}"), active and is_float(item), (), f"{name}_dot[{k}]")
                    for k, item in enumerate(value)
                )
            told = literal(value) if isinstance(value, (int, str, bool)) or value is None else type_of(value, name)
            text = repr(value) if isinstance(value, (int, str, bool)) or value is None else f"{name}_"
            made[name] = items if variadic else Operand(text, told, active, items, f"{name}_dot")
        return space, made

    def template_tangent(self, dots):
        space, made = self.operands(dots)
        args, kwargs = self.spread(made)
        text = self.rule.jvp(*args, **kwargs, **self.keywords(self.rule.jvp, y="y"))
        return eval(text, space | {"y": self.y})

    def template_cotangents(self, y_bar):
        space, made = self.operands({})
        args, kwargs = self.spread(made)
        texts = self.rule.vjp(*args, **kwargs, **self.keywords(self.rule.vjp, y="y", y_bar="y_bar"))
        found = {key: eval(text, space | {"y": self.y, "y_bar": y_bar}) for key, text in texts.items()}
        whole = {}
        for name in self.names:
            value = self.bound.arguments[name]
            if isinstance(value, (tuple, list)) and name not in found:
                whole[name] = [found.get(f"{name}[{k}]", 0.0) for k in range(len(value))]
            else:
                whole[name] = found[name]
        return whole

    def spread(self, made):
        bound = inspect.BoundArguments(self.signature, made)
        return bound.args, bound.kwargs


def is_float(value):
    if isinstance(value, (tuple, list)):
        return any(map(is_float, value))
    return isinstance(value, (float, complex, np.inexact)) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "fc"
    )


def leaves(value):
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def like(value, rng):
    """A direction: random numbers in the structure of the value; zeros where nothing flows."""
    if isinstance(value, (tuple, list)):
        items = [like(item, rng) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if not is_float(value):
        return np.zeros_like(value) if isinstance(value, np.ndarray) else 0
    if isinstance(value, np.ndarray):
        drawn = rng.uniform(-1.0, 1.0, value.shape)
        if value.dtype.kind == "c":
            drawn = drawn + 1j * rng.uniform(-1.0, 1.0, value.shape)
        return drawn.astype(value.dtype)
    drawn = rng.uniform(-1.0, 1.0)
    if isinstance(value, (complex, np.complexfloating)):
        return complex(drawn, rng.uniform(-1.0, 1.0))
    return float(drawn) if isinstance(value, float) else type(value)(drawn)


def moved(value, direction, step):
    if isinstance(value, (tuple, list)):
        return type(value)([moved(v, d, step) for v, d in zip(value, direction)])
    return value + step * direction if is_float(value) else value


def flat(value):
    """All real numbers of a value."""
    parts = [np.ravel(np.asarray(leaf)) for leaf in leaves(value) if leaf is not None]
    parts = [np.concatenate([part.real, part.imag]) if np.iscomplexobj(part) else part for part in parts]
    return np.concatenate(parts).astype(float) if parts else np.zeros(0)


def dot(a, b):
    """The real inner product; `a` may be a cotangent that broadcasts to `b`."""
    if not is_float(b):
        return 0.0
    if isinstance(b, (tuple, list)):
        return sum(dot(p, q) for p, q in zip(a, b))
    assert np.broadcast_shapes(np.shape(a), np.shape(b)) == np.shape(b), "a cotangent is larger than its operand"
    return float(np.sum(np.real(np.conj(a) * b)))


def of_floats(y, value):
    """Only what derives from floats: integer parts of a result have no derivative."""
    if isinstance(y, (tuple, list)):
        return [of_floats(p, q) for p, q in zip(y, value)]
    return value if is_float(y) else None


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# ---- every rule at every sample ---------------------------------------------------------------------
@pytest.mark.parametrize(("rule", "primitive", "sample"), CASES)
def test_tangent_and_cotangent(rule, primitive, sample):
    trial = Trial(rule, primitive, sample)
    assert trial.names, "no operand of this sample is a float"
    rng = np.random.default_rng(7)
    dots = {name: like(value, rng) for name, value in trial.primal().items()}
    tangent = trial.tangent(dots)
    step = 1e-6
    up, down = (
        trial.value({name: moved(value, dots[name], s) for name, value in trial.primal().items()}) for s in (step, -step)
    )
    numeric = (flat(of_floats(trial.y, up)) - flat(of_floats(trial.y, down))) / (2 * step)
    expected = flat(np.broadcast_to(tangent, np.shape(trial.y))) if not isinstance(trial.y, (tuple, list)) else flat(
        of_floats(trial.y, tangent)
    )
    scale = max(1.0, float(np.max(np.abs(numeric), initial=0.0)))
    np.testing.assert_allclose(expected, numeric, rtol=2e-6, atol=2e-7 * scale)

    y_bar = like(trial.y, rng)
    cotangents = trial.cotangents(y_bar)
    left = sum(dot(cotangents[name], dots[name]) for name in trial.names)
    if isinstance(trial.y, (tuple, list)):
        pairs = zip(leaves(y_bar), leaves(tangent), leaves(trial.y))
        right = sum(dot(a, b) for a, b, y in pairs if is_float(y))
    else:
        right = dot(y_bar, np.broadcast_to(tangent, np.shape(trial.y)))
    assert left == pytest.approx(right, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize(("rule", "primitive", "sample"), CASES)
def test_inferred_type(rule, primitive, sample):
    args = [known(value, f"x{k}") for k, value in enumerate(sample.args)]
    keywords = {key: known(value, key) for key, value in sample.kwargs.items()}
    inferred = result_type(primitive, rule, args, keywords)
    assert_fits(inferred, primitive(*sample.args, **sample.kwargs), sizes_of([*sample.args, *sample.kwargs.values()], [*args, *keywords.values()]))


def known(value, name):
    if isinstance(value, np.generic):  # a np.float64 is a float too
        return Scalar(value.dtype.name)
    if isinstance(value, float):
        return Scalar("float")
    if isinstance(value, (tuple, list)):
        return Sequence(type(value), tuple(known(item, f"{name}_{k}") for k, item in enumerate(value)))
    return literal(value) if isinstance(value, (bool, int)) else type_of(value, name)


def sizes_of(values, types):
    sizes = {}
    for value, known_type in zip(values, types):
        if isinstance(known_type, Array):
            sizes |= {dim.symbol: n for dim, n in zip(known_type.shape, np.shape(value)) if isinstance(dim, Dim)}
        elif isinstance(known_type, Sequence):
            sizes |= sizes_of(value, known_type.items)
    return sizes


def assert_fits(inferred, value, sizes):
    if isinstance(inferred, Opaque):
        return
    if isinstance(inferred, Scalar):
        actual = known(value, "y")
        assert isinstance(actual, Scalar), value
        assert actual.dtype == inferred.dtype
    elif isinstance(inferred, Array):
        assert inferred.dtype == np.asarray(value).dtype.name
        if inferred.shape is None:
            return
        assert isinstance(value, np.ndarray) and value.ndim == len(inferred.shape)
        for size, n in zip(inferred.shape, value.shape):
            if isinstance(size, int):
                assert size == n
            elif size.symbol in sizes:
                assert max(sizes[size.symbol] + size.offset, 0) == n
    elif isinstance(inferred, Sequence):
        assert len(inferred.items) == len(value)
        for item, part in zip(inferred.items, value):
            assert_fits(item, part, sizes)


ZERO = [
    pytest.param(primitive, sample, id=f"{primitive.__name__}-{k}")
    for rule in RULES
    if rule.kind == "zero"
    for primitive in rule.primitives
    for k, sample in enumerate(rule.at)
    if any(map(is_float, sample.args))
]


@pytest.mark.parametrize(("primitive", "sample"), ZERO)
def test_zero_derivative(primitive, sample):
    there = tuple(v + 1e-7 if isinstance(v, float) else v for v in sample.args)
    difference = flat(primitive(*there, **sample.kwargs)) - flat(primitive(*sample.args, **sample.kwargs))
    assert np.max(np.abs(difference), initial=0.0) <= 1e-12


# ---- elementwise rules on arrays --------------------------------------------------------------------
def stacked(sample_list, dtype=float):
    """The samples of an elementwise rule as one array per operand; operands alternate between rows and columns."""
    usable = [s.args for s in sample_list if not s.kwargs and all(isinstance(v, float) for v in s.args)]
    count = min((len(args) for args in usable), default=0)
    columns = list(zip(*(args for args in usable if len(args) == count)))
    shapes = [(-1, 1), (1, -1), (-1, 1)]
    return [np.array(column, dtype).reshape(shapes[k]) for k, column in enumerate(columns)]


BROADCASTING = [
    pytest.param(rule, primitive, id=f"{label(rule)}-{primitive.__name__}")
    for rule in ACTIVE
    if rule.kind == "elementwise"
    for primitive in rule.primitives
    if isinstance(primitive, np.ufunc) or primitive.__module__ in ("_operator", "numpy")
    if stacked(rule.at)
]


@pytest.mark.parametrize(("rule", "primitive"), BROADCASTING)
def test_elementwise_broadcasts(rule, primitive):
    test_tangent_and_cotangent(rule, primitive, Sample(tuple(stacked(rule.at)), {}))


@pytest.mark.parametrize(("rule", "primitive"), BROADCASTING)
def test_elementwise_keeps_single_precision(rule, primitive):
    if primitive is np.float_power:
        pytest.skip("always double")
    operands = stacked(rule.at, np.float32)
    trial = Trial(rule, primitive, Sample(tuple(operands), {}))
    cotangents = trial.cotangents(np.ones_like(trial.y))
    assert {np.asarray(c).dtype.name for c in cotangents.values()} == {"float32"}


COMPLEX = [
    case for case in BROADCASTING
    if isinstance(case.values[1], np.ufunc) and any("D" in signature.split("->")[0] for signature in case.values[1].types)
    if case.values[1] not in (np.maximum, np.minimum, np.fmax, np.fmin)
]  # fmt: skip


@pytest.mark.parametrize(("rule", "primitive"), COMPLEX)
def test_elementwise_takes_complex_numbers(rule, primitive):
    operands = [operand + 0.37j for operand in stacked(rule.at)]
    test_tangent_and_cotangent(rule, primitive, Sample(tuple(operands), {}))


@pytest.mark.parametrize(("rule", "primitive"), [case for case in COMPLEX if case.values[1] is not np.absolute])
def test_elementwise_agrees_with_the_complex_step(rule, primitive):
    operands = stacked(rule.at)
    trial = Trial(rule, primitive, Sample(tuple(operands), {}))
    dots = {name: np.full(np.shape(value), 0.3 + k) for k, (name, value) in enumerate(trial.primal().items())}
    stepped = trial.value({name: value + 1e-30j * dots[name] for name, value in trial.primal().items()})
    np.testing.assert_allclose(np.broadcast_to(trial.tangent(dots), trial.y.shape), stepped.imag / 1e-30, rtol=1e-12, atol=1e-13)


ARRAY_RULES = [
    case for case in CASES
    if case.values[0].kind in ("linear", "general") and getattr(case.values[1], "__module__", "") == "numpy"
    and case.values[2].args and isinstance(case.values[2].args[0], np.ndarray)
    and case.values[1] not in (np.ptp, np.nanmean, np.nanmax, np.nanmin, np.median)
]  # fmt: skip


@pytest.mark.parametrize(("rule", "primitive", "sample"), ARRAY_RULES)
def test_array_rules_keep_single_precision(rule, primitive, sample):
    args = tuple(narrowed(value) for value in sample.args)
    trial = Trial(rule, primitive, Sample(args, {key: narrowed(value) for key, value in sample.kwargs.items()}))
    if isinstance(trial.y, (tuple, list)) or np.asarray(trial.y).dtype != np.float32:
        pytest.skip("the result is not in single precision")
    y_bar = np.ones_like(trial.y) if np.ndim(trial.y) else np.float32(1.0)
    for name, cotangent in trial.cotangents(y_bar).items():
        assert np.result_type(cotangent, np.float32(0.0)) == np.float32, name


def narrowed(value):
    if isinstance(value, (tuple, list)):
        return type(value)(map(narrowed, value))
    return value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype == float else value


# ---- kinks and other special values -----------------------------------------------------------------
def partials(primitive, *args):
    trial = Trial(rule_of(primitive), primitive, Sample(args, {}))
    cotangents = trial.cotangents(np.ones_like(trial.y) if np.ndim(trial.y) else 1.0)
    return [np.asarray(cotangents[name]).tolist() for name in trial.names]


inf = math.inf


@pytest.mark.parametrize(
    ("primitive", "args", "expected"),
    [
        (abs, (0.0,), [0.0]),
        (np.abs, (np.array([0.0, -0.0, -2.0]),), [[0.0, 0.0, -1.0]]),
        (np.abs, (np.array([0j, 3 + 4j]),), [[0j, 0.6 + 0.8j]]),
        (math.fabs, (0.0,), [0.0]),
        (np.maximum, (1.0, 1.0), [0.5, 0.5]),
        (np.maximum, (-inf, -inf), [0.5, 0.5]),
        (np.maximum, (np.float32(1.0), np.float32(1.0)), [0.5, 0.5]),
        (np.minimum, (1.0, 1.0), [0.5, 0.5]),
        (np.fmax, (1.0, math.nan), [1.0, 0.0]),
        (np.fmin, (1.0, 1.0), [0.5, 0.5]),
        (max, (1.0, 1.0), [[0.5, 0.5]]),
        (min, (2.0, 1.0, 1.0), [[0.0, 0.5, 0.5]]),
        (np.clip, (1.0, 0.0, 1.0), [0.5, 0.0, 0.5]),
        (np.clip, (0.0, 0.0, 1.0), [0.5, 0.5, 0.0]),
        (np.clip, (2.0, 0.0, 1.0), [0.0, 0.0, 1.0]),
        (np.hypot, (0.0, 0.0), [0.0, 0.0]),
        (np.arctan2, (0.0, 0.0), [0.0, 0.0]),
        (math.hypot, (0.0, 0.0), [[0.0, 0.0]]),
        (math.atan2, (0.0, 0.0), [0.0, 0.0]),
        (np.sqrt, (np.float64(0.0),), [inf]),
        (np.cbrt, (np.float64(0.0),), [inf]),
        (np.sinc, (0.0,), [0.0]),
        (np.power, (0.0, 0.0), [0.0, 0.0]),
        (np.power, (0.0, 3.0), [0.0, 0.0]),
        (np.power, (np.array([0.0, 0.0, 0.0, -2.0]), np.array([0.0, 1.0, 2.0, 2.0])), [[0.0, 1.0, 0.0, -4.0], [0.0] * 4]),
        (np.power, (np.array([0.0, -2.0, 3.0]), 2.0), [[0.0, -4.0, 6.0], 9.0 * math.log(3.0)]),
        (np.power, (np.float64(0.0), 0.5), [inf, 0.0]),
        (pow, (0.0, 0), [0.0]),
        (pow, (-2.0, 3), [12.0]),
        (math.pow, (0.0, 2.0), [0.0, 0.0]),
        (np.max, (np.array([2.0, 1.0, 2.0, 2.0]),), [[1 / 3, 0.0, 1 / 3, 1 / 3]]),
        (np.prod, (np.array([0.0, 2.0, 3.0]),), [[6.0, 0.0, 0.0]]),
        (np.prod, (np.array([0.0, 0.0, 3.0]),), [[0.0, 0.0, 0.0]]),
        (np.std, (np.array([2.0, 2.0]),), [[0.0, 0.0]]),
        (np.sum, (np.zeros((0, 3)),), [1.0]),
        (np.prod, (np.zeros(0),), [[]]),
        (np.cumsum, (np.zeros(0),), [[]]),
        (np.sort, (np.array([1.0, 1.0, 1.0]),), [[1.0, 1.0, 1.0]]),
    ],
)
def test_special_values(primitive, args, expected):
    got = partials(primitive, *args)
    assert len(got) == len(expected)
    for one, wanted in zip(got, expected):
        np.testing.assert_allclose(one, wanted, rtol=1e-12)


def test_sort_shares_among_three_that_tie():
    trial = Trial(rule_of(np.sort), np.sort, Sample((np.array([1.0, 0.0, 1.0, 1.0]),), {}))
    np.testing.assert_allclose(trial.cotangents(np.array([1.0, 3.0, 6.0, 0.0]))["a"], [3.0, 1.0, 3.0, 3.0])


def test_where_does_not_leak_from_the_branch_not_taken():
    trial = Trial(rule_of(np.where), np.where, Sample((np.array([True, False]), np.ones(2), np.zeros(2)), {}))
    tangent = trial.tangent({"a": np.array([1.0, np.nan]), "b": np.array([np.inf, 2.0])})
    np.testing.assert_array_equal(tangent, [1.0, 2.0])


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.kink is not None], ids=label)
def test_kinks_come_from_the_table(rule):
    assert rule.kink in [kink.condition for kink in KINKS.values()]
    with np.errstate(all="ignore"):
        for sample in rule.at if rule.kind != "template" else ():  # a template rule's is text
            wants_result = "y" in inspect.signature(rule.kink).parameters
            result = {"y": rule.primitives[0](*sample.args, **sample.kwargs)} if wants_result else {}
            given = {} if list(inspect.signature(rule.kink).parameters) == ["y"] else sample.kwargs
            args = () if list(inspect.signature(rule.kink).parameters) == ["y"] else sample.args
            assert np.any(rule.kink(*args, **given, **result)) in (True, False)


# ---- the closure law --------------------------------------------------------------------------------
ALLOWED = {conj, getattr, AttributeError, int, isinstance, len, tuple, range, sorted, slice}
METHODS = {"astype", "item", "reshape", "copy", "conj"}


def bodies(rule):
    return [body for body in (rule.vjp, rule.jvp) if body is not None]


@pytest.mark.parametrize("rule", [rule for rule in ACTIVE if rule.kind != "template"], ids=label)
def test_functions_in_bodies_have_rules(rule):
    for body in bodies(rule):
        tree = ast.parse(textwrap.dedent(inspect.getsource(body)))
        for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
            if in_decorator(tree, call):
                continue
            function = resolve(call.func, body)
            if function is None:
                assert isinstance(call.func, ast.Attribute) and call.func.attr in METHODS, ast.unparse(call)
                continue
            if isinstance(function, type) and issubclass(function, (Exception, tuple)):  # a refusal, a NamedTuple
                continue
            plain_python = inspect.isfunction(function) and function.__module__.startswith("s2sad.runtime")
            assert function in ALLOWED | STATIC_FUNCTIONS or plain_python or rule_of(function), ast.unparse(call)


def in_decorator(tree, call):
    function = tree.body[0]
    return any(call in list(ast.walk(decorator)) for decorator in getattr(function, "decorator_list", []))


def resolve(node, body):
    """The object that a call's function is, or None for a method of a value."""
    if isinstance(node, ast.Name):
        return body.__globals__.get(node.id, getattr(builtins, node.id, None))
    if isinstance(node, ast.Attribute):
        owner = resolve(node.value, body)
        return getattr(owner, node.attr, None) if inspect.ismodule(owner) else None
    return None


def test_all_of_math_is_in_the_book():
    names = [name for name in dir(math) if callable(getattr(math, name))]
    assert [name for name in names if rule_of(getattr(math, name)) is None] == ["fsum"]  # a loop to the compiler


def test_primitives_with_other_names_are_found():
    assert rule_of(np.abs) is rule_of(np.absolute) is rule_of(abs)
    assert rule_of(np.mod) is rule_of(np.remainder)
