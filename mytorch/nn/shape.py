"""Modules that change a shape and no number."""

from __future__ import annotations

from mytorch import shape
from mytorch.nn.from_layer import FromLayer


class Flatten(FromLayer):
    """Every sample as one row: `(batch, channels, height, width)` to `(batch, c * h * w)`."""

    def __init__(self) -> None:
        super().__init__(shape.Flatten())

    def _line(self) -> str:
        return repr(self.layer)


__all__ = ["Flatten"]
