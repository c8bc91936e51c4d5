"""Stored answers: the inputs of every case and what another engine computes from them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mytorch.system.atomic import replacing
from tests.autograder.cases import Cases

FILE = Path(__file__).resolve().parents[2] / "data" / "autograder" / "references.npz"
SEED = 20261121
Answers = dict[str, Any]


class References(NamedTuple):
    """The inputs and the right answers by probe and case, and the seed that draws them."""

    cases: Cases
    answers: Mapping[str, Mapping[str, Answers]]
    seed: int


def save(references: References, file: Path = FILE) -> None:
    """Writes the references; an answer of None is an entry of its own."""
    arrays: dict[str, Any] = {"seed": np.array(references.seed)}
    for probe, cases in references.cases.items():
        for case, inputs in cases.items():
            for key, value in inputs.items():
                arrays[f"{probe}|{case}|in|{key}"] = value
            for key, value in references.answers[probe][case].items():
                kind, array = ("none", np.zeros(0)) if value is None else ("out", value)
                arrays[f"{probe}|{case}|{kind}|{key}"] = array
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as target:
        np.savez_compressed(target, **arrays)


@lru_cache
def load(file: Path = FILE) -> References:
    """Reads the references, once. Raises OSError or KeyError for a file that is not theirs."""
    cases: Cases = {}
    answers: dict[str, dict[str, Answers]] = {}
    with np.load(file, allow_pickle=False) as arrays:
        for name in arrays.files:
            if name == "seed":
                continue
            probe, case, kind, key = name.split("|")
            inputs = cases.setdefault(probe, {}).setdefault(case, {})
            outputs = answers.setdefault(probe, {}).setdefault(case, {})
            if kind == "in":
                inputs[key] = arrays[name]
            else:
                outputs[key] = None if kind == "none" else arrays[name]
        return References(cases, answers, int(arrays["seed"]))
