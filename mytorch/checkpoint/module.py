"""What a module's and its optimizer's next step depends on; `Module.save` and `Module.load`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mytorch.checkpoint.archive import load_checkpoint, save_checkpoint
from mytorch.checkpoint.constants import constants_of
from mytorch.checkpoint.fitting import (
    Arrays,
    Restore,
    facts_of,
    fitting_arrays,
    fitting_settings,
    refused,
)
from mytorch.checkpoint.optimizer import fitting_optimizer, optimizer_arrays, optimizer_facts
from mytorch.checks.arrays import title
from mytorch.checks.settings import shown

KIND = "a module"
STATE, CONSTANTS, OPTIMIZER = "module.", "constant.", "optimizer."


def save_module(module: Any, path: Any, optimizer: Any) -> None:
    """As `Module.save` says."""
    facts = _facts(module, optimizer)
    save_checkpoint(path, KIND, _arrays(module, optimizer), facts)


def load_module(module: Any, path: Any, optimizer: Any) -> None:
    """As `Module.load` says."""
    stored, facts = load_checkpoint(path, KIND)
    names = [] if optimizer is None else _parameter_names(module, optimizer)
    try:
        restore = _fitting_module(module, stored, facts, optimizer, names)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise refused(path, title(module), error) from error
    restore()


def restore_module(module: Any, stored: Arrays, facts: dict[str, Any]) -> None:
    """Puts arrays and facts of a file into a module; ValueError where they do not fit."""
    _fitting_module(module, stored, facts, None, [])()


def _fitting_module(
    module: Any, stored: Arrays, facts: dict[str, Any], optimizer: Any, names: list[str]
) -> Restore:
    """Checks arrays and facts against the module; the result puts them into it.

    Raises ValueError, TypeError or KeyError, and changes nothing, where they do not fit.
    """
    own = _arrays(module, optimizer)
    modules = dict(_with_layers(module))
    if [*modules] != [*facts["modules"]]:
        raise ValueError(f"expected the modules {[*modules]}, got {[*facts['modules']]}")
    if facts.get("learned", _learned(module)) != _learned(module):
        raise ValueError(f"expected the parameters {_learned(module)}, got {facts['learned']}")
    restores = [
        fitting_settings(one, facts["modules"][name], f"as module {name!r}" if name else "a")
        for name, one in modules.items()
    ]
    if optimizer is None:
        stored = {n: array for n, array in stored.items() if n.startswith((STATE, CONSTANTS))}
    else:
        restores.append(fitting_optimizer(optimizer, facts["optimizer"]))
        if names != facts["parameters"]:
            raise ValueError(
                f"expected an optimizer of {', '.join(names)}, "
                f"got one of {', '.join(facts['parameters'])}"
            )
    fitting_arrays(own, stored)

    def restore() -> None:
        for put_back in restores:
            put_back()
        for name, tensor in module._state().items():
            tensor.data = stored[STATE + name]
            tensor.grad = None
        for name, array in own.items():
            if name.startswith(OPTIMIZER):
                array[...] = stored[name]
        for place, layer in _layers(module):
            for name, _ in constants_of(layer):
                vars(layer)[name] = stored[f"{CONSTANTS}{place}.{name}"]

    return restore


def _arrays(module: Any, optimizer: Any) -> Arrays:
    """Parameters and buffers of the module, and the optimizer's arrays; none is copied."""
    arrays = {STATE + name: tensor.data for name, tensor in module._state().items()}
    for place, layer in _layers(module):
        arrays |= {f"{CONSTANTS}{place}.{name}": array for name, array in constants_of(layer)}
    return arrays | optimizer_arrays(optimizer, OPTIMIZER)


def _facts(module: Any, optimizer: Any) -> dict[str, Any]:
    names = [] if optimizer is None else _parameter_names(module, optimizer)
    return {
        "modules": {name: facts_of(one) for name, one in _with_layers(module)},
        "learned": _learned(module),
        "optimizer": optimizer_facts(optimizer),
        "parameters": names,
    }


def _learned(module: Any) -> list[str]:
    """Which of the names for `state_dict` are parameters."""
    return [name for name, tensor in module._state().items() if tensor.is_parameter]


def _named_modules(module: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The module, its submodules, theirs and so on, by their names for `state_dict`."""
    yield name, module
    for key, submodule in module._modules.items():
        yield from _named_modules(submodule, f"{name}.{key}" if name else key)


def _layers(module: Any) -> Iterator[tuple[str, Any]]:
    """The layers of the classic face that modules wrap, by name."""
    for name, one in _named_modules(module):
        if one._wrapped is not None:
            yield f"{name}.layer" if name else "layer", one._wrapped


def _with_layers(module: Any) -> Iterator[tuple[str, Any]]:
    """Everything that has settings, by name."""
    yield from _named_modules(module)
    yield from _layers(module)


def _parameter_names(module: Any, optimizer: Any) -> list[str]:
    """The names of an optimizer's parameters, in its order; ValueError for another network's."""
    if isinstance(optimizer, type) or not hasattr(optimizer, "params"):
        raise TypeError(
            f"{title(module)}: expected an optimizer, e.g. SGD(...), got {shown(optimizer)}"
        )
    names = {id(tensor): name for name, tensor in reversed(module._state().items())}
    for i, parameter in enumerate(optimizer.params):
        if id(parameter) not in names:
            raise ValueError(
                f"{type(optimizer).__name__}: expected parameters of the network {title(module)}, "
                f"and params[{i}] is none of them; make the optimizer from model.parameters()"
            )
    return [names[id(parameter)] for parameter in optimizer.params]
