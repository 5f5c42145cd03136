"""Functions that are refused; `#~ CODE` marks each offending line, `refused.txt` holds the whole messages."""

# ruff: noqa


def generator(x):
    total = yield  #~ S101
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
        global x  #~ S101
        x = 2

    total = x


def catches(x):
    for k in range(3):
        try:
            x = 1 / x
        finally:
            del x[1:]  #~ S101
            if x > k:
                break  #~ S101
    try:
        x = 1 / x
    finally:
        return x  #~ S101


def defines_class(x):
    class Point:  #~ S101
        y = {v for v in range(3)}

    return Point()


def collects(x):
    pair = [v for v in x], (v for v in x)  #~ S101
    fine = sum(v for v in x) + max((v for v in x), default=0) + len({1, 2})
    return pair, fine


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


def takes_accents(x):
    naïve = "é"; eval(naïve)  #~ S101


def over_several_lines(x):
    y = (
        x,  # the caret stays on the first line
        (  #~ S101
            v
            for v in x
        ),
    )
    return y
