"""PyTorch as a normal user writes it: eager, with the fused optimizer, and compiled."""

from __future__ import annotations

import importlib
from typing import Any

import numpy.typing as npt

from tests.benchmarks.contenders import Step, Unavailable
from tests.benchmarks.workloads import LEARNING_RATE, Data, Workload, initial_weights


def torch_module() -> Any:
    """PyTorch; Unavailable where it is not installed."""
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise Unavailable("not installed; .venv/bin/python -m pip install torch") from error


def network(workload: Workload, dtype: str) -> Any:
    """The workload's network as a `torch.nn.Sequential` with the same weights."""
    torch = torch_module()
    nn = torch.nn
    activations = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU, "leaky-relu": nn.LeakyReLU}
    layers: list[Any] = []
    for i, (fan_in, fan_out) in enumerate(workload.layers):
        layers.append(nn.Linear(fan_in, fan_out, dtype=getattr(torch, dtype)))
        if workload.batch_norm and i == 0:
            layers.append(nn.BatchNorm1d(fan_out, dtype=getattr(torch, dtype)))
        layers.append(activations[workload.activation]())
    layers.pop()
    model = nn.Sequential(*layers)
    linears = [layer for layer in layers if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, weights in zip(linears, initial_weights(workload, dtype), strict=True):
            layer.weight.copy_(torch.from_numpy(weights.T.copy()))
            layer.bias.zero_()
    return model


def eager(
    workload: Workload, dtype: str, data: Data, fused: bool = False, compiled: bool = False
) -> Step:
    """A loop over `torch.nn` and `torch.optim.SGD`."""
    torch = torch_module()
    model = network(workload, dtype)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=LEARNING_RATE, momentum=workload.momentum, fused=fused or None
    )
    if compiled:
        model = torch.compile(model)
    criterion = torch.nn.CrossEntropyLoss()
    x, labels = torch.from_numpy(data.x), torch.from_numpy(data.labels)

    def step(rows: npt.NDArray[Any]) -> Any:
        indices = torch.from_numpy(rows)
        optimizer.zero_grad()
        loss = criterion(model(x[indices]), labels[indices])
        loss.backward()
        optimizer.step()
        return loss

    return step


def fused(workload: Workload, dtype: str, data: Data) -> Step:
    """As `eager`, with the update of all parameters in one call."""
    return eager(workload, dtype, data, fused=True)


def compiled(workload: Workload, dtype: str, data: Data) -> Step:
    """As `eager`, with the model given to `torch.compile`."""
    step = eager(workload, dtype, data, compiled=True)
    try:
        for _ in range(3):
            step(data.order[: workload.batch])
    except Exception as error:
        raise Unavailable(f"torch.compile: {str(error).splitlines()[0][:60]}") from error
    return step
