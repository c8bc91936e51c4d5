"""Whether the parts of a network fit together; asked before anything is initialised."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from mytorch.loss import Criterion


def takes_probabilities(criterion: Criterion) -> bool:
    """Whether its derivative has passed the softmax already; a homework's own may not say."""
    return getattr(criterion, "takes_probabilities", False)


def layer_sizes(input_size: int, hiddens: Sequence[int], output_size: int) -> list[int]:
    """The widths from the input to the output; TypeError for what is no whole number."""
    try:
        return [index(n) for n in (input_size, *hiddens, output_size)]
    except TypeError:
        raise TypeError(
            f"MLP: expected whole numbers as input_size and output_size and a list of them as "
            f"hiddens, got {input_size!r}, {output_size!r} and {hiddens!r}"
        ) from None


def checked_rate(name: str, value: float, largest: float) -> float:
    """A learning rate or a momentum as a float; ValueError where it is out of range or NaN."""
    number = float(value)
    if not 0 <= number <= largest or not np.isfinite(number):
        raise ValueError(f"MLP: expected {name} from 0 to {largest}, got {value}")
    return number


def check_structure(mlp: Any) -> None:
    """Refuses a network whose parts do not fit together."""
    for what, part in (*(("activation", a) for a in mlp.activations), ("criterion", mlp.criterion)):
        if isinstance(part, type):
            name = part.__name__
            raise TypeError(f"MLP: expected {what} objects, got the class {name}; write {name}()")
        if not hasattr(part, "forward"):
            raise TypeError(f"MLP: expected {what} objects, got {part!r}")
    if len(mlp.activations) != mlp.nlayers:
        raise ValueError(
            f"MLP: expected {mlp.nlayers} activations, one for each hidden layer and one for the "
            f"output, got {len(mlp.activations)}; the output's is often Identity()"
        )
    if len(set(map(id, mlp.activations))) != mlp.nlayers:
        raise ValueError(
            "MLP: one activation object stands in two layers, and the second would overwrite the "
            "state that the first needs for backward; make an object for each layer"
        )
    if mlp.num_bn_layers not in range(mlp.nlayers + 1):
        raise ValueError(
            f"MLP: expected num_bn_layers from 0 to the {mlp.nlayers} layers of the network, "
            f"got {mlp.num_bn_layers}"
        )
    # By name: the homework also loads activation.py on its own, which makes a second Softmax.
    last = {base.__name__ for base in type(mlp.activations[-1]).__mro__}
    if takes_probabilities(mlp.criterion) and "Softmax" not in last:
        raise ValueError(
            f"MLP: {mlp.criterion!r} takes probabilities, so the last activation must be "
            f"Softmax(), got {mlp.activations[-1]!r}; or use SoftmaxCrossEntropy() on logits"
        )
