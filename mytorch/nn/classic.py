"""The same network in both faces: a classic MLP as a Sequential, and back."""

from __future__ import annotations

from typing import Any

from mytorch import activation
from mytorch.batchnorm import BatchNorm
from mytorch.initializers import random_normal_weight_init, zeros_bias_init
from mytorch.loss import Criterion, SoftmaxCrossEntropy
from mytorch.mlp import MLP
from mytorch.nn import activations
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.linear import Linear
from mytorch.nn.module import Module
from mytorch.nn.sequential import Sequential

SIMPLE = ("Identity", "ReLU", "Sigmoid", "Tanh", "Softmax")


def from_mlp(mlp: MLP) -> Sequential:
    """A `Sequential` with the layers, the weights, the mode and so the outputs of `mlp`.

    Raises TypeError for an activation that the tensors' face does not have.
    """
    if not isinstance(mlp, MLP):
        raise TypeError(f"from_mlp: expected an MLP as mlp, got {type(mlp).__name__}")
    layers: list[Module] = []
    for i, linear in enumerate(mlp.linear_layers):
        layers.append(Linear(linear.in_feature, linear.out_feature, linear.dtype))
        for bn in mlp.bn_layers[i : i + 1]:
            layers.append(BatchNorm1d(bn.in_feature, bn.eps, 1 - bn.alpha, bn.dtype))
        layers.append(_translate(mlp.activations[i], activations))
    network = Sequential(*layers)
    network.load_state_dict(mlp.state_dict())
    (network.train if mlp.train_mode else network.eval)()
    return network


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
            functions.append(_translate(layer, activation))
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
        linear.W, linear.b = layer.weight.data.T, layer.bias.data
    for bn, norm in zip(mlp.bn_layers, norms, strict=True):
        bn.gamma, bn.beta = norm.gamma.data, norm.beta.data
        bn.running_mean, bn.running_var = norm.running_mean.data, norm.running_var.data
    mlp.train_mode = network.is_train
    return mlp


def _translate(layer: Any, face: Any) -> Any:
    """The activation of the same name in the other face."""
    name = type(layer).__name__
    if name == "LeakyReLU":
        return face.LeakyReLU(layer.negative_slope)
    if name not in SIMPLE:
        raise TypeError(f"expected one of {', '.join(SIMPLE)}, LeakyReLU, got {layer!r}")
    return getattr(face, name)()


__all__ = ["from_mlp", "to_mlp"]
