"""Linear layers, activations and losses of a course, right or with mistakes."""

from __future__ import annotations

from collections.abc import Set
from math import erf, pi
from typing import Any

import numpy as np

from tests.autograder.shared.conventions import Conventions, put

Mistakes = Set[str]
_erf = np.vectorize(erf, otypes=[float])


def linear(cv: Conventions, m: Mistakes) -> Any:
    class Linear:
        def __init__(self, inputs: int, outputs: int, debug: bool = False) -> None:
            self.shape = outputs, inputs
            std = 0.0 if cv.initial in ("zeros", "any") else float(cv.initial)
            if "weights of another size at the beginning" in m:
                std = 10 * std or 0.1
            W = np.random.default_rng(0).normal(0, 1, (outputs, inputs)) * std
            b = np.ones((1, outputs)) if "bias not zero at the beginning" in m else W[:1, :0]
            cv.put(self, "W", cv.weights(W))
            cv.put(self, "b", cv.biases(b if b.size else np.zeros((1, outputs))))
            for name in ("W", "b"):
                cv.put(self, f"d{name}", np.zeros(np.shape(cv.get(self, name))))

        def forward(self, x: Any) -> Any:
            self.x = x = cv.batch(x)
            W, b = self._weights(), np.reshape(cv.get(self, "b"), (1, -1))
            if "bias not added" in m:
                b = 0 * b
            out = x @ W.T + b
            return cv.batch(2 * out if "output doubled" in m else out)

        def _weights(self) -> Any:
            """`W (out, in)`; where a hand-in may choose, whatever it chose."""
            W = cv.weights(cv.get(self, "W"))
            return W.T if cv.weight == "either" and W.shape != self.shape else W

        def backward(self, delta: Any) -> Any:
            delta = cv.batch(delta)
            W = self._weights()
            dW, db = delta.T @ self.x, delta.sum(axis=0, keepdims=True)
            mean = 1 / len(delta) if cv.mean == "layer" else 1.0
            dW, db = mean * dW, mean * db
            for thing, name in ((dW, "dW"), (db, "db")):
                if f"{name} averaged" in m and cv.mean == "loss":
                    thing /= len(delta)
                if f"{name} not averaged" in m and cv.mean == "layer":
                    thing *= len(delta)
                if "average over the batch taken twice" in m and cv.mean == "layer":
                    thing /= len(delta)
                if "sign of the gradients" in m:
                    thing *= -1
                if "output doubled" in m:
                    thing *= 2
            dW = cv.weights(dW.T if "dW transposed" in m else dW)
            if cv.weight == "either" and cv.get(self, "W").shape != self.shape:
                dW = dW.T
            db = cv.biases(np.repeat(db.mean(keepdims=True), db.size) if "db is one number" in m
                           else db)  # fmt: skip
            if cv.bias == "any":
                db = db.reshape(np.shape(cv.get(self, "b")))
            if "db not reduced" in m:
                db = cv.batch(delta)
            if "gradients accumulated" in m:
                self.sums = [a + b for a, b in zip((dW, db), getattr(self, "sums", (0, 0)),
                                                   strict=True)]  # fmt: skip
                dW, db = self.sums
            cv.put(self, "dW", dW)
            cv.put(self, "db", None if "db left out" in m else db)
            dx = delta @ W
            if "dx averaged" in m:
                dx = dx / len(delta)
            if "sign of dx" in m:
                dx = -dx
            if "output doubled" in m:
                dx = 2 * dx
            dx = cv.batch(dx)
            numbers = {"dZdA": cv.get(self, "W").T, "dZdW": cv.batch(self.x),
                       "dZdb": np.ones((len(delta), 1)), "dLdA": dx}  # fmt: skip
            for path, what in cv.kept.get("Linear", {}).items():
                put(self, path, numbers[what])
            return dx

    return Linear


def activation(cv: Conventions, m: Mistakes, name: str) -> Any:
    class Activation:
        def __init__(self, slope: float = 0.0) -> None:
            self.slope = slope

        def forward(self, z: Any) -> Any:
            self.z = cv.batch(z)
            self.out = ACTIVATIONS[name][0](self.z, m, self.slope)
            return cv.batch(self.out)

        def derivative(self) -> Any:
            z, out = self.z, self.out
            if "derivative of the output again" in m:
                z, out = out, ACTIVATIONS[name][0](out, m, self.slope)
            return ACTIVATIONS[name][1](z, out, m, self.slope)

        def backward(self, delta: Any) -> Any:
            delta = cv.batch(delta)
            if name == "Softmax":
                return cv.batch(_softmax_back(self.out, delta, m))
            d = self.derivative()
            if "derivative left out" in m:
                d = np.ones_like(d)
            if "derivative is the output" in m:
                d = self.out
            if "derivative applied twice" in m:
                d = d * d
            if "incoming gradient ignored" in m:
                delta = np.ones_like(d)
            if "input in the place of the incoming gradient" in m:
                delta = self.z
            return cv.batch(delta * d)

    class Derivative(Activation):
        def backward(self) -> Any:  # type: ignore[override]
            if name == "Softmax":
                raise TypeError
            return super().backward(np.ones_like(cv.batch(self.z)))

    return Activation if cv.activation == "gradient" else Derivative


def _sigmoid(z: Any, m: Mistakes, slope: float) -> Any:
    return 1 / (1 + np.exp(z if "exponent with the wrong sign" in m else -z))


def _tanh_derivative(z: Any, a: Any, m: Mistakes, slope: float) -> Any:
    return 1 - a if "tanh not squared" in m else 1 - a * a


def _relu_derivative(z: Any, a: Any, m: Mistakes, slope: float) -> Any:
    return (z >= 0 if "ReLU'(0) = 1" in m else z > 0).astype(float)


def _gelu(z: Any, m: Mistakes, slope: float) -> Any:
    if "GELU by the sigmoid" in m:
        return z / (1 + np.exp(-1.702 * z))
    if "GELU by tanh in forward" in m or "GELU by tanh" in m:
        return z / 2 * (1 + np.tanh(np.sqrt(2 / pi) * (z + 0.044715 * z**3)))
    return z / 2 * (1 + _erf(z / np.sqrt(2)))


def _gelu_derivative(z: Any, a: Any, m: Mistakes, slope: float) -> Any:
    if "GELU by the sigmoid" in m:
        s = 1 / (1 + np.exp(-1.702 * z))
        return s + 1.702 * z * s * (1 - s)
    if "GELU by tanh" in m:
        t = np.tanh(np.sqrt(2 / pi) * (z + 0.044715 * z**3))
        inner = np.sqrt(2 / pi) * (1 + 3 * 0.044715 * z**2)
        return (1 + t) / 2 + z / 2 * (1 - t * t) * inner
    density = z / np.sqrt(2 * pi) * np.exp(-z * z / 2)
    share = (1 + _erf(z / np.sqrt(2))) / 2
    return share if "GELU's second term left out" in m else share + density


def _softmax(z: Any, m: Mistakes, slope: float) -> Any:
    axis = 0 if "softmax over the wrong axis" in m else 1
    if "temperature of 2" in m:
        z = z / 2
    if "softmax without the maximum" not in m:
        every = "maximum of the whole array" in m
        z = z - (z.max() if every else z.max(axis=axis, keepdims=True))
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


def _softmax_back(a: Any, delta: Any, m: Mistakes) -> Any:
    if "only the diagonal of the Jacobian" in m:
        return delta * a * (1 - a)
    dz = a * (delta - (delta * a).sum(axis=1, keepdims=True))
    return dz / 2 if "temperature of 2" in m else dz


def _leaky(z: Any, m: Mistakes, slope: float) -> Any:
    return np.where(z > 0, z, _slope(m, slope) * z)


def _leaky_derivative(z: Any, a: Any, m: Mistakes, slope: float) -> Any:
    below = 0.0 if "slope left out in backward" in m else _slope(m, slope)
    return np.where(z > 0, 1.0, below)


def _slope(m: Mistakes, slope: float) -> float:
    if "slope ignored" in m:
        return 0.0
    return -slope if "slope of the wrong sign" in m else slope


ACTIVATIONS: dict[str, Any] = {
    "Identity": (lambda z, m, s: z.copy(), lambda z, a, m, s: np.ones_like(z)),
    "Sigmoid": (_sigmoid, lambda z, a, m, s: a - a * a),
    "Tanh": (lambda z, m, s: np.tanh(z), _tanh_derivative),
    "ReLU": (lambda z, m, s: np.maximum(z, 0), _relu_derivative),
    "GELU": (_gelu, _gelu_derivative),
    "Softmax": (_softmax, None),
    "LeakyReLU": (_leaky, _leaky_derivative),
}


def _sized(value: float, gradient: Any, m: Mistakes) -> tuple[float, Any]:
    """Mistakes of any loss."""
    if "loss with the wrong sign" in m:
        value, gradient = -value, -gradient
    if "gradient of the loss with the wrong sign" in m:
        gradient = -gradient
    return value, gradient


def mse(cv: Conventions, m: Mistakes) -> Any:
    class MSELoss:
        def forward(self, x: Any, y: Any) -> Any:
            d = cv.batch(x) - cv.batch(y)
            N, C = d.shape
            value, gradient = cv.mse * (d * d).sum() / (2 * N * C), cv.mse * d / (N * C)
            if "squared error not divided by C" in m:
                value, gradient = value * C, gradient * C
            if "squared error not divided by N" in m:
                value, gradient = value * N, gradient * N
            if "gradient of the squared error not divided by C" in m:
                gradient = gradient * C
            if "gradient of the squared error not divided by N" in m:
                gradient = gradient * N
            if "gradient of the squared error divided by 2 N" in m:
                gradient = d / (2 * N)
            if "gradient of the squared error with another factor" in m:
                gradient = (3 - cv.mse) * d / (N * C)
            if "squared error with another factor" in m:
                value = (3 - cv.mse) * (d * d).sum() / (2 * N * C)
            if "squared error divided by 2 N" in m:
                value = (d * d).sum() / (2 * N)
            if "squared error divided by N C squared" in m:
                value = (d * d).sum() / (N * C * C)
            value, self.gradient = _sized(value, gradient, m)
            return np.float64(value)

        def backward(self) -> Any:
            return cv.batch(self.gradient)

    return MSELoss


def cross_entropy(cv: Conventions, m: Mistakes) -> Any:
    class CrossEntropyLoss:
        def forward(self, x: Any, y: Any) -> Any:
            return np.float64(self._both(x, y)[0])

        def backward(self, *inputs: Any) -> Any:
            return cv.batch(self._both(*inputs)[1] if inputs else self.gradient)

        def _both(self, x: Any, y: Any) -> Any:
            x, y = cv.batch(x), np.asarray(y)
            y = np.eye(x.shape[1])[y] if cv.labels == "integers" and y.ndim == 1 else cv.batch(y)
            if "labels by argmax" in m:
                y = np.eye(x.shape[1])[y.argmax(axis=1)]
            N, C = x.shape
            p = _softmax(x, m, 0) if cv.loss == "logits" else x
            log = np.log(p + 1e-6) if "eps in the logarithm" in m else np.log(p)
            value = -(y * (p if "logarithm left out" in m else log)).sum() / N
            gradient = (p - y) / N if cv.loss == "logits" else -y / p / N
            gradient = gradient * (N if cv.mean == "layer" else 1)
            if "loss summed" in m:
                value, gradient = N * value, gradient * (N if cv.mean == "loss" else 1)
            if "loss divided by N C" in m:
                value, gradient = value / C, gradient / C
            if "logarithm to base 2" in m:
                value, gradient = value / np.log(2), gradient / np.log(2)
            if "value of the loss summed" in m and cv.mean == "loss":
                value = N * value
            if "labels left out of the gradient" in m:
                gradient = gradient + y * (1 if cv.mean == "layer" else 1 / N)
            value, self.gradient = _sized(value, gradient, m)
            return value, self.gradient

    return CrossEntropyLoss
