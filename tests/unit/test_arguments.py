"""Binding, annotations and which arguments have a derivative."""

import numpy as np
import numpy.typing as npt
import pytest

from s2sad.arguments import Parameters, differentiable, promoted
from s2sad.errors import SourceUnavailable
from s2sad.signature import Array, ListOf, Mapping, Scalar, Sequence, Static, type_of


def every_kind(a, /, b, c=3, *rest, d=4, **more):
    return None


def test_bind_and_unbind():
    parameters = Parameters(every_kind)
    values = parameters.bind((1, 2), {"d": 5, "e": 6})
    assert values == (1, 2, 3, (), 5, {"e": 6})
    assert parameters.unbind(values) == ((1, 2, 3), {"d": 5, "e": 6})
    assert parameters.bind((1, 2, 3, 7, 8), {}) == (1, 2, 3, (7, 8), 4, {})


def test_plain_functions_bind_by_position():
    parameters = Parameters(lambda x, y=2, z=3: None)
    assert parameters.plain
    assert parameters.bind((1,), {}) == (1, 2, 3)
    assert parameters.bind((1, 5, 6), {}) == (1, 5, 6)
    with pytest.raises(TypeError, match="too many positional"):
        parameters.bind((1, 2, 3, 4), {})
    with pytest.raises(TypeError, match="missing a required argument"):
        parameters.bind((), {})


def annotated(
    a: float,
    b: int,
    c: np.ndarray,
    d: npt.NDArray[np.float32],
    e: list[float],
    f: tuple[float, int],
    g,
    h: "unknown" = "text",  # noqa: F821
    i=None,
    j=2,
    *k,
    **m,
):
    return None


def test_types_from_annotations_and_defaults():
    assert Parameters(annotated).annotated_types() == {
        "a": Scalar("float"),
        "b": Scalar("int"),
        "c": Array("float64", None),
        "d": Array("float32", None),
        "e": ListOf(Scalar("float")),
        "f": Sequence(tuple, (Scalar("float"), Scalar("int"))),
        "g": Scalar("float"),
        "h": Static("text"),
        "i": Static(None),
        "j": Scalar("int"),
        "k": Sequence(tuple, ()),
        "m": Mapping((), ()),
    }


def evaluated(a: "float", b: "np.ndarray"):
    return None


def test_annotations_that_are_strings():
    assert Parameters(evaluated).annotated_types() == {"a": Scalar("float"), "b": Array("float64", None)}


def test_a_builtin_without_signature_is_refused():
    with pytest.raises(SourceUnavailable, match="does not tell its parameters"):
        Parameters(min)


def test_integers_become_floats_where_a_derivative_is_taken():
    value = {"n": 2, "x": [np.int64(3), np.float32(4)], "a": np.ones(2)}
    assert differentiable(type_of(value["n"]), "n") == Scalar("float")
    assert promoted(value)["x"] == [3.0, np.float32(4)]
    assert isinstance(promoted(value)["x"][0], float)
    assert promoted(value)["a"] is value["a"]
