"""The criterion of `train.py`, and what a mistake in each class counts."""

from __future__ import annotations

from collections.abc import Sequence

from mytorch import L2, Criterion, SoftmaxCrossEntropy, WeightedSoftmaxCrossEntropy
from mytorch.checks.arrays import FloatArray
from mytorch.training import class_weights


def criterion_for(
    classes: Sequence[str], labels: FloatArray, weights: Sequence[str] | None
) -> Criterion:
    """Cross-entropy, weighted where `weights` says so; `L2` where there are no classes.

    `weights` is "balanced", for the training labels `(N, n)`, or a weight for each class by name,
    e.g. "yes=2"; others have the weight 1. Raises ValueError for names and weights that are none.
    """
    if not classes:
        if weights:
            raise ValueError("--class-weights: numbers are fitted here, so there are no classes")
        return L2()
    if not weights:
        return SoftmaxCrossEntropy()
    if list(weights) == ["balanced"]:
        return WeightedSoftmaxCrossEntropy(class_weights(labels))
    given = {}
    for text in weights:
        name, _, weight = text.rpartition("=")
        if name not in classes:
            listed = ", ".join(classes[:20])
            raise ValueError(
                f"--class-weights: expected balanced, or CLASS=WEIGHT with a class of {listed}, "
                f"got {text!r}"
            )
        try:
            given[name] = float(weight)
        except ValueError:
            raise ValueError(
                f"--class-weights: expected a number as weight, got {text!r}"
            ) from None
    return WeightedSoftmaxCrossEntropy([given.get(name, 1.0) for name in classes])
