"""What only some turns of a loop assign is copied in a later loop, where it is recorded: it need not be there."""

FLAGS = [2]


def f(a, b, xs):
    def gen():
        yield from [0.5, 0.5]

    for _ in gen():
        for _ in xs:
            try:
                b = FLAGS[3] * next((v for v in xs if v))
            except IndexError:
                pass
    return b * a


POINT = (0.463, 0.885, [0.7, 1.1])
