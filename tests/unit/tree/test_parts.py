"""The parts of a tree: the short ways for frequent nodes give what the fields give."""

import inspect

import gast
import pytest

import s2sad.abstract.items
import s2sad.passes.fuse
import s2sad.sweep.reverse
from s2sad.tree.build import clone, names_in
from s2sad.tree.parts import FIELDS, children, nodes

MODULES = (s2sad.abstract.items, s2sad.passes.fuse, s2sad.sweep.reverse)
TEXTS = [*map(inspect.getsource, MODULES), "def f(x: int, *a: float, k: str = 'y', **m): return {**m, 1: x}[a[0]]"]


def by_fields(node):
    found = []
    for field in FIELDS[type(node)]:
        value = getattr(node, field, None)
        found += [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, gast.AST)]
    return found


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_children_are_those_of_the_fields_in_their_order(text):
    tree = gast.parse(text)
    every = nodes(tree)
    assert len(every) == len({id(node) for node in every}) > 10
    for node in every:
        assert [id(child) for child in children(node)] == [id(child) for child in by_fields(node)]
    for node in every:
        if isinstance(node, gast.Call):
            assert names_in(node) == {part.id for part in nodes(node) if isinstance(part, gast.Name)}


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_clone_is_equal_and_shares_no_node(text):
    tree = gast.parse(text)
    new = clone(tree)
    assert gast.dump(new, include_attributes=True) == gast.dump(tree, include_attributes=True)
    assert not {id(node) for node in nodes(new)} & {id(node) for node in nodes(tree)}
