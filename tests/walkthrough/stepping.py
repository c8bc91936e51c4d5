"""Shows one check in full: the formula, the formula with its numbers, the matrices, the page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.support.terminal import WIDTH, Paint, columns
from tests.walkthrough.report import COLOURS, SHOWN, brief, explanation
from tests.walkthrough.verdict import Check

WORD = re.compile(r"(?<![\w.'])[A-Za-z_]\w*")
LABEL = 10


def pages(check: Check, paint: Paint) -> Iterator[str]:
    """The lines that show one check."""
    step, section = check.step, check.section
    yield paint(f"{section.number}  {step.name}", "bold") + f"   {section.title}"
    yield from labelled("call", step.code)
    if step.stored:
        yield from matrix("right", check.outcome.right)
    else:
        yield from derivation(check)
    if check.outcome.failure:
        yield from labelled("computed", check.outcome.failure)
    else:
        yield from matrix("computed", check.outcome.value)
    if step.claim:
        yield from labelled("page", str(check.printed))
    else:
        yield from labelled("page", step.page)
    yield from labelled("verdict", paint(SHOWN[check.status], COLOURS[check.status]))
    if check.reason:
        yield from explanation(check, " " * LABEL)


def derivation(check: Check) -> Iterator[str]:
    """The formula, the formula with its numbers, and the matrices in it."""
    formula, names = check.step.formula, check.outcome.names
    yield from labelled("formula", formula)
    used = {word: names[word] for word in dict.fromkeys(WORD.findall(formula)) if word in names}
    yield from labelled("numbers", with_numbers(formula, used))
    for name, value in used.items():
        yield from matrix(name, value)


def with_numbers(formula: str, values: dict[str, Any]) -> str:
    """The formula with every name that has a value replaced by it."""
    return WORD.sub(
        lambda word: one_line(values[word[0]]) if word[0] in values else word[0], formula
    )


def one_line(value: Any) -> str:
    """An array as nested lists, with six digits; larger ones by their shape."""
    array = np.asarray(value)
    return brief(array.tolist()) if array.size <= 12 else f"<{array.shape}>"


def matrix(name: str, value: Any) -> Iterator[str]:
    """An array with its name and shape, row by row."""
    if value is None:
        yield from labelled(name, "None")
        return
    array = np.asarray(value, float)
    text = np.array2string(array, max_line_width=WIDTH - LABEL, precision=8, suppress_small=False)
    yield from labelled(name, f"shape {array.shape}")
    yield from textwrap.indent(text, " " * LABEL).splitlines()


def labelled(label: str, text: str) -> list[str]:
    """Text with a label in front, in lines that fit the screen."""
    lines = textwrap.wrap(text, WIDTH - LABEL) or [""]
    head = label + " " * max(1, LABEL - columns(label))
    rest = [" " * LABEL + line for line in lines[1:]]
    if columns(head) + len(lines[0]) > WIDTH:
        return [head.rstrip(), " " * LABEL + lines[0], *rest]
    return [head + lines[0], *rest]
