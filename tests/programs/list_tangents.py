"""Arrays made of lists of which some carry no derivative."""

import numpy as np

from tests.programs.corpus import program


@program(1.2, 0.7)
def lists_of_which_one_varies(x, y):
    total = 0.0
    for k in range(3):
        rows = [[x * k, y], [1.1, 0.3]]
        for row in rows:
            row[0] = 1
        total = total + (np.array(rows) * x).sum()
    return total


@program(np.array([0.5]))
def arrays_of_lists_carried_by_a_loop(x):
    x[:] += 0.5
    for k in range(3):
        x = np.array([x[k] for _ in range(3)])
    return np.prod(x)
