"""Whether the parts of a network fit together; asked before anything is initialised."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import Any

import numpy as np

from mytorch.checks.settings import check_int, check_real


def takes_probabilities(criterion: Any) -> bool:
    """Whether its derivative has passed the softmax already; a homework's own may not say."""
    return getattr(criterion, "takes_probabilities", False)


def layer_sizes(input_size: int, hiddens: Sequence[int], output_size: int) -> list[int]:
    """The widths from the input to the output; TypeError for what is no whole number."""
    if not np.iterable(hiddens) or isinstance(
        hiddens, str | bytes | np.ma.MaskedArray | dict | set
    ):
        raise TypeError(
            f"MLP: expected whole numbers as input_size and output_size and a list of them as "
            f"hiddens, got {input_size!r}, {output_size!r} and {hiddens!r}"
        )
    return [
        check_int(input_size, "MLP", "input_size"),
        *(check_int(n, "MLP", f"hiddens[{i}]") for i, n in enumerate(hiddens)),
        check_int(output_size, "MLP", "output_size"),
    ]


def checked_rate(name: str, value: float, largest: float) -> float:
    """A learning rate or a momentum as a float; ValueError where it is out of range or NaN."""
    return check_real(value, "MLP", name, 0, largest)


def _base_names(part: Any) -> set[str]:
    return {base.__name__ for base in type(part).__mro__}


def check_structure(mlp: Any) -> None:
    """Refuses a network whose parts do not fit together."""
    methods = (*(("activation", a, "backward") for a in mlp.activations),
               ("criterion", mlp.criterion, "derivative"))  # fmt: skip
    for what, part, method in methods:
        if isinstance(part, type):
            name = part.__name__
            raise TypeError(f"MLP: expected {what} objects, got the class {name}; write {name}()")
        # By name, as below: an activation also has a derivative, and a layer a forward.
        other = hasattr(part, "W") if what == "activation" else "Activation" in _base_names(part)
        if other or not (hasattr(part, "forward") and hasattr(part, method)):
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
    if not 0 <= mlp.num_bn_layers <= mlp.nlayers:
        raise ValueError(
            f"MLP: expected num_bn_layers from 0 to the {mlp.nlayers} layers of the network, "
            f"got {mlp.num_bn_layers}"
        )
    # By name: the homework also loads activation.py on its own, which makes a second Softmax.
    last = _base_names(mlp.activations[-1])
    if takes_probabilities(mlp.criterion) and "Softmax" not in last:
        raise ValueError(
            f"MLP: {mlp.criterion!r} takes probabilities, so the last activation must be "
            f"Softmax(), got {mlp.activations[-1]!r}; or use SoftmaxCrossEntropy() on logits"
        )
    if "SoftmaxCrossEntropy" in _base_names(mlp.criterion) and "Softmax" in last:
        raise ValueError(
            f"MLP: {mlp.criterion!r} takes logits and applies the softmax itself, so a last "
            f"activation of Softmax() would apply it twice; use Identity() there, or "
            f"CrossEntropy() as criterion"
        )


def check_parts(mlp: Any) -> None:
    """Refuses a network whose lists of layers were changed into what it cannot be.

    Replacing a layer by another is fine: the layers' own doors see whether the sizes fit.
    """
    linear, norms, functions = mlp.linear_layers, mlp.bn_layers, mlp.activations
    counts = (len(linear), len(functions), len(norms))
    if counts != (mlp.nlayers, mlp.nlayers, mlp.num_bn_layers):
        raise ValueError(
            f"MLP: expected {mlp.nlayers} linear layers and activations and {mlp.num_bn_layers} "
            f"bn_layers, as the network was built, got {counts[0]}, {counts[1]} and {counts[2]}; "
            f"build another network"
        )
    parts = [*linear, *norms, *functions]
    if len(set(map(id, parts))) != len(parts):
        twice = next(part for i, part in enumerate(parts) if part in parts[:i])
        raise ValueError(
            f"MLP: one object, {twice!r}, stands in two layers, and the second would overwrite "
            f"what the first needs for backward; make an object for each layer"
        )


def kept(mlp: Any) -> list[Any]:
    """What the layers have kept of their last forward, for `check_kept` to know it again."""
    inputs = [getattr(layer, "x", None) for layer in (*mlp.linear_layers, *mlp.bn_layers)]
    return inputs + [getattr(activation, "state", None) for activation in mlp.activations]


def check_kept(mlp: Any, before: list[Any]) -> None:
    """Refuses a backward for which a layer keeps something else than this network's forward left.

    That is so where another network has the layer too, or where a forward was interrupted.
    """
    now = kept(mlp)
    if len(now) == len(before) and all(map(is_, now, before)):
        return
    parts = [*mlp.linear_layers, *mlp.bn_layers, *mlp.activations]
    changed = [repr(p) for p, a, b in zip(parts, now, before, strict=False) if a is not b]
    raise RuntimeError(
        f"MLP: {', '.join(changed) or 'other layers'} ran forward on something else since this "
        f"network's last forward, and backward needs what forward keeps; call forward(x) again"
    )
