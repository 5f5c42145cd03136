"""How many threads the libraries may use: to be said before they are imported."""

from __future__ import annotations

import os
import sys

_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def limit(count: int) -> None:
    """Let every library use `count` threads: one is the default, since a ratio should not depend on who else runs."""
    assert "numpy" not in sys.modules, "too late: NumPy has started its threads"
    for variable in _VARIABLES:
        os.environ[variable] = str(count)
    if count == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def allowed() -> int | None:
    """The number of threads that `limit` has set."""
    count = os.environ.get(_VARIABLES[0])
    return int(count) if count else None
