"""mytorch: a layer-object deep-learning library in NumPy, every gradient derived by hand.

Importing it needs numpy and nothing else, and changes nothing in the process. The tensors' face,
`Tensor` and the packages `nn` and `optim`, is imported when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mytorch.activation import (
    ELU,
    GELU,
    Activation,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from mytorch.batchnorm import BatchNorm, BatchNorm2d
from mytorch.convolution import Conv2d
from mytorch.dropout import Dropout
from mytorch.layer import Layer
from mytorch.linear import Linear
from mytorch.loss import L2, Criterion, CrossEntropy, ProbabilityCrossEntropy, SoftmaxCrossEntropy
from mytorch.mlp import MLP
from mytorch.network import Network
from mytorch.pooling import AvgPool2d, MaxPool2d
from mytorch.shape import Flatten

if TYPE_CHECKING:
    from mytorch import nn as nn
    from mytorch.tensor import Tensor as Tensor

__version__ = "0.2.0"

__all__ = [
    "ELU",
    "GELU",
    "L2",
    "MLP",
    "Activation",
    "AvgPool2d",
    "BatchNorm",
    "BatchNorm2d",
    "Conv2d",
    "Criterion",
    "CrossEntropy",
    "Dropout",
    "Flatten",
    "Identity",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "Network",
    "ProbabilityCrossEntropy",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "SoftmaxCrossEntropy",
    "Tanh",
]


def __getattr__(name: str) -> Any:
    if name == "Tensor":
        return import_module("mytorch.tensor").Tensor
    if name in ("nn", "optim", "datasets", "training", "gradcheck", "initializers"):
        return import_module(f"mytorch.{name}")
    raise AttributeError(f"module 'mytorch' has no attribute {name!r}")
