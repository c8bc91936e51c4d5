"""Where a mistake is that was named but that no change of the code was found for.

It stands in a statement that every wrong result depends on, and no right one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from tests.autograder.course import Course, Question
from tests.autograder.places import Sources
from tests.autograder.repair.result import Repair
from tests.autograder.result import Result, asked
from tests.autograder.slicing import Helper, Incomplete, slice_of
from tests.autograder.unwritten import RETURNED

MOST = 4
"""In how many statements a mistake may stand so that they are named."""
PASSED_ON = r" *return [\w.]+ *$"
SHORT = {"mean": "running_mean", "var": "running_var"}
SPREAD = {
    "eps of Adam outside the root",
    *("weight decay left out", "weight decay without the learning rate"),
    *("weight decay in the gradient", "biases not decayed"),
}
"""Mistakes of several statements, or of none, where weights and biases are changed: what both come
from is right."""
Place = tuple[str, str]
"""A class and a method of it."""
Statements = frozenset[int]
"""By the line that each begins in."""


def pointed(
    course: Course,
    sources: Sources,
    results: Sequence[Result],
    found: Mapping[str, tuple[Repair, ...]],
    hints: int,
) -> dict[str, tuple[Repair, ...]]:
    """The repairs, and for named mistakes without one the statements where they may stand."""
    every = dict(found)
    located = {r.method for some in found.values() for r in some if r.line}
    told: set[str] = set()
    slices = _Slices(course, sources)
    for result in results:
        mistakes = {diagnosis.id for diagnosis in result.diagnosis}
        if any(r.line for r in every.get(result.question.id, ())):
            told |= mistakes
        if mistakes <= told:
            continue
        repairs = [
            repair._replace(hints=hints, named=True)
            for repair in slices.repairs(result)
            if repair.method not in located
        ]
        located |= {repair.method for repair in repairs}
        if repairs:
            told |= mistakes
            every[result.question.id] = tuple(repairs)
    return every


def _outputs(result: Result, right: bool) -> list[str]:
    """The outputs that are wrong in some case, or right in all, in order."""
    passed: dict[str, bool] = {}
    for check in result.checks:
        output = check.name.partition(": ")[2]
        if "/" in output:
            good = check.passed and not check.message
            passed[output] = passed.get(output, True) and good
    return [output for output, good in passed.items() if good == right]


class _Slices:
    """The statements that outputs depend on, in the code of a submission."""

    def __init__(self, course: Course, sources: Sources) -> None:
        self.course, self.sources = course, sources

    def repairs(self, result: Result) -> Iterator[Repair]:
        """The statements where the first wrong method of a question may be wrong."""
        wrong = _outputs(result, right=False)
        if not wrong or any(diagnosis.id in SPREAD for diagnosis in result.diagnosis):
            return
        place = self._place(result.question, wrong[0])
        part = wrong[0].partition("/")[0]  # what is wrong in a later one may follow from this
        mine = [o for o in wrong if o.startswith(f"{part}/")]
        slices = [lines for o in mine if (lines := self._lines(result.question, o)) is not None]
        if len(slices) < len(mine) or not slices:
            return
        made = self._constructor(place[0])  # a right output may not depend on its size of a number
        clean: Statements = frozenset()
        for output in _outputs(result, right=True):
            lines = self._lines(result.question, output) or frozenset()
            if not any(lines >= one for one in slices):  # the same statements, for other numbers
                clean |= lines
        common = frozenset.intersection(*slices)
        for lines in dict.fromkeys([common] if self._computes(place[0], common) else slices):
            suspects = lines - (clean - made) or lines
            if len(suspects) > MOST:
                suspects -= self._loops(place[0])
            if 0 < len(suspects) <= MOST:
                yield self._repair(place, sorted(suspects))

    def _computes(self, thing: str, lines: Statements) -> bool:
        """Whether something is computed there, not only prepared by the constructor or repeated."""
        return bool(lines - self._constructor(thing) - self._loops(thing))

    def _loops(self, thing: str) -> Statements:
        nodes = (n for method in self.sources.methods(thing).values() for n in ast.walk(method))
        return frozenset(node.lineno for node in nodes if isinstance(node, ast.For | ast.While))

    def _constructor(self, thing: str) -> Statements:
        start = self.sources.methods(thing).get("__init__")
        nodes = ast.walk(start) if start else ()
        return frozenset(node.lineno for node in nodes if isinstance(node, ast.stmt))

    def _place(self, question: Question, output: str) -> Place:
        thing, method = asked(question, output)
        return thing, method.partition("(")[0]

    def _lines(self, question: Question, output: str) -> Statements | None:
        """None where they cannot be told."""
        thing, method = self._place(question, output)
        function = self._function(thing, method)
        if function is None:
            return None
        part, _, quantity = output.partition("/")
        if quantity.startswith("arguments"):
            return frozenset([function.lineno])
        name = re.sub(r"( of .*| after.*|shape of )", "", quantity)
        target = "return"
        if name in self.course.spelling.kept.get(thing, {}):
            target = name.partition(".")[0]
        elif name not in RETURNED and " " not in name:  # in words it is about what is returned
            name = SHORT.get(name, name.rstrip("0123456789"))
            target = self.course.spelling.name(name).rpartition(".")[2]
        parameters = (self.course.spelling.name(one) for one in ("W", "b", "gamma", "beta"))
        given = {f"self.{name.partition('.')[0]}" for name in parameters}
        known = {"eval": part == "eval"}
        try:
            methods = self.sources.methods(thing)
            found = slice_of(methods, method, target, given, known, self._helper(thing))
        except (Incomplete, KeyError):
            return None
        return frozenset(statement.lineno for statement in found) or None

    def _function(self, thing: str, method: str) -> ast.FunctionDef | None:
        place = self.sources.method(thing, method)
        return None if place is None else self.sources.node(place)

    def _helper(self, thing: str) -> Helper:
        def helper(name: str) -> ast.FunctionDef | None:
            if "." in name:
                return None
            place = self.sources.function(self.sources.file_of(thing), name)
            return None if place is None else self.sources.node(place)

        return helper

    def _repair(self, place: Place, lines: Sequence[int]) -> Repair:
        """As a place without a change; the last line is shown that computes something."""
        file = self.sources.file_of(place[0])
        text = self.sources.lines(file)
        *others, line = sorted(lines, key=lambda n: (not re.match(PASSED_ON, text[n - 1]), n))
        first = max(1, line - 1)
        column = len(text[line - 1]) - len(text[line - 1].lstrip()) + 1
        return Repair(
            file, line, column, len(text[line - 1]) + 1, ".".join(place), "method", "", first,
            tuple(text[first - 1 : line + 1]), tuple(others),
        )  # fmt: skip
