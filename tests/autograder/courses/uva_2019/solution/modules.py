"""The modules of a network. Gradients are sums over the batch; the loss has the mean."""

import numpy as np


class LinearModule:
    """An affine function of every row.

    `params` has the arrays "weight" and "bias", `grads` their gradients under the same names, of
    the same shapes. The shapes are yours to choose, e.g. `(out_features, in_features)` and
    `(out_features,)`.
    """

    def __init__(self, in_features, out_features):
        """Makes `params` and `grads`.

        The weights are drawn from a normal distribution with mean 0 and standard deviation 0.0001;
        the bias and all gradients are zeros.
        """
        weight = np.random.normal(0, 0.0001, (out_features, in_features))
        self.params = {"weight": weight, "bias": np.zeros(out_features)}
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}

    def forward(self, x):
        """The output `(N, out_features)` for `x (N, in_features)`, by the `params` of now.

        Every row is multiplied by the weights, and the bias is added. Keep what `backward` needs.
        """
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout):
        """Sets `grads`; returns the gradient for the input, `(N, in_features)`.

        `dout (N, out_features)` is the gradient for the output. The gradients of the parameters are
        summed over the batch, and replace those of the last call.
        """
        self.grads["weight"] = dout.T @ self.x
        self.grads["bias"] = dout.sum(axis=0)
        return dout @ self.params["weight"]


class LeakyReLUModule:
    """The leaky rectifier."""

    def __init__(self, neg_slope):
        """Keeps `neg_slope`, the slope for negative inputs."""
        self.neg_slope = neg_slope

    def forward(self, x):
        """The output for `x`, any shape.

        max(0, x) + neg_slope min(0, x)
        """
        self.x = x
        return np.maximum(0, x) + self.neg_slope * np.minimum(0, x)

    def backward(self, dout):
        """The gradient for the input, from that for the output; all of one shape.

        dout where x is positive, neg_slope dout elsewhere.
        """
        return np.where(self.x > 0, dout, self.neg_slope * dout)


class SoftMaxModule:
    """Turns every row into probabilities."""

    def forward(self, x):
        """The output for `x (N, C)`, of its shape.

        exp(x) / the sum of exp(x) over the row. Subtract the maximum of every row first, or large
        numbers overflow.
        """
        exponentials = np.exp(x - x.max(axis=1, keepdims=True))
        self.out = exponentials / exponentials.sum(axis=1, keepdims=True)
        return self.out

    def backward(self, dout):
        """The gradient for the input, from that for the output; all `(N, C)`.

        With the outputs s of a row: s_j (dout_j - the sum of dout_i s_i over i).
        """
        s = self.out
        return s * (dout - (dout * s).sum(axis=1, keepdims=True))


class CrossEntropyModule:
    """The cross-entropy of probabilities, a mean over the batch."""

    def forward(self, x, y):
        """One number, for the probabilities `x` and the one-hot labels `y`, both `(N, C)`.

        -1/N times the sum of y log(x) over all entries
        """
        return -(y * np.log(x)).sum() / len(x)

    def backward(self, x, y):
        """The gradient for `x`, `(N, C)`; `forward` need not have been called.

        -1/N y / x
        """
        return -y / x / len(x)
