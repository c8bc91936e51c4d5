"""Whether the layers of a network, its criterion and its optimizer fit together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray, as_floats, title
from mytorch.checks.settings import check_int


def layer_sizes(input_size: int, hiddens: Sequence[int], output_size: int) -> list[int]:
    """The widths from the input to the output; TypeError for anything but whole numbers."""
    if not np.iterable(hiddens) or isinstance(
        hiddens, str | bytes | np.ma.MaskedArray | dict | set
    ):
        one = f"; one hidden layer is [{hiddens}]" if isinstance(hiddens, int) else ""
        raise TypeError(
            f"MLP: expected whole numbers as input_size and output_size and a list of them as "
            f"hiddens, got {input_size!r}, {output_size!r} and {hiddens!r}{one}"
        )
    return [
        check_int(input_size, "MLP", "input_size"),
        *(check_int(n, "MLP", f"hiddens[{i}]") for i, n in enumerate(hiddens)),
        check_int(output_size, "MLP", "output_size"),
    ]


def check_network(layers: Any, criterion: Any, optimizer: Any) -> None:
    """TypeError or ValueError where these make no network."""
    if not isinstance(layers, Sequence) or isinstance(layers, str | bytes) or not layers:
        raise TypeError(f"Network: expected a list of layers, got {layers!r}")
    for layer in layers:
        check_object("Network", "layer", layer, "forward", "backward")
        if not hasattr(layer, "__dict__"):
            raise TypeError(
                f"Network: expected layers that take new attributes, and {layer!r} has "
                f"__slots__ alone; make it a subclass of Layer"
            )
    check_criterion("Network", layers[-1], criterion)
    check_optimizer("Network", optimizer)


def check_optimizer(owner: str, optimizer: Any, own: Iterable[Any] = ()) -> None:
    """Refuses what is no optimizer, and one with parameters of another network than `own`."""
    if optimizer is not None:
        check_object(owner, "optimizer", optimizer, "update", "step")
        others = [p for p in optimizer.params if not any(p is mine for mine in own)]
        if others:
            raise ValueError(
                f"{owner}: expected an optimizer without parameters, e.g. SGD(lr=0.1), and "
                f"{optimizer!r} has {len(others)} of another network; make one for each"
            )


def learned_array(layer: Any, name: str) -> FloatArray:
    """A parameter of a layer as an array of floats; TypeError where it is none."""
    if name not in vars(layer):
        raise TypeError(
            f"{title(layer)}: expected an array as its attribute {name!r}, for that is what its "
            f"parameters name; they are a tuple of names, e.g. parameters = ('slope',), of plain "
            f"attributes that its __init__ assigns, no properties and no slots"
        )
    return as_floats(vars(layer)[name], layer, f"parameter {name}")


def check_untied(parameters: Iterable[Any]) -> None:
    """Refuses two parameters in the same memory, each of which would take a step of its own."""
    places: dict[int, Any] = {}
    for parameter in parameters:
        array = parameter.data
        other = places.setdefault(array.__array_interface__["data"][0], parameter)
        if array.size and other is not parameter:
            raise ValueError(
                f"{parameter!r} and {other!r} are the same array, and an optimizer would give each "
                f"a step of its own; copy it, or write one layer that uses the array twice"
            )


def check_object(owner: str, what: str, thing: Any, *methods: str) -> None:
    """TypeError for a class in place of an object, and for an object without `methods`.

    Modules have names that layers have, too, so they are told apart.
    """
    if isinstance(thing, type):
        name = thing.__name__
        raise TypeError(f"{owner}: expected {what} objects, got the class {name}; write {name}()")
    if not all(hasattr(thing, method) for method in methods):
        found = repr(thing)
        if hasattr(thing, "named_parameters"):
            found = f"{title(thing)}, a module for tensors"
        raise TypeError(
            f"{owner}: expected {what} objects, got {found}; "
            f"one for arrays is e.g. mytorch.{EXAMPLES[what]}"
        )


EXAMPLES = {
    "layer": "ReLU()",
    "activation": "ReLU()",
    "criterion": "SoftmaxCrossEntropy()",
    "optimizer": "optim.SGD()",
}
"""An object of each kind."""


def check_criterion(owner: str, last: Any, criterion: Any) -> None:
    """Refuses probabilities without a softmax before the criterion, and logits with one."""
    check_object(owner, "criterion", criterion, "forward", "derivative")
    if hasattr(criterion, "parameters"):  # an activation has a derivative too
        raise TypeError(
            f"{owner}: expected a criterion, e.g. SoftmaxCrossEntropy(), got the layer "
            f"{criterion!r}"
        )
    softmax = getattr(last, "gives_probabilities", False)
    if getattr(criterion, "takes_probabilities", False) and not softmax:
        raise ValueError(
            f"{owner}: {criterion!r} takes probabilities, so the last activation must be "
            f"Softmax(), got {last!r}; or use SoftmaxCrossEntropy() on logits"
        )
    if getattr(criterion, "applies_softmax", False) and softmax:
        raise ValueError(
            f"{owner}: {criterion!r} takes logits and applies the softmax itself, so a last "
            f"activation of Softmax() would apply it twice; use Identity() there, or "
            f"CrossEntropy() as criterion"
        )


def check_mlp(mlp: Any) -> None:
    """Refuses activations or batch norms that do not fit the sizes of an MLP."""
    for activation in mlp.activations:
        check_object("MLP", "activation", activation, "forward", "backward")
        if not hasattr(activation, "derivative"):  # e.g. a linear layer
            raise TypeError(f"MLP: expected activation objects, got {activation!r}")
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
    check_criterion("MLP", mlp.activations[-1], mlp.criterion)


def check_lists(mlp: Any) -> None:
    """Refuses an MLP whose lists of layers became longer or shorter; replacing a layer is fine."""
    counts = (len(mlp.linear_layers), len(mlp.activations), len(mlp.bn_layers))
    if counts != (mlp.nlayers, mlp.nlayers, mlp.num_bn_layers):
        raise ValueError(
            f"MLP: expected {mlp.nlayers} linear layers and activations and {mlp.num_bn_layers} "
            f"bn_layers, as the network was built, got {counts[0]}, {counts[1]} and {counts[2]}; "
            f"build another network"
        )


def check_layers(layers: Sequence[Any]) -> None:
    """Refuses one layer in two places, of which only the second would have its own backward."""
    if len(set(map(id, layers))) != len(layers):
        twice = next(layer for i, layer in enumerate(layers) if layer in layers[:i])
        raise ValueError(
            f"one object, {twice!r}, stands in two layers of the network, and the second would "
            f"overwrite what the first needs for backward; make an object for each"
        )


def check_gradients(layers: Iterable[Any]) -> None:
    """Refuses a layer whose backward left a parameter without a gradient: none would be learned."""
    for layer in layers:
        for name in getattr(layer, "parameters", ()):
            if getattr(layer, f"d{name}", None) is None:
                raise RuntimeError(
                    f"{title(layer)}: backward left no d{name}, the gradient of {name}"
                )


def check_pass(network: Any, layers: Iterable[Any]) -> None:
    """Refuses a backward for which a layer no longer keeps what this network's forward left."""
    last = network._pass
    if isinstance(last, str):
        raise RuntimeError(f"{title(network)}: {last}")
    for layer in layers:
        if last is not None and layer.used_by is not last:
            raise RuntimeError(
                f"{title(network)}: {layer!r} ran forward on something else since this network's "
                f"last forward, and backward needs what forward keeps; call forward(x) again"
            )


def check_classes(network: Any, columns: int) -> None:
    """Refuses to train a softmax over one column, which is 1 whatever is learned: its loss is 0."""
    criterion, last = network.criterion, network.layers[-1]
    flags = (criterion, "takes_probabilities"), (criterion, "applies_softmax")
    softmax = any(getattr(*flag, False) for flag in (*flags, (last, "gives_probabilities")))
    if columns == 1 and softmax:
        raise ValueError(
            f"{title(network)}: expected at least two outputs to train a softmax, got one, for "
            f"which it is always 1; give each class an output, two for yes or no, or use L2()"
        )


def with_classes(network: Any, output: FloatArray) -> FloatArray:
    """A network's output; refuses to count misclassified rows of an output that has no classes."""
    if output.shape[1] == 1:
        raise ValueError(
            f"{title(network)}: error counts misclassified rows, and an output of one column has "
            f"no classes; total_loss says how far its numbers are off"
        )
    return output


def one_dtype(layers: Sequence[Any]) -> bool:
    """Whether the layers that compute in a dtype of their own have the same one."""
    dtypes = {getattr(layer, "dtype", None) for layer in layers} - {None}
    return len(dtypes) <= 1
