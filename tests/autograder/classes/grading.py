"""The process of a station, started as `-m tests.autograder.classes.grading`.

It reads tasks from its standard input, a line of JSON each, and answers each by a line on what was
its standard output. It never runs the code of a hand-in itself, its children do.
"""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from tests.autograder.classes.task import Task
from tests.autograder.command import graded
from tests.autograder.course import Course, find_course
from tests.autograder.grading import NotStarted
from tests.autograder.options import parsed
from tests.autograder.results.formats import as_dictionary
from tests.autograder.session import WrongUse
from tests.submission.copying import handed_in, scratch
from tests.submission.loading import printable
from tests.submission.source import NotCoursework

LONGEST_SOURCE = 60_000
"""How many characters of a hand-in's code are kept, to be shown beside its result."""
COLOURS = 32


def outcome(task: Task) -> dict[str, Any]:
    """What came of a task."""
    course = find_course(task.course)
    try:
        with _as_one_path(task) as path, scratch() as plots:
            drawing = [] if "--no-training" in task.options else ["--plots", str(plots)]
            options = parsed(course, [str(path), "--name", task.name, *task.options, *drawing])
            record = graded(course, options)
            if record.session.interrupted:
                raise KeyboardInterrupt
            return {
                "record": as_dictionary(record),
                "sources": sources(course, path, task.name),
                "pictures": pictures(plots),
            }
    except (WrongUse, NotStarted) as error:
        return {"fault": printable(str(error))}
    except OSError as error:
        return {"fault": printable(f"{error.filename}: {error.strerror or error}")}
    except (
        Exception
    ) as error:  # a mistake of the grader; the other hand-ins are graded all the same
        return {"fault": printable(f"the grader failed: {type(error).__name__}: {error}")}


@contextmanager
def _as_one_path(task: Task) -> Iterator[Path]:
    """The one file or folder of a task; several files are copied into one folder."""
    if len(task.files) == 1:
        yield Path(task.files[0][1])
        return
    with scratch() as folder:
        for name, path in task.files:
            shutil.copy(path, folder / Path(name).name)
        yield folder


def sources(course: Course, path: Path, name: str) -> dict[str, str]:
    """The Python files of a hand-in by name, as far as they are short; none where it has none."""
    found: dict[str, str] = {}
    left = LONGEST_SOURCE
    try:
        with handed_in(path, course, name) as handin:
            root = handin.submission.root
            for file in sorted(root.rglob("*.py")):
                text = file.read_text(encoding="utf-8", errors="replace")
                if text.strip() and len(text) <= left:
                    found[printable(file.relative_to(root).as_posix())] = text
                    left -= len(text)
    except (NotCoursework, OSError):
        pass
    return found


def pictures(folder: Path) -> dict[str, str]:
    """The largest picture of the training, which has all curves, by its name, as base64.

    The grader drew it from the numbers that came of the hand-in. Few colours make it small.
    """
    from PIL import Image  # matplotlib brings it

    drawn = sorted(folder.glob("*.png"), key=lambda file: file.stat().st_size)[-1:]
    found = {}
    for file in drawn:
        small = io.BytesIO()
        with Image.open(file) as picture:
            picture.convert("RGB").quantize(COLOURS).save(small, "png", optimize=True)
        found[file.stem] = base64.b64encode(small.getvalue()).decode()
    return found


def _stop(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> None:
    """Grades until standard input ends, or SIGTERM comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what else is printed is no answer
    try:
        tasks: SimpleQueue[bytes] = SimpleQueue()
        Thread(target=_read, args=(tasks,), daemon=True).start()
        while True:
            done = outcome(Task(*_tuples(json.loads(tasks.get()))))
            answers.write(json.dumps(done).encode() + b"\n")
            answers.flush()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGTERM)


def _read(tasks: SimpleQueue[bytes]) -> None:
    """Takes tasks; where nobody is left to answer, it ends the process, whatever is running."""
    for line in sys.stdin.buffer:
        tasks.put(line)
    os.kill(os.getpid(), signal.SIGTERM)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


if __name__ == "__main__":
    main()
