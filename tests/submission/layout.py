"""What a folder with coursework contains: the 2020 or the 2019 homework, or the autograd one."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

from tests.submission import editions
from tests.submission.course_layouts import fitting
from tests.submission.loading import printable
from tests.submission.selecting import JUNK, is_left_out
from tests.submission.source import TOP, Folder, NotCoursework, Source

__all__ = ["AUTOGRAD", "CLASSIC", "Edition", "NotCoursework", "Submission", "find", "locate"]

CLASSIC = ("activation", "linear", "loss", "batchnorm")
AUTOGRAD = ("tensor", "autograd_engine")
AUTOGRAD_TOO = ("nn/functional", "nn/activations", "nn/module")
"""Files of the autograd homework, by which one without a tensor.py is recognised."""
HALVES = ("mytorch", "hw1")
"""The two folders of a hand-in."""
MOST_FOLDERS, DEEPEST = 5000, 30
NOTEBOOK = "in Jupyter, save its code as a Python file, hw1.py, and hand that in"
EXPECTED = "mytorch/ and hw1/ (2020) or hw1.py (2019)"


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
    courses : the courses of `tests/autograder/courses` whose files are there.
    """

    root: Path
    layout: str
    search: tuple[Path, ...]
    modules: tuple[str, ...]
    has_autograd: bool
    courses: tuple[str, ...] = ()

    @property
    def is_classic(self) -> bool:
        """Whether there is code of the classic homeworks."""
        return bool(self.modules)


class Place(NamedTuple):
    """A folder of a source that holds coursework; see `Submission`. `other` names what is of none
    of these layouts.
    """

    folder: PurePosixPath
    layout: str
    search: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    has_autograd: bool = False
    other: str = ""
    courses: tuple[str, ...] = ()

    @property
    def is_classic(self) -> bool:
        """Whether there is code of the classic homeworks."""
        return bool(self.modules)


class Edition(Protocol):
    """What a hand-in is wanted of: one course, or any.

    `expected` names the files that it asks for, as they stand behind "expected".
    """

    @property
    def expected(self) -> str: ...

    def objection(self, found: Place, /) -> str:
        """Why what was found is not of this edition; empty if it is."""


def find(path: str | os.PathLike[str], edition: Edition | None = None) -> Submission:
    """Finds out what is in a folder, at any depth, or in a single `hw1.py`.

    `edition` is what is wanted, as for `locate`. Raises NotCoursework, with a sentence that says
    what was expected and what is there.
    """
    try:
        return _find(Path(path).expanduser(), edition)
    except (OSError, RuntimeError) as error:
        raise NotCoursework(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _find(root: Path, edition: Edition | None) -> Submission:
    if root.is_file() and root.name == "hw1.py":
        root = root.parent
    elif root.is_file():
        raise NotCoursework(f"{root} is a file; name a folder with coursework, or an hw1.py")
    if not root.is_dir():
        raise NotCoursework(f"{root} does not exist; name a folder with mytorch/ and hw1/")
    root = root.resolve()
    place = locate(Folder(root), edition)
    check_whole(place, root, str(root))
    return as_submission(place, root / place.folder)


def check_whole(place: Place, root: Path, label: str) -> None:
    """Raises NotCoursework where `root` is one of the two folders of a hand-in on disk."""
    if place.folder != TOP or "mytorch/" in place.search:
        return
    other = {"mytorch": "hw1", "hw1": "mytorch"}.get(root.name)
    if other and (root.parent / other).is_dir():
        raise NotCoursework(f"{label} goes with {other}/; name the folder above it, with both")


def as_submission(place: Place, root: Path) -> Submission:
    """What was located in a source, now that its folder lies on disk as `root`."""
    search = tuple(root / name for name in place.search)
    return Submission(root, place.layout, search, place.modules, place.has_autograd, place.courses)


def locate(source: Source, edition: Edition | None = None) -> Place:
    """The one folder that holds coursework, preferably of the edition that is wanted, at any depth.

    Raises NotCoursework where there is none or more than one, or another edition's.
    """
    found = places(source)
    wanted = [place for place in found if edition and not edition.objection(place)]
    suitable = wanted or [place for place in found if not place.other]
    _check_capitals(source, suitable)
    if len(suitable) == 1:
        return suitable[0]
    if suitable:
        names = ", ".join(_called(place.folder) for place in suitable[:5])
        raise NotCoursework(
            f"{source.label} holds coursework in more than one folder: {names}; hand in one of them"
        )
    expected = EXPECTED if edition is None else edition.expected
    if found:
        where = "" if found[0].folder == TOP else f" in {_called(found[0].folder)}"
        courses = " or ".join(f"--course {name.replace('_', '-')}" for name in found[0].courses)
        instead = f"; ./grade.sh grade grades it, {courses}" if courses else ""
        raise NotCoursework(
            f"{source.label} holds {found[0].other}{where}, which is not graded here; "
            f"expected {expected}{instead}"
        )
    raise NotCoursework(f"{source.label}: expected {expected}, {_there(source)}")


def _check_capitals(source: Source, found: Sequence[Place]) -> None:
    """Raises NotCoursework where `MyTorch/` or `HW1/` is what would be a half of a hand-in."""
    halves = [place.folder for place in found] if len(found) > 1 else []
    for place in found if len(found) == 1 else ():
        inside = (place.folder / name for name in source.names(place.folder))
        halves += [f for f in inside if any(source.is_file(f / f"{n}.py") for n in CLASSIC)]
    names = [folder.name for folder in halves]
    for name in names:
        if name.lower() in HALVES and name.lower() not in names:
            raise NotCoursework(
                f"{source.label}: the folder {printable(name)}/ must be called {name.lower()}/, as "
                "Python tells capitals apart"
            )


def places(source: Source) -> list[Place]:
    """The topmost folders that hold coursework, of other editions too."""
    found: list[Place] = []
    waiting, seen = deque([TOP]), 0
    while waiting and seen < MOST_FOLDERS:
        folder = waiting.popleft()
        seen += 1
        place = recognised(source, folder)
        if place is not None:
            found.append(place)
        elif len(folder.parts) < DEEPEST:
            waiting += [
                folder / name
                for name, entry in sorted(source.entries(folder).items())
                if entry.kind == "folder" and name not in JUNK and not is_left_out(name)
            ]
    return found


def recognised(source: Source, folder: PurePosixPath) -> Place | None:
    """What a folder itself holds, None where that is no coursework."""
    courses = tuple(fitting(source, folder))
    place = _recognised(source, folder)
    if place is not None:
        inside = place.folder == folder and not (place.other and not courses)
        return place._replace(courses=courses) if inside else place
    if courses:
        names = " or ".join(name.replace("_", "-") for name in courses)
        return Place(folder, "", ("",), other=f"coursework of {names}", courses=courses)
    return None


def _recognised(source: Source, folder: PurePosixPath) -> Place | None:
    """What a folder itself holds of the two homeworks, or what is no such coursework."""

    def has(name: str) -> bool:
        return source.is_file(folder / name)

    classic = tuple(name for name in CLASSIC if has(f"mytorch/{name}.py"))
    has_autograd = any(has(f"mytorch/{name}.py") for name in (*AUTOGRAD, *AUTOGRAD_TOO))
    homes = [home for home in ("hw1/", "", "mytorch/") if has(f"{home}hw1.py")]
    if classic and not homes:  # hw1/ under another name
        homes = [f"{name}/" for name in source.names(folder) if has(f"{name}/hw1.py")]
    if not homes and not has("hw1/mnist.py"):
        other = editions.later_homework(source, folder)
        if other:
            return Place(folder, "", other=other)
    if classic or has_autograd:
        kinds = ["2020"] * bool(classic) + ["autograd"] * has_autograd
        modules = (*classic, "hw1") if classic and homes else classic
        layout = " and ".join(kinds)
        search = tuple(dict.fromkeys(("mytorch/", "hw1/", *homes[:1], "")))
        return Place(folder, layout, search, modules, has_autograd)
    other = editions.later_edition(source, folder)
    if other:
        return Place(folder, "", ("",), other=other)
    for home in ("", "hw1/"):
        flat = tuple(name for name in CLASSIC if has(f"{home}{name}.py"))
        search = tuple(dict.fromkeys((home, "")))
        if len(flat) > 1:  # the files of mytorch/, but not in it
            modules = (*flat, "hw1") if home in homes else flat
            return Place(folder, "2020", search, modules)
        if home in homes:
            inner = recognised(source, folder / home) if home else None
            if inner is not None and "mytorch/" in inner.search:
                return inner  # the whole hand-in lies in a folder hw1/
            other = editions.functions_only(source, folder / home / "hw1.py")
            if other:
                return Place(folder, "", other=other)
            return Place(folder, "2019", search, ("hw1",))
    return None


def _called(folder: PurePosixPath) -> str:
    return printable(f"{folder}/")


def _there(source: Source) -> str:
    names = [name for name in source.names(TOP) if not name.startswith(".") and name not in JUNK]
    if any(f"{name}.py" in names for name in CLASSIC):
        return "found what belongs into mytorch/; name the folder above this one"
    if not names and source.outside:
        return f"found {printable(', '.join(source.outside[:5]))}"
    if not names:
        return "but the folder is empty"
    notebook = _notebook(source)
    if notebook:
        return f"found {notebook}, a notebook, which is not graded: {NOTEBOOK}"
    shown = [
        printable(name) + " (a link that leads out)" * (source.real(TOP / name) is None)
        for name in names[:5]
    ]
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"found {', '.join(shown)}{rest}"


def _notebook(source: Source) -> str:
    """The first notebook at the top or in its folders; empty where there is none."""
    for folder in (TOP, *(TOP / name for name in source.names(TOP))):
        for name in source.names(folder):
            if name.lower().endswith(".ipynb"):
                return printable(str(folder / name))
    return ""
