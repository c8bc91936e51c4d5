"""What differs between courses that teach the same classes; used in the child, too.

The exam computes with rows of samples, `W (out, in)` and `b (1, out)`, and hands a course's
classes what they expect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

WORDS = {
    "samples": ("rows", "columns"),
    "weight": ("out, in", "in, out", "either"),
    "bias": ("out, 1", "1, out", "out", "any"),
    "mean": ("layer", "loss"),
    "activation": ("gradient", "derivative"),
    "loss": ("logits", "probabilities"),
    "labels": ("one-hot", "distributions", "integers"),
    "loss_backward": ("nothing", "inputs"),
    "loss_value": ("any", "NumPy"),
    "layers": ("linear", "alternating", "any"),
}
"""What each convention may be; the others are numbers and tables."""


@dataclass(frozen=True)
class Conventions:
    """A course's conventions, by the words in brackets.

    Attributes
    ----------
    samples : a batch is `(N, C)` ["rows"] or `(C, N)` ["columns"].
    weight : ["out, in"], ["in, out"], or what the hand-in chooses ["either"].
    bias : ["out, 1"], ["1, out"], ["out"], or what the hand-in chooses ["any"].
    mean : the average over the batch is in the gradients of the linear layer ["layer"] or in the
        gradient of the cross-entropy ["loss"].
    activation : an activation's `backward` takes the gradient for its output and returns that for
        its input ["gradient"], or takes nothing and returns its own derivative ["derivative"].
    loss : the cross-entropy takes ["logits"] or ["probabilities"].
    labels : ["one-hot"] rows, rows of any ["distributions"], or ["integers"].
    loss_backward : what a loss's `backward` takes: ["nothing"] or its ["inputs"] again.
    loss_value : a loss may be any number ["any"], or has to be NumPy's ["NumPy"].
    mse : the squared error is `mse / (2 N C)` times the sum of squares, its gradient
        `mse / (N C)` times the difference.
    initial : the weights at the beginning: ["zeros"], ["any"], or the standard deviation of normal
        numbers.
    eps, alpha : of batch norm; `alpha` is the weight of the old running value.
    layers : where a network has its linear layers: alone in a list ["linear"], in a list with
        activations ["alternating"], or anywhere ["any"].
    networks : the sizes of each network that the course prescribes.
    kept : by network, the attributes that it keeps if it is made with `debug=True`: their paths,
        and which number each is (`Z0`, `A1`, `dAdZ0`, `dLdZ0`, `dLdA0`).
    names : the course's names of classes and attributes, where they are others than here; a path
        `params.weight` is an entry of a dictionary.
    homes : by the course's name of a class, the modules that may have it.
    """

    samples: str = "rows"
    weight: str = "out, in"
    bias: str = "out, 1"
    mean: str = "loss"
    activation: str = "gradient"
    loss: str = "logits"
    labels: str = "one-hot"
    loss_backward: str = "nothing"
    loss_value: str = "any"
    mse: int = 2
    initial: str | float = "zeros"
    eps: float = 1e-8
    alpha: float = 0.9
    layers: str = "linear"
    networks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    kept: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    homes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, name: str) -> str:
        """The course's name of a class or an attribute."""
        return self.names.get(name, name)

    def batch(self, x: Any) -> Any:
        """Rows of samples, or a row of numbers for the columns, as the course has them; and back.

        What is no matrix stays as it is.
        """
        turned = self.samples == "columns" and getattr(x, "ndim", 0) == 2
        return np.ascontiguousarray(x.T) if turned else x

    def weights(self, W: Any) -> Any:
        """`W (out, in)` as the course has it; and back."""
        turned = self.weight == "in, out" and getattr(W, "ndim", 0) == 2
        return np.ascontiguousarray(W.T) if turned else W

    def biases(self, b: Any) -> Any:
        """`b (1, out)` as the course has it."""
        shapes = {"out, 1": (-1, 1), "1, out": (1, -1)}
        return np.reshape(b, shapes.get(self.bias, (-1,)))

    def get(self, thing: Any, name: str) -> Any:
        """An attribute by its name here."""
        return at(thing, self.name(name))

    def put(self, thing: Any, name: str, value: Any) -> None:
        """Sets an attribute by its name here."""
        put(thing, self.name(name), value)


def at(thing: Any, path: str) -> Any:
    """What `a.b` or `a.0` names: attributes, entries of dictionaries, items of lists."""
    for part in path.split("."):
        if part.isdecimal():
            thing = thing[int(part)]
        elif isinstance(thing, dict):
            thing = thing[part]
        else:
            thing = getattr(thing, part)
    return thing


def put(thing: Any, path: str, value: Any) -> None:
    """Sets what `at` gives, in dictionaries that are made where there are none."""
    *before, last = path.split(".")
    for part in before:
        if not hasattr(thing, part):
            setattr(thing, part, {})
        thing = getattr(thing, part)
    if isinstance(thing, dict):
        thing[int(last) if last.isdecimal() else last] = value
    else:
        setattr(thing, last, value)
