"""What holds for right networks and optimizers by a course's conventions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.autograder.properties import array, like, part, true
from tests.autograder.shared.exam_networks import linear_layers
from tests.autograder.sheet import Plain, Sheet, copies

if TYPE_CHECKING:
    from tests.autograder.shared.exam_properties import Properties

Classes = Any
Case = dict[str, Any]


def sgd(p: Properties, c: Classes, case: Case, q: Sheet) -> None:
    """By finding how far steps with equal gradients go."""
    momentum, lr = float(case["momentum"]), float(case["lr"])
    with part(q, "step"):
        once, again = _steps(p, c, case, lr, momentum)
        for i, name in [(i, name) for i in range(len(once)) for name in ("W", "b")]:
            gradient = case[f"d{name}{i}.0"]
            turned = p.cv.weights(gradient) if name == "W" else p.cv.biases(gradient)
            called = f"{p.cv.name(name)} of layer {i}"
            true(f"a step to move {called} against the gradient", once[i][name] * turned <= 0)
            like(f"a second step of {called}, with equal gradients,", again[i][name],
                 (1 + momentum) * once[i][name])  # fmt: skip
        twice, _ = _steps(p, c, case, 2 * lr, momentum)
        like("a step with twice the learning rate", twice[0]["W"], 2 * once[0]["W"])
        still, _ = _steps(p, c, case, lr, momentum, 0.0)
        like("a step with gradients of 0", still[0]["W"], 0 * once[0]["W"], 0.0)


def _steps(
    p: Properties, c: Classes, case: Case, lr: float, momentum: float, scale: float = 1.0
) -> list[Any]:
    """How far two steps with the same gradients move every layer's parameters."""
    cv = p.cv
    layers = []
    for i in range(len(case["sizes"]) - 1):
        kind = c.get(cv.name("Linear"))
        layer = kind(*case[f"W{i}"].shape[::-1]) if kind else Plain()
        cv.put(layer, "W", cv.weights(case[f"W{i}"]).copy())
        cv.put(layer, "b", cv.biases(case[f"b{i}"]).copy())
        layers.append(layer)
    model = Plain()
    cv.put(model, "layers", layers)
    optimizer = c[cv.name("SGD")](model, lr=lr, momentum=momentum)
    found = []
    for _ in range(2):
        before = [{n: np.copy(cv.get(layer, n)) for n in ("W", "b")} for layer in layers]
        for i, layer in enumerate(layers):
            cv.put(layer, "dW", scale * cv.weights(case[f"dW{i}.0"]))
            cv.put(layer, "db", scale * cv.biases(case[f"db{i}.0"]))
        optimizer.step()
        found.append([
            {n: array(f"{n} after a step", cv.get(layer, n)) - old[n] for n in ("W", "b")}
            for layer, old in zip(layers, before, strict=True)
        ])  # fmt: skip
    return found


def _fixed(p: Properties, c: Classes, case: Case, q: Sheet, name: str) -> None:
    x, delta = map(p.cv.batch, copies(case, "x", "delta"))

    def network() -> Any:
        return c[p.cv.name(name)]()

    with part(q, "forward"):
        out = _forward(p, c, network(), case, x, delta.shape)
        true("no output to be negative", out >= 0)
        p.alone("the output", lambda v: _forward(p, c, network(), case, v), x, out)
    with part(q, "backward"):
        _network_gradients(p, c, network, case, x, delta)


def mlp(p: Properties, c: Classes, case: Case, q: Sheet) -> None:
    sizes = [int(n) for n in case["sizes"]]
    x, delta = copies(case, "x", "delta")

    def network() -> Any:
        return c[p.cv.name("MLP")](sizes[0], sizes[1:-1], sizes[-1], float(case["slope"]))

    with part(q, "forward"):
        out = _forward(p, c, network(), case, x, delta.shape)
        like("the sum of the probabilities of a row", out.sum(axis=1), np.ones(len(x)))
        p.alone("the output", lambda v: _forward(p, c, network(), case, v), x, out)
    with part(q, "backward"):
        _network_gradients(p, c, network, case, x, delta)


def _forward(p: Properties, c: Classes, network: Any, case: Case, x: Any, *shape: Any) -> Any:
    for i, layer in enumerate(linear_layers(p.exam, c, network)):
        p.exam.put_parameters(layer, case[f"W{i}"].copy(), case[f"b{i}"].copy())
    return array("the output", network.forward(x.copy()), *shape)


def _network_gradients(
    p: Properties, c: Classes, make: Callable[[], Any], case: Case, x: Any, delta: Any
) -> None:
    network = make()
    _forward(p, c, network, case, x)
    network.backward(delta.copy())
    for i, layer in enumerate(linear_layers(p.exam, c, network)):
        start = [np.copy(p.cv.get(layer, name)) for name in ("W", "b")]
        found = [np.copy(p.cv.get(layer, name)) for name in ("dW", "db")]

        def at(name: str, i: int = i) -> Callable[[Any], Any]:
            other = make()
            _forward(p, c, other, case, x)
            layer = linear_layers(p.exam, c, other)[i]

            def run(value: Any) -> Any:
                p.cv.put(layer, name, value)
                return other.forward(x.copy())

            return run

        p.parameters(layer, at, start, found, delta)


EXERCISES: dict[str, Callable[..., None]] = {
    "sgd": sgd,
    "sgd_more": sgd,
    **{name.lower(): partial(_fixed, name=name) for name in ("MLP0", "MLP1", "MLP4")},
    "networks_more": partial(_fixed, name="MLP1"),
    "mlp": mlp,
}
