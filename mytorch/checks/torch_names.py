"""What is written here for attributes that a tensor has in PyTorch."""

from __future__ import annotations

from typing import Any, NoReturn

INSTEAD = {
    "size": "t.shape",
    "numel": "t.data.size",
    "t": "t.T()",
    "transpose": "t.T(), which reverses all axes",
    "unsqueeze": "t.reshape(...)",
    "squeeze": "t.reshape(...)",
    "flatten": "t.reshape(-1)",
    "clone": "t * 1, or t.copy() for the numbers alone",
    "pow": "t ** 2",
    "mm": "t @ u",
    "dot": "t @ u",
    "norm": "(t * t).sum().sqrt()",
    "std": "((t - t.mean()) ** 2).mean().sqrt()",
    "relu": "nn.functional.relu(t)",
    "sigmoid": "nn.functional.sigmoid(t)",
    "tanh": "nn.functional.tanh(t)",
    "softmax": "nn.functional.softmax(t)",
    "log_softmax": "nn.functional.log_softmax(t)",
    "zero_": "t.fill_(0), for a gradient t.grad = None",
    "zero_grad": "t.grad = None",
    "requires_grad_": "t.requires_grad = True",
    "float": "Tensor(t.data.astype(np.float32))",
    "double": "Tensor(t.data.astype(np.float64))",
    "long": "Tensor(t.data.astype(int))",
    "to": "nothing: tensors are NumPy arrays on the processor",
    "cpu": "nothing: tensors are NumPy arrays on the processor",
    "cuda": "nothing: tensors are NumPy arrays on the processor",
}
"""For a tensor t, another one u, `nn` and `Tensor` of this library and NumPy as np."""


class Absent:
    """An attribute that is not there: who reads it gets AttributeError, with what to write.

    A `__getattr__` would say it, too, but with one every other attribute takes four times as long.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, tensor: Any, kind: type | None = None) -> NoReturn:
        raise AttributeError(
            f"Tensor: there is no attribute {self.name!r}; write {INSTEAD[self.name]}"
        )


__all__ = ["INSTEAD", "Absent"]
