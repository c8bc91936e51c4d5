"""Compares: the layers with the NumPy expression, and the page with both."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tests.walkthrough.expressions import evaluate, read
from tests.walkthrough.steps import Section, Step
from tests.walkthrough.walk import Outcome

MATCH, ERRATUM, MISMATCH = "match", "erratum", "mismatch"
STRICT = 1e-9
"""The tolerance for the library's own values; beside it ROUNDING counts, else ROUGHLY."""
ROUNDING = 1e-12
"""How far two ways of computing may differ, as a share of the largest entry."""
ROUGHLY = 1e-8
"""What a user's value may be off, absolutely, as the homeworks have it."""


class Check(NamedTuple):
    """A step and its verdict.

    Attributes
    ----------
    status : "match" where the page and the layers agree, "erratum" where the layers and NumPy
        agree and the page is known to be wrong, "mismatch" otherwise.
    printed, computed : nested lists, a number, or text where the check is about a formula.
    shape : that of the right value.
    reason : why it is no match; for a match what there is to know.
    missing : whether the class is not there that was to be asked.
    """

    outcome: Outcome
    status: str
    printed: Any
    computed: Any
    shape: tuple[int, ...]
    reason: str
    missing: bool = False

    @property
    def section(self) -> Section:
        """The section of the step."""
        return self.outcome.section

    @property
    def step(self) -> Step:
        """What was checked."""
        return self.outcome.step


def judge(outcome: Outcome, tolerance: float = STRICT, flat: bool = False) -> Check:
    """The verdict on one step; the layers' value may be off by `tolerance`, relatively.

    With `flat`, `(n,)` is accepted for `(1, n)`, as the 2019 homework's own solutions have it.
    """
    step, right = outcome.step, outcome.right
    if flat and np.ndim(outcome.value) == 1 and np.shape(right) == (1, *np.shape(outcome.value)):
        outcome = outcome._replace(value=outcome.value[None])
    printed = read(step.page)[0] if step.page else step.says or step.claim
    shape = np.shape(right)
    wrong = outcome.failure or difference(outcome.value, right, tolerance, step.noise)
    if wrong:
        computed = "nothing" if outcome.failure else _listed(outcome.value)
        return Check(outcome, MISMATCH, printed, computed, shape, wrong, outcome.missing)
    computed = _listed(outcome.value) if step.page else step.means or step.formula
    if not step.claim:
        # a page's tiny numbers, 9e-193 beside 1, tell more than a tolerance; not of rough values
        objection = page_objection(step.page, outcome.value if tolerance <= STRICT else right)
    else:
        objection = claim_objection(outcome)
        computed = computed if objection else printed
    if bool(objection) != bool(step.erratum):
        reason = objection or f"the page is right, but called wrong: {step.erratum}"
        return Check(outcome, MISMATCH, printed, computed, shape, reason)
    status = ERRATUM if step.erratum else MATCH
    return Check(outcome, status, printed, computed, shape, step.erratum or step.remark)


def difference(value: Any, right: Any, tolerance: float, noise: float = 0.0) -> str:
    """What is wrong with `value`, in words; empty if nothing is."""
    if right is None or value is None:
        return "" if value is right else f"expected {_kind(right)}, got {_kind(value)}"
    single = np.asarray(value).dtype == np.float32
    value, right = np.asarray(value, float), np.asarray(right, float)
    if value.shape != right.shape:
        return f"expected shape {right.shape}, got {value.shape}"
    largest = np.abs(right[np.isfinite(right)]).max(initial=0.0)
    allowed = max(noise, ROUNDING * largest if tolerance <= STRICT else ROUGHLY)
    if single:
        allowed, tolerance = max(allowed, 1e-6 * max(largest, 1.0)), max(tolerance, 1e-4)
    bad = ~np.isclose(value, right, rtol=tolerance, atol=allowed)
    if not bad.any():
        return ""
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    where = f"at {list(first)}: " if first else ""
    sentence = f"{where}expected {_short(right[first])}, got {_short(value[first])}"
    return sentence + _ratio(value, right, bad)


def _ratio(value: npt.NDArray[Any], right: npt.NDArray[Any], bad: npt.NDArray[Any]) -> str:
    counted = bad | (right != 0)
    with np.errstate(all="ignore"):
        ratios = np.unique(np.round(value[counted] / right[counted], 9))
    if counted.sum() < 2 or len(ratios) != 1 or not np.isfinite(ratios[0]):
        return "" if bad.sum() < 2 else f"; {bad.sum()} of {bad.size} entries are wrong"
    return f"; every entry is {ratios[0]:g} times what it should be"


def page_objection(page: str, value: Any) -> str:
    """Where the page's numbers are not `value`, rounded to the digits that the page has."""
    numbers, halves = read(page)
    if numbers is None or value is None:
        return "" if numbers is value else f"the page has {page}, right is {_kind(value)}"
    printed, value = np.ravel(np.asarray(numbers, float)), np.asarray(value, float)
    if printed.size != value.size:
        return f"the page has {printed.size} numbers, right are {value.size}"
    # the last digit's half itself belongs to it, however the sum of binary fractions falls
    off = np.abs(printed - value.ravel()) > np.ravel(halves) * (1 + 1e-9)
    if not off.any():
        return ""
    first = int(np.argmax(off))
    return f"the page has {printed[first]:.10g}, right is {value.flat[first]:.10g}"


def claim_objection(outcome: Outcome) -> str:
    """Where the page's formula does not give the right value."""
    try:
        claimed = evaluate(outcome.step.claim, outcome.names)
    except (NameError, ValueError) as error:
        return f"the page's formula has no value: {error}"
    wrong = difference(claimed, outcome.right, STRICT, outcome.step.noise)
    return wrong and f"the page's formula: {wrong}"


def _listed(value: Any) -> Any:
    return None if value is None else np.asarray(value, float).tolist()


def _short(number: Any) -> str:
    return f"{number:.9g}"


def _kind(value: Any) -> str:
    return "None" if value is None else f"an array of shape {np.shape(value)}"
