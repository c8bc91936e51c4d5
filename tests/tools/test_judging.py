"""A repair counts a result as right where the grader does.

The oracle is what the grader says of the same result.
"""

from typing import Any

import numpy as np
import pytest

from tests.autograder.child import as_message
from tests.autograder.comparing import Given, objection
from tests.autograder.repair.judging import is_right


class Named(np.ndarray):
    """An array of a class of one's own."""


RIGHT = np.array([[1.0, 2.0]])
EXTREME = np.array([[np.nan, np.inf]])


@pytest.mark.parametrize(
    "value",
    [
        RIGHT, RIGHT.view(Named), RIGHT.astype(">f8"), RIGHT.tolist(), RIGHT[0],
        RIGHT.astype(np.float32), RIGHT * 1.01, None, np.float64(1.0), 1.0,
        RIGHT > 1, RIGHT < 1, EXTREME, -EXTREME, np.array([[1.0, np.inf]]),
        np.array([[np.nan, 1e308]]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("right", [RIGHT, EXTREME, np.array(1.0), RIGHT > 1])
def test_what_the_grader_takes_is_right(value: Any, right: Any) -> None:
    assert is_right(value, right, False) == (not objection(Given(**as_message(value)), right))


def test_a_right_infinity_makes_nothing_else_right() -> None:
    """The largest number is part of what an entry may be off, and is a finite one."""
    wrong, right = np.array([[1.0, np.inf]]), np.array([[2.0, np.inf]])
    assert not is_right(wrong, right, False)
    assert "expected 2, got 1 at [0, 0]" in objection(Given(**as_message(wrong)), right)
    assert not is_right(np.array([[2.0, 1.0]]), right, False)
    assert is_right(right.copy(), right, False)
