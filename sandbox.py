#!/usr/bin/env python3
"""Steps through the course's toy problems, number by number.

Every number and formula that the pages print stands beside what the layers
compute and what plain NumPy makes of it: a match, an erratum of the page, or a
mismatch. The sections are those of the HW1P1 toy problem (2.1.1 to 4.3), of the
autograd homework (0.1) and of three derivations (000, 003 and 004). With --path
the same steps run on classes of your own.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

try:
    import numpy  # noqa: F401 - asked for here, so that its absence is said in a sentence
except ModuleNotFoundError:
    sys.exit("sandbox.py: NumPy is missing; ./grade.sh m installs it into .venv/bin/python")

from mytorch.graph import to_dot
from tests.submission.layout import NotCoursework, find
from tests.walkthrough import report, stepping
from tests.walkthrough.errata import markdown
from tests.walkthrough.library import LIBRARY, worked_example
from tests.walkthrough.sections import SECTIONS, chosen
from tests.walkthrough.session import Session, of_folder, of_library, plot, step_through


def parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    options = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="sandbox.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit code: 0 where nothing mismatches, 1 where something does, 2 for wrong use.",
    )
    add = options.add_argument
    add("--section", metavar="NUMBER", help="one section, e.g. 3.5; 3 for all of chapter 3")
    add("--path", metavar="DIR", help="check the classes in DIR: mytorch/ and hw1/, or hw1.py")
    add(
        "--timeout",
        type=seconds,
        default=5.0,
        metavar="SECONDS",
        help="with --path: how long one call may take (default: 5)",
    )
    add("--plot", type=Path, metavar="DIR", help="also draw the networks, as PNG files in DIR")
    forms = options.add_mutually_exclusive_group()
    add = forms.add_argument
    add("--step", action="store_true", help="show each step in full and wait for Enter")
    add("--list", action="store_true", help="list the sections and the names of their checks")
    add("--json", action="store_true", help="print the checks as JSON")
    add("--errata", action="store_true", help="print the errata of the pages as Markdown")
    add("--dot", action="store_true", help="print the graph of section 0.1 as DOT text")
    return options


def seconds(text: str) -> float:
    """A positive number of seconds."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a positive number of seconds, got {text}")
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit code."""
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        sections = chosen(options.section) if options.section else list(SECTIONS)
        submission = find(options.path) if options.path is not None else None
    except (NotCoursework, ValueError) as error:
        print(f"sandbox.py: {error}", file=sys.stderr)
        return 2
    if options.list:
        print(*report.sections_list(sections), sep="\n")
        return 0
    if options.dot:
        print(to_dot(worked_example()))
        return 0
    if submission is None:
        session = of_library(sections, LIBRARY)
    else:
        session = of_folder(submission, sections, options.timeout, tell)
        if not session.checks:
            print(f"sandbox.py: {submission.root} has no classes for this section", file=sys.stderr)
            return 2
    show(session, options)
    if options.plot is not None and not draw(session, options.plot):
        return 1
    return 1 if any(check.status == "mismatch" for check in session.checks) else 0


def show(session: Session, options: argparse.Namespace) -> None:
    """Prints what was asked for."""
    paint = report.Paint(sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    if options.json:
        print(report.as_json(session.checks))
    elif options.errata:
        print(*markdown(session.checks), sep="\n")
    elif options.step:
        step_through(partial(stepping.pages, paint=paint), session.checks, input)
        print(report.summary(session.checks))
    else:
        print(*report.wrapped(session.heading), sep="\n", end="\n" if session.heading else "")
        if not all(check.missing for check in session.checks):
            print(*report.table(session.checks, paint), sep="\n")
        print("\n" + paint(report.summary(session.checks), "bold"))
        print(*report.wrapped(session.closing), sep="\n", end="\n" if session.closing else "")


def draw(session: Session, folder: Path) -> bool:
    """Draws the pictures, names them on standard error, and says whether that went well."""
    try:
        from mytorch.plotting import plot_graph

        folder.mkdir(parents=True, exist_ok=True)
        for path in plot(session, folder):
            tell(f"wrote {path}")
        if any(check.section.number.startswith("0.1") for check in session.checks):
            tell(f"wrote {plot_graph(worked_example(), folder / 'worked_example.png')}")
    except ModuleNotFoundError as error:
        tell(f"sandbox.py: {error}; use .venv/bin/python")
        return False
    except OSError as error:
        tell(f"sandbox.py: {folder}: {error.strerror}")
        return False
    return True


def tell(text: str) -> None:
    """Says something beside the output."""
    print(text, file=sys.stderr)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nsandbox.py: interrupted")
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
