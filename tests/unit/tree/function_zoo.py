"""Functions of every kind whose source is read by the tests, laid out in nasty ways."""

# ruff: noqa

import functools


def keep(function):
    """A decorator that changes nothing."""
    return function


def doubled(function):
    """A decorator that changes the value."""

    @functools.wraps(function)
    def wrapper(x):
        return 2 * function(x)

    return wrapper


def plain(x, y=2, *rest, scale=1.0, **more):
    # a comment
    return x + y * scale


@keep
@keep
def decorated(x):
    return x


@doubled
def wrapped(x):
    return x


@functools.lru_cache
def cached(x):
    return x * 3


def outer(k):
    @keep
    def inner(x):
        text = """
left of everything
"""
# a comment at the left
        return (
x + k + len(text)
)

    return inner


def tabbed():
	def inner(x):
		return x * 2
	return inner


if True:

    def conditional(x):
        return x

else:

    def conditional(x):
        return -x


class Methods:
    """Methods are refused."""

    def method(self, x):
        return x

    def __call__(self, x):
        return x


def recursive():
    def fact(n):
        return 1 if n < 2 else n * fact(n - 1)

    return fact


def late():
    def early():
        return later

    function = early
    if function is None:
        later = 1
    return function


square = lambda x: x * x
several = [lambda x: x + 1, lambda x: x - 1, lambda x, y: x, lambda x: [v for v in x], lambda x: (x if x else 1)]
nested = lambda x: (lambda y: x + y)


def captured_lambdas(k):
    return (lambda x: x + k), (lambda x: x - k)


alike = [lambda x: x, lambda x: x]
parenthesised = (
    lambda x:
        x +
        1
)


async def asynchronous(x):
    return x


def generator(x):
    yield x


def last(x): return "ü", x  # on one line
