"""Computes the sections step by step: by the layers under test, and by NumPy expressions."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tests.walkthrough.expressions import evaluate, read
from tests.walkthrough.steps import Section, Step

Names = dict[str, Any]


class Outcome(NamedTuple):
    """What came out of one step.

    Attributes
    ----------
    section, step : which step.
    value : what the layers gave; None where `failure` says why there is nothing.
    right : what the NumPy expression gives.
    failure : what went wrong while asking the layers; empty if nothing did.
    missing : whether what went wrong is that a class is not there.
    names : the values that the formula is about, by name.
    """

    section: Section
    step: Step
    value: Any
    right: Any
    failure: str = ""
    missing: bool = False
    names: Mapping[str, Any] = {}


class MissingClass(Exception):
    """A class that the walk-through needs was not found."""


class NoValue(Exception):
    """A part of a call is None, where the rest of it needs an object."""


class Unusable(NamedTuple):
    """Stands for an object that could not be made; a call that needs it fails as its making did."""

    error: BaseException


Guard = Callable[[str, Callable[[], Any]], Any]
"""Takes what is about to run, in words, and runs it; may refuse by raising an exception."""


def unguarded(what: str, action: Callable[[], Any]) -> Any:
    """Runs the layers without a guard."""
    return action()


def in_words(error: BaseException) -> str:
    """An exception as text."""
    if isinstance(error, NoValue):
        return str(error)
    return f"{type(error).__name__}: {error}".rstrip(": ")


def walk(
    sections: Iterable[Section],
    classes: Names,
    guard: Guard = unguarded,
    describe: Callable[[BaseException], str] = in_words,
) -> Iterator[Outcome]:
    """The outcome of every step of `sections`, which are in order, with those they go on from.

    `classes` are the names that the steps' calls may use. Everything that runs their code goes
    through `guard`, and `describe` puts what it raised into words. Where a call fails or gives
    another shape, the right value takes its place, so that the steps after it can run.
    """
    worlds: dict[str, tuple[Names, Names]] = {}
    for section in sections:
        theirs, right = worlds.get(section.after, (classes, {}))
        theirs, right = worlds[section.own_key] = dict(theirs), dict(right)
        for name, text in section.given.items():
            right[name] = np.array(read(text)[0], float)
            theirs[name] = right[name].copy()
        _make(section.made, theirs, guard)
        for step in section.steps:
            yield _outcome(section, step, theirs, right, guard, describe)


def _make(statements: str, theirs: Names, guard: Guard) -> None:
    for statement in filter(None, map(str.strip, statements.splitlines())):
        try:
            check_made(statement, theirs)
            guard(statement, partial(exec, statement, theirs))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            theirs.update(_unusable(statement, error))


def _unusable(statements: str, error: BaseException) -> Names:
    """A stand-in for each name that statements would have assigned, had they not failed."""
    targets = [s.partition("=")[0] for s in statements.split(";") if "=" in s.partition("(")[0]]
    names = [name.strip().partition(".")[0] for names in targets for name in names.split(",")]
    return dict.fromkeys(names, Unusable(error))


def check_made(code: str, theirs: Names) -> None:
    """Raises what went wrong when a name that some code uses was to be made.

    So the code never sees a stand-in, which is nobody's number, class or tensor.
    """
    names = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    for name in dict.fromkeys(node.id for node in names if node.id not in stored):
        if isinstance(theirs.get(name), Unusable):
            raise theirs[name].error


def _ask(step: Step, theirs: Names) -> Any:
    exec(step.first, theirs)
    try:
        return eval(step.call, theirs)
    except AttributeError as error:
        if re.fullmatch(r"[\w.]+", step.call):
            parts = step.call.split(".")
            for end in range(1, len(parts)):
                if eval(".".join(parts[:end]), theirs) is None:
                    raise NoValue(f"{'.'.join(parts[:end])} is None") from error
        raise


def _outcome(
    section: Section,
    step: Step,
    theirs: Names,
    right: Names,
    guard: Guard,
    describe: Callable[[BaseException], str],
) -> Outcome:
    names = dict(right)
    expected = evaluate(step.formula, right)
    before = {n: v.copy() for n, v in theirs.items() if isinstance(v, np.ndarray)}
    value, failure, missing = None, "", False
    try:
        check_made(step.code, theirs)
        value = _number_or_array(guard(step.code, partial(_ask, step, theirs)))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        missing = isinstance(error, MissingClass)
        failure = str(error) if missing else describe(error)
        theirs.update({n: u for n, u in _unusable(step.first, error).items() if n not in theirs})
    for name, array in before.items():
        if not failure and name != step.variable and not _same(theirs[name], array):
            failure = f"{step.code} changed its input {name} in place"
        theirs[name] = array
    if step.variable:
        right[step.variable] = expected
        fits = not failure and np.shape(value) in (np.shape(expected), np.shape(expected)[1:])
        theirs[step.variable] = np.reshape(value if fits else expected, np.shape(expected)).copy()
    return Outcome(section, step, value, expected, failure, missing, names)


def _number_or_array(value: Any) -> Any:
    """What a call gave as an array of float64 or float32, or None; TypeError for anything else."""
    if value is None:
        return None
    if type(value) is not np.ndarray and not isinstance(value, np.generic | int | float):
        raise TypeError(f"expected an array, got {type(value).__name__}")
    array = np.array(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"expected real numbers, got an array of {array.dtype}")
    return array if array.dtype == np.float32 else array.astype(float)


def _same(now: Any, before: Any) -> bool:
    return isinstance(now, np.ndarray) and np.array_equal(now, before, equal_nan=True)
