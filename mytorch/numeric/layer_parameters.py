"""The learned arrays of layers as an optimizer sees parameters, with `data` and `grad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray, as_floats
from mytorch.checks.network import check_layers, check_untied, learned_array


class LayerParameter:
    """One learned array of a layer.

    `data` and `grad` are always what the layer has now, and assigning to them gives it another.

    Attributes
    ----------
    arrays, name, grad_name, momentum_name : the layer's attributes, and the names of these among
        them: `W`, `dW`, `momentum_W`.
    """

    __slots__ = ("arrays", "grad_name", "layer", "momentum_name", "name")

    def __init__(self, layer: Any, name: str) -> None:
        self.layer, self.name = layer, name
        self.grad_name, self.momentum_name = f"d{name}", f"momentum_{name}"
        self.arrays: dict[str, Any] = vars(layer)

    @property
    def data(self) -> FloatArray:
        """The array; numbers of another kind, e.g. a list, as floats."""
        return learned_array(self.layer, self.name)

    @data.setter
    def data(self, new: FloatArray) -> None:
        self.arrays[self.name] = new

    @property
    def grad(self) -> FloatArray | None:
        """Its gradient; None where the layer has none yet."""
        grad = self.arrays.get(self.grad_name)
        return None if grad is None else as_floats(grad, self.layer, self.grad_name)

    @grad.setter
    def grad(self, new: FloatArray | None) -> None:
        """None makes zeros of a gradient: a layer's `backward` may write into it."""
        if new is not None:
            self.arrays[self.grad_name] = new
        elif self.arrays.get(self.grad_name) is not None:
            self.arrays[self.grad_name] = np.zeros_like(self.data)

    def __repr__(self) -> str:
        return f"{self.name} of {self.layer!r}"

    def __reduce__(self) -> tuple[Any, ...]:
        return LayerParameter, (self.layer, self.name)  # a copy is of the copied layer's array


class LayerParameters:
    """The parameters of some layers, kept the same in the layers and in their optimizer.

    With `momenta`, the optimizer's momentums are the layers' own too, as `momentum_W` and so on.
    """

    def __init__(self, optimizer: Any, momenta: bool = False) -> None:
        self.optimizer = optimizer
        self.momenta = momenta
        self.layers: list[Any] = []
        self.parameters: list[LayerParameter] = []
        # Where the optimizer's arrays stand in the layers, and whether every gradient is there.
        self._places: list[tuple[dict[str, Any], str, FloatArray | None]] = []
        self._whole = False

    def step(self, layers: Sequence[Any]) -> None:
        """The optimizer's step, on what the layers have now."""
        self.optimizer.gathered = self.hand_over(layers) and self._whole
        self.optimizer.step()

    def hand_over(self, layers: Sequence[Any]) -> bool:
        """Gives the optimizer what the layers have now; False where that was not what it had."""
        if layers == self.layers and self._places:
            for arrays, name, own in self._places:
                if arrays.get(name) is not own:
                    break
            else:
                return True
        self._places = []  # until all are there: an interrupted exchange is made again
        if layers != self.layers:
            check_layers(layers)
            known = {(id(p.layer), p.name): p for p in self.parameters}
            self.parameters = [
                known.get((id(layer), name)) or LayerParameter(layer, name)
                for layer in layers
                for name in getattr(layer, "parameters", ())
            ]
            self.layers = list(layers)
            check_untied(self.parameters)
        for p in self.parameters:
            p.data = p.data  # as floats
        if self.optimizer is not None:
            self._exchange()
        return False

    def _exchange(self) -> None:
        """The optimizer copies the arrays into its own; the layers get those in their place."""
        names = ("name", "grad_name", "momentum_name") if self.momenta else ("name", "grad_name")
        if self.momenta:
            for p in self.parameters:  # a user's layer may have none of its own
                p.arrays.setdefault(p.momentum_name, np.zeros_like(p.data))
            momenta = [p.arrays[p.momentum_name] for p in self.parameters]
            self.optimizer.take_over(self.parameters, momenta)
            for p, v in zip(self.parameters, self.optimizer.momentums, strict=True):
                p.arrays[p.momentum_name] = v
        else:
            self.optimizer.take_over(self.parameters)
        places = [(p.arrays, getattr(p, name)) for p in self.parameters for name in names]
        self._places = [(arrays, name, arrays.get(name)) for arrays, name in places]
        self._whole = all(own is not None for _, _, own in self._places)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_places": []}  # the copied arrays are not the optimizer's
