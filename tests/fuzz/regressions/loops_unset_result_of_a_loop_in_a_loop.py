"""For Numba, the emitted code copied a name that no path had assigned; nothing read the copy."""

def f(a, b, x, m):
    t = x
    for v in (0.5, 0.5):
        for i in range(1):
            if t[1]:
                pass
            else:
                return 0.5
    s = 0.5
    return s


POINT = (0.1, 0.1, [0.4, 0.2], 0.2)
