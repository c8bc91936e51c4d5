"""Activations: functions of every number. In this course `backward` takes nothing."""

import numpy as np


class Identity:
    """Gives its input unchanged."""

    def forward(self, Z):
        """`Z` itself, kept in `A`."""
        self.A = Z
        return self.A

    def backward(self):
        """The derivative dA/dZ, of the shape of `A`: ones."""
        return np.ones(self.A.shape, dtype="f")


class Sigmoid:
    """The logistic function."""

    def forward(self, Z):
        """The output for `Z`, any shape, kept in `A`.

        A = 1 / (1 + exp(-Z))
        """
        self.A = 1 / (1 + np.exp(-Z))
        return self.A

    def backward(self):
        """The derivative dA/dZ, of the shape of `A`.

        dA/dZ = A - A * A
        """
        return self.A - self.A * self.A


class Tanh:
    """The hyperbolic tangent."""

    def forward(self, Z):
        """The output for `Z`, any shape, kept in `A`.

        A = (exp(Z) - exp(-Z)) / (exp(Z) + exp(-Z)), which NumPy has as a function.
        """
        self.A = np.tanh(Z)
        return self.A

    def backward(self):
        """The derivative dA/dZ, of the shape of `A`.

        dA/dZ = 1 - A * A
        """
        return 1 - self.A * self.A


class ReLU:
    """The rectifier."""

    def forward(self, Z):
        """The output for `Z`, any shape, kept in `A`.

        A is Z where it is positive, and 0 elsewhere.
        """
        self.A = np.maximum(Z, 0)
        return self.A

    def backward(self):
        """The derivative dA/dZ, of the shape of `A`.

        It is 1 where A is positive, and 0 elsewhere, at 0 too.
        """
        return np.where(self.A > 0, 1.0, 0.0)
