"""What a submission has not written yet: no mistake, and said kindly."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from tests.autograder.comparing import Key
from tests.autograder.course import NOT_WRITTEN
from tests.autograder.transcript import Transcript

GUESS = "perhaps not written yet"
MOST = 4
"""How many outputs are listed."""


def by_exception(transcript: Transcript) -> list[str]:
    """Where the exceptions were raised that a template raises until a method is written."""
    places = dict.fromkeys(
        why.partition("(")[2].rstrip(")")
        for why in transcript.failures.values()
        if why.startswith(NOT_WRITTEN)
    )
    return [f"not written yet: {place}" for place in places if place]


def by_values(
    transcript: Transcript,
    right: Mapping[str, Mapping[str, Any]],
    lost: Iterable[Key],
    wrong: Collection[Key],
) -> list[str]:
    """The outputs that lost points and are None or all zeros in every case, with no exception.

    What is not `wrong` when it is asked alone is written.
    """
    raised = {part for _, part in transcript.failures}
    found: dict[str, None] = {}
    for case, output in sorted(lost):
        expected = right[case][output]
        alone = case, " alone/".join(output.split("/", 1))
        if alone in transcript.given and alone not in wrong:
            continue
        if expected is None or not np.any(expected) or output.partition("/")[0] in raised:
            continue
        every = [transcript.given.get((c, output)) for c in right if output in right[c]]
        values = [None if given is None else given.value for given in every]
        name = output.partition(" of ")[0]
        if all(value is None for value in values):
            found[f"{name} is {transcript.given[case, output].type}"] = None
        elif all(value is not None and not np.any(value) for value in values):
            found[f"{name} is all zeros"] = None
    return [f"{GUESS}: {', '.join(sorted(found)[:MOST])}"] if found else []


def is_a_guess(message: str) -> bool:
    """Whether it was only seen in the values that something is not written."""
    return message.startswith(GUESS)
