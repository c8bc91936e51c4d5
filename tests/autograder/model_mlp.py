"""The MLP of the classic homework, with switches for mistakes; see `model.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.autograder.cases import Case
from tests.autograder.model import (
    Crash,
    Mistakes,
    Outputs,
    affine,
    input_gradient,
    loss_and_derivative,
    moved,
    parameter_gradients,
    slope,
    squashed,
)
from tests.autograder.model_batchnorm import BatchNorm

NAMES = {"i": "Identity", "s": "Sigmoid", "t": "Tanh", "r": "ReLU"}


class MLP:
    """The container, with the mistakes that are made there."""

    def __init__(self, case: Case, m: Mistakes) -> None:
        self.m, self.lr, self.momentum = m, float(case["lr"]), float(case["momentum"])
        self.layers = len(case["sizes"]) - 1
        if "hiddens=[] crashes" in m and self.layers == 1:
            raise Crash
        self.case = case
        self.restart()
        self.names = [NAMES[chr(letter)] for letter in case["activations"]]
        if "activations in the wrong order" in m:
            self.names = self.names[::-1]
        if "last activation not applied" in m:
            self.names[-1] = "Identity"
        count = int(case["batchnorm"])
        one = [np.ones((1, W.shape[1])) for W in self.W[:count]]
        self.bn = [BatchNorm(gamma, 0 * gamma, m) for gamma in one]
        self.dW: list[Any] = [0.0 * W for W in self.W]
        self.db: list[Any] = [0.0 * b for b in self.b]
        self.vW, self.vb = [0.0 * W for W in self.W], [0.0 * b for b in self.b]
        self.vg = [(0.0 * g, 0.0 * g) for g in one]

    def restart(self) -> None:
        """Back to the weights of the case."""
        self.W: list[Any] = [self.case[f"W{i}"].copy() for i in range(self.layers)]
        self.b: list[Any] = [self.case[f"b{i}"].copy() for i in range(self.layers)]

    def forward(self, x: Any, train: bool = True) -> Any:
        self.x, self.z, self.state = [], [], []
        late = "batch norm after the activation" in self.m
        for i in range(self.layers):
            self.x.append(x)
            x = affine(x, self.W[i], self.b[i], self.m)
            if i < len(self.bn) and not late:
                x = self._normalize(i, x, train)
            self.z.append(x)
            x = squashed(self.names[i], x)
            self.state.append(x)
            if i < len(self.bn) and late:
                x = self._normalize(i, x, train)
        self.out = x
        return x

    def _normalize(self, i: int, x: Any, train: bool) -> Any:
        return self.bn[i].forward(x) if train else self.bn[i].evaluate(x)

    def backward(self, y: Any) -> None:
        m = self.m
        late = "batch norm after the activation" in m
        _, delta = loss_and_derivative(self.out, y, frozenset())  # the grader's own criterion
        if "delta reversed in the MLP" in m:
            delta = -delta
        for i in reversed(range(self.layers)):
            if i < len(self.bn) and late:
                delta = self.bn[i].backward(delta)
            delta = self._through_activation(i, delta)
            if i < len(self.bn) and not late:
                delta = self.bn[i].backward(delta)
            dW, db = parameter_gradients(self.x[i], delta, m)
            if "gradients accumulated" in m:
                dW, db = self.dW[i] + dW, self.db[i] + db
            self.dW[i], self.db[i] = dW, db
            W = self.W[i]
            if "weights updated before they were propagated through" in m:
                self.W[i] = W - self.lr * dW
                self.b[i] = self.b[i] - self.lr * db
                W = self.W[i]
            delta = input_gradient(delta, W, m) if i else delta

    def _through_activation(self, i: int, delta: Any) -> Any:
        m = self.m
        if "activation's derivative left out in the MLP" in m:
            return delta
        if "last activation's derivative left out" in m and i == self.layers - 1:
            return delta
        d = slope(self.names[i], self.state[i], self.z[i], frozenset())
        if "activation's derivative applied twice in the MLP" in m:
            d = d * d
        return delta * d

    def zero_grads(self) -> None:
        if "zero_grads does nothing" not in self.m:
            self.dW, self.db = [0.0 * W for W in self.W], [0.0 * b for b in self.b]

    def step(self) -> None:
        m = self.m
        if m & {"weights updated before they were propagated through", "step does nothing"}:
            return
        for i in range(self.layers):
            self.vW[i], self.W[i] = self._moved(self.vW[i], self.W[i], self.dW[i])
            if "biases not updated" in m:
                continue
            if "momentum of the biases missing" in m:
                self.vb[i] = 0.0 * self.b[i]
            self.vb[i], self.b[i] = self._moved(self.vb[i], self.b[i], self.db[i])
        for i, layer in enumerate(self.bn):
            if "gamma and beta not updated" in m:
                continue
            if "momentum applied to gamma and beta" in m:
                vg, vb = self.vg[i]
                vg, layer.gamma = self._moved(vg, layer.gamma, layer.dgamma)
                vb, layer.beta = self._moved(vb, layer.beta, layer.dbeta)
                self.vg[i] = vg, vb
            else:
                layer.gamma = layer.gamma - self.lr * layer.dgamma
                layer.beta = layer.beta - self.lr * layer.dbeta

    def _moved(self, v: Any, value: Any, grad: Any) -> tuple[Any, Any]:
        return moved(v, value, grad, self.lr, self.momentum, self.m)

    def arrays(self, part: str, names: tuple[str, ...], suffix: str = "") -> Outputs:
        for name in names:
            for i, value in enumerate(getattr(self, name)):
                yield f"{part}/{name}[{i}]{suffix}", value
