"""The list of errata as Markdown, as `data/errata.md` has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.walkthrough.report import brief, contrast, without_noise
from tests.walkthrough.verdict import ERRATUM, Check

SOURCES = {
    "000": "000, *An Introduction to Neural Networks* (2019)",
    "001": "001, *HW1P1 Toy Problem*",
    "002": "002, *Autograd and MLPs* (2020)",
    "003": "003, *MLPs, CNNs and Backpropagation* (Amsterdam, 2019)",
    "004": "004, *Batch Normalization, alternative backward*",
}
HEAD = """# Errata of the course's papers

What the pages print and what is right. An entry stands here only where the library's layers and
plain NumPy expressions agree with each other, in float64, and not with the page. The list is the
output of `python3 sandbox.py --errata`; `python3 sandbox.py --section 3.5 --step` shows the
numbers behind one section."""


def source(check: Check) -> str:
    """The paper that a check is about."""
    number = check.section.number
    if number.startswith("00"):
        return number[:3]
    return "002" if number.startswith("0.") else "001"


def markdown(checks: Iterable[Check]) -> Iterator[str]:
    """The errata among `checks`, a table for each paper."""
    yield HEAD
    errata = [check for check in checks if check.status == ERRATUM]
    for paper, title in SOURCES.items():
        rows = [check for check in errata if source(check) == paper]
        if not rows:
            continue
        yield f"\n## {title}\n"
        yield "| section | name | the page has | right is | what went wrong |"
        yield "|---|---|---|---|---|"
        for check in rows:
            section = check.section.number.removeprefix(paper).strip() or "-"
            page, right = both(check)
            yield f"| {section} | {check.step.name} | {page} | {right} | {check.reason} |"


def both(check: Check) -> tuple[str, str]:
    """The page's and the right value as two cells."""
    if check.step.claim:
        return code(check.printed), code(check.computed)
    page, right = brief(check.printed), brief(without_noise(check))
    if len(page) <= 60 and page.strip("[]") != right.strip("[]"):
        return code(page), code(right)
    page, _, right = contrast(check).removeprefix("page: ").partition("; right: ")
    return code(page), code(right)


def code(text: str) -> str:
    """Text in a table's cell as code."""
    return f"`{text}`".replace("|", "\\|")
