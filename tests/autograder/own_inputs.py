"""Outputs that are right for what the submission itself computed before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.autograder.cases import Case
from tests.autograder.comparing import Given, Key
from tests.autograder.model import moved, slope
from tests.autograder.model_batchnorm import BatchNorm


def right_for_own_inputs(
    probe: str, cases: Mapping[str, Case], given: Mapping[Key, Given]
) -> set[Key]:
    """Outputs that are right for the submission's own values before them, wrong as those may be.

    A step is right if it moves the weights against the submission's own gradients, a derivative
    if it is that of the submission's own output. Gradients and outputs that are all zero are
    nothing to be right for: a method that does nothing would be.
    """
    right = set()
    for case, inputs in cases.items():
        found = {name: g.value for (c, name), g in given.items() if c == case}
        expected: dict[str, Any] = {}
        if probe in ("classifier", "hidden"):
            expected = _own_steps(inputs, found)
        elif probe == "momentum":
            expected = _own_momentum(inputs, found)
        elif probe == "batchnorm":
            expected = _own_evaluation(inputs, found)
        elif probe in ("sigmoid", "tanh") and _counts(found.get("forward/state")):
            state = found["forward/state"]
            expected = {"backward/derivative": slope(probe.title(), state, state, frozenset())}
        for name, value in expected.items():
            own = found.get(name)
            like = own is not None and (own.dtype, own.shape) == (value.dtype, value.shape)
            if like and np.allclose(own, value, rtol=1e-6):
                right.add((case, name))
    return right


def _counts(value: Any) -> bool:
    return value is not None and bool(np.isfinite(value).all()) and bool(np.any(value))


def _own_steps(case: Case, found: Mapping[str, Any]) -> dict[str, Any]:
    """Both steps start from the case's weights."""
    expected = {}
    for i in range(len(case["sizes"]) - 1):
        for name in ("W", "b"):
            start, lr = case[f"{name}{i}"], float(case["lr"])
            for batch, step in (("", ""), (" of a second batch", " of a second step")):
                grad = found.get(f"backward/d{name}[{i}]{batch}")
                if _fits(grad, start):
                    _, after = moved(0 * start, start, grad, lr, 0.0, frozenset())
                    expected[f"step/{name}[{i}]{step}"] = after
    return expected


def _own_momentum(case: Case, found: Mapping[str, Any]) -> dict[str, Any]:
    """Three steps with the gradients that the submission had at each."""
    expected = {}
    names = [f"{name}[{i}]" for i in range(len(case["sizes"]) - 1) for name in ("W", "b")]
    plain = [f"{n}[{i}]" for i in range(int(case["batchnorm"])) for n in ("gamma", "beta")]
    for name in (*names, *plain):
        start = case.get(name.replace("[", "").replace("]", ""))
        value = start if start is not None else found.get(f"seen/{name} at first")
        if value is None:
            continue
        v, lr = 0 * value, float(case["lr"])
        momentum = 0.0 if name in plain else float(case["momentum"])
        for step in ("step 1", "step 2", "step 3"):
            grad = found.get(f"seen/d{name} of {step}")
            if not _fits(grad, value):
                break
            v, value = moved(v, value, grad, lr, momentum, frozenset())
            expected[f"step/{name} of {step}"] = value
    return expected


def _own_evaluation(case: Case, found: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluation with the running statistics that the submission had."""
    mean = found.get("running/mean of a second batch")
    var = found.get("running/var of a second batch")
    if mean is None or var is None or not np.all(var >= 0):
        return {}
    if not _fits(mean, case["gamma"]) or not _fits(var, case["gamma"]):
        return {}
    layer = BatchNorm(case["gamma"], case["beta"], frozenset())
    layer.running_mean, layer.running_var = mean, var
    return {
        "eval/out": layer.evaluate(case["x_eval"]),
        "eval/running mean after it": mean,
        "eval/running var after it": var,
    }


def _fits(value: Any, like: Any) -> bool:
    return _counts(value) and np.shape(value) in (like.shape, like.shape[1:], ())
