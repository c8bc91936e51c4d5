"""Sequential: modules one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mytorch.checks.settings import shown
from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class Sequential(Module):
    """Passes its input through all layers in turn (002 §2.1).

    As submodules the layers are called `0`, `1`, ...
    """

    def __init__(self, *layers: Module) -> None:
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)

    @property
    def layers(self) -> tuple[Module, ...]:
        """The layers in order."""
        return tuple(self._modules.values())

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    def __getitem__(self, index: Any) -> Any:
        try:
            return self.layers[index]
        except (IndexError, TypeError):
            raise IndexError(
                f"Sequential: expected an index of one of {len(self)} layers, got {shown(index)}"
            ) from None

    def __len__(self) -> int:
        return len(self.layers)

    def forward(self, x: Tensor) -> Tensor:
        """The last layer's output."""
        for layer in self._modules.values():
            x = layer(x)
        return x


__all__ = ["Sequential"]
