"""Activations: functions of every entry of a layer's output (000 §3.3, 001 §2.1.2)."""

import numpy as np


class Activation:
    """What all activations have in common.

    `state` keeps the output of the last `forward`; `derivative` is computed from it.
    """

    def __init__(self):
        self.state = None

    def __call__(self, x):
        return self.forward(x)


class Identity(Activation):
    """The layer stays linear. This one is given, as an example."""

    def forward(self, x):
        self.state = x
        return x

    def derivative(self):
        return 1.0


class Sigmoid(Activation):
    """The logistic function."""

    def forward(self, x):
        """The sigmoid of `x`, of its shape; kept in `state` (001 §2.1.2).

        S(z) = 1 / (1 + exp(-z))
        """
        self.state = 1 / (1 + np.exp(-x))
        return self.state

    def derivative(self):
        """The derivative at the last input, computed from `state`, of its shape (001 §3.3).

        S'(z) = S(z) (1 - S(z))
        """
        return self.state * (1 - self.state)


class Tanh(Activation):
    """The hyperbolic tangent."""

    def forward(self, x):
        """The hyperbolic tangent of `x`, of its shape; kept in `state` (001 §2.1.2).

        tanh(z) = (exp(z) - exp(-z)) / (exp(z) + exp(-z)); NumPy has a function for it.
        """
        self.state = np.tanh(x)
        return self.state

    def derivative(self):
        """The derivative at the last input, computed from `state`, of its shape (001 §3.3).

        tanh'(z) = 1 - tanh(z)^2
        """
        return 1 - self.state**2


class ReLU(Activation):
    """The rectified linear unit."""

    def forward(self, x):
        """The rectified `x`, of its shape; kept in `state` (001 §2.1.2).

        R(z) = max(z, 0)
        """
        self.state = np.maximum(x, 0.0)
        return self.state

    def derivative(self):
        """The derivative at the last input, computed from `state`, of its shape (001 §3.3).

        R'(z) = 1 where z > 0, else 0, also at z = 0
        """
        return (self.state > 0) * 1.0
