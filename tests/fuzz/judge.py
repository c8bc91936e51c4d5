"""Runs one case and says what is wrong with its answer, if anything is.

An answer is right where the call succeeds and gives what the plain, contiguous copy of the value
gives, in the shape that an independent rule says and with its arguments left alone; or where it
raises a documented exception, by a `raise` statement of the library, in a sentence that names the
argument, or who was called and what was expected. Warnings are wrong. Only where a value holds NaN,
infinities or numbers whose powers leave its dtype, and for functions that have a domain, are
NumPy's floating-point warnings let pass: they are the caller's to choose (`np.errstate`), and the
result must be right all the same.
"""

from __future__ import annotations

import ast
import re
import traceback
import warnings
import zlib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.tensor import Tensor
from tests.fuzz.kinds import Kind
from tests.fuzz.values import EITHER, REFUSED, Value, Verdict

LIBRARY = Path(__file__).resolve().parents[2] / "mytorch"
DOCUMENTED = (TypeError, ValueError, RuntimeError, IndexError)


@dataclass(frozen=True)
class Entry:
    """One public callable.

    `call` takes the arguments by name, on fresh objects, and returns everything that can be seen
    afterwards; `shape` takes the same arguments and returns the shape of the first result, by
    a rule of its own. `words` are other names by which a message may call an argument.
    """

    name: str
    call: Callable[..., Any]
    arguments: Mapping[str, Kind]
    shape: Callable[..., Any] | None = None
    words: tuple[str, ...] = ()
    also: tuple[type[Exception], ...] = ()
    domain: bool = False
    changes: tuple[str, ...] = field(default=())  # arguments that the call is there to change


@dataclass(frozen=True)
class Case:
    """One hostile value for one argument."""

    entry: Entry
    argument: str
    number: int

    def value(self) -> Value:
        """The same value each time."""
        name = zlib.crc32(f"{self.entry.name} {self.argument}".encode())
        return self.entry.arguments[self.argument].draw(np.random.default_rng([name, self.number]))

    def __str__(self) -> str:
        return (
            f"{self.entry.name}: {self.argument} = {self.value().text}\n"
            f"    again: python -m tests.fuzz {self.entry.name} {self.argument} {self.number}"
        )


def judge(case: Case) -> str | None:
    """What is wrong with the answer, None where nothing is."""
    value = case.value()
    before = snapshot(value.given)
    result, error = _answer(case, value.given, _wild(value) or case.entry.domain)
    if not (case.argument in case.entry.changes or same(before, snapshot(value.given))):
        return "the argument was changed"
    if error is not None and isinstance(error, case.entry.also or ()):
        return None  # it names a file, or an epoch and a batch
    if error is not None:
        complaint = _exception(case, error)
        if complaint is None and not isinstance(value.plain, Verdict):
            return f"refused a value as good as {_short(value.plain)}: {error}"
        return complaint
    if value.plain is REFUSED:
        return f"took a value that it should refuse, and gave {_short(result)}"
    if value.plain is EITHER:
        return None
    expected, error = _answer(case, value.plain, _wild(value) or case.entry.domain)
    if error is not None:
        return f"took the value, but refuses its plain copy {_short(value.plain)}: {error}"
    if not same(result, expected):
        return f"gave {_short(result)}, but for the plain copy {_short(expected)}"
    if case.entry.shape is not None:
        arguments = {n: k.good() for n, k in case.entry.arguments.items()}
        shape = case.entry.shape(**arguments | {case.argument: value.plain})
        first = result[0] if isinstance(result, tuple) else result
        if np.shape(getattr(first, "data", first)) != shape:
            return f"gave the shape {np.shape(first)}, expected {shape}"
    return None


def _answer(case: Case, given: Any, wild: bool) -> tuple[Any, BaseException | None]:
    arguments = {name: kind.good() for name, kind in case.entry.arguments.items()}
    arguments[case.argument] = given
    np.random.seed(0)
    with warnings.catch_warnings(), _floating_point(wild):
        warnings.simplefilter("error")
        try:
            return case.entry.call(**arguments), None
        except Exception as error:
            return None, error


def _floating_point(wild: bool) -> Any:
    """NumPy's own settings, of which each but underflow warns, or silence."""
    return np.errstate(all="ignore") if wild else nullcontext()


def _wild(value: Value) -> bool:
    """Whether there are numbers for which NumPy may warn with good reason."""
    given = value.given.data if isinstance(value.given, Tensor) else value.given
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            numbers = np.asarray(given, float)
    except Exception:
        return False
    dtype = getattr(given, "dtype", None)
    small = dtype is not None and dtype.kind == "f" and dtype.itemsize < 8
    floats = dtype if small else np.dtype(float)
    with np.errstate(all="ignore"):
        return not bool((np.abs(numbers) < float(np.finfo(floats).max) ** 0.25).all())


def _exception(case: Case, error: BaseException) -> str | None:
    said = f"{type(error).__name__}: {error}"
    if not isinstance(error, DOCUMENTED):
        return f"raised what is not documented, {said}{_where(error)}"
    frame = traceback.extract_tb(error.__traceback__)[-1]
    if LIBRARY not in Path(frame.filename).parents:
        return f"an error from inside NumPy or Python, {said}{_where(error)}"
    if frame.lineno not in raising_lines(frame.filename):
        return f"an error that nobody raised, {said}{_where(error)}"
    words = (case.argument, *case.entry.words)
    if any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", str(error)) for word in words):
        return None
    owners = case.entry.name.split(".")[-2:]
    if any(owner in str(error) for owner in owners) and re.search("expected|got", str(error)):
        return None
    return f"names neither the argument nor the callable: {said}"


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if LIBRARY in Path(f.filename).parents] or frames
    return f"\n    at {Path(own[-1].filename).name}:{own[-1].lineno}: {own[-1].line}"


@cache
def raising_lines(path: str) -> frozenset[int]:
    """The lines of a file that belong to a `raise` statement with an exception of its own."""
    tree = ast.parse(Path(path).read_text())
    return frozenset(
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and node.exc is not None
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    )


def snapshot(thing: Any) -> Any:
    """A copy that can be compared later."""
    if isinstance(thing, Tensor):
        return snapshot(thing.data)
    if isinstance(thing, np.ndarray):
        data, mask = np.asarray(np.ma.getdata(thing)), np.asarray(np.ma.getmaskarray(thing))
        return repr(data.dtype), data.shape, data.strides, data.tobytes(), mask.tobytes()
    if isinstance(thing, list | tuple):
        return tuple(snapshot(part) for part in thing)
    if isinstance(thing, dict):
        return {key: snapshot(part) for key, part in thing.items()}
    return thing if isinstance(thing, int | float | str | bytes) else None


def same(a: Any, b: Any) -> bool:
    """Equal up to rounding, of the same shapes and dtypes."""
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return same(a.data, b.data)
    if not isinstance(a, np.ndarray | np.generic):
        return type(a) is type(b) and (a == b or (a != a and b != b))
    if not isinstance(b, np.ndarray | np.generic):
        return False
    one, two = (x.dtype.newbyteorder("=") for x in (a, b))
    if a.shape != b.shape or one != two:
        return False
    if one.kind not in "fc":
        return bool((np.ma.getdata(a) == np.ma.getdata(b)).all())
    tolerance = 1e-2 if one == np.float16 else 1e-4 if one == np.float32 else 1e-9
    with np.errstate(all="ignore"):
        return np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)


def _short(thing: Any) -> str:
    return " ".join(repr(thing).split())[:160]
