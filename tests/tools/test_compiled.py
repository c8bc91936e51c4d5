"""What a child is made of comes with its bytecode, always that of the source."""

import os
import subprocess
import sys
from pathlib import Path

from tests.autograder.compiled import bring
from tests.support.sharing import bare
from tests.support.waiting import LIMIT


def value(folder: Path) -> str:
    """What a process finds as `module.x` there; it writes no bytecode itself."""
    return subprocess.run(
        [sys.executable, "-B", "-c", "import module; print(module.x, module.__file__)"],
        cwd=folder, capture_output=True, text=True, timeout=LIMIT, env=bare(), check=True,
    ).stdout  # fmt: skip


def test_the_bytecode_is_the_sources_and_is_used(tmp_path: Path) -> None:
    source, copy = tmp_path / "module.py", tmp_path / "folder" / "module.py"
    for number in (1, 2):
        source.write_text(f"x = {number}\n")
        os.utime(source, (number, number))
        bring(source, copy)
        assert copy.read_text() == source.read_text()
        assert value(copy.parent) == f"{number} {copy}\n"
        copy.write_text("x = 'compiled anew'\n")
        assert value(copy.parent) == f"{number} {copy}\n"
