"""Peak memory is that of one call, whatever was freed before and after it."""

import sys

import numpy as np
import pytest

from benchmarks.memory import peak_kilobytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell")


def test_what_is_freed_within_the_call_counts():
    def function():
        np.ones(4_000_000)
        return np.ones(10)

    function()
    assert 31_000 < peak_kilobytes(function) < 60_000


def test_what_was_there_before_does_not_count():
    kept = np.ones(4_000_000)
    assert peak_kilobytes(lambda: kept[:10].copy()) < 16_000
