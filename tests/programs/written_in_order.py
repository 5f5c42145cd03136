"""Arrays that loops fill, item by item or row by row: what still stands there is not recorded, what does not is."""

import numpy as np

from tests.programs.corpus import normal, program


@program(normal(4, 4), numba=True, writes=True)
def cholesky(b):
    a = b @ b.T + 4.0 * np.eye(4)
    n = a.shape[0]
    low = np.zeros((n, n))
    for j in range(n):
        s = a[j, j]
        for k in range(j):
            s -= low[j, k] ** 2
        low[j, j] = np.sqrt(s)
        for i in range(j + 1, n):
            s = a[i, j]
            for k in range(j):
                s -= low[i, k] * low[j, k]
            low[i, j] = s / low[j, j]
    return np.sum(low * low * low)


@program(normal(4, 4), normal(4), writes=True, numba=True)
def elimination_in_place(b, rhs):
    a = b @ b.T + 4.0 * np.eye(4)
    x = rhs.copy()
    n = len(x)
    for k in range(n):
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            for j in range(k, n):
                a[i, j] -= f * a[k, j]
            x[i] -= f * x[k]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            x[i] -= a[i, j] * x[j]
        x[i] /= a[i, i]
    return np.sum(x * x)


@program(normal(3), normal(4), writes=True, numba=True)
def softest_path(x, y):
    n, m = len(x), len(y)
    d = np.ones((n + 1, m + 1))
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            d[i, j] = np.sin(x[i - 1] * y[j - 1]) + d[i - 1, j] * d[i, j - 1] * d[i - 1, j - 1]
    return d[n, m]


@program(3.1, 0.3, 5, also=[(3.1, 0.3, 1), (2.0, 0.3, 0)], wrt=(0, 1), writes=True, numba=True)
def history(r, x0, n):
    x = np.zeros(n + 1)
    x[0] = x0
    for t in range(n):
        x[t + 1] = r * x[t] * (1.0 - x[t])
    return np.sum(x)


@program(normal(2), 0.5, writes=True, numba=True)
def history_of_two(y0, k):
    y = np.empty((5, 2))
    y[0] = y0
    for t in range(4):
        a = y[t, 0]
        b = y[t, 1]
        y[t + 1, 0] = a + 0.1 * (b - k * a * b)
        y[t + 1, 1] = b + 0.1 * (k * a * b - b * b)
    return y[4, 0] * y[4, 1]


@program(normal(3, 3), normal(3), normal(4, 3), writes=True)
def history_of_rows(w, start, xs):
    h = np.zeros((len(xs) + 1, len(start)))
    h[0] = start
    for t in range(len(xs)):
        h[t + 1] = np.tanh(w @ h[t] + xs[t])
    return np.sum(h**2)


@program(normal(3, 3), normal(3), writes=True)
def rows_that_are_scaled_behind(w, start):
    h = np.zeros((5, 3))
    h[0] = start
    for t in range(4):
        h[t + 1] = np.tanh(w @ h[t])
        h[t] *= h[t + 1, 0]
    return np.sum(h**2)


@program(normal(5), writes=True, numba=True)
def rows_of_squares(x):
    h = np.zeros((6, 5))
    h[0] = x
    for t in range(5):
        row = h[t]
        h[t + 1] = row * row * 0.5 + x
    return np.sum(h)


@program(normal(5), writes=True, numba=True)
def from_behind(x):
    y = x.copy()
    for i in range(len(y) - 2, -1, -1):
        y[i] = y[i] * y[i + 1] + np.sin(y[i + 1])
    return np.sum(y * y)


@program(normal(5), 1, also=[(normal(5), 2)], wrt=0, writes=True, numba=True)
def from_a_number_that_is_given(x, first):
    y = x.copy()
    for i in range(first, len(y)):
        y[i] = y[i] * y[i - 1]
    return np.sum(y * y)


# ---- what does not stay ----------------------------------------------------------------------------------------------


@program(normal(5), writes=True, numba=True)
def written_afterwards(x):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] = y[i] * y[i - 1]
    y *= 0.5
    return np.sum(y * y)


@program(normal(5), writes=True, numba=True)
def one_item_is_written_afterwards(x):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] = y[i] * y[i - 1]
    y[2] = 0.5
    return np.sum(y * y)


@program(normal(5), writes=True, numba=True)
def written_in_the_next_loop(x):
    y = x.copy()
    for i in range(1, 5):
        y[i] = y[i] * y[i - 1]
    for i in range(4):
        y[i] = y[i] + y[i + 1] * y[i + 1]
    return np.sum(y * y)


@program(normal(5), writes=True, numba=True)
def from_the_end_of_the_array(x):
    y = x.copy()
    for i in range(5):
        y[i] = y[i] * y[i - 1]
    return np.sum(y * y)


@program(normal(5), -2, also=[(normal(5), 1)], wrt=0, writes=True)
def from_a_number_that_may_be_negative(x, first):
    y = x.copy()
    for i in range(first, 5):
        y[i] = y[i] * y[i - 1]
    return np.sum(y * y)


@program(normal(6), writes=True, numba=True)
def the_item_before_is_written(x):
    y = x.copy()
    for i in range(1, 6):
        y[i] = y[i] * y[i - 1]
        y[i - 1] = y[i] + 0.5
    return np.sum(y * y)


@program(normal(6), writes=True, numba=True)
def twice_in_a_turn(x):
    y = x.copy()
    for i in range(1, 6):
        y[i] = y[i] * y[i - 1]
        t = y[i]
        y[i] = t * t
    return np.sum(y)


@program(normal(6), writes=True, numba=True)
def two_items_ahead(x):
    y = x.copy()
    for i in range(4):
        t = y[i + 1]
        y[i + 2] = t * t + y[i] * y[i + 2]
    return np.sum(y)


@program(normal(6), writes=True)
def the_other_way_round(x):
    y = x.copy()
    for i in range(4, -1, -1):
        t = y[i]
        y[i + 1] = t * t * y[i + 1]
        y[i] = np.sin(t) * y[i + 1]
    return np.sum(y)


@program(normal(6), writes=True)
def written_by_another_name(x):
    y = x.copy()
    z = y[1:]
    for i in range(1, 5):
        t = y[i - 1]
        z[i - 1] = t * t * z[i]
    return np.sum(y * y)


@program(normal(6), writes=True)
def written_by_another_name_afterwards(x):
    y = x.copy()
    z = y[1:]
    for i in range(1, 5):
        y[i] = y[i] * y[i - 1]
    z *= 2.0
    return np.sum(y * y)


@program(normal(6), 3, wrt=0, writes=True, numba=True)
def swept_again_and_again(x, sweeps):
    y = x.copy()
    for _ in range(sweeps):
        for i in range(1, 5):
            y[i] = y[i] * y[i - 1] + 0.5 * y[i + 1]
    return np.sum(y * y)


@program(normal(4, 4), writes=True, numba=True)
def both_halves(a):
    b = a.copy()
    for i in range(4):
        for j in range(i):
            t = b[i, j]
            b[j, i] = t * b[j, i]
            b[i, j] = t * t
    return np.sum(b * b)


@program(normal(4, 4), writes=True, numba=True)
def columns_are_written(a):
    b = a.copy()
    for i in range(1, 4):
        for j in range(4):
            t = b[i - 1, j]
            b[j, i] = t * b[j, i]
    return np.sum(b * b)


@program(normal(4, 4), writes=True)
def a_whole_row_is_written(a):
    b = a.copy()
    for i in range(1, 4):
        for j in range(4):
            t = b[i - 1, j]
            b[i, j] = t * b[i, j]
        b[i] = b[i] * b[i, 0]
    return np.sum(b * b)


@program(normal(6), writes=True)
def written_in_a_branch(x):
    y = x.copy()
    for i in range(1, 6):
        t = y[i - 1]
        y[i] = t * t * y[i]
        if t > 0.0:
            y[i - 1] = 1.5 * t
    return np.sum(y * y)


@program(normal(6), writes=True)
def recorded_in_a_branch(x):
    y = x.copy()
    for i in range(1, 6):
        if x[i] > 0.0:
            t = y[i - 1]
            y[i] = t * t * y[i]
    return np.sum(y * y)


@program(normal(6), writes=True)
def left_early(x):
    y = x.copy()
    for i in range(1, 6):
        t = y[i - 1]
        y[i] = t * t * y[i]
        if t > 1.0:
            break
    return np.sum(y * y)


@program(normal(6), writes=True)
def in_a_while_loop(x):
    y = x.copy()
    for i in range(1, 6):
        t = y[i - 1]
        k = 0
        while k < 2:
            y[i - k] = t * t * y[i]
            k += 1
    return np.sum(y * y)


@program(normal(5), writes=True)
def rows_that_are_changed_after_they_are_stored(x):
    h = np.zeros((4, 5))
    total = 0.0
    for t in range(4):
        row = np.sin(x * t)
        h[t] = row
        row *= 2.0
        total += np.sum(row * row)
    return total + np.sum(h)


@program(normal(3, 3), normal(3), writes=True)
def what_is_stored_is_spread(w, x):
    h = np.zeros((4, 3))
    for t in range(4):
        s = np.sum(np.tanh(w @ x) * t)
        h[t] = s
        x = x * s
    return np.sum(h * h)


@program(normal(4), 4, wrt=0, writes=True)
def places_in_a_list(x, n):
    """The last item is looked up with an index that counts from the end."""
    y = np.zeros(n)
    seen = []
    for i in range(n):
        t = x[i] * x[i]
        seen.append(t)
        y[i] = t
    s = 0.0
    for i in range(n):
        s = s + seen[i - 1] * y[i] * seen[-1]
    return s


def put(a, i, v):
    a[i] = v


@program(normal(5), writes=True)
def written_by_a_function(x):
    y = x.copy()
    for i in range(1, 5):
        t = y[i - 1]
        put(y, i, t * t * y[i])
        put(y, i - 1, t + 1.0)
    return np.sum(y * y)


@program(normal(5), writes=True)
def rounded_on_the_way(x):
    y = np.zeros(5, dtype=np.float32)
    total = 0.0
    for i in range(5):
        t = np.sin(x[i])
        y[i] = t
        total += t * t * t
    return total


def sines(x):
    y = np.empty(4)
    y[0] = x
    for i in range(1, 4):
        y[i] = np.sin(y[i - 1]) * y[i - 1]
    return y


@program(0.7, writes=True)
def filled_in_a_function(x):
    y = sines(x)
    y[1] = 0.5 * y[1]
    return np.sum(y * y)


# ---- made anew in each turn from what does not change, and then written ---------------------------------------------------


@program(normal(2), writes=True, numba=True)
def made_again_and_written(x):
    for i in range(2):
        y = np.sin(x)
        y[1] = 0.5 * y[1]
        s = np.sum(y**2)
    return s


@program(normal(3), writes=True, numba=True)
def scaled_in_place(x):
    s = 0.0
    for i in range(3):
        y = x * 2.0
        y *= 1.0 + i
        s = s + np.sum(y**2)
    return s


@program(normal(3), writes=True, numba=True)
def turned_round_and_written(x):
    s = 0.0
    for i in range(3):
        y = x[::-1] * 1.0
        y[i] = x[0]
        s = s + np.sum(y**2) * i
    return s


@program(normal(2), normal(3), writes=True)
def written_through_a_view(x, w):
    s = 0.0
    for i in range(3):
        y = np.outer(x, w)
        row = y[0]
        row[i] *= 2.0
        s = s + np.sum(y**3)
    return s


@program(normal(3), writes=True)
def written_by_a_function_in_each_turn(x):
    s = 0.0
    for i in range(3):
        y = np.cos(x)
        put(y, i, s)
        s = s + np.sum(y**2)
    return s


@program(normal(2), writes=True, numba=True)
def copied_and_written(x):
    s = 0.0
    for i in range(len(x)):
        y = x.copy()
        y[1] = y[0] * (i + 1)
        s = s + np.sum(y**2)
    return s


@program(0.7, writes=True, numba=True)
def one_item_again_and_again(x):
    for i in range(2):
        y = np.zeros(4)
        for j in range(len(y)):
            y[j] = 0.45
            y[1] = x
        x = np.sum(y**2)
    return x


@program(normal(20), writes=True, numba=True, also=[(np.abs(normal(20)),)])
def roots_of_squares_after_a_branch(x):
    if x[-3] > 0.0:
        x[1] = x[1] * x[3]
    else:
        x = np.sin(-1.16 * x)
    for _ in range(3):
        x = np.sqrt(x**2 + 0.1)
    return np.mean(x)


@program(normal(2, 3), writes=True)
def an_argument_is_copied_and_its_name_taken(x):
    y = np.array(x)
    y[1, 0] = 0.5
    s = np.sum(y**2)
    x = np.arctan(x * x)
    return np.sum(x) + s


@program(normal(2, 3), writes=True)
def an_argument_is_copied_as_floats(x):
    y = np.array(x, dtype=float)
    y[1, 0] = 0.5
    s = np.sum(y**2)
    x = np.arctan(x * x)
    return np.sum(x) + s


# ---- what has no name until the turn ends -----------------------------------------------------------------------------


@program(0.3, 3, wrt=0, numba=True)
def counts_in_a_tuple(x, n):
    """What the tuple holds was computed from the count of the next turn."""
    c = 0
    last = (0, 0)
    for _ in range(n):
        pair = (c + 1, -c)
        c = c + 5
        last = pair
    return x * last[0] + last[1] * x * x + c


@program(0.7, 3, also=[(0.3, 1)], wrt=0)
def tests_in_a_tuple(x, n):
    last = (True, 1)
    for i in range(n):
        pair = (x > 0.03, i * i)
        x = x - 0.5
        last = pair
    return x * (2.0 if last[0] else 3.0) * last[1]


@program(0.3, 6, wrt=0)
def counts_in_a_while_loop(x, n):
    k, t = 0, (0, 0)
    while k < n:
        u = (k * 2, n - k)
        k += 1
        if k > 3:
            t = (u[1], t[0])
            continue
        t = u
    return x * t[0] + t[1] * x * x


@program(0.3, 3, wrt=0)
def counts_in_dicts(x, n):
    c = 1
    kept = {}
    for _ in range(n):
        made = {"k": c + 1, "m": c * 3}
        c = made["k"] * 2
        kept = made
    return x * kept["k"] + kept["m"] * x * x


@program(0.3, 3, wrt=0)
def counts_in_loops_in_loops(x, n):
    c, last = 0, ()
    for _ in range(n):
        a = (c, c + 1)
        for j in range(2):
            b = (c - j, a[1] + c)
            c = c + b[0] + 1
        last = (a[1], b[1], c)
    return x * last[0] + last[1] * x * x + last[2]


class Counts:
    def __init__(self, c, big):
        self.c = c
        self.big = big


@program(0.3, 3, wrt=0)
def counts_in_an_object(x, n):
    c = 0
    for _ in range(n):
        made = Counts(c + 1, c > 2)
        c = c + 5
        last = made
    return x * last.c if last.big else x * x * last.c


@program(0.3, 3, wrt=0)
def tuples_that_change_places(x, n):
    p, q = (1, 2), (3, 4)
    for i in range(n):
        p, q = (q[0] + 1, q[1]), (p[0], p[1] + i)
    return x * p[0] + q[1] * x * x


COUNTS = np.array([1, 2, 200], dtype=np.uint8)


@program(normal(3), 0.7, writes=True)
def taken_away_first(x, w):
    """What is subtracted first is stored with a minus: not that of a mask, or of an unsigned count."""
    total = 0.0
    y = x * 2.0
    tail = y[1:]
    tail *= w
    for i in range(1, 3):
        total -= COUNTS[i] * y[i - 1] * w
        total -= (y[i] > 0.0) * y[i]
    return total - np.sum(COUNTS * y) - np.sum((y > 0.0) * y * w)
