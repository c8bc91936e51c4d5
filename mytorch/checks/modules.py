"""What the attributes of a module must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def check_name(owner: str, name: Any) -> None:
    """TypeError or ValueError for what cannot name a parameter or a submodule."""
    if not isinstance(name, str):
        raise TypeError(f"{owner}: expected text as name, got {type(name).__name__}")
    if not name or "." in name:
        raise ValueError(
            f"{owner}: expected a name without dots, which state_dict puts between names, "
            f"got {name!r}"
        )


def not_a_module(owner: str, name: str, thing: Any) -> TypeError:
    """The error for a submodule that is none."""
    found = type(thing).__name__
    if isinstance(thing, type):
        found = f"the class {thing.__name__}; write {thing.__name__}()"
    elif hasattr(thing, "parameter_gradients"):
        found += ", a layer for arrays; write nn.FromLayer(layer), or its namesake in mytorch.nn"
    elif isinstance(thing, list | tuple):
        found += "; write Sequential(*modules) to run several, ModuleList(modules) to keep them"
    return TypeError(f"{owner}: expected a Module as {name}, got {found}")


def check_registered(module: Any) -> None:
    """TypeError where an optimizer of this module's parameters would forget some.

    That is where a module or a parameter stands in a list, tuple or dictionary and nowhere else,
    and where a tensor that requires a gradient is an attribute, but no parameter.
    """
    modules = list(module.modules())
    known = {id(one) for one in modules} | {
        id(tensor) for one in modules for tensor in one._parameters.values()
    }
    for one in modules:
        owner = type(one).__name__
        for name, tensor in one._buffers.items():
            if tensor.requires_grad:
                raise TypeError(
                    f"{owner}: expected a parameter as {name}, got a tensor that requires a "
                    f"gradient, but that no optimizer would change; write "
                    f"Tensor(..., requires_grad=True, is_parameter=True), or requires_grad=False"
                )
        for name, value in vars(one).items():
            if name in ("_parameters", "_buffers", "_modules"):
                continue
            for part in _parts(value):
                if id(part) not in known:
                    raise TypeError(
                        f"{owner}: expected modules and parameters as attributes of their own, got "
                        f"{type(part).__name__} in a {type(value).__name__} as {name}, where no "
                        f"optimizer would find it; write {name} = ModuleList([...]) for modules, "
                        f"or add_parameter(name, tensor) for a parameter"
                    )


def _parts(value: Any) -> Iterator[Any]:
    """The modules and parameters in a list, tuple or dictionary, and in those inside it."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            if hasattr(part, "named_parameters") or getattr(part, "is_parameter", False):
                yield part
            else:
                yield from _parts(part)
