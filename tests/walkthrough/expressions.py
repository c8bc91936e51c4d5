"""NumPy expressions as text: the formulas of the walk-through, and what the page prints.

The texts are the project's own, never a user's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

WORDS: dict[str, Any] = {
    name: getattr(np, name)
    for name in (
        *("array", "diag", "exp", "eye", "log", "maximum", "minimum"),
        *("ones", "outer", "sqrt", "sum", "tanh", "where", "zeros"),
    )
}
WORDS |= {"solve": np.linalg.solve, "len": len}
"""What expressions may use; `pages/words.py` adds functions of the homework."""

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def evaluate(expression: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression over `names` and NumPy's functions."""
    with np.errstate(all="ignore"):  # a wrong formula may take the logarithm of a negative number
        return eval(expression, {**WORDS, **names})


def read(text: str) -> tuple[Any, Any]:
    """Numbers as a page prints them, and half a unit of the last printed digit of each.

    Brackets nest, commas may be missing. Both are nested lists (a number where there are no
    brackets); `None` is None, and an expression such as `-log(0.3)` is exact.
    """
    if text == "None":
        return None, None
    if "(" in text:
        value = np.asarray(evaluate(text, {}))
        return value.tolist(), (1e-12 * np.abs(value)).tolist()
    tokens = re.findall(rf"\[|\]|{NUMBER.pattern}", text)
    numbers: list[Any] = [[]]
    halves: list[Any] = [[]]
    for token in tokens:
        if token == "[":
            numbers.append([])
            halves.append([])
        elif token == "]":
            for stack in (numbers, halves):
                inner = stack.pop()
                stack[-1].append(inner)
        else:
            numbers[-1].append(float(token) if re.search("[.eE]", token) else int(token))
            halves[-1].append(half_a_unit(token))
    return numbers[0][0], halves[0][0]


def half_a_unit(token: str) -> float:
    """Half a unit of the last digit of a printed number: 0.05 for `1.3`, 0.5 for `42`."""
    digits, _, exponent = token.lower().partition("e")
    decimals = len(digits.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)
