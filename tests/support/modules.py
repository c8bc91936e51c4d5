"""Code that is searched for a repair, as a module of its own."""

from pathlib import Path
from types import ModuleType

from mytorch.gradcheck.repair.sources import Function, functions


def module_of(folder: Path, code: str) -> tuple[ModuleType, list[Function]]:
    """The module of some code, which is written into `folder`, and its functions."""
    file = (folder / "code.py").resolve()
    file.write_text(code)
    module = ModuleType("code")
    module.__file__ = str(file)
    exec(compile(code, str(file), "exec"), vars(module))
    return module, functions([module], {file: code})
