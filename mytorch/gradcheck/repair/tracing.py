"""What a run goes through: which lines of which functions, and which values stand in scope."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from mytorch.gradcheck.repair.sources import Function

NUMBERS, TRUTH, ARRAYS, LISTS = "number", "truth", "array", "list"
MOST_NAMES = 60
NO_OBJECTS = (type, ModuleType, FunctionType, MethodType)


@dataclass
class Trace:
    """What a run did in one function.

    `lines` were executed, `names` are the expressions in scope with the kind of their values,
    `shares` those of them that are between 0 and 1, and `when` is after how many of the results
    the function ran last. `raised` are the lines that an exception went through, `missing` the
    names that it says are not there.
    """

    lines: set[int] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    shares: set[str] = field(default_factory=set)
    when: int = -1
    raised: set[int] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


def traced(
    functions: Iterable[Function], run: Callable[[], Any], now: Callable[[], int]
) -> dict[str, Trace]:
    """Runs something and returns what it did, by the key of each function that ran."""
    by_code: dict[CodeType, Trace] = {}
    inner: dict[CodeType, Trace] = {}
    keys = {}
    for one in functions:
        trace = by_code[one.live.__code__] = Trace()
        keys[key_of(one)] = trace
        for code in _inside(one.live.__code__):
            inner[code] = trace

    missing: set[str] = set()

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        trace = by_code.get(frame.f_code) or inner[frame.f_code]
        trace.lines.add(frame.f_lineno)
        trace.when = now()
        if event == "exception":
            trace.raised.add(frame.f_lineno)
            name = getattr(argument[1], "name", None)
            if isinstance(argument[1], AttributeError | NameError) and isinstance(name, str):
                missing.add(name)
        elif event == "return" and frame.f_code in by_code and len(trace.names) < MOST_NAMES:
            trace.names.update(_in_scope(frame, trace.shares))
        return local

    def globally(frame: FrameType, event: str, argument: Any) -> Any:
        return local if frame.f_code in by_code or frame.f_code in inner else None

    before = sys.gettrace()
    sys.settrace(globally)
    try:
        run()
    finally:
        sys.settrace(before)
    for trace in keys.values():
        trace.missing = missing
    return {key: trace for key, trace in keys.items() if trace.lines}


def key_of(function: Function) -> str:
    """A name of a function that no other has."""
    return f"{function.file}:{function.node.lineno}:{function.name}"


def _inside(code: CodeType) -> Iterable[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _inside(constant)


def _in_scope(frame: FrameType, shares: set[str]) -> dict[str, str]:
    """Names of the function, and attributes of the objects that they stand for.

    Those that are numbers between 0 and 1 come into `shares`.
    """
    found: dict[str, str] = {}
    for name, value in frame.f_locals.items():
        if not name.isidentifier() or name == "__class__":
            continue
        kind = kind_of(value)
        if kind:
            found[name] = kind
            if isinstance(value, float) and 0 < value < 1:
                shares.add(name)
            if kind.startswith("of "):
                found[f"{name}.data"] = ARRAYS
        elif hasattr(value, "__dict__") and not isinstance(value, NO_OBJECTS):
            for attribute, inside in list(vars(value).items())[:30]:
                kind = kind_of(inside)
                if kind and attribute.isidentifier():
                    found[f"{name}.{attribute}"] = kind
                    if isinstance(inside, float) and 0 < inside < 1:
                        shares.add(f"{name}.{attribute}")
                    if kind.startswith("of "):
                        found[f"{name}.{attribute}.data"] = ARRAYS
    return found


def kind_of(value: Any) -> str:
    """What kind of value it is; values of different kinds are not put in each other's place."""
    if isinstance(value, bool | np.bool_):
        return TRUTH
    if isinstance(value, int | float | np.number):
        return NUMBERS
    if isinstance(value, np.ndarray):
        return ARRAYS
    if isinstance(value, list | tuple):
        return LISTS
    data = getattr(value, "data", None)
    return f"of {type(value).__name__}" if isinstance(data, np.ndarray) else ""
