"""Fields of objects were set to None before an inner loop that stores others of them (seed 5023268)."""


class Cell:
    def __init__(self, u, v=1.3):
        self.u, self.v = u, v

    def value(self, w):
        return sum(f * w for f in (self.u, self.v))


def f(a, b):
    cells = [Cell(b), Cell(a)]
    for _ in range(3):
        for cell in cells:
            cell.v = cell.value(b) * 0.3
    return sum(cell.u - cell.v for cell in cells)


POINT = (0.3, 0.5)
