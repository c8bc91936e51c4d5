"""What `gradcheck` checks, brought to one form: an output, named arrays, and their gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import autograd_engine
from mytorch.activation import Softmax
from mytorch.checks.arrays import FloatArray, array_or_none, as_floats, title
from mytorch.checks.network import learned_array
from mytorch.gradcheck.copying import copied
from mytorch.network import Network
from mytorch.tensor import Tensor

AVERAGED = ("W", "b")
"""Parameters of a homework's layer whose gradient is the mean over the batch (001 §3.6)."""


class Problem:
    """A target with its inputs, reduced to one function of named arrays, and their gradients.

    Attributes
    ----------
    output : computes the output from the arrays as they are now; a check changes them in place.
    upstream : the gradient for the output that the analytic gradients were computed with.
    arrays, gradients : the arrays that are checked, and the analytic gradients, by name.
    batch : the rows of the first input.
    averaged : the names of those whose gradient is the mean over the batch.
    problems : what is wrong apart from numbers.
    """

    output: Callable[[], FloatArray]
    upstream: FloatArray

    def __init__(self, inputs: dict[str, FloatArray], generator: np.random.Generator) -> None:
        self.inputs = inputs
        self.generator = generator
        first = next(iter(inputs.values()), np.empty(0))
        self.batch = first.shape[0] if first.ndim else 1
        self.arrays: dict[str, FloatArray] = {}
        self.gradients: dict[str, FloatArray] = {}
        self.averaged: set[str] = set()
        self.problems: list[str] = []

    @classmethod
    def of(
        cls, target: Any, inputs: Sequence[npt.ArrayLike], generator: np.random.Generator
    ) -> Problem:
        """The problem of a copy of `target`; TypeError where it takes other inputs."""
        if isinstance(target, type):
            name = target.__name__
            raise TypeError(f"gradcheck: expected an object, got the class {name}; write {name}()")
        target = copied(target)
        kind, names = _kind(target, len(inputs))
        if kind is _tensor_function and not callable(target):
            raise TypeError(
                f"gradcheck: expected a layer, a criterion, a network or a function as target, "
                f"got {type(target).__name__}"
            )
        if len(inputs) != len(names):
            raise TypeError(
                f"gradcheck: {title(target)} takes {' and '.join(names)}, got {len(inputs)} inputs"
            )
        own = _converted(dict(zip(names, inputs, strict=True)), kind, target)
        if any(np.size(array) == 0 for array in own.values()):
            raise ValueError("gradcheck: expected inputs with at least one number")
        for name, array in own.items():
            if not np.isfinite(array).all():
                raise ValueError(
                    f"gradcheck: expected finite numbers as {name}, got NaN or infinities"
                )
        problem = cls(own, generator)
        before = {name: array.copy() for name, array in own.items()}
        kind(problem, target)
        for name, array in problem.arrays.items():
            if array.dtype != np.float64:
                raise TypeError(
                    f"gradcheck: expected float64 throughout, got {name} of {array.dtype} "
                    f"in {title(target)}; build it with dtype=np.float64"
                )
        problem.note_changes(own, before)
        return problem

    def note_changes(self, now: dict[str, FloatArray], before: dict[str, FloatArray]) -> None:
        """Reports arguments that forward or backward changed, and puts them right."""
        for name, array in now.items():
            if not np.array_equal(before[name], array, equal_nan=True):
                self.problems.append(f"forward or backward changed its argument {name}")
                array[...] = before[name]

    def draw_upstream(self) -> FloatArray:
        """A random gradient for the output, and a copy that may be handed out."""
        self.upstream = self.generator.normal(size=np.shape(self.output()))
        return self.upstream.copy()

    def add_parameters(self, layer: Any, place: str = "") -> None:
        """The learned arrays of a layer, as they are called there, followed by `place`."""
        for name in getattr(layer, "parameters", None) or _parameters(layer):
            if hasattr(layer, "parameters"):
                array = learned_array(layer, name)
                if array is not vars(layer)[name]:  # numbers of another kind, e.g. a list
                    vars(layer)[name] = array
            if not hasattr(layer, f"d{name}"):
                self.problems.append(f"backward left no d{name}, the gradient of {name}{place}")
                continue
            self.arrays[name + place] = getattr(layer, name)
            self.gradients[name + place] = np.array(getattr(layer, f"d{name}"))
            if name in getattr(layer, "averaged", AVERAGED):
                self.averaged.add(name + place)

    def floor(self) -> float:
        """Gradients below this drown in the rounding of the numeric ones."""
        largest = max((float(np.abs(g).max(initial=0)) for g in self.gradients.values()), default=0)
        scale = float(np.abs(self.output() * self.upstream).max(initial=0))
        return max(1e-3 * float(np.nan_to_num(largest)), 1e-5 * scale, 1e-8)


Kind = Callable[[Problem, Any], None]


def _converted(inputs: dict[str, Any], kind: Kind, target: Any) -> dict[str, Any]:
    """Copies of the inputs as float64.

    Integers and booleans, e.g. class numbers or a mask, are handed to a function of tensors as they
    are, where there is anything else to differentiate by: another input, or a parameter.
    """
    floats = {
        name: np.array(as_floats(given, "gradcheck", name), np.float64)
        for name, given in inputs.items()
    }
    if kind is not _tensor_function:
        return floats
    whole = {name: np.array(given) for name, given in inputs.items() if _is_whole(given)}
    learned = bool(dict(getattr(target, "named_parameters", dict)()))
    return floats | whole if learned or len(whole) < len(inputs) else floats


def _is_whole(given: Any) -> bool:
    return array_or_none(given).dtype.kind in "biu"


def _kind(target: Any, inputs: int) -> tuple[Kind, tuple[str, ...]]:
    """How to set up the problem of a target, and the names of its inputs."""
    if isinstance(target, Network):
        return _network, ("x", "labels")
    if hasattr(target, "zero_grads"):
        return _homework_mlp, ("x", "labels")
    if hasattr(target, "derivative") and not hasattr(target, "backward"):
        return _criterion, ("x", "labels")
    if hasattr(target, "backward"):
        return _layer, ("x",)
    if inputs == 1:
        return _tensor_function, ("x",)
    return _tensor_function, tuple(f"input{i}" for i in range(inputs))


def returned(target: Any, method: str, value: Any) -> Any:
    """What a method returned; TypeError where that is nothing."""
    if value is None:
        raise TypeError(
            f"gradcheck: expected an array from {method} of {title(target)}, got None; "
            f"perhaps its return is missing"
        )
    return value


def _layer(problem: Problem, layer: Any) -> None:
    x = problem.inputs["x"]
    problem.output = lambda: returned(layer, "forward", layer.forward(x))
    upstream = problem.draw_upstream()
    dx = returned(layer, "backward", layer.backward(upstream))
    problem.arrays["x"], problem.gradients["x"] = x, np.array(dx)
    problem.note_changes({"upstream": upstream}, {"upstream": problem.upstream})
    problem.add_parameters(layer)


def _criterion(problem: Problem, criterion: Any) -> None:
    x, labels = problem.inputs["x"], problem.inputs["labels"]
    loss = partial(returned, criterion, "forward")
    if getattr(criterion, "passes_softmax", False):
        softmax = Softmax()
        problem.output = lambda: loss(criterion.forward(softmax.forward(x), labels))
    else:
        problem.output = lambda: loss(criterion.forward(x, labels))
    # derivative() takes no upstream gradient: it is that of the rows' sum
    problem.upstream = np.ones(np.shape(problem.output()))
    dx = returned(criterion, "derivative", criterion.derivative())
    problem.arrays["x"], problem.gradients["x"] = x, np.array(dx)


def _network(problem: Problem, network: Any) -> None:
    x, labels = problem.inputs["x"], problem.inputs["labels"]
    criterion = network.criterion
    problem.output = lambda: criterion.forward(network.forward(x), labels)
    problem.upstream = np.ones(np.shape(problem.output()))
    problem.arrays["x"] = x
    problem.gradients["x"] = np.array(network.backward(labels, input_grad=True))
    for i, layer in enumerate(network.layers):
        problem.add_parameters(layer, f"[{i}]")


def _homework_mlp(problem: Problem, mlp: Any) -> None:
    """An MLP of the 2019 homework's kind, with lists of arrays."""
    x, labels = problem.inputs["x"], problem.inputs["labels"]
    problem.output = lambda: mlp.criterion.forward(mlp.forward(x), labels)
    problem.upstream = np.ones(np.shape(problem.output()))
    mlp.backward(labels)
    for i in range(len(mlp.W)):
        for name in ("W", "b"):
            problem.arrays[f"{name}[{i}]"] = getattr(mlp, name)[i]
            problem.gradients[f"{name}[{i}]"] = np.array(getattr(mlp, f"d{name}")[i])
            problem.averaged.add(f"{name}[{i}]")
    for i, bn in enumerate(getattr(mlp, "bn_layers", None) or []):
        for name in ("gamma", "beta"):
            problem.arrays[f"{name}[{i}]"] = getattr(bn, name)
            problem.gradients[f"{name}[{i}]"] = np.array(getattr(bn, f"d{name}"))


def _tensor_function(problem: Problem, function: Any) -> None:
    """A function of tensors; the parameters of a module are its arguments too."""
    tensors = {name: Tensor(array) for name, array in problem.inputs.items()}
    differentiated = {n: t for n, t in tensors.items() if t.data.dtype.kind == "f"}
    checked = differentiated | dict(getattr(function, "named_parameters", dict)())
    for tensor in differentiated.values():
        tensor.requires_grad = True

    def output() -> FloatArray:
        with autograd_engine.no_grad():
            result: FloatArray = function(*tensors.values()).data
            return result

    problem.output = output
    out = function(*tensors.values())
    if not isinstance(out, Tensor):
        raise TypeError(f"gradcheck: expected a function that returns a Tensor, got {out!r}")
    upstream = problem.draw_upstream()
    node = autograd_engine.AccumulateGrad(out) if out.is_leaf else out.grad_fn
    if out.requires_grad:
        autograd_engine.backward(node, Tensor(upstream))
    problem.note_changes({"upstream": upstream}, {"upstream": problem.upstream})
    for name, tensor in checked.items():
        problem.arrays[name] = tensor.data
        problem.gradients[name] = (
            np.zeros(tensor.shape) if tensor.grad is None else tensor.grad.data
        )


def _parameters(layer: Any) -> list[str]:
    """The names of the arrays that have a gradient beside them: `W` where there is `dW`."""
    return [
        attribute[1:]
        for attribute in dir(layer)
        if attribute.startswith("d")
        and isinstance(getattr(layer, attribute), np.ndarray)
        and isinstance(getattr(layer, attribute[1:], None), np.ndarray)
    ]
