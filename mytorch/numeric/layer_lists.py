"""`mlp.W`, `mlp.dW` and so on: one array of every layer, as the 2019 homework's lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy.typing as npt

from mytorch.checks.arrays import FloatArray
from mytorch.checks.settings import check_int, shown


class LayerArrays(Sequence[FloatArray]):
    """The arrays called `name` of some layers, as a list that writes through to the layers."""

    def __init__(self, layers: Sequence[Any], name: str) -> None:
        self._layers = layers
        self._name = name

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[FloatArray]:
        return (getattr(layer, self._name) for layer in self._layers)

    @overload
    def __getitem__(self, index: int) -> FloatArray: ...

    @overload
    def __getitem__(self, index: slice) -> list[FloatArray]: ...

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [getattr(layer, self._name) for layer in self._layers[index]]
        return getattr(self._layers[self._position(index)], self._name)

    def _position(self, index: Any) -> int:
        """A layer's number; TypeError and IndexError where a list raises them."""
        count = len(self._layers)
        try:
            position = check_int(index, self._name, "index", -count, count - 1)
        except ValueError:
            raise IndexError(
                f"{self._name}: expected an index from {-count} to {count - 1}, got {shown(index)}"
            ) from None
        return position

    def __setitem__(self, index: Any, new: Any) -> None:
        """Assigns one array, or with a slice several: all of them, or none where one is refused."""
        layers = (
            self._layers[index]
            if isinstance(index, slice)
            else [self._layers[self._position(index)]]
        )
        arrays = list(new) if isinstance(index, slice) else [new]
        if len(arrays) != len(layers):
            raise ValueError(
                f"{self._name}: expected one array for each of {len(layers)} layers, "
                f"got {len(arrays)}"
            )
        before = [getattr(layer, self._name) for layer in layers]
        try:
            for layer, array in zip(layers, arrays, strict=True):
                setattr(layer, self._name, array)
        except (TypeError, ValueError):
            for layer, array in zip(layers, before, strict=True):
                setattr(layer, self._name, array)
            raise

    def __repr__(self) -> str:
        return repr(list(self))


class OfLinearLayers:
    """An attribute of a network that is the list of its linear layers' arrays of that name.

    Assigning a whole list assigns each of its elements.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, network: Any, owner: type | None = None) -> LayerArrays:
        if network is None:
            raise AttributeError(f"{self.name} is an attribute of a network, not of its class")
        return LayerArrays(network.linear_layers, self.name)

    def __set__(self, network: Any, new: Sequence[npt.ArrayLike]) -> None:
        if not isinstance(new, Sequence) or isinstance(new, str | bytes):
            raise TypeError(f"{self.name}: expected a list of arrays, got {type(new).__name__}")
        self.__get__(network)[:] = new
