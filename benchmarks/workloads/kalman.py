"""The likelihood under a Kalman filter: 4 states, 2 observed, 200 steps: small matrices and their inverses."""

import math

import numpy as np

from benchmarks.workload import Workload


def kalman(transition, log_q, log_r, observations):
    n, m = transition.shape[0], observations.shape[1]
    observe = np.eye(m, n)
    q = np.exp(log_q) * np.eye(n)
    r = np.exp(log_r) * np.eye(m)
    x = np.zeros(n)
    p = np.eye(n)
    loss = 0.0
    for t in range(len(observations)):
        x = transition @ x
        p = transition @ p @ transition.T + q
        miss = observations[t] - observe @ x
        s = observe @ p @ observe.T + r
        s_inverse = np.linalg.inv(s)
        gain = p @ observe.T @ s_inverse
        x = x + gain @ miss
        p = p - gain @ observe @ p
        loss += 0.5 * (np.log(np.linalg.det(s)) + miss @ s_inverse @ miss)
    return loss


def by_hand(transition, log_q, log_r, observations):
    n, m = transition.shape[0], observations.shape[1]
    observe = np.eye(m, n)
    observe_t = np.ascontiguousarray(observe.T)
    transition_t = np.ascontiguousarray(transition.T)
    eq, er = math.exp(log_q), math.exp(log_r)
    q, r = eq * np.eye(n), er * np.eye(m)
    x = np.zeros(n)
    p = np.eye(n)
    loss = 0.0
    tape = []
    for t in range(len(observations)):
        x_prior = transition @ x
        tp = transition @ p
        p_prior = tp @ transition_t + q
        miss = observations[t] - observe @ x_prior
        op = observe @ p_prior
        s = op @ observe_t + r
        s_inverse = np.linalg.inv(s)
        gain = p_prior @ observe_t @ s_inverse
        w = s_inverse @ miss
        tape.append((x, p, tp, p_prior, op, s_inverse, gain, miss, w))
        x = x_prior + gain @ miss
        p = p_prior - gain @ op
        loss += 0.5 * (math.log(np.linalg.det(s)) + miss @ w)
    transition_bar = np.zeros_like(transition)
    q_bar = r_bar = 0.0
    x_bar, p_bar = np.zeros(n), np.zeros((n, n))
    for t in range(len(observations) - 1, -1, -1):
        x, p, tp, p_prior, op, s_inverse, gain, miss, w = tape[t]
        # p = p_prior - gain @ op;  x = x_prior + gain @ miss
        gain_bar = x_bar[:, None] * miss - p_bar @ op.T
        op_bar = -(gain.T @ p_bar)
        # gain = p_prior @ observe.T @ s_inverse;  loss += (log det s + miss @ s_inverse @ miss) / 2
        gs = gain_bar @ s_inverse.T
        s_bar = 0.5 * (s_inverse.T - w[:, None] * w) - gain.T @ gs
        r_bar += np.trace(s_bar)
        op_bar += s_bar @ observe
        p_bar = p_bar + gs @ observe + observe_t @ op_bar
        miss_bar = gain.T @ x_bar + w
        x_bar = x_bar - observe_t @ miss_bar
        # p_prior = transition @ p @ transition.T + q;  x_prior = transition @ x
        q_bar += np.trace(p_bar)
        transition_bar += p_bar.T @ tp + p_bar @ (transition @ p.T) + x_bar[:, None] * x
        x_bar = transition_t @ x_bar
        p_bar = transition_t @ p_bar @ transition
    return loss, (transition_bar, q_bar * eq, r_bar * er)


def arguments(small):
    rng = np.random.default_rng(13)
    transition = 0.9 * np.eye(4) + 0.05 * rng.normal(size=(4, 4))
    return transition, -1.0, -0.5, rng.normal(size=(4 if small else 200, 2))


WORKLOAD = Workload(kalman, by_hand, arguments, wrt=(0, 1, 2), kinds={"loop"})
