"""Layers and losses."""

from .activation import GELU, Identity, ReLU, Sigmoid, Softmax, Tanh
from .batchnorm import BatchNorm1d
from .linear import Linear
from .loss import CrossEntropyLoss, MSELoss
