"""indexing: both modes of every rule body, and the types of the results against their values."""

import gast
import numpy as np
import pytest

from s2sad.rules import indexing
from s2sad.rules.fresh import reset
from s2sad.rules.indexing import index_type, is_basic, may_repeat
from s2sad.rules.sizes import slice_size
from s2sad.signature import Array, Dim, Opaque, Scalar, Sequence, Static
from tests.unit.rules.body_checks import cases, check, check_single_precision, check_type, label

CASES = [case for case in cases(indexing) if case[0].wrt or case[0].kind == "template"]


@pytest.mark.parametrize("case", CASES, ids=label)
def test_both_modes(case):
    check(*case)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_single_precision(case):
    check_single_precision(*case)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_type_agrees_with_value(case):
    check_type(*case)


# ---- types of loads -------------------------------------------------------------------------------
N, M = Dim("x.0", one=False), Dim("x.1", one=False)
NAMES = {
    "x": Array("float64", (N, M)), "i": Scalar("int"), "j": Scalar("int64"), "rows": Array("int64", (Dim("rows.0"),)),
    "grid": Array("int64", (2, 3)), "mask": Array("bool", (N,)), "both": Array("bool", (N, M)), "what": Opaque(),
    "pair": Sequence(tuple, (Scalar("int"), Static(slice(1, None)))),
}  # fmt: skip
X = np.arange(20.0).reshape(4, 5)
VALUES = {
    "x": X, "i": 1, "j": np.int64(2), "rows": np.array([0, 2, 2]), "grid": np.array([[0, 1, 1], [3, 2, 0]]),
    "mask": np.array([True, False, True, True]), "both": X > 7.0, "what": [0, 1], "pair": (2, slice(1, None)),
}  # fmt: skip
INDICES = [
    "0", "-1", "i", "i, j", "1:", "1:-1", "2:", ":-2", ":, 0", "..., 0", "0, ...", "None", ":, None", "None, :, 1:-1", "::2",
    "::-1", "-3:", "-3:-1", ":3", "1:3", ":, :i", "i:", "i + 1:, j", "rows", "rows, 0", "rows, rows", ":, rows", "grid",
    "grid, 1:", "0, None, rows", "rows, None, 0", "mask", "mask, 1:", "both", "mask, 0", "[0, 2]", "[0, 0], :", "pair",
    "1:, ..., None", "i, :, None, ...",
]  # fmt: skip


def parsed(text):
    return gast.parse(f"x[{text}]", mode="eval").body.slice


@pytest.mark.parametrize("text", INDICES)
def test_type_of_a_load(text):
    reset()
    known = index_type(NAMES["x"], parsed(text), NAMES)
    value = eval(f"x[{text}]", dict(VALUES))
    assert known.dtype == "float64"
    assert known.rank == np.ndim(value), known
    sizes = {"x.0": 4, "x.1": 5, "rows.0": 3}
    for size, actual in zip(known.shape, np.shape(value)):
        assert not isinstance(size, int) or size == actual
        if not isinstance(size, int):
            assert size.one is not False or actual != 1
            assert size.symbol not in sizes or max(sizes[size.symbol] + size.offset, 0) == actual


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("start", [None, 0, 1, 3, -1, -2])
@pytest.mark.parametrize("stop", [None, 0, 1, 4, -1, -3])
@pytest.mark.parametrize("step", [None, 1, 2, -1])
def test_formulas_of_slices(n, start, stop, step):
    size = slice_size(Dim("n"), start, stop, step)
    actual = len(range(n)[start:stop:step])
    if isinstance(size, int):
        assert size == actual
    elif size.symbol == "n":
        assert max(n + size.offset, 0) == actual
    elif size.symbol.startswith("min"):
        assert max(eval(size.symbol, {"n": n, "min": min}) + size.offset, 0) == actual


def test_slices_compose():
    read = lambda known, text: index_type(known, parsed(text), {})
    x = Array("float64", (N,))
    assert read(read(x, "1:"), ":-1") == read(x, "1:-1") == read(x, "2:") == Array("float64", (Dim("x.0", -2),))
    assert read(x, "...") == x
    assert read(x, "0") == Scalar("float64")
    assert read(Array("float64", None), "0") == Array("float64", None)


def test_masks_count_only_when_stable():
    read = lambda **options: index_type(NAMES["x"], parsed("mask"), NAMES, **options)
    assert read() != read()
    assert read(stable={"mask"}) == read(stable={"mask"})


def test_which_indices_are_views_and_which_repeat():
    basic = [text for text in INDICES if is_basic(parsed(text), NAMES)]
    for text in basic:
        assert np.shares_memory(X, eval(f"x[{text}]", dict(VALUES))) or np.ndim(eval(f"x[{text}]", dict(VALUES))) == 0
    assert not is_basic(parsed("what"), NAMES)
    repeating = {text for text in INDICES if may_repeat(parsed(text), NAMES)}
    assert {"rows", "grid", "rows, 0", "[0, 0], :"} <= repeating
    assert not {"mask", "[0, 2]", "1:", "both", "i, j"} & repeating
    assert may_repeat(parsed("what"), NAMES)
