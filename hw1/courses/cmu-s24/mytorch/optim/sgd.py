"""Stochastic gradient descent with momentum."""

from mytorch.adapters import SGD

__all__ = ["SGD"]
