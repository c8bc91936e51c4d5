"""What the faces of two courses share: the library's layers under these courses' names.

A course's own package is called `mytorch` too. It searches this folder and the library behind its
own modules, so that `mytorch.adapters` is this file and `mytorch.linear` is the library's. Nothing
here derives a formula: an adapter transposes a weight, moves an average, renames an attribute.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from mytorch import batchnorm, linear, loss


class Linear:
    """`Z = A W^T + 1 b^T`, with `W (out, in)` and `b (out, 1)`, zeros at first.

    Attributes
    ----------
    A, N, Ones : the last input `(N, in)`, its rows, and a column of ones `(N, 1)`.
    dLdW, dLdb : the gradients after `backward`, of the shapes of `W` and `b`; zeros before.
    """

    mean_in_layer: bool
    """Whether `dLdW` and `dLdb` are means over the batch; else they are sums."""

    def __init__(self, in_features, out_features, debug=False):
        self.W = np.zeros((out_features, in_features))
        self.b = np.zeros((out_features, 1))
        self.dLdW, self.dLdb = np.zeros_like(self.W), np.zeros_like(self.b)
        self.debug = debug

    def forward(self, A):
        """`A (N, in)` to `(N, out)`, by the `W` and `b` that are there now."""
        self.A, self.N, self.Ones = A, len(A), np.ones((len(A), 1))
        out_features, in_features = self.W.shape
        self._layer = linear.Linear(
            in_features, out_features, lambda *_: self.W.T, lambda _: np.reshape(self.b, (1, -1))
        )
        return self._layer.forward(A)

    def backward(self, dLdZ):
        """The gradient for the input, `(N, in)`; sets `dLdW` and `dLdb`."""
        dLdA = self._layer.backward(dLdZ)
        scale = 1 if self.mean_in_layer else self.N
        self.dLdW, self.dLdb = scale * self._layer.dW.T, scale * self._layer.db.T
        if self.debug:
            self.dLdA = dLdA
        return dLdA


class MSELoss:
    """The squared distance: `scale / (N C)` times the library's half of the sum of squares."""

    scale: int

    def forward(self, A, Y):
        """One number for `A` and `Y`, both `(N, C)`."""
        self.A, self.Y = A, Y
        self.N, self.C = A.shape
        self._criterion = loss.L2()
        return self.scale * self._criterion.forward(A, Y).sum() / (self.N * self.C)

    def backward(self):
        """The gradient for `A`, `(N, C)`."""
        return self.scale * self._criterion.derivative() / (self.N * self.C)


class CrossEntropyLoss:
    """The mean cross-entropy of the softmax of logits `A` and rows `Y`, both `(N, C)`."""

    mean_in_loss: bool
    """Whether `backward` is the gradient of the mean; else that of each row's own loss."""

    def forward(self, A, Y):
        """The mean over the rows; keeps the probabilities in `softmax`."""
        self.A, self.Y = A, Y
        self.N, self.C = A.shape
        self._criterion = loss.SoftmaxCrossEntropy()
        losses = self._criterion.forward(A, Y)
        self.softmax = self._criterion.probabilities
        return losses.mean()

    def backward(self):
        """The gradient for the logits, `(N, C)`."""
        gradient = self._criterion.derivative()
        return gradient / self.N if self.mean_in_loss else gradient


def other_name(name):
    """An attribute that is another name for `name`."""
    return property(lambda self: getattr(self, name), lambda self, new: setattr(self, name, new))


class BatchNorm1d(batchnorm.BatchNorm):
    """The library's batch norm; `alpha` is the weight of the old running value."""

    BW, Bb = other_name("gamma"), other_name("beta")
    dLdBW, dLdBb = other_name("dgamma"), other_name("dbeta")
    running_M, running_V = other_name("running_mean"), other_name("running_var")
    M, V, NZ = other_name("mean"), other_name("var"), other_name("norm")

    def __init__(self, num_features, alpha=0.9):
        super().__init__(num_features, alpha, eps=1e-8)

    def forward(self, Z, eval=False):
        """`Z (N, C)` normalised, scaled and shifted; also kept in `BZ`."""
        self.Z, self.N = Z, len(Z)
        self.BZ = super().forward(Z, eval)
        return self.BZ

    def backward(self, dLdBZ):
        """The gradient for `Z`, `(N, C)`; sets `dLdBW` and `dLdBb`, sums over the batch."""
        return super().backward(dLdBZ)


class SGD:
    """`v = mu v + gradient`, then `p = p - lr v`, for every layer of a model that has weights.

    Attributes
    ----------
    l, L : these layers and their number.
    lr, mu : learning rate and momentum.
    v_W, v_b : the velocities, arrays of the shapes of `W` and `b`, zeros at first.
    """

    def __init__(self, model, lr=0.1, momentum=0):
        self.l = [layer for layer in model.layers if hasattr(layer, "W")]
        self.L = len(self.l)
        self.lr, self.mu = lr, momentum
        self.v_W = [np.zeros(np.shape(layer.W), "f") for layer in self.l]
        self.v_b = [np.zeros(np.shape(layer.b), "f") for layer in self.l]

    def step(self):
        """Changes `W` and `b` of every layer by `dLdW` and `dLdb`."""
        # The library's velocity has the learning rate inside and points downhill: lr is 1 there.
        rule = library("optim/sgd.py").SGD(lr=1.0, momentum=float(self.mu))
        for i, layer in enumerate(self.l):
            for name, velocities in ("W", self.v_W), ("b", self.v_b):
                gradient, step = np.asarray(getattr(layer, f"dLd{name}")), -velocities[i]
                step = step.astype(np.result_type(step, gradient))
                rule.update(np.zeros_like(step), gradient, step)
                velocities[i] = -step
                setattr(layer, name, getattr(layer, name) + self.lr * step)


def library(path):
    """A module of the library that the course has another one of the same name for."""
    package = Path(linear.__file__).parent
    spec = importlib.util.spec_from_file_location("library_" + Path(path).stem, package / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
