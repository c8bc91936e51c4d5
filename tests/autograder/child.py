"""Asks one question of a submission; started as `-m tests.autograder.child`, in its own process.

It knows the inputs but not the answers: what the submission gives goes to the parent as raw bytes.
"""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from tests.autograder.sheet import Sheet
from tests.submission.child import Reporter, prepare
from tests.submission.loading import described, find_class, load, printable, restored

LARGEST = 100_000


def main(channel: int, trace: int, task: dict[str, Any]) -> None:
    """Runs the exercise of `task` on every case in `task["inputs"]`, an `.npz` file."""
    send = Reporter(channel, trace)
    send(start="the child")
    with np.load(task["inputs"], allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    cases: dict[str, dict[str, Any]] = {}
    for name, array in arrays.items():
        case, _, key = name.partition("/")
        cases.setdefault(case, {})[key] = array
    root = Path(task["root"])
    describe = partial(described, root=root)
    prepare(root, [Path(p) for p in task["search"]], task["memory"])
    exercise = getattr(import_module(task["course"] + ".exam"), task["exercise"])
    standins = import_module(task["course"] + ".standins").CLASSES
    with send.watched(task["seconds"]):
        classes, missing = found(task["modules"], task["needs"], root, describe)
        if missing:
            send(missing=missing)
            send(end=True)
            return
        for name, case in cases.items():
            answer(
                partial(exercise, {**standins, **classes}, case), partial(send, case=name), describe
            )
    send(end=True)


def found(
    modules: list[str], needs: dict[str, str], root: Path, describe: Callable[[BaseException], str]
) -> tuple[dict[str, Any], str]:
    """The classes that a question needs, and why one is not there, if one is not.

    `needs` says for each class in which module it is; an empty name means any of `modules`.
    """
    loaded, problems = [], []
    for name in dict.fromkeys(n for home in needs.values() for n in ([home] if home else modules)):
        before = {module: dict(vars(module)) for module in (builtins, np)}
        try:
            loaded.append(load(name))
        except BaseException as error:
            problems.append(f"{name} could not be imported: {describe(error)}")
        restored(before)  # what it changed in NumPy would change what is asked, too
    classes = {name: find_class(name.rpartition(".")[2], loaded, root) for name in needs}
    missing = [name for name, thing in classes.items() if thing is None]
    if not missing:
        return classes, ""
    return classes, "; ".join([f"there is no class {missing[0]}", *problems])


def answer(
    exercise: Callable[[Sheet], None],
    send: Callable[..., None],
    describe: Callable[[BaseException], str],
) -> None:
    """Sends what an exercise gives; an exception of the submission ends its part only."""

    def fail(part: str, error: BaseException) -> None:
        send(part=part, failure=describe(error))

    sheet = Sheet(lambda name, value: send(output=name, **as_message(value)), fail)
    try:
        exercise(sheet)
    except BaseException as error:
        fail("", error)


def as_message(value: Any) -> dict[str, Any]:
    """A result as an array, as None, or as a word that says what it is instead."""
    if value is None:
        return {"value": None, "type": "None"}
    kind = type(value).__name__
    if type(value) is np.ndarray or isinstance(value, np.generic):
        array = np.asarray(value)
        if array.dtype.kind in "biuf" and array.size <= LARGEST:
            native = array.astype(array.dtype.newbyteorder("="))
            return {"value": native if native.itemsize <= 8 else native.astype(float), "type": kind}
        kind = f"an array of {array.dtype} and shape {array.shape}"
    return {"value": None, "type": printable(kind)[:80]}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
