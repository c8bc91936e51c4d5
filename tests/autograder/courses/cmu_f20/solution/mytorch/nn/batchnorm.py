"""Batch normalisation on tensors (002 §2.4 and appendix C)."""

import numpy as np

from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class BatchNorm1d(Module):
    """Normalises every feature over the batch, then scales it by `gamma` and shifts it by `beta`.

    `running_mean` and `running_var` take the place of the batch's mean and variance in evaluation;
    `momentum` is how much of them a batch replaces. All are tensors `(num_features,)`.
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.gamma = Tensor(np.ones(num_features), requires_grad=True, is_parameter=True)
        self.beta = Tensor(np.zeros(num_features), requires_grad=True, is_parameter=True)
        self.running_mean = Tensor(np.zeros(num_features))
        self.running_var = Tensor(np.ones(num_features))

    def forward(self, x):
        """The normalised, scaled and shifted tensor `x`, `(batch, num_features)` (002 §2.4).

        gamma (x - mean) / sqrt(var + eps) + beta, by operations on tensors. In training, mean and
        variance are the batch's, the variance over m; both running statistics become
        (1 - momentum) running + momentum batch, with the variance over m - 1 there. In evaluation
        mean and variance are the running ones.
        """
        mean, var = self.running_mean, self.running_var
        if self.is_train:
            m = len(x)
            mean = x.sum(0) / m
            var = ((x - mean) ** 2).sum(0) / m
            for running, batch in ((self.running_mean, mean.data),
                                   (self.running_var, var.data * m / max(m - 1, 1))):  # fmt: skip
                running.data = (1 - self.momentum) * running.data + self.momentum * batch
        return self.gamma * (x - mean) / (var + self.eps) ** 0.5 + self.beta
