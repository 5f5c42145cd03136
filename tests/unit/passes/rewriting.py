"""What the tests of the clean-up passes compare: core text in, core text out, and the results of both."""

import textwrap

import numpy as np

from s2sad.testing.core import core, runnable, source


def body(program):
    """The statements of a program, as text."""
    lines = source(program).splitlines()[1:]
    return textwrap.dedent("\n".join(lines)).strip()


def rewritten(clean, text, *args, objects=None, parts=()):
    """The statements that a pass makes of a function's, after both gave the same results."""
    objects = objects or {}
    program = core(textwrap.dedent(text), *args, parts=parts, **objects)
    new = clean(program)
    if args:
        before, after = (runnable(p, **objects)(*map(copied, args)) for p in (program, new))
        assert_same(before, after)
    return body(new)


def copied(value):
    return value.copy() if isinstance(value, np.ndarray) else value


def assert_same(a, b):
    if isinstance(a, (tuple, list)):
        assert len(a) == len(b)
        for p, q in zip(a, b):
            assert_same(p, q)
    else:
        np.testing.assert_allclose(a, b, rtol=1e-12)
