"""Makes data/references/*.npz with PyTorch in float64; the tests only read the files.

    pip install -e ".[bench]" && python tests/support/make_references.py

PyTorch differentiates by itself here: nothing of mytorch is imported.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

FOLDER = Path(__file__).resolve().parents[2] / "data" / "references"
VERSIONS = f"PyTorch {torch.__version__}, NumPy {np.__version__}"
RULES: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "SGD": (torch.optim.SGD, {"lr": 0.1}),
    "SGD momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "SGD decay": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.2}),
    "Adam": (torch.optim.Adam, {"lr": 0.01}),
    "Adam decay": (
        torch.optim.Adam,
        {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.3},
    ),
    "AdamW": (torch.optim.AdamW, {"lr": 0.02, "betas": (0.7, 0.9), "weight_decay": 0.3}),
    "RMSprop": (torch.optim.RMSprop, {"lr": 0.01}),
    "RMSprop momentum": (
        torch.optim.RMSprop,
        {"lr": 0.01, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1, "momentum": 0.7},
    ),
}
"""Update rules by a name that begins with the class's, and their settings."""
ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: nn.functional.leaky_relu(z, 0.01),
    "softmax": lambda z: torch.softmax(z, dim=1),
}


def main() -> None:
    """Writes one file for each kind of thing."""
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(11785)
    FOLDER.mkdir(parents=True, exist_ok=True)
    save("activations", activations())
    save("linear", linear())
    save("batchnorm", batchnorm())
    save("losses", losses())
    save("tensor_training", tensor_training())
    save("optimizers", optimizers())
    for bn_layers in (0, 1, 2):
        save(f"training_bn{bn_layers}", training(bn_layers))
    torch.manual_seed(11786)
    save("convolution", convolution())
    save("convnet", convnet())


def save(name: str, arrays: dict[str, Any]) -> None:
    """One compressed file, with the versions that made it."""
    plain = {key: np.asarray(torch.as_tensor(value).detach()) for key, value in arrays.items()}
    np.savez_compressed(FOLDER / f"{name}.npz", versions=VERSIONS, **plain)


def activations() -> dict[str, Any]:
    """Outputs and gradients for inputs of very different size, zeros among them."""
    z = torch.randn(40, 6) * torch.logspace(-4, 4, 40)[:, None]
    z[3, :3] = 0
    upstream = torch.randn(40, 6)
    arrays = {"z": z, "upstream": upstream}
    for name, function in ACTIVATIONS.items():
        leaf = z.clone().requires_grad_()
        out = function(leaf)
        out.backward(upstream)
        arrays |= {f"{name}_out": out, f"{name}_grad": leaf.grad}
    return arrays


def linear() -> dict[str, Any]:
    """`x @ W + b`; the gradients of W and b are divided by the batch size here."""
    x, W, b = torch.randn(7, 5), torch.randn(5, 3), torch.randn(1, 3)
    upstream = torch.randn(7, 3)
    leaves = [t.clone().requires_grad_() for t in (x, W, b)]
    out = leaves[0] @ leaves[1] + leaves[2]
    out.backward(upstream)
    dx, dW, db = (leaf.grad for leaf in leaves)
    return {
        "x": x, "W": W, "b": b, "upstream": upstream, "out": out, "dx": dx,
        "dW": dW / 7, "db": db / 7,
    }  # fmt: skip


def batchnorm() -> dict[str, Any]:
    """Three training batches, then one in evaluation; column 2 is constant, column 3 is large."""
    gamma, beta = torch.randn(1, 4), torch.randn(1, 4)
    mean, var = torch.zeros(1, 4), torch.ones(1, 4)
    rows: list[list[Any]] = [[] for _ in range(7)]
    upstream = torch.randn(3, 6, 4)
    for i in range(3):
        x = torch.randn(6, 4) * torch.tensor([1.0, 0.1, 0.0, 1e4]) + torch.tensor([0.0, 5, 0, -1e3])
        leaves = [t.clone().requires_grad_() for t in (x, gamma, beta)]
        out = nn.functional.batch_norm(
            leaves[0], None, None, leaves[1][0], leaves[2][0], training=True, eps=1e-8
        )
        out.backward(upstream[i])
        mean = 0.9 * mean + 0.1 * x.mean(0, keepdim=True)
        var = 0.9 * var + 0.1 * x.var(0, unbiased=False, keepdim=True)
        for values, value in zip(
            rows,
            (x, out, leaves[0].grad, leaves[1].grad, leaves[2].grad, mean, var),
            strict=True,
        ):
            values.append(value)
    xs, outs, dxs, dgammas, dbetas, means, variances = map(torch.stack, rows)
    eval_x = torch.randn(5, 4)
    eval_out = nn.functional.batch_norm(eval_x, mean[0], var[0], gamma[0], beta[0], eps=1e-8)
    return {
        "gamma": gamma, "beta": beta, "upstream": upstream, "x": xs,
        "out": outs, "dx": dxs, "dgamma": dgammas,
        "dbeta": dbetas, "running_mean": means,
        "running_var": variances, "eval_x": eval_x, "eval_out": eval_out,
    }  # fmt: skip


def losses() -> dict[str, Any]:
    """Cross-entropy with one-hot rows and with distributions, half squared distance."""
    logits = torch.randn(30, 10) * torch.logspace(-3, 4, 30)[:, None]
    labels = torch.softmax(torch.randn(30, 10), 1)
    labels[::2] = torch.eye(10)[torch.randint(0, 10, (15,))]
    leaf = logits.clone().requires_grad_()
    cross_entropy = nn.functional.cross_entropy(leaf, labels, reduction="none")
    cross_entropy.sum().backward()
    output = torch.randn(30, 10, requires_grad=True)
    l2 = nn.functional.mse_loss(output, labels, reduction="none").sum(1) / 2
    l2.sum().backward()
    return {
        "logits": logits, "labels": labels, "cross_entropy": cross_entropy,
        "cross_entropy_grad": leaf.grad, "output": output, "l2": l2, "l2_grad": output.grad,
    }  # fmt: skip


def training(bn_layers: int) -> dict[str, Any]:
    """Five steps of a 5-8-6-3 network with momentum on batches of 9, 9, 9, 9 and 4 rows.

    Weights and biases take the gradient of the mean loss with momentum; gamma and beta the plain
    step with the gradient of the summed loss, which is the mean's times the batch size.
    """
    lr, momentum, sizes = 0.05, 0.9, (5, 8, 6, 3)
    functions = (torch.sigmoid, torch.tanh, lambda z: z)
    linears = [nn.Linear(i, o) for i, o in pairwise(sizes)]
    norms = [nn.BatchNorm1d(layer.out_features, eps=1e-8) for layer in linears[:bn_layers]]
    affine = [p for norm in norms for p in norm.parameters()]
    weights = [p for layer in linears for p in layer.parameters()]
    optimizer = torch.optim.SGD(weights, lr=lr, momentum=momentum)
    arrays: dict[str, Any] = {}
    for i, layer in enumerate(linears):
        arrays |= {f"W{i}": layer.weight.detach().T.clone(), f"b{i}": layer.bias.detach().clone()}
    losses = []
    for step, rows in enumerate((9, 9, 9, 9, 4)):
        x, labels = torch.randn(rows, 5), torch.eye(3)[torch.randint(0, 3, (rows,))]
        y = x
        for i, layer in enumerate(linears):
            y = layer(y)
            if i < bn_layers:
                y = norms[i](y)
            y = functions[i](y)
        loss = nn.functional.cross_entropy(y, labels)
        for parameter in (*weights, *affine):
            parameter.grad = None
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for parameter in affine:
                parameter -= lr * rows * parameter.grad
        losses.append(loss)
        arrays |= {f"x_{step}": x, f"labels_{step}": labels}
    arrays["mean_losses"] = torch.stack(losses)
    for i, layer in enumerate(linears):
        arrays |= {f"final_W{i}": layer.weight.T, f"final_b{i}": layer.bias}
    for i, norm in enumerate(norms):
        arrays |= {f"final_gamma{i}": norm.weight, f"final_beta{i}": norm.bias}
    return arrays


def convolution() -> dict[str, Any]:
    """Convolutions of many shapes; the gradients are sums over the batch."""
    arrays: dict[str, Any] = {}
    for name, shape, out, kernel, stride, padding in (
        ("narrow", (3, 2, 6, 5), 3, (3, 2), (2, 1), (1, 0)),
        ("2x2", (3, 16, 2, 2), 5, (3, 3), (1, 1), (1, 1)),
        ("F(2,3)", (2, 16, 5, 4), 3, (3, 3), (1, 1), (1, 1)),
        ("F(4,3)", (2, 16, 8, 8), 3, (3, 3), (1, 1), (1, 1)),
        ("odd", (1, 17, 9, 11), 2, (3, 3), (1, 1), (2, 0)),
        ("wide", (2, 16, 7, 7), 2, (5, 5), (2, 2), (2, 2)),
    ):
        x = torch.randn(shape, requires_grad=True)
        W = torch.randn(out, shape[1], *kernel, requires_grad=True)
        b = torch.randn(out, requires_grad=True)
        y = nn.functional.conv2d(x, W, b, stride, padding)
        upstream = torch.randn_like(y)
        y.backward(upstream)
        found = {
            "x": x, "W": W, "b": b, "upstream": upstream, "out": y, "dx": x.grad, "dW": W.grad,
            "db": b.grad, "stride": torch.tensor(stride), "padding": torch.tensor(padding),
        }  # fmt: skip
        arrays |= {f"{name} {key}": value for key, value in found.items()}
    return arrays


def convnet() -> dict[str, Any]:
    """Three steps of Adam of a small network of convolutions, then an output in evaluation."""
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ELU(), nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.GELU(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(64, 3),
    )  # fmt: skip
    arrays = {f"start {name}": array.clone() for name, array in model.state_dict().items()}
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, labels, losses = torch.randn(3, 6, 3, 8, 8), torch.randint(0, 3, (3, 6)), []
    for i in range(3):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[i]), labels[i])
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    arrays |= {f"end {name}": array.clone() for name, array in model.state_dict().items()}
    model.eval()
    return arrays | {
        "x": x, "labels": labels, "losses": torch.stack(losses), "evaluated": model(x[0]),
    }  # fmt: skip


def tensor_training() -> dict[str, Any]:
    """Four steps of 5-6-BN-ReLU-3 by SGD with momentum, and its state before and after."""
    network = nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 3))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    arrays = {f"before.{name}": array.clone() for name, array in network.state_dict().items()}
    losses = []
    for step in range(4):
        x, labels = torch.randn(7, 5), torch.randint(0, 3, (7,))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(x), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss)
        arrays |= {f"x_{step}": x, f"labels_{step}": labels}
    arrays |= {f"after.{name}": array for name, array in network.state_dict().items()}
    network.eval()
    x = torch.randn(4, 5)
    return arrays | {"losses": torch.stack(losses), "eval_x": x, "eval_out": network(x)}


def optimizers() -> dict[str, Any]:
    """Six steps of every rule on two parameters; the second has no gradient in the third step."""
    shapes, steps = ((4, 3), (3,)), 6
    begin = [torch.randn(shape) for shape in shapes]
    grads = [[torch.randn(shape) for shape in shapes] for _ in range(steps)]
    arrays = {f"begin_{i}": p for i, p in enumerate(begin)}
    arrays |= {f"grad_{t}_{i}": g for t, step in enumerate(grads) for i, g in enumerate(step)}
    for name, (rule, settings) in RULES.items():
        params = [p.clone().requires_grad_() for p in begin]
        optimizer = rule(params, **settings)
        for t, step in enumerate(grads):
            for i, (p, g) in enumerate(zip(params, step, strict=True)):
                p.grad = None if (t, i) == (2, 1) else g.clone()
            optimizer.step()
            arrays |= {f"{name}_{t}_{i}": p.detach().clone() for i, p in enumerate(params)}
    params = [p.clone().requires_grad_() for p in begin]
    for limit in (0.5, 100.0):
        for i, p in enumerate(params):
            p.grad = grads[0][i].clone()
        norm = nn.utils.clip_grad_norm_(params, limit)
        arrays |= {f"clipped_{limit}_{i}": p.grad for i, p in enumerate(params)}
        arrays[f"norm_{limit}"] = norm
    plans: tuple[tuple[str, Any], ...] = (
        ("StepLR", lambda o: torch.optim.lr_scheduler.StepLR(o, 3, 0.3)),
        ("CosineLR", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 8, 0.01)),
    )
    for name, schedule in plans:
        optimizer = torch.optim.SGD(params, lr=0.4)
        plan, rates = schedule(optimizer), []
        for _ in range(8):
            optimizer.step()
            plan.step()
            rates.append(optimizer.param_groups[0]["lr"])
        arrays[name] = rates
    return arrays


if __name__ == "__main__":
    main()
