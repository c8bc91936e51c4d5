"""Which edits are tried, in which order, by what runs and by what is known of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from math import log2
from types import MappingProxyType
from typing import NamedTuple

from mytorch.gradcheck.repair import enumeration
from mytorch.gradcheck.repair.edit import Edit
from mytorch.gradcheck.repair.sensitivity import Effects, penalty
from mytorch.gradcheck.repair.sources import Function, is_unwritten
from mytorch.gradcheck.repair.tracing import Trace, key_of

LATER = 0.9
"""How much less usual a mistake is in code that ran before the last right result."""
PASSED, SHARED, MOST_SHARED = 0.5, 0.2, 0.5
"""How much less usual a mistake is in a line that ran in what is right, and for each doubling of
the number of questions that its function is right in, and at most for that.
"""
STARTING = 0.4
"""How much less usual a mistake is where an object is made."""
ELSEWHERE = 0.15
"""How much less usual a mistake is in another file than that of the class which is asked."""
TRUSTED = 2.0
"""How much less usual a mistake is in a class that is right when it is asked alone."""
RAISED, NAMED = 0.5, 0.7
"""How much more usual a mistake is in a line of an exception, and at the name that it says."""
WORD = re.compile(r"\w+")


class Known(NamedTuple):
    """What is known of the code.

    Attributes
    ----------
    careful : whether something may not be written yet; then nothing is added but where `pass`
        stands, or where every method that ran is written.
    trusted : the classes and functions that are right by themselves, or the keys of functions.
    about : the class that the question is about; where a method of it that is not written ran
        last, nothing is searched.
    passed : in how many questions that are right each line ran, by the key of its function.
    """

    careful: bool = False
    trusted: Collection[str] = ()
    about: str = ""
    passed: Mapping[str, Mapping[int, int]] = MappingProxyType({})


NOTHING_KNOWN = Known()


def candidates(
    functions: Sequence[Function],
    ran: Mapping[str, Trace],
    known: Known,
    effects: Effects,
    low: float,
    high: float,
) -> list[Edit]:
    """The edits of the functions that ran, the most usual first.

    They cost more than `low` and at most `high`.
    """
    last = max((trace.when for trace in ran.values()), default=0)
    traces = [
        (function, ran[key_of(function)]) for function in functions if key_of(function) in ran
    ]
    if any(
        known.about in function.outer and trace.when >= last and is_unwritten(function.node)
        for function, trace in traces
    ):
        return []
    # Where every method that ran is written, it is a statement that is missing.
    unsure = [f for f, _ in traces if not {*known.trusted} & {*f.outer, key_of(f)}]
    careful = known.careful and any(map(_is_to_write, unsure))
    found: list[Edit] = []
    for function, trace in traces:
        passed = known.passed.get(key_of(function), {})
        least = _least(function, trace, known, last)
        least += min(MOST_SHARED, SHARED * log2(max(passed.values(), default=1)))
        modules = _modules(function.tree)
        luck = RAISED * bool(trace.raised) + NAMED * bool(trace.missing)
        for edit in enumeration.edits(function, trace, modules, effects, high - least + luck):
            edit.blame = least + PASSED * (edit.line in passed and not edit.adds)
            edit.cost += edit.blame - _luck(edit, trace) + penalty(edit, effects)
            if low < edit.cost <= high and not (careful and edit.adds):
                found.append(edit)
    found.sort(key=lambda edit: edit.cost)
    return found


def _is_to_write(function: Function) -> bool:
    """Whether a function is not written.

    Of one like `__len__` or a lambda nothing is asked, and what is called Identity returns what it
    gets.
    """
    name = function.node.name
    special = name.startswith(("__", "<")) and name not in ("__init__", "__call__")
    return not special and "Identity" not in function.outer and is_unwritten(function.node)


def _least(function: Function, trace: Trace, known: Known, last: int) -> float:
    """How much less usual a mistake is in a function."""
    names = {*function.outer, function.node.name, key_of(function)}
    least = TRUSTED * bool({*known.trusted} & names)
    classes = (node.name for node in function.tree.body if isinstance(node, ast.ClassDef))
    if known.about and known.about not in classes:
        least += ELSEWHERE
    if function.node.name == "__init__":
        return least + STARTING
    return least + LATER * (trace.when < last)


def _luck(edit: Edit, trace: Trace) -> float:
    """How much more usual a mistake is at a place, by an exception of the run."""
    luck = RAISED if edit.line in trace.raised else 0.0
    if trace.missing and trace.missing & set(WORD.findall(edit.before)):
        luck += NAMED
    return luck


def _modules(tree: ast.Module) -> dict[str, str]:
    """The modules that a file imports, and what it calls them."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name: alias.asname or alias.name for alias in node.names}
    return found
