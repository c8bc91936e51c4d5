"""`python -m mytorch COMMAND`: the commands wherever the library runs, on Windows, too."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from mytorch import __version__
from mytorch.system.commandline import like

PACKAGE = Path(__file__).resolve().parent
HOMES = (PACKAGE.parent, PACKAGE / "coursework")
"""Where the scripts are: beside `mytorch/` in a checkout, inside it in an installed package."""


class Command(NamedTuple):
    """What one command runs; `about` is its line in the list.

    `target` is a script, a package of the checkout (`tests.autograder`), or a module of the
    library, whose `main(arguments)` returns the exit code.
    """

    about: str
    target: str
    needs_fork: bool = False  # it runs submitted code in processes that it can end


COMMANDS = {
    "train": Command("train on MNIST, or on a table of your own", "hw1/train.py"),
    "cifar10": Command("train on CIFAR-10 as a course report did", "hw1/cifar10.py"),
    "predict": Command("what a network that was trained on a table says of rows", "hw1/predict.py"),
    "convert": Command(
        "convert weights from one course's convention to another's", "tests.autograder.convert"
    ),
    "gradcheck": Command("find a wrong gradient and its line", "mytorch.gradcheck.command"),
    "sandbox": Command("step through the course's toy problems", "sandbox.py"),
    "grade": Command("grade a homework: grade DIR, or grade COURSE DIR", "tests.autograder", True),
}


def main(arguments: Sequence[str]) -> int:
    """Runs a command and returns its exit code; 2 where there is no such command here."""
    name, *rest = arguments or ["--help"]
    if name in ("-h", "--help", "help"):
        print(usage())
        return 0
    if name == "--version":
        print(f"mytorch {__version__}")
        return 0
    if name not in COMMANDS:
        print(usage(), file=sys.stderr)
        return refused(f"there is no command {name!r}{like(name, COMMANDS)}")
    command = COMMANDS[name]
    if command.target.startswith("mytorch."):
        code: int = import_module(command.target).main(rest)
        return code
    if command.needs_fork and not hasattr(os, "fork"):
        system = platform.system()
        return refused(f"{name} runs submitted code and needs Linux, macOS or WSL, not {system}")
    home = home_of(command.target)
    if home is None:
        return refused(
            f"{name} is not part of an installed package; run it in a folder that has "
            f"{command.target.split('.')[0]}/, a checkout of the project or a handout"
        )
    return run(name, home, rest)


def usage() -> str:
    """The list of commands."""
    lines = [f"  {name:10}{command.about}" for name, command in COMMANDS.items()]
    lines += ["", f"  {'--version':10}print the version of the library"]
    head = "usage: python -m mytorch COMMAND [OPTIONS]"
    return "\n".join([head, "", *lines, "", "COMMAND --help lists the options of a command."])


def refused(why: str) -> int:
    """Says why nothing was run."""
    print(f"mytorch: {why}", file=sys.stderr)
    return 2


def home_of(target: str) -> Path | None:
    """The folder that has a script or a package; None where none has."""
    path = target.replace(".", "/")
    places = [target] if target.endswith(".py") else [f"{path}/__init__.py", f"{path}.py"]
    return next((home for home in HOMES if any((home / p).is_file() for p in places)), None)


def run(name: str, home: Path, arguments: Sequence[str]) -> int:
    """Starts a command in a fresh Python, in place of this one where the system can do that."""
    environment = {"OPENBLAS_THREAD_TIMEOUT": "4", **os.environ, "MYTORCH_CALLER": os.getcwd()}
    target = COMMANDS[name].target
    if target.endswith(".py"):
        environment["MYTORCH_COMMAND"] = f"python -m mytorch {name}"  # as its usage says
        command = [sys.executable, str(home / target), *arguments]
    else:  # a package is found from its folder, and goes to the caller's by MYTORCH_CALLER
        command = [sys.executable, "-m", target, *arguments]
        os.chdir(home)
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(sys.executable, command, environment)
    with subprocess.Popen(command, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the child has it, too, and ends in its own way
                continue


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # as mytorch/__init__.py left it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
