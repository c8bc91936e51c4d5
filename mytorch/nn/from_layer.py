"""Any layer of the classic face as a module on tensors."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mytorch.checkpoint.constants import note_constants
from mytorch.checks.graph import not_a_tensor_as_input
from mytorch.checks.network import learned_array
from mytorch.functions import OfLayer
from mytorch.layer import Layer
from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class FromLayer(Module):
    """A `Layer` on tensors; its learned arrays become parameters, its buffers stay its own.

    Attributes
    ----------
    layer : a layer with `forward(x)`, `backward(grad)` and `parameters`; it is used, not copied.

    Its parameters, called as the layer calls them, begin as copies of the layer's arrays. In
    training mode the layer's `forward` runs, in evaluation mode its `infer`. Gradients are sums
    over the batch, also of parameters that the layer averages (`Layer.averaged`).
    Raises TypeError for anything but a layer.
    """

    _torch_names: ClassVar[dict[str, str]] = {}
    """In a subclass, what a parameter is called and shaped as in the layer's `named_arrays`."""

    def __init__(self, layer: Any) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(f"FromLayer: expected a Layer, e.g. Tanh(), got {layer!r}")
        self.layer = layer
        note_constants([layer])
        named = layer.named_arrays() if self._torch_names else {}
        for name in layer.parameters:
            own = self._torch_names.get(name, name)
            array = np.array(named.get(own, learned_array(layer, name)))  # in the same memory order
            setattr(self, own, Tensor(array, requires_grad=True, is_parameter=True))
        for name in layer.buffers:
            setattr(self, name, Tensor(getattr(layer, name)))

    @classmethod
    def wrapping(cls, layer: Any) -> FromLayer:
        """A module of this class around a layer that is there already."""
        module = cls.__new__(cls)
        FromLayer.__init__(module, layer)  # type: ignore[arg-type]
        return module  # type: ignore[return-value]

    @property
    def _wrapped(self) -> Any:
        return self.layer

    def _line(self) -> str:
        return f"FromLayer({self.layer!r})"

    def forward(self, x: Tensor) -> Tensor:
        """The layer's output for `x`.

        Raises TypeError for non-tensors, and what the layer's own check of its input raises.
        """
        if not isinstance(x, Tensor):
            raise not_a_tensor_as_input(self._line(), x)
        layer = self.layer
        for name in layer.buffers:
            layer.__dict__[name] = getattr(self, name).data
        method = "forward" if self.is_train else "infer"
        own = self._torch_names
        parameters = [getattr(self, own.get(name, name)) for name in layer.parameters]
        out: Tensor = OfLayer.apply(x, layer, method, *parameters)
        for name in layer.buffers:
            getattr(self, name).data = layer.__dict__[name]
        return out


__all__ = ["FromLayer"]
