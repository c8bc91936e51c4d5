"""The linear layer (001 §2.1.1)."""

import numpy as np


class Linear:
    """An affine function of every row.

    `weight_init_fn(in_feature, out_feature)` gives the weights `W`, `(in_feature, out_feature)`,
    then `bias_init_fn(out_feature)` the bias `b`, `(1, out_feature)`. `dW` and `db` are their
    gradients, `momentum_W` and `momentum_b` their momentum, of the same shapes.
    """

    def __init__(self, in_feature, out_feature, weight_init_fn, bias_init_fn):
        self.W = weight_init_fn(in_feature, out_feature)
        self.b = bias_init_fn(out_feature)
        self.dW, self.momentum_W = np.zeros_like(self.W), np.zeros_like(self.W)
        self.db, self.momentum_b = np.zeros_like(self.b), np.zeros_like(self.b)
        self.x = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """The output `(batch, out_feature)` for `x (batch, in_feature)` (001 §2.1.1).

        Z = X W + b. Keep the input in `self.x`: `backward` needs it.
        """
        self.x = x
        return x @ self.W + self.b

    def backward(self, delta):
        """Sets `dW` and `db`; returns the gradient for the input, `(batch, in_feature)`.

        `delta (batch, out_feature)` is the gradient for the output (001 §3.4). `dW` and `db` are
        averaged over the batch (001 §3.6): dW = X^T delta / batch, db = the mean of delta's rows.
        The gradient for the input, delta W^T, is not.
        """
        self.dW = self.x.T @ delta / len(delta)
        self.db = delta.mean(axis=0, keepdims=True)
        return delta @ self.W.T
