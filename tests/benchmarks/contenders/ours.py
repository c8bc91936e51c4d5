"""This library: the classic face and the autograd face."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import (
    MLP,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Identity,
    LeakyReLU,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
)
from mytorch.datasets.pixels import Pixels
from mytorch.initializers import random_normal_weight_init, zeros_bias_init
from mytorch.nn.classic import from_mlp
from mytorch.nn.loss import CrossEntropyLoss
from mytorch.optim import Adam, Optimizer
from mytorch.optim.sgd import SGD
from mytorch.tensor import Tensor
from tests.benchmarks.contenders import Step
from tests.benchmarks.workloads import (
    ADAM_RATE,
    CHANNELS,
    LEARNING_RATE,
    SIDE,
    Data,
    Workload,
    initial_filters,
    initial_weights,
)

ACTIVATIONS: dict[str, Any] = {"sigmoid": Sigmoid, "relu": ReLU, "leaky-relu": LeakyReLU}


def network(workload: Workload, dtype: str) -> Network:
    """The workload's network in the classic face."""
    if workload.convolutions:
        return convnet(workload, dtype)
    hiddens = workload.sizes[1:-1]
    mlp = MLP(
        workload.sizes[0],
        workload.sizes[-1],
        hiddens,
        [*(ACTIVATIONS[workload.activation]() for _ in hiddens), Identity()],
        random_normal_weight_init,
        zeros_bias_init,
        SoftmaxCrossEntropy(),
        LEARNING_RATE,
        workload.momentum,
        int(workload.batch_norm),
        dtype,
    )
    mlp.W = initial_weights(workload, dtype)
    return mlp


def convnet(workload: Workload, dtype: str) -> Network:
    """Convolutions with batch norm and ReLU, pools, and one linear layer."""
    layers: list[Any] = []
    filters = iter(initial_filters(workload, dtype))
    channels = CHANNELS
    for out in workload.convolutions:
        if isinstance(out, int):
            convolution = Conv2d(channels, out, 3, padding=1, rng=0, dtype=dtype)
            convolution.W, convolution.b = next(filters), np.zeros(out)
            layers += [convolution, BatchNorm2d(out, eps=1e-5, dtype=dtype), ReLU()]
            channels = out
        else:
            layers.append(MaxPool2d(3, stride=2, padding=1))
    (weights,) = initial_weights(workload, dtype)
    linear = Linear(*weights.shape, lambda *_: weights, zeros_bias_init, dtype)
    return Network([*layers, Flatten(), linear], SoftmaxCrossEntropy(), Adam(lr=ADAM_RATE))


def as_input(workload: Workload, x: Any) -> Any:
    """Rows of pixels as the network takes them."""
    return x.reshape(-1, CHANNELS, SIDE, SIDE) if workload.convolutions else x


def classic(workload: Workload, dtype: str, data: Data) -> Step:
    """The step that a loop over `MLP` takes, with images as bytes, as `hw1/train.py` has them."""
    return step_of(network(workload, dtype), workload, dtype, data)


def step_of(mlp: Network, workload: Workload, dtype: str, data: Data) -> Step:
    """The step of a network that is at hand."""
    x, one_hot = Pixels(data.images, 255, dtype), data.one_hot

    def step(rows: npt.NDArray[Any]) -> Any:
        mlp.forward(as_input(workload, x[rows]))
        mlp.backward(one_hot.take(rows, axis=0))
        mlp.step()
        return mlp.criterion.loss

    return step


def autograd(workload: Workload, dtype: str, data: Data) -> Step:
    """The same network on tensors, with automatic differentiation."""
    model = from_mlp(network(workload, dtype))
    model.train()
    criterion = CrossEntropyLoss()
    optimizer: Optimizer = SGD(model.parameters(), LEARNING_RATE, workload.momentum)
    if workload.convolutions:
        optimizer = Adam(model.parameters(), ADAM_RATE)
    x, labels = Pixels(data.images, 255, dtype), data.labels

    def step(rows: npt.NDArray[Any]) -> Any:
        optimizer.zero_grad()
        loss = criterion(model(Tensor(as_input(workload, x[rows]))), Tensor(labels.take(rows)))
        loss.backward()
        optimizer.step()
        return loss.data

    return step
