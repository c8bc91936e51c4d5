"""This library: the classic face and the autograd face."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from mytorch import MLP, Identity, LeakyReLU, ReLU, Sigmoid, SoftmaxCrossEntropy
from mytorch.datasets.pixels import Pixels
from mytorch.initializers import random_normal_weight_init, zeros_bias_init
from mytorch.nn.classic import from_mlp
from mytorch.nn.loss import CrossEntropyLoss
from mytorch.optim.sgd import SGD
from mytorch.tensor import Tensor
from tests.benchmarks.contenders import Step
from tests.benchmarks.workloads import LEARNING_RATE, Data, Workload, initial_weights

ACTIVATIONS: dict[str, Any] = {"sigmoid": Sigmoid, "relu": ReLU, "leaky-relu": LeakyReLU}


def network(workload: Workload, dtype: str) -> MLP:
    """The workload's network in the classic face."""
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


def classic(workload: Workload, dtype: str, data: Data) -> Step:
    """The step that a loop over `MLP` takes, with images as bytes, as `hw1/train.py` has them."""
    mlp = network(workload, dtype)
    x, one_hot = Pixels(data.images, 255, dtype), data.one_hot

    def step(rows: npt.NDArray[Any]) -> Any:
        mlp.forward(x[rows])
        mlp.backward(one_hot.take(rows, axis=0))
        mlp.step()
        return mlp.criterion.loss

    return step


def autograd(workload: Workload, dtype: str, data: Data) -> Step:
    """The same network on tensors, with automatic differentiation."""
    model = from_mlp(network(workload, dtype))
    model.train()
    criterion = CrossEntropyLoss()
    optimizer = SGD(model.parameters(), LEARNING_RATE, workload.momentum)
    x, labels = Pixels(data.images, 255, dtype), data.labels

    def step(rows: npt.NDArray[Any]) -> Any:
        optimizer.zero_grad()
        loss = criterion(model(Tensor(x[rows])), Tensor(labels.take(rows)))
        loss.backward()
        optimizer.step()
        return loss.data

    return step
