"""The walk-through on the library: every printed number, every erratum, and what breaks it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.support.waiting import LIMIT
from tests.walkthrough.expressions import evaluate, read
from tests.walkthrough.library import LIBRARY
from tests.walkthrough.sections import SECTIONS, chosen, with_earlier
from tests.walkthrough.verdict import ERRATUM, MATCH, MISMATCH, Check, difference, judge
from tests.walkthrough.walk import walk

# The right numbers in place of the page's, worked out with a pocket calculator.
RIGHT = {
    ("2.1.1", "dimension of Y1lin"): 3,
    ("2.1.3", "Y3"): [[1, 3.06073735e-278]],
    ("2.2.3", "Y3"): [[1, 3.06073735e-278], [1, 0], [1, 0]],
    ("2.3.1", "L"): [1.5],
    # exp(-32) is 1.2664e-14; 1 - y in float64 has three digits of it left
    ("3.3", "gradZ"): [[1.2656542e-14, -2.78946866e-10, 4.53958077e-5]],
    ("3.5", "gradW3"): [[-21032, -352], [-29397, -492], [-35133, -588]],
    ("3.6", "D"): [[240, 4], [320, 2], [69, 5]],
    ("3.6", "gradY3lin"): [[-239, -4], [-319, -2], [-68, -5]],
    ("3.6", "gradY2"): [[-1215, -713, -1211], [-1605, -955, -1603], [-365, -199, -360]],
    ("3.6", "gradY2in"): [[-1215, -713, -1211], [-1605, -955, -1603], [-365, -199, -360]],
    ("3.6", "gradB2"): [[-3185 / 3, -1867 / 3, -3174 / 3]],
    ("3.6", "gradY1"): [[-13261, 3342, -4055], [-17603, 4464, -5419], [-3885, 947, -1146]],
    ("3.6", "gradY1in"): [[-13261, 3342, -4055], [-17603, 4464, -5419], [-3885, 947, -1146]],
    ("3.6", "gradB1"): [[-34749 / 3, 8753 / 3, -10620 / 3]],
    ("3.7", "W3"): [[2108.2, 40.2], [2942.7, 48.2], [3518.3, 62.8]],
    ("3.7", "B1"): [[3474.9 / 3, -875.3 / 3, 354]],
    ("3.7", "B2"): [[318.5 / 3, 186.7 / 3, 105.8]],
    ("4.1", "mean1"): [[149 / 3, 100 / 3, 53 / 3]],
    ("4.2", "graddB2"): [[0, 0, 0]],
    ("4.2", "graddB1"): [[0, 0, 0]],
    ("4.3", "norm1"): [[21.565000045681, 20.813886387562, 17.989388066634]],
    ("4.3", "Y1bn"): [[21.565000045681, 20.813886387562, 17.989388066634]],
    ("4.3", "Y1"): [[21.565000045681, 20.813886387562, 17.989388066634]],
    ("4.3", "Y2lin"): [[48.778996733218, 117.34089333226, 120.91650531131]],
}
# Formulas of the page that cannot even be computed: a name without a value, matrices that do not
# fit.
WITHOUT_VALUE = {("3.5", "gradY2lin"), ("3.5", "gradYlin of the loop"), ("003 3.2", "∇γ(L)")}  # noqa: RUF001


@pytest.fixture(scope="module")
def checks() -> list[Check]:
    return [judge(outcome) for outcome in walk(SECTIONS, dict(LIBRARY)) if outcome.step.is_check]


def key(check: Check) -> tuple[str, str]:
    return check.section.number, check.step.name


def test_the_library_has_no_mismatch(checks: list[Check]) -> None:
    assert [(*key(c), c.reason) for c in checks if c.status == MISMATCH] == []
    assert {c.section.number for c in checks} == {section.number for section in SECTIONS}
    assert {c.status for c in checks} == {MATCH, ERRATUM}


def test_the_right_value_of_each_erratum_in_numbers(checks: list[Check]) -> None:
    errata = [c for c in checks if c.status == ERRATUM and c.step.page]
    assert {key(c) for c in errata} == set(RIGHT)
    for check in errata:
        right = np.asarray(RIGHT[key(check)], float)
        for route in (check.outcome.right, check.outcome.value):
            np.testing.assert_allclose(route, right, rtol=1e-6, atol=check.step.noise)
        numbers, halves = map(np.ravel, read(check.step.page))
        if numbers.size == right.size:
            assert (np.abs(numbers - right.ravel()) > halves).any(), key(check)


def test_the_right_formula_of_each_erratum_is_not_the_pages(checks: list[Check]) -> None:
    without = set()
    for check in checks:
        if check.status != ERRATUM or check.step.page:
            continue
        outcome = check.outcome
        right = evaluate(check.step.formula, outcome.names)
        assert difference(outcome.value, right, 1e-9, check.step.noise) == "", key(check)
        try:
            page = evaluate(check.step.claim, outcome.names)
        except (NameError, ValueError):
            without.add(key(check))
            continue
        assert difference(page, right, 1e-9), key(check)
    assert without == WITHOUT_VALUE


def test_the_reasons_explain_the_wrong_numbers() -> None:
    """Numbers that follow from another wrong number come out of it."""
    rows = np.array([[-13261, 3342, -4055], [-17603, 4464, -5419], [-17603, 4464, -5419.0]])
    np.testing.assert_allclose(rows.mean(0), [-16155.7, 4090, -4964.3], atol=0.05)  # gradB1 of 3.6
    np.testing.assert_allclose(-0.1 * rows.mean(0), [1615.57, -409, 496.43], atol=0.005)  # B1
    assert sum([-1211, -1603, -36]) / 3 == -950  # gradB2 of 3.6
    assert pytest.approx(-54.8) == 4 - 0.1 * 588  # W3 of 3.7
    mean, var = (4.96666667, 3.33333333, 1.76666667), (23.72222222, 12.18888889, 7.18888889)
    norm = (np.array([110, 76, 50]) - mean) / np.sqrt(np.array(var) + 1e-8)
    np.testing.assert_array_equal(norm.round(8), [21.56500005, 20.81388639, 17.98938806])
    W2 = np.array([[2, 5, 6], [2, -3, -3], [-2, 4, 3]])
    np.testing.assert_allclose(
        norm @ W2, [48.77899674, 117.34089332, 120.91650531], atol=5e-9, rtol=0
    )


def test_the_pages_need_no_library(python: Callable[..., Any]) -> None:
    code = "import sys, tests.walkthrough.sections, tests.walkthrough.child\n"
    code += "print('mytorch' in sys.modules)"
    assert python("-c", code, PYTHONPATH=str(ROOT)).stdout == "False\n"


@pytest.mark.parametrize(
    ("text", "numbers", "halves"),
    [
        ("[[-239, -4]]", [[-239, -4]], [[0.5, 0.5]]),
        ("[1.3e-14, 4.5e-5]", [1.3e-14, 4.5e-5], [5e-16, 5e-7]),
        ("[[848.5 503.1], [1.40548685 0.]]", [[848.5, 503.1], [1.40548685, 0]], None),
        (".9", 0.9, 0.05),
        ("[1.00000000e+000, 9.22784414e-193]", [1.0, 9.22784414e-193], None),
        ("None", None, None),
        ("-log(0.5)", 0.6931471805599453, 6.931471805599453e-13),
    ],
)
def test_printed_numbers_and_half_a_unit_of_their_last_digit(
    text: str, numbers: Any, halves: Any
) -> None:
    read_numbers, read_halves = read(text)
    assert read_numbers == numbers
    if halves is not None:
        np.testing.assert_allclose(read_halves, halves, rtol=1e-12)


def test_sections_are_found_by_number() -> None:
    assert {s.number for s in chosen("3")} == {
        *("3.1", "3.2.1", "3.2.2", "3.3", "3.4", "3.4.1", "3.5", "3.6", "3.7"),
    }
    assert {s.number for s in chosen("§2.3.")} == {"2.3", "2.3.1"}
    assert {s.number for s in chosen("000")} == {"000 A", "000 B"}
    assert [s.own_key for s in with_earlier(chosen("4.3"))][-1] == "4.3"
    with pytest.raises(ValueError, match=r"no section '3\.9'; there are 2\.1\.1, "):
        chosen("3.9")


def broken_copy(folder: Path, file: str, formula: str, wrong: str) -> set[tuple[str, str]]:
    """The mismatches of a copy of the project with one formula replaced."""
    for name in ("mytorch", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("benchmarks"))
    shutil.copy(ROOT / "sandbox.py", folder)
    path = folder / "mytorch" / file
    text = path.read_text()
    assert text.count(formula) == 1, f"{file} has another formula now"
    path.write_text(text.replace(formula, wrong))
    result = subprocess.run(
        [sys.executable, folder / "sandbox.py", "--json"],
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert result.returncode == 1, result.stderr
    return {
        (check["section"], check["name"])
        for check in json.loads(result.stdout)
        if check["status"] == MISMATCH
    }


def of(section: str, names: str) -> set[tuple[str, str]]:
    return {(section, name) for name in names.split()}


# Each formula, what it is broken into, and all that depends on it.
BREAKS = {
    "the gradient for a linear layer's input": (
        ("linear.py", "return delta @ self.W.T", "return 2 * delta @ self.W.T"),
        of("3.4.1", "gradZ")
        | of("3.5", "gradY2 gradY2in gradB2 gradW2 gradY1 gradY1in gradB1 gradW1 gradX gradY2lin")
        | {("3.5", "gradYlin of the loop"), ("3.5", "gradX of the loop")}
        | of("3.6", "gradY2 gradY2in gradB2 gradW2 gradY1 gradY1in gradB1 gradW1 gradX")
        | of("3.7", "W1 B1 W2 B2")
        | {("3.7", "B1 of 2.2.1")}
        | of("4.2", "gradY2 gradY2bn graddgamma2 graddbeta2 gradY2lin graddW2")
        | of("4.2", "gradY1 gradY1bn graddgamma1 graddbeta1 gradY1lin graddW1")
        | {("4.2", "average of graddgamma2")},
    ),
    "the L2 loss": (
        ("loss.py", "0.5 * difference", "difference"),
        {("2.3", "L2 loss"), ("2.3.1", "L")},
    ),
    "the running statistics": (
        ("batchnorm.py", "(1 - alpha) * self.var", "(1 - alpha) * self.running_var"),
        of("4.1", "running_var running_var1 running_var2")
        | of("4.3", "norm1 Y1bn Y1 Y2lin norm2 Y2bn Y2 Y3lin Y3/Softmax"),
    ),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_broken_formula_fails_exactly_what_depends_on_it(what: str, tmp_path: Path) -> None:
    edit, expected = BREAKS[what]
    assert broken_copy(tmp_path, *edit) == expected


def test_the_list_of_errata_is_up_to_date(python: Callable[..., Any]) -> None:
    result = python(ROOT / "sandbox.py", "--errata")
    assert result.stdout == (ROOT / "data" / "errata.md").read_text(encoding="utf-8")
