"""What a child is made of comes with its bytecode, always that of the source."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_a_module_that_python_cannot_read_is_copied_alone(tmp_path: Path) -> None:
    source, copy = tmp_path / "module.py", tmp_path / "folder" / "module.py"
    for text in (b"def f(:\n", b"x = 0\0\n", b"x = '\xff'\n"):
        source.write_bytes(text)
        bring(source, copy)
        assert copy.read_bytes() == text
        assert not (copy.parent / "__pycache__").exists()
        with pytest.raises(subprocess.CalledProcessError):
            value(copy.parent)


def test_what_is_brought_has_its_assertions(tmp_path: Path) -> None:
    """Also where the process that brings it, and so reads bytecode without them, runs with -O."""
    source, copy = tmp_path / "module.py", tmp_path / "folder" / "module.py"
    source.write_text("x = 0\ntry:\n    assert False\nexcept AssertionError:\n    x = 1\n")
    code = (
        "from pathlib import Path; from tests.autograder.compiled import bring; "
        f"bring(Path({str(source)!r}), Path({str(copy)!r}))"
    )
    subprocess.run([sys.executable, "-B", "-O", "-c", code], env=bare(), timeout=LIMIT, check=True)
    assert value(copy.parent) == f"1 {copy}\n"
