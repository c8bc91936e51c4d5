"""A small class: hand-ins of every kind, and the points that each must get."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.grading import HW1, ROOT, tanh
from tests.support.packing import zipped
from tests.support.waiting import LIMIT

CODE = HW1.read_text()
KINDS: Mapping[str, tuple[str, bytes, float]] = {
    "right": (".py", CODE.encode(), 91),
    "packed": (".zip", zipped(("x/hw1.py", CODE.encode())), 91),
    "wrong": (".py", (CODE + tanh("return x * 2")).encode(), 89),
    "crashing": (".py", (CODE + tanh("import os; os._exit(3)")).encode(), 87),
    "raising": (".py", (CODE + tanh("raise ValueError('96 of 96 points')")).encode(), 89),
    "unreadable": (".zip", b"PK\x03\x04 and no more", 0),
    "empty": (".tar.gz", b"", 0),
    "notebook": (".ipynb", b"{}", 0),
}
"""What a hand-in is called, its suffix, its bytes, and its points by the parts of the questions."""
HANGING = ("hanging", ".py", (CODE + tanh("while True: pass")).encode(), 87)


def classroom(folder: Path, *kinds: str, copies: int = 1) -> dict[str, float]:
    """Writes hand-ins of these kinds, all by default; returns the points of each by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    points = {}
    for kind in kinds or KINDS:
        suffix, data, score = HANGING[1:] if kind == "hanging" else KINDS[kind]
        for number in range(copies):
            name = f"{kind}{number}" if copies > 1 else kind
            (folder / f"{name}{suffix}").write_bytes(data)
            points[name] = score
    return points


def command(*arguments: object) -> list[str]:
    """`./grade.sh class` in this environment, without isolation where there may be none."""
    return [sys.executable, "-m", "tests.autograder.classes", *map(str, arguments)]


def graded(*arguments: object, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Runs the command to its end."""
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=check
    )


Change = Callable[[Path], None]
