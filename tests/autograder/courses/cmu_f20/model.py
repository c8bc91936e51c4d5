"""The classes of the homework as a submission with certain mistakes has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.autograder.course import Classes, Mistakes
from tests.autograder.formulas import loss_and_derivative, moved

Rule = Callable[[Any], Sequence[Any]]


ONE_PATH = {"direct path lost", "path through the product lost"}
CONSTANT_MEAN, CONSTANT_VAR = "mean outside of the graph", "variance outside of the graph"
INNER = "path to an inner tensor lost"
KEPT_FIRST, KEPT_LAST = "gradients of a pass: the first kept", "gradients of a pass: the last kept"
LEAF_FIRST, LEAF_LAST = "gradient of a leaf: the first kept", "gradient of a leaf: the last kept"


class Tensor:
    """A node of a graph: `rule` maps its gradient to those of its `parents`."""

    m: Mistakes = frozenset()

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        is_leaf: bool = True,
        is_parameter: bool = False,
        parents: Sequence[Tensor] = (),
        rule: Rule | None = None,
    ) -> None:
        self.data, self.requires_grad, self.grad = np.asarray(data), requires_grad, None
        self.parents, self.rule, self.passed = parents, rule, 0

    def made(self, data: Any, parents: Sequence[Tensor], rule: Rule) -> Tensor:
        """A tensor that was computed from others."""
        needs = any(p.requires_grad for p in parents)
        return type(self)(data, needs, parents=parents, rule=rule)

    def __add__(self, other: Tensor) -> Tensor:
        return self.made(self.data + other.data, (self, other), lambda g: (g, g))

    def __sub__(self, other: Tensor) -> Tensor:
        sign = 1 if "second gradient of Sub" in self.m else -1
        return self.made(self.data - other.data, (self, other), lambda g: (g, sign * g))

    def __mul__(self, other: Tensor) -> Tensor:
        a, b = self.data, other.data
        first, second = (a, b) if "gradients of Mul swapped" in self.m else (b, a)
        return self.made(a * b, (self, other), lambda g: (g * first, g * second))

    def __truediv__(self, other: Tensor) -> Tensor:
        a, b = self.data, other.data
        sign = 1 if "sign in Div" in self.m else -1
        power = 1 if "square in Div" in self.m else 2
        return self.made(a / b, (self, other), lambda g: (g / b, sign * g * a / b**power))

    def backward(self) -> None:
        if not self.m & {KEPT_FIRST, KEPT_LAST}:
            self.pass_on(np.ones_like(self.data))
            return
        kept: dict[Tensor, Any] = {}
        self.keep_one(np.ones_like(self.data), kept)
        for tensor, grad in kept.items():
            if tensor.rule is None:
                tensor.collect(grad)

    def keep_one(self, grad: Any, kept: dict[Tensor, Any]) -> None:
        """Goes on from every tensor once, with one of the gradients that come to it."""
        seen = self in kept
        if not seen or KEPT_LAST in self.m:
            kept[self] = grad
        for parent, part in zip(self.parents, self.rule(grad) if self.rule else (), strict=True):
            if parent.requires_grad and not seen:
                parent.keep_one(part, kept)

    def pass_on(self, grad: Any) -> None:
        """Goes every path to the leaves, depth first.

        An inner tensor is come to for each path, or once with the sum of all: with a leaf that
        keeps one path only, the result may be either.
        """
        m = self.m
        if self.rule is None:
            self.collect(grad)
            return
        self.passed += 1
        if self.passed > 1:
            if INNER in m:
                return
            grad = grad * np.nan if m & ONE_PATH else grad
        if "gradient stored on a non-leaf" in m:
            self.grad = type(self)(grad)
        pairs = list(zip(self.parents, self.rule(grad), strict=True))
        for parent, part in reversed(pairs) if "direct path lost" in m else pairs:
            if parent.requires_grad:
                parent.pass_on(part)
            elif "gradient lost behind a constant" in m:
                break

    def collect(self, grad: Any) -> None:
        """Adds a gradient to a leaf's, also that of an earlier pass."""
        m = self.m
        if self.grad is not None and LEAF_FIRST in m:
            return
        added = tuple(range(grad.ndim - self.data.ndim))  # axes that broadcasting added
        if added and "gradient not unbroadcast" not in m:
            grad = grad.sum(axis=added)
        if self.grad is not None and not m & {*ONE_PATH, LEAF_LAST}:
            grad = self.grad.data + grad
        self.grad = type(self)(grad if "gradient array shared" in m else np.array(grad))


class Module:
    m: Mistakes = frozenset()
    tensor: Any = Tensor
    is_train = True

    def train(self) -> None:
        self.is_train = True

    def eval(self) -> None:
        self.is_train = False


class Linear(Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        self.weight = self.tensor(np.zeros((outputs, inputs)), True)
        self.bias = self.tensor(np.zeros(outputs), True)

    def __call__(self, x: Tensor) -> Tensor:
        W = self.weight.data
        rows = len(x.data) if "weight gradient averaged" in self.m else 1

        def rule(g: Any) -> tuple[Any, ...]:
            bias = g if "gradient not unbroadcast" in self.tensor.m else g.sum(axis=0)
            return g @ W, g.T @ x.data / rows, bias / rows

        return x.made(x.data @ W.T + self.bias.data, (x, self.weight, self.bias), rule)


class ReLU(Module):
    def __call__(self, z: Tensor) -> Tensor:
        at_zero = "ReLU'(0) = 1" in self.m
        passes = z.data >= 0 if at_zero else z.data > 0
        return z.made(np.maximum(z.data, 0.0), (z,), lambda g: (g * passes,))


class BatchNorm1d(Module):
    def __init__(self, features: int) -> None:
        self.gamma = self.tensor(np.ones(features), True)
        self.beta = self.tensor(np.zeros(features), True)
        self.running_mean, self.running_var = Tensor(np.zeros(features)), Tensor(np.ones(features))

    def __call__(self, x: Tensor) -> Tensor:
        return self.normalized(x) if self.is_train else self.evaluated(x)

    def statistics(self, x: Any) -> tuple[Any, Any]:
        ddof = 0 if "running variance biased" in self.m else 1
        return x.mean(axis=0), x.var(axis=0, ddof=ddof)

    def update(self, x: Any) -> None:
        self.last = self.statistics(x)
        if "running statistics never updated" in self.m:
            return
        alpha = 0.9 if "alpha on the wrong side" in self.m else 0.1
        if "running statistics replaced" in self.m:
            alpha = 1.0
        for running, now in zip((self.running_mean, self.running_var), self.last, strict=True):
            running.data = (1 - alpha) * running.data + alpha * now

    @property
    def eps(self) -> float:
        return 1e-8 if "eps of 1e-8" in self.m else 1e-5

    def normalized(self, x: Tensor) -> Tensor:
        m, data, gamma = self.m, x.data, self.gamma.data
        over = len(data) - int("variance unbiased" in m)
        centred = data - data.mean(axis=0)
        root = np.sqrt((centred**2).sum(axis=0) / over + self.eps)
        norm = centred / root
        self.update(data)

        def rule(g: Any) -> tuple[Any, ...]:
            dx = g * gamma
            through_var = 0.0 if CONSTANT_VAR in m else norm * (dx * norm).sum(axis=0) / over
            through_mean = 0.0 if CONSTANT_MEAN in m else dx.mean(axis=0)
            dx = dx - through_mean - through_var
            return dx / root, (g * norm).sum(axis=0), g.sum(axis=0)

        return x.made(gamma * norm + self.beta.data, (x, self.gamma, self.beta), rule)

    def evaluated(self, x: Tensor) -> Tensor:
        mean, var = self.running_mean.data, self.running_var.data
        if "eval with the statistics of the batch" in self.m:
            mean, var = x.data.mean(axis=0), x.data.var(axis=0)
        if "eval with the last training batch" in self.m:
            mean, var = self.last
        out = self.gamma.data * (x.data - mean) / np.sqrt(var + self.eps) + self.beta.data
        if "running statistics updated in eval" in self.m:
            self.update(x.data)
        return Tensor(out)


class CrossEntropyLoss(Module):
    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        x = logits.data
        losses, grad = loss_and_derivative(x, np.eye(x.shape[1])[labels.data], self.m)
        rows = 1 if "cross-entropy summed" in self.m else len(x)
        over = 1 if "gradient of the cross-entropy summed" in self.m else rows
        return logits.made(losses.sum() / rows, (logits,), lambda g: (g * grad / over,))


class SGD:
    m: Mistakes = frozenset()

    def __init__(self, params: Sequence[Tensor], lr: float, momentum: float) -> None:
        self.params, self.lr, self.momentum = params, lr, momentum
        self.momentums = [0.0 * p.data for p in params]

    def zero_grad(self) -> None:
        for p in self.params:
            p.grad = None

    def step(self) -> None:
        for i, p in enumerate(self.params):
            assert p.grad is not None
            v, grad = self.momentums[i], p.grad.data
            self.momentums[i], p.data = moved(v, p.data, grad, self.lr, self.momentum, self.m)


ALL = {
    "Tensor": Tensor,
    "SGD": SGD,
    "nn.Linear": Linear,
    "nn.ReLU": ReLU,
    "nn.BatchNorm1d": BatchNorm1d,
    "nn.CrossEntropyLoss": CrossEntropyLoss,
}


def classes(m: Mistakes, clean: frozenset[str] = frozenset()) -> Classes:
    """All classes with the mistakes `m`; those in `clean` have none."""
    here = {name: frozenset() if name in clean else m for name in ALL}
    tensor = type("Tensor", (Tensor,), {"m": here["Tensor"]})
    made = {
        name: type(kind.__name__, (kind,), {"m": here[name], "tensor": tensor})
        for name, kind in ALL.items()
    }
    return {**made, "Tensor": tensor}
