"""Properties are checked as closely as the numbers of a hand-in are good for.

The oracles are derivatives by hand.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.autograder.properties import Expected, differences, like, numeric, slopes

AT = np.random.default_rng(3).normal(size=(20, 5))
WEIGHTS = np.random.default_rng(4).normal(size=(20, 5))


def single(x: Any) -> Any:
    """Rounded to float32, whatever type it has in the end."""
    return np.asarray(x, np.float32).astype(float)


SINGLE: dict[str, Callable[[Any], Any]] = {
    "results": lambda x: np.tanh(x).astype(np.float32),
    "results, other bytes": lambda x: np.tanh(x).astype(">f4"),
    "inputs": lambda x: np.tanh(single(x)),
    "between": lambda x: np.tanh(single(x) + 0 * x),
    "all": lambda x: np.tanh(np.asarray(x, np.float32)),
}


@pytest.mark.parametrize("name", SINGLE)
def test_a_right_derivative_of_single_precision_is_right(name: str) -> None:
    right = 1 - np.tanh(AT) ** 2
    for given in (right, right.astype(np.float32)):
        differences("it", given, slopes(SINGLE[name], AT))
        differences("it", given * WEIGHTS, numeric(SINGLE[name], AT, WEIGHTS))
        with pytest.raises(Expected, match=r"\d of 100 entries differ"):
            differences("it", 1.05 * given, slopes(SINGLE[name], AT))


@pytest.mark.parametrize(
    "function",
    [np.tanh, lambda x: np.tanh(x - x.mean()), lambda x: np.sum(np.tanh(x) ** 2),
     lambda x: np.tanh(0.0 * AT + x[:1])],
    ids=["each number", "less the mean", "one number", "a row"],
)  # fmt: skip
@pytest.mark.parametrize("at", [AT, np.zeros((20, 5)), np.abs(AT),
                                AT * np.linspace(1, 100, 20)[:, None]],
                         ids=["any", "zeros", "positive", "saturated here and there"])  # fmt: skip
def test_double_precision_is_checked_closely(function: Callable[[Any], Any], at: Any) -> None:
    found = numeric(function, at, WEIGHTS if function(at).shape else 1.0)
    assert found.dtype == np.float64
    differences("it", found.copy(), found)
    with pytest.raises(Expected):
        differences("it", found + 1e-4 * max(1.0, np.abs(found).max()), found)


def test_what_is_to_stay_stays_in_any_precision() -> None:
    one = np.ones(3, np.float32)
    like("it to stay", one, one, 0.0)
    with pytest.raises(Expected, match="it to stay"):
        like("it to stay", one * np.float32(1 + 2e-7), one, 0.0)


def test_a_number_in_single_precision_may_be_rounded_and_no_more() -> None:
    like("it", np.float32([1.001]), [1.0])
    for wrong in (np.float32([1.05]), np.array([1.001])):
        with pytest.raises(Expected):
            like("it", wrong, [1.0])
