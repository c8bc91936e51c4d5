"""This library: the classic face and the autograd face."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from mytorch import MLP, Identity, LeakyReLU, ReLU, Sigmoid, SoftmaxCrossEntropy
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
    """The step that a loop over `MLP` takes."""
    mlp = network(workload, dtype)
    x, one_hot = data.x, data.one_hot

    def step(rows: npt.NDArray[Any]) -> None:
        mlp.forward(x[rows])
        mlp.backward(one_hot[rows])
        mlp.step()

    return step


def autograd(workload: Workload, dtype: str, data: Data) -> Step:
    """The same network on tensors, with automatic differentiation."""
    model = from_mlp(network(workload, dtype))
    model.train()
    criterion = CrossEntropyLoss()
    optimizer = SGD(model.parameters(), LEARNING_RATE, workload.momentum)
    x, labels = data.x, data.labels

    def step(rows: npt.NDArray[Any]) -> None:
        optimizer.zero_grad()
        criterion(model(Tensor(x[rows])), Tensor(labels[rows])).backward()
        optimizer.step()

    return step
