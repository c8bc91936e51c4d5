"""Optimizers on arrays that lie in memory in any way."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mytorch.optim import SGD
from mytorch.tensor import Tensor

Array = npt.NDArray[Any]
LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "by rows": np.ascontiguousarray,
    "by columns": np.asfortranarray,
    "every second row, by columns": lambda a: np.asfortranarray(np.repeat(a, 2, axis=0))[::2],
    "every second row, by rows": lambda a: np.repeat(a, 2, axis=0)[::2],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "middle axis last": lambda a: np.ascontiguousarray(a.swapaxes(-1, -2)).swapaxes(-1, -2),
}


@pytest.mark.parametrize("shape", [(4, 3), (2, 4, 3)])
@pytest.mark.parametrize("momenta", LAYOUTS)
@pytest.mark.parametrize("gradients", LAYOUTS)
@pytest.mark.parametrize("weights", LAYOUTS)
def test_a_step_is_the_same_however_arrays_lie(
    weights: str, gradients: str, momenta: str, shape: tuple[int, ...]
) -> None:
    W, dW, v = np.random.default_rng(0).normal(size=(3, *shape))
    parameters = [Tensor(LAYOUTS[weights](W), requires_grad=True) for _ in range(2)]
    optimizer = SGD(parameters, lr=0.1, momentum=0.9)
    optimizer.momentums = [LAYOUTS[momenta](v) for _ in parameters]
    for parameter in parameters:
        parameter.grad = Tensor(LAYOUTS[gradients](dW))
    optimizer.step()
    for parameter, momentum in zip(parameters, optimizer.momentums, strict=True):
        np.testing.assert_allclose(momentum, 0.9 * v - 0.1 * dW, rtol=1e-14)
        np.testing.assert_allclose(parameter.data, W + (0.9 * v - 0.1 * dW), rtol=1e-13)
