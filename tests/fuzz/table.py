"""The table of all callables, and what of the public names is not in it, with reasons."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import mytorch
from mytorch.activation import Activation
from mytorch.checks.arrays import ArrayAttribute
from mytorch.layer import Layer
from mytorch.loss import Criterion
from mytorch.mlp import MLP
from mytorch.nn.module import Module
from mytorch.numeric.layer_lists import OfLinearLayers
from tests.fuzz.judge import Entry
from tests.fuzz.table_classic import activations, layers
from tests.fuzz.table_criteria import criteria, initial_weights
from tests.fuzz.table_data_sets import data_sets
from tests.fuzz.table_engine import the_engine
from tests.fuzz.table_gradcheck import gradient_checks
from tests.fuzz.table_images import images
from tests.fuzz.table_layer_operations import operations_of_layers
from tests.fuzz.table_network import whole_network
from tests.fuzz.table_nn import modules as nn_modules
from tests.fuzz.table_operations import operations
from tests.fuzz.table_optim import both_faces, optimizers, registers
from tests.fuzz.table_pixels import images_as_bytes, numbers_of_threads
from tests.fuzz.table_tensor import tensors
from tests.fuzz.table_training import training_calls

ENTRIES: dict[str, Entry] = {
    entry.name: entry
    for part in (
        *(activations, layers, images, criteria, initial_weights, whole_network),
        *(training_calls, data_sets, gradient_checks, images_as_bytes, numbers_of_threads),
        *(tensors, operations, operations_of_layers, the_engine),
        *(nn_modules, registers, both_faces, optimizers),
    )
    for entry in part()
}

# Public names without an entry, as patterns; the first word of a reason says which kind it is.
EXCLUDED = {
    "activation.Activation.*": "abstract: every subclass has entries of its own",
    "layer.Criterion.*": "abstract: every subclass has entries of its own",
    "*.check_input": "inside: the check itself, which every entry of `forward` goes through",
    "*.infer_backward": "inside: OfLayer calls it with what passed its checks",
    "dropout.Dropout.kept_in": "inside: `forward` calls it with the shape of its input",
    "batchnorm.BatchNorm2d": "twice: made as BatchNorm is, whose constructor it has",
    "nn.batchnorm.BatchNorm2d": "twice: made as BatchNorm1d is, whose constructor it has",
    "nn.batchnorm.*.kind": "inside: the class of the layer that it runs",
    "nn.from_layer.FromLayer.wrapping": "inside: from_mlp calls it with the layers of a network",
    "nn.activations.GELU": "without arguments: it cannot fail",
    "nn.shape.Flatten": "without arguments: it cannot fail",
    "network.Network*": "abstract: MLP, which is one, has an entry for each",
    "mlp.MLP.optimizer": "result: handed out; assigning another one has its own tests",
    "optim.*.update": "inside: `step` calls it with arrays of one shape",
    "optim.optimizer.Optimizer.take_over": "inside: a network calls it",
    "optim.schedule.Schedule": "abstract: every subclass has entries of its own",
    "layer.*": "abstract, or inside: what a layer is made with, not what is called",
    "autograd_engine.Function.forward": "abstract: it raises NotImplementedError",
    "autograd_engine.Function.backward": "abstract: it raises NotImplementedError",
    "autograd_engine.BackwardFunction": "inside: made by Function.apply alone",
    "autograd_engine.ContextManager.needs": "inside: called by the operations' own backward",
    "nn.functional.*.backward": "inside: the engine calls it with a gradient that it has checked",
    "nn.functional.*.formula": "inside: `forward`, which has checked the input, calls it",
    "nn.functional.*.forward": "inside: `apply`, which has an entry for each, calls it",
    "datasets.Pixels.__len__": "without arguments: it cannot fail",
    "gradcheck.Place": "inside: made by gradcheck, which has an entry",
    "tensor.wrap": "twice: Tensor.wrap",
    "nn.sequential.Sequential.__len__": "without arguments: it cannot fail",
    "tensor.Tensor.wrap": "inside: documented as unchecked, for results of NumPy expressions",
    "tensor.Tensor.twin": "inside: made of a view of the tensor's own numbers",
    "nn.sequential.Numbered*": "abstract: Sequential and ModuleList have entries of their own",
    "nn.module.Module.forward": "abstract: it raises NotImplementedError",
    "nn.module.Module.__call__": "abstract: it calls forward, of which every subclass has an entry",
    "training.Epoch": "result: handed out, not taken",
    "training.Evaluation": "result: handed out, not taken",
    "training.StepTraining*": "twice: as Training; its steps and its files have their own tests",
    "datasets.ImageFolder": "result: handed out, not taken",
    "training.Training*": "twice: training.train_epochs makes one; its files have their own tests",
    "nn.loading.load": "neither face: it reads a file, and has its own tests",
    "checkpoint.*": "twice: save and load of both faces call it; it has its own tests",
    "gradcheck.Entry": "result: handed out, not taken",
    "gradcheck.GradientReport": "result: handed out, not taken",
    "plotting.*": "neither face: it draws what is finished, and has its own tests",
    "__main__.*": "neither face: it starts commands, and has its own tests",
    "datasets.Columns*": "a table's: read_csv makes what it takes; it has its own tests",
    "datasets.Table*": "result: handed out, not taken",
    "datasets.read_csv": "files: their content decides; it has its own tests",
    "datasets.normalize": "twice: datasets.normalize_pixels",
    "datasets.split": "a table's: read_csv makes what it takes; it has its own tests",
    "training.EarlyStopping.*": "inside: a training loop calls it with what a network gave",
    "system.threads.Limit": "inside: what asks for so many threads, made by the library alone",
    "graph.*": "neither face: it shows what is finished, and has its own tests",
}

OPERATORS = ("__call__", "__getitem__", "__setitem__", "__iter__", "__len__")


PRIVATE = ("checks", "numeric", "system", "functions", "mytorch", "sklearn")
GATHERING = ("checkpoint", "datasets", "gradcheck", "network", "plotting", "training")
"""Packages that are public themselves, while their modules are not."""


def modules() -> Iterator[tuple[str, ModuleType]]:
    """Every public module or package, by its name below `mytorch`."""
    yield "system.threads", import_module("mytorch.system.threads")
    for found in walk_packages(mytorch.__path__, "mytorch."):
        name = found.name.removeprefix("mytorch.")
        room = name.partition(".")[0]
        if room in PRIVATE or (room in GATHERING and room != name):
            continue
        if room in GATHERING or not found.ispkg:
            yield name, import_module(found.name)


def public() -> Iterator[str]:
    """Every public callable, method and attribute that can be assigned, by its full name.

    A callable without arguments cannot be called with bad ones and is left out.
    """
    for module_name, module in modules():
        for name, thing in vars(module).items():
            home = getattr(thing, "__module__", None)
            if name.startswith("_") or not _is_at_home(name, home, module):
                continue
            if inspect.isclass(thing) and not issubclass(thing, Exception):
                yield from _of_class(f"{module_name}.{name}", thing)
            elif inspect.isfunction(thing) and _arguments(thing):
                yield f"{module_name}.{name}"


def _is_at_home(name: str, home: str | None, module: ModuleType) -> bool:
    """Whether a module is where a name is public: its own, or one that it gives away."""
    if home == module.__name__:
        return True
    gives_away = name in getattr(module, "__all__", ())
    return gives_away and (home or "").startswith((f"{module.__name__}.", "mytorch.functions."))


def _of_class(name: str, cls: type) -> Iterator[str]:
    made_by = cls.__init__ if issubclass(cls, Module) and "__init__" in vars(cls) else cls
    if _arguments(made_by):
        yield name
    # What a subclass of an abstract class inherits is its own to answer for.
    bases = cls.__mro__ if issubclass(cls, Activation | Criterion | MLP) else (cls,)
    inside = (object, Layer)
    for attribute in {a for base in bases if base not in inside for a in vars(base)}:
        thing: Any = inspect.getattr_static(cls, attribute)
        if isinstance(thing, ArrayAttribute | OfLinearLayers):
            yield f"{name}.{attribute}"
        elif isinstance(thing, property):
            if thing.fset is not None:
                yield f"{name}.{attribute}"
        elif attribute in OPERATORS or _is_binary(attribute) or not attribute.startswith("_"):
            function = getattr(cls, attribute)
            if callable(function) and (_arguments(function, thing) or attribute == "__len__"):
                yield f"{name}.{attribute}"


def _is_binary(attribute: str) -> bool:
    names = ("add", "sub", "mul", "truediv", "pow", "matmul")
    return attribute in {f"__{r}{name}__" for r in ("", "r") for name in names}


def _arguments(function: Any, static: Any = None) -> bool:
    """Whether it takes anything but itself."""
    parameters = list(inspect.signature(function).parameters.values())
    if static is not None and not isinstance(static, staticmethod | classmethod):
        parameters = parameters[1:]
    return bool(parameters)


def excluded(name: str) -> bool:
    """Whether a pattern with a reason leaves this name out."""
    return any(fnmatchcase(name, pattern) for pattern in EXCLUDED)
