"""Dropout on tensors."""

from __future__ import annotations

import numpy as np

from mytorch import dropout
from mytorch.nn.from_layer import FromLayer


class Dropout(FromLayer):
    """In training, numbers are 0 with probability `p`, and the others divided by `1 - p`.

    In evaluation the output is the input. `rng` is a seed or a generator, see
    `mytorch.dropout.Dropout`; a checkpoint of the module keeps its state.
    """

    def __init__(self, p: float = 0.5, *, rng: int | np.random.Generator | None = None) -> None:
        super().__init__(dropout.Dropout(p, rng))

    def _line(self) -> str:
        return repr(self.layer)


__all__ = ["Dropout"]
