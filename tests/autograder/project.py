"""Copying what a handout or a platform needs of this project."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copy_project(target: Path, names: Iterable[str], left_out: Iterable[str]) -> None:
    """Copies files and folders of the project, those that are there, to their place in `target`.

    `left_out` are patterns of names that are not copied, at whatever depth they stand.
    """
    ignored = shutil.ignore_patterns(*left_out)
    for name in names:
        source = ROOT / name
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=ignored)
        elif source.exists():
            shutil.copy(source, target / name)
