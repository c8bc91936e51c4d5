"""The inputs of every exercise, drawn from a seed: no two of N, C, in and out are equal.

They have rows of samples, `W (out, in)` and `b (1, out)`; the exam hands them on as a course has
them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.autograder.course import Case, Cases
from tests.autograder.drawing import Drawing
from tests.autograder.shared.conventions import Conventions


def of(course: Any) -> SimpleNamespace:
    """The module of a course."""
    return SimpleNamespace(draw=partial(draw, course.conventions))


def draw(cv: Conventions, seed: int) -> Cases:
    """All cases, the same for every course but for the sizes of its networks."""
    d = _Drawing(seed)
    cases: Cases = {
        "linear": {"ordinary": d.layer(7, 5, 3), "a batch of 1": d.layer(1, 4, 6)},
        "linear_more": {"ordinary": d.layer(6, 4, 3), "more out than in": d.layer(5, 3, 7)},
        "mse": {"ordinary": d.loss(6, 4, False), "two columns": d.loss(5, 2, False)},
        "batchnorm": {"ordinary": d.norm(7, 4), "a small batch": d.norm(3, 5)},
        "batchnorm_more": {"ordinary": d.norm(6, 4), "small variance": d.norm(5, 3, 1e-3)},
        "sgd": {"momentum": d.step(0.7, (5, 3)), "large momentum": d.step(0.9, (4, 6))},
        "sgd_more": {
            "two layers, no momentum": d.step(0.0, (5, 3, 4)),
            "two layers, momentum": d.step(0.6, (5, 3, 4)),
        },
        "mlp": {
            "no hidden layer": d.classifier(6, (5, 3)),
            "one hidden layer": d.classifier(7, (5, 6, 4)),
            "two hidden layers": d.classifier(5, (6, 7, 5, 3), 1.3),
        },
    }
    for name in ("identity", "sigmoid", "tanh", "gelu", "softmax"):
        cases[name] = {"ordinary": d.activation(5, 4), "one row": d.activation(1, 6)}
        for case in cases[name].values():
            case["delta"] = d.normal(*case["z"].shape)
    cases["relu"] = {"ordinary": d.activation(5, 4), "zeros": d.activation(4, 3, zeros=True)}
    cases["leaky"] = {"slope 0": _with(d.activation(5, 4), slope=0.0)}
    cases["leaky_more"] = {
        "slope 0.02": _with(d.activation(5, 4), slope=0.02),
        "slope 1.7": _with(d.activation(4, 3), slope=1.7),
    }
    cases["softmax_more"] = {
        "large": _moved(d.activation(5, 4), 900.0),
        "rows of very different size": _spread(d.activation(4, 3)),
    }
    for name in ("relu", "leaky", "leaky_more", "softmax_more"):
        for case in cases[name].values():
            case["delta"] = d.normal(*case["z"].shape)
    cases["cross_entropy"] = {"ordinary": d.loss(6, 4, True), "two classes": d.loss(5, 2, True)}
    cases["cross_entropy_more"] = {
        "improbable labels": _improbable(d.loss(6, 3, True)),
    }
    soft = _soft(d.loss(5, 4, True), d)
    if cv.labels == "distributions":
        cases["cross_entropy_more"]["soft labels"] = soft
    if cv.loss == "probabilities":
        for named in (cases["cross_entropy"], cases["cross_entropy_more"]):
            for case in named.values():
                e = np.exp(case["x"])
                case["x"] = e / e.sum(axis=1, keepdims=True)
    for name, sizes in cv.networks.items():
        cases[name.lower()] = {
            "ordinary": d.network(6, sizes),
            "other numbers": d.network(3, sizes),
        }
    # an elementwise class takes any shape; 2024's own test of GELU has a vector
    cases["gelu"]["a vector"] = {name: d.normal(5, scale=2.0) for name in ("z", "delta")}
    if "MLP1" in cv.networks:
        cases["networks_more"] = {"MLP1": d.network(5, cv.networks["MLP1"])}
    cases |= {
        "adam": {"small eps": d.adam(1e-8), "large eps": d.adam(0.04)},
        "adamw": {"decay": d.adam(1e-8, 0.03), "large decay": d.adam(0.04, 0.4)},
        "dropout": {"a third": d.dropped(0.3), "most": d.dropped(0.8)},
    }
    cases["dropout_more"] = {"a third": cases["dropout"]["a third"]}
    return cases


def _with(case: Case, slope: float) -> Case:
    return {**case, "slope": np.array(slope)}


def _moved(case: Case, by: float) -> Case:
    case["z"] += by
    return case


def _spread(case: Case) -> Case:
    case["z"] += 1500.0 * np.arange(len(case["z"]))[:, None]
    return case


def _improbable(case: Case) -> Case:
    """Labels with a probability near 1e-4, which a number added in the logarithm changes."""
    return {**case, "x": case["x"] / 5 - 9.0 * case["y"]}


def _soft(case: Case, d: Drawing) -> Case:
    y = d.rng.uniform(0.2, 1.0, case["y"].shape)
    return {**case, "y": y / y.sum(axis=1, keepdims=True)}


class _Drawing(Drawing):
    def layer(self, rows: int, inputs: int, outputs: int) -> Case:
        case = self.linear(rows, inputs, outputs)
        return {**case, "W": np.ascontiguousarray(case["W"].T)}

    def loss(self, rows: int, columns: int, labels: bool) -> Case:
        y: Callable[..., Any] = self.labels if labels else self.normal
        return {"x": self.normal(rows, columns, scale=1.5), "y": y(rows, columns)}

    def norm(self, rows: int, columns: int, scale: float = 1.0) -> Case:
        case = self.batchnorm(rows, columns)
        return {k: v * scale if k.startswith("x") else v for k, v in case.items()}

    def _weights(self, sizes: tuple[int, ...]) -> Case:
        case: Case = {"sizes": np.array(sizes)}
        for i, (a, b) in enumerate(pairwise(sizes)):
            case[f"W{i}"] = self.normal(b, a, scale=0.8)
            case[f"b{i}"] = self.normal(1, b, scale=0.5)
        return case

    def step(self, momentum: float, sizes: tuple[int, ...]) -> Case:
        case = self._weights(sizes)
        for step in range(3):
            for i, (a, b) in enumerate(pairwise(sizes)):
                case[f"dW{i}.{step}"], case[f"db{i}.{step}"] = self.normal(b, a), self.normal(1, b)
        return {**case, "lr": np.array(0.3), "momentum": np.array(momentum), "W": case["W0"]}

    def adam(self, eps: float, decay: float | None = None) -> Case:
        case = self.step(0.0, (5, 3, 4))
        for i, (a, b) in enumerate(((5, 3), (3, 4))):
            case[f"dW{i}.3"], case[f"db{i}.3"] = self.normal(b, a), self.normal(1, b)
        del case["momentum"]
        case |= {"beta1": np.array(0.8), "beta2": np.array(0.97), "eps": np.array(eps)}
        return case if decay is None else {**case, "weight_decay": np.array(decay)}

    def dropped(self, p: float) -> Case:
        x, delta = self.rng.uniform(0.5, 2, (80, 60)), self.rng.uniform(0.5, 2, (80, 60))
        return {"x": x, "delta": delta, "p": np.array(p)}

    def network(self, rows: int, sizes: tuple[int, ...]) -> Case:
        """Weights with which half of the numbers before the last activation are negative."""
        case = self._weights(sizes)
        last = len(sizes) - 2
        x = self.normal(rows, sizes[0]) + 0.3
        a = x
        for i in range(last + 1):
            z = a @ case[f"W{i}"].T
            case[f"b{i}"] = 0.3 - np.median(z, axis=0)[None] * (1 if i == last else 0.7)
            if i == last:
                case[f"b{i}"] = -np.median(z, axis=0)[None] + 0.01
            a = np.maximum(z + case[f"b{i}"], 0)
        return {**case, "x": x, "delta": self.normal(rows, sizes[-1])}

    def classifier(self, rows: int, sizes: tuple[int, ...], slope: float = 0.02) -> Case:
        """`delta` is the gradient of the mean cross-entropy for the network's right output."""
        x, y = self.normal(rows, sizes[0]), self.labels(rows, sizes[-1])
        case = self._weights(sizes)
        z = x
        for i in range(len(sizes) - 1):
            a = np.where(z > 0, z, slope * z) if i else x
            z = a @ case[f"W{i}"].T + case[f"b{i}"]
        e = np.exp(z)
        delta = -y * e.sum(axis=1, keepdims=True) / e / rows
        return {**case, "x": x, "y": y, "slope": np.array(slope), "delta": delta}
