"""The helpers that the calls of the walk-through use besides the layers themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.submission.homeworks import in_turn, layer_array


def weights(mlp: Any, layer: int) -> Any:
    """The weights of one layer of an MLP."""
    return layer_array(mlp, "W", layer)


def biases(mlp: Any, layer: int) -> Any:
    """The biases of one layer of an MLP."""
    return layer_array(mlp, "b", layer)


def model_of(*layers: Any) -> Any:
    """A network as far as an optimizer looks at it: its layers."""
    return SimpleNamespace(layers=list(layers))


def layer_with(W: Any, b: Any) -> Any:
    """A layer as far as an optimizer looks at it: its parameters."""
    return SimpleNamespace(W=W.copy(), b=b.copy())


def put_parameters(module: Any, W: Any, b: Any) -> None:
    """Sets the weight `(out, in)` and the bias of a module, in the shapes that these have there."""
    own = module.params
    turned = np.shape(own["weight"]) == W.shape[::-1]
    own["weight"] = W.T.copy() if turned else W.copy()
    own["bias"] = b.reshape(np.shape(own["bias"])).copy()


def dweight(module: Any, W: Any) -> Any:
    """The gradient of a module's weight as `(out, in)`, the shape of `W`."""
    gradient = module.grads["weight"]
    return gradient.T if np.shape(gradient) == W.shape[::-1] else gradient


def dbias(module: Any) -> Any:
    """The gradient of a module's bias as `(1, out)`."""
    return np.reshape(module.grads["bias"], (1, -1))


HELPERS = {
    **{"np": np, "in_turn": in_turn, "weights": weights, "biases": biases, "model_of": model_of},
    "layer_with": layer_with,
    "put_parameters": put_parameters,
    "dweight": dweight,
    "dbias": dbias,
}
