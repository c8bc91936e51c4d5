"""The formulas of the homework, with switches for mistakes.

Without mistakes these are the right formulas, whose results the tests compare with another
engine's. A mistake is a name of `mistakes.py`; where it is in `m`, the formula is the wrong one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.autograder.course import Mistakes


class Crash(Exception):
    """A submission with this mistake raises an exception here."""


def parameter_gradients(x: Any, delta: Any, m: Mistakes) -> tuple[Any, Any]:
    """`dW` and `db` of one layer."""
    rows = len(x)
    dW = x.T @ delta
    db = delta.sum(axis=0, keepdims=True)
    if not m & {"average missing", "dW not averaged"}:
        dW = dW / rows
    if "average missing" not in m:
        db = db / rows
    if "average applied twice" in m:
        dW, db = dW / rows, db / rows
    if "db summed" in m:
        db = delta.sum(axis=0, keepdims=True)
    if "db not reduced" in m:
        db = delta / rows
    if "db is one number" in m:
        db = np.asarray(db.mean())
    if "db is (n,)" in m:
        db = db[0]
    if "sign of the gradients" in m:
        dW, db = -dW, -db
    if "dW transposed" in m:
        dW = dW.T
    return dW, db


def input_gradient(delta: Any, W: Any, m: Mistakes) -> Any:
    if "W not transposed in dx" in m:
        if W.shape[0] != W.shape[1]:
            raise Crash
        return delta @ W
    dx = delta @ W.T
    if "dx averaged" in m:
        dx = dx / len(delta)
    if "sign of dx" in m:
        dx = -dx
    return dx


def affine(x: Any, W: Any, b: Any, m: Mistakes) -> Any:
    if "W transposed in forward" in m:
        if W.shape[0] != W.shape[1]:
            raise Crash
        W = W.T
    out = x @ W
    return out if "bias forgotten" in m else out + b


def squashed(name: str, z: Any, m: Mistakes) -> Any:
    if name == "Sigmoid":
        return 1 / (1 + np.exp(z if "exponent with the wrong sign" in m else -z))
    if name == "Tanh":
        return np.tanh(z)
    return np.maximum(z, 0.0) if name == "ReLU" else z


def slope(name: str, state: Any, z: Any, m: Mistakes) -> Any:
    """The derivative of an activation from its output `state`."""
    other = {"Sigmoid": "Tanh", "Tanh": "Sigmoid", "ReLU": "Sigmoid"}
    if "derivative of another activation" in m and name in other:
        name = other[name]
    if "derivative is the output" in m:
        return state
    if "derivative left out" in m:
        return np.ones_like(z)
    if "derivative of the output again" in m:
        state = squashed(name, state, m)
    if name == "Sigmoid":
        d = state * (1 - state)
    elif name == "Tanh":
        d = 1 - state if "tanh not squared" in m else 1 - state**2
    elif name == "ReLU":
        d = (state > 0) * 1.0
        if "ReLU'(0) = 1" in m:
            d = (z >= 0) * 1.0
    else:
        return np.ones_like(z)
    return d * d if "derivative applied twice" in m else d
