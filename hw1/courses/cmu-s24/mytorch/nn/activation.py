"""The activations of Spring 2024: `backward(dLdA)` returns `dLdZ`, as the library's do."""

from mytorch import activation
from mytorch.adapters import other_name


class Identity(activation.Identity):
    """`A = Z`."""

    A = other_name("state")


class Sigmoid(activation.Sigmoid):
    """`A = 1 / (1 + exp(-Z))`."""

    A = other_name("state")


class Tanh(activation.Tanh):
    """`A = tanh(Z)`."""

    A = other_name("state")


class ReLU(activation.ReLU):
    """`A = max(Z, 0)`."""

    A = other_name("state")


class GELU(activation.GELU):
    """`A = Z / 2 (1 + erf(Z / sqrt 2))`, which also keeps `Z`."""

    A, Z = other_name("state"), other_name("z")


class Softmax(activation.Softmax):
    """The softmax of each row of `(N, C)`."""

    A = other_name("state")


__all__ = ["GELU", "Identity", "ReLU", "Sigmoid", "Softmax", "Tanh"]
