"""Jacobians, Hessians and their kin: values, structures, options, nesting, pickling."""

import inspect
import pickle
from collections import namedtuple

import numpy as np
import pytest

from s2sad import (
    Derivative,
    InvalidArgnums,
    NonFiniteError,
    NonScalarOutput,
    NotDifferentiable,
    checkpointed,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    linearize,
    value_and_grad,
)
from s2sad.structure import leaves

Pair = namedtuple("Pair", "a b")
BOTH = pytest.mark.parametrize("whole", [jacfwd, jacrev, jacobian])
X = np.array([0.3, -1.2, 0.7])


def stretched(x, a=2.0):
    return np.outer(x, np.sin(x)) * a


def swirl(r, phi):
    return np.array([r * np.cos(phi), r * np.sin(phi)])


def tangled(p, y):
    u = p["w"] @ y + p["b"]
    return {"u": np.tanh(u), "s": np.sum(u * u) * p["scale"]}


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def by_differences(fun, x, eps=1e-6):
    columns = [(fun(x + d) - fun(x - d)) / (2 * eps) for d in eps * np.eye(x.size).reshape(x.size, *x.shape)]
    return np.moveaxis(np.array(columns), 0, -1).reshape(*np.shape(fun(x)), *x.shape)


@BOTH
def test_array_to_array(whole):
    got = whole(stretched)(X)
    assert got.shape == (3, 3, 3)
    np.testing.assert_allclose(got, by_differences(stretched, X), atol=1e-8)


@BOTH
@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (2, 1, 3)])
def test_shapes_of_arguments(whole, shape):
    x = np.random.default_rng(0).normal(size=shape)

    def fun(x):
        return np.array([np.sum(x * x), np.sum(np.sin(x))])

    got = whole(fun)(x)
    assert got.shape == (2, *shape)
    np.testing.assert_allclose(got, np.array([2 * x, np.cos(x)]))


@BOTH
def test_scalar_argument_and_scalar_result(whole):
    assert whole(lambda x: x**3)(2.0) == pytest.approx(12.0)
    np.testing.assert_allclose(whole(lambda x: np.sum(x**3))(X), 3 * X**2)
    np.testing.assert_allclose(whole(lambda t: X * t**2)(3.0), 6 * X)


@BOTH
def test_several_argnums_give_a_tuple(whole):
    by_r, by_phi = whole(swirl, argnums=("r", "phi"))(2.0, 0.5)
    np.testing.assert_allclose(by_r, [np.cos(0.5), np.sin(0.5)])
    np.testing.assert_allclose(by_phi, [-2 * np.sin(0.5), 2 * np.cos(0.5)])
    (only,) = whole(swirl, argnums=(1,))(2.0, 0.5)
    np.testing.assert_allclose(only, by_phi)


@BOTH
@pytest.mark.parametrize("chunk", [None, 1, 3])
def test_containers_give_nested_results(whole, chunk):
    rng = np.random.default_rng(1)
    p = {"w": rng.normal(size=(2, 3)), "b": rng.normal(size=2), "scale": 1.5}
    y = rng.normal(size=3)
    got = whole(tangled, argnums=(0, 1), chunk=chunk)(p, y)
    assert [where for where, _ in leaves(got)] == [
        f"['{out}'][{k}]{leaf}" for out in "us" for k, leaf in [(0, "['w']"), (0, "['b']"), (0, "['scale']"), (1, "")]
    ]
    for out in "us":
        for key in ("w", "b"):
            expected = by_differences(lambda v, key=key, out=out: tangled({**p, key: v}, y)[out], p[key])
            np.testing.assert_allclose(got[out][0][key], expected, atol=1e-7)
        np.testing.assert_allclose(
            got[out][1], by_differences(lambda v, out=out: tangled(p, v)[out], y), atol=1e-7
        )
    np.testing.assert_allclose(got["s"][0]["scale"], tangled(p, y)["s"] / 1.5)
    np.testing.assert_allclose(got["u"][0]["scale"], np.zeros(2))


@BOTH
def test_lists_tuples_and_named_tuples(whole):
    got = whole(lambda p: [p.a * p.b[0], p.b[1] * X])(Pair(2.0, [3.0, 4.0]))
    assert isinstance(got[0], Pair)
    assert got[0].a == pytest.approx(3.0)
    np.testing.assert_allclose(got[1].b[1], X)
    np.testing.assert_allclose(got[1].a, np.zeros(3))
    inner = whole(lambda x: Pair(x * x, (np.sum(x),)))(X)
    assert isinstance(inner, Pair)
    np.testing.assert_allclose(inner.a, np.diag(2 * X))
    np.testing.assert_allclose(inner.b[0], np.ones(3))


@BOTH
@pytest.mark.parametrize("chunk", [None, 2])
def test_aux(whole, chunk):
    def fun(x):
        y = np.sin(x)
        return y * y, {"y": y, "n": 3, "name": "sine"}

    got, aux = whole(fun, has_aux=True, chunk=chunk)(X)
    np.testing.assert_allclose(got, np.diag(np.sin(2 * X)))
    np.testing.assert_allclose(aux["y"], np.sin(X))
    assert (aux["n"], aux["name"]) == (3, "sine")


def test_hessian_with_aux():
    got, aux = hessian(lambda x: (np.sum(x**3), x[0]), has_aux=True)(X)
    np.testing.assert_allclose(got, np.diag(6 * X))
    assert aux == X[0]
    with pytest.raises(TypeError, match="has_aux"):
        jacfwd(lambda x: x * x, has_aux=True)(X)


@BOTH
def test_dtypes(whole):
    x = X.astype(np.float32)
    assert whole(stretched)(x).dtype == np.float32
    with pytest.raises(NotDifferentiable, match="astype"):
        whole(stretched)(np.arange(3))
    assert whole(lambda x: x * 2.0)(3) == 2.0


@BOTH
def test_chunks_give_the_same(whole):
    x = np.linspace(0.1, 1.0, 7)
    np.testing.assert_allclose(whole(stretched, chunk=2)(x), whole(stretched)(x))


def test_many_directions_go_in_chunks():
    made = jacfwd(lambda x: np.sin(x[::100]))
    x = np.linspace(0.0, 1.0, 600)
    got = made(x)
    assert "for k in range(0, len(x), 256):" in made.source
    expected = np.zeros((6, 600))
    expected[np.arange(6), np.arange(0, 600, 100)] = np.cos(x[::100])
    np.testing.assert_allclose(got, expected)


def test_one_jacobian_from_functions_of_any_control_flow():
    def fun(x):
        y = np.zeros(4)
        for i in range(4):
            if x[i % 3] > 0.0:
                y[i] = x[i % 3] ** 2 * y[i - 1] + np.sin(x[0])
            else:
                y[i] += x[1] * x[2]
        while y[0] < 5.0:
            y = y * 2.0 + x[0]
        return y

    for whole in (jacfwd, jacrev, jacobian):
        np.testing.assert_allclose(whole(fun)(X), by_differences(fun, X), rtol=1e-5, atol=1e-6)


def test_recursion():
    def power(x, n):
        return np.ones_like(x) if n == 0 else x * power(x, n - 1)

    for whole in (jacfwd, jacrev):
        np.testing.assert_allclose(whole(power)(X, 4), np.diag(4 * X**3))


@BOTH
def test_steps_without_a_form_go_one_by_one(whole):
    def fun(x):  # the rule of sorting has no form for several directions
        y = np.sort(x)
        return y * np.cumprod(y)

    np.testing.assert_allclose(whole(fun)(X), by_differences(fun, X), atol=1e-7)


@BOTH
def test_programs_without_a_form_go_one_by_one(whole):
    def fun(x):
        a, b = np.meshgrid(x, x * x)
        rows = [[u * v for u in x] for v in x]
        return np.sum(a * b, axis=0) + np.array([sum(row) for row in rows])

    np.testing.assert_allclose(whole(fun)(X), by_differences(fun, X), atol=1e-7)


def test_random_draws_and_prints_happen_once(capsys):
    rng = np.random.default_rng(3)

    def noisy(x):
        print("run")
        return x * rng.normal(size=3)

    got = jacrev(noisy)(X)
    assert capsys.readouterr().out == "run\n"
    np.testing.assert_allclose(got, np.diag(np.random.default_rng(3).normal(size=3)))


def test_jacobian_takes_the_fewer_directions():
    wide = jacobian(lambda x: np.array([np.sum(x), np.sum(x * x)]))
    wide(X)
    assert "_cotangents" in wide.source
    tall = jacobian(lambda t: X * t)
    tall(2.0)
    assert "_tangents" in tall.source
    square = jacobian(lambda x: x * x)
    square(X)
    assert "_tangents" in square.source
    masked = jacobian(lambda x: x[x > 0.0])
    np.testing.assert_allclose(masked(X), np.eye(3)[[0, 2]])


def test_complex_results_and_arguments():
    got = jacfwd(lambda x: np.exp(1j * x))(X)
    np.testing.assert_allclose(got, np.diag(1j * np.exp(1j * X)))
    np.testing.assert_allclose(jacobian(lambda x: np.exp(1j * x))(X), got)
    with pytest.raises(NotDifferentiable, match="jacfwd"):
        jacrev(lambda x: np.exp(1j * x))(X)
    with pytest.raises(NotDifferentiable, match="complex"):
        jacfwd(lambda z: z * z)(X + 1j)


def test_results_that_have_no_jacobian():
    with pytest.raises(NotDifferentiable, match="integer"):
        jacfwd(lambda x: (x, 3))(X)
    with pytest.raises(NotDifferentiable, match="no number"):
        jacrev(lambda x: (x, "name"))(X)


# ---- Hessians ---------------------------------------------------------------------------------------------------
def test_hessian():
    scipy = pytest.importorskip("scipy.optimize")
    x = np.linspace(-1.0, 1.0, 9)
    np.testing.assert_allclose(hessian(rosenbrock)(x), scipy.rosen_hess(x), atol=1e-10)
    np.testing.assert_allclose(hessian(rosenbrock, chunk=4)(x), scipy.rosen_hess(x), atol=1e-10)
    for nested in (jacfwd(grad(rosenbrock)), jacrev(grad(rosenbrock)), jacfwd(jacrev(rosenbrock)),
                   jacrev(jacfwd(rosenbrock)), jacfwd(jacfwd(rosenbrock)), jacrev(jacrev(rosenbrock))):  # fmt: skip
        np.testing.assert_allclose(nested(x), scipy.rosen_hess(x), atol=1e-10)


def test_hessian_of_containers_is_nested_twice():
    def loss(p, s):
        return np.sum((p["w"] * s) ** 2) * p["b"] ** 3

    p, s = {"w": X, "b": 2.0}, 1.5
    got = hessian(loss, argnums=(0, "s"))(p, s)
    np.testing.assert_allclose(got[0]["w"][0]["w"], np.diag([2 * s**2 * 8.0] * 3))
    np.testing.assert_allclose(got[0]["w"][0]["b"], 2 * s**2 * 12.0 * X)
    np.testing.assert_allclose(got[0]["b"][1], 2 * s * 12.0 * np.sum(X * X))
    np.testing.assert_allclose(got[1][0]["w"], 4 * s * 8.0 * X)
    np.testing.assert_allclose(got[1][1], 2 * 8.0 * np.sum(X * X))


def test_hessian_of_a_matrix():
    x = np.random.default_rng(5).normal(size=(2, 3))
    got = hessian(lambda x: np.sum(np.sin(x) * x[::-1]))(x)
    assert got.shape == (2, 3, 2, 3)
    np.testing.assert_allclose(got, np.transpose(got, (2, 3, 0, 1)), atol=1e-12)
    np.testing.assert_allclose(got[0, 1, 1, 1], np.cos(x[0, 1]) + np.cos(x[1, 1]))


def test_hessian_of_several_values():
    got = hessian(lambda x: np.array([x[0] * x[1], x[2] ** 3]))(X)
    expected = np.zeros((2, 3, 3))
    expected[0, 0, 1] = expected[0, 1, 0] = 1.0
    expected[1, 2, 2] = 6 * X[2]
    np.testing.assert_allclose(got, expected)


def test_hessian_product():
    x, p = np.linspace(-1.0, 1.0, 8), np.linspace(2.0, 3.0, 8)
    full = hessian(rosenbrock)(x) @ p
    product = hvp(rosenbrock)
    np.testing.assert_allclose(product(x, p), full)
    assert list(inspect.signature(product).parameters) == ["x", "p"]
    assert "rosenbrock_grad_tangent" in product.source

    def weighted(x, w, n=2):
        return np.sum(w * x**n)

    np.testing.assert_allclose(hvp(weighted)(x, p, 3.0 * p, 3), 18.0 * p * x * p)
    np.testing.assert_allclose(hvp(weighted)(x, p, w=3.0 * p), 6.0 * p * p)
    np.testing.assert_allclose(hvp(weighted, argnums="w")(x, p, p), np.zeros(8))
    by_x, by_w = hvp(weighted, argnums=(0, 1))(x, (p, x), p)
    np.testing.assert_allclose(by_x, 2 * p * p + 2 * x * x)
    np.testing.assert_allclose(by_w, 2 * x * p)
    with pytest.raises(ValueError, match="shape"):
        product(x, p[:-1])


def test_hessian_product_of_containers():
    got = hvp(lambda p: p["a"] ** 3 * np.sum(p["b"]))({"a": 2.0, "b": X}, {"a": 1.0, "b": np.ones(3)})
    assert got["a"] == pytest.approx(12.0 * np.sum(X) + 36.0)
    np.testing.assert_allclose(got["b"], np.full(3, 12.0))


def test_minimize_takes_it_as_hessp():
    optimize = pytest.importorskip("scipy.optimize")
    x0 = np.full(6, 1.3)
    found = optimize.minimize(
        value_and_grad(rosenbrock), x0, jac=True, hessp=hvp(rosenbrock), method="trust-ncg"
    )
    assert found.success
    np.testing.assert_allclose(found.x, np.ones(6), atol=1e-5)


# ---- elementwise_grad and linearize -----------------------------------------------------------------------------
def test_elementwise_grad():
    def cubic(x, a=2.0):
        return a * x**3 + np.sin(x)

    np.testing.assert_allclose(elementwise_grad(cubic)(X), 6 * X**2 + np.cos(X))
    np.testing.assert_allclose(elementwise_grad(elementwise_grad(cubic))(X, 1.0), 6 * X - np.sin(X))
    thrice = elementwise_grad(elementwise_grad(elementwise_grad(cubic)))
    np.testing.assert_allclose(thrice(X), 12.0 - np.cos(X))
    assert elementwise_grad(cubic)(0.5) == pytest.approx(1.5 + np.cos(0.5))
    assert elementwise_grad(cubic)(X.astype(np.float32)).dtype == np.float32
    with pytest.raises(NotDifferentiable, match="element"):
        elementwise_grad(np_sum)(X)
    with pytest.raises(NotDifferentiable, match="element"):
        elementwise_grad(lambda x: x[:-1])(X)
    with pytest.raises(InvalidArgnums):
        elementwise_grad(cubic, argnums=(0, 1))


def np_sum(x):
    return np.sum(x)


def test_linearize():
    value, push = linearize(stretched, X)
    np.testing.assert_allclose(value, stretched(X))
    direction = np.array([1.0, 0.0, -2.0])
    np.testing.assert_allclose(push(direction), jacfwd(stretched)(X) @ direction)
    assert "stretched_tangent" in push.source
    value, push, aux = linearize(lambda x: (x * x, "aux"), X, has_aux=True)
    assert aux == "aux"
    np.testing.assert_allclose(push(direction), 2 * X * direction)
    with pytest.raises(TypeError, match="tangents"):
        push()
    kept = X.copy()
    value, push = linearize(lambda x: x * x, kept)
    kept[:] = 0.0
    np.testing.assert_allclose(push(direction), 2 * X * direction)


# ---- as objects -------------------------------------------------------------------------------------------------
ALL = [jacfwd(stretched), jacrev(stretched), jacobian(stretched), hessian(rosenbrock), hvp(rosenbrock),
       elementwise_grad(np_sum)]  # fmt: skip


@pytest.mark.parametrize("made", ALL, ids=lambda made: made.mode)
def test_pickle_and_names(made):
    again = pickle.loads(pickle.dumps(made))
    assert (type(again), again.primal, again.argnums) == (type(made), made.primal, made.argnums)
    assert made.__wrapped__ is made.primal
    assert made.primal.__name__ in made.__doc__
    assert made.mode in repr(made)


def test_source_specialize_and_cache():
    made = jacfwd(stretched)
    special = made.specialize(X)
    assert made.cache_info().misses == 1
    assert "def stretched_jacobian(x, a):" in special.source
    assert "def stretched_tangents(x, a, x_dot):" in special.source
    np.testing.assert_allclose(special(X), made(X))
    assert made.cache_info().hits >= 1
    with pytest.raises(TypeError, match="other types"):
        special(2.0)
    made.cache_clear()
    assert made.cache_info().currsize == 0
    assert "def stretched_jacobian(x, a):" in made.specialize(X).source
    assert "stretched_jacobian" in made._repr_html_() or "jacobian" in made._repr_html_()
    assert "def" in jacrev(swirl).source


def test_as_decorator_and_method():
    @jacfwd(argnums="v")
    def flow(t, v):
        return t * v * v

    np.testing.assert_allclose(flow(2.0, X), np.diag(4 * X))

    class Model:
        scale = 3.0

        def apply(self, x):
            return self.scale_of() * x * x

        def scale_of(self):
            return 3.0

    np.testing.assert_allclose(jacfwd(Model().apply)(X), np.diag(6 * X))


def test_options():
    with np.errstate(divide="ignore", invalid="ignore"), pytest.raises(NonFiniteError):
        jacfwd(lambda x: np.sqrt(x), check_finite=True)(np.zeros(2))
    with pytest.raises(TypeError, match="unexpected option"):
        jacfwd(stretched, nonsense=1)
    with pytest.raises(ValueError, match="chunk"):
        hessian(rosenbrock, chunk=0)
    np.testing.assert_allclose(hessian(rosenbrock, optimize=False)(X), hessian(rosenbrock)(X))


def test_keywords_and_defaults():
    np.testing.assert_allclose(jacfwd(stretched)(X, a=3.0), 1.5 * jacfwd(stretched)(X))
    np.testing.assert_allclose(jacrev(stretched, argnums="a")(x=X), np.outer(X, np.sin(X)))


def test_globals_are_live():
    made = jacfwd(scaled)
    np.testing.assert_allclose(made(X), 2.0 * np.eye(3))
    globals()["SCALE"] = 5.0
    try:
        np.testing.assert_allclose(made(X), 5.0 * np.eye(3))
    finally:
        globals()["SCALE"] = 2.0


SCALE = 2.0


def scaled(x):
    return SCALE * x


def test_caller_arrays_stay():
    def fun(x):
        x *= 2.0
        return x * x

    for whole in (jacfwd, jacrev, jacobian):
        x = X.copy()
        np.testing.assert_allclose(whole(fun)(x), np.diag(8 * X))
        np.testing.assert_array_equal(x, X)


def test_derivatives_of_whole_derivatives():
    np.testing.assert_allclose(grad(lambda x: np.sum(x**3))(X), 3 * X**2)
    trace = Derivative(jacfwd(stretched), "vjp", (0,))
    value, saved = trace.at((X, 2.0)).push((X, 2.0))
    np.testing.assert_allclose(value, jacfwd(stretched)(X))
    value, tangent = jvp(hessian(rosenbrock), (X,), (np.ones(3),))
    eps = 1e-6
    expected = (hessian(rosenbrock)(X + eps) - hessian(rosenbrock)(X - eps)) / (2 * eps)
    np.testing.assert_allclose(tangent, expected, rtol=1e-6)
    third = jacfwd(hessian(rosenbrock))(X)
    assert third.shape == (3, 3, 3)
    np.testing.assert_allclose(np.sum(third, axis=-1), expected, rtol=1e-6)
    with pytest.raises(NonScalarOutput):
        grad(jacfwd(stretched))(X)


def layer(w, x):
    return np.tanh(w @ x)


def test_numba():
    """Also where Numba takes no several directions at once: it has no product of three-dimensional arrays."""
    pytest.importorskip("numba")
    w = np.arange(9.0).reshape(3, 3) / 7.0
    np.testing.assert_allclose(jacrev(stretched, backend="numba")(X), jacrev(stretched)(X))
    np.testing.assert_allclose(jacfwd(layer, backend="numba")(w, X), jacfwd(layer)(w, X))


def test_numba_with_checkpoints():
    pytest.importorskip("numba")

    def f(x):
        s = x * 1.0
        for _ in checkpointed(range(9)):
            s = s + 0.1 * np.sin(s) * x
        return np.sum(s)

    np.testing.assert_allclose(hvp(f, backend="numba")(X, X), hvp(f)(X, X))


def test_no_rows_in_chunks():
    assert jacrev(lambda x: x[:0], chunk=2)(X).shape == (0, 3)


def test_rows_where_given_buffers_take_turns():
    """Each row starts with buffers of zeros, also for arguments that are not differentiated."""

    def f(x, buffers):
        a, b = buffers
        for _ in range(3):
            b[:] = a * x
            a, b = b, a
        return a * x

    def buffers():
        return [np.full(3, 0.7), np.ones(3)]

    expected = jacfwd(f)(X[:3], buffers())
    np.testing.assert_allclose(jacrev(f)(X[:3], buffers()), expected)
    np.testing.assert_allclose(jacrev(f, chunk=2)(X[:3], buffers()), expected)
    one = Derivative(f, "vjp", (0,))
    made = one.at((X[:3], buffers()))
    _, saved = made.push((X[:3], buffers()))
    for _ in range(2):
        np.testing.assert_allclose(made.pull(saved, np.ones(3))[0], expected.sum(axis=0))
