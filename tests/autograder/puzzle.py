"""What there is to explain in one question: what was given, and what mistakes would give."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from tests.autograder.answering import DTYPES, FORMS, INPUT_MODIFIED, answers, may_change
from tests.autograder.comparing import Given, Key, alike, same, same_flat
from tests.autograder.course import Case, Course, Mistakes, Question
from tests.autograder.unwritten import of_layers

Answers = Mapping[Key, Given]


class Puzzle:
    """What there is to explain in one question.

    `right` has the right answers by case and output, `given` what the submission gave, `wrong`
    which of it is not right, `raised` in which cases something was raised. Classes in `clean` are
    known to make no mistake.
    """

    def __init__(
        self,
        course: Course,
        question: Question,
        cases: Mapping[str, Case],
        right: Mapping[str, Mapping[str, Any]],
        given: Answers,
        wrong: frozenset[Key],
        raised: frozenset[str],
        flat: bool,
        clean: frozenset[str],
    ) -> None:
        self.course, self.question, self.cases, self.right = course, question, cases, right
        self.given, self.wrong, self.raised = given, wrong, raised
        self.flat, self.clean = flat, clean
        self._changed: dict[tuple[str, Mistakes], tuple[str, ...]] = {}

    def model(self, case: str, mistakes: Mistakes) -> Mapping[str, Any]:
        """What a submission with these mistakes answers."""
        return answers(self.course, self.question, self.cases[case], mistakes, self.clean)

    def agrees(self, key: Key, value: Any, mistakes: Mistakes = frozenset()) -> bool:
        """Whether an output was given as predicted, if only in a type that a mistake explains."""
        given = self.given.get(key)
        as_given = [value]
        if value is not None and not key[1].endswith("/input"):
            with np.errstate(invalid="ignore"):  # no integer is infinite
                as_given += [value.astype(DTYPES[m]) for m in mistakes if m in DTYPES]
        return any(same(given, v) or (self.flat and same_flat(given, v)) for v in as_given)

    def changed(self, case: str, mistakes: Mistakes) -> tuple[str, ...]:
        """The outputs of a case that the mistakes make wrong."""
        if not may_change(self.course, self.question, self.cases[case], mistakes, self.clean):
            return ()
        key = case, mistakes
        if key not in self._changed:
            model = self.model(case, mistakes)
            self._changed[key] = tuple(
                output
                for output, value in self.right[case].items()
                if output not in model or not alike(model[output], value, rtol=1e-6, atol=1e-9)
            )
        return self._changed[key]

    def explained(self, mistakes: Mistakes) -> frozenset[Key] | None:
        """The wrong outputs that the mistakes predict; None where they predict another one.

        What was not given, because an exception came before it, is no evidence for or against,
        nor is another value where infinities or NaN are predicted: they depend on how the formula
        is written.
        """
        found = set()
        for case in self.cases:
            model = self.model(case, mistakes)
            for output in self.changed(case, mistakes):
                key = case, output
                if key not in self.given:
                    continue
                if output not in model:
                    if case not in self.raised:
                        return None  # the mistake would have raised something
                    continue
                if self.agrees(key, model[output], mistakes):
                    found |= {key} & self.wrong
                elif not _overflows(model[output]):
                    return None
        if INPUT_MODIFIED in mistakes:  # whatever was written into it
            found |= {key for key in self.wrong if key[1].endswith("/input")}
        if mistakes & DTYPES.keys():
            outputs = {k for k in self.given if k[1].startswith("forward/")}
            if any(not k[1].endswith("/input") and k not in self.wrong for k in outputs):
                return None  # then the results are not all of that type
            found |= {key for key in self.wrong if self.agrees(key, self._right(key), mistakes)}
        return frozenset(found)

    def hits(self, mistake: str) -> int:
        """How many wrong values a mistake predicts by itself, whatever else it predicts."""
        m = frozenset([mistake])
        if mistake in FORMS:
            return len(self.explained(m) or ())
        return sum(
            (case, output) in self.wrong and self.agrees((case, output), model[output])
            for case in self.cases
            for model in [self.model(case, m)]
            for output in self.changed(case, m)
            if output in model
        )

    def shows(self, mistakes: Mistakes) -> bool:
        """Whether one of the mistakes would make something wrong here."""
        singles = (frozenset([mistake]) for mistake in mistakes)
        return any(self.changed(case, one) for one in singles for case in self.cases)

    def altered(self, mistake: str) -> frozenset[str]:
        """What the mistake makes wrong here, of whichever layer."""
        one = frozenset([mistake])
        return frozenset(of_layers(o) for case in self.cases for o in self.changed(case, one))

    def refutes(self, mistake: str, outputs: Collection[str]) -> bool:
        """Whether nothing that the mistake would make wrong here was given as it predicts.

        Asked of these outputs only, of any layer.
        """
        one = frozenset([mistake])
        agrees = [
            output in model and self.agrees((case, output), model[output])
            for case in self.cases
            for model in [self.model(case, one)]
            for output in self.changed(case, one)
            if (case, output) in self.given and of_layers(output) in outputs
        ]
        return bool(agrees) and not any(agrees)

    def hides(self, mistakes: Mistakes) -> bool:
        """Whether one of the mistakes would make wrong only what is right here.

        Then another one makes it good: a gradient that is averaged twice is, with one average left
        out, averaged once. Of such a pair nobody knows that it was made.
        """
        for mistake in mistakes if len(mistakes) > 1 else ():
            alone = {(case, output) for case in self.cases
                     for output in self.changed(case, frozenset([mistake]))}  # fmt: skip
            if alone & self.given.keys() and not alone & self.wrong:
                return True
        return False

    def crashes(self, mistakes: Mistakes) -> int:
        """How many outputs are missing or wrong after an exception that the mistakes predict."""
        return sum(
            output not in self.model(case, mistakes)
            and ((case, output) in self.wrong or (case, output) not in self.given)
            for case in self.raised & self.cases.keys()
            for output in self.right[case]
        )

    def is_whole(self, mistakes: Mistakes, found: frozenset[Key]) -> bool:
        """Whether nothing else is wrong in the parts of the question that are explained.

        Where infinities or NaN are predicted, other ones do not matter, nor do numbers in a part of
        which numbers are explained, too.
        A part that is asked alone, too, is explained where either of its forms is: the first may
        follow from another part, and the second depends on what is stored between the two.
        What is computed from an input that was written into may be anything.
        """
        if INPUT_MODIFIED in mistakes and any(output.endswith("/input") for _, output in found):
            return True
        parts = {_part(output) for _, output in found}
        numbers = {_part(key[1]) for key in found if _is_finite(self.given[key].value)}
        left: dict[tuple[str, str], set[bool]] = {}
        for case, output in self.wrong - found:
            model = self.model(case, mistakes)
            part, given = _part(output), self.given[case, output].value
            if part not in parts or output not in model:
                continue
            if not _overflows(model[output]) or (_is_finite(given) and part not in numbers):
                left.setdefault((case, part), set()).add(" alone/" in output)
        both = {(case, _part(output)) for case, output in self.given if " alone/" in output}
        return all(place in both and len(forms) == 1 for place, forms in left.items())

    def says_something(self, mistakes: Mistakes, found: frozenset[Key]) -> bool:
        """Whether wrong values are evidence.

        All zeros and noise never are, nor exceptions. All ones, None and an input that comes back
        are where all else in the question is right.
        """
        if any(self._telling(key) for key in found):
            return True
        alone = found == self.wrong and all(
            (case, output) in self.given
            for case in self.cases
            for output in self.model(case, mistakes)
        )
        return alone and any(not _is_nothing(self.given[key], self._right(key)) for key in found)

    def _telling(self, key: Key) -> bool:
        given, case = self.given[key], self.cases[key[0]]
        value = given.value
        if value is None or _is_nothing(given, self._right(key)):
            return False
        if self._right(key) is None:
            return True
        inputs = (a for a in case.values() if a.shape == value.shape)
        return not (np.all(value == 1) or any(np.array_equal(value, a) for a in inputs))

    def _right(self, key: Key) -> Any:
        return self.right[key[0]][key[1]]

    @cached_property
    def candidates(self) -> list[str]:
        """The mistakes that would change something here."""
        return [
            mistake
            for mistake in self.course.mistakes
            if mistake in FORMS
            or any(self.changed(case, frozenset([mistake])) for case in self.cases)
        ]


def _overflows(value: Any) -> bool:
    """Whether a prediction has infinities or NaN."""
    return value is not None and not np.isfinite(value).all()


def _is_finite(value: Any) -> bool:
    """Whether it is an array without infinities and NaN."""
    return value is not None and bool(np.isfinite(value).all())


def _part(output: str) -> str:
    """The part of a question that an output belongs to, asked alone or not."""
    return output.partition("/")[0].partition(" ")[0]


def _is_nothing(given: Given, right: Any) -> bool:
    """All zeros, or so small beside the right value that it is rounding noise."""
    if given.value is None:
        return False
    with np.errstate(all="ignore"):
        size = np.max(np.abs(given.value.astype(float)), initial=0.0)
        like = 0.0 if right is None else np.max(np.abs(right), initial=0.0)
    return bool(size <= 1e-9 * max(1.0, like))
