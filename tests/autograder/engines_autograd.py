"""The right answers of the autograd homework by PyTorch in float64; see `engines.py`."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from tests.autograder.cases import Case
from tests.autograder.engines import Outputs, constant, leaf


def binary(case: Case, operation: Any) -> Outputs:
    a, b = leaf(case["a"]), leaf(case["b"])
    out = operation(a, b)
    out.sum().backward()
    yield "forward/out", out
    yield "backward/a.grad", a.grad
    yield "backward/b.grad", b.grad


def graph(case: Case) -> Outputs:
    a, b = leaf(case["a"]), leaf(case["b"])
    (a * b + a).sum().backward()
    yield "backward/a.grad", a.grad
    yield "backward/b.grad", b.grad
    yield "graph/grad of the product", None
    yield "graph/grad of the output", None
    fixed, d = constant(case["b"]), leaf(case["a"])
    (fixed * (fixed + d)).sum().backward()
    yield "backward/grad behind a constant", d.grad
    yield "graph/grad of the constant", fixed.grad
    yield "graph/one gradient array for two tensors", constant(0.0)
    g = leaf(case["a"])
    (g * fixed).sum().backward()
    (g * fixed).sum().backward()
    yield "backward/grad after two graphs", g.grad


def module_linear(case: Case) -> Outputs:
    layer = torch.nn.Linear(*case["W"].shape).double()
    layer.weight.data, layer.bias.data = constant(case["W"].T), constant(case["b"][0])
    x = leaf(case["x"])
    out = layer(x)
    (out * constant(case["delta"])).sum().backward()
    yield "forward/out", out
    yield "backward/x.grad", x.grad
    yield "backward/weight.grad", layer.weight.grad
    yield "backward/bias.grad", layer.bias.grad


def module_relu(case: Case) -> Outputs:
    z = leaf(case["z"])
    out = torch.relu(z)
    out.sum().backward()
    yield "forward/out", out
    yield "backward/z.grad", z.grad


def sgd(case: Case) -> Outputs:
    W, b = leaf(case["W"]), leaf(case["b"])
    optimizer = torch.optim.SGD([W, b], lr=float(case["lr"]), momentum=float(case["momentum"]))
    for step in range(3):
        W.grad, b.grad = constant(case[f"gW{step}"]), constant(case[f"gb{step}"])
        optimizer.step()
        yield f"step/W after step {step + 1}", W.detach().clone()
        yield f"step/b after step {step + 1}", b.detach().clone()


def module_batchnorm(case: Case) -> Outputs:
    layer = torch.nn.BatchNorm1d(case["gamma"].shape[1]).double()
    layer.weight.data, layer.bias.data = constant(case["gamma"][0]), constant(case["beta"][0])
    x = leaf(case["x0"])
    out = layer(x)
    yield "forward/out", out
    yield "running/mean", layer.running_mean.clone()
    yield "running/var", layer.running_var.clone()
    (out * constant(case["delta"])).sum().backward()
    yield "backward/x.grad", x.grad
    yield "backward/gamma.grad", layer.weight.grad
    yield "backward/beta.grad", layer.bias.grad
    layer(constant(case["x1"]))
    yield "running/mean of a second batch", layer.running_mean.clone()
    yield "running/var of a second batch", layer.running_var.clone()
    layer.eval()
    yield "eval/out", layer(constant(case["x_eval"]))
    yield "eval/running mean after it", layer.running_mean


def cross_entropy(case: Case) -> Outputs:
    x = leaf(case["x"])
    loss = F.cross_entropy(x, torch.tensor(case["y"].argmax(axis=1)))
    loss.backward()
    yield "forward/loss", loss
    yield "backward/logits.grad", x.grad
