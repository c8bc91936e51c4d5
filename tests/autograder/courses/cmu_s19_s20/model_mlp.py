"""The MLP of the homework, with switches for mistakes; see `model.py`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from tests.autograder.course import Mistakes
from tests.autograder.courses.cmu_s19_s20.formulas import Crash, input_gradient
from tests.autograder.formulas import moved


class MLP:
    """The container, with the mistakes that are made there.

    Those of linear layers and batch norm are made by the classes `linear` and `batchnorm`;
    activations and criterion are what it is given.
    """

    m: Mistakes = frozenset()
    linear: Any
    batchnorm: Any
    identity: Any

    def __init__(
        self,
        inputs: int,
        outputs: int,
        hiddens: list[int],
        activations: list[Any],
        weight_init_fn: Any,
        bias_init_fn: Any,
        criterion: Any,
        lr: float,
        momentum: float = 0.0,
        num_bn_layers: int = 0,
    ) -> None:
        self.activations, self.criterion = activations, criterion
        if "activations in the wrong order" in self.m:
            self.activations = activations[::-1]
        if "last activation not applied" in self.m:
            self.activations[-1] = self.identity()
        self.lr, self.momentum, self.training = lr, momentum, True
        self.out: Any = None
        sizes = [inputs, *hiddens, outputs]
        self.linear_layers = [
            self.linear(a, b, weight_init_fn, bias_init_fn) for a, b in pairwise(sizes)
        ]
        self.bn_layers = [self.batchnorm(n) for n in hiddens[:num_bn_layers]]
        for bn in self.bn_layers:
            bn.momentum_gamma = bn.momentum_beta = 0.0

    def train(self) -> None:
        self.training = True

    def eval(self) -> None:
        self.training = False

    def forward(self, x: Any) -> Any:
        if "hiddens=[] crashes" in self.m and len(self.linear_layers) == 1:
            raise Crash
        late = "batch norm after the activation" in self.m
        for i, layer in enumerate(self.linear_layers):
            x = layer.forward(x)
            if i < len(self.bn_layers) and not late:
                x = self._normalized(i, x)
            x = self.activations[i].forward(x)
            if i < len(self.bn_layers) and late:
                x = self._normalized(i, x)
        self.out = x
        return x

    def _normalized(self, i: int, x: Any) -> Any:
        bn, evaluates = self.bn_layers[i], not self.training
        if "training and evaluation exchanged in the MLP" in self.m:
            evaluates = self.training
            if evaluates:  # backward takes these, or raises something
                bn.mean, bn.var = bn.running_mean, bn.running_var
                bn.norm = (x - bn.mean) / bn.root(bn.var)
        return bn.forward(x, evaluates and "no evaluation in the MLP" not in self.m)

    def backward(self, y: Any) -> None:
        if self.out is None:
            raise Crash
        m = self.m
        late = "batch norm after the activation" in m
        self.criterion.forward(self.out, y)
        delta = self.criterion.derivative()
        if "delta reversed in the MLP" in m:
            delta = -delta
        for i in reversed(range(len(self.linear_layers))):
            if i < len(self.bn_layers) and late:
                delta = self.bn_layers[i].backward(delta)
            delta = self._through_activation(i, delta)
            if i < len(self.bn_layers) and not late:
                delta = self.bn_layers[i].backward(delta)
            layer = self.linear_layers[i]
            layer.parameter_gradients(delta)
            if "weights updated before they were propagated through" in m:
                layer.W = layer.W - self.lr * layer.dW
                layer.b = layer.b - self.lr * layer.db
            delta = input_gradient(delta, layer.W, layer.m) if i else delta

    def _through_activation(self, i: int, delta: Any) -> Any:
        m = self.m
        if "activation's derivative left out in the MLP" in m:
            return delta
        if "last activation's derivative left out" in m and i == len(self.linear_layers) - 1:
            return delta
        slope = self.activations[i].derivative()
        if "activation's derivative applied twice in the MLP" in m:
            slope = slope * slope
        return delta * slope

    def zero_grads(self) -> None:
        if "zero_grads does nothing" not in self.m:
            for layer in self.linear_layers:
                layer.dW, layer.db = 0.0 * layer.W, 0.0 * layer.b

    def step(self) -> None:
        m = self.m
        if m & {"weights updated before they were propagated through", "step does nothing"}:
            return
        for layer in self.linear_layers:
            if "momentum of the biases missing" in m:
                layer.momentum_b = 0.0 * layer.b
            names = ("W",) if "biases not updated" in m else ("W", "b")
            self._move(layer, names, self.momentum)
        for bn in self.bn_layers if "gamma and beta not updated" not in m else ():
            if "momentum applied to gamma and beta" in m:
                self._move(bn, ("gamma", "beta"), self.momentum)
            else:
                bn.gamma = bn.gamma - self.lr * bn.dgamma
                bn.beta = bn.beta - self.lr * bn.dbeta
            if "training and evaluation exchanged in the MLP" in m:  # without a backward before it
                bn.gamma, bn.beta = np.nan * bn.gamma, np.nan * bn.beta

    def _move(self, layer: Any, names: Iterable[str], momentum: float) -> None:
        for name in names:
            v, value = getattr(layer, f"momentum_{name}"), getattr(layer, name)
            v, value = moved(v, value, getattr(layer, f"d{name}"), self.lr, momentum, self.m)
            setattr(layer, f"momentum_{name}", v)
            setattr(layer, name, value)
