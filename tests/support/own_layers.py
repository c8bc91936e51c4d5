"""A layer of a user's own with a parameter, and a network around it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch import Layer, Linear, Network, SoftmaxCrossEntropy
from mytorch.initializers import zeros_bias_init
from mytorch.optim import SGD
from tests.support.layers import xavier

X = np.random.default_rng(0).normal(size=(6, 4))
Y = np.eye(3)[[0, 1, 2, 0, 1, 2]]


class PReLU(Layer):
    parameters: Any = ("slope",)

    def __init__(self, slope: Any) -> None:
        self.slope = slope

    def forward(self, x: Any) -> Any:
        self.x = x
        return np.where(x > 0, x, self.slope * x)

    def backward(self, grad: Any) -> Any:
        self.dslope = (grad * np.minimum(self.x, 0)).sum(axis=0, keepdims=True)
        return grad * np.where(self.x > 0, 1, self.slope)


def linear(inputs: int, outputs: int, dtype: Any = None) -> Linear:
    return Linear(inputs, outputs, xavier(inputs), zeros_bias_init, dtype)


def network(*layers: Any, dtype: Any = None, optimizer: Any = None) -> Network:
    every = [linear(4, 5, dtype), *layers, linear(5, 3, dtype)]
    return Network(every, SoftmaxCrossEntropy(), optimizer or SGD(lr=0.1, momentum=0.9))


def train(net: Network, steps: int = 3) -> Network:
    for _ in range(steps):
        net.forward(X)
        net.backward(Y)
        net.step()
    return net
