"""Python's `statistics`, written out: its values and its errors."""

import statistics

import pytest

from s2sad.runtime import averages

XS, YS = [0.7, 0.3, 0.9, 1.4], [1.0, 0.2, 0.4, -0.3]
CALLS = [
    ("mean", (XS,), {}), ("fmean", (XS,), {}), ("fmean", (XS, YS), {}), ("geometric_mean", (XS,), {}),
    ("harmonic_mean", (XS,), {}), ("harmonic_mean", (XS,), {"weights": [1, 2, 3, 4]}), ("median", (XS,), {}),
    ("median", (XS[:3],), {}), ("variance", (XS,), {}), ("variance", (XS, 0.3), {}), ("pvariance", (YS,), {}),
    ("pvariance", (YS,), {"mu": 0.1}), ("stdev", (XS,), {}), ("pstdev", (YS,), {}), ("covariance", (XS, YS), {}),
    ("correlation", (XS, YS), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "named"), CALLS)
def test_value(name, args, named):
    if name == "fmean" and len(args) > 1 and not _takes_weights():
        pytest.skip("weights of fmean are of Python 3.11")
    assert getattr(averages, name)(*args, **named) == pytest.approx(getattr(statistics, name)(*args, **named), rel=1e-14)


def _takes_weights():
    return statistics.fmean.__code__.co_argcount > 1


WRONG = [
    ("mean", ([],)), ("fmean", ([],)), ("geometric_mean", ([],)), ("harmonic_mean", ([],)), ("harmonic_mean", ([-1.0],)),
    ("median", ([],)), ("variance", ([1.0],)), ("pvariance", ([],)), ("stdev", ([1.0],)), ("pstdev", ([],)),
    ("covariance", (XS, YS[:2])), ("covariance", ([1.0], [2.0])), ("correlation", (XS, YS[:2])),
    ("correlation", ([1.0], [2.0])),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), WRONG)
def test_errors(name, args):
    for module in (statistics, averages):
        with pytest.raises(statistics.StatisticsError):
            getattr(module, name)(*args)
