"""Where data files are looked for, and where downloads are kept."""

from __future__ import annotations

import os
from pathlib import Path


def repository() -> Path | None:
    """The folder of the checkout that this module lies in; None for an installed package."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / "data").is_dir() else None


def chosen() -> Path | None:
    """The folder that `MYTORCH_DATA` names."""
    name = os.environ.get("MYTORCH_DATA")
    return Path(name) if name else None


def own_folders(name: str) -> list[Path]:
    """The folders `name` in which a download may be kept, best first: the checkout's, the cache."""
    root = repository()
    cache = os.environ.get("XDG_CACHE_HOME") or (
        os.path.join(os.environ["HOME"], ".cache") if os.environ.get("HOME") else ""
    )
    return [
        *([root / "data" / name] if root else []),
        *([Path(cache) / "mytorch" / name] if cache else []),
    ]


def mirrors(known: tuple[str, ...]) -> list[str]:
    """Addresses of folders with the files: those that `MYTORCH_MIRRORS` names, or the known."""
    return os.environ.get("MYTORCH_MIRRORS", " ".join(known)).split()
