"""Gradient descent with momentum (002 §2.3 and §2.6)."""

import numpy as np

from mytorch.optim.optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent; `momentums` has an array for each parameter, zeros at first."""

    def __init__(self, params, lr=0.001, momentum=0.0):
        super().__init__(params)
        self.lr = lr
        self.momentum = momentum
        self.momentums = [np.zeros(parameter.shape) for parameter in self.params]

    def step(self):
        """Changes `data` of every parameter by its `grad` (002 §2.3 and §2.6).

        v = momentum v - lr gradient, W = W + v, where v is the parameter's entry of `momentums`.
        """
        for i, parameter in enumerate(self.params):
            self.momentums[i] = self.momentum * self.momentums[i] - self.lr * parameter.grad.data
            parameter.data = parameter.data + self.momentums[i]
