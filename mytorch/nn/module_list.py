"""ModuleList: modules in a list."""

from __future__ import annotations

from collections.abc import Iterable

from mytorch.checks.settings import shown
from mytorch.nn.module import Module
from mytorch.nn.sequential import Numbered


class ModuleList(Numbered):
    """Modules in a list, which registers them; in a plain list no optimizer would find them.

    It has no `forward`: the module that holds it calls the ones in it. A slice is a `ModuleList`.
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def _part(self, modules: tuple[Module, ...]) -> ModuleList:
        return ModuleList(modules)

    def append(self, module: Module) -> ModuleList:
        """Puts `module` at the end; returns the list."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> ModuleList:
        """Puts several modules at the end; returns the list."""
        if isinstance(modules, Module) or not isinstance(modules, Iterable):
            raise TypeError(
                f"ModuleList: expected a list of modules, got {shown(modules)}; "
                f"write ModuleList([...])"
            )
        for module in modules:
            self.append(module)
        return self


__all__ = ["ModuleList"]
