"""Sequential: modules one after the other."""

from collections.abc import Iterator
from typing import Any

from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class Sequential(Module):
    """Passes its input through all layers in turn (002 §2.1).

    Attributes
    ----------
    layers : the layers, in order. As parts they are called `0`, `1`, ...
    """

    def __init__(self, *layers: Module) -> None:
        self.layers = layers
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    def __getitem__(self, index: Any) -> Any:
        return self.layers[index]

    def __len__(self) -> int:
        return len(self.layers)

    def forward(self, x: Tensor) -> Tensor:
        """The last layer's output."""
        for layer in self.layers:
            x = layer(x)
        return x


__all__ = ["Sequential"]
