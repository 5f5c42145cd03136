"""What stands between the brackets of `np.r_` and `np.c_` is joined as NumPy does it, or refused."""

import numpy as np
import pytest

from s2sad import value_and_grad
from s2sad.errors import UnsupportedSyntax

X = np.array([0.3, 0.4])

TAKEN = [
    lambda x: np.r_[x, 1, 2.0], lambda x: np.r_[x], lambda x: np.r_[1:4, x], lambda x: np.r_[:3:0.5, x],
    lambda x: np.r_[0:1:5j, x], lambda x: np.r_[x[:, None], np.ones((1, 1))], lambda x: np.c_[x, [1, 2]],
    lambda x: np.c_[x[:, None] * x, x], lambda x: np.c_[x[0], 2.0], lambda x: np.c_[x, 1:3], lambda x: np.r_[x > 0.3, x],
]  # fmt: skip


@pytest.mark.parametrize("fun", TAKEN)
def test_value_and_type_are_numpy_s(fun):
    expected = fun(X)
    value, _ = value_and_grad(lambda x: (lambda y: (np.sum(y), y))(fun(x)), has_aux=True)(X)
    assert value[1].tolist() == expected.tolist() and value[1].dtype == expected.dtype


REFUSED = [
    (lambda x: np.r_["0,2", x, x], "directive"), (lambda x: np.r_[x, x[:, None]], "ranks"),
    (lambda x: np.r_[x.astype("f"), 0.5], "double precision"), (lambda x: np.r_[x, 1:], "without an end"), (lambda x: np.c_[x[:, None, None]], "ranks"),
]  # fmt: skip


@pytest.mark.parametrize(("fun", "said"), REFUSED)
def test_refused(fun, said):
    with pytest.raises(UnsupportedSyntax, match=said):
        value_and_grad(lambda x: np.sum(fun(x)))(X)
