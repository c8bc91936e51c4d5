"""Operations on tensors: elementary ones, those along axes, and those that are layers."""

from mytorch.functions.axes import (
    Concatenate,
    Index,
    Max,
    Mean,
    Min,
    Reshape,
    Sum,
    Transpose,
    concatenate,
)
from mytorch.functions.elementwise import Add, Div, MatMul, Mul, Pow, Sub, unbroadcast
from mytorch.functions.layers import (
    BatchNorm,
    LeakyReLU,
    LogSoftmax,
    OfLayer,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    leaky_relu,
    log_softmax,
    normalize_batch,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from mytorch.functions.linear import Linear, linear
from mytorch.functions.loss import CrossEntropy, cross_entropy, mse_loss
from mytorch.functions.unary import Abs, Cast, Exp, Log, Neg, Sqrt

__all__ = [
    "Abs", "Add", "BatchNorm", "Cast", "Concatenate", "CrossEntropy", "Div", "Exp", "Index",
    "LeakyReLU", "Linear", "Log", "LogSoftmax", "MatMul", "Max", "Mean", "Min", "Mul", "Neg",
    "OfLayer", "Pow", "ReLU", "Reshape", "Sigmoid", "Softmax", "Sqrt", "Sub", "Sum", "Tanh",
    "Transpose", "concatenate", "cross_entropy", "leaky_relu", "linear", "log_softmax", "mse_loss",
    "normalize_batch", "relu", "sigmoid", "softmax", "tanh", "unbroadcast",
]  # fmt: skip
