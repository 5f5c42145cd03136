"""Each rule at each of its samples, in a program that overwrites all operands afterwards: the derivative is that before."""

import math

import numpy as np
import pytest

import s2sad.rules  # noqa: F401  fills the book
from s2sad import grad
from s2sad.errors import S2sadError
from s2sad.load import from_source
from s2sad.rules.record import all_rules

KINDS = ("elementwise", "linear", "general", "template")
OF_EMITTED_CODE = "s2sad."
STEP = 1e-6


def is_float(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


class Spelling:
    """A call with its arrays as parameters; what else it is given stands in the text."""

    def __init__(self, sample):
        self.arrays = []
        self.objects = {}
        given = [self.spell(value) for value in sample.args]
        self.call = ", ".join([*given, *(f"{key}={self.spell(value)}" for key, value in sample.kwargs.items())])

    def spell(self, value):
        if isinstance(value, np.ndarray):
            self.arrays.append(value)
            return f"p{len(self.arrays) - 1}"
        if isinstance(value, (list, tuple)) and any(isinstance(item, np.ndarray) for item in value):
            inner = ", ".join(map(self.spell, value))
            return f"[{inner}]" if isinstance(value, list) else f"({inner},)"
        if isinstance(value, float) and math.isinf(value):
            return "np.inf" if value > 0 else "-np.inf"
        if isinstance(value, (int, float, complex, str, tuple, list, type(None))):
            return repr(value)
        self.objects[f"c{len(self.objects)}"] = value
        return f"c{len(self.objects) - 1}"

    def function(self, primitive):
        """The call, after which all arrays change; then its result is used."""
        changed = [f"    p{k}[...] = p{k} * 0.5" if is_float(a) else f"    p{k}[...] = np.zeros_like(p{k})"
                   for k, a in enumerate(self.arrays)]  # fmt: skip
        text = "\n".join([
            f"def f({', '.join(f'p{k}' for k in range(len(self.arrays)))}):",
            f"    z = primitive({self.call})",
            *changed,
            "    r = z[0] if isinstance(z, (tuple, list)) else z",
            "    return (r * np.cos(r)).sum()",
        ])  # fmt: skip
        return from_source(text, "f", globals={"np": np, "primitive": primitive, **self.objects})


def cases():
    for rule in all_rules():
        if rule.kind not in KINDS or not rule.primitives:
            continue
        for primitive in rule.primitives:
            if primitive.__module__ is not None and primitive.__module__.startswith(OF_EMITTED_CODE):
                continue  # emitted code writes to no result of these
            for k, sample in enumerate(rule.at):
                spelling = Spelling(sample)
                if any(map(is_float, spelling.arrays)):
                    label = getattr(primitive, "__name__", str(primitive))
                    yield pytest.param(primitive, spelling, id=f"{label}-{k}")


@pytest.mark.parametrize(("primitive", "spelling"), list(cases()))
def test_overwritten(primitive, spelling):
    fun = spelling.function(primitive)

    def value(k, at):
        operands = [array.copy() for array in spelling.arrays]
        operands[k] = at.copy()
        return fun(*operands)

    with np.errstate(all="ignore"):
        try:
            start = fun(*(array.copy() for array in spelling.arrays))
        except (TypeError, ValueError) as error:
            pytest.skip(f"the operands cannot be written over ({error})")
        if np.iscomplexobj(start) or not math.isfinite(start):
            pytest.skip("not a finite real number")
        for k, array in enumerate(spelling.arrays):
            if not is_float(array):
                continue
            try:
                found = grad(fun, argnums=k)(*(array.copy() for array in spelling.arrays))
            except S2sadError as error:
                assert error.code in ("S202", "S204"), error  # it may or may not be a view; it has no derivative here
                continue
            direction = np.random.default_rng(k).normal(size=array.shape)
            ahead, behind = (value(k, array + step * direction) for step in (STEP, -STEP))
            slope = (ahead - behind) / (2 * STEP)
            if math.isfinite(slope):
                np.testing.assert_allclose(np.sum(found * direction), slope, rtol=1e-4, atol=1e-6)
