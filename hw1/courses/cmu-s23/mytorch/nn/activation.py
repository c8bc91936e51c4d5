"""The activations of Spring 2023: `backward()` takes nothing and returns `dA/dZ`, elementwise."""

import numpy as np

from mytorch import activation
from mytorch.adapters import other_name


class _Activation:
    A = other_name("state")

    def forward(self, Z):
        """`A` for `Z`, same shape; keeps it."""
        return super().forward(Z)

    def backward(self):
        """`dA/dZ` of the last input, same shape."""
        return self.derivative()


class Identity(_Activation, activation.Identity):
    """`A = Z`."""

    def backward(self):
        """Ones, one for each number of the last input."""
        return np.full(self.A.shape, self.derivative(), "f")


class Sigmoid(_Activation, activation.Sigmoid):
    """`A = 1 / (1 + exp(-Z))`."""


class Tanh(_Activation, activation.Tanh):
    """`A = tanh(Z)`."""


class ReLU(_Activation, activation.ReLU):
    """`A = max(Z, 0)`."""


__all__ = ["Identity", "ReLU", "Sigmoid", "Tanh"]
