"""A Kalman filter as a class, and the log-likelihood of a track under its noise parameters.

The filter is written as filtering libraries write it: matrices are attributes, `predict` and `update` change the state.
"""

import numpy as np


class KalmanFilter:
    """Linear Gaussian filter with a constant model."""

    def __init__(self, dim_x, dim_z):
        if dim_x < 1 or dim_z < 1:
            raise ValueError("dimensions must be positive")
        self.dim_x = dim_x
        self.dim_z = dim_z
        self.x = np.zeros(dim_x)
        self.P = np.eye(dim_x)
        self.F = np.eye(dim_x)
        self.H = np.zeros((dim_z, dim_x))
        self.Q = np.eye(dim_x)
        self.R = np.eye(dim_z)
        self.y = np.zeros(dim_z)
        self.S = np.eye(dim_z)
        self._identity = np.eye(dim_x)
        self.log_likelihood = 0.0
        self.steps = 0

    def predict(self, F=None, Q=None):
        """Propagate the state by one step."""
        if F is None:
            F = self.F
        if Q is None:
            Q = self.Q
        elif np.isscalar(Q):
            Q = np.eye(self.dim_x) * Q
        self.x = F @ self.x
        self.P = F @ self.P @ F.T + Q

    def update(self, z, R=None):
        """Take a measurement in; a missing one (None) leaves the prediction."""
        if z is None:
            return
        if R is None:
            R = self.R
        self.y = z - self.H @ self.x
        PHT = self.P @ self.H.T
        self.S = self.H @ PHT + R
        K = PHT @ np.linalg.inv(self.S)
        self.x = self.x + K @ self.y
        # the Joseph form keeps P symmetric and positive
        I_KH = self._identity - K @ self.H
        self.P = I_KH @ self.P @ I_KH.T + K @ R @ K.T
        self.log_likelihood += self._score()
        self.steps += 1

    def _score(self):
        sign, logdet = np.linalg.slogdet(self.S)
        mahalanobis = self.y @ np.linalg.solve(self.S, self.y)
        return -0.5 * (mahalanobis + logdet + self.dim_z * np.log(2.0 * np.pi))

    @property
    def innovation(self):
        return self.y


class ConstantVelocity(KalmanFilter):
    """Position and velocity on a line, of which the position is measured."""

    def __init__(self, dt, process_noise, measurement_noise, initial_spread=10.0):
        super().__init__(dim_x=2, dim_z=1)
        self.F = np.array([[1.0, dt], [0.0, 1.0]])
        self.H = np.array([[1.0, 0.0]])
        self.R = np.array([[measurement_noise**2]])
        G = np.array([0.5 * dt**2, dt])
        self.Q = np.outer(G, G) * process_noise**2
        self.P *= initial_spread


def negative_log_likelihood(log_noise, track, dt=0.5):
    """How badly the logarithms of process and measurement noise explain a track."""
    process, measurement = np.exp(log_noise)
    tracker = ConstantVelocity(dt, process, measurement)
    for position in track:
        tracker.predict()
        tracker.update(np.array([position]))
    return -tracker.log_likelihood / tracker.steps


def make_track(n=20, dt=0.5, seed=3):
    """A walk with random accelerations, measured with noise."""
    rng = np.random.default_rng(seed)
    position, velocity, seen = 0.0, 1.0, []
    for _ in range(n):
        velocity += 0.3 * dt * rng.normal()
        position += velocity * dt
        seen.append(position + 0.4 * rng.normal())
    return np.array(seen)


POINT = (np.array([-1.0, -0.7]), make_track())
ENTRY = negative_log_likelihood
