"""Operations on tensors: elementary ones, those along axes, and those that are layers."""

from mytorch.functions.axes import (
    Concatenate,
    Index,
    Max,
    Mean,
    Reshape,
    Sum,
    Transpose,
    concatenate,
)
from mytorch.functions.elementwise import (
    Add,
    Cast,
    Div,
    Exp,
    Log,
    MatMul,
    Mul,
    Neg,
    Pow,
    Sub,
    unbroadcast,
)
from mytorch.functions.layers import (
    BatchNorm,
    LeakyReLU,
    LogSoftmax,
    OfLayer,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    batch_norm,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from mytorch.functions.linear import Linear, linear
from mytorch.functions.loss import CrossEntropy, cross_entropy

__all__ = [
    "Add", "BatchNorm", "Cast", "Concatenate", "CrossEntropy", "Div", "Exp", "Index", "LeakyReLU",
    "Linear", "Log", "LogSoftmax", "MatMul", "Max", "Mean", "Mul", "Neg", "OfLayer", "Pow", "ReLU",
    "Reshape", "Sigmoid", "Softmax", "Sub", "Sum", "Tanh", "Transpose", "batch_norm", "concatenate",
    "cross_entropy", "leaky_relu", "linear", "log_softmax", "relu", "sigmoid", "softmax", "tanh",
    "unbroadcast",
]  # fmt: skip
