"""What a section of the walk-through is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Step(NamedTuple):
    """One value of the walk-through; a check, where the page prints it.

    Attributes
    ----------
    name : as the page names it.
    call : what the layers are asked, an expression.
    formula : the same value in NumPy, an expression over the values before it.
    page : what the page prints, as it stands there; empty for a value that is only on the way.
    claim : the page's formula in NumPy's notation, where the check is about a formula; `formula`
        is the right one then.
    says, means : the page's words and the right ones, where they read better than the formulas.
    erratum : what went wrong on the page; empty where the page is right.
    remark : what the reader should know besides.
    first : statements that run before `call`.
    var : under which name the steps that follow find the value; `name` if that can be one.
    noise : an absolute error that rounding may make, where the value is a difference of others.
    stored : whether `formula` is no formula but the right numbers, as in a handout.
    """

    name: str
    call: str
    formula: str
    page: str = ""
    claim: str = ""
    says: str = ""
    means: str = ""
    erratum: str = ""
    remark: str = ""
    first: str = ""
    var: str = ""
    noise: float = 0.0
    stored: bool = False

    @property
    def is_check(self) -> bool:
        """Whether the page says something about this value."""
        return bool(self.page or self.claim)

    @property
    def variable(self) -> str:
        """The name of the value in formulas; empty if it has none."""
        named = self.name.isidentifier() and not (self.claim or self.stored)
        return self.var or (self.name if named else "")

    @property
    def code(self) -> str:
        """What the layers are asked, in one line."""
        return f"{self.first}; {self.call}" if self.first else self.call

    @property
    def needs_library(self) -> bool:
        """Whether only this project's own differentiation can answer."""
        return "gradient(" in self.call or "jacobian(" in self.call


class Section(NamedTuple):
    """A part of a page, with everything that its steps need.

    Attributes
    ----------
    number : as the page numbers it; a section of 000, 003 or 004 has that number in front.
    title : what it is about.
    steps : its steps in order.
    given : the page's arrays by name, as text.
    made : statements, one a line, that make the layers.
    after : the key of the section whose arrays and layers this one goes on with.
    key : tells sections of one number apart; `number` where it is empty.
    network : the widths of the layers, where there is a network that can be drawn.
    course : the folder of the course whose classes it asks; empty for the first two homeworks'.
    """

    number: str
    title: str
    steps: tuple[Step, ...]
    given: Mapping[str, str] = {}
    made: str = ""
    after: str = ""
    key: str = ""
    network: tuple[int, ...] = ()
    course: str = ""

    @property
    def own_key(self) -> str:
        """What `after` of another section calls this one."""
        return self.key or f"{self.course} {self.number}".strip()


def printed(
    steps: Iterable[Step],
    pages: Mapping[str, str],
    errata: Mapping[str, str] | None = None,
    remarks: Mapping[str, str] | None = None,
) -> tuple[Step, ...]:
    """The same steps with what one section prints for them, by their names."""
    errata, remarks = errata or {}, remarks or {}
    steps = tuple(steps)
    unknown = {*pages, *errata, *remarks} - {step.name for step in steps}
    if unknown:
        raise ValueError(f"printed: no step has the name {', '.join(sorted(unknown))}")
    return tuple(
        step._replace(
            page=pages.get(step.name, ""),
            erratum=errata.get(step.name, ""),
            remark=remarks.get(step.name, ""),
        )
        for step in steps
    )


def claimed(
    name: str,
    claim: str,
    call: str,
    right: str = "",
    erratum: str = "",
    remark: str = "",
    says: str = "",
    means: str = "",
) -> Step:
    """A formula of the page; `right` and `erratum` where the page has it wrong."""
    return Step(
        name,
        call,
        right or claim,
        claim=claim,
        says=says,
        means=means,
        erratum=erratum,
        remark=remark,
    )
