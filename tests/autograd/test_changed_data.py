"""Numbers that change between forward and backward: seen, and refused."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from mytorch.nn import functional as F
from mytorch.nn.linear import Linear
from tests.support.tensors import grad, leaf


@pytest.mark.parametrize("size", [2, 5000])
@pytest.mark.parametrize("how", ["assigned", "added", "filled", "counted"])
def test_data_that_changed_meanwhile_is_refused(how: str, size: int) -> None:
    x = leaf(np.ones(size))
    y = x * x
    if how == "assigned":
        x.data = np.zeros(size)
    elif how == "added":
        x.data += 1
    elif how == "filled":
        x.fill_(7)
    else:
        x.data[0] = 3
        x.changed()  # as an optimizer says it that writes into the array
    with pytest.raises(RuntimeError, match=rf"Mul saved a tensor \({size},\) .* was changed since"):
        y.backward()


def test_a_number_written_into_the_array_itself_is_not_seen() -> None:
    """As in PyTorch: who writes past the tensor says so, or the gradient is of the new numbers."""
    x = leaf([2.0, 3.0])
    y = x * x
    x.data[0] = 5
    y.backward()
    assert grad(x) == [10, 6]


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))]
)
def test_a_change_is_seen_in_a_copied_graph(duplicate: Any) -> None:
    x = leaf(np.ones(1000))
    same, y = duplicate((x, x * x))
    same.data += 3
    with pytest.raises(RuntimeError, match="was changed since"):
        y.backward()


@pytest.mark.parametrize("change", ["parameter", "filled", "view"])
def test_a_change_is_seen_through_a_view(change: str) -> None:
    """MatMul saves the transpose of the weights: another tensor around the same numbers."""
    layer = Linear(200, 30)
    x = leaf(np.ones((4, 200)))
    flat = x.reshape(800)
    y = layer(x)
    if change == "parameter":
        layer.weight.data -= 1
    elif change == "filled":
        layer.weight.fill_(5)
    else:
        flat.data += 1
    with pytest.raises(RuntimeError, match="Linear saved a tensor"):
        y.backward()


def test_the_key_of_an_index_is_a_copy() -> None:
    x, key = leaf([1.0, 2.0, 3.0]), np.array([0, 1])
    y = x[key]
    key[:] = 2
    y.backward()
    assert grad(x) == [1, 1, 0]


def test_a_changed_output_is_refused_where_it_was_saved() -> None:
    x = leaf([1.0, -1.0])
    y = F.relu(x)
    y.data *= 2
    with pytest.raises(RuntimeError, match="ReLU saved a tensor"):
        y.backward()
