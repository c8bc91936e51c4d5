"""What a run goes through: which lines of which functions, and which values stand in scope."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from mytorch.gradcheck.repair.closures import COMPREHENSIONS, inside
from mytorch.gradcheck.repair.sources import Function

NUMBERS, TRUTH, ARRAYS, LISTS = "number", "truth", "array", "list"
MOST_NAMES, MOST_PROPERTIES = 60, 10
NO_OBJECTS = (type, ModuleType, FunctionType, MethodType)


@dataclass
class Trace:
    """What a run did in one function.

    `lines` were executed, `names` are the expressions in scope with the kind of their values,
    `shapes` those of arrays, `shares` the names that are between 0 and 1. `several` are the lists
    of objects, with their methods and how many values each must get, and of arrays, with none;
    `objects` are single ones, `tensors` what has an array as its `data`, with the methods that get
    nothing.
    `when` is after how many of the results the function ran last. `raised` are the lines that an
    exception went through, `missing` the names that it says are not there.
    """

    lines: set[int] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    shares: set[str] = field(default_factory=set)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    several: dict[str, dict[str, int]] = field(default_factory=dict)
    objects: dict[str, dict[str, int]] = field(default_factory=dict)
    tensors: dict[str, list[str]] = field(default_factory=dict)
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
        for code in inside(one.live.__code__):
            inner[code] = trace

    missing: set[str] = set()
    raised: list[tuple[Trace, FrameType, int, str]] = []

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        trace = by_code.get(frame.f_code) or inner[frame.f_code]
        trace.lines.add(frame.f_lineno)
        trace.when = now()
        if event == "exception":
            name = getattr(argument[1], "name", None)
            known = isinstance(argument[1], AttributeError | NameError) and isinstance(name, str)
            raised.append((trace, frame, frame.f_lineno, str(name) if known else ""))
        elif event == "line" and any(one[1] is frame for one in raised):
            raised.clear()  # it was caught here
        elif event == "return" and frame.f_code.co_name not in COMPREHENSIONS:
            _note(trace, frame)
        return local

    def globally(frame: FrameType, event: str, argument: Any) -> Any:
        return local if frame.f_code in by_code or frame.f_code in inner else None

    before = sys.gettrace()
    sys.settrace(globally)
    try:
        run()
    finally:
        sys.settrace(before)
    for trace, _, line, name in raised:
        trace.raised.add(line)
        missing |= {name} - {""}
    for trace in keys.values():
        trace.missing = missing
    return {key: trace for key, trace in keys.items() if trace.lines}


def key_of(function: Function) -> str:
    """A name of a function that no other has."""
    node = function.node
    return f"{function.file}:{node.lineno}:{node.col_offset}:{function.name}"


def _note(trace: Trace, frame: FrameType) -> None:
    """Names of the function, and attributes of the objects that they stand for."""
    if len(trace.names) >= MOST_NAMES:
        return
    for name, value in frame.f_locals.items():
        if not name.isidentifier() or name == "__class__":
            continue
        if kind_of(value) or isinstance(value, dict):
            _note_value(trace, name, value)
        elif hasattr(value, "__dict__") and not isinstance(value, NO_OBJECTS):
            for attribute, inside in list(vars(value).items())[:30]:
                if attribute.isidentifier():
                    _note_value(trace, f"{name}.{attribute}", inside)
            if name == "self":
                _note_properties(trace, value)


def _note_value(trace: Trace, name: str, value: Any) -> None:
    kind = kind_of(value)
    for key, element in list(value.items())[:MOST_PROPERTIES] if isinstance(value, dict) else ():
        if isinstance(key, str) and key.isidentifier() and kind_of(element):
            _note_value(trace, f"{name}[{key!r}]", element)
    if not kind:
        if "." in name and hasattr(value, "__dict__") and not isinstance(value, NO_OBJECTS):
            trace.objects[name] = _methods(type(value))
        return
    trace.names[name] = kind
    if kind == ARRAYS:
        trace.shapes[name] = value.shape
    elif kind == LISTS and value and isinstance(value[0], np.ndarray):
        trace.several[name] = {}
    elif kind == LISTS and value and (methods := _methods(type(value[0]))):
        trace.several[name] = methods
    elif kind.startswith("of "):
        trace.names[f"{name}.data"] = ARRAYS
        trace.tensors[name] = [n for n, count in _methods(type(value)).items() if count == 0]
        trace.shapes[f"{name}.data"] = value.data.shape
        for attribute, inside in list(getattr(value, "__dict__", {}).items())[:MOST_PROPERTIES]:
            if kind_of(inside) == kind:
                trace.names[f"{name}.{attribute}"] = kind  # its gradient
    elif isinstance(value, float) and 0 < value < 1:
        trace.shares.add(name)


def _note_properties(trace: Trace, value: Any) -> None:
    """Properties that are single numbers; of a copy, for one may keep what it has computed."""
    named = [name for kind in type(value).__mro__ for name, p in vars(kind).items()
             if isinstance(p, property) and not name.startswith("_")]  # fmt: skip
    for name in named[:MOST_PROPERTIES]:
        with suppress(Exception):
            twin = object.__new__(type(value))
            vars(twin).update(vars(value))
            if kind_of(number := getattr(twin, name)) == NUMBERS:
                _note_value(trace, f"self.{name}", number)


def _methods(kind: type) -> dict[str, int]:
    """The methods of a class, with how many values each must get beside the object."""
    found: dict[str, int] = {}
    for name in dir(kind):
        method = getattr(kind, name, None)
        if isinstance(method, FunctionType) and not name.startswith("_"):
            code = method.__code__
            found[name] = code.co_argcount - 1 - len(method.__defaults__ or ())
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
