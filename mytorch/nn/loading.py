"""Networks and modules made anew from the file that `save` wrote.

The file names classes and holds plain settings and arrays. A name stands for a class of the
library's, in the modules named below, or one that the caller hands in. Nothing in the file is run,
and nothing is unpickled.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from mytorch import (
    activation,
    batchnorm,
    convolution,
    dropout,
    linear,
    loss,
    mlp,
    nn,
    optim,
    pooling,
    shape,
)  # fmt: skip
from mytorch.checkpoint.archive import load_any
from mytorch.checkpoint.module import CONSTANTS as MODULE_CONSTANTS
from mytorch.checkpoint.module import KIND as MODULE
from mytorch.checkpoint.module import STATE, restore_module
from mytorch.checkpoint.network import CONSTANTS, LAYERS, fitting_network
from mytorch.checkpoint.network import KIND as NETWORK
from mytorch.layer import Layer
from mytorch.loss import Criterion
from mytorch.mlp import MLP, Network
from mytorch.nn.from_layer import FromLayer
from mytorch.nn.module import Module
from mytorch.nn.sequential import Numbered
from mytorch.optim.optimizer import Optimizer
from mytorch.system.errors import DataError
from mytorch.tensor import Tensor

LAYERS_OF = (activation, linear, batchnorm, convolution, pooling, dropout, shape)
"""The modules whose layers a file may name, each by its `__all__`."""

FAILURES = (ValueError, TypeError, LookupError, AttributeError)


def load(path: str | os.PathLike[str], *classes: type) -> Any:
    """The network or the module that `save` wrote to `path`, made anew.

    `classes` are those of layers, criteria, optimizers and modules of your own. Such an object is
    made by its `__init__` where its settings, by the names of the arguments, are in the file; else
    it gets back, without `__init__`, its numbers, flags and text, its arrays and its submodules,
    which is all that `save` keeps. A network has its optimizer again; that of a module is loaded by
    `module.load(path, optimizer)`.

    Raises DataError where the file is missing, damaged, of a later version, or names a class that
    was not handed in; TypeError for anything but classes.
    """
    for cls in classes:
        if not isinstance(cls, type):
            raise TypeError(f"load: expected classes after the path, got {cls!r}")
    kind, arrays, facts = load_any(path, (NETWORK, MODULE))
    build = _Building(path, arrays, classes)
    try:
        if kind == NETWORK:
            network = build.network(facts["network"], facts.get("class", "Network"))
            fitting_network(network, arrays, facts["network"])()
            return network
        module = build.module(facts)
        restore_module(module, arrays, facts)
        return module
    except FAILURES as error:
        raise DataError(f"{path}: cannot be made anew: {error}") from error


class _Building:
    """Makes objects of the names and settings in one file."""

    def __init__(self, path: Any, arrays: dict[str, Any], classes: Iterable[type]) -> None:
        self.path = path
        self.arrays = arrays
        self.own = {cls.__name__: cls for cls in classes}

    def find(self, name: str, base: type, *homes: Any) -> Any:
        """A class that was handed in, or a subclass of `base` that one of `homes` gives away.

        Layers, criteria and optimizers that were handed in need no base class.
        """
        cls = self.own.get(name)
        if cls is not None and base not in (Network, Module):
            return cls
        for home in homes:
            if cls is None and name in home.__all__:
                cls = getattr(home, name)
        if not (isinstance(cls, type) and issubclass(cls, base)):
            raise DataError(
                f"{self.path}: holds an object of the class {name}, which is none of mytorch's; "
                f"hand it in, mytorch.load(path, {name})"
            )
        return cls

    def network(self, facts: dict[str, Any], name_of_class: str) -> Any:
        """A network of the stored structure, with whatever weights."""
        layers = [
            self.layer(fact, f"{LAYERS}{i}.", f"{CONSTANTS}{i}.")
            for i, fact in enumerate(facts["layers"])
        ]
        name, settings = facts["criterion"]
        constants = self.arrays_of(f"{CONSTANTS}criterion.")
        criterion = _made(self.find(name, Criterion, loss), settings, {}, constants)
        cls = self.find(name_of_class, Network, mlp)
        if issubclass(cls, MLP):
            return _mlp(cls, layers, criterion, facts["optimizer"][1])
        return cls(layers, criterion, self.optimizer(facts["optimizer"]))

    def optimizer(self, facts: Any) -> Any:
        """An optimizer without parameters, or None."""
        if facts is None:
            return None
        name, settings, _ = facts
        return _made(self.find(name, Optimizer, optim), settings, {}, {})

    def layer(self, fact: Any, prefix: str, constants: str) -> Any:
        """A layer of the classic face; its arrays are those that begin with `prefix`."""
        name, settings = fact
        cls = self.find(name, Layer, *LAYERS_OF)
        return _made(cls, settings, self.arrays_of(prefix), self.arrays_of(constants))

    def module(self, facts: dict[str, Any], place: str = "") -> Any:
        """The module at `place`, with its submodules."""
        modules, start = facts["modules"], f"{place}." if place else ""
        name, settings = modules[place]
        cls = self.find(name, Module, nn)
        arrays = self.arrays_of(STATE + start)
        if issubclass(cls, FromLayer):
            constants = f"{MODULE_CONSTANTS}{start}layer."
            return cls.wrapping(self.layer(modules[f"{start}layer"], STATE + start, constants))
        inside = [n for n in modules if n.startswith(start) and n != place]
        parts = {
            n.removeprefix(start): self.module(facts, n)
            for n in inside
            if "." not in n.removeprefix(start)
        }
        if issubclass(cls, Numbered) and name not in self.own:
            return cls()._part(tuple(parts.values()))
        if cls is nn.Linear:
            settings = {**settings, "bias": "bias" in arrays}
        module = _by_init(cls, settings, arrays)
        if module is None or [*module._modules] != [*parts]:
            module = _bare_module(cls, settings, arrays, parts, facts["learned"], start)
        return module

    def arrays_of(self, prefix: str) -> dict[str, Any]:
        """The arrays whose names begin with `prefix`, without it."""
        return {
            name.removeprefix(prefix): array
            for name, array in self.arrays.items()
            if name.startswith(prefix)
        }


def _by_init(cls: Any, settings: dict[str, Any], arrays: dict[str, Any]) -> Any:
    """An object made by its class with what the file has for its arguments; None where it lacks."""
    arguments: dict[str, Any] = {}
    for name, parameter in inspect.signature(cls).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if name == "rng":
            arguments[name] = 0  # whose state is in the file
        elif name == "dtype" and arrays:
            arguments[name] = next(iter(arrays.values())).dtype
        elif name in settings:
            arguments[name] = settings[name]
        elif name.endswith("init_fn"):
            arguments[name] = _zeros
        elif parameter.default is parameter.empty:
            return None
    try:
        return cls(**arguments)
    except FAILURES:
        return None


def _zeros(*sizes: int) -> Any:
    return np.zeros(sizes)


def _made(cls: Any, settings: Any, arrays: dict[str, Any], constants: dict[str, Any]) -> Any:
    """A layer, a criterion or an optimizer, by `__init__` or without."""
    thing = _by_init(cls, settings, arrays)
    if thing is None:
        thing = object.__new__(cls)
        vars(thing).update(settings)
        vars(thing).update(arrays)
    vars(thing).update(constants)
    if constants:
        thing.constants = tuple(constants)
    return thing


def _bare_module(
    cls: Any, settings: Any, arrays: Any, parts: Any, learned: list[str], start: str
) -> Any:
    """A module without `__init__`: its settings, its tensors and its submodules."""
    module = cls.__new__(cls)
    vars(module).update(settings)
    for name, array in arrays.items():
        if "." not in name:
            is_learned = start + name in learned
            setattr(module, name, Tensor(array, is_learned, is_parameter=is_learned))
    for name, part in parts.items():
        module.add_module(name, part)
    return module


def _mlp(cls: Any, layers: list[Any], criterion: Any, settings: dict[str, Any]) -> Any:
    """An MLP of these layers, which are in its order."""
    linears = [layer for layer in layers if isinstance(layer, linear.Linear)]
    norms = [layer for layer in layers if isinstance(layer, batchnorm.BatchNorm)]
    activations = [layer for layer in layers if layer not in (*linears, *norms)]
    made = cls(
        linears[0].in_feature,
        linears[-1].out_feature,
        [layer.out_feature for layer in linears[:-1]],
        activations,
        _zeros,
        _zeros,
        criterion,
        settings["lr"],
        settings["momentum"],
        len(norms),
        linears[0].dtype,
    )
    made.linear_layers, made.bn_layers = linears, norms
    return made


__all__ = ["load"]
