"""Networks on tensors: modules, by the names that PyTorch gives them."""

from mytorch.nn import functional as functional
from mytorch.nn.activations import Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.from_layer import FromLayer
from mytorch.nn.linear import Linear
from mytorch.nn.loss import CrossEntropyLoss
from mytorch.nn.mean_squared_error import MSELoss
from mytorch.nn.module import Module
from mytorch.nn.module_list import ModuleList
from mytorch.nn.sequential import Sequential

__all__ = [
    "BatchNorm1d", "CrossEntropyLoss", "FromLayer", "Identity", "LeakyReLU", "Linear", "MSELoss",
    "Module", "ModuleList", "ReLU", "Sequential", "Sigmoid", "Softmax", "Tanh",
]  # fmt: skip
