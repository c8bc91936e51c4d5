"""Activations. `backward` takes the gradient for the output and returns that for the input."""

import math

import numpy as np

erf = np.vectorize(math.erf, otypes=[float])
"""The error function, of every number of an array."""


class Identity:
    """Gives its input unchanged."""

    def forward(self, Z):
        """`Z` itself, kept in `A`."""
        self.A = Z
        return self.A

    def backward(self, dLdA):
        """`dLdA` itself."""
        return dLdA


class Sigmoid:
    """The logistic function."""

    def forward(self, Z):
        """The output for `Z`, any shape, kept in `A`.

        A = 1 / (1 + exp(-Z))
        """
        self.A = 1 / (1 + np.exp(-Z))
        return self.A

    def backward(self, dLdA):
        """The gradient dLdZ for the input, from that for the output; all of one shape.

        dLdZ = dLdA (A - A * A)
        """
        return dLdA * (self.A - self.A * self.A)


class Tanh:
    """The hyperbolic tangent."""

    def forward(self, Z):
        """The output for `Z`, any shape, kept in `A`.

        A = (exp(Z) - exp(-Z)) / (exp(Z) + exp(-Z)), which NumPy has as a function.
        """
        self.A = np.tanh(Z)
        return self.A

    def backward(self, dLdA):
        """The gradient dLdZ for the input, from that for the output; all of one shape.

        dLdZ = dLdA (1 - A * A)
        """
        return dLdA * (1 - self.A * self.A)


class ReLU:
    """The rectifier."""

    def forward(self, Z):
        """The output for `Z`, any shape, kept in `A`.

        A is Z where it is positive, and 0 elsewhere.
        """
        self.A = np.maximum(Z, 0)
        return self.A

    def backward(self, dLdA):
        """The gradient dLdZ for the input, from that for the output; all of one shape.

        It is dLdA where A is positive, and 0 elsewhere, at 0 too.
        """
        return np.where(self.A > 0, dLdA, 0.0)


class GELU:
    """The Gaussian error linear unit, in its exact form; `erf` is above."""

    def forward(self, Z):
        """The output for `Z`, any shape, kept in `A`; keep `Z`, too.

        A = Z / 2 (1 + erf(Z / sqrt(2)))
        """
        self.Z = Z
        self.A = Z / 2 * (1 + erf(Z / np.sqrt(2)))
        return self.A

    def backward(self, dLdA):
        """The gradient dLdZ for the input, from that for the output; all of one shape.

        dLdZ = dLdA (1/2 (1 + erf(Z / sqrt(2))) + Z / sqrt(2 pi) exp(-Z^2 / 2))
        """
        share = (1 + erf(self.Z / np.sqrt(2))) / 2
        density = np.exp(-self.Z * self.Z / 2) / np.sqrt(2 * np.pi)
        return dLdA * (share + self.Z * density)


class Softmax:
    """Turns every row into probabilities."""

    def forward(self, Z):
        """The output for `Z (N, C)`, of its shape, kept in `A`.

        A = exp(Z) / the sum of exp(Z) over the row
        """
        exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
        self.A = exponentials / exponentials.sum(axis=1, keepdims=True)
        return self.A

    def backward(self, dLdA):
        """The gradient dLdZ for the input, from that for the output; all `(N, C)`.

        For every row a of A and its row g of dLdA, the row of dLdZ is g J, with the Jacobian J: its
        entry m, n is a_m (1 - a_m) where m = n, and -a_m a_n elsewhere.
        """
        dLdZ = np.zeros(dLdA.shape)
        for i, a in enumerate(self.A):
            jacobian = np.diag(a) - np.outer(a, a)
            dLdZ[i] = dLdA[i] @ jacobian
        return dLdZ
