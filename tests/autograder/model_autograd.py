"""What a submission of the autograd homework answers that has certain mistakes; see `model.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.autograder.cases import Case
from tests.autograder.model import Mistakes, Outputs, loss_and_derivative, moved


def subtraction(case: Case, m: Mistakes) -> Outputs:
    a, b = case["a"], case["b"]
    yield "forward/out", a - b
    yield "backward/a.grad", np.ones_like(a)
    yield "backward/b.grad", np.ones_like(b) * (1 if "second gradient of Sub" in m else -1)


def multiplication(case: Case, m: Mistakes) -> Outputs:
    a, b = case["a"], case["b"]
    yield "forward/out", a * b
    first, second = (a, b) if "gradients of Mul swapped" in m else (b, a)
    yield "backward/a.grad", first
    yield "backward/b.grad", second


def division(case: Case, m: Mistakes) -> Outputs:
    a, b = case["a"], case["b"]
    yield "forward/out", a / b
    yield "backward/a.grad", 1 / b
    power = 1 if "square in Div" in m else 2
    yield "backward/b.grad", (1 if "sign in Div" in m else -1) * a / b**power


def graph(case: Case, m: Mistakes) -> Outputs:
    a, b = case["a"], case["b"]
    through_product, direct = b + 0 * a, np.ones_like(a)
    if "gradients of Mul swapped" in m:
        through_product = a
    both = through_product + direct
    if "direct path lost" in m:
        both = through_product
    if "path through the product lost" in m:
        both = direct
    to_b = b + 0 * a if "gradients of Mul swapped" in m else a
    if "gradient not unbroadcast" not in m and b.ndim < a.ndim:
        to_b = to_b.sum(axis=0)
    yield "backward/a.grad", both
    yield "backward/b.grad", to_b
    stored = "gradient stored on a non-leaf" in m
    yield "graph/grad of the product", np.ones_like(a) if stored else None
    yield "graph/grad of the output", np.ones_like(a) if stored else None
    lost = "gradient lost behind a constant" in m
    yield "backward/grad behind a constant", None if lost else b + 0 * a
    yield "graph/grad of the constant", None
    yield "graph/one gradient array for two tensors", float("gradient array shared" in m)
    once = m & {"direct path lost", "path through the product lost"}
    yield "backward/grad after two graphs", (b + 0 * a) * (1 if once else 2)


def module_linear(case: Case, m: Mistakes) -> Outputs:
    x, W, b, delta = case["x"], case["W"], case["b"], case["delta"]
    rows = len(x) if "weight gradient averaged" in m else 1
    yield "forward/out", x @ W + b
    yield "backward/x.grad", delta @ W.T
    yield "backward/weight.grad", delta.T @ x / rows
    bias = delta if "gradient not unbroadcast" in m else delta.sum(axis=0)
    yield "backward/bias.grad", bias / rows


def module_relu(case: Case, m: Mistakes) -> Outputs:
    z = case["z"]
    yield "forward/out", np.maximum(z, 0.0)
    yield "backward/z.grad", (z >= 0 if "ReLU'(0) = 1" in m else z > 0) * 1.0


def sgd(case: Case, m: Mistakes) -> Outputs:
    lr, momentum = float(case["lr"]), float(case["momentum"])
    W, b = case["W"], case["b"]
    vW, vb = 0 * W, 0 * b
    for step in range(3):
        vW, W = moved(vW, W, case[f"gW{step}"], lr, momentum, m)
        vb, b = moved(vb, b, case[f"gb{step}"], lr, momentum, m)
        yield f"step/W after step {step + 1}", W
        yield f"step/b after step {step + 1}", b


def module_batchnorm(case: Case, m: Mistakes) -> Outputs:
    gamma, beta = case["gamma"][0], case["beta"][0]
    eps = 1e-8 if "eps of 1e-8" in m else 1e-5
    alpha = 0.9 if "alpha on the wrong side" in m else 0.1

    def statistics(x: Any) -> tuple[Any, Any, Any]:
        over = len(x) if "running variance biased" in m else len(x) - 1
        var = x.var(axis=0, ddof=int("variance unbiased" in m))
        return x.mean(axis=0), var, ((x - x.mean(axis=0)) ** 2).sum(axis=0) / over

    def updated(running: tuple[Any, Any], x: Any) -> tuple[Any, Any]:
        if "running statistics never updated" in m:
            return running
        mean, _, var = statistics(x)
        return (1 - alpha) * running[0] + alpha * mean, (1 - alpha) * running[1] + alpha * var

    x, delta = case["x0"], case["delta"]
    mean, var, _ = statistics(x)
    root = np.sqrt(var + eps)
    norm = (x - mean) / root
    running = updated((0 * mean, 0 * mean + 1), x)
    yield "forward/out", gamma * norm + beta
    yield "running/mean", running[0]
    yield "running/var", running[1]
    g = delta * gamma
    dx = g.copy()
    if "statistics treated as constants" not in m:
        over = len(x) - 1 if "variance unbiased" in m else len(x)
        dx -= g.mean(axis=0) + norm * (g * norm).sum(axis=0) / over
    yield "backward/x.grad", dx / root
    yield "backward/gamma.grad", (delta * norm).sum(axis=0)
    yield "backward/beta.grad", delta.sum(axis=0)
    running = updated(running, case["x1"])
    yield "running/mean of a second batch", running[0]
    yield "running/var of a second batch", running[1]
    x = case["x_eval"]
    mean, var = running
    if "eval with the statistics of the batch" in m:
        mean, var, _ = statistics(x)
    if "eval with the last training batch" in m:
        mean, var, _ = statistics(case["x1"])
    yield "eval/out", gamma * (x - mean) / np.sqrt(var + eps) + beta
    if "running statistics updated in eval" in m:
        running = updated(running, x)
    yield "eval/running mean after it", running[0]


def cross_entropy(case: Case, m: Mistakes) -> Outputs:
    losses, grad = loss_and_derivative(case["x"], case["y"], m)
    rows = 1 if "cross-entropy summed" in m else len(grad)
    yield "forward/loss", losses.sum() / rows
    yield "backward/logits.grad", grad / rows


MODELS = {
    "subtraction": subtraction,
    "multiplication": multiplication,
    "division": division,
    "graph": graph,
    "module_linear": module_linear,
    "module_relu": module_relu,
    "sgd": sgd,
    "sgd_momentum": sgd,
    "module_batchnorm": module_batchnorm,
    "cross_entropy": cross_entropy,
}
