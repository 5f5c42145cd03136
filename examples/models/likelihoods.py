"""Likelihoods as statistical packages write them: Gaussian process, ARMA, censored Weibull, mixture."""

import itertools
import math

import numpy as np


def squared_exponential(x, lengths, scale):
    """A covariance matrix."""
    z = x / lengths
    squares = np.sum(z * z, axis=1)
    distances = squares[:, None] + squares[None, :] - 2.0 * z @ z.T
    return scale**2 * np.exp(-0.5 * np.maximum(distances, 0.0))


def gaussian_process(log_lengths, log_scale, log_noise, x, y, jitter=1e-10, attempts=4):
    """The log marginal likelihood; more jitter where the covariance is not positive definite."""
    k = squared_exponential(x, np.exp(log_lengths), np.exp(log_scale))
    noise = np.exp(2.0 * log_noise)
    for _ in range(attempts):
        try:
            factor = np.linalg.cholesky(k + (noise + jitter) * np.eye(len(y)))
            break
        except np.linalg.LinAlgError:
            jitter *= 100.0
    else:
        raise RuntimeError("the covariance matrix is not positive definite")
    alpha = np.linalg.solve(factor, y)
    return -0.5 * np.sum(alpha**2) - np.sum(np.log(np.diag(factor))) - 0.5 * len(y) * math.log(2.0 * math.pi)


def arma_residuals(phi, theta, series):
    """One-step prediction errors."""
    errors = []
    for t in range(len(series)):
        past = sum(phi[k] * series[t - k - 1] for k in range(len(phi)) if t - k - 1 >= 0)
        shocks = sum(theta[k] * errors[t - k - 1] for k in range(len(theta)) if t - k - 1 >= 0)
        errors.append(series[t] - past - shocks)
    return errors


def arma_log_likelihood(phi, theta, log_sigma, series):
    """Conditional on the values before the series being zero."""
    sigma = math.exp(log_sigma)
    errors = arma_residuals(phi, theta, series)
    squares = sum(e * e for e in errors)
    return -0.5 * squares / sigma**2 - len(errors) * (math.log(sigma) + 0.5 * math.log(2.0 * math.pi))


def weibull_log_likelihood(shape, scale, times, observed):
    """Survival times, of which some are censored."""
    total = 0.0
    for t, seen in zip(times, observed):
        ratio = t / scale
        hazard = ratio**shape
        if seen:
            total += math.log(shape / scale) + (shape - 1.0) * math.log(ratio)
        total -= hazard
    return total


def mixture_log_likelihood(weights, means, log_sigmas, data):
    """A mixture of normal distributions; the weights are made positive, and to sum to one, by a softmax."""
    logits = weights - np.max(weights)
    log_weights = logits - np.log(np.sum(np.exp(logits)))
    z = (data[:, None] - means[None, :]) / np.exp(log_sigmas)[None, :]
    log_densities = log_weights[None, :] - log_sigmas[None, :] - 0.5 * z**2 - 0.5 * math.log(2.0 * math.pi)
    top = np.max(log_densities, axis=1)
    return np.sum(top + np.log(np.sum(np.exp(log_densities - top[:, None]), axis=1)))


def composite(parameters, x, y, series):
    """A sum of likelihoods with parameters by name, and a penalty on neighbours that differ."""
    match parameters:
        case {"lengths": lengths, "scale": scale, "noise": noise}:
            total = gaussian_process(lengths, scale, noise, x, y)
        case _:
            raise KeyError("lengths, scale and noise are needed")
    if "phi" in parameters:
        phi, theta = parameters["phi"], parameters["theta"]
        total += arma_log_likelihood(phi, theta, parameters["log_sigma"], series)
        total -= sum((b - a) ** 2 for a, b in itertools.pairwise(phi))
    return total
