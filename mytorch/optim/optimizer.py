"""Optimizer: what all optimizers have in common."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mytorch.tensor import Tensor


class Optimizer:
    """Holds parameters and changes them by their gradients.

    Attributes
    ----------
    params : the parameters, as a list. ValueError where there are none, TypeError for what is no
        leaf tensor.
    """

    def __init__(self, params: Iterable[Tensor]) -> None:
        if isinstance(params, Tensor | np.ndarray) or not isinstance(params, Iterable):
            raise TypeError(
                f"{type(self).__name__}: expected a list of parameters, e.g. model.parameters(), "
                f"got {type(params).__name__}"
            )
        self.params = list(params)
        for parameter in self.params:
            if not (isinstance(parameter, Tensor) and parameter.is_leaf):
                raise TypeError(
                    f"{type(self).__name__}: expected leaf tensors, got {type(parameter).__name__}"
                )
            if parameter.dtype.kind != "f":
                raise TypeError(
                    f"{type(self).__name__}: expected parameters of floats, got {parameter.dtype}"
                )
        if len(set(map(id, self.params))) != len(self.params):
            raise ValueError(f"{type(self).__name__}: one parameter stands twice in params")
        if not self.params:
            raise ValueError(f"{type(self).__name__}: expected at least one parameter, got none")

    def step(self) -> None:
        """Changes every parameter that has a gradient; no graph is built."""
        raise NotImplementedError(f"{type(self).__name__} has no step yet")

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to None."""
        for parameter in self.params:
            parameter.grad = None


__all__ = ["Optimizer"]
