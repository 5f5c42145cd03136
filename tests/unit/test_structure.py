"""Walking and rebuilding nested containers."""

from typing import NamedTuple

from s2sad.structure import leaves, map_leaves, paths, same_structure


class Pair(NamedTuple):
    a: object
    b: object


VALUE = {"p": Pair(1.0, [2.0, (3.0,)]), 4: 5.0}


def test_leaves_in_order():
    assert [leaf for _, leaf in leaves(VALUE)] == [1.0, 2.0, 3.0, 5.0]
    assert paths(VALUE, "v") == ["v['p'].a", "v['p'].b[0]", "v['p'].b[1][0]", "v[4]"]
    assert paths(1.0, "v") == ["v"]


def test_map_keeps_the_containers():
    doubled = map_leaves(lambda p, q: p + q, VALUE, VALUE)
    assert doubled == {"p": Pair(2.0, [4.0, (6.0,)]), 4: 10.0}
    assert isinstance(doubled["p"], Pair)


def test_same_structure():
    assert same_structure(VALUE, map_leaves(str, VALUE))
    assert not same_structure([1.0], (1.0,))
    assert not same_structure([1.0], [1.0, 2.0])
    assert not same_structure({"a": 1.0}, {"b": 1.0})
    assert not same_structure(1.0, [1.0])
    assert same_structure({"a": 1.0, "b": 2.0}, {"b": 1.0, "a": 2.0})
