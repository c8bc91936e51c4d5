"""`./grade.sh handin` and `./grade.sh handout DIR`."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.autograder import packing
from tests.autograder.choosing import not_of_a_course, recognised
from tests.autograder.command import graded
from tests.autograder.course import Course, find_course, own_courses
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
    files = [
        (submission.root / chosen.place, str(chosen.name))
        for chosen in Selection(Folder(submission.root), TOP).files
        if chosen.name.suffix in packing.SUFFIXES
        and (chosen.name.parts[0] in ("mytorch", "hw1") or submission.layout == "2019")
    ]
    return packing.write(files, file, "gz")


def scores(submission: Submission, courses: Iterable[Course]) -> Iterator[str]:
    """A line for each homework that there is: its points as the autograder gives them.

    Raises KeyboardInterrupt on Ctrl-C.
    """
    for course in courses:
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
        own = [result for result in record.session.results if result.question.graded]
        if len(own) < len(record.session.results):
            score, most = sum(r.score for r in own), sum(r.question.points for r in own)
            points += f", {score:g} of {most:g} in what the course itself grades"
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
        description="Makes the file that is handed in, after checking that nothing is missing, "
        "the training's plots included, and grading it: handin.tar (gzip) of mytorch/ and hw1/, or "
        "what the course of the folder asks for.",
        allow_abbrev=False,
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="(default: this one)")
    parser.add_argument("--course", metavar="NAME", help="(default: found out from the files)")
    file_name = parser.add_mutually_exclusive_group()
    file_name.add_argument("--output", type=Path, metavar="FILE", help="(default: handin.tar)")
    file_name.add_argument(
        "--name", type=student, help="of the student, which is then in the file's name: NAME.tar"
    )
    parser.add_argument("--full", action="store_true", help="list the files")
    parser.add_argument("--without-plots", action="store_true", help="hand in what is there")
    options = parser.parse_args(arguments)
    try:
        course = find_course(options.course) if options.course else None
        if course is None or course.conventions is None:
            submission = find(options.folder, not_of_a_course)
        else:
            submission = find(options.folder, course.objection)
        if not (submission.is_classic or submission.has_autograd):
            course = course or recognised(submission)
        if course is not None and course.objection(submission):
            raise LookupError(f"{options.folder} has {course.objection(submission)}")
    except (NotCoursework, LookupError) as error:
        print(f"handin: {error.args[0]}", file=sys.stderr)
        return 2
    if course is None or course.conventions is None:
        return _handed_in(submission, own_courses(), None, options)
    return _handed_in(submission, [course], course, options)


def _handed_in(
    submission: Submission, graded_by: Sequence[Course], course: Course | None, options: Any
) -> int:
    """Checks, grades and packs; `course` is one whose conventions are data, or None."""
    lacking = list(missing(submission) if course is None else packing.lacking(course, submission))
    if options.without_plots:
        lacking = [name for name in lacking if not name.endswith(".png")]
    if lacking:
        print("handin: not made, these are missing:", *lacking, sep="\n  ", file=sys.stderr)
        if any(name.endswith(".png") for name in lacking):
            print("./grade.sh m makes the plots; --without-plots goes without", file=sys.stderr)
        return 1
    name = f"{options.name or 'handin'}.tar"
    file = options.output or submission.root / (
        name if course is None else packing.archive_name(course, options.name)
    )
    for line in scores(submission, graded_by):
        print(line, flush=True)
    if course is not None and packing.lacks_report(course, submission):
        print("the course also asks for a report, a PDF: put it into this folder, and pack again")
    try:
        if course is None:
            names = pack(submission, file)
        else:
            names = packing.pack_course(course, submission, file)
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
        "--course",
        metavar="NAME",
        help="of this course's homework (default: of the classic and the autograd homework)",
    )
    parser.add_argument(
        "--docstrings",
        choices=LEVELS,
        default=LEVELS[0],
        help="how much docstrings tell: with formulas, without, or nothing (default: full)",
    )
    options = parser.parse_args(arguments)
    try:
        courses = [find_course(options.course)] if options.course else None
        write_handout(options.folder, options.docstrings, courses)
    except (OSError, Disagreement, LookupError) as error:
        text = error.args[0] if isinstance(error, LookupError) else error
        print(f"handout: {text}", file=sys.stderr)
        return 2
    print(f"wrote {options.folder}")
    return 0


if __name__ == "__main__":
    handle(signal.SIG_DFL)
    os.chdir(os.environ.get("MYTORCH_CALLER", "."))
    tolerate_any_text()
    command = {"handin": handin, "handout": handout}[sys.argv[1]]
    sys.exit(exit_code(lambda: command(sys.argv[2:])))
