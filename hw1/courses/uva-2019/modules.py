"""The modules of the Amsterdam course of 2019: layers sum over the batch, the loss has the mean.

They are the library's layers under the course's names. The library is found in its place in the
project, or on `sys.path`, e.g. after `pip install -e .`.
"""

import sys
from pathlib import Path

import numpy as np

for _place in [*Path(__file__).resolve().parents, *map(Path, sys.path)]:
    if (_place / "hw1" / "courses" / "common").is_dir():
        sys.path.insert(1, str(_place))
        break
else:
    raise ImportError(
        "expected the project's top folder, which has hw1/courses/common, on sys.path; "
        "add it to PYTHONPATH, or install the project there by: pip install -e ."
    )

from mytorch import activation, batchnorm, linear, loss


class LinearModule:
    """`x W^T + b`.

    Attributes
    ----------
    params : "weight" `(out, in)`, drawn from a normal distribution of standard deviation 0.0001,
        and "bias" `(out,)`, zeros; read in every `forward`.
    grads : the gradients under the same names, sums over the batch; zeros at first.
    """

    def __init__(self, in_features, out_features):
        self.params = {
            "weight": np.random.normal(0, 0.0001, (out_features, in_features)),
            "bias": np.zeros(out_features),
        }
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}

    def forward(self, x):
        """`x (N, in)` to `(N, out)`."""
        W, b = self.params["weight"], self.params["bias"]
        self._layer = linear.Linear(*W.shape[::-1], lambda *_: W.T, lambda _: b.reshape(1, -1))
        return self._layer.forward(x)

    def backward(self, dout):
        """The gradient for `x`, `(N, in)`; sets `grads`."""
        dx = self._layer.backward(dout)
        self.grads["weight"] = len(dx) * self._layer.dW.T
        self.grads["bias"] = len(dx) * self._layer.db.reshape(np.shape(self.params["bias"]))
        return dx


class LeakyReLUModule(activation.LeakyReLU):
    """`max(0, x) + neg_slope * min(0, x)`."""

    def __init__(self, neg_slope):
        super().__init__(neg_slope)

    def forward(self, x):
        """The output for `x`, any shape."""
        return super().forward(x)

    def backward(self, dout):
        """The gradient for `x`, of the same shape."""
        return super().backward(dout)


class SoftMaxModule(activation.Softmax):
    """The softmax of each row."""

    def forward(self, x):
        """The probabilities for `x (N, C)`."""
        return super().forward(x)

    def backward(self, dout):
        """The gradient for `x`, `(N, C)`."""
        return super().backward(dout)


class CrossEntropyModule:
    """`-1/N sum y log x` for probabilities `x` and one-hot rows `y`, both `(N, C)`."""

    def forward(self, x, y):
        """The mean over the rows, one number."""
        return loss.ProbabilityCrossEntropy().forward(x, y).mean()

    def backward(self, x, y):
        """The gradient for `x`, `-1/N y / x`; needs no forward before it."""
        criterion = loss.ProbabilityCrossEntropy()
        criterion.forward(x, y)
        return criterion.derivative() / len(x)
