"""Gradients of limited size."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from mytorch.checks.remedies import parameters_remedy
from mytorch.checks.settings import check_real


def clip_grad_norm(params: Iterable[Any], max_norm: float) -> float:
    """Scales all gradients so that their norm, taken together, is at most `max_norm`.

    `params` are tensors (`model.parameters()`) or those of a network (`network.parameters()`).
    The result is the norm before, `sqrt(sum of the squares of all numbers of all gradients)`.
    Gradients are multiplied in place by `min(1, max_norm / (norm + 1e-6))`, as PyTorch does.
    Raises ValueError for a negative `max_norm`, TypeError for anything that is no number, and for a
    network or a module in place of its parameters.
    """
    max_norm = check_real(max_norm, "clip_grad_norm", "max_norm", 0)
    if hasattr(params, "parameters"):
        raise TypeError(
            f"clip_grad_norm: expected a list of parameters, got {type(params).__name__}"
            f"{parameters_remedy(params)}"
        )
    grads = [p.grad for p in params if p.grad is not None]
    arrays = [grad if isinstance(grad, np.ndarray) else grad.data for grad in grads]
    norm = math.sqrt(sum(float(np.vdot(array, array)) for array in arrays))
    share = max_norm / (norm + 1e-6)
    if share < 1:
        for array in arrays:
            array *= share
    return norm


__all__ = ["clip_grad_norm"]
