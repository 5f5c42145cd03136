"""A `try` in a handler that is taken apart leaves the loop once, also where the loop is written out."""


def f(a, b, xs):
    try:
        a = xs[9] * a
    except Exception:
        for v in xs[:1]:
            try:
                pass
            except ValueError:
                b += 0.9
                a -= 0.6
    finally:
        b -= sum((0.5 * a for p, q in []))
        count = 0.5
    return a * b * count


POINT = (0.5, 0.7, [1.1])
