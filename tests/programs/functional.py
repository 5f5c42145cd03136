"""Functions as values: nonlocal, chosen at run time, returned, kept, map, filter, reduce, sorted, parameters."""

import functools
import itertools
import math
import operator

import numpy as np

from tests.programs.corpus import normal, program


@program(0.7, 3)
def nonlocal_counter(x, n):
    total = 0.0

    def add(v):
        nonlocal total
        total = total + v * v

    for i in range(n):
        add(x + i)
    return total * x


@program(0.7, 1.2)
def nonlocal_twice(x, y):
    state, calls = x, 0

    def step(k):
        nonlocal state, calls
        state = state * k + y
        calls += 1
        return state

    a = step(y)
    b = step(x)
    return a * b + state * calls


@program(0.7)
def nonlocal_in_branch(x):
    best = 0.0

    def consider(v):
        nonlocal best
        if v > best:
            best = v

    consider(x * x)
    consider(math.sin(x))
    consider(0.1 * x)
    return best * x


@program(0.7, 1.3)
def nonlocal_two_levels(x, y):
    acc = x

    def outer(k):
        def inner(v):
            nonlocal acc
            acc = acc + k * v

        inner(y)
        inner(y * k)

    outer(x)
    return acc * acc


@program(0.7, 1.3)
def returned_function(x, k):
    return make_scaler(k)(x) * make_scaler(x)(k)


def make_scaler(k):
    def scale(v):
        return v * v * k

    return scale


@program(0.7, 1.3)
def returned_pair_of_functions(x, k):
    value, slope = quadratic(k)
    return value(x) + slope(x) * x


def quadratic(k):
    def value(v):
        return k * v * v

    def slope(v):
        return 2.0 * k * v

    return value, slope


@program(0.7, "tanh", also=[(0.7, "relu"), (0.7, "square")])
def from_a_dict_by_name(x, name):
    table = {"tanh": math.tanh, "relu": lambda v: v if v > 0 else 0.0, "square": lambda v: v * v}
    return table[name](x) * x


ACTIVATIONS = {"tanh": np.tanh, "square": lambda v: v * v, "softplus": lambda v: np.log1p(np.exp(v))}


@program(normal(4), ("tanh", "square", "softplus"), wrt=0)
def layers_by_name(x, names):
    for name in names:
        x = ACTIVATIONS[name](x) * 0.9
    return np.sum(x)


@program(0.7, 2, also=[(0.7, 0), (0.7, 1)], wrt=0)
def from_a_list_by_index(x, k):
    choices = [math.sin, math.cos, lambda v: v**3]
    return choices[k](x) * x


@program([0.7, 0.2, 0.5])
def cycled_functions(x):
    functions = [math.sin, math.cos]
    total = 0.0
    for i in range(3):
        total += functions[i % 2](x[i])
    return total * total


@program(0.7)
def list_of_closures(x):
    fs = [lambda v, k=k: v * k + x for k in (1.0, 2.0, 3.0)]
    total = 0.0
    for f in fs:
        total = total + f(total)
    return total


@program(0.7)
def pipeline_of_functions(x):
    for f in (math.sin, math.exp, lambda v: v * v):
        x = f(x)
    return x


@program(0.7)
def dict_of_closures(x):
    handlers = {}
    for k, scale in (("a", 2.0), ("b", 3.0)):
        handlers[k] = lambda v, scale=scale: v * scale
    return handlers["a"](x) * handlers["b"](x)


@program([0.7, 0.2, 0.5])
def mapped(x):
    return sum(map(math.sin, x)) * sum(map(lambda a, b: a * b, x, x[1:]))


@program([0.7, -0.2, 0.5])
def filtered(x):
    return sum(filter(lambda v: v > 0, x)) * sum(v * v for v in filter(None, x))


@program([0.7, 0.2, 0.5])
def reduced(x):
    product = functools.reduce(lambda a, b: a * b, x)
    return product + functools.reduce(operator.add, x, 1.0) ** 2


@program([0.7, 0.2, 0.5])
def reduced_with_start(x):
    return functools.reduce(lambda acc, v: acc * v + 1.0, x, x[0])


@program(normal(3, 2, 2))
def reduced_matrices(a):
    return np.trace(functools.reduce(np.matmul, a))


@program([0.7, 0.2, 0.5])
def accumulated(x):
    return sum(v * v for v in itertools.accumulate(x))


@program([0.7, 0.2, 0.5])
def accumulated_products(x):
    running = list(itertools.accumulate(x, operator.mul))
    return running[1] + running[-1]


@program([0.7, 0.2, 0.5])
def accumulated_with_initial(x):
    return sum(itertools.accumulate(x, lambda a, b: a * 0.5 + b, initial=1.0))


@program([0.7, 0.2, 0.5])
def pairs_of_neighbours(x):
    return sum((b - a) ** 2 for a, b in itertools.pairwise(x))


@program(normal(5))
def pairwise_array(x):
    total = 0.0
    for left, right in itertools.pairwise(x):
        total += left * right
    return total


@program([0.7, 0.2], [0.3, 0.9, 0.4])
def cartesian_product(x, y):
    return sum(a * b * b for a, b in itertools.product(x, y))


@program([0.7, 0.2])
def product_repeat(x):
    total = 0.0
    for i, j in itertools.product(range(2), repeat=2):
        total += x[i] * x[j] * (i + 1)
    return total


@program([0.7, 0.2, 0.5])
def combined(x):
    return sum(a * b for a, b in itertools.combinations(x, 2))


@program(normal(4, 2))
def pairwise_distances(points):
    total = 0.0
    for i, j in itertools.combinations(range(4), 2):
        d = points[i] - points[j]
        total += 1.0 / np.sqrt(np.sum(d * d))
    return total


@program([0.7, 0.2, 0.5])
def permuted(x):
    return sum(a - b * b for a, b in itertools.permutations(x, 2))


@program([0.7, 0.2], [0.5])
def chained(x, y):
    return sum(v * v for v in itertools.chain(x, y)) * sum(itertools.chain.from_iterable([x, y]))


@program([0.7, 0.2, 0.5])
def starmapped(x):
    return sum(itertools.starmap(lambda a, b: a * b, zip(x, x[1:])))


@program([0.7, 0.2, 0.5])
def zip_longest(x):
    return sum(a * b for a, b in itertools.zip_longest(x, x[1:], fillvalue=1.0))


@program([0.7, 0.2, 0.5, 0.9])
def islice_and_repeat(x):
    head = sum(itertools.islice(x, 2))
    return head * sum(a * b for a, b in zip(x, itertools.repeat(2.0)))


@program([0.7, 0.2, 0.5])
def counted(x):
    return sum(k * v * v for k, v in zip(itertools.count(1), x))


@program([0.7, 0.2, 0.5])
def cycled(x):
    return sum(a * b for a, b in zip(x, itertools.cycle([1.0, -1.0])))


@program([0.7, -0.9, 0.5])
def sorted_by_key(x):
    ordered = sorted(x, key=abs)
    return ordered[0] + 2.0 * ordered[1] + 3.0 * ordered[2]


@program([0.7, -0.9, 0.5])
def sorted_pairs_by_key(x):
    pairs = [(v, v * v) for v in x]
    ordered = sorted(pairs, key=lambda p: p[1], reverse=True)
    return ordered[0][0] + ordered[1][1] * 2.0


@program([0.7, -0.9, 0.5])
def max_by_key(x):
    return max(x, key=lambda v: v * v) * min(x, key=abs)


@program([0.7, -0.9, 0.5])
def sorted_indices(x):
    order = sorted(range(3), key=lambda i: x[i])
    return x[order[0]] * 2.0 + x[order[1]] * x[order[2]]


@program([3.0, 1.0, 2.0])
def list_sort_by_key(x):
    values = [v * v for v in x]
    values.sort(key=lambda v: -v)
    return values[0] - 2.0 * values[1]


@program(0.7, 1.3)
def keyword_only(x, y):
    return tuned(x, power=3, scale=y) + tuned(y, scale=x)


def tuned(v, /, *, power=2, scale=1.0):
    return scale * v**power


@program(0.7, 1.3)
def positional_only_with_defaults(x, y):
    return blend(x, y) + blend(x, y, 0.25)


def blend(a, b, w=0.5, /):
    return w * a * a + (1.0 - w) * b


@program(0.7, 1.3)
def stars_at_call_sites(x, y):
    args = (x, y)
    options = {"w": x * y}
    return weighted(*args, **options) + weighted(*[y, x], **{"w": 0.2})


def weighted(a, b, w=1.0):
    return a * a * w + b


@program(0.7, 1.3)
def variadic(x, y):
    return total_of(x, y, x * y, scale=2.0) + total_of()


def total_of(*values, scale=1.0, **rest):
    s = 0.0
    for v in values:
        s = s + v * v
    return s * scale


@program(0.7, 1.3)
def forwarded_arguments(x, y):
    return forward(weighted, x, y, w=y)


def forward(f, *args, **kwargs):
    return f(*args, **kwargs) * 2.0


COUNTER = []


def remembers(v, seen=[1.0, 2.0]):
    return v * sum(seen)


@program(0.7)
def default_evaluated_once(x):
    return remembers(x) * remembers(x, [3.0])


@program(0.7, 1.3)
def inner_default_evaluated_at_definition(x, y):
    k = y

    def f(v, k=k):
        return v * k

    k = 100.0
    return f(x) + k * 0.0


def doubled(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        return 2.0 * f(*args, **kwargs)

    return inner


def scaled_by(k):
    def decorate(f):
        @functools.wraps(f)
        def inner(v):
            return k * f(v)

        return inner

    return decorate


@doubled
def cube(v):
    return v**3


@scaled_by(3.0)
@doubled
def damped(v):
    return math.exp(-v)


@program(0.7)
def decorated_callee(x):
    return cube(x) * damped(x)


@functools.lru_cache(maxsize=None)
def table_size(n):
    return n * n


@program(0.7, 3)
def cached_inactive_callee(x, n):
    return x ** table_size(2) + table_size(n)


@program(0.7)
def partial_functions(x):
    half = functools.partial(weighted, w=0.5)
    fixed = functools.partial(weighted, x)
    return half(x, 2.0) + fixed(3.0) * x


TRIPLE = functools.partial(operator.mul, 3.0)


@program(0.7)
def global_partial(x):
    return TRIPLE(x) * x


@program(0.7, 1.3)
def operator_module(x, y):
    return operator.add(operator.mul(x, y), operator.truediv(x, y)) + operator.neg(x) * operator.pow(y, 2)


@program([0.7, 0.2, 0.5])
def itemgetter(x):
    first = operator.itemgetter(0)
    pair = operator.itemgetter(0, 2)
    a, b = pair(x)
    return first(x) * a + b * b


@program(0.7)
def composed(x):
    def compose(*fs):
        return functools.reduce(lambda f, g: lambda v: g(f(v)), fs)

    return compose(math.sin, math.exp, lambda v: v * v)(x)


@program(0.7)
def recursive_closure(x):
    def power(v, n):
        return 1.0 if n == 0 else v * power(v, n - 1)

    return power(x, 4)


@program([0.7, 0.2, 0.5])
def generator_expression_variable(x):
    squares = (v * v for v in x)
    return sum(squares)


@program([0.7, 0.2, 0.5])
def next_of_generator(x):
    it = iter(x)
    first = next(it)
    return first * first + sum(it)


@program([0.7, 0.2, 0.5])
def next_with_default(x):
    big = next((v for v in x if v > 0.6), 0.0)
    none = next((v for v in x if v > 10.0), 1.0)
    return big * big * none


def chosen_payoff(kind):
    table = {"put": lambda s, k: max(k - s, 0.0), "square": lambda s, k: s * s / k}
    return table[kind]


@program(0.7, 1.3, "put", also=[(0.7, 1.3, "square")], wrt=(0, 1))
def function_from_an_inactive_call(x, k, kind):
    f = chosen_payoff(kind)
    return f(x, k) * f(x * x, k)


@program(0.7, 0.4, also=[(0.7, 0.0)], wrt=0)
def tuple_indexed_in_two_branches(x, gamma):
    values = (x, x * x + 0.1, 2.0 * x)
    if gamma == 0.0:
        return min(values)
    least = min(values)
    return least - gamma * sum(v - least for v in values)


@program([0.7, 0.2])
def unpacked_generator_expression(x):
    a, b = (v * v for v in x)
    return a * b + a


@program(normal(3))
def functions_made_in_a_loop(x):
    makers = []
    for k in range(3):
        makers.append(lambda v, k=k: v * x[k] + k)
    return sum(make(x[0]) * (i + 1) for i, make in enumerate(makers))


@program(normal(3))
def basis_made_by_a_comprehension(x):
    basis = [lambda t, n=n: t**n for n in range(4)]
    total = 0.0
    for t in x:
        for weight, power in zip([1.0, 2.0, 3.0, 4.0], basis, strict=True):
            total += weight * power(t)
    return total


@program(normal(3))
def partials_in_a_list(x):
    powers = [functools.partial(pow, x[k]) for k in range(3)]
    return powers[0](2) + powers[1](3) * powers[2](2)


@program(normal(3), normal(3))
def zipped_strictly(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True)) * sum(a for a, _ in zip(x, [1.0, 2.0, 3.0], strict=True))


@program(normal(3))
def methods_by_name(x):
    name = "cumsum"
    return getattr(np, "sin")(x).sum() + getattr(x, "sum")() * getattr(x, name)()[1]
