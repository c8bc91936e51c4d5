"""Many small arrays as one: what a step does to every layer is then one call of NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray

PART = 1 << 17
"""Numbers in a part: what is computed on the way then stays in a core's cache."""


class FlatArrays:
    """Arrays of several layers, laid one after the other, with the layers holding views.

    `groups` are names of attributes, e.g. `("W", "b"), ("dW", "db")`: all that the layers have
    under the names of a group makes one array, in the same order in every group.
    """

    def __init__(self, *groups: tuple[str, ...]) -> None:
        self.groups = groups
        self._layers: list[Any] | None = None  # None: what is below is not of any layers
        self._views: list[tuple[dict[str, Any], str, FloatArray]] = []
        self._parts: list[tuple[FloatArray, ...]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return FlatArrays, self.groups  # the arrays of a copied layer are no views of a copied one

    def parts(self, layers: Sequence[Any]) -> list[tuple[FloatArray, ...]]:
        """The flat arrays of the layers, one for each group, side by side in parts for the cache.

        They are made anew where a layer came, went, or got other arrays; one after the other where
        the layers differ in dtype.
        """
        if layers != self._layers or not self._intact():
            if len(set(map(id, layers))) != len(layers):
                raise ValueError(
                    f"a network: one object of {', '.join(map(repr, layers))} stands in two "
                    f"places, but keeps the input and the gradients of one; make a layer for each"
                )
            # Whatever interrupts this, an error or Ctrl-C, the next call begins it anew.
            self._layers = None
            self._views = []
            by_dtype: dict[Any, list[Any]] = {}
            for layer in layers:
                by_dtype.setdefault(layer.dtype, []).append(layer)
            sets = [
                [self._join(same, group) for group in self.groups] for same in by_dtype.values()
            ]
            self._parts = [
                tuple(array[start : start + PART] for array in arrays)
                for arrays in sets
                for start in range(0, len(arrays[0]), PART)
            ]
            self._layers = list(layers)
        return self._parts

    def _intact(self) -> bool:
        """Whether the layers still hold the views that they were given."""
        for arrays, name, view in self._views:  # noqa: SIM110 - all() takes twice the time
            if arrays[name] is not view:
                return False
        return True

    def _join(self, layers: list[Any], names: tuple[str, ...]) -> FloatArray:
        """One array of all `names` of the layers, which from now on hold views of it."""
        owned = [(vars(layer), name) for name in names for layer in layers]
        flat = np.concatenate([arrays[name].ravel() for arrays, name in owned])
        start = 0
        for arrays, name in owned:
            size, shape = arrays[name].size, arrays[name].shape
            arrays[name] = flat[start : start + size].reshape(shape)
            self._views.append((arrays, name, arrays[name]))
            start += size
        return flat
