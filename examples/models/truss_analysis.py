"""A plane truss by the direct stiffness method: how its compliance depends on the areas of the bars."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Material:
    young: float
    density: float


STEEL = Material(young=210e3, density=7.85e-6)


@dataclass
class Joint:
    """A joint with its two degrees of freedom; supports are given by direction."""

    number: int
    x: float
    y: float
    fixed: tuple[bool, bool] = (False, False)
    load: tuple[float, float] = (0.0, 0.0)

    @property
    def freedoms(self):
        return [2 * self.number, 2 * self.number + 1]


class Bar:
    """An axial member between two joints."""

    def __init__(self, start: Joint, end: Joint, area, material: Material = STEEL):
        self.start, self.end = start, end
        self.area = area
        self.material = material

    @property
    def vector(self):
        return np.array([self.end.x - self.start.x, self.end.y - self.start.y])

    @property
    def length(self):
        return np.linalg.norm(self.vector)

    @property
    def weight(self):
        return self.material.density * self.area * self.length

    def stiffness(self):
        """The 4 by 4 matrix in global coordinates."""
        c, s = self.vector / self.length
        k = self.material.young * self.area / self.length
        block = np.array([[c * c, c * s], [c * s, s * s]])
        return k * np.block([[block, -block], [-block, block]])

    @property
    def freedoms(self):
        return self.start.freedoms + self.end.freedoms


@dataclass
class Truss:
    joints: list[Joint]
    bars: list[Bar] = field(default_factory=list)

    def connect(self, i, j, area):
        self.bars.append(Bar(self.joints[i], self.joints[j], area))

    @property
    def size(self):
        return 2 * len(self.joints)

    def assemble(self):
        """Global stiffness matrix and load vector."""
        K = np.zeros((self.size, self.size))
        f = np.zeros(self.size)
        for bar in self.bars:
            index = np.array(bar.freedoms)
            K[np.ix_(index, index)] += bar.stiffness()
        for joint in self.joints:
            for dof, force in zip(joint.freedoms, joint.load):
                f[dof] += force
        return K, f

    def free(self):
        return [
            dof for joint in self.joints for dof, fixed in zip(joint.freedoms, joint.fixed) if not fixed
        ]

    def solve(self):
        K, f = self.assemble()
        free = np.array(self.free())
        u = np.zeros(self.size)
        u[free] = np.linalg.solve(K[np.ix_(free, free)], f[free])
        return u, f

    def forces(self, u):
        """Axial forces of the bars, tension positive."""
        found = []
        for bar in self.bars:
            d = u[np.array(bar.freedoms)]
            direction = bar.vector / bar.length
            stretch = direction @ (d[2:] - d[:2])
            found.append(bar.material.young * bar.area / bar.length * stretch)
        return np.array(found)


def build(areas):
    """A cantilever of two panels with a load at its tip."""
    joints = [
        Joint(0, 0.0, 0.0, fixed=(True, True)),
        Joint(1, 0.0, 1000.0, fixed=(True, True)),
        Joint(2, 1000.0, 0.0),
        Joint(3, 1000.0, 1000.0),
        Joint(4, 2000.0, 500.0, load=(0.0, -10e3)),
    ]
    truss = Truss(joints)
    pairs = [(0, 2), (1, 3), (0, 3), (1, 2), (2, 3), (2, 4), (3, 4)]
    for (i, j), area in zip(pairs, areas):
        truss.connect(i, j, area)
    return truss


def compliance(areas, penalty=0.5):
    """Work of the load, plus a price for weight and for stress above what the bars bear."""
    truss = build(areas)
    u, f = truss.solve()
    stress = truss.forces(u) / areas
    excess = np.maximum(np.abs(stress) / 150.0 - 1.0, 0.0)
    weight = sum(bar.weight for bar in truss.bars)
    return 1e-3 * f @ u + penalty * weight + np.sum(excess**2)


POINT = (np.array([120.0, 140.0, 80.0, 90.0, 60.0, 150.0, 150.0]),)
ENTRY = compliance
