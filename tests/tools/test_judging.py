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


@pytest.mark.parametrize(
    "value",
    [
        RIGHT, RIGHT.view(Named), RIGHT.astype(">f8"), RIGHT.tolist(), RIGHT[0],
        RIGHT.astype(np.float32), RIGHT * 1.01, None, np.float64(1.0), 1.0,
    ],
)  # fmt: skip
@pytest.mark.parametrize("right", [RIGHT, np.array(1.0)])
def test_what_the_grader_takes_is_right(value: Any, right: Any) -> None:
    assert is_right(value, right, False) == (not objection(Given(**as_message(value)), right))
