"""The other tools: those that are installed agree with the adjoints by hand; the others are shown as absent."""

import sys

import numpy as np
import pytest

from benchmarks import agreement, workloads
from benchmarks.variant import Unavailable
from benchmarks.variants import VARIANTS

PEERS = {"jax": "jax", "torch": "torch", "autograd": "autograd", "casadi": "casadi"}


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.filterwarnings("ignore")  # theirs
def test_agrees(peer):
    pytest.importorskip(PEERS[peer])
    for name in workloads.names():
        workload = workloads.load(name)
        arguments = workload.arguments(True)
        try:
            call = VARIANTS[peer].prepare(name, workload, arguments)
        except Unavailable as reason:
            assert "not supported" in str(reason)
            continue
        assert agreement.difference(call(), workload.by_hand(*arguments)) is None, name


@pytest.mark.parametrize("peer, package", PEERS.items())
def test_absent(peer, package, monkeypatch):
    for module in [m for m in sys.modules if m == f"benchmarks.peers.in_{peer}" or m.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    workload = workloads.load("crossing")
    with pytest.raises(Unavailable, match=f"{package} is not installed"):
        VARIANTS[peer].prepare("crossing", workload, workload.arguments(True))


def test_dicts_in_another_order_are_the_same():
    assert agreement.difference((1.0, {"b": np.ones(2), "w": 2.0}), (1.0, {"w": 2.0, "b": np.ones(2)})) is None
