"""Networks on tensors: modules, and the operations that they are made of.

`nn.Linear` and the other classes are also found here; each is imported when it is asked for.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "BatchNorm1d": "batchnorm",
    "CrossEntropyLoss": "loss",
    "Identity": "activations",
    "LeakyReLU": "activations",
    "Linear": "linear",
    "Module": "module",
    "ReLU": "activations",
    "Sequential": "sequential",
    "Sigmoid": "activations",
    "Softmax": "activations",
    "Tanh": "activations",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
