"""Shows the checks: as a table, as JSON, as the list of errata, and as the list of sections."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from tests.support.terminal import WIDTH, Paint, cut, pad
from tests.walkthrough.steps import Section
from tests.walkthrough.verdict import ERRATUM, MATCH, MISMATCH, Check

COLOURS = {MATCH: "green", ERRATUM: "yellow", MISMATCH: "red"}
SHOWN = {MATCH: "match", ERRATUM: "ERRATUM", MISMATCH: "MISMATCH"}


def table(checks: Iterable[Check], paint: Paint) -> Iterator[str]:
    """A heading for each section and a line for each check, with the reason where there is one."""
    for _, group in groupby(checks, key=lambda check: check.section.own_key):
        members = list(group)
        section = members[0].section
        yield ""
        yield paint(cut(f"{section.number}  {section.title}", WIDTH), "bold")
        for check in members:
            shape = str(check.shape).replace(" ", "")
            row = f"  {pad(check.step.name, 23)} {pad(shape, 7)} {pad(check.step.call, 36)}"
            yield f"{row} {paint(SHOWN[check.status], COLOURS[check.status])}"
            if check.status != MATCH or check.reason:
                yield from explanation(check, "      ")


def explanation(check: Check, indent: str) -> list[str]:
    """Why a check is no match: what the page has, what is right, what went wrong."""
    text = check.reason
    if check.status == ERRATUM:
        text = f"{contrast(check)}. Why: {text}"
    elif check.status == MATCH:
        text = f"({text})"
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )


def contrast(check: Check) -> str:
    """What the page has and what is right, in short: of numbers, the first that differs."""
    if check.step.claim:
        return f"page: {check.printed}; right: {check.computed}"
    printed, right = np.ravel(check.printed), np.ravel(without_noise(check))
    if printed.size != right.size:
        return f"page: {brief(check.printed)}; right: {brief(check.computed)}"
    off = int(np.argmax(np.abs(printed - right) / np.maximum(np.abs(right), 1e-300)))
    return f"page: {printed[off]:.10g}; right: {right[off]:.10g}"


def without_noise(check: Check) -> Any:
    """The computed numbers; where rounding may have made them, 0."""
    computed = np.asarray(check.computed, float)
    return np.where(np.abs(computed) <= check.step.noise, 0.0, computed).tolist()


def brief(value: Any) -> str:
    """A number, nested lists or a text in one line, with six digits."""
    if isinstance(value, list):
        return f"[{', '.join(map(brief, value))}]"
    return value if isinstance(value, str) or value is None else f"{value:.6g}"


def summary(checks: Sequence[Check]) -> str:
    """How many checks there were and what came of them."""
    counts = Counter(check.status for check in checks)
    mismatches = "mismatch" if counts[MISMATCH] == 1 else "mismatches"
    errata = "erratum" if counts[ERRATUM] == 1 else "errata"
    missing = sum(check.missing for check in checks)
    without = f", {missing} of them without a class" if missing else ""
    return (
        f"{len(checks)} checks: {counts[MATCH]} match, {counts[ERRATUM]} {errata} of the pages, "
        f"{counts[MISMATCH]} {mismatches}{without}"
    )


def as_json(checks: Iterable[Check], ascii_only: bool = False) -> str:
    """The checks as a list of objects; numbers that are not finite stand as text."""
    rows = [
        {
            "section": check.section.number,
            "name": check.step.name,
            "shape": list(check.shape),
            "printed": _finite(check.printed),
            "computed": _finite(check.computed),
            "status": check.status,
            "reason": check.reason,
        }
        for check in checks
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=ascii_only, allow_nan=False) for row in rows)
    return f"[\n{lines}\n]"


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return str(value)
    return value


def sections_list(sections: Iterable[Section]) -> Iterator[str]:
    """Each section with the names of its checks."""
    for section in sections:
        names = [step.name for step in section.steps if step.is_check]
        yield f"{section.number:9}{section.title}"
        indent = " " * 9
        yield from textwrap.wrap(
            ", ".join(dict.fromkeys(names)), WIDTH, initial_indent=indent, subsequent_indent=indent
        )


def wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Lines that fit the screen; what goes on is indented as its line is."""
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        yield from textwrap.wrap(
            line, WIDTH, subsequent_indent=indent + "  ", break_on_hyphens=False
        ) or [""]
