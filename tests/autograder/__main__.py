"""The autograder's command line: `./grade.sh 1`, `./grade.sh a`."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tests.autograder import report
from tests.autograder.course import Course, find_course
from tests.autograder.grading import Limits, NotStarted
from tests.autograder.references import FOLDER as ANSWERS
from tests.autograder.references import References, load
from tests.autograder.session import Wrapper, WrongUse, grade
from tests.submission.copying import unpacked
from tests.submission.layout import NotCoursework, find
from tests.support.terminal import paint_for_output, tolerate_any_text

ROOT = Path(__file__).resolve().parents[2]
LEAST = 512
HIDDEN = (ANSWERS, ROOT / "tests", ROOT / "mytorch")


def parser(course: Course) -> argparse.ArgumentParser:
    """The options of the command line."""
    options = argparse.ArgumentParser(
        allow_abbrev=False,
        prog=f"./grade.sh {course.command}",
        description=course.module().DESCRIPTION,
        epilog="Exit code: 0 for full points, 1 for fewer, 2 for wrong use.",
    )
    add = options.add_argument
    add("submission", nargs="?", type=path, default=ROOT, metavar="SUBMISSION",
        help="a folder, an hw1.py or a handin.tar (default: this repository)")  # fmt: skip
    add("--full", action="store_true", help="show every wrong check")
    add("--json", type=Path, metavar="FILE", help="write everything as JSON")
    add("--gradescope", type=Path, metavar="FILE", help="write Gradescope's results.json")
    add("--autolab", action="store_true", help="end with the line that Autolab reads")
    add("--question", action="append", default=[], metavar="ID", help="ask only this one")
    add("--plots", type=Path, metavar="DIR", help="where the training's plots go")
    add("--no-training", action="store_true", help="leave out the part graded by a person")
    add("--timeout", type=positive, default=10.0, metavar="SECONDS",
        help="for each question (default: 10)")  # fmt: skip
    add("--memory", type=enough, default=2048.0, metavar="MB",
        help="for each question (default: 2048)")  # fmt: skip
    add("--fresh", action="store_true", help="draw new cases, answered by this library")
    add("--seed", type=natural, metavar="N", help="draw the cases of this seed, as --fresh does")
    add("--sandbox", action="store_true",
        help="no network, writing in its own folder only; needs bwrap")  # fmt: skip
    return options


def path(text: str) -> Path:
    """A path; an empty one, as of an unset variable, would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("expected a path, got nothing")
    return Path(text)


def positive(text: str) -> float:
    """A positive number, of seconds or megabytes."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"expected a positive number, got {text}")
    return value


def enough(text: str) -> float:
    """Megabytes that Python and NumPy themselves fit into."""
    if positive(text) < LEAST:
        raise argparse.ArgumentTypeError(f"expected at least {LEAST} MB, got {text}")
    return positive(text)


def natural(text: str) -> int:
    """A number that a generator can be started with."""
    if not text.isdecimal() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"expected a number of at most 18 digits, got {text}")
    return int(text)


def sandbox() -> Wrapper:
    """A command in front of the child's: no network, no other processes, nothing to write but its
    own folder, and no stored answers.

    Raises WrongUse where bwrap is not installed or not allowed: to grade without it is not what
    was asked for.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise WrongUse("--sandbox needs bwrap (bubblewrap), which is not installed")
    command = [
        *(program, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *(word for hidden in HIDDEN for word in ("--tmpfs", str(hidden))),
        *("--unshare-net", "--unshare-pid", "--die-with-parent"),
    ]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise WrongUse(f"--sandbox: bwrap cannot run here: {tried.stderr.strip()}")
    return lambda folder: [*command, "--bind", str(folder), str(folder)]


def references(course: Course, options: argparse.Namespace) -> References:
    """The stored answers, or fresh ones; raises WrongUse where the library does not answer them."""
    if not options.fresh and options.seed is None:
        return load(course)
    from tests.autograder.fresh import Disagreement, draw_fresh

    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    try:
        return draw_fresh(course, seed)
    except Disagreement as error:
        raise WrongUse(f"new cases need a library that is right, but {error}") from None


def main(course: Course, arguments: Sequence[str]) -> int:
    """Grades and reports; returns the exit code."""
    options = parser(course).parse_args(arguments)
    tolerate_any_text()
    limits = Limits(options.timeout, int(options.memory * (1 << 20)))
    if options.plots is not None:
        try:
            options.plots.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            print(f"grade: --plots {options.plots}: {error.strerror}", file=sys.stderr)
            return 2
    try:
        with unpacked(options.submission) as folder:
            session = grade(
                find(folder), course, references(course, options), limits, options.question,
                options.plots, not options.no_training,
                sandbox() if options.sandbox else lambda folder: (),
            )  # fmt: skip
    except (NotCoursework, NotStarted, WrongUse) as error:
        print(f"grade: {error}", file=sys.stderr)
        return 2
    session = session._replace(root=options.submission.absolute())  # not where it was unpacked
    print(*report.table(session, paint_for_output(), options.full), sep="\n", flush=True)
    written = [
        report.write(value, file)
        for file, value in (
            (options.json, report.as_dictionary(session)),
            (options.gradescope, report.as_gradescope(session)),
        )
        if file is not None
    ]
    if options.autolab:
        print(report.as_autolab(session))
    if session.interrupted:
        return 130
    if not all(written):
        return 2
    return 0 if session.score == session.max_score else 1


def stop(number: int, frame: object) -> NoReturn:
    """Ends as Ctrl-C does, so that nothing of a submission stays running."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    os.chdir(os.environ.get("MYTORCH_CALLER", "."))
    for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), stop)
    try:
        try:
            course = find_course(" ".join(sys.argv[1:2]))
        except LookupError as error:
            sys.exit(f"grade: {error.args[0]}")
        sys.exit(main(course, sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
