"""In the child: imports coursework and finds its classes, and nobody else's."""

from __future__ import annotations

import importlib
import re
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

TOOLS = Path(__file__).resolve().parents[1]
MOST_FRAMES = 12
"""How many lines of a traceback are kept, from its end."""
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+>")
"""Of an object in the memory of a process, as Python shows objects."""


def search_only(search: Sequence[Path]) -> None:
    """Puts `search` in front of `sys.path` and takes every other folder with a `mytorch` out."""
    others = [p for p in sys.path if p and not _has_coursework(Path(p))]
    sys.path[:] = [*map(str, search), *others]
    importlib.invalidate_caches()


def restored(before: Mapping[ModuleType, Mapping[str, Any]]) -> list[str]:
    """Puts back what was replaced in modules since `before`, and returns what that was."""
    replaced = []
    for module, names in before.items():
        for name, value in names.items():
            if vars(module).get(name, value) is not value or name not in vars(module):
                setattr(module, name, value)
                replaced.append(f"{module.__name__}.{name}")
    return replaced


def _has_coursework(folder: Path) -> bool:
    installed = folder.name in ("site-packages", "dist-packages")
    return not installed and any((folder / name).is_dir() for name in ("mytorch", "hw1"))


def load(name: str) -> ModuleType:
    """Imports a module."""
    return importlib.import_module(name)


def is_from(thing: Any, root: Path) -> bool:
    """Whether the file that defines a class or a function is below `root`."""
    thing = thing.func if isinstance(thing, partial) else thing
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    file = getattr(module, "__file__", None) or _file_of_code(thing)
    return bool(file) and Path(file).resolve().is_relative_to(root)


def _file_of_code(thing: Any) -> str | None:
    """The file of a function or of a class's first method, whatever their module is called."""
    for one in (thing, *getattr(thing, "__dict__", {}).values()):
        if isinstance(one, FunctionType):
            return one.__code__.co_filename
    return None


def find_class(name: str, modules: Iterable[ModuleType], root: Path) -> Any:
    """The class or function of that name in the first module that has it from below `root`."""
    for module in modules:
        thing = getattr(module, name, None)
        if callable(thing) and is_from(thing, root):
            return thing
    return None


def described(error: BaseException, root: Path) -> str:
    """An exception in one line: its type, its text, and the last line below `root` it came from."""
    try:
        text = str(error)
    except Exception:
        text = "(its text could not be made)"
    text = ADDRESS.sub(">", " ".join(text.split()))  # another one in every run
    where = ""
    if isinstance(error, SyntaxError):
        return printable(f"{type(error).__name__}: {text[:300]}")  # which says where
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file.is_absolute() and is_below(file.resolve(), root):
            where = f" ({file.name}, line {frame.lineno})"
    return printable(f"{type(error).__name__}: {text[:300]}".rstrip(": ") + where)


def is_below(file: Path, root: Path) -> bool:
    """Whether a file below `root` is coursework, and not one of the tools that may lie there."""
    is_tool = TOOLS.is_relative_to(root) and file.is_relative_to(TOOLS)
    return file.is_relative_to(root) and not is_tool


def frames(error: BaseException, root: Path) -> list[tuple[str, int]]:
    """The lines below `root` that an exception came through: files, relative, and numbers."""
    found = [(f.filename, f.lineno) for f in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        found.append((error.filename, error.lineno))
    files = ((Path(name), line or 0) for name, line in found)
    places = [(file.resolve(), line) for file, line in files if file.is_absolute()]
    below = [(f.relative_to(root), line) for f, line in places if is_below(f, root)]
    return [(file.as_posix(), line) for file, line in below][-MOST_FRAMES:]


def printable(text: str) -> str:
    """`text` without what could move the cursor or change colours on a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)
