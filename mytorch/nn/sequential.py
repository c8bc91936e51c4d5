"""Sequential: modules one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mytorch.checks.methods import quiet
from mytorch.checks.settings import shown
from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class Numbered(Module):
    """Submodules called `0`, `1`, ..., which are indexed as a list is."""

    def __init__(self, *modules: Module) -> None:
        for i, module in enumerate(modules):
            self.add_module(str(i), module)

    @property
    def layers(self) -> tuple[Module, ...]:
        """The submodules in order."""
        return tuple(self._modules.values())

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    def __getitem__(self, index: Any) -> Any:
        try:
            found = self.layers[index]
        except (IndexError, TypeError):
            raise IndexError(
                f"{type(self).__name__}: expected an index of one of {len(self)} layers, "
                f"got {shown(index)}"
            ) from None
        return self._part(found) if isinstance(found, tuple) else found

    def _part(self, modules: tuple[Module, ...]) -> Any:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.layers)


class Sequential(Numbered):
    """Passes its input through all layers in turn (002 §2.1).

    As submodules the layers are called `0`, `1`, ...; a slice of them is a `Sequential`, too. As in
    a network of layers, what leaves the dtype's range becomes inf, without a warning.
    """

    def _part(self, modules: tuple[Module, ...]) -> Sequential:
        return Sequential(*modules)

    def forward(self, x: Tensor) -> Tensor:
        """The last layer's output."""
        with quiet():
            for layer in self._modules.values():
                x = layer(x)
        return x


__all__ = ["Sequential"]
