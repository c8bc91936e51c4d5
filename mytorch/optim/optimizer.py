"""Optimizer: what all optimizers have in common."""

from collections.abc import Iterable

from mytorch.tensor import Tensor


class Optimizer:
    """Holds parameters and changes them by their gradients.

    Attributes
    ----------
    params : the parameters, as a list. ValueError where there are none.
    """

    def __init__(self, params: Iterable[Tensor]) -> None:
        self.params = list(params)
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
