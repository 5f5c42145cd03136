"""Small functions over every surface construct, and nasty combinations; each with the arguments to run it with.

A program sees `log(value)`, which notes the value and returns it: the order of evaluation is compared too.
"""

NUMBERS = [(0,), (1,), (2,), (3,), (5,), (-1,)]
LISTS = [([],), ([1],), ([3, 1, 2],), ([0, -1, 4, 4],), ([-1, -2, -3, 5, 6],)]

PROGRAMS: dict[str, tuple[str, list]] = {}


def program(arguments, text):
    """Note a program under its name."""
    name = text.split("def ", 1)[1].split("(", 1)[0]
    assert name not in PROGRAMS
    PROGRAMS[name] = (text.lstrip("\n"), arguments)


# ---- assignment ---------------------------------------------------------------------------------

program(
    NUMBERS,
    """
def chained(x):
    a = b = log(x + 1)
    c = d = e = 0
    d += 1
    return a, b, c, d, e
""",
)
program(
    NUMBERS,
    """
def chained_reads_its_target(x):
    a = [5, 6, 7, 8]
    i = a[i] = x % 4
    x = y = [x, i]
    y[0] = 9
    return x, y, a, i
""",
)
program(
    NUMBERS,
    """
def chained_with_pattern(x):
    (a, b), c = d = [(x, 2), 3]
    e, f = g, h = c, d
    return a, b, c, d, e, f, g, h
""",
)
program(
    NUMBERS,
    """
def nested_unpacking(x):
    (a, (b, *c)), *d, [e] = (x, (1, 2, 3)), 4, 5, (6,)
    [p, q] = a, b
    return a, b, c, d, e, p, q
""",
)
program(
    NUMBERS,
    """
def unpacking_duplicates(x):
    (a, b), a = (1, 2), x
    _, _ = a, b
    return a, b, _
""",
)
program(
    NUMBERS,
    """
def unpacking_into_items(x):
    a, i = [0, 0, 0, 0], 1
    i, a[i] = x % 3, 7
    a[i], i = 8, 0
    a[0], *a[3:] = 1, x, 2
    return a, i
""",
)
program(
    NUMBERS,
    """
def swap(x):
    a, b = x, 2
    a, b = b, a
    return a, b
""",
)
program(
    NUMBERS,
    """
def annotated(x: float) -> float:
    y: float
    y: float = x * 2
    z: "anything" = [0, 0]
    z[0]: int = y
    return y, z
""",
)
program(
    NUMBERS,
    """
def augmented(x):
    a = [1, 2, 3]
    b = a
    b += [x]
    a[0] += log(x)
    a[x % 3] *= sum(v for v in a)
    a[-1] -= (x := 7)
    x += (x := 3) + x
    return a, b, x
""",
)
program(
    NUMBERS,
    """
def augmented_reads_first(x):
    a = [1, 2, 3]
    def clear(v):
        v[0] = 100
        return 1
    a[0] += sum(clear(a) for k in range(2))
    a[log(1)] += sum([log(v) for v in a])
    return a
""",
)
# ---- walrus -------------------------------------------------------------------------------------

program(
    NUMBERS,
    """
def walrus_in_test(x):
    if (n := log(x * 2)) > 3:
        return n
    elif (m := n + 1) > 2 and (k := m * 2) > 6:
        return m, k
    return -n
""",
)
program(
    NUMBERS,
    """
def walrus_in_while(x):
    total = 0
    while (y := log(x)) > 0 and (z := y - 1) >= 0 or total < -5:
        total += y * z
        x -= 1
        if total > 7:
            continue
        total += 1
    return total, x, y
""",
)
program(
    NUMBERS,
    """
def walrus_in_while_else(x):
    while not (done := x > 3):
        x += 1
        if x == 2:
            break
    else:
        return "else", x, done
    return "break", x, done
""",
)
program(
    NUMBERS,
    """
def walrus_keeps_order(x):
    y = log(x) + (x := 3) * log(x) + log(4)
    z = [x, (x := 5), x, log(x + 1), (x := log(6)), x]
    w = max(x, (x := 1), key=lambda v: (u := -v) * u)
    return x, y, z, w
""",
)
program(
    NUMBERS,
    """
def walrus_in_conditional(x):
    y = (a := log(1)) if log(x) > 1 else (b := log(2))
    z = log(5) + ((c := 3) if x > 0 else 4)
    return y, z
""",
)
program(
    NUMBERS,
    """
def walrus_in_comparison(x):
    y = log(0) < log(x) < (n := log(3)) <= log(4)
    z = 1 < (k := x) < 10 < (k := log(k + 8))
    return y, z, k
""",
)
program(
    NUMBERS,
    """
def walrus_in_arguments(x):
    def g(*args, **kwargs):
        return args, sorted(kwargs.items())
    y = g(log(1), *[log(2)], (n := log(x)), k=log(n), **{"m": (n := 9)})
    s = f"{log(x)} {(n := n + 1):>{log(5)}} {n}"
    d = {log(1): log(2), (n := log(3)): log(4), **{"a": n}}
    return y, s, d, n
""",
)
program(
    NUMBERS,
    """
def walrus_in_subscript(x):
    a = [1, 2, 3, 4]
    y = a[(i := x % 3) : (j := i + 2) : log(1)]
    a[(k := 1)] = log(k)
    z = [[1, 2], [3, 4]][log(0)][(m := 1)]
    return y, a, z, i, j
""",
)
program(
    NUMBERS,
    """
def walrus_rebinds_receiver(x):
    a, b = [1], [2]
    c = a
    a.append((a := b)[0])
    b = a.index((a := 2)) if x else 0
    return a, b, c
""",
)
program(
    LISTS,
    """
def walrus_in_comprehension(x):
    last = None
    y = [last := v for v in x if (w := v * 2) > 0]
    return y, last
""",
)
# ---- if, loops ----------------------------------------------------------------------------------

program(
    NUMBERS,
    """
def early_return(x):
    "A docstring."
    if x < 0:
        return -x
    if x == 0:
        return "zero"
    y = x * x
    if y > 8:
        y = y + 1
        return y
    return y
""",
)
program(
    NUMBERS,
    """
def falls_off_the_end(x):
    if x > 1:
        return x
    log(x)
""",
)
program(
    NUMBERS,
    """
def bare_return(x):
    if x > 1:
        return
    elif x == 1:
        return 1
    log(x)
    return
""",
)
program(
    NUMBERS,
    """
def returns_nothing(x):
    log(x)
""",
)
program(
    NUMBERS,
    """
def every_branch_returns(x):
    if x > 2:
        return 1
    elif x > 1:
        return 2
    elif x < 0:
        raise ValueError(x)
    else:
        return 3
""",
)
program(
    NUMBERS,
    """
def dead_code(x):
    return x
    x = 1
    return log(x)
""",
)
program(
    NUMBERS,
    """
def both_branches_may_stay(x):
    y = 0
    if x > 0:
        y = 1
        if x > 2:
            return "big"
        y += log(1)
    else:
        if x < 0:
            return "negative"
        y = log(2)
    y = log(y) + x
    if y > 2:
        return y
    return -y
""",
)
program(
    NUMBERS,
    """
def partial_exit_before_trivial_rest(x):
    y = 0
    if x > 0:
        if x > 1:
            return x
        y = 5
    elif x < 0:
        y = 6
    return y
""",
)
program(
    NUMBERS,
    """
def returns_the_same_name(x):
    y = x
    while True:
        y = y + 1
        if y > 3:
            return y
        if y > 2:
            y = y + 10
            return y
""",
)
program(
    NUMBERS,
    """
def newton(x):
    y = x
    while True:
        y_next = 0.5 * (y + abs(x) / (y + 10))
        if abs(y_next - y) < 1e-3:
            break
        y = y_next
    return y_next * y_next
""",
)
program(
    LISTS,
    """
def continues(x):
    total = 0
    for v in x:
        if v < 0:
            continue
        total += v
        if v == 4:
            total += 100
            continue
        elif v == 3:
            total += 1000
        else:
            continue
        total += log(v)
    return total
""",
)
program(
    LISTS,
    """
def breaks(x):
    total = 0
    for v in x:
        total += 1
        if v < 0:
            break
        if v == 2:
            total = -5
            break
        total += v
    return total, [log(0)]
""",
)
program(
    LISTS,
    """
def return_in_loop(x):
    for v in x:
        if v > 2:
            return log(v) * 2
        log(v)
    y = log(len(x))
    return y + 1
""",
)
program(
    LISTS,
    """
def search(x):
    for v in x:
        if v > 2:
            return v
    return None
""",
)
program(
    LISTS,
    """
def search_changes_default(x):
    best = -1
    for v in x:
        if v > 2:
            return v
        best = v
    return best
""",
)
program(
    LISTS,
    """
def search_keeps_default(x):
    limit = len(x)
    for v in x:
        if v > limit:
            return v
    return limit
""",
)
program(
    LISTS,
    """
def return_in_nested_loop(x):
    for a in x:
        for b in x:
            if a + b > 4:
                return a, b
            log((a, b))
        log(a)
    log("end")
    return len(x)
""",
)
program(
    LISTS,
    """
def return_in_nested_loop_in_branch(x):
    if len(x) > 1:
        for a in x:
            k = 0
            while k < 3:
                k += 1
                if a * k == 4:
                    return a, k
                if k == 2 and a < 0:
                    break
            else:
                log("full")
            log(k)
    elif x:
        return "one"
    x = x + [0]
    for a in x:
        if a == 6:
            return "six"
    return x
""",
)
program(
    LISTS,
    """
def break_below_partial_if(x):
    total = 0
    for v in x:
        if v > 0:
            total += 1
            if v > 3:
                break
            total += log(v)
        else:
            if v < -1:
                continue
            total -= 1
        total += log(10)
    return total
""",
)
program(
    LISTS,
    """
def everything_below_partial_if(x):
    total = 0
    for v in x:
        if v >= 0:
            if v == 0:
                continue
            elif v == 1:
                break
            elif v == 5:
                return "five", total
            log(v)
        elif v < -2:
            total += 50
        total += log(10)
        if total > 25:
            continue
        total += 1
    total += 1
    return total
""",
)
program(
    LISTS,
    """
def loop_always_leaves(x):
    for v in x:
        return log(v)
    return "empty"
""",
)
program(
    LISTS,
    """
def inner_endless_loop(x):
    for v in x:
        n = 0
        while True:
            n += 1
            if n > 3:
                return n, v
            if v + n > 2:
                break
        log(n)
    return x
""",
)
program(
    LISTS,
    """
def for_else(x):
    for v in x:
        if v > 3:
            r = v
            break
        if v < 0:
            continue
        log(v)
    else:
        r = log("none")
    return r
""",
)
program(
    LISTS,
    """
def for_else_without_break(x):
    for v in x:
        log(v)
    else:
        return "done"
    return 3
""",
)
program(
    LISTS,
    """
def for_else_nested(x):
    for a in x:
        for b in x:
            if b > a:
                break
            if b == -2:
                return "minus two"
        else:
            log(("top", a))
            if a > 3:
                break
            continue
        log(a)
    else:
        return "else"
    return a
""",
)
program(
    NUMBERS,
    """
def while_else(x):
    while x < 4:
        x += 1
        if x == 3:
            break
        if x == 2:
            continue
        log(x)
    else:
        x = -x
    return x
""",
)
program(
    LISTS,
    """
def else_break_belongs_outside(x):
    for a in x:
        for b in range(a):
            log(b)
        else:
            if a == 2:
                break
        log(("after", a))
    else:
        log("no break")
    return a if x else None
""",
)
program(
    LISTS,
    """
def loop_variable(x):
    i = None
    for i in range(len(x)):
        i = i * 10
        log(i)
    for v in x:
        pass
    for j in range(0):
        pass
    return i, x and v
""",
)
program(
    LISTS,
    """
def loop_patterns(x):
    total = 0
    for i, v in enumerate(x):
        total += i * v
    for (i, a), b in zip(enumerate(x), reversed(x)):
        total += i * a - b
    for k, (p, *q) in {"a": (1, 2), "b": x or [3]}.items():
        total += p + len(q)
    a = [0, 0]
    for a[0] in x:
        total += a[0]
    return total, a
""",
)
program(
    NUMBERS,
    """
def pass_everywhere(x):
    if x > 1:
        pass
    elif x > 0:
        x = 7
    else:
        pass
    if x:
        pass
    if log(x):
        pass
    for _ in range(2):
        if x == 3:
            continue
    while x > 100:
        pass
    return x
""",
)
program(
    LISTS,
    """
def counts_with_two_flags(x):
    n = 0
    for a in x:
        if a > 0:
            for b in x:
                if b == a:
                    continue
                if b > 3:
                    return n
                n += 1
            if n > 2:
                break
        n += 10
    n += 1
    for a in x:
        for b in x:
            if a * b == 2:
                return -n
            n += 1
    return n * 2
""",
)
# ---- with ---------------------------------------------------------------------------------------

program(
    NUMBERS,
    """
def return_in_with(x):
    with scope("a"):
        y = log(x)
        if y > 2:
            return y * 2
        y += 1
    y = log(y)
    return y
""",
)
program(
    NUMBERS,
    """
def return_last_in_with(x):
    with scope("a"), scope("b"):
        return log(x) + 1
""",
)
program(
    LISTS,
    """
def exits_in_with(x):
    total = 0
    for v in x:
        with scope(v):
            if v == 0:
                continue
            if v == 3:
                break
            if v == 5:
                return total
            total += log(v)
        total += 1
    return -total
""",
)
program(
    LISTS,
    """
def break_last_in_with(x):
    for v in x:
        with scope(v):
            if v == 1:
                break
            if v == 3:
                continue
            log(v)
    with scope("end"):
        for v in x:
            with scope(v):
                return v
    return "none"
""",
)
program(
    LISTS,
    """
def with_inside_branch(x):
    for v in x:
        if v > 0:
            with scope(v):
                if v > 4:
                    return v
                log(v)
            if v == 4:
                break
        log("next")
    return x
""",
)
# ---- comprehensions -----------------------------------------------------------------------------

program(
    LISTS,
    """
def list_comprehension(x):
    y = [v * 2 for v in x]
    z = [a + b for a in x if a > 0 if a < 4 for b in y if b != 2]
    return y, z, [[a * b for b in x] for a in x]
""",
)
program(
    LISTS,
    """
def comprehension_shadows(x):
    v = "outer"
    y = [v for v in x]
    x = [x for x in x]
    w = [v for v in [v for v in y]]
    i = 3
    u = [[i for i in range(i)] + [i] for i in range(i)]
    return v, x, y, w, u, i
""",
)
program(
    LISTS,
    """
def comprehension_reads_its_target(x):
    y = [1, 2]
    y = [v + len(y) for v in x]
    def g():
        return len(z)
    z = [0]
    z = [g() for _ in x]
    return y, z
""",
)
program(
    LISTS,
    """
def same_variable_twice(x):
    y = [log(i) for i in x] + [i * 2 for i in x] + [i + j for i in x for j in range(2)]
    return y, sum(i for i in x), [k for k in x if k not in [k * 2 for k in x]]
""",
)
program(
    LISTS,
    """
def lambda_in_comprehension(x):
    y = [max([3, 1, 2], key=lambda w: w * v) for v in x]
    z = [f(3) for f in [lambda u, v=v: u + v for v in x]]
    return y, z
""",
)
program(
    LISTS,
    """
def dict_comprehension(x):
    d = {log(k): log(k * 2) for k in x if k}
    e = {k: {j: k for j in range(2)} for k in x}
    d = {k: d[k] for k in d}
    return d, e, dict((k, 1) for k in x)
""",
)
program(
    LISTS,
    """
def generators(x):
    a = sum(v * v for v in x)
    b = max((v for v in x if v > 0), default=-7)
    c = min([v for v in x] or [0])
    d = list(v for v in x), tuple(v + 1 for v in x), sorted((-v for v in x), reverse=True)
    e = ", ".join(str(v) for v in x)
    return a, b, c, d, e, print(*(v for v in x), sep="") if x == [] else 0
""",
)
program(
    LISTS,
    """
def any_and_all(x):
    a = any(log(v) > 2 for v in x)
    b = all(log(v) > 0 for v in x if v != 3)
    c = any(p * q == 6 for p in x if p > 0 for q in x for _ in range(2))
    d = all(p != q for p in x for q in [log(5)])
    return a, b, c, d, any(x), all([v for v in x])
""",
)
program(
    LISTS,
    """
def any_is_a_parameter(x, any=lambda v: list(v)):
    def all(v):
        return tuple(v)
    return any(v + 1 for v in x), all(v for v in x)
""",
)
program(
    LISTS,
    """
def any_in_tests(x):
    n = 0
    while all(n < v for v in x if v > 0) and n < 4:
        n += 1
        if any(v == n for v in x) or sum(v for v in x) > 100:
            return n
    return [v for v in x] if all(v > 0 for v in x) else n
""",
)
program(
    LISTS,
    """
def comprehension_keeps_order(x):
    y = log("a"), [log(v) for v in x], log("b"), [log(v) for v in x if log(True)]
    print(log("c"), sum(log(v) for v in x), sep=log("-"))
    return y
""",
)
program(
    LISTS,
    """
def comprehension_for_effect(x):
    [log(v) for v in x]
    [log((a, b)) for a in x for b in range(2) if a]
    x
    (n := len(x))
    return n
""",
)
program(
    LISTS,
    """
def comprehension_over_pattern(x):
    y = [i * v for i, v in enumerate(x)]
    z = {i: (a, b) for i, (a, b) in enumerate(zip(x, x[1:]))}
    return y, z
""",
)
# ---- functions ----------------------------------------------------------------------------------

program(
    NUMBERS,
    """
def nested_functions(x):
    k = 3
    def inner(v, w=[k][0], *rest, scale=sum(i for i in range(3)), **more):
        if v > 2:
            return v * w * scale
        for i in range(4):
            if i > v:
                return i
        return [r for r in rest]
    def nothing():
        pass
    k = 4
    return inner(x), inner(x, 1, 2, scale=5), nothing()
""",
)
program(
    NUMBERS,
    """
def recursion(x):
    def fact(n):
        if n <= 1:
            return 1
        return n * fact(n - 1)
    return fact(x)
""",
)
program(
    NUMBERS,
    """
def decorated(x):
    def twice(f):
        return lambda v: 2 * f(v)
    def add(n):
        return lambda f: lambda v: f(v) + n
    @twice
    @add(log(10))
    def g(v):
        return v * v
    return g(x)
""",
)
program(
    NUMBERS,
    """
def lambdas(x):
    f = lambda v: sum(v * i for i in range(3))
    g = lambda v, n=sum(i for i in range(x)): (m := v + n) * m
    h = lambda: x
    x = x + 1
    return f(x), g(x), h()
""",
)
program(
    NUMBERS,
    """
def asserts(x):
    assert x < 4, "too large"
    assert x > -1, f"negative: {[v for v in range(3)]} {log(x)}"
    assert all(v <= x for v in range(x))
    return x
""",
)
program(
    NUMBERS,
    """
def raises(x):
    if x < 0:
        raise ValueError(", ".join(str(v) for v in range(3)))
    if x == 3:
        raise KeyError(x) from None
    return 1 / x
""",
)
program(
    NUMBERS,
    """
def always_raises(x):
    raise ValueError(x)
""",
)
program(
    NUMBERS,
    """
def names_are_taken(x):
    t, t_1, result, returned, item, broken = 1, 2, 3, 4, 5, 6
    y = [v for v in range(x)] + [t]
    for i, v in enumerate(y):
        if v > t_1:
            return y, t, result, returned
    else:
        result = broken
    return t, t_1, result, returned, item, broken
""",
)
program(
    NUMBERS,
    """
def conditional_and_boolean(x):
    a = x if x > 1 else -x
    b = x and log(a) or log(7)
    c = not x or 0 < a < 3 != b
    return a, b, c
""",
)
program(
    NUMBERS,
    """
def chained_boolean_hoists(x):
    y = x > 0 and (a := log(x)) and (b := log(a - 1)) or log(9) or (c := 4)
    z = (x > 1 or any(log(v) for v in range(2))) and [v for v in range(x)]
    return y, z
""",
)
program(
    NUMBERS,
    """
def strings_and_sets(x):
    s = f"{x!r:>5}{x + 1}"
    return s, x in {1, 2}, (*[x], *range(2)), {**{"a": x}, "b": 2}, s[1:], ...
""",
)
program(
    NUMBERS,
    """
def with_walrus_and_loops(x):
    with scope((n := x + 1)):
        for k in range(n):
            if (m := k * n) > 5 and any(v == k for v in range(4)):
                return m
            elif m == 4:
                continue
            log(m)
    return n, [m for m in range(2)]
""",
)
program(
    LISTS,
    """
def long_chain_of_guards(x):
    n = len(x)
    if n == 0:
        return 0
    a = x[0]
    if a < 0:
        log(a)
        return 1
    if a == 0:
        if n > 3:
            return 2
        return 3
    b = a + n
    while b > 0:
        b -= 1
        if b == 2:
            return b, n
    return b
""",
)
program(
    LISTS,
    """
def return_none_among_values(x):
    for v in x:
        if v == 4:
            return
        if v == 2:
            return v
    log("end")
""",
)
program(
    LISTS,
    """
def loops_in_both_branches(x):
    if len(x) > 2:
        for v in x:
            if v > 3:
                return v
        log("long")
    else:
        while x:
            x = x[1:]
            if len(x) == 1:
                return x
        log("short")
    return log(len(x)) + 1
""",
)
program(
    LISTS,
    """
def three_deep(x):
    for a in x:
        for b in x:
            for c in x:
                if a < b < c:
                    return a, b, c
                if c < 0:
                    break
                if b < 0:
                    continue
                log(c)
            else:
                continue
            log(("broken", b))
            break
    return "none"
""",
)
program(
    NUMBERS,
    """
def collatz(x):
    steps = 0
    while x != 1:
        if x < 1:
            return None
        if x % 2 == 0:
            x //= 2
        else:
            x = 3 * x + 1
        steps += 1
        if steps > 6:
            break
    else:
        return steps
    return -steps
""",
)
