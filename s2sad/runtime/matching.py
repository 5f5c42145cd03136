"""What the patterns of a `match` statement ask.

>>> is_sequence([1]), is_sequence("ab"), is_mapping({}), is_sequence({1})
(True, False, True, False)
"""

from __future__ import annotations

import collections.abc
from typing import Any


def is_sequence(value: Any) -> bool:
    """Whether a sequence pattern can match: strings and bytes are no sequences here, and arrays are none either."""
    return isinstance(value, collections.abc.Sequence) and not isinstance(value, (str, bytes, bytearray))


def is_mapping(value: Any) -> bool:
    """Whether a mapping pattern can match."""
    return isinstance(value, collections.abc.Mapping)
