"""The options of the autograder's command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.autograder.course import Course

ROOT = Path(__file__).resolve().parents[2]
PLATFORMS = Path(__file__).with_name("platforms")
"""A handout has neither this nor what draws new cases, so it does not offer them."""
LEAST = 512
EFFORT, HINTS = 10.0, 2
EXIT_CODES = (
    "Exit code: 0 for full points, 1 for fewer, also where nothing could be graded; with --json, "
    "--gradescope or --autolab 0 once the result is written; 2 for wrong use, and no result."
)


def parser(course: Course) -> argparse.ArgumentParser:
    """The options of the command line."""
    options = argparse.ArgumentParser(
        allow_abbrev=False,
        prog=f"./grade.sh {course.command}",
        description=course.description.about,
        epilog=EXIT_CODES,
    )
    add = options.add_argument
    add("submission", nargs="?", type=path, default=ROOT, metavar="SUBMISSION",
        help="a folder, an hw1.py, a zip or a tar file (default: this repository)")  # fmt: skip
    add(
        "--full",
        action="store_true",
        help="show every wrong check, and where exceptions came through",
    )
    add("--question", action="append", default=[], metavar="ID", help="ask only this one")
    add("--watch", action="store_true",
        help="grade again when a file changes, what changed first; Ctrl-C ends it")  # fmt: skip
    if course.training is None:
        options.set_defaults(plots=None, manual=None)
        add("--no-training", action="store_true", help=argparse.SUPPRESS)  # there is none
    else:
        add("--plots", type=Path, metavar="DIR", help="draw the training's curves there")
        add("--no-training", action="store_true", help="leave out the part graded by a person")
        add("--manual", type=path, metavar="FILE",
            help="a person's points for that part, 0 to 10: lines of hand-in,points,comment, "
            "or a single number")  # fmt: skip
    add("--timeout", type=positive, default=10.0, metavar="SECONDS",
        help="of the processor for each question, and six times as many of the clock for one "
        "that waits (default: 10)")  # fmt: skip
    add("--memory", type=enough, default=2048.0, metavar="MB",
        help="for each question (default: 2048)")  # fmt: skip
    if course.has("model"):
        add_search(add, EFFORT)
        add("--fresh", action="store_true", help="draw new cases, answered by this project")
        add("--seed", type=natural, metavar="N",
            help="draw the cases of this seed, as --fresh does")  # fmt: skip
    else:
        options.set_defaults(fresh=False, seed=None, effort=0, hints=0)
    add("--sandbox", action="store_true",
        help="no network, writing in its own folder only; needs bwrap")  # fmt: skip
    results = options.add_argument_group("results")
    add = results.add_argument
    add("--json", type=Path, metavar="FILE", help="write everything as JSON")
    add("--gradescope", type=Path, metavar="FILE", help="write Gradescope's results.json")
    add("--autolab", action="store_true", help="end with the two lines that Autolab reads")
    add("--name", metavar="NAME", help="what results call the hand-in (default: its file name)")
    if PLATFORMS.is_dir():
        what = "grade nothing; write what gradescope or autolab runs this grader with"
        add("--platform", nargs=2, metavar=("KIND", "DIR"), help=what)
    else:
        options.set_defaults(platform=None)
    return options


def parsed(course: Course, arguments: list[str]) -> argparse.Namespace:
    """The options, refused where they do not go together."""
    the_parser = parser(course)
    options = the_parser.parse_args(arguments)
    for other in ("json", "gradescope", "autolab", "platform", "plots") if options.watch else ():
        if getattr(options, other):
            the_parser.error(f"--watch and --{other} do not go together")
    if options.manual is not None and options.question:
        the_parser.error("--manual and --question do not go together")
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


def add_search(add: Callable[..., Any], effort: float) -> None:
    """The options of the search for the line of a mistake."""
    add("--effort", type=seconds, default=effort, metavar="SECONDS",
        help="how long the line of a mistake is searched, for each question; 0 for not at all "
        f"(default: {effort:g})")  # fmt: skip
    add("--hints", type=int, choices=range(4), default=HINTS, metavar="N",
        help="what is told of it: 0 what is wrong, 1 the kind of mistake, 2 the line, 3 the change "
        f"(default: {HINTS})")  # fmt: skip


def seconds(text: str) -> float:
    """A number of seconds, or 0."""
    return 0.0 if text.strip("0.") == "" and text else positive(text)


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
