"""What a module's and its optimizer's next step depends on; `Module.save` and `Module.load`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mytorch.checkpoint.archive import load_checkpoint, save_checkpoint
from mytorch.checkpoint.fitting import Arrays, fitting_arrays, fitting_settings, part_facts, refused
from mytorch.checks.arrays import title
from mytorch.checks.settings import shown

KIND = "a module"
STATE, OPTIMIZER = "module.", "optimizer."


def save_module(module: Any, path: Any, optimizer: Any) -> None:
    """As `Module.save` says."""
    facts = _facts(module, optimizer)
    save_checkpoint(path, KIND, _arrays(module, optimizer), facts)


def load_module(module: Any, path: Any, optimizer: Any) -> None:
    """As `Module.load` says."""
    stored, facts = load_checkpoint(path, KIND)
    names = [] if optimizer is None else _parameter_names(module, optimizer)
    own = _arrays(module, optimizer)
    try:
        if optimizer is None:
            stored = {name: array for name, array in stored.items() if name.startswith(STATE)}
        elif facts["optimizer"] is None:
            raise ValueError("it was saved without an optimizer; load it without one")
        parts = dict(_named_parts(module))
        if [*parts] != [*facts["parts"]]:
            raise ValueError(f"expected the parts {[*parts]}, got {[*facts['parts']]}")
        settings = [
            fitting_settings(part, facts["parts"][name], f"as part {name!r}" if name else "a")
            for name, part in parts.items()
        ]
        if optimizer is not None:
            if names != facts["parameters"]:
                raise ValueError(
                    f"expected an optimizer of {', '.join(names)}, "
                    f"got one of {', '.join(facts['parameters'])}"
                )
            settings.append(fitting_settings(optimizer, facts["optimizer"], "the optimizer"))
        fitting_arrays(own, stored)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise refused(path, title(module), error) from error
    for put_back in settings:
        put_back()
    for name, tensor in module._state().items():
        tensor.data = stored[STATE + name]
        tensor.grad = None
    for name, array in own.items():
        if name.startswith(OPTIMIZER):
            array[...] = stored[name]


def _arrays(module: Any, optimizer: Any) -> Arrays:
    """Parameters and buffers of the module, and the optimizer's arrays; none is copied."""
    arrays = {STATE + name: tensor.data for name, tensor in module._state().items()}
    return arrays | (_optimizer_arrays(optimizer) if optimizer is not None else {})


def _facts(module: Any, optimizer: Any) -> dict[str, Any]:
    names = [] if optimizer is None else _parameter_names(module, optimizer)
    return {
        "parts": {name: part_facts(part) for name, part in _named_parts(module)},
        "optimizer": None if optimizer is None else part_facts(optimizer),
        "parameters": names,
    }


def _named_parts(module: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The module, its parts, their parts and so on, by their names for `state_dict`."""
    yield name, module
    for key, part in module._modules.items():
        yield from _named_parts(part, f"{name}.{key}" if name else key)


def _parameter_names(module: Any, optimizer: Any) -> list[str]:
    """The names of an optimizer's parameters, in its order; ValueError for a stranger's."""
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


def _optimizer_arrays(optimizer: Any) -> Arrays:
    """Every array of an optimizer, whatever it calls them; TypeError for what can't be stored."""
    arrays: Arrays = {}
    for name, value in vars(optimizer).items():
        if name == "params" or isinstance(value, bool | int | float | str | np.generic):
            continue
        values = value if isinstance(value, list) else [value]
        if not all(
            isinstance(array, np.ndarray) and array.dtype.kind in "fiub" for array in values
        ):
            raise TypeError(
                f"{type(optimizer).__name__}: expected numbers, arrays or lists of arrays to "
                f"store, got {type(value).__name__} as {name}"
            )
        arrays |= {f"{OPTIMIZER}{name}.{i}": array for i, array in enumerate(values)}
    return arrays
