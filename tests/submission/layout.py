"""What a folder with coursework contains: the 2020 or the 2019 homework, or the autograd one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

CLASSIC = ("activation", "linear", "loss", "batchnorm")
AUTOGRAD = ("tensor", "autograd_engine")


class NotCoursework(ValueError):
    """A path holds nothing that could be run."""


class Submission(NamedTuple):
    """A folder of coursework.

    Attributes
    ----------
    root : the folder, resolved.
    layout : "2020" (`mytorch/` and `hw1/`), "2019" (one `hw1.py`), "autograd", or "2020 and
        autograd" where `mytorch/` has both.
    search : what goes in front of `sys.path`.
    modules : the classic modules that are there, as they are imported.
    has_autograd : whether `mytorch.tensor` and its neighbours are there.
    """

    root: Path
    layout: str
    search: tuple[Path, ...]
    modules: tuple[str, ...]
    has_autograd: bool

    @property
    def is_classic(self) -> bool:
        """Whether there is code of the classic homeworks."""
        return bool(self.modules)


def find(path: str | os.PathLike[str]) -> Submission:
    """Finds out what is in a folder, or in a single `hw1.py`.

    Raises NotCoursework, with a sentence that says what was expected and what is there.
    """
    try:
        return _find(Path(path).expanduser())
    except (OSError, RuntimeError) as error:
        raise NotCoursework(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _find(root: Path) -> Submission:
    if root.is_file() and root.name == "hw1.py":
        root = root.parent
    elif root.is_file():
        raise NotCoursework(f"{root} is a file; name a folder with coursework, or an hw1.py")
    if not root.is_dir():
        raise NotCoursework(f"{root} does not exist; name a folder with mytorch/ and hw1/")
    root = root.resolve()
    mytorch, hw1 = root / "mytorch", root / "hw1"
    classic = tuple(name for name in CLASSIC if (mytorch / f"{name}.py").is_file())
    has_autograd = any((mytorch / f"{name}.py").is_file() for name in AUTOGRAD)
    if classic or has_autograd:
        has_mlp = classic and (hw1 / "hw1.py").is_file()
        kinds = ["2020"] * bool(classic) + ["autograd"] * has_autograd
        modules = (*classic, "hw1") if has_mlp else classic
        return Submission(root, " and ".join(kinds), (mytorch, hw1, root), modules, has_autograd)
    if root.name == "hw1" and (root.parent / "mytorch").is_dir():
        raise NotCoursework(f"{root} goes with mytorch/; name the folder above it, {root.parent}")
    for folder in (root, hw1):
        if (folder / "hw1.py").is_file():
            search = tuple(dict.fromkeys((folder, root)))
            return Submission(root, "2019", search, ("hw1",), False)
    expected = "expected mytorch/ and hw1/ (2020) or hw1.py (2019)"
    raise NotCoursework(f"{root}: {expected}, {_there(root)}")


def _there(root: Path) -> str:
    names = sorted(entry.name for entry in root.iterdir() if not entry.name.startswith("."))
    if any(f"{name}.py" in names for name in CLASSIC):
        return "found what belongs into mytorch/; name the folder above this one"
    if not names:
        return "but the folder is empty"
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"found {', '.join(names[:5])}{rest}"
