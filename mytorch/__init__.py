"""mytorch: a layer-object deep-learning library in NumPy, every gradient derived by hand.

Importing it needs numpy and nothing else.
"""

from mytorch.system import process  # noqa: F401 - before all that imports NumPy

# isort: split
from mytorch.activation import Activation, Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from mytorch.batchnorm import BatchNorm
from mytorch.linear import Linear
from mytorch.loss import L2, Criterion, CrossEntropy, SoftmaxCrossEntropy
from mytorch.mlp import MLP

__version__ = "0.1.0"

__all__ = [
    "L2",
    "MLP",
    "Activation",
    "BatchNorm",
    "Criterion",
    "CrossEntropy",
    "Identity",
    "LeakyReLU",
    "Linear",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "SoftmaxCrossEntropy",
    "Tanh",
]
