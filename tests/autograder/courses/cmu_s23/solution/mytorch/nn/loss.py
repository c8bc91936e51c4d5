"""Losses: one number for a batch. `backward` takes nothing."""

import numpy as np


class MSELoss:
    """The mean squared error."""

    def forward(self, A, Y):
        """The loss of `A` against `Y`, both `(N, C)`; keep both, and `N` and `C`.

        L = the sum of (A - Y)^2 over all entries / (2 N C)
        """
        self.A, self.Y = A, Y
        self.N, self.C = A.shape
        return np.sum((A - Y) ** 2) / (2 * self.N * self.C)

    def backward(self):
        """The gradient for `A`, `(N, C)`.

        dL/dA = (A - Y) / (N C)
        """
        return (self.A - self.Y) / (self.N * self.C)


class CrossEntropyLoss:
    """The cross-entropy of the softmax of logits."""

    def forward(self, A, Y):
        """The loss of the logits `A` against the labels `Y`, both `(N, C)`.

        A row of `Y` adds up to 1. Keep both, and in `softmax (N, C)` the softmax of every row:
        exp(A) / the sum of exp(A).

            L = -the sum of Y log(softmax) over all entries / N
        """
        self.A, self.Y = A, Y
        self.N = len(A)
        exponentials = np.exp(A - A.max(axis=1, keepdims=True))
        self.softmax = exponentials / exponentials.sum(axis=1, keepdims=True)
        return -np.sum(Y * np.log(self.softmax)) / self.N

    def backward(self):
        """The gradient of every row's own loss for the logits, `(N, C)`.

        dL/dA = softmax - Y; it is not divided by N, since the linear layer divides.
        """
        return self.softmax - self.Y
