"""What iterators read: moments of writes, and what may not change after one of them."""

import itertools

import numpy as np
import pytest

from s2sad import UnsupportedSyntax, grad
from s2sad.abstract.late import Reads, Watch, Writes


class Running:
    """Stands for the frame of the function that runs, with no variables."""


def test_what_was_written_before_is_not_seen():
    writes = Writes()
    writes.note("a")
    watch = Watch(writes.now, Reads(frozenset(["a"])))
    assert writes.since(watch, Running()) is None
    writes.note("b")
    assert writes.since(watch, Running()) is None
    writes.note("a")
    assert writes.since(watch, Running()) == "memory that it reads is written"


def test_sizes_are_watched_apart_from_values():
    writes = Writes()
    watch = Watch(writes.now, sizes=frozenset(["items"]))
    writes.note("items")
    assert writes.since(watch, Running()) is None
    writes.note("items", resized=True)
    assert writes.since(watch, Running()) == "the number of items changes"


def test_fields_are_noted_with_their_statements_and_have_a_moment():
    writes = Writes()
    watch = Watch(writes.now, Reads(fields=True))
    assert writes.since(watch, Running()) is None
    writes.note_field("first")
    writes.note_field("second")
    assert writes.fields == ["first", "second"]
    assert "a field of an object" in writes.since(watch, Running())


def written_after(a, y):
    values = itertools.chain(a, y)
    a[0] = y[1]
    return sum(values)


def test_the_message_names_the_line_that_writes():
    with pytest.raises(UnsupportedSyntax, match=r"line \d+ \(`a\[0\] = y\[1\]`\)") as caught:
        grad(written_after)(np.ones(2), np.ones(2))
    assert caught.value.code == "S101"
