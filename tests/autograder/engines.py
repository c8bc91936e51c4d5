"""The right answers of the classic homework by PyTorch in float64; nothing is derived by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from tests.autograder.cases import Case

Outputs = Iterator[tuple[str, Any]]
ACTIVATIONS = {"i": lambda z: z, "s": torch.sigmoid, "t": torch.tanh, "r": torch.relu}


def leaf(array: Any) -> Any:
    return torch.tensor(np.asarray(array, float), requires_grad=True)


def constant(array: Any) -> Any:
    return torch.tensor(np.asarray(array, float))


def criterion(case: Case) -> tuple[Any, Any]:
    x = leaf(case["x"])
    losses = F.cross_entropy(x, constant(case["y"]), reduction="none")
    (grad,) = torch.autograd.grad(losses.sum(), x)
    return losses, grad


def softmax_cross_entropy(case: Case) -> Outputs:
    losses, grad = criterion(case)
    yield "forward/loss", losses
    yield "forward/input", constant(case["x"])
    yield "backward/derivative", grad


def affine(x: Any, W: Any, b: Any, delta: Any) -> tuple[Any, Any, Any, Any]:
    """The output, and the gradients of `sum(out * delta)` for x, and averaged for W and b."""
    x, W, b = leaf(x), leaf(W), leaf(b)
    out = F.linear(x, W.T, b[0])
    dx, dW, db = torch.autograd.grad((out * constant(delta)).sum(), (x, W, b))
    return out, dx, dW / len(x), db / len(x)


def linear(case: Case) -> Outputs:
    W, b = case["W"], case["b"]
    out, dx, dW, db = affine(case["x"], W, b, case["delta"])
    yield "forward/out", out
    yield "forward/input", constant(case["x"])
    yield "backward/dx", dx
    yield "backward/dW", dW
    yield "backward/db", db
    _, _, dW, db = affine(case["x2"], W, b, case["delta2"])
    yield "backward/dW of a second batch", dW
    yield "backward/db of a second batch", db


def activation(case: Case, function: Any) -> Outputs:
    z = leaf(case["z"])
    out = function(z)
    (slope,) = torch.autograd.grad(out.sum(), z)
    for name in ("out", "state"):
        yield f"forward/{name}", out
    yield "forward/input", constant(case["z"])
    yield "backward/derivative", slope


class Network:
    """A network of the homework's kind: its parameters, and a step by torch.optim.SGD."""

    def __init__(self, case: Case) -> None:
        self.case, self.layers = case, len(case["sizes"]) - 1
        self.W = [leaf(case[f"W{i}"]) for i in range(self.layers)]
        self.b = [leaf(case[f"b{i}"]) for i in range(self.layers)]
        self.count = int(case["batchnorm"])
        self.gamma = [leaf(np.ones((1, W.shape[1]))) for W in self.W[: self.count]]
        self.beta = [leaf(np.zeros((1, W.shape[1]))) for W in self.W[: self.count]]
        self.running = [(torch.zeros(W.shape[1]).double(), torch.ones(W.shape[1]).double())
                        for W in self.W[: self.count]]  # fmt: skip
        # torch's momentum is v = m v + grad, W -= lr v: the same steps for a constant lr
        lr = float(case["lr"])
        momentum = float(case["momentum"])
        self.optimizers = [torch.optim.SGD([*self.W, *self.b], lr=lr, momentum=momentum)]
        if self.count:
            self.optimizers.append(torch.optim.SGD([*self.gamma, *self.beta], lr=lr))

    def forward(self, x: Any, train: bool = True) -> Any:
        x = constant(x)
        for i in range(self.layers):
            x = F.linear(x, self.W[i].T, self.b[i][0])
            if i < self.count:
                x, self.running[i] = normalized(
                    x, self.gamma[i][0], self.beta[i][0], self.running[i], train
                )
            x = ACTIVATIONS[chr(self.case["activations"][i])](x)
        return x

    def backward(self, number: int) -> None:
        """Averaged gradients for weights and biases, summed ones for gamma and beta."""
        x, y = self.case[f"x{number}"], constant(self.case[f"y{number}"])
        losses = F.cross_entropy(self.forward(x), y, reduction="none")
        parameters = [*self.W, *self.b, *self.gamma, *self.beta]
        for n, (p, grad) in enumerate(
            zip(parameters, torch.autograd.grad(losses.sum(), parameters), strict=True)
        ):
            p.grad = grad / len(x) if n < 2 * self.layers else grad

    def step(self) -> None:
        for optimizer in self.optimizers:
            optimizer.step()

    def parameters(self, part: str, suffix: str = "") -> Outputs:
        for name in ("W", "b"):
            for i, value in enumerate(getattr(self, name)):
                yield f"{part}/{name}[{i}]{suffix}", value

    def gradients(self, names: tuple[str, ...] = ("W", "b"), suffix: str = "") -> Outputs:
        for name in names:
            for i, value in enumerate(getattr(self, name)):
                yield f"backward/d{name}[{i}]{suffix}", value.grad

    def affine_parameters(self, suffix: str = "") -> Outputs:
        for i in range(self.count):
            yield f"step/gamma[{i}]{suffix}", self.gamma[i]
            yield f"step/beta[{i}]{suffix}", self.beta[i]


def normalized(
    x: Any, gamma: Any, beta: Any, running: Any, train: bool, eps: float = 1e-8
) -> tuple[Any, Any]:
    """Batch norm by torch, whose running variance is unbiased; the homework's is not."""
    out = F.batch_norm(x, *running, gamma, beta, training=train, eps=eps) if not train else (
        F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps))  # fmt: skip
    if train:
        mean, var = x.mean(0).detach(), x.var(0, unbiased=False).detach()
        running = 0.9 * running[0] + 0.1 * mean, 0.9 * running[1] + 0.1 * var
    return out, running


def classifier(case: Case) -> Outputs:
    network = Network(case)
    yield "forward/out", network.forward(case["x0"])
    yield "forward/input", constant(case["x0"])
    network.backward(0)
    yield from network.gradients()
    network.step()
    yield from network.parameters("step")
    for i, W in enumerate(network.W):
        yield f"step/dW[{i}] after zero_grads", torch.zeros_like(W)
    network = Network(case)  # from the same weights again
    network.backward(1)
    yield from network.gradients(suffix=" of a second batch")
    network.step()
    yield from network.parameters("step", " of a second step")


def batchnorm(case: Case) -> Outputs:
    gamma, beta, x = leaf(case["gamma"]), leaf(case["beta"]), leaf(case["x0"])
    columns = gamma.shape[1]
    running = torch.zeros(columns).double(), torch.ones(columns).double()
    out, running = normalized(x, gamma[0], beta[0], running, True)
    yield "forward/out", out
    yield "forward/input", x
    yield "running/mean", running[0][None]
    yield "running/var", running[1][None]
    _, running = normalized(constant(case["x1"]), gamma[0], beta[0], running, True)
    yield "running/mean of a second batch", running[0][None]
    yield "running/var of a second batch", running[1][None]
    yield "eval/out", normalized(constant(case["x_eval"]), gamma[0], beta[0], running, False)[0]
    yield "eval/running mean after it", running[0][None]
    yield "eval/running var after it", running[1][None]
    grads = torch.autograd.grad((out * constant(case["delta"])).sum(), (x, gamma, beta))
    for name, grad in zip(("dx", "dgamma", "dbeta"), grads, strict=True):
        yield f"backward/{name}", grad


def mlp_batchnorm(case: Case) -> Outputs:
    network = Network(case)
    yield "forward/out", network.forward(case["x0"])
    yield "eval/out", network.forward(case["x1"], train=False)
    network.backward(0)
    yield from network.gradients(("W",))
    for i in range(network.count):
        yield f"backward/dgamma[{i}]", network.gamma[i].grad
        yield f"backward/dbeta[{i}]", network.beta[i].grad
    network.step()
    yield from network.affine_parameters()


def momentum(case: Case) -> Outputs:
    network = Network(case)
    for i in range(3):
        network.backward(i)
        suffix = f" of step {i + 1}"
        for name, value in network.gradients(suffix=suffix):
            yield name.replace("backward/", "seen/"), value
        for n, (gamma, beta) in enumerate(zip(network.gamma, network.beta, strict=True)):
            if not i:
                yield f"seen/gamma[{n}] at first", gamma
                yield f"seen/beta[{n}] at first", beta
            yield f"seen/dgamma[{n}]{suffix}", gamma.grad
            yield f"seen/dbeta[{n}]{suffix}", beta.grad
        network.step()
        yield from network.parameters("step", suffix)
        yield from network.affine_parameters(f" of step {i + 1}")
