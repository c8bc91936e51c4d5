"""Leaves of a graph, and their gradients as lists."""

from typing import Any

import numpy as np

from mytorch.tensor import Tensor


def leaf(data: Any) -> Tensor:
    return Tensor(np.asarray(data, float), requires_grad=True)


def grad(tensor: Tensor) -> Any:
    assert tensor.grad is not None
    return tensor.grad.data.tolist()
