"""Objects of user classes at the edges: gradients, bound methods, decorated methods, foreign classes, guards."""

import functools
from dataclasses import dataclass

import numpy as np
import pytest

import s2sad
from s2sad import grad, jvp, value_and_grad, vjp
from s2sad.errors import AmbiguousAlias, NotDifferentiable, S2sadError
from s2sad.objects import fields_of, instance, is_record, replaced


class Model:
    calls = 0

    def __init__(self, w, b=0.5, label="m"):
        self.w, self.b = w, b
        self.label = label

    def loss(self, x, scale=1.0):
        return np.sum((self.w * x + self.b) ** 2) * scale

    def __call__(self, x):
        return self.w * x * x

    def nudge(self, by):
        self.w = self.w + by


class Trained:
    def __init__(self, k):
        self.k = k

    @grad
    def slope(self, x):
        return self.k * x * x

    @grad(argnums=1)
    def slope_of_x(self, x):
        return self.k * x * x

    @value_and_grad(argnums="x")
    def both(self, x):
        return self.k * x**3


@dataclass
class Spring:
    stiffness: float
    rest: float
    turns: int = 7


MODEL = Model(2.0)


# ---- gradients ---------------------------------------------------------------------------------------------------


def test_the_gradient_is_an_object_of_the_class():
    model = Model(2.0, 0.5, "mine")
    gradient = grad(lambda m, x: m.loss(x))(model, 3.0)
    assert type(gradient) is Model
    assert (gradient.w, gradient.b) == (2 * 6.5 * 3.0, 2 * 6.5)
    assert gradient.label == "mine"
    assert (model.w, model.b) == (2.0, 0.5)


def test_a_field_declared_real_is_promoted_and_another_integer_stays():
    gradient = grad(lambda s: s.stiffness * s.rest**2 * s.turns)(Spring(2, 3))
    assert gradient == Spring(63.0, 84.0, 7)


def test_an_object_without_real_fields_is_refused():
    with pytest.raises(NotDifferentiable, match="without a field"):
        grad(lambda m: m.w * 2)(Model(3, 4))


def test_zero_dimensional_fields_stay_arrays():
    gradient = grad(lambda m: m.w * m.b)(Model(np.array(2.0), np.array(3.0)))
    assert isinstance(gradient.w, np.ndarray) and gradient.w == 3.0


def test_single_precision_fields_stay_so():
    gradient = grad(lambda m: m.loss(2.0))(Model(np.ones(3, np.float32), np.float32(1.0)))
    assert gradient.w.dtype == np.float32


def test_the_object_given_is_left_alone():
    def f(m, x):
        m.nudge(x)
        m.w *= 2.0
        return m.loss(x)

    model = Model(np.ones(2))
    before = model.w
    grad(f)(model, 0.5)
    assert model.w is before and np.array_equal(before, np.ones(2))


def test_jvp_and_vjp_of_objects():
    def f(m, x):
        return replace_w(m, x)

    def replace_w(m, x):
        m.w = m.w * x
        return m

    value, tangent = jvp(f, (Model(2.0), 3.0), (Model(1.0, 0.0), 0.5))
    assert type(value) is Model and value.w == 6.0 and value.label == "m"
    assert type(tangent) is Model and tangent.w == 1.0 * 3.0 + 2.0 * 0.5
    value, pullback = vjp(f, Model(2.0), 3.0)
    model_bar, x_bar = pullback(Model(10.0, 1.0))
    assert (model_bar.w, model_bar.b, x_bar) == (30.0, 1.0, 20.0)


# ---- methods -----------------------------------------------------------------------------------------------------


def test_gradient_of_a_bound_method():
    model = Model(2.0)
    slope = grad(model.loss)
    assert slope(3.0) == 2 * 6.5 * 2.0
    model.w = 4.0
    assert slope(3.0) == 2 * 12.5 * 4.0
    assert grad(model.loss, argnums="scale")(3.0, scale=2.0) == 12.5**2


def test_a_bound_method_compiles_again_when_its_object_changes_kind():
    model = Model(2.0)
    slope = grad(model.loss)
    slope(3.0)
    model.w = np.array([2.0, 1.0])
    assert np.allclose(slope(3.0), 2 * 6.5 * 2.0 + 2 * 3.5 * 1.0)
    model.w = 2.0
    assert slope(3.0) == 2 * 6.5 * 2.0
    assert slope.cache_info().misses == 2


def test_gradient_of_a_callable_object():
    assert grad(Model(2.0))(3.0) == 12.0


def test_decorated_methods_count_self():
    trained = Trained(2.0)
    gradient = trained.slope(3.0)
    assert type(gradient) is Trained and gradient.k == 9.0
    assert trained.slope_of_x(3.0) == 12.0
    assert trained.both(2.0) == (16.0, 24.0)
    assert Trained.slope_of_x(trained, 3.0) == 12.0


def test_gradient_of_partial_with_object():
    assert grad(functools.partial(Model.loss, Model(2.0)))(3.0) == 2 * 6.5 * 2.0


# ---- objects that live outside -----------------------------------------------------------------------------------


def test_attributes_of_global_objects_are_read_when_the_code_runs():
    def f(x):
        return MODEL.loss(x)

    slope = grad(f)
    try:
        assert slope(3.0) == 2 * 6.5 * 2.0
        MODEL.w = 4.0
        assert slope(3.0) == 2 * 12.5 * 4.0
        MODEL.w = np.array([2.0, 1.0])
        assert np.allclose(slope(3.0), 2 * 6.5 * 2.0 + 2 * 3.5 * 1.0)
    finally:
        MODEL.w = 2.0


def test_attributes_of_captured_objects_and_lists_of_them():
    model, others = Model(2.0), [Model(1.0), Model(3.0)]

    def f(x):
        return model(x) + sum(m(x) for m in others)

    slope = grad(f)
    assert slope(1.0) == 2 * 6.0
    model.w, others[1].w = 4.0, 5.0
    assert slope(1.0) == 2 * 10.0
    others.append(Model(10.0))
    assert slope(1.0) == 2 * 20.0
    others[2].w = np.array(2.0)
    assert slope(1.0) == 2 * 12.0


def test_global_objects_cannot_be_changed():
    def f(x):
        MODEL.w = x
        return MODEL.w

    def g(x):
        MODEL.nudge(x)
        return MODEL.w * x

    for fun in (f, g):
        with pytest.raises(S2sadError, match="outside"):
            grad(fun)(1.0)


def test_a_method_that_is_replaced_is_compiled_anew():
    class Scaled:
        def __init__(self, k):
            self.k = k

        def value(self, x):
            return self.k * x

    def f(model, x):
        return model.value(x)

    slope = grad(f, argnums=1)
    assert slope(Scaled(3.0), 2.0) == 3.0
    assert slope(Scaled(3.0), 2.0) == 3.0
    Scaled.value = lambda self, x: self.k * x * x
    assert slope(Scaled(3.0), 2.0) == 12.0
    assert slope.cache_info().misses == 2


# ---- aliases -----------------------------------------------------------------------------------------------------


def test_one_object_under_two_names_is_refused_where_it_is_changed():
    def f(a, b, x):
        a.w = a.w * x
        return a.w * b.w

    one = Model(2.0)
    assert value_and_grad(f, argnums=2)(one, Model(2.0), 3.0) == (12.0, 4.0)
    with pytest.raises(AmbiguousAlias, match="one object"):
        value_and_grad(f, argnums=2)(one, one, 3.0)


def test_one_object_under_two_names_is_fine_where_it_is_read():
    one = Model(2.0)
    assert value_and_grad(lambda a, b, x: a.w * b.w * x, argnums=2)(one, one, 3.0) == (12.0, 4.0)


def test_an_object_that_may_be_another_is_refused_where_it_is_changed():
    def f(x, n):
        first = Model(x)
        current = first
        for _ in range(n):
            current.w = current.w * x
            current = Model(x)
        return first.w * current.w

    with pytest.raises(AmbiguousAlias):
        grad(f)(2.0, 3)


def test_an_object_in_its_own_field_is_refused():
    def f(x):
        m = Model(x)
        m.b = [m]
        return m.w

    with pytest.raises(S2sadError, match="own fields"):
        grad(f)(2.0)


def test_an_argument_that_holds_itself_runs():
    model = Model(2.0)
    model.me = model
    assert value_and_grad(lambda x, m: m.w * x)(3.0, model) == (6.0, 2.0)


# ---- helpers -----------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=None)
def table(n):
    return tuple(1.0 / (k + 1) for k in range(n))


@functools.lru_cache(maxsize=None)
def square(x):
    return x * x


def test_cached_helpers():
    def f(x):
        return sum(c * x**k for k, c in enumerate(table(3))) + square(x)

    assert grad(f)(2.0) == pytest.approx(0.5 + 2.0 / 3.0 * 2.0 + 4.0)
    assert table.cache_info().currsize >= 1


# ---- foreign classes ---------------------------------------------------------------------------------------------


class Quantity:
    """Keeps its number in another unit, behind a property."""

    __slots__ = ("_milli", "unit")

    def __init__(self, value, unit):
        self._milli, self.unit = 1000.0 * value, unit

    @property
    def value(self):
        return self._milli / 1000.0

    def squared(self):
        return self.value * self.value


def test_a_registered_class():
    s2sad.register_class(
        Quantity, lambda q: ({"value": q.value}, q.unit), lambda unit, children: Quantity(children["value"], unit)
    )
    gradient = grad(lambda q, x: q.squared() * x + q.value)(Quantity(3.0, "m"), 2.0)
    assert type(gradient) is Quantity
    assert gradient.value == pytest.approx(13.0)
    assert gradient.unit == "m"
    assert grad(lambda q: q.value if q.unit == "m" else 2.0 * q.value)(Quantity(3.0, "s")).value == 2.0


def test_registering_takes_a_class_and_two_functions():
    with pytest.raises(TypeError, match="class"):
        s2sad.register_class(3, len, len)
    with pytest.raises(TypeError, match="functions"):
        s2sad.register_class(Quantity, None, len)


# ---- the parts ---------------------------------------------------------------------------------------------------


def test_which_objects_are_taken_apart():
    assert is_record(MODEL) and is_record(Spring(1.0, 2.0))
    for other in (1.0, "a", np.zeros(2), [1], len, Model, functools.partial(len), ValueError("x"), grad(square)):
        assert not is_record(other)


def test_putting_objects_together():
    spring = Spring(1.0, 2.0)
    assert replaced(spring, rest=5.0) == Spring(1.0, 5.0)
    assert fields_of(instance(Model, w=1.0)) == {"w": 1.0}
    assert not hasattr(instance(Model, w=1.0), "b")
