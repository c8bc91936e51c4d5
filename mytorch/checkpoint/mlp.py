"""What an MLP's next step depends on, as arrays and facts; `MLP.save` and `MLP.load`."""

from __future__ import annotations

import math
from typing import Any

from mytorch.checkpoint.archive import load_checkpoint, save_checkpoint
from mytorch.checkpoint.fitting import (
    Arrays,
    Restore,
    fitting_arrays,
    fitting_settings,
    part_facts,
    refused,
)
from mytorch.checkpoint.state_dict import layer_views
from mytorch.checks.arrays import cast, title
from mytorch.checks.network import checked_rate
from mytorch.checks.settings import check_bool

KIND = "an MLP"
NETWORK = "mlp."  # begins the names of its arrays, beside which a training run has its own


def save_mlp(mlp: Any, path: Any) -> None:
    """As `MLP.save` says."""
    save_checkpoint(path, KIND, mlp_arrays(mlp), {"mlp": mlp_facts(mlp)})


def load_mlp(mlp: Any, path: Any) -> None:
    """As `MLP.load` says."""
    arrays, facts = load_checkpoint(path, KIND)
    try:
        restore = fitting_mlp(mlp, arrays, facts["mlp"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise refused(path, title(mlp), error) from error
    restore()


def mlp_arrays(mlp: Any) -> Arrays:
    """The arrays of a network, not copied: parameters, running statistics, momentum."""
    for linear, bn in zip(mlp.linear_layers, mlp.bn_layers, strict=False):
        if bn.dtype != linear.dtype:  # as the next forward would do it
            cast(bn, linear.dtype)
    arrays: Arrays = {NETWORK + name: view for name, view in layer_views(mlp).items()}
    for i, linear in enumerate(mlp.linear_layers):
        arrays[f"{NETWORK}momentum_W.{i}"] = linear.momentum_W
        arrays[f"{NETWORK}momentum_b.{i}"] = linear.momentum_b
    return arrays


def mlp_facts(mlp: Any) -> dict[str, Any]:
    """The structure of a network, its mode and its hyper-parameters."""
    return {
        "sizes": [mlp.input_size, *(layer.out_feature for layer in mlp.linear_layers)],
        "num_bn_layers": mlp.num_bn_layers,
        "lr": checked_rate("lr", mlp.lr, math.inf),
        "momentum": checked_rate("momentum", mlp.momentum, 1),
        "train_mode": bool(mlp.train_mode),
        "activations": [part_facts(part) for part in mlp.activations],
        "bn_layers": [part_facts(part) for part in mlp.bn_layers],
        "criterion": part_facts(mlp.criterion),
    }


def fitting_mlp(mlp: Any, arrays: Arrays, facts: dict[str, Any]) -> Restore:
    """Checks arrays and facts against the network; the result puts them into it.

    Raises ValueError, TypeError or KeyError, and changes nothing, where they do not fit.
    """
    own = mlp_facts(mlp)
    for name in ("sizes", "num_bn_layers"):
        if facts[name] != own[name]:
            raise ValueError(f"expected {name} {own[name]}, got {facts[name]}")
    lr = checked_rate("lr", facts["lr"], float("inf"))
    momentum = checked_rate("momentum", facts["momentum"], 1)
    train_mode = check_bool(facts["train_mode"], "MLP", "train_mode")
    settings = [
        fitting_settings(part, stored, what)
        for what, parts, several in (
            ("the activation", mlp.activations, facts["activations"]),
            ("the layer", mlp.bn_layers, facts["bn_layers"]),
            ("the criterion", [mlp.criterion], [facts["criterion"]]),
        )
        for part, stored in zip(parts, several, strict=True)
    ]
    views = mlp_arrays(mlp)
    stored = {name: array for name, array in arrays.items() if name.startswith(NETWORK)}
    fitting_arrays(views, stored)

    def restore() -> None:
        for name, view in views.items():
            view[...] = stored[name]
        for put_back in settings:
            put_back()
        mlp.lr, mlp.momentum, mlp.train_mode = lr, momentum, train_mode
        mlp._stepped = mlp._kept is not None
        mlp.zero_grads()

    return restore
