"""What holds for right answers by a course's conventions; see `tests/autograder/properties.py`.

Gradients are compared with finite differences of the hand-in's own forward pass. Where the mean
over the batch is taken in the linear layer, `dW` and `db` are those divided by the number of rows,
and the gradient of the cross-entropy is theirs times that number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partialmethod
from typing import Any

import numpy as np

from tests.autograder.properties import array, differences, like, numeric, part, slopes, true
from tests.autograder.shared.conventions import Conventions
from tests.autograder.shared.exam import ACTIVATIONS, Exam
from tests.autograder.sheet import Sheet, copies

Classes = Any
Case = dict[str, Any]
MANY = 250
"""After as many equal batches nothing is left of where the running statistics began."""


def of(course: Any) -> Properties:
    """The module of a course."""
    return Properties(course.conventions)


class Properties:
    """The exercises, each a method of classes, a case and a `Sheet`."""

    def __init__(self, conventions: Conventions) -> None:
        self.cv, self.exam = conventions, Exam(conventions)

    def __getattr__(self, name: str) -> Any:
        """The exercises about activations, networks and optimizers."""
        if name in ACTIVATIONS:
            return lambda c, case, q: self._activation(c, ACTIVATIONS[name], case, q)
        from tests.autograder.shared import exam_properties_bonus as bonus
        from tests.autograder.shared import exam_properties_networks as networks

        others = networks.EXERCISES | bonus.EXERCISES
        if name in others:
            return lambda c, case, q: others[name](self, c, case, q)
        raise AttributeError(name)

    def rows(self, thing: Any) -> int:
        """How many samples a batch has."""
        return thing.shape[1] if self.cv.samples == "columns" else len(thing)

    def alone(self, what: str, function: Callable[[Any], Any], x: Any, out: Any) -> None:
        """Raises Expected where the result of a sample depends on the other ones."""
        one = np.s_[:, 1:2] if self.cv.samples == "columns" else np.s_[1:2]
        like(f"{what} of a sample alone", function(x[one].copy()), out[one])

    def linear(self, c: Classes, case: Case, q: Sheet, more: bool = False) -> None:
        """The gradient of a bias whose shape is free is asked with what the course leaves out."""
        cv = self.cv
        x, delta, W, b = copies(case, "x", "delta", "W", "b")
        layer = c[cv.name("Linear")](*W.shape[::-1])
        self.exam.put_parameters(layer, W, b)
        x, delta = cv.batch(x), cv.batch(delta)
        start = [np.copy(cv.get(layer, name)) for name in ("W", "b")]

        def at(name: str) -> Callable[[Any], Any]:
            def run(value: Any) -> Any:
                cv.put(layer, name, value)
                return layer.forward(x.copy())

            return run

        with part(q, "start"):
            for name in ("W", "b"):
                array(f"{name} at the beginning", cv.get(layer, name))
        with part(q, "forward"):
            out = array("the output", layer.forward(x.copy()), delta.shape)
            nothing = cv.batch(np.zeros((1, W.shape[1])))
            like("the output for zeros", layer.forward(nothing), cv.batch(b))
            units = array("the output", layer.forward(np.eye(W.shape[1])))
            like("the output for a single 1, less the bias,", units - cv.batch(b), cv.batch(W.T))
            twice = array("the output", layer.forward(2 * x))
            like("the output for twice the input, less the output,", twice - out, out - cv.batch(b))
            self.alone("the output", layer.forward, x, out)
        with part(q, "backward"):
            layer.forward(x.copy())
            dx = layer.backward(delta.copy())
            found = [np.copy(cv.get(layer, name)) for name in ("dW", "db")]
            differences("the gradient for the input", dx, numeric(layer.forward, x, delta))
            self.parameters(layer, at, start, found, delta, more or cv.bias != "any")

    linear_more = partialmethod(linear, more=True)

    def parameters(
        self, layer: Any, at: Any, start: list[Any], found: list[Any], delta: Any, bias: bool = True
    ) -> None:
        """The gradients of `W` and, with `bias`, `b`, which each have its own shape."""
        scale = 1 / self.rows(delta) if self.cv.mean == "layer" else 1.0
        how = "averaged over" if self.cv.mean == "layer" else "summed over"
        for name, value, gradient in list(zip("Wb", start, found, strict=True))[: 1 + bias]:
            called = f"{self.cv.name(f'd{name}')}, {how} the batch"
            differences(called, gradient, numeric(at(name), value, scale * delta))
            self.cv.put(layer, name, value.copy())

    def _activation(self, c: Classes, name: str, case: Case, q: Sheet) -> None:
        cv = self.cv
        z, delta = map(cv.batch, copies(case, "z", "delta"))
        slope = [float(case["slope"])] if "slope" in case else []
        layer = c[cv.name(name)](*slope)

        def forward(x: Any) -> Any:
            return array("the output", layer.forward(x.copy()), x.shape)

        with part(q, "forward"):
            out = forward(z)
            for what, given, wanted in _shape_of(name, forward, z, out, cv, *slope):
                like(what, given, wanted)
        with part(q, "backward"):
            forward(z)
            if cv.activation == "derivative":
                wanted = slopes(forward, z)
                forward(z)
                differences("the derivative", layer.backward(), wanted)
            else:
                found = layer.backward(delta.copy())
                differences("the gradient for the input", found, numeric(forward, z, delta))
            if name == "ReLU":
                forward(np.zeros_like(z))
                back = layer.backward(*([delta] if cv.activation == "gradient" else []))
                like("the derivative at 0", back, np.zeros_like(z))

    def mse(self, c: Classes, case: Case, q: Sheet) -> None:
        x, y = map(self.cv.batch, copies(case, "x", "y"))
        loss = c[self.cv.name("MSELoss")]()
        with part(q, "forward"):
            first = _value(loss, x, y)
            like("the loss of two equal arrays", _value(loss, x, x), 0.0)
            like("the loss where every number is 1 off", _value(loss, y + 1, y), self.cv.mse / 2)
            like("the loss of twice the distance", _value(loss, y + 2 * (x - y), y), 4 * first)
        with part(q, "backward"):
            self._loss_gradient(loss, x, y)

    def cross_entropy(self, c: Classes, case: Case, q: Sheet) -> None:
        cv = self.cv
        x, y = map(cv.batch, copies(case, "x", "y"))
        columns = case["x"].shape[1]
        soft = set(np.unique(y)) != {0.0, 1.0}
        labels = case["y"].argmax(axis=1) if cv.labels == "integers" and not soft else y
        loss = c[cv.name("CrossEntropyLoss")]()
        with part(q, "forward"):
            first = _value(loss, x, labels)
            true("the loss not to be negative", first >= 0)
            logits = cv.loss == "logits"
            equal = np.zeros_like(x) if logits else np.full(x.shape, 1 / columns)
            like("the loss where all classes are equal", _value(loss, equal, labels),
                 np.log(columns))  # fmt: skip
            if logits:
                more = _value(loss, x + 3, labels)
                like("the loss to stay when all logits grow by 3", more, first)
        with part(q, "backward"):
            self._loss_gradient(loss, x, labels)

    cross_entropy_more = cross_entropy

    def _loss_gradient(self, loss: Any, x: Any, y: Any) -> None:
        cv = self.cv
        loss.forward(x.copy(), y.copy())
        found = loss.backward(x.copy(), y) if cv.loss_backward == "inputs" else loss.backward()
        scale = self.rows(x) if cv.mean == "layer" and type(loss).__name__ != cv.name("MSELoss") \
            else 1.0  # fmt: skip
        of_what = "the mean loss" if scale == 1.0 else "each sample's own loss"
        wanted = numeric(lambda v: _value(loss, v, y), x, scale)
        differences(f"the gradient of {of_what}", found, wanted)

    def batchnorm(self, c: Classes, case: Case, q: Sheet, more: bool = False) -> None:
        """The gradients of gamma and beta are asked with what a course leaves out."""
        cv = self.cv
        gamma, beta, delta, x = map(cv.batch, copies(case, "gamma", "beta", "delta", "x0"))
        axis = 1 if cv.samples == "columns" else 0
        columns = case["gamma"].shape[1]

        def made() -> Any:
            layer = c[cv.name("BatchNorm1d")](columns)
            cv.put(layer, "gamma", gamma.copy())
            cv.put(layer, "beta", beta.copy())
            return layer

        def at(name: str, value: Any, data: Any = x) -> Any:
            layer = made()
            cv.put(layer, name, np.copy(value))
            return layer.forward(data.copy())

        def stored(layer: Any, name: str) -> Any:
            return np.copy(cv.get(layer, name))

        layer = made()
        with part(q, "forward"):
            out = array("the output", layer.forward(x.copy()), x.shape)
            norm, zeros = (out - beta) / gamma, np.zeros_like(gamma)
            like("the mean of the normalised features", norm.mean(axis, keepdims=True), zeros)
            squares = (norm**2).mean(axis, keepdims=True)
            like("the mean square of the normalised features", squares, zeros + 1, 1e-3)
            like("the output to stay when 2 is added to the input", at("beta", beta, x + 2), out)
        with part(q, "backward"):
            layer.forward(x.copy())
            dx = layer.backward(delta.copy())
            wanted = numeric(lambda z: at("beta", beta, z), x, delta)
            differences("the gradient for the input", dx, wanted)
            for name, value in (("gamma", gamma), ("beta", beta)) if more else ():
                found, called = stored(layer, f"d{name}"), cv.name(f"d{name}")
                wanted = numeric(lambda v: at(name, v), value, delta)  # noqa: B023
                differences(f"{called}, summed,", found, wanted)
        names = "running_mean", "running_var"
        with part(q, "eval"):
            layer.forward(x.copy())
            before = [stored(layer, name) for name in names]
            out = array("the output", layer.forward(x.copy(), eval=True), x.shape)
            self.alone("the output", lambda row: layer.forward(row, eval=True), x, out)
            for name, value in zip(names, before, strict=True):
                like(f"{cv.name(name)} to stay", stored(layer, name), value, 0.0)
        with part(q, "running"):
            for _ in range(MANY):
                layer.forward(x.copy())
            wanted = [x.mean(axis, keepdims=True), x.var(axis, keepdims=True)]
            for name, value in zip(names, wanted, strict=True):
                like(f"{cv.name(name)} after {MANY} equal batches", stored(layer, name), value)

    batchnorm_more = partialmethod(batchnorm, more=True)


def _value(loss: Any, x: Any, y: Any) -> Any:
    """One number."""
    return array("the loss", np.asarray(loss.forward(x.copy(), y.copy())), ())


def _shape_of(
    name: str, forward: Callable[[Any], Any], z: Any, out: Any, cv: Conventions, slope: float = 0.0
) -> Iterator[tuple[str, Any, Any]]:
    """What holds for the outputs of an activation: what, what was given, what is right."""
    one, large = np.ones_like(z), np.full(z.shape, 30.0)
    both = "the outputs at z and at -z to add up to {}"
    if name == "Identity":
        yield "the output", out, z
    if name == "Sigmoid":
        yield "the output at 0", forward(0 * z), one / 2
        yield both.format(1), out + forward(-z), one
        yield "the logarithm of A / (1 - A)", np.log(out / (1 - out)), z
    if name == "Tanh":
        yield both.format(0), out + forward(-z), 0 * z
        yield "half the logarithm of (1 + A) / (1 - A)", np.log((1 + out) / (1 - out)) / 2, z
    if name in ("ReLU", "LeakyReLU", "GELU"):
        yield "the output at z less the output at -z", out - forward(-z), (1 + slope) * z \
            if name != "GELU" else z  # fmt: skip
        yield "the output for large numbers", forward(large), large
        yield "the output for large negative numbers", forward(-large), -slope * large
    if name == "Softmax":
        axis = 0 if cv.samples == "columns" else 1
        yield "the sum of the outputs of a sample", out.sum(axis), np.ones(out.sum(axis).shape)
        yield "the output to stay when all inputs grow by 3", forward(z + 3), out
        largest, best = z.max(axis, keepdims=True), out.max(axis, keepdims=True)
        near = z - largest > -30
        share = np.log(np.where(near, out / best, 1.0))
        yield "the logarithm of an output over the largest", share, np.where(near, z - largest, 0.0)
