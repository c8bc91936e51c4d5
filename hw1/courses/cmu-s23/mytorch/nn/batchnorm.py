"""Batch normalisation: sums over the batch in its gradients, biased variance everywhere."""

from mytorch.adapters import BatchNorm1d

__all__ = ["BatchNorm1d"]
