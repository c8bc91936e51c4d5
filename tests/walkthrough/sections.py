"""Every section of the walk-through, in the order of the pages."""

from __future__ import annotations

from collections.abc import Iterable

from tests.walkthrough.pages.order import AUTOGRAD as AUTOGRAD
from tests.walkthrough.pages.order import CLASSIC as CLASSIC
from tests.walkthrough.pages.order import COURSES, DERIVATIONS
from tests.walkthrough.steps import Section

SECTIONS = (*CLASSIC, *AUTOGRAD, *DERIVATIONS)
ALL = (*SECTIONS, *(section for sections in COURSES.values() for section in sections))
BY_KEY = {section.own_key: section for section in ALL}


def without_library(section: Section) -> Section:
    """The section without the checks that only this project's own differentiation can answer."""
    steps = tuple(step for step in section.steps if not (step.is_check and step.needs_library))
    return section._replace(steps=steps)


def of_course(name: str) -> list[Section]:
    """The sections about the classes of a course, by its folder. Raises ValueError if it has none.

    Without a name they are those of the first two homeworks and of the derivations.
    """
    if name and name not in COURSES:
        known = ", ".join(one.replace("_", "-") for one in COURSES) or "none"
        raise ValueError(f"there are no worked numbers of this course; there are: {known}")
    return list(COURSES[name] if name else SECTIONS)


def chosen(number: str, sections: Iterable[Section] = SECTIONS) -> list[Section]:
    """Those of `sections` whose number is `number` or starts with it: `3` is all of chapter 3.

    Raises ValueError where there is none.
    """
    sections = list(sections)
    number = number.strip().removeprefix("§").rstrip(".")
    found = [
        s
        for s in sections
        if s.number == number or s.number.startswith((f"{number}.", f"{number} "))
    ]
    if not found:
        numbers = ", ".join(dict.fromkeys(s.number for s in sections))
        raise ValueError(f"there is no section {number!r}; there are {numbers}")
    return found


def with_earlier(sections: Iterable[Section]) -> list[Section]:
    """`sections` and those that they go on from, in order."""
    needed = {section.own_key for section in sections}
    for section in reversed(ALL):
        if section.own_key in needed and section.after:
            needed.add(section.after)
    return [section for section in ALL if section.own_key in needed]
