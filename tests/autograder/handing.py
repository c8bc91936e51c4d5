"""`./grade.sh handin` and `./grade.sh handout DIR`."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from mytorch.system.atomic import replacing
from tests.autograder.command import graded
from tests.autograder.course import own_courses
from tests.autograder.ending import exit_code, handle
from tests.autograder.grading import NotStarted
from tests.autograder.options import parsed
from tests.autograder.session import WrongUse
from tests.submission.layout import AUTOGRAD, CLASSIC, NotCoursework, Submission, find
from tests.submission.selecting import Selection
from tests.submission.source import TOP, Folder
from tests.support.terminal import tolerate_any_text

ROOT = Path(__file__).resolve().parents[2]
CLASSIC_PLOTS = ("train_loss.png", "train_error.png", "val_loss.png", "val_error.png")
AUTOGRAD_PLOT = "validation_accuracy.png"
SUFFIXES = (".py", ".png", ".typed")


def missing(submission: Submission) -> list[str]:
    """What a hand-in has to have and this one does not, by its place.

    Of the plots, those of one homework are enough: a handout has the files of both.
    """
    wanted, plots = [], []
    if submission.layout == "2019":
        wanted += [] if (submission.root / "hw1.py").exists() else ["hw1/hw1.py"]
    elif submission.is_classic:
        wanted += [f"mytorch/{name}.py" for name in CLASSIC] + ["hw1/hw1.py"]
    if submission.is_classic:
        plots.append(CLASSIC_PLOTS)
    if submission.has_autograd:
        modules = (*AUTOGRAD, "nn/functional", "optim/sgd")
        wanted += [f"mytorch/{name}.py" for name in modules] + ["hw1/mnist.py"]
        plots.append((AUTOGRAD_PLOT,))
    places = [[f"hw1/{name}" for name in names] for names in plots]
    if not any(all((submission.root / p).is_file() for p in names) for names in places):
        wanted += [place for names in places for place in names]
    return [name for name in wanted if not (submission.root / name).is_file()]


def pack(submission: Submission, file: Path) -> list[str]:
    """Writes the student's files as a gzipped tar file; returns their names. May raise OSError."""
    selection = Selection(Folder(submission.root), TOP)
    files = [
        chosen
        for chosen in selection.files
        if chosen.name.suffix in SUFFIXES
        and (chosen.name.parts[0] in ("mytorch", "hw1") or submission.layout == "2019")
    ]
    with (
        replacing(file) as target,
        tarfile.open(fileobj=target, mode="w:gz", dereference=True) as archive,
    ):
        for chosen in files:
            archive.add(submission.root / chosen.place, arcname=str(chosen.name))
    return [str(chosen.name) for chosen in files]


def scores(submission: Submission) -> Iterator[str]:
    """A line for each homework that there is: its points as the autograder gives them.

    Raises KeyboardInterrupt on Ctrl-C.
    """
    for course in own_courses():
        if course.objection(submission):
            continue
        try:
            options = parsed(course, [str(submission.root), "--no-training"])
            options.effort = 0  # the score is asked for, not the line of a mistake
            record = graded(course, options)
        except (NotStarted, WrongUse, OSError) as error:
            yield f"{course.title} homework: not graded: {error}"
            continue
        if record.session.interrupted:
            raise KeyboardInterrupt
        points = f"{record.score:g} of {record.max_score:g} points"
        said = f"not graded: {record.reason}" if record.reason else points
        more = "" if record.score == record.max_score else f"; ./grade.sh {course.command} says why"
        yield f"{course.title} homework: {said}{more}"


def student(name: str) -> str:
    """A name that a file may have, without .tar."""
    if not re.fullmatch(r"\w[\w .@+-]{0,99}", name):
        raise argparse.ArgumentTypeError(
            f"expected a name, with letters, digits, spaces and . _ @ + - in it, got {name!r}"
        )
    return name.removesuffix(".tar")


def handin(arguments: Sequence[str]) -> int:
    """Makes the hand-in; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="./grade.sh handin",
        description="Makes handin.tar (gzip) of mytorch/ and hw1/, after checking that nothing "
        "is missing, the training's plots included, and grading it.",
        allow_abbrev=False,
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="(default: this one)")
    file_name = parser.add_mutually_exclusive_group()
    file_name.add_argument("--output", type=Path, metavar="FILE", help="(default: handin.tar)")
    file_name.add_argument(
        "--name", type=student, help="of the student: the file is called NAME.tar"
    )
    parser.add_argument("--full", action="store_true", help="list the files")
    parser.add_argument("--without-plots", action="store_true", help="hand in what is there")
    options = parser.parse_args(arguments)
    try:
        submission = find(options.folder)
    except NotCoursework as error:
        print(f"handin: {error}", file=sys.stderr)
        return 2
    lacking = missing(submission)
    if options.without_plots:
        lacking = [name for name in lacking if not name.endswith(".png")]
    if lacking:
        print("handin: not made, these are missing:", *lacking, sep="\n  ", file=sys.stderr)
        if any(name.endswith(".png") for name in lacking):
            print("./grade.sh m makes the plots; --without-plots goes without", file=sys.stderr)
        return 1
    file = options.output or submission.root / f"{options.name or 'handin'}.tar"
    for line in scores(submission):
        print(line, flush=True)
    try:
        names = pack(submission, file)
    except OSError as error:
        print(f"handin: {file}: {error.strerror}", file=sys.stderr)
        return 2
    except NotCoursework as error:
        print(f"handin: {error}", file=sys.stderr)
        return 2
    if options.full:
        print(*names, sep="\n")
    print(f"wrote {file}, {file.stat().st_size} bytes, {len(names)} files")
    return 0


def handout(arguments: Sequence[str]) -> int:
    """Makes the handout; returns the exit code."""
    from tests.autograder.fresh import Disagreement  # a handout itself has none of these
    from tests.autograder.handout.blanking import LEVELS
    from tests.autograder.handout.making import write_handout

    parser = argparse.ArgumentParser(
        prog="./grade.sh handout",
        description="Makes the student's starting point: files with the functions that the "
        "homework asks for left to write, and tools that hold no solution.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that is not there yet")
    parser.add_argument(
        "--docstrings",
        choices=LEVELS,
        default=LEVELS[0],
        help="how much docstrings tell: with formulas, without, or nothing (default: full)",
    )
    options = parser.parse_args(arguments)
    try:
        write_handout(options.folder, options.docstrings)
    except (OSError, Disagreement) as error:
        print(f"handout: {error}", file=sys.stderr)
        return 2
    print(f"wrote {options.folder}")
    return 0


if __name__ == "__main__":
    handle(signal.SIG_DFL)
    os.chdir(os.environ.get("MYTORCH_CALLER", "."))
    tolerate_any_text()
    command = {"handin": handin, "handout": handout}[sys.argv[1]]
    sys.exit(exit_code(lambda: command(sys.argv[2:])))
