"""Runs the walk-through on somebody else's classes; started as `-m tests.walkthrough.child`.

It reports over a pipe: `start` before anything of theirs runs, so that the parent knows what hung
or crashed, then an `outcome` for each step.
"""

from __future__ import annotations

import builtins
import json
import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tests.submission.child import Reporter, prepare
from tests.submission.loading import described, find_class, load, restored
from tests.walkthrough.names import HELPERS
from tests.walkthrough.sections import BY_KEY, without_library
from tests.walkthrough.stand_ins import CrossEntropyOfLogits, linear_through
from tests.walkthrough.walk import MissingClass, NoValue, walk

MEMORY = 4 << 30
LARGEST = 10_000
CLASSIC = {
    "Identity": "activation",
    "Sigmoid": "activation",
    "ReLU": "activation",
    "Tanh": "activation",
    "Softmax": "activation",
    "Linear": "linear",
    "BatchNorm": "batchnorm",
    "L2": "loss",
    "CrossEntropy": "loss",
    "SoftmaxCrossEntropy": "loss",
    "MLP": "hw1",
}
AUTOGRAD = {
    "Tensor": "mytorch.tensor",
    "Add": "mytorch.nn.functional",
    "Mul": "mytorch.nn.functional",
    "ContextManager": "mytorch.autograd_engine",
    "AccumulateGrad": "mytorch.autograd_engine",
}


class NotRun(Exception):
    """What was to run hung or crashed before."""


class Interrupted(NotRun):
    """Their code raised KeyboardInterrupt."""


class Loader:
    """Imports their modules and gives their classes by name."""

    def __init__(self, root: Path, modules: list[str], guard: Callable[..., Any]) -> None:
        self.root = root
        self.modules: dict[str, ModuleType] = {}
        self.problems: dict[str, str] = {}
        self.found: dict[str, str] = {}
        for name in modules:
            before = {module: dict(vars(module)) for module in (builtins, np)}
            try:
                self.modules[name] = guard(f"import {name}", lambda name=name: load(name))
            except BaseException as error:
                self.problems[name] = in_words(error, root)
                # what needs it shall fail at once, and not hang as well
                sys.modules[name] = sys.modules[f"mytorch.{name}"] = None  # type: ignore[assignment]
            replaced = restored(before)
            if replaced:
                self.problems[name] = f"it replaced {', '.join(replaced[:3])}, which was put back"

    def names(self, homes: Mapping[str, str]) -> dict[str, Any]:
        """Each class, or something that says why it is not there when it is used."""
        return {name: self._class(name, home) for name, home in homes.items()}

    def _class(self, name: str, home: str) -> Any:
        thing = find_class(name, self.modules.values(), self.root)
        if thing is not None:
            self.found[name] = thing.__module__
            return thing
        reason = f"there is no class {name}"
        if home in self.problems or self.problems.keys() == {"hw1"}:
            home = home if home in self.problems else "hw1"
            reason += f"; {home} could not be imported: {self.problems[home]}"

        def absent(*arguments: Any, **options: Any) -> Any:
            raise MissingClass(reason)

        return absent


def main(channel: int, trace: int, task: dict[str, Any]) -> None:
    """Runs the sections of `task` on the classes in its folder.

    Messages go to the file descriptor `channel`; where a call hangs, its traceback to `trace`.
    """
    send = Reporter(channel, trace)
    root = Path(task["root"])
    describe = partial(in_words, root=root)
    refused: dict[str, str] = task["refused"]

    def guard(what: str, action: Callable[[], Any]) -> Any:
        for culprit, reason in refused.items():
            if what == culprit or (calls(culprit) and calls(culprit) <= calls(what)):
                raise NotRun(reason if what == culprit else f"not run, because {reason}")
        send(start=what)
        with send.watched(task["seconds"]):
            try:
                return action()
            except KeyboardInterrupt as error:
                raise Interrupted(describe(error)) from None

    prepare(root, [Path(p) for p in task["search"]], MEMORY)
    loader = Loader(root, task["modules"], guard)
    homes = {name: _home(places, task["modules"]) for name, places in task["homes"].items()}
    names = {**HELPERS, **loader.names(homes or {**CLASSIC, **AUTOGRAD})}
    if not homes and "CrossEntropy" not in loader.found and "SoftmaxCrossEntropy" in loader.found:
        names["CrossEntropy"] = CrossEntropyOfLogits.around(names["SoftmaxCrossEntropy"])
        loader.found["CrossEntropy"] = "SoftmaxCrossEntropy, given log(Y)"
    if not homes and "Linear" not in loader.found and {"MLP", "Identity"} <= loader.found.keys():
        names["Linear"] = linear_through(names["MLP"], names["Identity"])
        loader.found["Linear"] = "MLP without hidden layers"
    send(found=loader.found, problems=loader.problems)
    sections = [without_library(BY_KEY[key]) for key in task["sections"]]
    for number, outcome in enumerate(walk(sections, names, guard, describe)):
        value, failure = outcome.value, outcome.failure
        if np.size(value) > LARGEST:
            value = None
            failure = f"expected shape {np.shape(outcome.right)}, got {np.shape(outcome.value)}"
        send(outcome=number, value=value, failure=failure, missing=outcome.missing)
    send(end=True)


def _home(places: list[str], imported: list[str]) -> str:
    """The module that should have a class, of those that may have it."""
    return next((place for place in places if place in imported), places[0])


def in_words(error: BaseException, root: Path) -> str:
    """What was raised, for the report."""
    if isinstance(error, NotRun | NoValue):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and error.name and error.name in sys.modules:
        return f"it needs {error.name}, which could not be imported"
    return described(error, root)


def calls(code: str) -> frozenset[str]:
    """The methods that some code calls, whatever the number of the layer."""
    return frozenset(
        f"{layer.rstrip('0123456789')}.{method}"
        for layer, method in re.findall(r"([a-z]\w*)\.(\w+)\(", code)
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
