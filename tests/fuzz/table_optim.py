"""The autograd face's registers of parameters, and its optimizers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mytorch import nn, optim
from mytorch.mlp import MLP
from mytorch.nn.classic import from_mlp, to_mlp
from mytorch.optim import clip_grad_norm, schedule
from mytorch.optim.optimizer import Optimizer
from mytorch.optim.sgd import SGD
from mytorch.tensor import Tensor
from tests.fuzz.choices import Choices
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import (
    Real,
    Thing,
    Whole,
    exactly,
)
from tests.fuzz.table_classic import network
from tests.fuzz.table_nn import PARAMETER
from tests.fuzz.table_tensor import tensor


def registers() -> Iterator[Entry]:
    names = Choices(["a", "weight"], [3, None, 1.5, b"a", (), ["a"], "", "a.b", object()])
    yield Entry(
        "nn.module.Module.add_parameter",
        partial(_register, "add_parameter"),
        {
            "name": names,
            "thing": Thing(
                lambda: PARAMETER, {"no parameter": tensor, "an array": lambda: np.ones(2)}
            ),
        },
        words=("a", "parameter"),
    )
    yield Entry(
        "nn.module.Module.add_module",
        partial(_register, "add_module"),
        {
            "name": names,
            "thing": Thing(nn.ReLU, {"a class": lambda: nn.ReLU, "a tensor": tensor}),
        },
        words=("a", "module"),
    )
    good = _sequential().state_dict()
    yield Entry(
        "nn.module.Module.load_state_dict",
        _load,
        {
            "state": Thing(
                lambda: good,
                {
                    "an empty state": dict,
                    "a name missing": lambda: {"0.weight": good["0.weight"]},
                    "a name too much": lambda: {**good, "9.weight": np.ones(2)},
                    "a name that is no text": lambda: {**good, 3: np.ones(2)},
                    "pairs": lambda: list(good.items()),
                },
            ),
            "0.weight": exactly(4, 5, dtype="float64"),
        },
    )


def _register(method: str, name: Any, thing: Any) -> Any:
    module = nn.Module()
    getattr(module, method)(name, thing)
    return list(module._parameters) + list(module._modules)


def _sequential() -> Any:
    np.random.seed(0)
    return nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4))


def _load(state: Any, **changes: Any) -> Any:
    module = _sequential()
    module.load_state_dict(
        {**state, **changes} if type(state) is dict and changes and state else state
    )
    return module.state_dict()


def both_faces() -> Iterator[Entry]:
    yield Entry(
        "nn.classic.from_mlp",
        lambda mlp: from_mlp(mlp).state_dict(),
        {"mlp": Thing(network, {"a class": lambda: MLP, "a module": _sequential, "a list": list})},
    )
    yield Entry(
        "nn.classic.to_mlp",
        lambda network, criterion, lr, momentum: to_mlp(
            network, criterion, lr, momentum
        ).state_dict(),
        {
            "network": Thing(
                _sequential,
                {
                    "a layer": lambda: nn.Linear(2, 3),
                    "a class": lambda: nn.Linear,
                    "an MLP": network,
                    "no layers": nn.Sequential,
                    "another order": lambda: nn.Sequential(nn.ReLU()),
                },
            ),
            "criterion": Thing(
                lambda: None, {"a class": lambda: nn.CrossEntropyLoss}, {}, ("None",)
            ),
            "lr": Real(0.1, 0),
            "momentum": Real(0.0, 0, 1),
        },
        words=("layer", "Linear"),
    )


def optimizers() -> Iterator[Entry]:
    params = Thing(
        lambda: [tensor()],
        {
            "no parameters": list,
            "a tensor": tensor,
            "arrays": lambda: [np.ones(2)],
            "an output": lambda: [tensor() * 2],
            "a module": _sequential,
            "numbers": lambda: [1.0],
            "integers": lambda: [Tensor([1, 2])],
            "one tensor twice": lambda: (lambda t: [t, t])(tensor()),
        },
        {"a generator": lambda: (t for t in [tensor()]), "a tuple": lambda: (tensor(),)},
    )
    yield Entry(
        "optim.optimizer.Optimizer",
        lambda params: len(Optimizer(params).params),
        {"params": replace(params, takes_nonsense=["None"])},
        words=("parameter", "leaf tensors"),
        changes=("params",),
    )
    yield Entry(
        "optim.sgd.SGD",
        lambda params, lr, momentum: _descend(SGD(params, lr, momentum)),
        {"params": params, "lr": Real(0.1, 0), "momentum": Real(0.5, 0, 1)},
        words=("parameter", "leaf tensors"),
        changes=("params",),
    )
    below_one = {"betas": Real(0.5, 0, np.nextafter(1, 0))}
    rules: tuple[tuple[str, Any, dict[str, Any]], ...] = (
        ("adam.Adam", optim.Adam, below_one),
        ("adam.AdamW", optim.AdamW, below_one),
        ("rmsprop.RMSprop", optim.RMSprop, {"alpha": Real(0.5, 0, 1), "momentum": Real(0.5, 0, 1)}),
    )
    for name, rule, others in rules:
        yield Entry(
            f"optim.{name}",
            lambda params, lr, eps, weight_decay, rule=rule, **more: _descend(
                rule(params, lr, eps=eps, weight_decay=weight_decay, **_pair(more))
            ),
            {
                "params": params,
                "lr": Real(0.1, 0),
                "eps": Real(0.1, 0),
                "weight_decay": Real(0.1, 0),
                **others,
            },
            words=("parameter", "leaf tensors", "beta"),
            changes=("params",),
            domain=True,
        )
    rate = Thing(lambda: SGD([tensor()], 0.1), {"a class": lambda: SGD, "a list": list})
    yield Entry(
        "optim.schedule.StepLR",
        lambda optimizer, step_size, gamma: _rate(schedule.StepLR(optimizer, step_size, gamma)),
        {"optimizer": rate, "step_size": Whole(3, 1), "gamma": Real(0.1, 0)},
        changes=("optimizer",),
    )
    yield Entry(
        "optim.schedule.CosineLR",
        lambda optimizer, epochs, least: _rate(schedule.CosineLR(optimizer, epochs, least)),
        {"optimizer": rate, "epochs": Whole(3, 1), "least": Real(0.1, 0)},
        changes=("optimizer",),
    )
    yield Entry(
        "optim.clip.clip_grad_norm",
        lambda max_norm: clip_grad_norm([_with_gradient()], max_norm),
        {"max_norm": Real(0.5, 0)},
    )
    for attribute, most in (("lr", np.inf), ("momentum", 1)):
        yield Entry(
            f"optim.sgd.SGD.{attribute}",
            partial(_set, attribute),
            {"value": Real(0.5, 0, most)},
            words=(attribute,),
        )


def _pair(settings: dict[str, Any]) -> dict[str, Any]:
    """`betas` as the two numbers that Adam takes."""
    return {n: (v, 0.9) if n == "betas" else v for n, v in settings.items()}


def _rate(plan: Any) -> Any:
    plan.step()
    return plan.optimizer.lr


def _with_gradient() -> Any:
    t = tensor()
    t.grad = Tensor(np.ones(t.shape))
    return t


def _descend(optimizer: Any) -> Any:
    for t in optimizer.params:
        t.grad = Tensor(np.ones(t.shape))
    optimizer.step()
    optimizer.step()
    return [t.data for t in optimizer.params]


def _set(attribute: str, value: Any) -> Any:
    optimizer = SGD([tensor()], 0.1, 0.9)
    setattr(optimizer, attribute, value)
    return _descend(optimizer)
