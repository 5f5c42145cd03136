"""The functions of `operator` that change their first operand, as plain Python that is differentiated.

>>> items = [1, 2]
>>> set_item(items, 0, 5), iadd(items, [3]), items
(None, [5, 2, 3], [5, 2, 3])
"""


def set_item(a, b, c):  # type: ignore[no-untyped-def]
    a[b] = c


def delete_item(a, b):  # type: ignore[no-untyped-def]
    del a[b]


def iadd(a, b):  # type: ignore[no-untyped-def]
    a += b
    return a


def isub(a, b):  # type: ignore[no-untyped-def]
    a -= b
    return a


def imul(a, b):  # type: ignore[no-untyped-def]
    a *= b
    return a


def itruediv(a, b):  # type: ignore[no-untyped-def]
    a /= b
    return a


def ifloordiv(a, b):  # type: ignore[no-untyped-def]
    a //= b
    return a


def imod(a, b):  # type: ignore[no-untyped-def]
    a %= b
    return a


def ipow(a, b):  # type: ignore[no-untyped-def]
    a **= b
    return a


def imatmul(a, b):  # type: ignore[no-untyped-def]
    a @= b
    return a


def iand(a, b):  # type: ignore[no-untyped-def]
    a &= b
    return a


def ior(a, b):  # type: ignore[no-untyped-def]
    a |= b
    return a


def ixor(a, b):  # type: ignore[no-untyped-def]
    a ^= b
    return a


def ilshift(a, b):  # type: ignore[no-untyped-def]
    a <<= b
    return a


def irshift(a, b):  # type: ignore[no-untyped-def]
    a >>= b
    return a
