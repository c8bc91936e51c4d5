"""The same network in both faces: a network of layers as a Sequential, and an MLP back."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from mytorch import activation, batchnorm, convolution, dropout, pooling, shape
from mytorch import linear as classic
from mytorch.batchnorm import BatchNorm
from mytorch.initializers import random_normal_weight_init, zeros_bias_init
from mytorch.loss import Criterion, SoftmaxCrossEntropy
from mytorch.mlp import MLP
from mytorch.network import Network
from mytorch.nn import activations
from mytorch.nn.batchnorm import BatchNorm1d, BatchNorm2d
from mytorch.nn.convolution import Conv2d
from mytorch.nn.dropout import Dropout
from mytorch.nn.from_layer import FromLayer
from mytorch.nn.linear import Linear
from mytorch.nn.module import Module
from mytorch.nn.pooling import AvgPool2d, MaxPool2d
from mytorch.nn.sequential import Sequential
from mytorch.nn.shape import Flatten

WRAPPED: dict[type[Any], type[FromLayer]] = {
    activation.ELU: activations.ELU,
    activation.GELU: activations.GELU,
    convolution.Conv2d: Conv2d,
    dropout.Dropout: Dropout,
    pooling.AvgPool2d: AvgPool2d,
    pooling.MaxPool2d: MaxPool2d,
    shape.Flatten: Flatten,
}
"""The modules that wrap a layer of their own."""
SIMPLE = (
    *(activation.Identity, activation.ReLU, activation.Sigmoid, activation.Tanh),
    activation.Softmax,
)


def from_mlp(mlp: Network) -> Sequential:
    """A `Sequential` with the layers, the weights, the mode and so the outputs of a network.

    A layer that has no module of its own here, e.g. a user's, becomes a `FromLayer`.
    Raises TypeError for anything but an `MLP` or another `Network`.
    """
    if not isinstance(mlp, Network):
        raise TypeError(f"from_mlp: expected an MLP as mlp, got {type(mlp).__name__}")
    network = Sequential(*map(_module, mlp.layers))
    network.load_state_dict(
        {
            f"{i}.{name}": array
            for i, (layer, module) in enumerate(zip(mlp.layers, network, strict=True))
            for name, array in _arrays(layer, module).items()
        }
    )
    (network.train if mlp.train_mode else network.eval)()
    return network


def _module(layer: Any) -> Module:
    """The module that computes what a layer of the classic face does."""
    if type(layer) is classic.Linear:
        return Linear(layer.in_feature, layer.out_feature, dtype=layer.dtype)
    if type(layer) is BatchNorm:
        return BatchNorm1d(layer.in_feature, layer.eps, 1 - layer.alpha, dtype=layer.dtype)
    if type(layer) is batchnorm.BatchNorm2d:
        return BatchNorm2d(layer.in_feature, layer.eps, 1 - layer.alpha, dtype=layer.dtype)
    if type(layer) is activation.LeakyReLU:
        return activations.LeakyReLU(layer.negative_slope)
    if type(layer) in WRAPPED:
        return WRAPPED[type(layer)].wrapping(copy.deepcopy(layer))
    if type(layer) in SIMPLE:
        module: Module = getattr(activations, type(layer).__name__)()
        return module
    return FromLayer(copy.deepcopy(layer))


def _arrays(layer: Any, module: Module) -> dict[str, Any]:
    """The layer's arrays as the module names them."""
    if isinstance(module, FromLayer) and not module._torch_names:
        return {name: getattr(layer, name) for name in (*layer.parameters, *layer.buffers)}
    arrays: dict[str, Any] = layer.named_arrays()
    return arrays


def to_mlp(
    network: Sequential, criterion: Criterion | None = None, lr: float = 0.1, momentum: float = 0.0
) -> MLP:
    """An `MLP` with the layers, the weights, the mode and so the outputs of `network`.

    `network` holds groups of a `Linear`, a `BatchNorm1d` in the first groups or in none, and an
    activation or none; the criterion is `SoftmaxCrossEntropy` where none is given.
    Raises ValueError for another order of layers, TypeError for a layer that an MLP does not have.
    """
    if not isinstance(network, Sequential):
        raise TypeError(f"to_mlp: expected a Sequential as network, got {type(network).__name__}")
    linears: list[Linear] = []
    norms: list[BatchNorm1d] = []
    functions: list[Any] = []
    for layer in network:
        if isinstance(layer, Linear):
            functions += [activation.Identity()] * (len(functions) < len(linears))
            linears.append(layer)
        elif isinstance(layer, BatchNorm1d) and len(norms) + 1 == len(linears) > len(functions):
            norms.append(layer)
        elif len(functions) < len(linears) and not isinstance(layer, BatchNorm1d):
            functions.append(_activation(layer))
        else:
            raise ValueError(f"to_mlp: {layer!r} stands where an MLP has no such layer")
    if not linears:
        raise ValueError("to_mlp: expected at least one Linear layer")
    functions += [activation.Identity()] * (len(functions) < len(linears))
    mlp = MLP(
        linears[0].in_features,
        linears[-1].out_features,
        [layer.out_features for layer in linears[:-1]],
        functions,
        random_normal_weight_init,
        zeros_bias_init,
        SoftmaxCrossEntropy() if criterion is None else criterion,
        lr,
        momentum,
        len(norms),
        linears[0].weight.dtype,
    )
    mlp.bn_layers = [BatchNorm(n.num_features, 1 - n.momentum, n.eps, mlp.dtype) for n in norms]
    for linear, layer in zip(mlp.linear_layers, linears, strict=True):
        linear.W = layer.weight.data.T
        linear.b = np.zeros(layer.out_features) if layer.bias is None else layer.bias.data
    for bn, norm in zip(mlp.bn_layers, norms, strict=True):
        bn.gamma, bn.beta = norm.gamma.data, norm.beta.data
        bn.running_mean, bn.running_var = norm.running_mean.data, norm.running_var.data
    mlp.train_mode = network.is_train
    return mlp


def _activation(module: Module) -> Any:
    """The activation of the classic face that computes what a module does."""
    if isinstance(module, FromLayer):
        layer = copy.deepcopy(module.layer)
        for own in (*layer.parameters, *layer.buffers):
            vars(layer)[own] = np.array(getattr(module, own).data)
        return layer
    name = type(module).__name__
    if isinstance(module, activations.LeakyReLU):
        return activation.LeakyReLU(module.negative_slope)
    if name not in [kind.__name__ for kind in SIMPLE]:
        known = ", ".join(kind.__name__ for kind in SIMPLE)
        raise TypeError(f"expected one of {known}, LeakyReLU, got {module!r}")
    return getattr(activation, name)()


__all__ = ["from_mlp", "to_mlp"]
