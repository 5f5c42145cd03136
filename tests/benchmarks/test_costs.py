"""The table of costs: every spelling runs, and the loop around it is not counted."""

import pytest

from benchmarks import costs


@pytest.mark.parametrize("topic", costs.TOPICS)
def test_every_spelling_runs(topic):
    for text in costs.TOPICS[topic]:
        exec(text, dict(costs.SCOPE))


def test_costs_are_in_nanoseconds():
    found = costs.nanoseconds(["pass", "np.sum(x)"], rounds=3, seconds=1e-4)
    assert found["np.sum(x)"] > 500.0 > found.get("pass", 0.0)
