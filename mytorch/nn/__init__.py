"""Networks on tensors: modules, by the names that PyTorch gives them."""

from mytorch.nn import functional as functional
from mytorch.nn.activations import ELU, GELU, Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from mytorch.nn.batchnorm import BatchNorm1d, BatchNorm2d
from mytorch.nn.convolution import Conv2d
from mytorch.nn.dropout import Dropout
from mytorch.nn.from_layer import FromLayer
from mytorch.nn.linear import Linear
from mytorch.nn.loss import CrossEntropyLoss
from mytorch.nn.module import Module
from mytorch.nn.pooling import AvgPool2d, MaxPool2d
from mytorch.nn.sequential import Sequential
from mytorch.nn.shape import Flatten

__all__ = [
    "ELU", "GELU", "AvgPool2d", "BatchNorm1d", "BatchNorm2d", "Conv2d", "CrossEntropyLoss",
    "Dropout", "Flatten", "FromLayer", "Identity", "LeakyReLU", "Linear", "MaxPool2d", "Module",
    "ReLU", "Sequential", "Sigmoid", "Softmax", "Tanh",
]  # fmt: skip
