"""The right answers of the bonus of spring 2024."""

from __future__ import annotations

import numpy as np
import pytest

from tests.autograder.course import find_course
from tests.autograder.references import load


@pytest.mark.parametrize("exercise", ["adam", "adamw"])
def test_right_steps_are_those_of_the_sums(exercise: str) -> None:
    """Moments as weighted sums of all gradients until then, and not one from the other."""
    stored = load(find_course("cmu-s24-bonus"))
    for name, case in stored.cases[exercise].items():
        b1, b2, lr = (float(case[key]) for key in ("beta1", "beta2", "lr"))
        decay = float(case.get("weight_decay", 0.0))
        for key in ("W0", "b0", "W1", "b1"):
            value = np.array(case[key])
            for t in range(1, 5):
                g = [case[f"d{key}.{i}"] for i in range(t)]
                shares = (
                    [b1 ** (t - 1 - i) for i in range(t)],
                    [b2 ** (t - 1 - i) for i in range(t)],
                )
                mean, square = (
                    sum(s * gi**n for s, gi in zip(row, g, strict=True)) / sum(row)
                    for n, row in enumerate(shares, 1)
                )
                step = lr * mean / np.sqrt(square + float(case["eps"]))
                value = value * (1 - lr * decay) - step
                right = stored.answers[exercise][name][f"step/{key} after step {t}"]
                np.testing.assert_allclose(right.ravel(), value.ravel(), rtol=1e-9)
