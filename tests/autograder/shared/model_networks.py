"""Networks and the optimizer of a course, right or with mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Set
from itertools import pairwise
from typing import Any

import numpy as np

from tests.autograder.shared.conventions import Conventions, put

Mistakes = Set[str]
SOFTMAX_LEFT_OUT = "softmax left out in backward"


def sgd(cv: Conventions, m: Mistakes) -> Any:
    class SGD:
        def __init__(self, model: Any, lr: float = 0.1, momentum: float = 0.0) -> None:
            self.layers, self.lr, self.mu = cv.get(model, "layers"), lr, momentum
            self.v: dict[tuple[int, str], Any] = {}

        def step(self) -> None:
            if ("plain step does nothing" in m and not self.mu) or "step does nothing" in m:
                return
            last = 1 if "only the first layer updated" in m else len(self.layers)
            for i, layer in enumerate(self.layers[:last]):
                for name in ("W",) if "biases not updated" in m else ("W", "b"):
                    g = cv.get(layer, f"d{name}")
                    cv.put(layer, name, cv.get(layer, name) - self._step(i, name, g))

        def _step(self, i: int, name: str, g: Any) -> Any:
            mu = 0.0 if "momentum left out" in m else self.mu
            if "momentum of the biases missing" in m and name == "b":
                mu = 0.0
            new = (1 - mu) * g if "gradient times 1 - momentum" in m and mu else g
            v = self.v[i, name] = mu * self.v.get((i, name), 0.0) + new
            if "Nesterov's momentum" in m and mu:
                v = g + mu * v
            if "step uphill" in m:
                v = -v
            return v if "learning rate left out" in m else self.lr * v

    return SGD


def network(cv: Conventions, m: Mistakes, made: Mapping[str, Any], name: str) -> Any:
    sizes = cv.networks.get(name, ())

    class Network:
        def __init__(self, debug: bool = False) -> None:
            kind, relu = made[cv.name("Linear")], made[cv.name("ReLU")]
            self.linear = [kind(*pair) for pair in pairwise(sizes)]
            self.f = [relu() for _ in self.linear]
            self.debug = debug
            both = zip(self.linear, self.f, strict=True)
            alternating = [layer for pair in both for layer in pair]
            cv.put(self, "layers", self.linear if cv.layers == "linear" else alternating)

        def forward(self, x: Any) -> Any:
            self.numbers = {"A0": x}
            for i, (layer, f) in enumerate(zip(self.linear, self.f, strict=True)):
                z = layer.forward(x)
                a = f.forward(z)
                last = i == len(self.f) - 1
                x = z if last and "last activation not applied" in m else a
                self.numbers |= {f"Z{i}": z, f"A{i + 1}": x}
            self._keep("ZA")
            return x

        def backward(self, delta: Any) -> None:
            n = len(self.linear)
            self.numbers[f"dLdA{n}"] = delta
            for i in reversed(range(n)):
                skipped = i == n - 1 and "last activation not applied" in m
                f = self.f[i]
                ones = np.ones_like(self.numbers[f"Z{i}"])
                d = ones if skipped else f.backward(*[ones] * (cv.activation == "gradient"))
                self.numbers[f"dAdZ{i}"] = d
                dz = delta if "activation's derivative left out in the network" in m else delta * d
                delta = self.linear[i].backward(dz)
                self.numbers |= {f"dLdZ{i}": dz, f"dLdA{i}": delta}
            if "gradients of the last layer left out" in m and n > 1:
                for name in ("dW", "db"):
                    cv.put(self.linear[-1], name, None)
            self._keep("d")

        def _keep(self, kinds: str) -> None:
            for path, what in cv.kept.get(name, {}).items() if self.debug else ():
                if what[0] in kinds:
                    put(self, path, self.numbers[what])

    return Network


def mlp(cv: Conventions, m: Mistakes, made: Mapping[str, Any]) -> Any:
    class MLP:
        def __init__(self, inputs: int, hidden: Any, outputs: int, slope: float) -> None:
            names = "Linear", "LeakyReLU", "Softmax"
            kind, leaky, softmax = (made[cv.name(name)] for name in names)
            self.layers: list[Any] = []
            for a, b in pairwise([inputs, *hidden]):
                self.layers += [kind(a, b), leaky(slope)]
            self.layers += [kind([inputs, *hidden][-1], outputs)]
            if "an activation before the softmax" in m:
                self.layers.append(leaky(slope))
            if "network without its softmax" not in m:
                self.layers.append(softmax())

        def forward(self, x: Any) -> Any:
            for layer in self.layers:
                x = layer.forward(x)
            return x

        def backward(self, delta: Any) -> None:
            for layer in reversed(self.layers):
                skipped = isinstance(layer, made[cv.name("LeakyReLU")])
                if skipped and "activation's derivative left out in the network" in m:
                    continue
                if isinstance(layer, made[cv.name("Softmax")]) and SOFTMAX_LEFT_OUT in m:
                    continue
                delta = layer.backward(delta)

    return MLP
