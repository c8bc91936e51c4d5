"""Asks questions of a submission; started as `-m tests.autograder.child`, in its own process.

It knows the inputs but not the answers: what the submission gives goes to the parent as raw bytes.
Of several questions each is asked in a fork of the process that has imported the submission; one
that takes too long or ends otherwise than it should ends the run, and the parent asks it alone.
"""

from __future__ import annotations

import builtins
import json
import os
import select
import shutil
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.autograder.properties import CASE
from tests.autograder.sheet import Sheet
from tests.submission.child import Reporter, count_forks, prepare
from tests.submission.clock import PATIENCE, limit_processor, worked
from tests.submission.importing import Coursework
from tests.submission.loading import described, frames, is_from, printable, restored
from tests.submission.printing import Printing

LARGEST = 100_000
FORK = os.fork
THROUGH = b"through"
ONE_OF_MANY = 1.0
"""How many seconds of the processor one of several questions may take."""
SHAPED = ("zeros", "ones", "empty")
Problem = tuple[str, list[tuple[str, int]]]
"""Why a module could not be imported, and the lines of the submission that led there."""


def main(channel: int, trace: int, task: dict[str, Any]) -> None:
    """Asks the questions of `task` on the cases in `task["inputs"]`, an `.npz` file."""
    send = Reporter(channel, trace)
    send(start="the child")
    cases = read_cases(task["inputs"])
    root = Path(task["root"])
    exam, standins = exam_of(task), standins_of(task)
    properties = exam_of(task, "exam_properties") if task["properties"] else exam
    shutil.copytree(task["original"], root)  # which it may change
    prepare(root, [Path(p) for p in task["search"]], task["memory"])
    most = task["processes"]
    count_forks(most, lambda: send(over=f"started more than {most} processes"))
    printing = Printing(lambda line: send(printed=line))
    printing.install()
    with send.watched(task["seconds"]):
        coursework, problems = loaded(task, standins)
        send(notes=[printable(note) for note in coursework.notes])
        questions = task["questions"]
        for question in questions:
            before = worked()
            tell = partial(send, question=question["id"])
            run = partial(
                _ask, question, task["homes"], (exam, properties), standins, coursework, problems,
                cases[question["exercise"]], tell, printing,
            )  # fmt: skip
            if len(questions) == 1:
                run()
            elif not in_a_fork(run, min(ONE_OF_MANY, task["seconds"])):
                break
            send(question=question["id"], done=True, seconds=worked() - before)
    send(end=True)


def loaded(task: dict[str, Any], standins: Any) -> tuple[Coursework, list[Problem]]:
    """The submission, imported as far as it goes, and what went wrong."""
    os.environ["MPLBACKEND"] = "Agg"
    _allow_none_as_shape()
    root = Path(task["root"])
    coursework = Coursework(root, standins.MODULES if standins else {})
    coursework.install()
    needed = {name for question in task["questions"] for name in question["needs"]}
    with np.errstate(), warnings.catch_warnings():  # exceptions of its own making end with it
        problems = _imported(task["modules"], root)
        coursework.look_for({n: home for n, home in task["homes"].items() if n in needed})
    return coursework, problems


def exam_of(task: dict[str, Any], name: str = "exam") -> Any:
    """The course's own exam, or the one that courses share, in its conventions."""
    if not task["conventions"]:
        return import_module(f"{task['course']}.{name}")
    from tests.autograder.shared.conventions import Conventions  # not every handout has these

    exam = import_module(f"tests.autograder.shared.{name}")
    return exam.of(SimpleNamespace(conventions=Conventions(**task["conventions"])))


def standins_of(task: dict[str, Any]) -> Any:
    """What can stand in for parts that failed, of the course or shared; None in a handout."""
    if not task["standins"]:
        return None
    if not task["conventions"]:
        return import_module(f"{task['course']}.standins")
    from tests.autograder.shared.conventions import Conventions
    from tests.autograder.shared.standins import Standins

    return Standins(Conventions(**task["conventions"]))


def read_cases(file: str) -> dict[str, dict[str, dict[str, Any]]]:
    with np.load(file, allow_pickle=False) as arrays:
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for name in arrays.files:
            exercise, case, key = name.split("|")
            found.setdefault(exercise, {}).setdefault(case, {})[key] = arrays[name]
    return found


def _allow_none_as_shape() -> None:
    """`np.zeros(None)` is the 2020 template's own line, and newer NumPys refuse it."""
    for name in SHAPED:
        made = getattr(np, name)

        def make(shape: Any, *rest: Any, made: Any = made, **options: Any) -> Any:
            return made(() if shape is None else shape, *rest, **options)

        setattr(np, name, make)


def _imported(modules: list[str], root: Path) -> list[Problem]:
    """Imports them all; what went wrong, a sentence for each that is not there, and where."""
    problems = []
    for name in modules:
        before = {module: dict(vars(module)) for module in (builtins, np)}
        try:
            import_module(name)
        except BaseException as error:
            text = f"{name} could not be imported: {described(error, root)}"
            problems.append((text, frames(error, root)))
        restored(before)  # what it changed in NumPy would change what is asked, too
    return problems


def in_a_fork(run: Callable[[], None], seconds: float) -> bool:
    """Runs it in a process of its own; whether that came to its end.

    It may take `seconds` of the processor, and `PATIENCE` times as many of the clock.
    """
    through, theirs = os.pipe()
    child = FORK()
    if child == 0:
        try:
            os.close(through)
            limit_processor(seconds)
            run()
            os.write(theirs, THROUGH)
        finally:
            os._exit(0)
    os.close(theirs)
    try:
        ready, _, _ = select.select([through], [], [], PATIENCE * seconds)
        return bool(ready) and os.read(through, 64) == THROUGH
    finally:
        os.close(through)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _ask(
    question: dict[str, Any],
    homes: dict[str, list[str]],
    exams: tuple[Any, Any],
    standins: Any,
    coursework: Coursework,
    problems: list[Problem],
    cases: dict[str, dict[str, Any]],
    send: Callable[..., None],
    printing: Printing,
) -> None:
    """Asks one question on all of its cases."""
    printing.to(lambda line: send(printed=line))
    classes = {name: class_of(name, home, coursework) for name, home in homes.items()}
    missing = [name for name in question["needs"] if classes[name] is None]
    if missing:
        said = [note for note in coursework.notes if " could not " in note or ": " in note]
        why = [text for text, _ in problems]
        texts = [not_there(missing[0], homes[missing[0]], coursework.root, why), *why, *said]
        send(missing="; ".join(texts), frames=next((found for _, found in problems), []))
        return
    if standins:
        classes = standins.installed(question["failed"], classes, coursework.modules.values())
    for name, case in cases.items():
        exercise = getattr(exams[name == CASE], question["exercise"])
        answer(partial(exercise, classes, case), partial(send, case=name), coursework.root)
    printing.finish()


def class_of(name: str, homes: list[str], coursework: Coursework) -> Any:
    """The class or function of that name: in the modules that should have it, then in any."""
    short = name.rpartition(".")[2]
    loaded = [sys.modules[home] for home in homes if home in sys.modules]
    for module in (*loaded, *(coursework.modules.values() if name == short else ())):
        thing = vars(module).get(short)
        if callable(thing) and is_from(thing, coursework.root):
            return thing
    return None


def not_there(name: str, homes: list[str], root: Path, problems: list[str]) -> str:
    """That there is no such class, and in which files it was looked for."""
    kind = "class" if name.rpartition(".")[2][:1].isupper() else "function"
    files = [home.replace(".", "/") + ".py" for home in homes]
    places = {file: [p for p in (file, f"mytorch/{file}", f"hw1/{file}") if (root / p).is_file()]
              for file in files}  # fmt: skip
    found = [place for file in files for place in places[file][:1]]
    where = " or ".join(found) or f"this hand-in: {' or '.join(files)} should have it"
    heads = tuple(f"{home} could not be imported: SyntaxError" for home in homes)
    if any(text.startswith(heads) for text in problems):
        where += ", as Python runs no line of a file with a syntax error"
    return f"there is no {kind} {name.rpartition('.')[2]} in {where}"


def answer(
    exercise: Callable[[Sheet], None],
    send: Callable[..., None],
    root: Path,
) -> None:
    """Sends what an exercise gives; an exception of the submission ends its part only."""

    def fail(part: str, error: BaseException) -> None:
        send(part=part, failure=described(error, root), frames=frames(error, root))

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
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        kind = "ndarray" if isinstance(value, np.ndarray) else kind  # a class derived from it, too
        if array.dtype.kind in "biuf" and array.size <= LARGEST:
            native = array.astype(array.dtype.newbyteorder("="))
            return {"value": native if native.itemsize <= 8 else native.astype(float), "type": kind}
        kind = f"an array of {array.dtype} and shape {array.shape}"
    return {"value": None, "type": printable(kind)[:80]}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
