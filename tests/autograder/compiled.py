"""Files for a child, with their bytecode: a process is started for each question that fails."""

from __future__ import annotations

import marshal
import shutil
import sys
from functools import cache
from importlib.util import MAGIC_NUMBER
from pathlib import Path

UNCHECKED = (1).to_bytes(4, "little")
"""PEP 552: bytecode that is named by a hash of its source, which is not looked at again."""


def bring(file: Path, place: Path) -> None:
    """Copies a module and lays its bytecode beside it, where Python looks for it.

    One that Python cannot compile is copied alone.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, place)
    try:
        content = bytecode(file, file.stat().st_mtime_ns)
    except (SyntaxError, ValueError):  # said where it is imported
        return
    code = place.parent / "__pycache__" / f"{place.stem}.{sys.implementation.cache_tag}.pyc"
    code.parent.mkdir(exist_ok=True)
    code.write_bytes(content)


@cache
def bytecode(file: Path, changed: int) -> bytes:
    """The content of a `.pyc` file with all assertions; `changed` is when the source was."""
    code = compile(file.read_bytes(), str(file), "exec", dont_inherit=True, optimize=0)
    return MAGIC_NUMBER + UNCHECKED + bytes(8) + marshal.dumps(code)
