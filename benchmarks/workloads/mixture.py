"""The likelihood of a mixture of Gaussians: 2,000 points, 8 components in 2 dimensions, a stable log-sum-exp."""

import numpy as np

from benchmarks.workload import Workload


def log_sum_exp(rows):
    top = np.max(rows, axis=1)
    return top + np.log(np.sum(np.exp(rows - top[:, None]), axis=1))


def mixture(weights, means, log_scales, x):
    z = (x[:, None, :] - means) * np.exp(-log_scales)
    terms = weights - np.sum(log_scales, axis=1) - 0.5 * np.sum(z**2, axis=2)
    return np.sum(log_sum_exp(terms)) - len(x) * np.log(np.sum(np.exp(weights)))


def by_hand(weights, means, log_scales, x):
    precision = np.exp(-log_scales)
    z = (x[:, None, :] - means) * precision
    terms = weights - log_scales.sum(axis=1) - 0.5 * (z * z).sum(axis=2)
    top = np.max(terms, axis=1)
    shares = np.exp(terms - top[:, None])
    sums = shares.sum(axis=1)
    e = np.exp(weights)
    total = e.sum()
    value = (top + np.log(sums)).sum() - len(x) * np.log(total)
    # the shift by the largest term has no effect, so it has no cotangent
    shares /= sums[:, None]
    t_bar = shares.sum(axis=0)
    p = shares[:, :, None] * z
    scale_bar = (p * z).sum(axis=0) - t_bar[:, None]
    return value, (t_bar - (len(x) / total) * e, p.sum(axis=0) * precision, scale_bar)


def arguments(small):
    n, k = (7, 3) if small else (2_000, 8)
    rng = np.random.default_rng(6)
    return rng.normal(size=k), rng.normal(size=(k, 2)), 0.3 * rng.normal(size=(k, 2)), rng.normal(size=(n, 2))


WORKLOAD = Workload(mixture, by_hand, arguments, wrt=(0, 1, 2), kinds={"array"})
