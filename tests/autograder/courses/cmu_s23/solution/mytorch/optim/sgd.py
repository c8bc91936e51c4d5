"""Stochastic gradient descent with momentum."""

import numpy as np


class SGD:
    """Changes the parameters of every layer of `model.layers` that has weights.

    `l` has these layers, `L` is their number; `lr` is the learning rate, `mu` the momentum. `v_W`
    and `v_b` are the velocities, a list each, of the shapes of `W` and `b`.
    """

    def __init__(self, model, lr=0.1, momentum=0):
        self.l = [layer for layer in model.layers if hasattr(layer, "W")]
        self.L = len(self.l)
        self.lr = lr
        self.mu = momentum
        self.v_W = [np.zeros(layer.W.shape, dtype="f") for layer in self.l]
        self.v_b = [np.zeros(layer.b.shape, dtype="f") for layer in self.l]

    def step(self):
        """One step of every layer, with the `dLdW` and `dLdb` that it has now.

        Without momentum, W = W - lr dLdW, and b likewise. With momentum,

            v = mu v + dLdW
            W = W - lr v
        """
        for i, layer in enumerate(self.l):
            if self.mu == 0:
                layer.W = layer.W - self.lr * layer.dLdW
                layer.b = layer.b - self.lr * layer.dLdb
            else:
                self.v_W[i] = self.mu * self.v_W[i] + layer.dLdW
                self.v_b[i] = self.mu * self.v_b[i] + layer.dLdb
                layer.W = layer.W - self.lr * self.v_W[i]
                layer.b = layer.b - self.lr * self.v_b[i]
