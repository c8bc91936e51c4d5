"""The autograder's command line: `./grade.sh 1`, `./grade.sh a`."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import NoReturn

import numpy as np

from tests.autograder import report
from tests.autograder.grading import Limits
from tests.autograder.references import References, load
from tests.autograder.session import Wrapper, grade
from tests.submission.copying import unpacked
from tests.submission.layout import NotCoursework, find
from tests.walkthrough.report import Paint

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = {
    "classic": "Grades the classic homework (000 §2.1 to §3.6, and Linear of the 2020 layout).",
    "autograd": "Grades the autograd homework (002 §1.1 to §2.6).",
}


def parser(homework: str) -> argparse.ArgumentParser:
    """The options of the command line."""
    options = argparse.ArgumentParser(
        allow_abbrev=False,
        prog=f"./grade.sh {'1' if homework == 'classic' else 'a'}",
        description=DESCRIPTION[homework],
        epilog="Exit code: 0 for full points, 1 for fewer, 2 for wrong use.",
    )
    add = options.add_argument
    add("submission", nargs="?", type=Path, default=ROOT, metavar="SUBMISSION",
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
    add("--memory", type=positive, default=2048.0, metavar="MB",
        help="for each question (default: 2048)")  # fmt: skip
    add("--fresh", type=int, nargs="?", const=-1, metavar="SEED",
        help="draw new cases, answered by this project's own library")  # fmt: skip
    add("--sandbox", action="store_true",
        help="no network and no writing, by bwrap, which must be installed")  # fmt: skip
    return options


def positive(text: str) -> float:
    """A positive number, of seconds or megabytes."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"expected a positive number, got {text}")
    return value


def sandbox() -> Wrapper:
    """A command in front of the child's: no network, everything but its folder read-only.

    Raises NotCoursework where bwrap is not installed: grading without it is not what was asked for.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise NotCoursework("--sandbox needs bwrap (bubblewrap), which is not installed")
    return lambda folder: [
        *(program, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *("--bind", str(folder), str(folder), "--unshare-net", "--die-with-parent"),
    ]


def fresh(seed: int) -> References:
    """New cases; raises NotCoursework where this project's own library does not answer them."""
    from tests.autograder.fresh import Disagreement, draw_fresh

    try:
        return draw_fresh(seed)
    except (Disagreement, NotImplementedError) as error:
        raise NotCoursework(f"--fresh needs a library that is right: {error}") from None


def main(homework: str, arguments: Sequence[str]) -> int:
    """Grades and reports; returns the exit code."""
    options = parser(homework).parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    limits = Limits(options.timeout, int(options.memory * (1 << 20)))
    try:
        seed = np.random.SeedSequence().entropy if options.fresh == -1 else options.fresh
        references = load() if options.fresh is None else fresh(int(seed) % 2**32)
        wrapper = sandbox() if options.sandbox else lambda folder: ()
        plots = options.plots
        if plots is None and not options.no_training:
            plots = Path(mkdtemp(prefix="mytorch-plots-"))
        with unpacked(options.submission) as folder:
            session = grade(
                find(folder), homework, references, limits, options.question, plots,
                not options.no_training, wrapper,
            )  # fmt: skip
    except NotCoursework as error:
        print(f"grade: {error}", file=sys.stderr)
        return 2
    session = session._replace(root=options.submission.absolute())  # not where it was unpacked
    for file, value in (
        (options.json, report.as_dictionary(session)),
        (options.gradescope, report.as_gradescope(session)),
    ):
        if file is not None:
            try:
                report.write(value, file)
            except OSError as error:
                print(f"grade: {file}: {error.strerror}", file=sys.stderr)
                return 2
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    print(*report.table(session, Paint(sys.stdout.isatty() and not plain), options.full), sep="\n")
    if options.autolab:
        print(report.as_autolab(session))
    if session.interrupted:
        return 130
    return 0 if session.score == session.max_score else 1


def stop(number: int, frame: object) -> NoReturn:
    """Ends as Ctrl-C does, so that nothing of a submission stays running."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    os.chdir(os.environ.get("MYTORCH_CALLER", "."))
    for name in ("SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), stop)
    try:
        sys.exit(main(sys.argv[1], sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
