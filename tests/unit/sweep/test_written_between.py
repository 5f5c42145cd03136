"""What an operation read is written before another one uses its result: each cotangent belongs to the array of its time."""

import linecache

import numpy as np
import pytest

from s2sad import check_grads

UNARY = [
    "np.exp({s})", "np.sqrt({s})", "np.log(1.0 + {s})", "np.tanh({s})", "{s} ** 2", "{s} ** 3", "1.0 / {s}", "np.sin({s})",
    "1.0 / (1.0 + np.exp(-{s}))", "np.exp({s} - np.max({s}))", "np.log(np.sum(np.exp({s} - c)))", "{s} / np.sum({s})",
    "np.maximum({s}, 0.8)", "np.cumsum({s})", "{s}[::-1]", "{s} @ {s}", "np.outer({s}, {s})[0]", "np.where({s} > 0.9, {s}, c)",
]  # fmt: skip
WRITES = ["s[0] = c", "s *= c", "s[:] = x[::-1] * c", "view[1] = c * x[0]", "view += x[1:]", "s[...] = q * c", "s -= 0.3 * q"]
USES = [
    "{s} * q", "q * {s}", "{s} / q", "q / {s}", "q + {s}", "q * q", "1.0 / (1.0 + q)", "c + np.log(np.sum(q * q) + {s} ** 2)",
    "q / np.sum(q) * {s}", "np.exp(q * 0.1) * {s}", "{s} ** 2 * q",
]  # fmt: skip


def function(text):
    """A function of which the source can be read."""
    filename = f"<written between {len(linecache.cache)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    scope = {}
    exec(compile(text, filename, "exec"), scope)
    return scope["f"]


@pytest.mark.parametrize("optimize", [True, "scalars"])
@pytest.mark.parametrize("unary", UNARY)
def test_written_between(unary, optimize):
    rng = np.random.default_rng(len(unary))
    for write in WRITES:
        for use in rng.choice(USES, 3, replace=False):
            other = str(rng.choice(["s", "x", "view[0]"]))
            text = (
                "import numpy as np\n\n\ndef f(x, c):\n    s = x * 1.5\n    view = s[1:]\n"
                f"    q = {unary.format(s='s')}\n    {write}\n    r = {use.format(s=other)}\n    return np.sum(r * s)\n"
            )
            try:
                check_grads(function(text), (np.array([0.7, 0.5, 0.9]), 0.6), optimize=optimize)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{text}") from None
