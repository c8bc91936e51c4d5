"""Module: what layers and networks on tensors have in common."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mytorch.checkpoint.state_dict import Differences, State, fitting
from mytorch.checks.modules import check_name, check_registered, not_a_module
from mytorch.checks.settings import check_bool
from mytorch.tensor import Tensor

if TYPE_CHECKING:
    from typing_extensions import Self


class Module:
    """A network or a piece of one, with parameters and submodules (002 §2.1).

    Assigning a tensor with `is_parameter=True` or a module to an attribute registers it; any
    other tensor is a buffer: state that is stored, but not learned. A subclass defines `forward`.

    Attributes
    ----------
    is_train : whether the module is in training mode, which `train()` and `eval()` set here and
        in every submodule.
    """

    is_train: bool
    _parameters: dict[str, Tensor]
    _buffers: dict[str, Tensor]
    _modules: dict[str, Module]

    @property
    def _wrapped(self) -> Any:
        """A layer of the classic face, whose settings are stored with the module's."""
        return None

    def __new__(cls, *settings: Any, **named: Any) -> Module:
        """A module whose registers exist before its own `__init__` assigns anything."""
        if (settings or named) and cls.__init__ is object.__init__:  # which would ignore them
            raise TypeError(
                f"{cls.__name__}: expected no arguments, got {len(settings) + len(named)}"
            )
        module = super().__new__(cls)
        module.__dict__.update(_parameters={}, _buffers={}, _modules={}, is_train=True)
        return module

    def __setattr__(self, name: str, value: Any) -> None:
        own: dict[str, Any] | None = None
        if isinstance(value, Module):
            own = self._modules
        elif isinstance(value, Tensor) and value.is_leaf:  # an output is kept, but not stored
            own = self._parameters if value.is_parameter else self._buffers
        for register in (self._parameters, self._buffers, self._modules):
            if register is not own:
                register.pop(name, None)
        if own is not None:
            own[name] = value  # in its place, where the name is known already
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        for register in (self._parameters, self._buffers, self._modules):
            register.pop(name, None)
        object.__delattr__(self, name)

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """`forward` of the same arguments."""
        return self.forward(*inputs, **named)

    def __repr__(self) -> str:
        submodules = [
            f"  ({name}): " + repr(submodule).replace("\n", "\n  ")
            for name, submodule in self._modules.items()
        ]
        return (
            "\n".join([f"{type(self).__name__}(", *submodules, ")"]) if submodules else self._line()
        )

    def _line(self) -> str:
        """A module without submodules in one line."""
        return f"{type(self).__name__}()"

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """The module's output for tensors."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def add_parameter(self, name: str, parameter: Tensor) -> None:
        """Registers `parameter` as attribute `name`; TypeError for anything but a parameter."""
        check_name(type(self).__name__, name)
        if not (isinstance(parameter, Tensor) and parameter.is_parameter):
            raise TypeError(
                f"{type(self).__name__}: expected a Tensor with is_parameter=True as {name}, "
                f"got {type(parameter).__name__}"
            )
        setattr(self, name, parameter)

    def add_module(self, name: str, module: Module) -> None:
        """Registers `module` as attribute `name`; TypeError for anything but a module."""
        check_name(type(self).__name__, name)
        if not isinstance(module, Module):
            raise not_a_module(type(self).__name__, name, module)
        setattr(self, name, module)

    def modules(self) -> Iterator[Module]:
        """This module, its submodules, theirs and so on, each once."""
        seen: set[int] = set()
        unexplored: list[Module] = [self]
        while unexplored:
            module = unexplored.pop(0)
            if id(module) not in seen:
                seen.add(id(module))
                yield module
                unexplored = [*module._modules.values(), *unexplored]

    def parameters(self) -> Iterator[Tensor]:
        """All parameters, of the submodules too, each once.

        Raises TypeError where one would be forgotten: where a module stands in a plain list, or an
        attribute is a tensor that requires a gradient but is no parameter.
        """
        return (parameter for _, parameter in self.named_parameters())

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Pairs of a name in `state_dict` and a parameter, otherwise as `parameters`."""
        check_registered(self)
        once = {id(p): (name, p) for name, p in reversed(self._state().items()) if p.is_parameter}
        return iter(reversed(once.values()))

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to None."""
        for parameter in self.parameters():
            parameter.grad = None

    @property
    def training(self) -> bool:
        """`is_train`, as PyTorch calls it."""
        return self.is_train

    def train(self, mode: bool = True) -> Self:
        """Training mode, here and in every submodule, or evaluation mode; returns the module."""
        mode = check_bool(mode, type(self).__name__, "mode")
        for module in self.modules():
            module.is_train = mode
        return self

    def eval(self) -> Self:
        """Evaluation mode, here and in every submodule; returns the module."""
        return self.train(False)

    def state_dict(self) -> State:
        """Copies of all parameters and buffers, with PyTorch's names and layouts.

        A submodule's names are preceded by its own: `0.weight`, `0.bias`. With `torch.from_numpy`
        on each array, the dictionary fits the same network in PyTorch.
        """
        return {name: tensor.data.copy() for name, tensor in self._state().items()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Differences:
        """Copies arrays, as `state_dict` names them, into the parameters and buffers.

        With `strict=False` what is missing stays as it is and what is unknown is left out; the
        result names both. Raises ValueError for another shape, and, if strict, for a name that is
        missing or unknown, TypeError for anything but arrays of numbers; the module then stays as
        it was.
        """
        own = self._state()
        strict = check_bool(strict, type(self).__name__, "strict")
        views = {name: tensor.data for name, tensor in own.items()}
        arrays, differences = fitting(views, state, self, strict)
        for name, array in arrays.items():
            new = np.empty_like(own[name].data)  # which lies in memory as the old one does
            new[...] = array
            own[name].data = new
        return differences

    def save(self, path: str | os.PathLike[str], optimizer: Any = None) -> None:
        """Writes all that the next step depends on to the file `path`, in one piece.

        That is `state_dict`, the mode and the plain settings (numbers, flags, text) of every
        submodule, those of a layer that it wraps with their arrays and generators, and of
        `optimizer` its settings and arrays, e.g. momentums; gradients are not kept. Raises OSError
        naming `path` where it can't be written, ValueError where `optimizer` has parameters of
        another network.
        """
        from mytorch.checkpoint.module import save_module  # only who uses it waits for its import

        save_module(self, path, optimizer)

    def load(self, path: str | os.PathLike[str], optimizer: Any = None) -> None:
        """Continues from what `save` wrote for a network of the same structure and dtype.

        All gradients become None; without `optimizer` what was stored of one is left out. Raises
        DataError, and leaves everything as it was, where the file is missing, damaged, of a later
        version or of another network.
        """
        from mytorch.checkpoint.module import load_module

        load_module(self, path, optimizer)

    def _state(self, prefix: str = "") -> dict[str, Tensor]:
        """All parameters and buffers by their names for `state_dict`."""
        state = {
            prefix + self._state_name(name): tensor
            for name, tensor in (self._parameters | self._buffers).items()
        }
        for name, submodule in self._modules.items():
            state |= submodule._state(f"{prefix}{name}.")
        return state

    def _state_name(self, name: str) -> str:
        """PyTorch's name for an attribute."""
        return name


__all__ = ["Module"]
