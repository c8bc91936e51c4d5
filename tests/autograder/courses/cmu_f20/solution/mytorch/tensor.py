"""Tensor: an array that remembers which operation made it (002 appendix A)."""

import numpy as np

from mytorch import autograd_engine
from mytorch.nn import functional as F


class Tensor:
    """An array with a gradient.

    `data` is a NumPy array. `grad`, after `backward`, is the gradient of a leaf that requires one:
    a tensor of the same shape; None otherwise. `grad_fn` is the node of the operation that made
    this tensor; None for a leaf.
    """

    def __init__(self, data, requires_grad=False, is_leaf=True, is_parameter=False):
        self.data = np.array(data)
        self.requires_grad = requires_grad
        self.is_leaf = is_leaf
        self.is_parameter = is_parameter
        self.grad = None
        self.grad_fn = None

    def __repr__(self):
        return f"Tensor({self.data}, requires_grad={self.requires_grad})"

    @property
    def shape(self):
        return self.data.shape

    def __len__(self):
        return len(self.data)

    def backward(self):
        """Fills `grad` of every leaf that this tensor was made of (002 §0.1.5).

        Calls `autograd_engine.backward` with this tensor's node and a gradient of ones.
        """
        autograd_engine.backward(self.grad_fn, Tensor(np.ones(self.shape)))

    def __add__(self, other):
        return F.Add.apply(self, as_tensor(other))

    def __sub__(self, other):
        """`self - other`, by the operation `Sub` (002 §1.1).

        As `__add__` does it by `Add`.
        """
        return F.Sub.apply(self, as_tensor(other))

    def __mul__(self, other):
        """`self * other`, by the operation `Mul` (002 §1.1).

        As `__add__` does it by `Add`.
        """
        return F.Mul.apply(self, as_tensor(other))

    def __truediv__(self, other):
        """`self / other`, by the operation `Div` (002 §1.1).

        As `__add__` does it by `Add`.
        """
        return F.Div.apply(self, as_tensor(other))

    def __matmul__(self, other):
        return F.MatMul.apply(self, other)

    def __pow__(self, exponent):
        return F.Pow.apply(self, exponent)

    def T(self):
        return F.Transpose.apply(self)

    def reshape(self, *shape):
        return F.Reshape.apply(self, shape)

    def log(self):
        return F.Log.apply(self)

    def exp(self):
        return F.Exp.apply(self)

    def sum(self, axis=None, keepdims=False):
        return F.Sum.apply(self, axis, keepdims)


def as_tensor(value):
    """A tensor, or a number or an array as one."""
    return value if isinstance(value, Tensor) else Tensor(value)
