"""What a submission has not written yet: no mistake, and said kindly."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tests.autograder.comparing import Given, Key
from tests.autograder.course import NOT_WRITTEN, Course, Question
from tests.autograder.places import Place, Sources
from tests.autograder.result import Diagnosis, Result, asked
from tests.autograder.transcript import Transcript

GUESS = "perhaps not written yet"
MOST = 4
"""How many outputs are listed."""
RETURNED = {"out", "loss", "dx", "dz", "derivative"}
"""What a method returns; other outputs are attributes that it leaves."""
PLACEHOLDERS = ("None", "NotImplementedType", "ellipsis", "str", "type")
"""The types of what a template or a student returns in the place of a result."""


class Unwritten(NamedTuple):
    """What there is to say, the methods that are to be written, and whether those are all."""

    said: list[str]
    methods: tuple[Place, ...]
    is_all: bool = False

    def joined(self, other: Unwritten) -> Unwritten:
        """With what another one has besides."""
        names = {place.name for place in self.methods}
        more = tuple(place for place in other.methods if place.name not in names)
        return self._replace(said=[*self.said, *_named(more)], methods=(*self.methods, *more))


NOTHING = Unwritten([], ())


def _named(methods: Iterable[Place]) -> list[str]:
    return [f"not written yet: {place.name} (line {place.line})" for place in methods]


def by_source(course: Course, question: Question, sources: Sources) -> Unwritten:
    """The functions that a question is about and that compute nothing, whatever is called first."""
    functions = course.to_write(question)
    places = [sources.function(file, name) for file, name in functions]
    there = [place for place in places if place is not None]
    idle = tuple(place for place in there if sources.is_idle(place))
    return Unwritten(_named(idle), idle, bool(idle) and len(idle) == len(there))


def by_exception(transcript: Transcript, sources: Sources) -> Unwritten:
    """The methods whose exceptions a template raises until they are written."""
    texts = [why for why in transcript.failures.values() if why.startswith(NOT_WRITTEN)]
    frames = dict.fromkeys(transcript.traces[text][-1] for text in texts if transcript.traces[text])
    methods: dict[str, Place] = {}
    for place in sources.places(frames):
        methods.setdefault(place.name, place)
    return Unwritten(_named(methods.values()), tuple(methods.values()))


def by_values(
    question: Question,
    transcript: Transcript,
    right: Mapping[str, Mapping[str, Any]],
    lost: Iterable[Key],
    wrong: Collection[Key],
    sources: Sources,
) -> Unwritten:
    """The outputs that lost points and are None or all zeros in every case, with no exception.

    What is not `wrong` when it is asked alone is written.
    """
    raised = {part for _, part in transcript.failures}
    written = {of_layers(o) for (_, o), v in transcript.given.items() if not _is_placeholder(v)}
    found: dict[str, str] = {}
    for case, output in sorted(lost):
        expected = right[case][output]
        alone = case, " alone/".join(output.split("/", 1))
        if alone in transcript.given and alone not in wrong:
            continue
        if expected is None or not np.any(expected) or output.partition("/")[0] in raised:
            continue
        if of_layers(output) in written:
            continue  # in another layer
        every = [transcript.given.get((c, output)) for c in right if output in right[c]]
        name = output.partition(" of ")[0]
        if all(given is None or given.value is None for given in every):
            found[f"{name} is {transcript.given[case, output].type}"] = output
        elif all(is_nothing(given) for given in every):
            found[f"{name} is all zeros"] = output
    if not found:
        return NOTHING
    names: dict[str, Place] = {}
    silent: dict[str, None] = {}
    for output in found.values():
        place = _method(question, output, sources)
        if place is not None:
            names[place.name] = place
            if _is_returned(output) and _returns_nothing(place, sources):
                silent[f"; {place.name} has no return"] = None
    said = [f"{GUESS}: {', '.join(sorted(found)[:MOST])}{''.join(silent)}"]
    return Unwritten(said, tuple(names.values()))


def _is_returned(output: str) -> bool:
    return output.partition("/")[2].partition(" ")[0] in RETURNED


def _returns_nothing(place: Place, sources: Sources) -> bool:
    """Whether a method computes something, and no `return` is in it."""
    node = sources.node(place)
    if node is None or sources.is_idle(place):
        return False
    return not any(isinstance(inner, ast.Return) for inner in ast.walk(node))


def is_a_guess(message: str) -> bool:
    """Whether it was only seen in the values that something is not written."""
    return message.startswith(GUESS)


def without_guesses(result: Result) -> Result:
    """A result of a class in which a line was found that is wrong: then it is written."""
    kept = [diagnosis for diagnosis in result.unwritten if not is_a_guess(diagnosis.message)]
    if len(kept) == len(result.unwritten):
        return result
    return result._replace(unwritten=kept, to_write=(), only_unwritten=False)


def _method(question: Question, output: str, sources: Sources) -> Place | None:
    """Where an output comes from: `derivative` is a method of its own, `out` is forward's."""
    thing, method = asked(question, output)
    quantity = output.partition("/")[2].partition(" ")[0]
    return sources.method(thing, quantity) or sources.method(thing, method)


def of_layers(output: str) -> str:
    """The output of any layer: `dW[1]` of a list of layers, `dLdA.5` of a list of their numbers."""
    return re.sub(r"\[\d+\]|\.\d+$", "[]", output.partition(" of ")[0])


def _is_placeholder(given: Given) -> bool:
    return is_nothing(given) if given.value is not None else given.type in PLACEHOLDERS


def is_nothing(given: Given | None) -> bool:
    """None, or an array of zeros."""
    if given is None:
        return False
    return given.type == "None" if given.value is None else not np.any(given.value)


def is_all(
    transcript: Transcript, lost: Iterable[Key], cases: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Whether all that lost points did so because something is not written yet."""
    first: dict[str, str] = {}
    for (case, _), why in transcript.failures.items():
        first.setdefault(case, why)  # the others may follow from it
    return all(why.startswith(NOT_WRITTEN) for why in first.values()) and all(
        transcript.cause(key).startswith(NOT_WRITTEN)
        or _is_untouched(transcript.given.get(key), cases[key[0]])
        for key in lost
    )


def _is_untouched(given: Given | None, case: Mapping[str, Any]) -> bool:
    """Nothing, all ones, or one of the case's own arrays, such as the weights at the beginning."""
    if given is None or given.value is None or is_nothing(given):
        return is_nothing(given)
    return bool(np.all(given.value == 1)) or any(
        np.array_equal(given.value, array) for array in case.values()
    )


def waiting(result: Result, waited: Iterable[Question], before: Iterable[Result]) -> Result:
    """A result that tells nothing yet, as parts that it is made of are not right themselves."""
    said = {d.message for one in before for d in one.unwritten}
    names = ", ".join(f"{question.title} ({question.id})" for question in waited)
    text = f"waits for {names}: what is wrong there comes first"
    own = [d for d in result.unwritten if d.message not in said]
    return result._replace(
        checks=[check for check in result.checks if check.passed],
        unwritten=[*own, Diagnosis("waits", text)],
    )
