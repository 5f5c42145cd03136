"""Forward kinematics of a serial arm with Denavit-Hartenberg joints, and the cost of reaching a pose."""

import math
from abc import ABC, abstractmethod

import numpy as np


class Transform:
    """A rigid motion of space: rotation and translation."""

    def __init__(self, rotation=None, translation=None):
        self.rotation = np.eye(3) if rotation is None else rotation
        self.translation = np.zeros(3) if translation is None else translation

    def __matmul__(self, other):
        if isinstance(other, Transform):
            return Transform(
                self.rotation @ other.rotation, self.rotation @ other.translation + self.translation
            )
        return self.rotation @ other + self.translation

    def inverse(self):
        back = self.rotation.T
        return Transform(back, -back @ self.translation)

    @classmethod
    def from_dh(cls, theta, d, a, alpha):
        ct, st = math.cos(theta), math.sin(theta)
        ca, sa = math.cos(alpha), math.sin(alpha)
        rotation = np.array([[ct, -st * ca, st * sa], [st, ct * ca, -ct * sa], [0.0, sa, ca]])
        return cls(rotation, np.array([a * ct, a * st, d]))

    @property
    def angle_to_upright(self):
        """Cosine of the angle between the tool axis and the vertical."""
        return self.rotation[2, 2]


class Joint(ABC):
    """One link and its motor."""

    limits = (-2.9, 2.9)

    def __init__(self, d, a, alpha, mass=1.0):
        self.d, self.a, self.alpha = d, a, alpha
        self.mass = mass

    @abstractmethod
    def transform(self, q):
        """The motion from this link's frame to the next for a joint coordinate."""

    def limit_cost(self, q):
        low, high = self.limits
        return max(0.0, low - q) ** 2 + max(0.0, q - high) ** 2


class Revolute(Joint):
    def transform(self, q):
        return Transform.from_dh(q, self.d, self.a, self.alpha)


class Prismatic(Joint):
    limits = (0.0, 0.6)

    def transform(self, q):
        return Transform.from_dh(0.0, self.d + q, self.a, self.alpha)


class Arm:
    def __init__(self, joints, base=None):
        self.joints = joints
        self.base = base or Transform()

    def __len__(self):
        return len(self.joints)

    def frames(self, q):
        """The frames of all links."""
        if len(q) != len(self):
            raise ValueError(f"{len(self)} joint coordinates are needed, not {len(q)}")
        here, found = self.base, []
        for joint, value in zip(self.joints, q):
            here = here @ joint.transform(value)
            found.append(here)
        return found

    def tool(self, q):
        return self.frames(q)[-1]

    def potential(self, q, gravity=9.81):
        return sum(
            joint.mass * gravity * frame.translation[2] for joint, frame in zip(self.joints, self.frames(q))
        )


class ReachTask:
    """Where the tool is to be, and what else matters."""

    def __init__(self, target, tilt=0.2, effort=0.01):
        self.target = target
        self.tilt = tilt
        self.effort = effort

    def cost(self, arm, q):
        tool = arm.tool(q)
        error = tool.translation - self.target
        seen = tool.inverse() @ self.target
        value = error @ error + self.tilt * (1.0 - tool.angle_to_upright) + 0.05 * seen[0] ** 2
        for joint, coordinate in zip(arm.joints, q):
            value += joint.limit_cost(coordinate)
        return value + self.effort * arm.potential(q)


def make_arm():
    return Arm([
        Revolute(0.4, 0.05, math.pi / 2, mass=4.0),
        Revolute(0.0, 0.45, 0.0, mass=3.0),
        Revolute(0.0, 0.35, math.pi / 2, mass=2.0),
        Prismatic(0.1, 0.0, -math.pi / 2, mass=1.0),
        Revolute(0.05, 0.0, 0.0, mass=0.5),
    ])


def reach_cost(q, arm, task):
    return task.cost(arm, q)


POINT = (np.array([0.4, 0.9, -1.1, 0.2, 0.7]), make_arm(), ReachTask(np.array([0.4, 0.3, 0.6])))
ENTRY = reach_cost
