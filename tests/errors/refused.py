"""Functions that are refused; `#~ CODE` marks each offending line, `refused.txt` holds the whole messages."""

# ruff: noqa


def generator(x):
    total = 0.0
    for v in x:
        yield v  #~ S101
    total += yield from x  #~ S101
    return total


async def asynchronous(x):  #~ S101
    return await x


def awaits(x):
    async def inner(v):  #~ S101
        return await v

    return inner(x)


def writes_globals(x):
    global total  #~ S101

    def inner():
        nonlocal x  #~ S101
        x = 2

    total = x


def catches(x):
    try:  #~ S101
        return 1 / x
    except ZeroDivisionError:
        with open("log") as f:  #~ S101
            f.write("zero")
    finally:
        del x[1:]  #~ S101


def defines_class(x):
    class Point:  #~ S101
        y = {v for v in range(3)}

    return Point()


def matches(x):
    match x:  #~ S101
        case [a, *_]:
            return a


def imports(x):
    import math  #~ S101
    from math import sin  #~ S101

    return math.cos(sin(x))


def collects(x):
    seen = {v for v in x}  #~ S101
    pairs = zip((a for a in x), x)  #~ S101
    squares = list(map(abs, (v * v for v in x)))  #~ S101
    fine = sum(v for v in x) + max((v for v in x), default=0) + len({1, 2})
    return seen, pairs, squares, fine


def captures(x):
    steps = [lambda v: v + k for k in x]  #~ S101
    named = {k: (k, lambda: k) for k in x}  #~ S101
    fine = [lambda v, k=k: v + k for k in x]
    return steps, named, fine


def changes_objects(x, model):
    del model.weight  #~ S101
    delattr(model, "rate")  #~ S101
    model.fine = x
    for model.rate in x:
        x[0] = 2 * x[1]
    (a, model.b), *x[2:] = x
    return model


def unpacks_nothing(x):
    () = x  #~ S101
    return x


def looks_around(x):
    eval("x + 1")  #~ S101
    return locals()["x"]  #~ S101


def opens(x):
    with np.errstate(all="ignore"), open("f") as f, open("g") as (a, b):  #~ S101 S101
        return x / f


def raises_again(x):
    if x < 0:
        raise  #~ S101
    return x


def takes_accents(x):
    naïve = "é"; yield naïve  #~ S101


def over_several_lines(x):
    y = zip(  # the caret stays on the first line
        (  #~ S101
            v
            for v in x
        ),
        x,
    )
    return y
