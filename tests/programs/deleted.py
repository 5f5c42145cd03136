"""`del`: names that are gone, and come back."""

from tests.programs.corpus import program


@program(1.2)
def deleted_and_made_again(x):
    z = x * x
    del z
    z = x * 3.0
    return z * x


@program(1.2, 3)
def deleted_in_each_trip(x, n):
    s = 0.0
    for i in range(n):
        t = x * i
        s += t * t
        del t
    return s


@program(1.2, also=[(-1.2,)])
def deleted_on_one_path(x):
    y = x * 2.0
    z = y * x
    if x > 0:
        del y
    return z


@program(1.2, refused="S103")
def read_after_delete(x):
    y = x * 2.0
    del y
    return y  # noqa: F821
