"""The options of `./grade.sh class`."""

from __future__ import annotations

import argparse
import re
from datetime import datetime

from tests.autograder.classes import executors, naming
from tests.autograder.options import add_search, enough, natural, path, positive

EXIT_CODES = (
    "Exit code: 0 once every hand-in has its result, 1 where the grader failed on some, 2 for "
    "wrong use. Ctrl-C leaves only whole results; the same command goes on."
)


def parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    options = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="./grade.sh class",
        description="Grades the hand-ins of a class: a result, a page and a line for each.",
        epilog=EXIT_CODES,
    )
    add = options.add_argument
    add("hand_ins", nargs="?", type=path, metavar="HANDINS",
        help="a folder with a file or folder for each student, or the zip file or folder that "
        "Canvas, Moodle or Gradescope gives")  # fmt: skip
    add("--out", type=path, metavar="OUT", help="the folder for all that comes of it")
    add("--course", default="1", metavar="NAME", help="which homework (default: 1)")
    add("--seed", type=natural, metavar="N", help="draw fresh cases of this seed")
    add("--due", type=moment, metavar="TIME", help="later ones are marked: 2026-11-20 23:59")
    add("--timeout", type=positive, default=10.0, metavar="SECONDS",
        help="of the processor for each question, and six times as many of the clock for one "
        "that waits (default: 10)")  # fmt: skip
    add("--memory", type=enough, default=2048.0, metavar="MB",
        help="for each question (default: 2048)")  # fmt: skip
    add_search(add, 1.0)
    add("--training", action="store_true",
        help="run the training on small data, too, and show its curves")  # fmt: skip
    add("--no-sandbox", action="store_true", help="grade without bwrap's isolation")
    where = options.add_argument_group("where it is graded")
    add = where.add_argument
    add("--jobs", type=count, metavar="N", help="how many at a time (default: processors)")
    add("--executor", default="threads", metavar="KIND", help=executors.WORDS)
    add("--shard", type=shard, metavar="I/N", help="grade part I of N only, from 1 to N")
    add("--merge", nargs="+", type=path, metavar="OUT",
        help="grade nothing; write tables and pages of what is in OUT, after taking the results "
        "of further folders into it")  # fmt: skip
    tables = options.add_argument_group("tables")
    add = tables.add_argument
    add("--roster", type=path, metavar="FILE",
        help="who is in the class: the platform's export, or any table with a header")  # fmt: skip
    add("--manual", type=path, metavar="FILE",
        help="a person's points: lines of hand-in or student,points,comment")  # fmt: skip
    add("--canvas", metavar="ASSIGNMENT", help="write canvas.csv; the assignment is its column's "
        "title with the id, 'Homework 1 (12345)'")  # fmt: skip
    add("--moodle", action="store_true", help="write moodle.csv")
    add("--nbgrader", metavar="ASSIGNMENT", help="write nbgrader.csv")
    add("--similar", action="store_true", help="compare the hand-ins with each other")
    add("--handout", type=path, metavar="DIR", help="what all were given is not compared")
    return options


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The options, refused where they do not go together."""
    the_parser = parser()
    options = the_parser.parse_args(arguments)
    if options.merge:
        if options.hand_ins or options.out:
            the_parser.error("--merge OUT goes without HANDINS and --out")
        options.out = options.merge[0]
    elif not (options.hand_ins and options.out):
        the_parser.error("expected HANDINS and --out OUT, or --merge OUT")
    if options.handout and not options.similar:
        the_parser.error("--handout goes with --similar")
    return options


def count(text: str) -> int:
    """A number of jobs."""
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 1024, got {text}")
    return int(text)


def shard(text: str) -> tuple[int, int]:
    """Which part of how many."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"expected I/N with 1 <= I <= N, got {text}")
    return int(match[1]), int(match[2])


def moment(text: str) -> datetime:
    """A time."""
    when = naming.moment(text)
    if when is None:
        raise argparse.ArgumentTypeError(f"expected a time such as 2026-11-20 23:59, got {text}")
    return when
