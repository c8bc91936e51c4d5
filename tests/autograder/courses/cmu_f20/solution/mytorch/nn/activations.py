"""Activations on tensors (002 §2.2)."""

from mytorch.nn import functional as F
from mytorch.nn.module import Module


class ReLU(Module):
    """The rectified linear unit."""

    def forward(self, x):
        """The rectified tensor `x`, by the operation `ReLU` (002 §2.2)."""
        return F.ReLU.apply(x)
