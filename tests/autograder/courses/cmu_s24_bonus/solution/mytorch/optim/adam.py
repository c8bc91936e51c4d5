"""Adam."""

import numpy as np


class Adam:
    """Changes the parameters of every layer of a model that has weights.

    These are every second entry of `model.layers`, from the first on; `l` has them. `m_W` and `m_b`
    are running means of the gradients of `W` and `b`, `v_W` and `v_b` those of their squares: lists
    with an array for each layer, zeros at first. `t` counts the steps.
    """

    def __init__(self, model, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.l = model.layers[::2]
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t = 0
        self.m_W = [np.zeros(layer.W.shape, dtype="f") for layer in self.l]
        self.v_W = [np.zeros(layer.W.shape, dtype="f") for layer in self.l]
        self.m_b = [np.zeros(layer.b.shape, dtype="f") for layer in self.l]
        self.v_b = [np.zeros(layer.b.shape, dtype="f") for layer in self.l]

    def step(self):
        """One step of every layer, with the `dLdW` and `dLdb` that it has now.

        With g for the gradient of a parameter, p for the parameter, and t for the number of steps,
        this one included; W and b take the same step:

            m = beta1 m + (1 - beta1) g
            v = beta2 v + (1 - beta2) g^2
            p = p - lr (m / (1 - beta1^t)) / sqrt(v / (1 - beta2^t) + eps)
        """
        self.t += 1
        share_m, share_v = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        for i, layer in enumerate(self.l):
            self.m_W[i] = self.beta1 * self.m_W[i] + (1 - self.beta1) * layer.dLdW
            self.v_W[i] = self.beta2 * self.v_W[i] + (1 - self.beta2) * layer.dLdW**2
            self.m_b[i] = self.beta1 * self.m_b[i] + (1 - self.beta1) * layer.dLdb
            self.v_b[i] = self.beta2 * self.v_b[i] + (1 - self.beta2) * layer.dLdb**2
            root_W = np.sqrt(self.v_W[i] / share_v + self.eps)
            root_b = np.sqrt(self.v_b[i] / share_v + self.eps)
            layer.W = layer.W - self.lr * (self.m_W[i] / share_m) / root_W
            layer.b = layer.b - self.lr * (self.m_b[i] / share_m) / root_b
