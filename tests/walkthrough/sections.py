"""Every section of the walk-through, in the order of the pages."""

from __future__ import annotations

from collections.abc import Iterable

from tests.walkthrough.pages import (
    amsterdam,
    autograd,
    backward,
    batchnorm,
    batchnorm_formulas,
    closed_form,
    descent,
    forward,
    gradients,
    homework2019,
    losses,
    pictures,
)
from tests.walkthrough.steps import Section


def _place(section: Section) -> tuple[int, ...]:
    return tuple(map(int, section.number.split(".")))


CLASSIC = sorted(
    (
        *forward.SECTIONS,
        *losses.SECTIONS,
        *gradients.SECTIONS,
        *backward.SECTIONS,
        *descent.SECTIONS,
        *batchnorm_formulas.SECTIONS,
        *batchnorm.SECTIONS,
    ),
    key=_place,
)
AUTOGRAD = autograd.SECTIONS
DERIVATIONS = (
    *homework2019.SECTIONS,
    *amsterdam.SECTIONS,
    *pictures.SECTIONS,
    *closed_form.SECTIONS,
)
SECTIONS = (*CLASSIC, *AUTOGRAD, *DERIVATIONS)
BY_KEY = {section.own_key: section for section in SECTIONS}


def without_library(section: Section) -> Section:
    """The section without the checks that only this project's own differentiation can answer."""
    steps = tuple(step for step in section.steps if not (step.is_check and step.needs_library))
    return section._replace(steps=steps)


def chosen(number: str) -> list[Section]:
    """The sections whose number is `number` or starts with it: `3` stands for all of chapter 3.

    Raises ValueError where there is none.
    """
    number = number.strip().removeprefix("§").rstrip(".")
    found = [
        s
        for s in SECTIONS
        if s.number == number or s.number.startswith((f"{number}.", f"{number} "))
    ]
    if not found:
        numbers = ", ".join(dict.fromkeys(s.number for s in SECTIONS))
        raise ValueError(f"there is no section {number!r}; there are {numbers}")
    return found


def with_earlier(sections: Iterable[Section]) -> list[Section]:
    """`sections` and those that they go on from, in order."""
    needed = {section.own_key for section in sections}
    for section in reversed(SECTIONS):
        if section.own_key in needed and section.after:
            needed.add(section.after)
    return [section for section in SECTIONS if section.own_key in needed]
