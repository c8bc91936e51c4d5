"""The linear layer on tensors (002 §2.1)."""

import numpy as np

from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class Linear(Module):
    """A linear layer with parameters `weight`, `(out, in)`, and `bias`, `(out,)`."""

    def __init__(self, in_features, out_features):
        super().__init__()
        k = 1 / in_features
        weight = k * (np.random.rand(out_features, in_features) - 0.5)
        bias = k * (np.random.rand(out_features) - 0.5)
        self.weight = Tensor(weight, requires_grad=True, is_parameter=True)
        self.bias = Tensor(bias, requires_grad=True, is_parameter=True)

    def forward(self, x):
        """The output `(batch, out)` for a tensor `(batch, in)` (002 §2.1).

        x W^T + bias, by operations on tensors, so that their gradients come by themselves.
        """
        return x @ self.weight.T() + self.bias
