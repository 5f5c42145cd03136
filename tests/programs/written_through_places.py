"""Arrays that are kept in several places and written through one of them; and branches that leave in the middle of a chain."""

import numpy as np

from tests.programs.corpus import normal, program


@program(normal(5), 0.7, numba=True, writes=True)
def left_in_the_middle(x, w):
    """The last branch of three, of which the second leaves: it is not what follows all of them."""
    y = x.copy()
    for i in range(5):
        if x[i] > 0.0:
            y[0] *= w
        elif i == 4:
            break
        else:
            y[0] = y[0] * 3.0 + x[i]
    return np.sum(y)


@program(normal(5), 0.7, numba=True)
def continued_in_the_middle(x, w):
    total = 0.0
    for v in x:
        if v > 0.5:
            total += v * w
        elif v > 0.0:
            continue
        elif v > -0.5:
            total -= v
        else:
            total *= w
    return total


@program(normal(4), 0.7, numba=True)
def returned_in_the_middle(x, w):
    total = w
    for k in range(4):
        if k % 2:
            total = total * w
        elif x[k] > 9.0:
            return total
        else:
            total = total + np.sin(x[k])
    return total * total


@program(normal(3), 0.7, writes=True)
def masks_of_what_a_list_holds(x, w):
    """A test of the array that is written there: it is made before."""
    rows = [x for _ in range(3)]
    rows[-3][rows[-2] > 0.1] *= w
    rows[1][rows[0] < 0.2] = rows[0][rows[1] < 0.2] * 2.0
    return np.sum(sum(rows) * x)


@program(normal(3), writes=True)
def masks_of_what_a_dict_holds(x):
    both = {key: x for key in "pq"}
    both["q"][both["q"] > 0.1] -= both["p"][both["q"] > 0.1] * 0.3
    for key in both:
        both[key][both["p"] > 0.3] *= 0.7
    return np.sum(both["q"] ** 3)


@program(normal(4))
def sizes_of_what_a_dict_holds(x):
    """Each array under a key has a size made of the size of the one before: learning them comes to an end."""
    kept = {"p": np.cumsum(x), "q": x}
    kept["p"] = np.tanh(np.concatenate([kept["p"][::-1][2:], x[:2]]))
    for k in range(2):
        kept["q"] = np.concatenate([kept["q"], x[k : k + 1]])
    return np.sum(kept["p"]) * np.sum(kept["q"])


@program(normal(4), normal(4))
def a_list_and_a_dict_that_trade(x, y):
    rows, named = [x, np.array([])], {"q": y}
    for _ in range(3):
        rows[1], named["q"] = named["q"], rows[1]
    return rows[1] @ rows[0] + np.sum(named["q"])


@program(normal(2), 3, wrt=0)
def an_array_or_none_in_a_list(x, n):
    """`t += e` writes to the array, also where None may stand in its place."""
    kept, total = [], np.zeros(2)
    for i in range(n):
        kept.append(total if i else None)
    for t in kept:
        if t is not None:
            t += x * x
    for i in range(n):
        if kept[i] is not None:
            kept[i] *= x
    return total[0] * total[1]


@program(normal(2), 3, wrt=0)
def an_array_or_none_in_a_field(x, n):
    """The name of the field is None at first, and another's in the end: nothing of that is taken by the None."""
    box, own = Kept(), x * 1.0
    for i in range(n):
        if i:
            box.held = own
        if box.held is not None:
            box.held *= x
    return np.sum(own)


@program(normal(2), 3, wrt=0)
def an_array_or_none_in_a_dict(x, n):
    own, named = x * 1.0, {"a": None}
    for i in range(n):
        if i:
            named["a"] = own
        if named["a"] is not None:
            named["a"] *= x
            named["a"][0] += x[1]
    return own @ x


@program(normal(2), 3, wrt=0)
def accumulated_once_it_is_there(x, n):
    total, first = None, None
    for k in range(n):
        if total is None:
            total = x * 1.0
            first = total
        else:
            total += x * k
    return total @ x + np.sum(first)


@program(normal(2), 3, wrt=0)
def the_one_before_is_written(x, n):
    before, total = None, 0.0
    for i in range(n):
        now = np.sin(x * (i + 1))
        if before is not None:
            total += now @ before
            before[0] = now[1]
            before += now
            total += before @ before
        before = now
    return total


class Kept:
    def __init__(self):
        self.held = None


@program(normal(2), normal(2), 3, wrt=(0, 1))
def grown_lists_of_arrays_or_none(x, y, n):
    """A gradient as the compiler writes it: what a turn keeps, or None, and what is added to it backwards."""
    kept = {"p": x, "q": y}
    for i in range(n):
        if i:
            kept["p"] = np.sin(kept["p"])
    kept["p"] *= 0.43
    return kept["p"] @ kept["q"]


@program(0.3, normal(2, 2), also=[(0.5, normal(2, 2))], writes=True)
def nothing_is_added_to_what_is_none(x, m):
    """On the path on which it is None, it has no cotangent, and nothing is added to that."""
    s = None
    if x > 0.4:
        s = m
    if s is not None:
        s *= x
    total = x * x
    if s is not None:
        total += np.sum(s)
    return total


@program(normal(2), normal(2), writes=True)
def lists_that_start_with_none(x, y):
    rows = [None] * 3
    total = 0.0
    for k in range(3):
        rows[k] = x * y
        rows[(k + 1) % 3] = None
        for v in rows:
            if v is not None:
                v += x
                total += v @ y
    return total + sum(np.sum(v**2) for v in rows if v is not None)


@program(normal(3), 3, wrt=0, writes=True)
def masks_of_what_may_be_none(x, n):
    """A comparison of an array that may be None gives an array."""
    before, y = None, x * 1.0
    for k in range(n):
        if before is not None:
            mask = before > 0.2
            y[mask] *= x[mask]
            y = np.where(before > x, y, before * y)
        before = x * k
    return np.sum(y)


@program(normal(2), 3, wrt=0)
def the_best_so_far_is_unpacked(x, n):
    best = None
    for k in range(n):
        v = np.sum((x - 0.2 * k) ** 2)
        if best is None or v < best[0]:
            best = (v, k)
    v, k = best
    return v * (k + 1)


@program(normal(2), 3, wrt=0)
def a_pair_once_it_is_there(x, n):
    pair = None
    for _ in range(n):
        if pair is not None:
            p, q = pair
            pair = q, p * q
        else:
            pair = x[0], x[1]
    return pair[0] * pair[1]


@program(normal(2), 3, wrt=0, writes=True)
def a_list_once_it_is_there(x, n):
    kept = None
    for _ in range(n):
        if kept is None:
            kept = [x[0], x[1]]
        else:
            one, two = kept
            kept[0] = one * two
            kept += [two]
            kept = kept[-2:]
    return sum(kept) * max(kept)
