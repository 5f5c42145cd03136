"""The entry points: calling conventions, caching, pickling, refusals."""

import copy
import functools
import inspect
import pickle
import threading
from typing import NamedTuple

import numpy as np
import pytest

from s2sad import derivative as derivative_module
from s2sad.api import grad, jvp, linearize, stop_gradient, value_and_grad, vjp
from s2sad.derivative import Derivative
from s2sad.errors import BackendError, InvalidArgnums, NonFiniteError, NonScalarOutput, NotDifferentiable
from s2sad.testing import check_grads

SCALE = 2.0
SHIFT = np.array([1.0, 2.0, 3.0])


def cube(x):
    """The third power."""
    return x * x * x


def area(w, h=3.0):
    return w * h


def total(x):
    return np.sum(x * x)


def scaled(x):
    return SCALE * x * x


def shifted(x):
    return np.sum(x * SHIFT)


def with_aux(x, y):
    return x * y, {"double": 2.0 * x, "name": "aux"}


def mixed(x, *rest, s=1.0, **more):
    return x * rest[0] * s * more["k"]


@grad
def decorated(x):
    """Decorated."""
    return x * x


@grad(argnums="b")
def decorated_by_name(a, b):
    return a * b * b


@pytest.fixture
def compilations(monkeypatch):
    """The modes that were compiled, in order."""
    modes = []
    real = derivative_module.pipeline.compile_function

    def counting(fun, signature, wrt, mode, *rest):
        modes.append(mode)
        return real(fun, signature, wrt, mode, *rest)

    monkeypatch.setattr(derivative_module.pipeline, "compile_function", counting)
    return modes


# ---- forms of a call


def test_grad_of_a_scalar_function():
    assert grad(cube)(2.0) == pytest.approx(12.0)


def test_decorators():
    assert decorated(3.0) == pytest.approx(6.0)
    assert decorated.primal(3.0) == 9.0
    assert decorated_by_name(2.0, 3.0) == pytest.approx(12.0)


def test_keywords_and_defaults():
    g = grad(area)
    assert g(2.0) == pytest.approx(3.0)
    assert g(w=2.0, h=5.0) == pytest.approx(5.0)
    assert g(2.0, h=4.0) == pytest.approx(4.0)


def test_variadic_and_keyword_only_parameters():
    g = grad(mixed, argnums=("x", "rest", "s", "more"))
    x_bar, rest_bar, s_bar, more_bar = g(2.0, 3.0, s=5.0, k=7.0)
    assert x_bar == pytest.approx(105.0)
    assert rest_bar == pytest.approx((70.0,))
    assert s_bar == pytest.approx(42.0)
    assert more_bar == pytest.approx({"k": 30.0})


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [
        (0, 3.0),
        (1, 2.0),
        (-1, 2.0),
        ("h", 2.0),
        ((0, 1), (3.0, 2.0)),
        (["h", "w"], (2.0, 3.0)),
        ((1,), (2.0,)),
        ((), ()),
    ],
)
def test_argnums(argnums, expected):
    assert grad(area, argnums)(2.0, 3.0) == pytest.approx(expected)


def test_value_and_grad():
    assert value_and_grad(area, argnums=("w", "h"))(2.0, 3.0) == (6.0, (3.0, 2.0))
    assert value_and_grad(cube)(2.0) == (8.0, 12.0)


def test_aux():
    aux = {"double": 4.0, "name": "aux"}
    assert grad(with_aux, has_aux=True)(2.0, 3.0) == (3.0, aux)
    assert value_and_grad(with_aux, ("x", "y"), has_aux=True)(2.0, 3.0) == ((6.0, aux), (3.0, 2.0))


def test_aux_needs_a_pair():
    with pytest.raises(TypeError, match=r"must return \(value, aux\)"):
        grad(cube, has_aux=True)(2.0)


def test_vjp_may_be_called_many_times():
    value, pullback = vjp(area, 2.0, 3.0)
    assert value == 6.0
    assert pullback(1.0) == (3.0, 2.0)
    assert pullback(10) == (30.0, 20.0)
    assert "def " in pullback.source


def test_vjp_of_an_array_function():
    value, (x_bar,) = (lambda v, p: (v, p(np.ones(3))))(*vjp(np_square, np.arange(3.0)))
    np.testing.assert_array_equal(value, [0.0, 1.0, 4.0])
    np.testing.assert_allclose(x_bar, [0.0, 2.0, 4.0])


def np_square(x):
    return x * x


def test_vjp_and_jvp_with_aux():
    value, pullback, aux = vjp(with_aux, 2.0, 3.0, has_aux=True)
    assert (value, aux["double"], pullback(1.0)) == (6.0, 4.0, (3.0, 2.0))
    assert jvp(with_aux, (2.0, 3.0), (1.0, 0.0), has_aux=True) == (6.0, 3.0, aux)


def test_jvp():
    assert jvp(area, (2.0, 3.0), (1.0, 0.5)) == (6.0, 4.0)


@pytest.mark.parametrize(
    ("tangents", "error", "words"),
    [
        ((1.0,), TypeError, "2 primals and 1 tangents"),
        ((1.0, [1.0]), TypeError, r"tangents\[1\] must have the structure of primals\[1\]"),
        ((1.0, np.ones(2)), ValueError, r"tangents\[1\] has shape \(2,\)"),
        ((1.0, "a"), TypeError, "not a number"),
        (1.0, TypeError, "must be tuples or lists"),
    ],
)
def test_wrong_tangents(tangents, error, words):
    with pytest.raises(error, match=words):
        jvp(area, (2.0, 3.0), tangents)


def test_wrong_cotangent():
    _, pullback = vjp(np_square, np.arange(3.0))
    with pytest.raises(ValueError, match=r"the cotangent has shape \(2,\); in the value it is \(3,\)"):
        pullback(np.ones(2))


def test_arguments_that_a_star_takes():
    def power_sum(x, *rest):
        total = x
        for r in rest:
            total = total * r + x
        return total

    assert jvp(power_sum, (2.0, 3.0, 4.0), (1.0, 0.5, 0.0)) == (34.0, 21.0)
    assert vjp(power_sum, 2.0, 3.0, 4.0)[1](1.0) == (17.0, 8.0, 8.0)
    assert linearize(power_sum, 2.0, 3.0)[1](1.0, 0.5) == 5.0
    with pytest.raises(TypeError, match="1 tangents for 2 primals"):
        linearize(power_sum, 2.0, 3.0)[1](1.0)
    check_grads(power_sum, (2.0, 3.0, 4.0), order=2)


def test_stop_gradient_is_the_identity():
    x = np.ones(3)
    assert stop_gradient(x) is x


def test_stop_gradient_has_a_zero_derivative():
    assert grad(frozen)(3.0) == pytest.approx(3.0)


def frozen(x):
    return stop_gradient(x) * x


def test_methods():
    class Model:
        rate = 2.0

        @grad(argnums="x")
        def loss(self, x):
            return x * x

    assert Model().loss(3.0) == pytest.approx(6.0)


# ---- gradients have the structure of the argument


class Pair(NamedTuple):
    a: float
    b: np.ndarray


def of_pair(p):
    return p.a * np.sum(p.b * p.b)


def of_dict(p):
    return p["w"] * p["inner"]["v"][0] + p["inner"]["v"][1]


def test_structure_of_the_gradient():
    g = grad(of_pair)(Pair(2.0, np.array([1.0, 2.0])))
    assert isinstance(g, Pair)
    assert g.a == pytest.approx(5.0)
    np.testing.assert_allclose(g.b, [4.0, 8.0])
    g = grad(of_dict)({"w": 2.0, "inner": {"v": [3.0, 4.0]}})
    assert list(g) == ["w", "inner"]
    assert g["w"] == pytest.approx(3.0)
    assert isinstance(g["inner"]["v"], list)
    assert g["inner"]["v"] == pytest.approx([2.0, 1.0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (0,)])
def test_dtype_and_shape_of_the_gradient(dtype, shape):
    x = np.full(shape, 2.0, dtype=dtype)
    g = grad(total)(x)
    assert isinstance(g, np.ndarray)
    assert (g.dtype, g.shape) == (x.dtype, shape)
    np.testing.assert_allclose(g, 2.0 * x)


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
@pytest.mark.parametrize(
    "primal",
    [np.mean, np.sum, lambda x: np.mean(x * 2.0), lambda x: np.mean(x) * 3.0, lambda x: np.sum(x[1:]) / 4, lambda x: x.mean() + x[0]],
)
def test_a_gradient_made_of_one_number_has_the_dtype_of_the_argument(primal, dtype):
    def real(x):
        return np.real(primal(x))

    x = np.array([0.5, 1.5, 2.5], dtype)
    assert grad(real)(x).dtype == dtype
    assert vjp(real, x)[1](1.0)[0].dtype == dtype


def mixed_in_a_loop(w, y):
    for _ in range(2):
        y = np.real(w) * y
    return np.sum(y)


@pytest.mark.parametrize("dtype", [np.float32, np.complex64, np.complex128])
@pytest.mark.parametrize("optimize", [True, False])
def test_what_a_loop_adds_up_has_the_dtype_of_the_argument(dtype, optimize):
    """The loop computes in double precision, of which some comes from another argument."""
    w, y = np.array([0.5, 1.5], dtype), np.array([2.0, 3.0])
    g = grad(mixed_in_a_loop, argnums=(0, 1), optimize=optimize)(w, y)
    assert [part.dtype for part in g] == [dtype, np.float64]
    np.testing.assert_allclose(g[0], 2.0 * np.real(w) * y, rtol=1e-6)
    assert grad(lambda z: np.mean(z.real))(w).dtype == dtype


@pytest.mark.parametrize("number", [np.float32(2.0), np.float64(2.0)])
def test_numpy_scalars(number):
    g = grad(cube)(number)
    assert np.shape(g) == ()
    assert g == pytest.approx(12.0)
    assert np.asarray(g).dtype == number.dtype


@pytest.mark.parametrize("number", [2, np.int64(2)])
def test_integer_scalars_are_promoted(number):
    g = grad(cube)(number)
    assert isinstance(g, float)
    assert g == pytest.approx(12.0)


def test_integers_in_a_list_are_promoted():
    assert grad(of_list)([2, 3]) == pytest.approx([3.0, 2.0])


def of_list(x):
    return x[0] * x[1]


# ---- refusals


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        (np.arange(3), r"x is an array of dtype int.*pass x.astype\(float\)"),
        (np.array(3), r"x.astype\(float\)"),
        (np.array([True]), r"x.astype\(float\)"),
        ("text", "x is a str"),
        (None, "x is None"),
        (True, "x is a bool"),
        (object(), "x is a object"),
        ([1.0, {"k": "text"}], r"x\[1\]\['k'\] is a str"),
        (Pair(1.0, np.arange(3)), r"x\.b is an array of dtype int"),
        (np.array(["a"]), "x is a ndarray"),
    ],
)
def test_arguments_without_a_derivative_are_refused(argument, words, compilations):
    with pytest.raises(NotDifferentiable, match=words):
        grad(cube)(argument)
    assert compilations == []


def test_integers_that_are_not_differentiated_stay_integers():
    assert grad(power)(2.0, 3) == pytest.approx(12.0)


def power(x, n):
    result = x
    for _ in range(n - 1):
        result = result * x
    return result


@pytest.mark.parametrize("x", [np.ones(3), np.ones(1), np.ones((1, 1))])
def test_non_scalar_output_is_refused(x):
    with pytest.raises(NonScalarOutput, match=r"np_square returns an array.*jacobian.*vjp"):
        grad(np_square)(x)


def test_tuple_output_is_refused():
    with pytest.raises(NonScalarOutput, match="returns a tuple.*has_aux"):
        grad(with_aux)(2.0, 3.0)


def test_no_output_is_refused():
    with pytest.raises(NonScalarOutput, match="returns None"):
        grad(nothing)(2.0)


def nothing(x):
    return None


def test_complex_output_is_refused():
    with pytest.raises(NotDifferentiable, match="complex"):
        grad(rotated)(2.0)


def rotated(x):
    return x * 1j


@pytest.mark.parametrize("argnums", ["z", 2, -3, 1.5, True, ("w", "z"), ("w", 0)])
def test_unknown_argnums_are_refused_at_once(argnums):
    with pytest.raises(InvalidArgnums, match=r"S303.*area|argnums must be"):
        grad(area, argnums)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"kinks": "maybe"}, "kinks='maybe'.*'subgradient', 'nan', 'raise'"),
        ({"where": 1}, "'masked', 'ieee'"),
        ({"check_finite": 1}, "False, True"),
        ({"backend": "fortran"}, "'numpy', 'numba'"),
    ],
)
def test_unknown_option_values_are_refused(option, words):
    with pytest.raises(ValueError, match=words):
        grad(cube, **option)


def test_unknown_options_are_refused():
    with pytest.raises(TypeError, match="'kink'.*backend, kinks, where"):
        grad(cube, kink="nan")


def test_unavailable_backend_is_refused(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BackendError, match="numba"):
        grad(cube, backend="numba")


@pytest.mark.parametrize("thing", [3.0, "f", [cube]])
def test_things_that_are_not_functions_are_refused(thing):
    with pytest.raises(TypeError, match="must be a function"):
        grad(thing)


def test_missing_arguments_are_named():
    with pytest.raises(TypeError, match=r"area\(\) missing 1 required positional argument: 'w'"):
        grad(area)()


def test_check_finite():
    with np.errstate(all="ignore"), pytest.raises(NonFiniteError, match="reciprocal"):
        grad(reciprocal, check_finite=True)(np.float64(0.0))
    assert grad(reciprocal, check_finite=True)(2.0) == pytest.approx(-0.25)


def reciprocal(x):
    return 1.0 / x


# ---- compiled once for each signature


def test_one_compilation_for_each_signature(compilations):
    g = grad(total)
    for x in (
        np.ones(3),
        np.ones(4),
        np.zeros(3),
        np.ones(1),
        np.ones(1),
        np.ones((2, 2)),
        2.0,
        3.0,
        np.float32(2.0),
    ):
        g(x)
    assert len(compilations) == 5
    assert g.cache_info() == (4, 5, 256, 5)
    g.cache_clear()
    assert g.cache_info() == (0, 0, 256, 0)


def test_keywords_and_positions_share_compiled_code(compilations):
    g = grad(area)
    g(2.0, 3.0), g(w=1.0), g(2.0, h=1.0)
    assert len(compilations) == 1


def test_a_global_rebound_to_another_number_is_read_live(monkeypatch, compilations):
    g = grad(scaled)
    assert g(3.0) == pytest.approx(12.0)
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert g(3.0) == pytest.approx(30.0)
    assert len(compilations) == 1


def test_a_global_rebound_to_another_kind_is_compiled_for(monkeypatch, compilations):
    g = grad(shifted)
    x = np.ones(3)
    np.testing.assert_allclose(g(x), SHIFT)
    monkeypatch.setitem(globals(), "SHIFT", 4.0)
    np.testing.assert_allclose(g(x), [4.0, 4.0, 4.0])
    monkeypatch.setitem(globals(), "SHIFT", np.array([5.0, 6.0, 7.0]))
    np.testing.assert_allclose(g(x), [5.0, 6.0, 7.0])
    assert len(compilations) == 2


def test_a_captured_value_is_read_live(compilations):
    factor = 2.0

    def scaled_by(x):
        return factor * x

    g = grad(scaled_by)
    assert g(1.0) == pytest.approx(2.0)
    factor = 3.0
    assert g(1.0) == pytest.approx(3.0)
    assert len(compilations) == 1


def test_a_callee_rebound_to_another_function_is_compiled_for(monkeypatch):
    g = grad(calls_helper)
    assert g(2.0) == pytest.approx(4.0)
    monkeypatch.setitem(globals(), "helper", cube)
    assert g(2.0) == pytest.approx(12.0)


def helper(x):
    return x * x


def calls_helper(x):
    return helper(x)


def test_functions_as_arguments_are_told_apart():
    g = grad(apply)
    assert g(2.0, helper) == pytest.approx(4.0)
    assert g(2.0, cube) == pytest.approx(12.0)
    assert g(2.0, helper) == pytest.approx(4.0)


def apply(x, fun):
    return fun(x)


def test_strings_are_told_apart_by_value():
    g = grad(chooses)
    assert g(2.0, "square") == pytest.approx(4.0)
    assert g(2.0, "cube") == pytest.approx(12.0)


def chooses(x, kind):
    if kind == "square":
        return x * x
    return x * x * x


def test_two_threads_compile_once(compilations):
    g = grad(cube)
    start = threading.Barrier(8)
    results = []

    def call():
        start.wait()
        results.append(g(2.0))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == pytest.approx([12.0] * 8)
    assert len(compilations) == 1


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(derivative_module, "MAX_ENTRIES", 2)
    g = grad(chooses)
    for kind in "abcd":
        g(2.0, kind)
    assert g.cache_info().currsize == 2


# ---- the object


def test_it_looks_like_the_primal():
    g = grad(cube)
    assert (g.__name__, g.__qualname__, g.__module__) == ("cube", "cube", __name__)
    assert g.__wrapped__ is g.primal is cube
    assert inspect.signature(g) == inspect.signature(cube)
    assert "Gradient of `cube` with respect to `x`" in g.__doc__
    assert "The third power." in g.__doc__
    assert "cube" in repr(g)


def test_source_before_and_after_a_call():
    g = grad(total)
    assert "def total_" in g.source
    g(np.ones(3))
    assert g.source == g.specialize(np.ones(5)).source


def test_source_by_annotations_and_defaults():
    assert "annotated_" in grad(annotated).source


def annotated(x: np.ndarray, s: float, n: int, m=2):
    result = 0.0
    for i in range(n + m):
        result = result + s * np.sum(x) * i
    return result


def test_specialize_compiles_without_running(compilations):
    made = grad(area).specialize(2.0)
    assert "def area_" in made.source
    assert made(5.0, 7.0) == pytest.approx(7.0)
    with pytest.raises(TypeError, match="compiled for other types"):
        made(np.ones(3), 1.0)
    assert len(compilations) == 1


def test_display_in_a_notebook():
    g = grad(cube)
    assert "compiled at the first call" in g._repr_html_()
    g(2.0)
    bundle = g._repr_mimebundle_()
    assert "cube_" in bundle["text/plain"]
    assert "<pre" in bundle["text/html"]


@pytest.mark.parametrize(
    "g", [decorated, decorated_by_name, grad(cube), value_and_grad(area, ("w", "h"), kinks="nan")]
)
def test_pickle(g):
    again = pickle.loads(pickle.dumps(g))
    assert isinstance(again, Derivative)
    assert again.primal is g.primal
    assert (again.mode, again.wrt, again.options) == (g.mode, g.wrt, g.options)


def test_pickle_of_a_local_function_is_refused():
    with pytest.raises(pickle.PicklingError, match="top level"):
        pickle.dumps(grad(lambda x: x))


def test_copies_are_the_same_object():
    g = grad(lambda x: x)
    assert copy.copy(g) is g
    assert copy.deepcopy([g])[0] is g


def test_partial_and_second_derivative():
    assert grad(functools.partial(area, h=4.0))(2.0) == pytest.approx(4.0)
    assert grad(grad(cube))(2.0) == pytest.approx(12.0, rel=1e-3)


def test_a_pullback_keeps_the_point():
    """Arrays and lists that are changed after `vjp` do not change what the pullback gives."""

    def f(x, w, items):
        y = np.exp(x)
        return y * w * items[0] * items[1]

    x, w, items = np.array([0.1, 0.2]), np.array([1.0, 2.0]), [2.0, 3.0]
    value, pullback = vjp(f, x, w, items)
    before = pullback(np.ones(2))
    x[:], w[:], value[:], items[0] = 9.0, 9.0, 9.0, 9.0
    after = pullback(np.ones(2))
    for one, other in zip(before, after):
        np.testing.assert_array_equal(one, other)


def two_rests(x, y, n):
    for _ in range(n):
        x = x - 0.1 * np.sin(x)
        y = y - 0.2 * np.sin(y)
    return x + y


def test_aux_beside_a_number_of_numpy():
    """Its seed is a number, not an array of no dimension that both cotangents would be added up in."""
    expected = grad(two_rests, (0, 1))(0.3, 0.7, 3)
    got, aux = grad(lambda x, y, n: (two_rests(x, y, n), x), (0, 1), has_aux=True)(0.3, 0.7, 3)
    assert got == expected
    assert aux == 0.3


@pytest.mark.parametrize("other", [[3.0, 4.0], 2.5])
@pytest.mark.parametrize("argnums", [0, (0, 1)])
def test_lists_that_python_does_not_multiply_raise_as_the_primal_does(other, argnums):
    def product(a, b):
        return np.sum(a * b)

    with pytest.raises(TypeError):
        product([1.0, 2.0], other)
    with pytest.raises(TypeError):
        grad(product, argnums=argnums)([1.0, 2.0], other)
    np.testing.assert_allclose(grad(product)([1.0, 2.0], np.array([3.0, 4.0])), [3.0, 4.0])
