"""Adam, AdamW and dropout of a course, right or with mistakes."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from tests.autograder.shared.conventions import Conventions

Mistakes = Set[str]


def adam(cv: Conventions, m: Mistakes) -> Any:
    class Adam:
        def __init__(
            self, model: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999,
            eps: float = 1e-8, weight_decay: float = 0.0,
        ) -> None:  # fmt: skip
            layers = cv.get(model, "layers")
            self.layers = layers[::2] if cv.layers == "alternating" else layers
            self.lr, self.betas, self.eps = lr, (beta1, beta2), eps
            self.decay, self.t = weight_decay, 0
            self.state: dict[tuple[int, str], tuple[Any, Any]] = {}

        def step(self) -> None:
            if "step does nothing" in m:
                return
            self.t = 1 if "steps not counted" in m else self.t + 1
            last = 1 if "only the first layer updated" in m else len(self.layers)
            for i, layer in enumerate(self.layers[:last]):
                self.t += int("steps counted for each layer" in m and i > 0)
                for name in ("W",) if "biases not updated" in m else ("W", "b"):
                    old, g = cv.get(layer, name), cv.get(layer, f"d{name}")
                    cv.put(layer, name, self._new(i, name, old, g))

        def _new(self, i: int, name: str, old: Any, g: Any) -> Any:
            b1, b2 = self.betas[::-1] if "betas exchanged" in m else self.betas
            decay = 0.0 if "biases not decayed" in m and name == "b" else self.decay
            if "weight decay left out" in m:
                decay = 0.0
            if "weight decay in the gradient" in m:
                g, decay = g + decay * old, 0.0
            first, second = self.state.get((i, name), (0.0, 0.0))
            first, second = b1 * first + (1 - b1) * g, b2 * second + (1 - b2) * g * g
            self.state[i, name] = first, second
            if "no bias correction" not in m:
                first, second = first / (1 - b1**self.t), second / (1 - b2**self.t)
            if "eps of Adam outside the root" in m:
                root = np.sqrt(second) + self.eps
            else:
                root = np.sqrt(second + self.eps)
            lr = 1.0 if "weight decay without the learning rate" in m else self.lr
            return old - self.lr * first / root - lr * decay * old

    return Adam


def adamw(cv: Conventions, m: Mistakes) -> Any:
    class AdamW(adam(cv, m)):  # type: ignore[misc]
        def __init__(
            self, model: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999,
            eps: float = 1e-8, weight_decay: float = 0.01,
        ) -> None:  # fmt: skip
            super().__init__(model, lr, beta1, beta2, eps, weight_decay)

    return AdamW


def dropout(cv: Conventions, m: Mistakes) -> Any:
    class Dropout:
        def __init__(self, p: float = 0.5) -> None:
            self.p = p

        def forward(self, x: Any, train: bool = True) -> Any:
            if not train and "dropout in evaluation" not in m:
                return x.copy()
            share = 1 - self.p if "p is the share that is kept" in m else self.p
            self.mask = np.random.default_rng(0).random(x.shape) >= share
            scale = 1.0 if "kept numbers not scaled" in m else 1 / (1 - share)
            return x * self.mask * scale

        def backward(self, delta: Any) -> Any:
            mask = 1.0 if "mask left out of backward" in m else self.mask
            return delta * mask * (1 / (1 - self.p) if "backward of dropout scaled" in m else 1.0)

    return Dropout
