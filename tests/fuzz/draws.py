"""What every writer of random programs draws on: one generator of numbers, and fresh names."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any


class Draws:
    """Choices by chance, and fresh names."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.count = 0

    def pick(self, items: Iterable[Any]) -> Any:
        return self.rng.choice(list(items))

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def fresh(self, base: str) -> str:
        self.count += 1
        return f"{base}{self.count}"
