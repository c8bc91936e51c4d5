"""`mlp.W`, `mlp.dW` and so on: one array of every layer, as the 2019 homework's lists."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy.typing as npt

from mytorch._arrays import FloatArray


class LayerArrays(Sequence[FloatArray]):
    """The arrays called `name` of some layers, as a list that writes through to the layers."""

    def __init__(self, layers: Sequence[Any], name: str) -> None:
        self._layers = layers
        self._name = name

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[FloatArray]:
        return (getattr(layer, self._name) for layer in self._layers)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [getattr(layer, self._name) for layer in self._layers[index]]
        return getattr(self._layers[index], self._name)

    def __setitem__(self, index: int, array: npt.ArrayLike) -> None:
        setattr(self._layers[index], self._name, array)

    def __repr__(self) -> str:
        return repr(list(self))


class OfLinearLayers:
    """An attribute of a network that is the list of its linear layers' arrays of that name.

    Assigning a whole list assigns each of its elements; ValueError where their number differs.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, network: Any, owner: type | None = None) -> Any:
        return self if network is None else LayerArrays(network.linear_layers, self.name)

    def __set__(self, network: Any, new: Any) -> None:
        arrays = self.__get__(network)
        if len(new) != len(arrays):
            raise ValueError(
                f"{self.name}: expected one array for each of {len(arrays)} layers, got {len(new)}"
            )
        for i, array in enumerate(new):
            arrays[i] = array
