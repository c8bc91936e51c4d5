"""PyTorch as a normal user writes it: eager, with the fused optimizer, and compiled."""

from __future__ import annotations

import importlib
from typing import Any

import numpy.typing as npt

from tests.benchmarks.contenders import Step, Unavailable
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
    if workload.convolutions:
        return convnet(workload, dtype)
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


def convnet(workload: Workload, dtype: str) -> Any:
    """The same network as `ours.convnet`, with the same weights."""
    torch = torch_module()
    nn, kind, channels = torch.nn, getattr(torch, dtype), CHANNELS
    layers: list[Any] = []
    for out in workload.convolutions:
        if isinstance(out, int):
            convolution = nn.Conv2d(channels, out, 3, padding=1, dtype=kind)
            layers += [convolution, nn.BatchNorm2d(out, dtype=kind), nn.ReLU()]
            channels = out
        else:
            layers.append(nn.MaxPool2d(3, stride=2, padding=1))
    (weights,) = initial_weights(workload, dtype)
    linear = nn.Linear(*weights.shape, dtype=kind)
    filters = initial_filters(workload, dtype)
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weights.T.copy()))
        linear.bias.zero_()
        for layer, arrays in zip(convolutions, filters, strict=True):
            layer.weight.copy_(torch.from_numpy(arrays))
            layer.bias.zero_()
    return nn.Sequential(*layers, nn.Flatten(), linear)


def eager(workload: Workload, dtype: str, data: Data, **options: bool) -> Step:
    """A loop over `torch.nn` and `torch.optim.SGD`, with the options of `step_of`."""
    return step_of(network(workload, dtype), workload, data, **options)


def step_of(
    model: Any,
    workload: Workload,
    data: Data,
    fused: bool = False,
    compiled: bool = False,
    channels_last: bool = False,
) -> Step:
    """The step of a network that is at hand."""
    torch = torch_module()
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    if workload.convolutions:
        optimizer = torch.optim.Adam(model.parameters(), lr=ADAM_RATE, fused=fused or None)
    else:
        optimizer = torch.optim.SGD(
            model.parameters(), lr=LEARNING_RATE, momentum=workload.momentum, fused=fused or None
        )
    if compiled:
        model = torch.compile(model)
    criterion = torch.nn.CrossEntropyLoss()
    x, labels = torch.from_numpy(data.x), torch.from_numpy(data.labels)
    if workload.convolutions:
        x = x.reshape(-1, CHANNELS, SIDE, SIDE)

    def step(rows: npt.NDArray[Any]) -> Any:
        indices = torch.from_numpy(rows)
        optimizer.zero_grad()
        batch = x[indices]
        if channels_last:
            batch = batch.contiguous(memory_format=torch.channels_last)
        loss = criterion(model(batch), labels[indices])
        loss.backward()
        optimizer.step()
        return loss

    return step


def fused(workload: Workload, dtype: str, data: Data) -> Step:
    """As `eager`, with the update of all parameters in one call."""
    return eager(workload, dtype, data, fused=True)


def channels_last(workload: Workload, dtype: str, data: Data) -> Step:
    """As `eager`, with pictures whose channels lie side by side in memory."""
    if not workload.convolutions:
        raise Unavailable("NHWC is for pictures, so for W6 alone")
    return eager(workload, dtype, data, channels_last=True)


def compiled(workload: Workload, dtype: str, data: Data) -> Step:
    """As `eager`, with the model given to `torch.compile`."""
    step = eager(workload, dtype, data, compiled=True)
    try:
        for _ in range(3):
            step(data.order[: workload.batch])
    except Exception as error:
        raise Unavailable(f"torch.compile: {str(error).splitlines()[0][:60]}") from error
    return step
