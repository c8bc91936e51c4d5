"""Optimizers: how parameters follow their gradients."""

from mytorch.optim.optimizer import Optimizer
from mytorch.optim.sgd import SGD

__all__ = ["SGD", "Optimizer"]
