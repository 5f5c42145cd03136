"""The candidates take turns, and the slow ones run less often."""

import time

import pytest

from benchmarks.timing import interleaved, summary


def test_they_take_turns():
    seen = []
    times = interleaved(
        {"a": lambda: (seen.append("a"), time.sleep(1e-3)), "b": lambda: (seen.append("b"), time.sleep(1e-3))},
        rounds=4,
        seconds=1e-4,
    )
    assert {name: len(figures) for name, figures in times.items()} == {"a": 4, "b": 4}
    assert "".join(seen[-8:]) == "abbaabba"
    assert min(min(figures) for figures in times.values()) >= 1e-3


def test_a_slow_candidate_is_sampled_once():
    times = interleaved({"slow": lambda: time.sleep(0.4), "fast": lambda: None}, 5, 1e-4, limit=0.3)
    assert len(times["slow"]) == 1
    assert len(times["fast"]) == 5


def test_summary():
    assert summary([3e-6, 1e-6, 2e-6]) == {"median_us": 2.0, "min_us": 1.0, "spread": 1.0}
    assert summary([0.5])["spread"] == 0.0


@pytest.mark.parametrize("seconds", [1e-5, 1e-3])
def test_the_time_is_of_one_call(seconds):
    times = interleaved({"sleep": lambda: time.sleep(2e-3)}, 3, seconds)
    assert all(2e-3 <= figure < 1.0 for figure in times["sleep"])
