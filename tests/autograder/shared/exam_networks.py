"""What is asked of networks and optimizers, by a course's conventions."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.autograder.sheet import Plain, Sheet, copies

if TYPE_CHECKING:
    from tests.autograder.shared.exam import Exam

Classes = Any
Case = dict[str, Any]


def linear_layers(exam: Exam, c: Classes, network: Any) -> list[Any]:
    """The linear layers of a network in order, wherever they are."""
    cv = exam.cv
    if cv.layers != "any":
        first = cv.name("W").partition(".")[0]
        return [layer for layer in cv.get(network, "layers") if hasattr(layer, first)]
    found: list[Any] = []
    seen: set[int] = set()
    waiting = [*vars(network).values()]
    while waiting:
        thing = waiting.pop(0)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if _has_weights(exam, thing):
            found.append(thing)
        elif isinstance(thing, dict):
            waiting[:0] = thing.values()
        elif isinstance(thing, list | tuple):
            waiting[:0] = thing
        elif hasattr(thing, "__dict__") and not isinstance(thing, type | ModuleType):
            waiting[:0] = vars(thing).values()
    return found


def _has_weights(exam: Exam, thing: Any) -> bool:
    try:
        return isinstance(exam.cv.get(thing, "W"), np.ndarray)
    except (AttributeError, LookupError, TypeError):
        return False


def _prepared(exam: Exam, c: Classes, network: Any, case: Case) -> list[Any]:
    """The network's linear layers, with the case's weights."""
    layers, sizes = linear_layers(exam, c, network), case["sizes"]
    if len(layers) != len(sizes) - 1:
        raise AssertionError(f"expected {len(sizes) - 1} linear layers, found {len(layers)}")
    for i, layer in enumerate(layers):
        exam.put_parameters(layer, case[f"W{i}"].copy(), case[f"b{i}"].copy())
    return layers


def _network(name: str, first_only: bool = False) -> Any:
    """A network of prescribed sizes, with all that it keeps."""

    def exercise(exam: Exam, c: Classes, case: Case, q: Sheet) -> None:
        cv = exam.cv
        network = c[cv.name(name)](debug=True)
        x, delta = map(cv.batch, copies(case, "x", "delta"))
        layers: list[Any] = []
        with q.part("forward"):
            for i, layer in enumerate(linear_layers(exam, c, network)):
                q.give(f"shape of W{i}", np.array(np.shape(cv.get(layer, "W"))))
            layers += _prepared(exam, c, network, case)
            q.give("out", _number(network.forward(x)))
        kept = cv.kept.get(name, {})
        with q.part("forward"):
            for path in (path for path, what in kept.items() if what[0] in "ZA"):
                q.give(path, exam.kept(network, path))
        with q.part("backward"):
            network.backward(delta)
            for i, layer in enumerate(layers[: 1 if first_only else None]):
                exam.give_gradients(layer, q, str(i))
        with q.part("backward"):
            for path in (path for path, what in kept.items() if what[0] == "d"):
                q.give(path, exam.kept(network, path))

    return exercise


def networks_more(exam: Exam, c: Classes, case: Case, q: Sheet) -> None:
    """MLP1 without debug, and the gradients of all of its layers."""
    cv = exam.cv
    network = c[cv.name("MLP1")]()
    x, delta = map(cv.batch, copies(case, "x", "delta"))
    layers: list[Any] = []
    with q.part("forward"):
        layers += _prepared(exam, c, network, case)
        q.give("out", _number(network.forward(x)))
    with q.part("backward"):
        network.backward(delta)
        for i, layer in enumerate(layers):
            exam.give_gradients(layer, q, str(i))


def mlp(exam: Exam, c: Classes, case: Case, q: Sheet) -> None:
    """A network of any sizes, from inputs to the gradients of the mean cross-entropy."""
    cv = exam.cv
    sizes = [int(n) for n in case["sizes"]]
    x, delta = copies(case, "x", "delta")
    network = c[cv.name("MLP")](sizes[0], sizes[1:-1], sizes[-1], float(case["slope"]))
    layers: list[Any] = []
    with q.part("forward"):
        layers += _prepared(exam, c, network, case)
        q.give("out", _number(network.forward(x)))
    with q.part("backward"):
        network.backward(delta)
        for i, layer in enumerate(layers):
            exam.give_gradients(layer, q, str(i), W=case[f"W{i}"])


def _step(exam: Exam, c: Classes, case: Case, q: Sheet) -> None:
    """Steps of all layers, with gradients that are set here."""
    cv = exam.cv
    layers = []
    for i in range(len(case["sizes"]) - 1):
        W = case[f"W{i}"]
        kind = c.get(cv.name("Linear"))
        layer = Plain() if kind is None else kind(*W.shape[::-1])
        cv.put(layer, "W", cv.weights(W).copy())
        cv.put(layer, "b", cv.biases(case[f"b{i}"]).copy())
        layers.append(layer)
    model = Plain()
    cv.put(model, "layers", layers)
    with q.part("step"):
        optimizer = c[cv.name("SGD")](model, lr=float(case["lr"]), momentum=float(case["momentum"]))
        for step in range(3):
            for i, layer in enumerate(layers):
                cv.put(layer, "dW", cv.weights(case[f"dW{i}.{step}"]).copy())
                cv.put(layer, "db", cv.biases(case[f"db{i}.{step}"]).copy())
            optimizer.step()
            for i, layer in enumerate(layers):
                q.give(f"W{i} after step {step + 1}", _number(cv.get(layer, "W")))
                q.give(f"b{i} after step {step + 1}", _number(cv.get(layer, "b")))


def _number(value: Any) -> Any:
    from tests.autograder.shared.exam import number

    return number(value)


EXERCISES = {
    "mlp0": _network("MLP0"),
    "mlp1": _network("MLP1", first_only=True),
    "mlp4": _network("MLP4"),
    "networks_more": networks_more,
    "mlp": mlp,
    "sgd": _step,
    "sgd_more": _step,
}
