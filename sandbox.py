#!/usr/bin/env python3
"""Steps through the course's toy problems, number by number.

Every number and formula that the pages print stands beside what the layers
compute and what plain NumPy makes of it: a match, an erratum of the page, or a
mismatch. The sections are those of the HW1P1 toy problem (2.1.1 to 4.3), of the
autograd homework (0.1) and of three derivations (000, 003 and 004). --course
has the worked numbers of another course, in its conventions. With --path the
same steps run on classes of your own, in a process of their own; so they do in
a handout, on the classes that are there.
"""

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback of a Ctrl-C among the imports

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

try:
    import numpy  # noqa: F401 - asked for here, so that its absence is said with what to do
except ModuleNotFoundError:
    sys.exit("sandbox.py: NumPy is missing; ./grade.sh m installs it into .venv/bin/python")

from tests.submission.layout import NotCoursework
from tests.support.terminal import paint_for_output, tolerate_any_text
from tests.walkthrough import report, stepping
from tests.walkthrough.courses import choose
from tests.walkthrough.others import TooShort
from tests.walkthrough.sections import chosen, of_course
from tests.walkthrough.session import Session, of_folder, of_library, plot, step_through
from tests.walkthrough.verdict import STRICT

ROOT = Path(__file__).resolve().parent
DAY = 86_400.0
IN_HANDOUT = (ROOT / "tests" / "library").is_dir()
"""Whether this is a student's folder: there the steps run on the classes that are in it."""


def parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    options = argparse.ArgumentParser(
        allow_abbrev=False,
        prog=os.environ.get("MYTORCH_COMMAND", "sandbox.py"),  # as python -m mytorch names it
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit code: 0 where nothing mismatches, 1 where something does, 2 for wrong use.",
    )
    add = options.add_argument
    add(
        "--section",
        type=filled,
        metavar="NUMBER",
        help="one section, e.g. 3.5; 3 for all of chapter 3",
    )
    add(
        "--path",
        type=filled,
        metavar="DIR",
        default=str(ROOT) if IN_HANDOUT else None,
        help="check the classes in DIR: mytorch/ and hw1/, or hw1.py"
        + (" (default: this folder)" if IN_HANDOUT else ""),
    )
    add("--course", type=filled, metavar="NAME",
        help="the worked numbers of this course (default: that of the folder; "
        "./grade.sh courses lists them)")  # fmt: skip
    add(
        "--timeout",
        type=seconds,
        default=5.0,
        metavar="SECONDS",
        help="with --path: how long one call may take (default: 5)",
    )
    add("--plot", type=filled, metavar="DIR", help="also draw the networks, as PNG files in DIR")
    forms = options.add_mutually_exclusive_group()
    add = forms.add_argument
    add(
        "--step", action="store_true", help="show each step in full and wait for Enter; b goes back"
    )
    add("--list", action="store_true", help="list the sections and the names of their checks")
    add("--json", action="store_true", help="print the checks as JSON")
    if IN_HANDOUT:
        options.set_defaults(errata=False, dot=False)
    else:
        add("--errata", action="store_true", help="print the errata of the pages as Markdown")
        add("--dot", action="store_true", help="print the graph of section 0.1 as DOT text")
    return options


def filled(text: str) -> str:
    """A text; an empty one, as of an unset variable, is refused."""
    if not text:
        raise argparse.ArgumentTypeError("expected a value")
    return text


def seconds(text: str) -> float:
    """A positive number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= DAY:
        raise argparse.ArgumentTypeError(f"expected a positive number of seconds, got {text}")
    return value


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options, refused with what to do where they do not go together."""
    the_parser = parser()
    options = the_parser.parse_args(arguments)
    for form in ("list", "errata", "dot"):
        for other in ("path", "plot"):
            value = getattr(options, other)
            if getattr(options, form) and value not in (None, the_parser.get_default(other)):
                the_parser.error(f"--{form} and --{other} do not go together")
    tolerate_any_text()
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit code."""
    options = parsed(arguments)
    if options.path is not None and not hasattr(os, "fork"):
        tell("sandbox.py: --path runs somebody's code and needs Linux, macOS or WSL")
        return 2
    try:
        course = choose(options.course, options.path, IN_HANDOUT)
        sections = of_course(course.name)
        if options.section is not None:
            sections = chosen(options.section, sections)
        if options.plot is not None:
            Path(options.plot).mkdir(parents=True, exist_ok=True)
    except (NotCoursework, ValueError) as error:
        tell(f"sandbox.py: {error}")
        return 2
    except OSError as error:
        tell(f"sandbox.py: --plot {options.plot}: {error.strerror}")
        return 2
    if options.list:
        print(*report.sections_list(sections), sep="\n")
        return 0
    if options.dot:
        from mytorch.graph import to_dot
        from tests.walkthrough.library import worked_example

        print(to_dot(worked_example()))
        return 0
    if course.submission is None:
        from tests.walkthrough.library import LIBRARY

        session = of_library(sections, LIBRARY)
    else:
        try:
            tolerance = {"tolerance": STRICT} if course.is_own else {}
            session = of_folder(course.submission, sections, options.timeout, tell, **tolerance)
        except TooShort as error:
            tell(f"sandbox.py: {error}; use a larger --timeout")
            return 2
        if not session.checks:
            tell(f"sandbox.py: this section asks nothing of {course.submission.root}")
            return 2
    show(session, options)
    if options.plot is not None and not draw(session, Path(options.plot)):
        return 1
    return 1 if any(check.status == "mismatch" for check in session.checks) else 0


def show(session: Session, options: argparse.Namespace) -> None:
    """Prints what was asked for."""
    paint = paint_for_output()
    if options.json:
        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        print(report.as_json(session.checks, ascii_only=not utf8))
    elif options.errata:
        from tests.walkthrough.errata import markdown

        print(*markdown(session.checks), sep="\n")
    elif options.step:
        step_through(partial(stepping.pages, paint=paint), session.checks, input)
        print(*report.wrapped([report.summary(session.checks), *session.closing]), sep="\n")
    else:
        print(*report.wrapped(session.heading), sep="\n", end="\n" if session.heading else "")
        if not all(check.missing for check in session.checks):
            print(*report.table(session.checks, paint), sep="\n")
        print("\n" + paint(report.summary(session.checks), "bold"))
        print(*report.wrapped(session.closing), sep="\n", end="\n" if session.closing else "")


def draw(session: Session, folder: Path) -> bool:
    """Draws the pictures, names them on standard error, and says whether that went well."""
    try:
        paths = list(plot(session, folder))
        in_0_1 = any(check.section.number.startswith("0.1") for check in session.checks)
        if in_0_1 and not IN_HANDOUT:
            from mytorch.plotting import plot_graph
            from tests.walkthrough.library import worked_example

            paths.append(plot_graph(worked_example(values=True), folder / "worked_example.png"))
        for path in paths:
            tell(f"wrote {path}")
        if not paths:
            tell("there is no network to draw in this section")
    except ModuleNotFoundError as error:
        tell(f"sandbox.py: {error}; use .venv/bin/python")
        return False
    except OSError as error:
        tell(f"sandbox.py: {folder}: {error.strerror}")
        return False
    return True


def tell(text: str) -> None:
    """Says something beside the output."""
    print(*report.wrapped([text]), sep="\n", file=sys.stderr)


class Stop(KeyboardInterrupt):
    """A signal asked for the end; steps that go wrong with whatever error let this one pass."""

    number = signal.SIGINT


def stop(number: int, frame: object) -> NoReturn:
    """Ends in an orderly way, so that no process of theirs is left; a second signal kills."""
    for name in ENDING:
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    Stop.number = signal.Signals(number)
    raise Stop


ENDING = {"SIGINT", "SIGTERM", "SIGHUP"} & set(dir(signal))

if __name__ == "__main__":
    for name in ENDING:
        if signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:  # as of a background job
            signal.signal(getattr(signal, name), stop)
    try:
        code = main()
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        if Stop.number == signal.SIGINT:
            print(file=sys.stderr)
            tell("sandbox.py: interrupted")
        code = 128 + Stop.number
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        tell(f"sandbox.py: the output cannot be written: {error.strerror}")
        code = 1
    sys.exit(code)
