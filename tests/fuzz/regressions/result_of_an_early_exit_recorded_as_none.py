"""A result that one path returns from a loop is not recorded on the others: its zeros ask for no shape."""

import math

import numpy as np


def h1(p0):
    for i2 in range(len(p0)):
        _ = [math.sin(0.52), (np.sum(p0[::-1])), np.exp(-(0.3 * i2) ** 2)]
    return (0.05 if (-0.51) >= (-1.39) else 0.67)


def f(x0, x1):
    k4 = 0
    while k4 < 2 and x0 < 1.3:
        k4 += 1
        if 1.18 < 1.46:
            for i6 in range(0, 3, 2):
                x0 *= np.cos(0.4 * (math.exp(math.sin(x0))))
                x0 *= np.cos(np.sin(h1(np.array([x0, x0, x1[0, i6], (-1.19)]))))
                if x0 >= (-0.85) and i6 % 2 == 0:
                    return (np.maximum((0.4 * np.ones((3,))), x0))
        else:
            l7 = [(x1[-1, -1] if x1[-2, k4] <= (-0.98) else x0), ((np.full((3,), 0.04)).min()), (np.sum(((0.4 * np.ones((2, 3)))) ** 2))]
            l8 = [h1(np.array([x1[-1, k4], x1[0][-1], x0, x0])), (np.prod(np.cos(x1)))]
            x0 *= np.cos(np.sin(((l7[0]) * (l8[1]))))
        if 1.08 <= 0.39:
            k9 = 0
            while k9 < 3 and x0 < 1.3:
                k9 += 1
                x0 = 0.4 * ((np.hypot((0.5 * (x1[(k9 + 1) % 2][k4] + x1[(k9 + 1) % 2][k4])), 1.0 + (min(0.4, (-1.42))) ** 2)))
                s10 = 0.4 * ((x0 if k9 == 1 else ((-0.11) + (-1.38))))
                x0 = 0.4 * (s10)
            if x1[k4 % 2, k4] < (-0.21):
                break
        elif (x1[1, k4] - x1[0, k4]) <= 1.49:
            x0 = 0.4 * (math.exp(math.sin(h1(np.full((4,), x0)))))
        else:
            for i12 in range(3):
                _ = [(np.prod(np.cos(x1))) for q14 in range(3)]
                x0 *= np.cos(np.sin((0.5 * (1.3 + x1[-1, -3]))))
                x0 = 0.4 * (((np.sin(x0)) * (h1(np.array([(-0.27), x0, 0.19, x0])))))
            x0 += np.tanh((np.sum((0.4 * np.ones((3, 3))))))
    x0 /= (1.2 + (0.4 * (0.5 * (x1[-1, 0]))) ** 2)
    x0 = np.tanh(((((1.2 + np.sin(x1[-2, -2])) ** (x1[-1, 1]))) * (0.5 * (x0))))
    _ = 0.4 * (np.cos((0.54 + x0)))
    return np.sum(x1[:, ::-1], axis=0)


POINT = (-0.797, np.array([[0.51, 0.452, 0.134], [0.588, -0.84, -0.401]]),)
