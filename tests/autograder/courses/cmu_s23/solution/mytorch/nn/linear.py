"""The linear layer. In this course the mean over the batch is taken here."""

import numpy as np


class Linear:
    """An affine function of every row.

    `W (out_features, in_features)` are the weights and `b (out_features, 1)` the bias; `dLdW` and
    `dLdb` are their gradients, of the same shapes.
    """

    def __init__(self, in_features, out_features, debug=False):
        """Keeps `debug`; `W` and `b` are zeros at the beginning."""
        self.W = np.zeros((out_features, in_features))
        self.b = np.zeros((out_features, 1))
        self.debug = debug

    def forward(self, A):
        """The output Z `(N, out_features)` for `A (N, in_features)`.

        Z = A W^T + 1 b^T, where 1 is a column of N ones. Keep what `backward` needs: the input
        `A`, the number of rows `N`, and the column of ones `Ones (N, 1)`.
        """
        self.A = A
        self.N = len(A)
        self.Ones = np.ones((self.N, 1))
        return A @ self.W.T + self.Ones @ self.b.T

    def backward(self, dLdZ):
        """Sets `dLdW` and `dLdb`; returns the gradient for the input, `(N, in_features)`.

        `dLdZ (N, out_features)` is the gradient for the output. The two gradients of parameters are
        divided by N, the gradient for the input is not:

            dLdA = dLdZ W
            dLdW = dLdZ^T A / N
            dLdb = dLdZ^T 1 / N

        With `debug`, keep the factors, too: `dZdA` is W^T, `dZdW` is A, `dZdb` is the column of
        ones, and `dLdA` is what is returned.
        """
        dLdA = dLdZ @ self.W
        self.dLdW = dLdZ.T @ self.A / self.N
        self.dLdb = dLdZ.T @ self.Ones / self.N
        if self.debug:
            self.dZdA, self.dZdW, self.dZdb = self.W.T, self.A, self.Ones
            self.dLdA = dLdA
        return dLdA
